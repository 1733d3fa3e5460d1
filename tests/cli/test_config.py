"""`config validate` and `config show`: exit codes, formats, and settings that are wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from typer.testing import Result

from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.validate import catalogue
from stakactl.operations.validate.checks import Check, Found
from tests.cli.homes import PASSWORD, SETTINGS, TEST_KEY, assert_clear, envelope, invoke, write_env

COMPLETE = {
    **SETTINGS,
    "PDF_COMPANY_LEGAL_FORM": "SAS",
    "PDF_COMPANY_CAPITAL": "10 000 €",
    "PDF_COMPANY_RCS": "Paris B 732 829 320",
    "STRIPE_WEBHOOK_URL": "https://shop.example/webhooks/stripe",
    "ADMIN_EMAIL": "admin@shop.example",
}
#: What looks at this machine only and holds on any (its disk may be nearly full).
HERE = ("--offline", "--skip", "disk.space")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with good settings and nothing else; a home is not needed."""
    path = tmp_path / "work"
    path.mkdir()
    write_env(path, COMPLETE)
    return path


def validate(folder: Path, *options: str) -> Result:
    return invoke(folder, "config", "validate", *HERE, *options)


def broken(result: Result) -> set[tuple[str, str | None]]:
    """Id and subject of the failed checks."""
    items = envelope(result)["items"]
    return {(item["id"], item["subject"]) for item in items if item["state"] == "failed"}


def test_good_settings_are_in_order_and_nothing_is_made(folder: Path) -> None:
    result = validate(folder, "-o", "json")
    assert result.exit_code == 0, result.output
    assert broken(result) == set()
    assert envelope(result)["mode"] == "test"
    assert [path.name for path in folder.iterdir()] == [".env"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"TAX_RATE": "0.2"}, {("settings.valid", "TAX_RATE")}),
        ({"PDF_COMPANY_SIRET": "73282932000075"}, {("settings.valid", "PDF_COMPANY_SIRET")}),
        (
            {"PDF_COMPANY_VAT_NUMBER": "FR83404833048"},
            {("settings.valid", "PDF_COMPANY_VAT_NUMBER")},
        ),
        ({"STAKACTL_HOM": "var"}, {("settings.valid", "STAKACTL_HOM")}),
        ({"STRIPE_SECRET_KEY": ""}, {("settings.present", "STRIPE_SECRET_KEY")}),
        ({"INVOICES_SINCE": ""}, {("invoices.since", "INVOICES_SINCE")}),
        ({"INVOICES_SINCE": "2999-01-01"}, {("invoices.since", "INVOICES_SINCE")}),
        ({"PDF_COMPANY_NAME": ""}, {("company.name", "PDF_COMPANY_NAME")}),
        ({"PDF_COMPANY_SIRET": ""}, {("company.siret", "PDF_COMPANY_SIRET")}),
        (
            {"PDF_COMPANY_ADDRESS": ""},
            {
                ("company.address", f"PDF_COMPANY_{name}")
                for name in ("ADDRESS", "POSTAL_CODE", "CITY")
            },
        ),
        ({"STAKACTL_HOME": ".env"}, {("home.writable", None)}),
        ({"ALERT_RULES": "nowhere.toml"}, {("alerts.rules", None)}),
        (
            {"ALERT_WEBHOOK_URL": "http://hooks.example/x"},
            {("settings.valid", "ALERT_WEBHOOK_URL")},
        ),
        (
            {"TAX_RATE": "0.2", "SMTP_PORT": "x", "FROM_EMAIL": "nobody"},
            {("settings.valid", name) for name in ("TAX_RATE", "SMTP_PORT", "FROM_EMAIL")},
        ),
    ],
)
def test_exactly_what_is_broken_is_named(
    changes: dict[str, str], expected: set[tuple[str, str | None]], folder: Path
) -> None:
    write_env(folder, {**COMPLETE, **changes})
    result = validate(folder, "-o", "json")
    assert (result.exit_code, broken(result)) == (1, expected)
    assert envelope(result)["outcome"] == "findings"


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"TAX_RATE": "19.6"}, "vat.rate"),
        ({"PDF_COMPANY_RCS": ""}, "company.rcs"),
        ({"PDF_COMPANY_CAPITAL": ""}, "company.capital"),
        ({"PDF_COMPANY_LEGAL_FORM": ""}, "company.legal_form"),
        ({"PDF_COMPANY_VAT_NUMBER": ""}, "company.vat_number"),
        ({"AWS_S3_BUCKET": "invoices"}, "settings.remarks"),
        ({"NOTIFICATION_TEMPLATES_PATH": "letters"}, "templates.folder"),
        ({"ADMIN_EMAIL": ""}, "alerts.recipient"),
    ],
)
def test_warnings_count_only_when_strict(changes: dict[str, str], check: str, folder: Path) -> None:
    write_env(folder, {**COMPLETE, **changes})
    for options, code in (((), 0), (("--strict",), 1)):
        result = validate(folder, "-o", "json", *options)
        assert (result.exit_code, {name for name, _ in broken(result)}) == (code, {check})


def test_a_file_that_others_can_read_is_a_warning(folder: Path) -> None:
    (folder / ".env").chmod(0o644)
    result = validate(folder, "-o", "csv")
    assert result.exit_code == 0
    assert f"chmod 600 {folder}/.env" in result.stdout


def test_a_template_of_your_own_that_is_broken(folder: Path) -> None:
    write_env(folder, {**COMPLETE, "NOTIFICATION_TEMPLATES_PATH": "letters"})
    (folder / "letters").mkdir()
    (folder / "letters/invoice.en.html.j2").write_text("{{ oops", encoding="utf-8")
    result = validate(folder, "-o", "json", "--only", "templates")
    assert broken(result) == {("templates.render", "invoice.en")}


@pytest.mark.parametrize("output", ["table", "json", "csv", "junit", "github"])
def test_every_format_ends_with_the_same_code_and_clean_streams(output: str, folder: Path) -> None:
    write_env(folder, {**COMPLETE, "TAX_RATE": "0.2"})
    result = validate(folder, "-o", output)
    assert result.exit_code == 1
    assert "TAX_RATE" in result.stdout
    assert result.stderr == ""


def test_junit_parses_and_github_names_the_line(folder: Path) -> None:
    write_env(folder, {**COMPLETE, "TAX_RATE": "0.2"})
    root = Xml.XML(validate(folder, "-o", "junit").stdout)
    assert [case.get("name") for case in root.findall("*/testcase[failure]")] == [
        "settings.valid TAX_RATE"
    ]
    line = list({**COMPLETE, "TAX_RATE": "0.2"}).index("TAX_RATE") + 1
    first = validate(folder, "-o", "github").stdout.splitlines()[0]
    assert first.startswith(f"::error file=.env,line={line},title=settings.valid::TAX_RATE: ")


def test_only_and_skip(folder: Path) -> None:
    items = envelope(validate(folder, "--only", "env,vat.*", "--skip", "vat", "-o", "json"))[
        "items"
    ]
    assert {item["id"] for item in items} == {"env.mode"}
    for option in ("--only", "--skip"):
        assert_clear(validate(folder, option, "setings"), 2, "'setings'", "did you mean settings")


def test_a_file_that_cannot_be_read_is_no_finding(folder: Path) -> None:
    assert_clear(validate(folder, "--env-file", "nope.env"), 3, "nope.env", "stakactl init")
    (folder / ".env").write_bytes(b"\xff")
    assert_clear(validate(folder), 3, "is not UTF-8")
    assert_clear(invoke(folder, "config", "show"), 3, "is not UTF-8")


def test_the_demo_reads_none_of_the_settings(folder: Path) -> None:
    write_env(folder, {"TAX_RATE": "0.2"})
    for command in (["validate", *HERE], ["show"]):
        result = invoke(folder, "config", *command, "--demo", "-o", "json")
        assert result.exit_code == 0, result.output
        assert envelope(result)["mode"] == "demo"
    assert not (folder / "var").exists()


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (KeyboardInterrupt(), 130, "Interrupted"),
        (RuntimeError("x"), 70, "A bug in stakactl: RuntimeError at"),
    ],
)
def test_an_end_before_the_end(
    raised: BaseException, code: int, words: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(inspection: Inspection, found: Found) -> None:
        raise raised

    monkeypatch.setattr(catalogue, "CHECKS", with_readings(fail))
    result = validate(folder)
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""


def with_readings(read: Callable[[Inspection, Found], Any]) -> tuple[Check, ...]:
    """The catalogue with another `read` in every reading that needs no other."""
    changed: list[Check] = []
    for check in catalogue.CHECKS:
        replaced = {each: replace(each, read=read) for each in check.reads if not each.after}
        reads = tuple(replaced.get(each, each) for each in check.reads)
        own = check.answers_for and replaced.get(check.answers_for, check.answers_for)
        changed.append(replace(check, reads=reads, answers_for=own))
    return tuple(changed)


def test_following_every_hint_about_the_address_makes_one_that_is_whole(folder: Path) -> None:
    """Each line has its own setting: none of the hints repeats what another one asks for."""
    write_env(folder, {**COMPLETE, "PDF_COMPANY_ADDRESS": ""})
    items = envelope(validate(folder, "-o", "json"))["items"]
    hints = [str(each["hint"]) for each in items if each["id"] == "company.address"]
    written = dict(hint.removeprefix("set ").split("=", 1) for hint in hints)
    write_env(folder, COMPLETE | {name: value.strip("'") for name, value in written.items()})
    found = envelope(validate(folder, "-o", "json"))["items"]
    seen = [each["seen"] for each in found if each["id"] == "company.address"]
    assert seen == ["12 rue Exemple", "75011", "Paris"]


def test_a_setting_that_stands_twice_is_shown_with_the_line_that_is_too_much(folder: Path) -> None:
    with (folder / ".env").open("a", encoding="utf-8") as file:
        file.write("TAX_RATE=10\n")
    last = len((folder / ".env").read_text(encoding="utf-8").splitlines())
    items = json.loads(invoke(folder, "config", "show", "-o", "json").stdout)["items"]
    (shown,) = [item for item in items if item["name"] == "TAX_RATE"]
    assert shown["origin"] == f"{folder}/.env:{last}"


def test_show_masks_secrets_and_says_where_everything_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_env(folder, {**COMPLETE, "SMTP_PASS": PASSWORD, "TAX_RATE": "0.2"})
    monkeypatch.setenv("FROM_NAME", "Ann")
    shown = {}
    for output in ("table", "csv", "json"):
        result = invoke(folder, "config", "show", "-o", output)
        assert result.exit_code == 0, result.output
        assert "Sentinel" not in result.output
        shown[output] = result.stdout
    items = {item["name"]: item for item in json.loads(shown["json"])["items"]}
    assert items["STRIPE_SECRET_KEY"]["value"] == "sk_test_•••"
    assert items["STRIPE_SECRET_KEY"]["origin"] == f"{folder}/.env:1"
    assert items["SMTP_PASS"]["value"] == "•••"
    assert items["FROM_NAME"]["value"] == "Ann"
    assert items["FROM_NAME"]["origin"] == "environment"
    assert items["CURRENCY"]["value"] == "eur"
    assert items["CURRENCY"]["origin"] == "default"
    assert "0.2" in items["TAX_RATE"]["problem"]
    assert "FROM_NAME = Ann (environment)" in shown["table"]
    assert "STRIPE_SECRET_KEY = sk_test_••• (.env:1)" in shown["table"]
    assert "stakactl config validate" in shown["table"]
    assert TEST_KEY not in shown["csv"]
