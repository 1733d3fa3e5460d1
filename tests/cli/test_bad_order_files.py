"""Order files with bad rows: each problem with its place and reason, and nothing taken."""

import json
from pathlib import Path

import pytest

from tests.cli.homes import Project, assert_clear, envelope
from tests.cli.test_every_command import ENVELOPE

GOOD = {
    "order_id": "N-1",
    "created_at": "2026-03-01T10:00:00Z",
    "status": "paid",
    "amount_minor": "1200",
    "currency": "eur",
    "title": "Book",
    "customer_email": "ann@example.com",
    "customer_name": "Ann",
}


def _csv(*rows: dict[str, str]) -> str:
    header = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(header), *(",".join(row.get(name, "") for name in header) for row in rows)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"order_id": ""}, ["column order_id", "empty"]),
        ({"created_at": "yesterday"}, ["column created_at", '"yesterday"', "ISO 8601"]),
        ({"created_at": "2026-03-01T10:00:00"}, ["column created_at", "2026-03-01T10:00:00"]),
        ({"status": "payed"}, ["column status", '"payed"', "write one of pending, paid"]),
        ({"amount_minor": "12.00"}, ["column amount_minor", '"12.00"', "1200"]),
        ({"amount_minor": "-5"}, ["column amount_minor", "-5"]),
        ({"amount_minor": "9" * 30}, ["column amount_minor"]),
        ({"currency": "euro"}, ["column currency", '"euro"', "EUR"]),
        ({"title": ""}, ["column title", "empty"]),
        ({"customer_email": "nope"}, ["column customer_email", '"nope"', "no e-mail address"]),
        ({"vat_rate": "0.2"}, ["column vat_rate", "0.2"]),
        ({"nature": "service"}, ["column nature", "services"]),
        ({"country": "France"}, ["column country", "France"]),
        ({"paid_at": "32/01/2026"}, ["column paid_at", "32/01/2026"]),
        ({"colour": "red"}, ["colour"]),
        ({"order_id": "N-0"}, ["N-0", "line 2 already"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_a_bad_row_names_its_place(
    changes: dict[str, str], words: list[str], project: Project
) -> None:
    text = _csv({**GOOD, "order_id": "N-0"}, {**GOOD, **changes})
    (project.folder / "new.csv").write_text(text, encoding="utf-8")
    line = "new.csv:1" if "colour" in changes else "new.csv:3"
    with project.unchanged():
        result = project.run("orders", "import", "new.csv")
        assert_clear(result, 2, "new.csv: 1 problem, nothing was imported", line, *words,
                     "Hint: ")  # fmt: skip
        assert result.stderr.count(line) == 1
        again = project.run("orders", "import", "new.csv", "-o", "json")
        ENVELOPE.validate(envelope(again))
        (problem,) = envelope(again)["error"]["problems"]
        assert problem.startswith(line)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("new.json", b'[{"order_id": "N-1"', ["new.json:1"]),
        ("new.ndjson", b'{"order_id": "N-1"}\nnot json\n', ["new.ndjson:2"]),
        ("new.csv", b"", ["new.csv", "nothing"]),
        ("new.csv", b"order_id;status\nN-1;paid\n", ["new.csv:1", "created_at"]),
        ("new.csv", _csv({**GOOD, "title": "Caf\xe9"}).encode("latin-1"), ["new.csv:2", "UTF-8"]),
        ("new.csv", b'order_id,status\n"N-1,paid\n', ["new.csv"]),
        ("new.csv", b"PK\x03\x04\x00\x00", ["new.csv"]),
    ],
)
def test_a_file_that_is_none_of_orders(
    name: str, content: bytes, words: list[str], project: Project
) -> None:
    (project.folder / name).write_bytes(content)
    with project.unchanged():
        for options in ([], ["--dry-run"]):
            assert_clear(project.run("orders", "import", name, *options), 2, *words)


def test_the_good_rows_alone(project: Project) -> None:
    text = _csv({**GOOD, "order_id": "N-0"}, {**GOOD, "status": "?"}, {**GOOD, "order_id": "N-2"})
    (project.folder / "new.csv").write_text(text, encoding="utf-8")
    before = project.count("orders")
    with project.unchanged():
        dry = project.run("orders", "import", "new.csv", "--skip-bad", "--dry-run", "-o", "json")
        assert envelope(dry)["summary"]["created"] == 2
    result = project.run("orders", "import", "new.csv", "--skip-bad")
    assert_clear(result, 6, "new.csv:3: column status", "partial")
    assert project.count("orders") == before + 2
    result = project.run("orders", "import", "new.csv", "--skip-bad", "-o", "json")
    assert envelope(result)["summary"] == {
        "created": 0, "updated": 0, "unchanged": 2, "problems": 1, "dry_run": False,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_standard_input(form: str, project: Project) -> None:
    row = {**GOOD, "amount_minor": 1200}
    good = {"csv": _csv(GOOD), "ndjson": json.dumps(row) + "\n", "json": json.dumps([row])}
    bad = {name: text.replace('"paid"', '"payed"').replace(",paid,", ",payed,")
           for name, text in good.items()}  # fmt: skip
    with project.unchanged():
        assert_clear(project.run("orders", "import", "-", input=bad[form]), 2,
                     "standard input", "status", "payed")  # fmt: skip
        assert_clear(project.run("orders", "import", "-", input=""), 2, "standard input")
    assert_clear(project.run("orders", "import", "-", input=good[form]), 0)
    assert project.run("orders", "show", "N-1").exit_code == 0


def test_many_problems_do_not_flood_the_terminal(project: Project) -> None:
    rows = [{**GOOD, "order_id": f"N-{number}", "status": "?"} for number in range(70)]
    (project.folder / "new.csv").write_text(_csv(*rows), encoding="utf-8")
    result = project.run("orders", "import", "new.csv")
    assert_clear(result, 2, "70 problems", "… and 20 more (all with -o json)")
    assert len(result.stderr.splitlines()) == 53
    found = envelope(project.run("orders", "import", "new.csv", "-o", "json"))
    assert len(found["error"]["problems"]) == 70


def test_a_file_that_may_not_be_read(project: Project, tmp_path: Path) -> None:
    loop = project.folder / "loop.csv"
    loop.symlink_to(loop)
    result = project.run("orders", "import", "loop.csv")
    assert_clear(result, 2, "loop.csv")
