"""An invoice as a file or options ask for it, and everything that can be wrong with it."""

import io
import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.adapters.orders.new_invoices import NAMES, read_new_invoice
from stakactl.domain.invoicing import ServicePeriod
from stakactl.domain.money import Money, exponent
from stakactl.domain.new_invoices import NewInvoice, PaidByHand
from stakactl.domain.orders import Address, Customer, Nature, OrderLine
from stakactl.errors import ImportRejected, UsageError
from tests.builders import eur

TODAY = date(2026, 3, 15)
GOOD: dict[str, Any] = {
    "reference": "QUOTE-17",
    "lines": [{"title": "Audit", "quantity": 2, "unit_amount_minor": 60000, "vat_rate": 20}],
}


def read(
    source: Path | None = None, lines: tuple[str, ...] = (), currency: str = "eur", **options: Any
) -> NewInvoice:
    labels = {name: f"--{name.replace('_', '-')}" for name in NAMES}
    return read_new_invoice(source, options, labels, lines, today=TODAY, currency=currency)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "invoice.json"


def problems(file: Path, content: bytes, **options: Any) -> tuple[str, ...]:
    file.write_bytes(content)
    with pytest.raises(ImportRejected) as caught:
        read(file, **options)
    return caught.value.problems


def test_a_whole_file(file: Path) -> None:
    whole = GOOD | {
        "nature": "goods",
        "since": "2026-02-01",
        "until": "2026-02-28",
        "paid": "cheque",
        "paid_on": "2026-03-01",
        "customer_id": "u_1",
        "customer_email": "a@example.com",
        "customer_name": "Zoë\n Łukasz",
        "customer_company": "ACME",
        "customer_siren": "552 100 554",
        "customer_vat_number": "FR40552100554",
        "address_line1": "1 rue",
        "postal_code": 75011,
        "city": "Paris",
        "country": "fr",
        "locale": "en-GB",
    }
    file.write_text("\n " + json.dumps(whole), encoding="utf-8-sig")
    assert read(file) == NewInvoice(
        "QUOTE-17",
        (OrderLine("Audit", 2, eur(60000), Decimal(20)),),
        Customer(
            "a@example.com",
            "Zoë  Łukasz",
            "u_1",
            None,
            "ACME",
            "552100554",
            "FR40552100554",
            Address("1 rue", "", "75011", "Paris", "FR"),
            "en",
        ),
        nature=Nature.GOODS,
        period=ServicePeriod(date(2026, 2, 1), date(2026, 2, 28)),
        paid=PaidByHand(date(2026, 3, 1), "cheque"),
    )


def test_options_win_over_the_file(file: Path) -> None:
    file.write_text(json.dumps(GOOD | {"city": "Nowhere", "currency": "usd"}))
    found = read(file, city="Paris", paid="cash", currency="", due_days=None)
    assert found.customer.address.city == "Paris"
    assert found.paid == PaidByHand(TODAY, "cash")
    assert found.lines[0].unit_amount.currency == "usd"


def test_lines_of_the_command_line() -> None:
    lines = ("Audit;2;600.00;20", "Livres ; 3 ; 10,55 ; 5,5 %", "Remise;1;-20")
    found = read(None, lines, reference="1")
    assert found.lines == (
        OrderLine("Audit", 2, eur(60000), Decimal(20)),
        OrderLine("Livres", 3, eur(1055), Decimal("5.5")),
        OrderLine("Remise", 1, eur(-2000), None),
    )


@given(st.integers(-(10**9), 10**9), st.sampled_from(["eur", "jpy", "kwd"]))
def test_an_amount_on_the_command_line_is_exact(minor: int, currency: str) -> None:
    written = f"{Money(minor, currency).to_decimal():.{exponent(currency)}f}"
    found = read(None, (f"x;1;{written};20",), currency, reference="1")
    assert found.lines[0].unit_amount == Money(minor, currency)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("A;b;1;2;3;4", "6 parts"),
        ("A", "1 parts"),
        ("A;1;1.234;20", "write it as 120.00"),
        ("A;1;1e5;20", "no amount"),
        ("A;0;1;20", "--line 1 quantity"),
        ("A;1.5;1;20", "whole number"),
        (";1;1;20", "--line 1 title: is empty"),
        ("A;1;1;0.2", "write 20"),
        ("A;1;99999999999;20", "more than"),
        ("\x1b[31m;;", "no amount"),
    ],
)
def test_a_bad_line_says_where_and_how(line: str, word: str) -> None:
    with pytest.raises(ImportRejected, match="nothing was issued") as caught:
        read(None, (line,), reference="1")
    (first, *_) = caught.value.problems
    assert first.startswith("--line 1")
    assert any(word in problem for problem in caught.value.problems)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"reference": ""}, "field reference: is empty"),
        ({"reference": "x" * 61}, "field reference: has 61"),
        ({"reference": ["x"]}, "field reference:"),
        ({"refrence": "x"}, "did you mean reference?"),
        ({"lines": []}, "lines: there are none"),
        ({"lines": {"title": "x"}}, "field lines: is no list"),
        ({"lines": "Audit;1;1;20"}, "field lines: is no list"),
        ({"lines": ["Audit;1;1;20"]}, "field lines[1]: is not an object"),
        ({"lines": [GOOD["lines"][0]] * 1001}, "field lines: is no list"),
        ({"lines": [{"title": "x"}]}, "field lines[1].unit_amount_minor: is empty"),
        ({"lines": [{"title": "x", "unit_amount_minor": 1.5}]}, "write 150 for 1.5 EUR"),
        ({"lines": [{"title": "x", "unit_amount_minor": True}]}, "unit_amount_minor"),
        ({"lines": [{"title": "x", "unit_amount_minor": "--5"}]}, "unit_amount_minor"),
        ({"lines": [{"title": "x", "unit_amount_minor": -(10**13)}]}, "unit_amount_minor"),
        ({"lines": [{"title": "x" * 501, "unit_amount_minor": 1}]}, "field lines[1].title"),
        ({"lines": [{"title": "x", "unit_amount_minor": 1, "vat": 20}]}, '"vat": is unknown'),
        ({"currency": "euro"}, "field currency"),
        ({"nature": "services!"}, "field nature"),
        ({"since": "2026-02-01"}, "field until: is empty"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "2026-02-01 is before"),
        ({"since": "01/02/2026", "until": "2026-02-30"}, "field until"),
        ({"paid": "bitcoin"}, "field paid"),
        ({"paid_on": "2026-02-01"}, "add paid"),
        ({"paid": "cash", "due_days": 5}, "leave one out"),
        ({"due_days": -1}, "field due_days"),
        ({"due_days": 366}, "field due_days"),
        ({"customer_email": "nope"}, "field customer_email"),
        ({"country": "France"}, "field country"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_bad_field_names_its_place(changes: dict[str, Any], place: str, file: Path) -> None:
    found = problems(file, json.dumps(GOOD | changes).encode())
    assert any(place in problem for problem in found), found


def test_every_problem_is_told_at_once_and_options_by_their_name(file: Path) -> None:
    found = problems(file, b'{"city": [], "foo": 1}', country="UK")
    assert [problem.split(":")[0] for problem in found] == [
        'unknown column "foo"; hint',
        "lines",
        "field reference",
        "field city",
        "--country",
    ]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "malformed JSON"),
        (b"[]", "not one JSON object"),
        (b"{} {}", "not one JSON object"),
        (b'{"reference": 1', "malformed JSON"),
        (b'{"city": "a",\n "city": "b"}', "stands twice"),
        (b'{"due_days": NaN}', "NaN"),
        (b'{"due_days": 1e99999999999999999999}', "beyond all bounds"),
        (b'{"due_days": ' + b"9" * 5000 + b"}", "malformed JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{\0", "UTF-16"),
        (b'{"city": "\xe9"}', "not UTF-8"),
        (b" " * (4 * 1024 * 1024 + 1), "longer than"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_file_that_is_no_invoice(content: bytes, word: str, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(UsageError, match=word) as caught:
        read(file)
    assert "invoice.json" in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "no.json", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            read(path)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode()))
    monkeypatch.setattr("sys.stdin", pipe)
    assert read(Path("-")).reference == "QUOTE-17"


def test_lines_stand_in_one_place(file: Path) -> None:
    file.write_text(json.dumps(GOOD))
    with pytest.raises(ImportRejected, match="in one place"):
        read(file, ("A;1;1;20",))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(row=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6))
def test_whatever_stands_in_a_file_it_is_taken_or_refused(
    row: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "whatever.json"
    file.write_text(json.dumps(row))
    with suppress(UsageError):
        assert read(file).lines
