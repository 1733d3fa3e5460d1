"""What every format looks like, letter by letter. `STAKACTL_GOLDEN=write` makes them anew."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

from stakactl.domain.money import Money
from stakactl.domain.runs import Outcome
from stakactl.output.view import View
from tests.output.view_samples import FINISHED, STARTED, orders_view, written

GOLDEN = Path(__file__).parents[1] / "golden" / "output"
#: Read at once: no test sees the settings of the developer's shell.
_WRITES = os.environ.get("STAKACTL_GOLDEN") == "write"
SCHEMA = json.loads((Path(__file__).parents[1] / "data" / "envelope.schema.json").read_text())


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("orders-en.txt", {}),
        ("orders-fr.txt", {"locale": "fr"}),
        ("orders-ascii.txt", {"encoding": "ascii"}),
        ("orders-quiet.txt", {"quiet": True}),
        ("orders-verbose.txt", {"verbose": True}),
        ("orders.json", {"output": "json"}),
        ("orders.csv", {"output": "csv"}),
    ],
)
def test_output_is_what_it_was(name: str, options: dict[str, Any]) -> None:
    compare(name, written(orders_view(), **{"output": "table", **options}))


def test_an_empty_table_says_so() -> None:
    compare("orders-empty.txt", written(orders_view(items=[]), "table"))


def compare(name: str, text: str) -> None:
    """With the golden file of that name."""
    path = GOLDEN / name
    if _WRITES:
        path.write_text(text, encoding="utf-8", newline="")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_table_fits_eighty_columns_and_has_no_colour_in_a_file(locale: str) -> None:
    text = written(orders_view(), "table", locale=locale)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_json_is_the_envelope() -> None:
    envelope = json.loads(written(orders_view(), "json"))
    jsonschema.validate(envelope, SCHEMA)
    assert envelope["items"][1]["amount"] == {"minor": 1_046_801, "currency": "eur"}
    assert envelope["items"][1]["created_at"] == "2026-03-29T23:30:00Z"
    assert envelope["items"][1]["vat_rate"] == "5.50"
    assert envelope["items"][0]["amount"] is None


def test_json_of_an_ascii_stream_is_the_same_object() -> None:
    assert json.loads(written(orders_view(), "json", encoding="ascii")) == json.loads(
        written(orders_view(), "json")
    )


def test_a_view_of_a_summary_alone_is_one_row_of_csv() -> None:
    view = View(
        command="stats",
        outcome=Outcome.OK,
        started_at=STARTED,
        finished_at=FINISHED,
        summary={"orders": 3, "net": Money(-100, "eur")},
    )
    assert written(view, "csv") == "orders,net_minor,net_currency\n3,-100,eur\n"


def test_columns_that_do_not_fit_are_named() -> None:
    text = written(orders_view(), "table")
    assert "client1@exemple.fr" not in text
    assert "-o csv and -o json: e-mail." in text


def test_an_id_is_folded_rather_than_cut() -> None:
    long_id = "cs_test_" + "a1" * 60
    text = written(orders_view(items=[{"order_id": long_id}]), "table")
    folded = "".join(line.split()[0] for line in text.splitlines() if "a1a1" in line)
    assert folded == long_id
