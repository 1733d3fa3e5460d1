"""`invoices create` as a person and a script use it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.homes import Project, assert_clear, envelope
from tests.cli.test_every_command import ENVELOPE

SHOP = [
    *("--reference", "QUOTE-17", "--company", "Librairie des Abbesses", "--siren", "552100554"),
    *("--email", "compta@example.com", "--address", "3 rue Yvonne-le-Tac", "--city", "Paris"),
    *("--country", "FR"),
]
LINES = ["--line", "Audit;2;600,00;20", "--line", "Livres;3;10.55;5.5", "--line", "Remise;1;-20"]


def create(project: Project, *more: str, input: str | None = None) -> Any:
    return project.run("invoices", "create", *more, input=input)


def test_from_the_plan_to_a_letter(project: Project) -> None:
    with project.unchanged():
        plan = envelope(create(project, *SHOP, *LINES, "--dry-run", "-o", "json"))
    assert plan["summary"]["number"] is None
    assert plan["summary"]["total_net"] == {"minor": 101333, "currency": "eur"}
    assert plan["summary"]["total_vat"] == {"minor": 19832, "currency": "eur"}
    assert plan["summary"]["total"] == {"minor": 121165, "currency": "eur"}
    assert [item["vat"]["minor"] for item in plan["items"]] == [20000, 165, -333]
    with project.unchanged():
        assert_clear(create(project, *SHOP, *LINES), 5, "--yes", "At its foot", "€1,211.65")
    made = envelope(create(project, *SHOP, *LINES, "--yes", "-o", "json"))
    assert made["summary"]["number"] == "TEST-FACT-2026-000001"
    assert made["summary"] == plan["summary"] | {
        "number": "TEST-FACT-2026-000001",
        "state": "stored",
        "dry_run": False,
    }
    again = create(project, *SHOP, *LINES, "--yes")
    assert_clear(again, 0, "QUOTE-17 had its invoice already")
    assert project.count("invoices") == project.count("outbox") == 1
    assert_clear(project.run("mail", "send", "--yes"), 0, "sent 1")
    listed = envelope(project.run("invoices", "list", "--status", "SENT", "-o", "json"))
    assert [(item["order_id"], item["reference"]) for item in listed["items"]] == [
        (None, "QUOTE-17")
    ]
    assert_clear(project.run("invoices", "verify", "TEST-FACT-2026-000001"), 0, "invoices 1")
    assert_clear(create(project, *SHOP, "--line", "x;1;1", "--yes"), 5, "other lines", "cancel")


def test_days_to_pay_are_a_setting(project: Project) -> None:
    def days(*more: str) -> Any:
        summary = envelope(create(project, *SHOP, *LINES, *more, "--dry-run", "-o", "json"))
        return summary["summary"]["due_on"]

    default = days()
    project.set(DUE_DAYS="0")
    assert days() < default
    assert days("--due-days", "30") == default
    assert days("--paid", "cash") is None
    project.set(DUE_DAYS="90")
    assert_clear(create(project, *SHOP, *LINES, "--dry-run"), 2, "L441-10", "--due-days 60")
    project.set(DUE_DAYS="a month")
    assert_clear(create(project, *SHOP, *LINES, "--dry-run"), 3, "DUE_DAYS")


def test_what_is_missing_is_asked_for(project: Project) -> None:
    with project.unchanged():
        for arguments, words in (
            ([], ["--reference: is empty", "--line"]),
            ([*SHOP, "--line", "Audit;2"], ["--line 1", "2 parts", "TITLE;QUANTITY"]),
            ([*SHOP[:2], *LINES], ["customer_name or customer_company", "country"]),
            ([*SHOP[:-2], *LINES, "--country", "DE"], ["DE", "states a VAT rate"]),
            ([*SHOP[:2], *LINES, "--customer", "nobody"], ["'nobody'", "--customer"]),
            ([*SHOP[:2], *LINES, "--customer-of", "nobody"], ["'nobody'", "orders list"]),
            (["--from", "no.json"], ["no.json", "cannot be read"]),
        ):
            assert_clear(create(project, *arguments, "--yes"), 2, *words, "Hint: ")


HOSTILE = {
    "reference": "=HYPERLINK(1)",
    "customer_name": "[bold]\x1b[31m@Ann\u202e",
    "customer_email": "ann@example.com",
    "address_line1": "../../etc/passwd",
    "city": "</ram:CityName>",
    "country": "FR",
    "customer_id": "../../u_1",
    "lines": [
        {"title": "<b>&amp;\x00 ]]> {{ 7*7 }}", "quantity": 2, "unit_amount_minor": "4990"},
        {"title": "-2+3", "unit_amount_minor": -100},
    ],
}


def test_hostile_text_goes_through_as_text(project: Project) -> None:
    (project.folder / "hostile.json").write_text(json.dumps(HOSTILE), encoding="utf-8")
    result = create(project, "--from", "hostile.json", "--yes")
    assert_clear(result, 0, "=HYPERLINK(1)", "@Ann")
    assert not {"\x1b", "\u202e", "\x00"} & set(result.output)
    table = project.run("invoices", "list", "-o", "csv")
    assert "'=HYPERLINK(1)" in table.stdout
    assert_clear(project.run("mail", "send", "--yes"), 0, "sent 1")
    (letter,) = (project.home / "mail").iterdir()
    assert "49</" not in letter.read_text(encoding="utf-8")
    stored = [path for path in (project.home / "invoices").rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert stored[0].relative_to(project.home / "invoices").parts[0].isalnum()


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (json.dumps(HOSTILE | {"lines": ["x;1;1"], "foo": 1}), ["field lines[1]", '"foo"']),
        ('{"reference": 1e99999999999999999999}', ["standard input:1", "beyond all bounds"]),
        ("[" * 5000, ["standard input:1", "nested too deeply"]),
    ],
)
def test_bad_input_names_its_place(project: Project, content: str, places: list[str]) -> None:
    with project.unchanged():
        assert_clear(create(project, "--from", "-", "--yes", input=content), 2, *places, "Hint: ")
    found = envelope(create(project, "--from", "-", "--yes", "-o", "json", input=content))
    ENVELOPE.validate(found)
    assert found["error"]["hint"]


def test_the_example_of_the_documentation_works(project: Project) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "invoices.md").read_text(encoding="utf-8")
    example = guide.split("```json\n")[1].split("```")[0]
    (project.folder / "invoice.json").write_text(example, encoding="utf-8")
    assert_clear(create(project, "--from", "invoice.json", "--dry-run"), 0, "planned")
