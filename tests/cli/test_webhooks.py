"""`stakactl webhooks`: confirmations, where secrets go, and that they go nowhere else."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import Result

from stakactl.cli.call import Call
from stakactl.demo.offline_stripe import faults
from stakactl.demo.offline_stripe.server import ApiKey, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from tests.cli.homes import TEST_KEY, assert_clear, envelope, invoke, write_env

URL = "https://shop.example/stripe"
SECRET = re.compile(r"whsec_\w+")


@dataclass
class Shop:
    """A folder with a `.env` alone: no store is needed."""

    folder: Path
    stripe: OfflineStripe

    def set(self, **settings: str) -> None:
        write_env(
            self.folder,
            {
                "STRIPE_SECRET_KEY": TEST_KEY,
                "STRIPE_API_BASE": self.stripe.base_url,
                "STRIPE_RETRY_SECONDS": "0",
                "STRIPE_WEBHOOK_URL": URL,
                "STRIPE_API_VERSION": "2024-06-20",
                **settings,
            },
        )

    def run(self, *arguments: str, secret_shown: bool = False, input: str | None = None) -> Result:
        """No secret is ever printed, unless it was asked for."""
        result = invoke(self.folder, "webhooks", *arguments, input=input)
        text = result.stdout + result.stderr
        assert bool(SECRET.search(text)) is secret_shown, text
        assert not SECRET.search(result.stdout)
        return result

    def changes(self) -> list[str]:
        return [
            f"{each.method} {each.path}" for each in self.stripe.requests if each.method != "GET"
        ]

    def endpoints(self) -> list[dict[str, object]]:
        return self.stripe.state.list("webhook_endpoint", limit=100).objects

    @property
    def env(self) -> str:
        return (self.folder / ".env").read_text(encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "shop"
    folder.mkdir()
    with (
        StripeState(tmp_path / "stripe.db", default_livemode=False) as state,
        OfflineStripe(state, keys=[ApiKey(TEST_KEY)]) as stripe,
    ):
        shop = Shop(folder, stripe)
        shop.set()
        yield shop
        assert stripe.errors == []


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    init = Call.__init__

    def interactive(self: Call, *arguments: object, **options: object) -> None:
        init(self, *arguments, **{**options, "interactive": True})  # type: ignore[arg-type]

    monkeypatch.setattr(Call, "__init__", interactive)


def test_the_secret_goes_into_the_env_file(shop: Shop) -> None:
    before = shop.env
    result = shop.run("register", "--write-env", "--yes", "-o", "json")
    assert result.exit_code == 0, result.output
    assert envelope(result)["summary"]["secret"].startswith("STRIPE_WEBHOOK_SECRET in ")
    assert SECRET.sub("", shop.env) == f"{before}STRIPE_WEBHOOK_SECRET=\n"
    assert (shop.folder / ".env").stat().st_mode & 0o777 == 0o600
    changes = shop.changes()
    again = shop.run("register", "--write-env")
    assert again.exit_code == 0, again.output
    assert shop.changes() == changes
    assert len(shop.endpoints()) == 1
    assert shop.run("verify").exit_code == 0


def test_the_secret_goes_into_a_file(shop: Shop) -> None:
    path = shop.folder / "whsec.txt"
    path.write_text("mine")
    assert_clear(shop.run("register", "--secret-file", "whsec.txt", "--yes"), 5, "exists")
    assert shop.changes() == []
    path.unlink()
    assert shop.run("register", "--secret-file", "whsec.txt", "--yes").exit_code == 0
    assert SECRET.fullmatch(path.read_text().strip())
    assert path.stat().st_mode & 0o777 == 0o600
    assert shop.run("register", "--secret-file", "whsec.txt", "--yes").exit_code == 0
    assert len(shop.endpoints()) == 1


def test_nothing_is_created_without_a_place_for_the_secret_or_a_yes(shop: Shop) -> None:
    assert_clear(shop.run("register", "--yes"), 5, "--write-env", "--secret-file")
    assert_clear(shop.run("register", "--write-env"), 5, "Add --yes")
    assert_clear(shop.run("register", "--show-secret", "--yes"), 5, "terminal")
    assert_clear(shop.run("register", "--show-secret", "--write-env"), 2, "exclude")
    plan = shop.run("register", "--dry-run")
    assert plan.exit_code == 0
    assert "planned" in plan.stdout
    assert shop.changes() == []


@pytest.mark.usefixtures("terminal")
def test_a_person_sees_the_plan_and_the_secret_on_the_terminal_only(shop: Shop) -> None:
    assert shop.run("register", "--show-secret", input="n\n").exit_code == 5
    assert shop.changes() == []
    result = shop.run("register", "--show-secret", input="y\n", secret_shown=True)
    assert result.exit_code == 0, result.output
    assert result.stderr.index("planned") < result.stderr.index("[y/N]")
    assert not re.search(r"dry run +yes", result.stderr), "it is about to happen"
    assert "in test mode" in result.stderr
    assert len(shop.endpoints()) == 1


def test_a_lost_answer_and_the_rerun(shop: Shop) -> None:
    shop.stripe.faults.add(faults.lost_reply(), method="POST", path="/v1/webhook_endpoints")
    assert_clear(
        shop.run("register", "--write-env", "--yes"), 4, "cannot create a webhook endpoint"
    )
    assert "WEBHOOK_SECRET" not in shop.env
    assert shop.run("register", "--write-env", "--yes").exit_code == 0
    assert SECRET.search(shop.env)
    assert len(shop.endpoints()) == 1


def test_another_version_creates_then_disables(shop: Shop) -> None:
    shop.run("register", "--write-env", "--yes")
    first = SECRET.search(shop.env)
    shop.set(STRIPE_API_VERSION="2025-03-31.basil", STRIPE_WEBHOOK_SECRET=first[0] if first else "")
    assert_clear(shop.run("verify"), 1, "endpoint.version", "stakactl webhooks register")
    result = shop.run("register", "--write-env", "--yes", "-o", "json")
    assert [item["action"] for item in envelope(result)["items"]] == ["create", "disable"]
    found = {str(each["api_version"]): each["status"] for each in shop.endpoints()}
    assert found == {"2024-06-20": "disabled", "2025-03-31.basil": "enabled"}
    assert first
    assert first[0] not in shop.env
    assert shop.run("verify").exit_code == 0


def test_a_rotation_in_two_steps(shop: Shop) -> None:
    shop.run("register", "--write-env", "--yes")
    old = shop.env
    result = shop.run("rotate-secret", "--write-env", "--yes")
    assert result.exit_code == 0, result.output
    assert "--finish" in result.stdout
    assert shop.env != old
    assert shop.run("verify").exit_code == 0
    assert_clear(shop.run("rotate-secret", "--finish"), 5, "Add --yes")
    assert shop.run("rotate-secret", "--finish", "--yes").exit_code == 0
    assert len([each for each in shop.endpoints() if not each.get("deleted")]) == 1
    assert shop.run("verify").exit_code == 0


def test_switches_ask_and_name_what_they_change(shop: Shop) -> None:
    shop.run("register", "--write-env", "--yes")
    id = str(shop.endpoints()[0]["id"])
    assert_clear(shop.run("disable", id), 5, id, URL)
    assert shop.run("disable", "--ours", "--yes").exit_code == 0
    assert_clear(shop.run("verify"), 1, "endpoint.enabled", f"stakactl webhooks enable {id}")
    again = envelope(shop.run("disable", id, "--yes", "-o", "json"))["items"]
    assert [each["what"] for each in again] == ["it is disabled already"]
    assert shop.run("enable", id, "--yes").exit_code == 0
    assert_clear(shop.run("enable"), 2, "--ours")
    assert_clear(shop.run("delete", "we_none", "--yes"), 2, "we_none")
    assert shop.run("delete", id, "--yes").exit_code == 0
    assert shop.endpoints() == []


def test_the_wanted_events_are_a_setting(shop: Shop) -> None:
    shop.set(STRIPE_WEBHOOK_EVENTS="charge.refunded, invoice.paid,charge.refunded")
    shop.run("register", "--write-env", "--yes")
    assert shop.endpoints()[0]["enabled_events"] == ["charge.refunded", "invoice.paid"]
    shop.set(STRIPE_WEBHOOK_EVENTS="charge refunded")
    assert_clear(shop.run("list"), 3, "STRIPE_WEBHOOK_EVENTS", "is no type of event")


def test_all_pages_are_listed_and_ours_is_marked(shop: Shop) -> None:
    base: dict[str, object] = {
        "object": "webhook_endpoint",
        "status": "enabled",
        "enabled_events": ["*"],
    }
    base |= {"api_version": "2024-06-20", "livemode": False, "metadata": {}, "description": None}
    urls = [f"https://s{n}.example/" for n in range(120)] + [URL, URL, f"{URL}.evil.example"]
    shop.stripe.state.put_many(
        {**base, "id": f"we_{n:04}", "created": 1_700_000_000 + n, "url": url}
        for n, url in enumerate(urls)
    )
    found = envelope(shop.run("list", "-o", "json"))
    assert found["summary"]["endpoints"] == 123
    roles = {item["endpoint_id"]: item["role"] for item in found["items"]}
    assert {id: role for id, role in roles.items() if role != "other"} == {
        "we_0120": "ours",
        "we_0121": "duplicate",
    }
    assert_clear(shop.run("verify"), 1, "endpoint.duplicates", "endpoint.count")


def test_errors_of_stripe_are_told_and_hold_no_key(shop: Shop) -> None:
    for fault in (faults.garbage(), faults.reset(), faults.status(503)):
        shop.stripe.faults.add(fault)
        assert_clear(shop.run("list"), 4, "cannot list the webhook endpoints")
    shop.stripe.faults.add(faults.reset())
    verified = json.loads(shop.run("verify", "-o", "json").stdout)
    assert verified["outcome"] == "incomplete"
