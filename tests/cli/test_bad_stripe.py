"""Stripe refuses, stumbles, babbles or says nothing: never green, and nothing issued in doubt."""

import threading
import time
from collections.abc import Callable

import pytest

from stakactl.demo.offline_stripe import faults
from stakactl.demo.offline_stripe.faults import Fault
from stakactl.demo.offline_stripe.server import ApiKey
from tests.cli.homes import TEST_KEY, Project, assert_clear, envelope

#: What happens to every request, and what a person is told of it.
ALWAYS: dict[str, tuple[Callable[[], Fault], list[str]]] = {
    "429": (faults.rate_limited, ["too many requests", "given up"]),
    "500": (lambda: faults.status(500), ["500", "given up"]),
    "503": (lambda: faults.status(503), ["503", "given up"]),
    "garbage": (faults.garbage, ["the answer is not Stripe's"]),
    "reset": (faults.reset, ["could not be reached", "given up"]),
    "truncated": (faults.truncated, ["given up"]),
    "hang": (lambda: faults.hang(30), ["given up", "time"]),
}
KEPT = ("orders", "order_lines", "invoices", "number_series", "outbox", "changes")


def _rows(project: Project) -> object:
    return {name: project.count(name) for name in KEPT}, project.snapshot()


@pytest.mark.parametrize("name", ALWAYS)
def test_a_stripe_that_always_fails_ends_the_night_with_4(name: str, project: Project) -> None:
    fault, words = ALWAYS[name]
    project.set(STRIPE_TIMEOUT_SECONDS="1")
    project.stripe.faults.add(fault(), times=None)
    before = _rows(project)
    began = time.monotonic()
    result = project.run("sync")
    assert_clear(result, 4, "cannot read the account", "Hint: ", *words)
    result = project.run("nightly", "--yes", "-o", "json")
    assert_clear(result, 4)
    night = envelope(result)
    assert night["outcome"] == "incomplete"
    assert night["summary"]["stages"][0]["outcome"] == "incomplete"
    assert night["summary"]["stages"][0]["error"]
    assert night["summary"]["invoices_issued"] == 0
    assert _rows(project) == before
    assert time.monotonic() - began < 6


def test_a_key_that_stripe_does_not_know_is_401(project: Project) -> None:
    project.stripe.keys.clear()
    with project.unchanged():
        for arguments in (["sync"], ["reconcile"], ["reconcile", "--fix"]):
            assert_clear(project.run(*arguments), 4, "STRIPE_SECRET_KEY")
        assert_clear(project.run("nightly", "--yes"), 4, "STRIPE_SECRET_KEY")


def test_a_restricted_key_names_the_permission_it_lacks(project: Project) -> None:
    rights = frozenset({"rak_charge_read", "rak_checkout_session_read"})
    project.stripe.keys[TEST_KEY] = ApiKey(TEST_KEY, rights)
    result = project.run("nightly", "--yes", "-o", "json")
    assert_clear(result, 4, "rak_payment_intent_read")
    assert (project.count("invoices"), project.count("outbox")) == (0, 0)


def test_stripe_that_cannot_be_reached(project: Project) -> None:
    project.stripe.stop()
    with project.unchanged():
        assert_clear(project.run("sync"), 4, "could not be reached", "STRIPE_API_BASE")
        assert_clear(project.run("nightly", "--yes"), 4, "could not be reached")


def test_what_passes_by_itself_is_tried_again(project: Project) -> None:
    project.set(STRIPE_RETRY_SECONDS="30")
    for fault in (faults.rate_limited(), faults.status(500), faults.reset()):
        project.stripe.faults.add(fault)
    result = project.run("sync", "-o", "json")
    assert_clear(result, 0)
    assert envelope(result)["summary"]["unread"] == []


@pytest.mark.parametrize("path", ["/v1/refunds", "/v1/payment_intents", "/v1/disputes"])
def test_a_list_that_cannot_be_read_makes_the_result_incomplete(
    path: str, project: Project
) -> None:
    project.stripe.faults.add(faults.status(500), path=path, times=None)
    result = project.run("reconcile", "-o", "json")
    assert_clear(result, 4)
    found = envelope(result)
    assert found["outcome"] == "incomplete"
    kind = path.rsplit("/", 1)[1].rstrip("s")
    assert any(line.startswith(kind) for line in found["summary"]["unread"])
    table = project.run("reconcile", "--no-sync")
    assert table.exit_code != 0
    project.stripe.faults.clear()
    assert project.run("sync").exit_code == 0


def test_before_the_first_sync_no_order_is_judged(project: Project) -> None:
    listed = envelope(project.run("orders", "list", "--status", "paid", "-o", "json"))["items"]
    shown = project.run("orders", "show", listed[0]["order_id"])
    assert "cannot be judged" in shown.stdout
    assert_clear(project.run("reconcile", "--no-sync"), 4, "stakactl sync")
    looked = envelope(project.run("reconcile", "--no-sync", "-o", "json"))
    assert looked["outcome"] == "incomplete"
    assert "RECORDED_NOT_PAID" not in {item["class"] for item in looked["items"]}
    blocked = envelope(project.run("invoices", "generate", "--yes", "-o", "json"))
    assert blocked["summary"]["issued"] == 0
    assert project.count("invoices") == 0


def test_no_invoice_is_issued_from_what_could_not_be_read(project: Project) -> None:
    """Payments are known, refunds are not: whether an order still stands is not certain."""
    for path in ("/v1/refunds", "/v1/disputes", "/v1/charges"):
        project.stripe.faults.add(faults.status(500), path=path + "*", times=None)
    night = envelope(project.run("nightly", "--yes", "-o", "json"))
    assert night["outcome"] == "incomplete"
    assert (project.count("invoices"), project.count("outbox")) == (0, 0)
    project.stripe.faults.clear()
    night = envelope(project.run("nightly", "--yes", "-o", "json"))
    assert night["outcome"] == "findings"
    assert night["summary"]["invoices_issued"] > 0
    assert night["summary"]["mails_sent"] == night["summary"]["invoices_issued"]


def test_the_ceilings_stop_a_night_before_the_first(project: Project) -> None:
    project.set(NIGHTLY_MAX_INVOICES="3")
    result = project.run("nightly", "--yes", "-o", "json")
    assert_clear(result, 5)
    assert envelope(result)["outcome"] == "refused"
    assert "more than NIGHTLY_MAX_INVOICES (3): nothing was issued" in result.stdout
    assert (project.count("invoices"), project.count("number_series")) == (0, 0)
    assert not (project.home / "invoices").exists()
    assert_clear(project.run("invoices", "generate", "--yes"), 5,
                 "NIGHTLY_MAX_INVOICES (3)", "--since DATE")  # fmt: skip

    project.set(NIGHTLY_MAX_INVOICES=None, NIGHTLY_MAX_MAILS="2")
    result = project.run("nightly", "--yes")
    assert_clear(result, 5, "mails are queued, more than NIGHTLY_MAX_MAILS (2): none was sent")
    issued = project.count("invoices")
    assert issued > 3
    assert not list(project.home.glob("mail/*.eml"))
    assert_clear(project.run("mail", "send", "--yes"), 5, "NIGHTLY_MAX_MAILS (2)")

    project.set(NIGHTLY_MAX_MAILS=None)
    assert_clear(project.run("mail", "send", "--yes"), 0)
    assert len(list(project.home.glob("mail/**/*.eml"))) == issued


@pytest.mark.parametrize(
    "arguments", [["nightly"], ["invoices", "generate"], ["rollback", "run", "--no-endpoints"]]
)
def test_without_a_terminal_nobody_can_say_yes(arguments: list[str], project: Project) -> None:
    with project.unchanged():
        result = project.run(*arguments, input="y\n")
        assert_clear(result, 5, "no terminal", "--yes")
    assert not project.stripe.requests


def test_a_second_run_exits_with_7_while_one_works(project: Project) -> None:
    project.stripe.faults.add(faults.latency(1.0), path="/v1/charges")
    from tests.cli.homes import finish, start

    first = start(project.folder, "nightly", "--yes", "-q")
    deadline = time.monotonic() + 20
    while not project.count("run_lock"):
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    began = time.monotonic()
    for arguments in (["nightly", "--yes"], ["reconcile", "--fix"]):
        assert_clear(project.run(*arguments), 7, "holds the lock since", "stakactl runs list")
    assert time.monotonic() - began < 2
    ended = finish(first)
    assert ended.returncode == 1, ended.stderr
