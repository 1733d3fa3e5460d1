"""Files of orders: what is taken, and what is said of the rest."""

import csv
import io
import json
import os
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.orders import FileFormat, OrderFile, read_orders
from stakactl.adapters.orders.parsing import COLUMNS
from stakactl.domain.money import Money
from stakactl.domain.orders import Nature, Order, OrderLine, OrderStatus
from stakactl.errors import ExitCode, ImportRejected, UsageError

ROW: dict[str, Any] = {
    "order_id": "C1",
    "created_at": "2026-03-31T12:00:00+02:00",
    "status": "paid",
    "amount_minor": "46800",
    "currency": "EUR",
    "title": "Correction",
    "customer_email": "a@example.com",
    "customer_name": "Éloïse",
}


def csv_text(*rows: dict[str, Any], delimiter: str = ",") -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read(content: str | bytes, file_format: str = "csv", skip_bad: bool = False) -> OrderFile:
    data = content.encode() if isinstance(content, str) else content
    return read_orders(
        io.BytesIO(data),
        file_format=FileFormat(file_format),
        skip_bad=skip_bad,
        name=f"orders.{file_format}",
    )


def orders(content: str | bytes, file_format: str = "csv") -> list[Order]:
    return list(read(content, file_format).orders)


def problems(content: str | bytes, file_format: str = "csv") -> list[str]:
    with pytest.raises(ImportRejected) as caught:
        orders(content, file_format)
    return list(caught.value.problems)


def only_problem(**cells: Any) -> str:
    """What is said of one CSV row with these cells changed, after its place."""
    (problem,) = problems(csv_text({**ROW, **cells}))
    place = "orders.csv:2: "
    assert problem.startswith(place)
    return problem.removeprefix(place)


# --- a good file ---


def test_a_row_becomes_an_order() -> None:
    (order,) = orders(
        csv_text(
            {
                **ROW,
                "customer_id": "42",
                "customer_company": "ACME",
                "customer_siren": "732 829 320",
                "customer_vat_number": "fr44 732829320",
                "address_line1": "1 rue X",
                "postal_code": "01000",
                "country": "fr",
                "locale": "en-GB",
                "stripe_session_id": "cs_live_1",
                "stripe_payment_intent_id": "pi_1",
                "stripe_customer_id": "cus_1",
                "vat_rate": "5,5 %",
                "nature": "goods",
                "paid_at": "2026-03-31T10:05:00Z",
                "invoice_number": "F-1",
                "refunded_minor": "100",
            }
        )
    )
    assert order.created_at == datetime(2026, 3, 31, 10, tzinfo=UTC)
    assert order.created_at.tzinfo is UTC
    assert order.status is OrderStatus.PAID
    assert order.amount == Money(46800, "eur")
    assert order.refunded == Money(100, "eur")
    assert order.vat_rate == Decimal("5.5")
    assert order.nature is Nature.GOODS
    assert (order.stripe_session_id, order.stripe_payment_intent_id) == ("cs_live_1", "pi_1")
    assert order.invoice_number == "F-1"
    customer = order.customer
    assert (customer.siren, customer.vat_number) == ("732829320", "FR44732829320")
    assert (customer.address.postal_code, customer.address.country) == ("01000", "FR")
    assert customer.locale == "en"
    assert customer.stripe_customer_id == "cus_1"


def test_optional_columns_have_defaults() -> None:
    (order,) = orders(csv_text(ROW))
    assert order.customer.locale == "fr"
    assert order.nature is Nature.SERVICES
    assert (order.vat_rate, order.refunded, order.paid_at, order.lines) == (None, None, None, ())


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_marks_and_line_ends(delimiter: str, mark: str, end: str) -> None:
    text = csv_text({**ROW, "title": 'a;b,"c"'}, delimiter=delimiter).replace("\r\n", end)
    (order,) = orders(mark + text)
    assert (order.order_id, order.title) == ("C1", 'a;b,"c"')


def test_a_header_may_be_quoted_spaced_and_in_capitals() -> None:
    text = csv_text(ROW).split("\r\n")
    text[0] = ", ".join(f'"{name.upper()}"' for name in ROW)
    assert len(orders("\r\n".join(text))) == 1


def test_blank_rows_are_no_orders() -> None:
    assert len(orders(csv_text(ROW) + "\r\n,,,,,,,\r\n")) == 1


def test_a_header_alone_is_an_empty_file() -> None:
    assert orders(",".join(COLUMNS) + "\n") == []


def test_the_format_goes_by_ending_and_beginning(tmp_path: Path) -> None:
    as_json = json.dumps(ROW)
    contents = {
        "a.csv": csv_text(ROW),
        "a.json": f"[{as_json}]",
        "a.jsonl": as_json,
        "b.txt": csv_text(ROW),
        "c.txt": f"\ufeff [\n{as_json}]",
        "d.txt": f"{as_json}\n{as_json.replace('C1', 'C2')}",
        "e.txt": json.dumps({"orders": [ROW]}),
        "g.txt": f"\n \n{csv_text(ROW, delimiter=';')}",
        "f.txt": json.dumps({"orders": [ROW]}, indent=2),
    }
    for name, text in contents.items():
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        assert next(read_orders(path).orders).order_id == "C1", name
        assert next(read_orders(io.BytesIO(text.encode())).orders).order_id == "C1", name


# --- bad cells ---


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"amount_minor": "12,50"},
            'column amount_minor: "12,50" is not a whole number of minor units (cents); '
            "hint: write 1250 for 12,50 EUR",
        ),
        (
            {"amount_minor": "12.50", "currency": "JPY"},
            'column amount_minor: "12.50" is not a whole number of minor units of JPY; '
            "hint: JPY has no decimals",
        ),
        (
            {"amount_minor": "12.345", "currency": "KWD"},
            'column amount_minor: "12.345" is not a whole number of minor units of KWD; '
            "hint: write 12345 for 12.345 KWD",
        ),
        ({"amount_minor": "150", "currency": "ISK"}, 'column amount_minor: "150" does not end'),
        ({"amount_minor": "-1"}, 'column amount_minor: "-1" is negative'),
        ({"amount_minor": "1e3"}, 'column amount_minor: "1e3" is not a whole number'),
        ({"amount_minor": "٣"}, 'column amount_minor: "٣" is not a whole number'),
        ({"amount_minor": "9" * 20}, 'column amount_minor: "99999999999999999999" is more than'),
        ({"amount_minor": ""}, "column amount_minor: is empty"),
        ({"title": " \t\x00"}, "column title: is empty"),
        ({"created_at": "2026-03-31T12:00:00"}, "has no time zone; hint: add Z (UTC)"),
        ({"created_at": "31/03/2026"}, "is no ISO 8601 time"),
        ({"created_at": "0001-01-01T00:00:00+02:00"}, "lies outside the years"),
        ({"created_at": "9999-12-31T23:59:59-12:00"}, "lies outside the years"),
        ({"currency": "FRF"}, 'column currency: "FRF" is no currency'),
        ({"currency": "EURO"}, "hint: did you mean EUR?"),
        ({"status": "canceled"}, 'column status: "canceled" is not known; hint: did you mean can'),
        ({"nature": "service"}, "did you mean services?"),
        ({"country": "UK"}, "hint: write GB"),
        ({"country": "France"}, 'column country: "France" is no country code'),
        ({"vat_rate": "0.2"}, "hint: 20 means 20 %: write 20 if 20 % is meant"),
        ({"vat_rate": "NaN"}, "is no percentage"),
        ({"vat_rate": "120"}, "is more than 100 %"),
        ({"customer_email": "nobody"}, "is no e-mail address"),
        ({"customer_email": "a@b@c"}, "is no e-mail address"),
        ({"customer_siren": "73282932000074"}, "this is a SIRET; write 732829320"),
        ({"customer_vat_number": "12"}, "is no VAT number"),
        ({"stripe_session_id": "pi_1"}, "it belongs in stripe_payment_intent_id"),
        ({"refunded_minor": "46801"}, "column refunded_minor: is more than amount_minor"),
        ({"title": "x" * 501}, "column title: has 501 characters"),
    ],
)
def test_bad_cells(cells: dict[str, str], expected: str) -> None:
    assert expected in only_problem(**cells)


def test_rates_that_are_legal_below_one() -> None:
    assert orders(csv_text({**ROW, "vat_rate": "0.9"}))[0].vat_rate == Decimal("0.9")
    assert orders(csv_text({**ROW, "vat_rate": "0"}))[0].vat_rate == 0


def test_every_bad_cell_of_a_row_is_named() -> None:
    row = {**ROW, "amount_minor": "x", "currency": "?", "title": "", "country": "XX"}
    assert [p.split(": ")[1] for p in problems(csv_text(row))] == [
        "column currency",
        "column amount_minor",
        "column title",
        "column country",
    ]


def test_text_is_cleaned_at_intake() -> None:
    row = {**ROW, "title": "a\x00b\r\nc\td\x1b[31m\x85e", "customer_name": "e\x00\u0301"}
    (order,) = orders(csv_text(row))
    assert order.title == "ab  c d[31m e"
    assert order.customer.name == "é"


def test_messages_are_printable() -> None:
    assert "\x1b" not in only_problem(status="\x1b]0;x\x07paid\u202e")


# --- bad files ---


def test_lines_are_counted_through_quoted_line_breaks() -> None:
    good = {**ROW, "title": "two\nlines"}
    bad = {**ROW, "order_id": "C2", "title": "three\n\nlines", "status": "?"}
    worse = {**ROW, "order_id": "C3", "status": "?"}
    assert [p.split(" ")[0] for p in problems(csv_text(good, bad, worse))] == [
        "orders.csv:4:",
        "orders.csv:7:",
    ]


def test_an_unknown_column_is_a_problem_with_a_suggestion() -> None:
    (problem,) = problems(csv_text({**ROW, "stripeSessionId": ""}))
    assert problem == (
        'orders.csv:1: unknown column "stripeSessionId"; hint: did you mean stripe_session_id?'
    )


def test_columns_that_are_missing_or_there_twice() -> None:
    row = {name: value for name, value in ROW.items() if name not in {"status", "title"}}
    (missing,) = problems(csv_text(row))
    assert missing.startswith("orders.csv:1: the header lacks status, title; hint: ")
    text = csv_text(ROW)
    assert "more than once" in problems(text.replace("title", "status", 1))[0]


@pytest.mark.parametrize("content", ["", "\n", "C1\tpaid\n"])
def test_a_file_without_header(content: str) -> None:
    assert any("the header lacks order_id" in problem for problem in problems(content))


def test_a_row_with_other_cells_than_the_header() -> None:
    assert problems(csv_text(ROW) + "C2,x\r\n") == ["orders.csv:3: has 2 cells, the header has 8"]


def test_other_encodings_are_named_with_line_and_remedy() -> None:
    second = {**ROW, "order_id": "C2", "customer_name": "Zoé"}
    first = {**ROW, "customer_name": "Zoe"}
    (problem,) = problems(csv_text(first, second).encode("cp1252"))
    assert problem.startswith("orders.csv:3: is not UTF-8; hint: ")
    (utf16,) = problems(csv_text(ROW).encode("utf-16"))
    assert "UTF-16" in utf16


def test_malformed_csv_is_named_with_its_line() -> None:
    text = csv_text(ROW) + '"C2" x,1\r\n' + csv_text({**ROW, "order_id": ""}).split("\r\n")[1]
    found = problems(text)
    assert found[0].startswith("orders.csv:3: malformed CSV")
    assert found[1] == "orders.csv:4: column order_id: is empty"
    (unclosed,) = problems(csv_text(ROW) + '"C2,1\r\nC3,2\r\n')
    assert unclosed.startswith("orders.csv:3: malformed CSV: unexpected end")


def test_an_order_that_stands_twice_names_both_lines() -> None:
    (problem,) = problems(csv_text(ROW, {**ROW, "order_id": "C2"}, {**ROW, "order_id": " C1"}))
    assert problem == 'orders.csv:4: order_id "C1" stands on line 2 already'


def test_a_bad_row_rejects_the_file_before_anything_is_taken() -> None:
    rows = [{**ROW, "order_id": f"C{n}", "status": "?" if n == 3 else "paid"} for n in range(6)]
    with pytest.raises(ImportRejected) as caught:
        read(csv_text(*rows))
    assert caught.value.exit_code is ExitCode.USAGE
    assert "nothing was imported" in caught.value.message


def test_orders_can_be_taken_again_and_stay_out_of_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stakactl.adapters.orders.files.MAX_ORDERS_KEPT", 3)
    monkeypatch.setattr("stakactl.adapters.orders.files.MAX_PIPE_IN_MEMORY_BYTES", 10)
    text = csv_text(*({**ROW, "order_id": f"C{n}"} for n in range(9)))
    path = tmp_path / "orders.csv"
    path.write_text(text)
    for file in (read_orders(path), read(text)):
        assert len(list(file.orders)) == len(list(file.orders)) == 9
    changed = read_orders(path)
    path.write_text(text.replace("paid", "?"))
    with pytest.raises(ImportRejected):
        list(changed.orders)


def test_standard_input_and_pipes_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(csv_text({**ROW, "status": "?"}).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(ImportRejected, match="standard input:2: column status"):
        read_orders(Path("-"), "csv")
    read_end, write_end = os.pipe()
    with os.fdopen(read_end, "rb"), os.fdopen(write_end, "wb") as pipe:
        pipe.write(csv_text(ROW).encode())
        pipe.close()
        assert len(list(read_orders(Path(f"/dev/fd/{read_end}")).orders)) == 1


def test_a_format_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match='"xml" is no format'):
        read_orders(io.BytesIO(), "xml")


def test_skip_bad_takes_the_good_rows_and_lists_the_rest() -> None:
    rows = [{**ROW, "order_id": f"C{n}", "status": "?" if n == 3 else "paid"} for n in range(6)]
    file = read(csv_text(*rows), skip_bad=True)
    assert [order.order_id for order in file.orders] == ["C0", "C1", "C2", "C4", "C5"]
    assert len(file.problems) == 1


def test_skip_bad_does_not_take_a_file_that_cannot_be_read_to_its_end() -> None:
    data = csv_text(ROW, {**ROW, "order_id": "C2"}).encode() + b"\xe9\n"
    with pytest.raises(ImportRejected) as caught:
        list(read(data, skip_bad=True).orders)
    assert caught.value.hint is not None
    assert "--skip-bad" not in caught.value.hint


def test_many_problems_are_counted_and_fifty_are_shown() -> None:
    rows = [{**ROW, "order_id": f"C{n}", "status": "?"} for n in range(60)]
    with pytest.raises(ImportRejected) as caught:
        orders(csv_text(*rows))
    assert caught.value.message.startswith("orders.csv: 60 problems, nothing was imported:")
    assert caught.value.message.endswith("… and 10 more")
    assert len(caught.value.message.splitlines()) == 52
    assert len(caught.value.problems) == 60


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no file"):
        read_orders(tmp_path / "absent.csv")
    with pytest.raises(UsageError, match="is a folder"):
        read_orders(tmp_path)


# --- JSON ---

LINE = {"title": "Ligne", "quantity": 2, "unit_amount_minor": 23400, "vat_rate": 5.5}


@pytest.mark.parametrize("wrapped", [False, True])
def test_json_orders_carry_lines(wrapped: bool) -> None:
    row = {**ROW, "amount_minor": 46800, "customer_id": 42, "country": None, "lines": [LINE]}
    document = {"exported": {"by": ["x"]}, "orders": [row], "n": 1} if wrapped else [row]
    (order,) = orders(json.dumps(document, indent=1), "json")
    assert order.lines == (OrderLine("Ligne", 2, Money(23400, "eur"), Decimal("5.5")),)
    assert order.customer.customer_id == "42"
    assert orders(json.dumps(row) + "\n\n", "ndjson") == [order]


def test_no_float_comes_near_an_amount() -> None:
    text = json.dumps({**ROW, "amount_minor": 468.5})
    (problem,) = problems(text, "ndjson")
    assert problem == (
        'orders.ndjson:1: field amount_minor: "468.5" is not a whole number of minor units '
        "(cents); hint: write 46850 for 468.5 EUR"
    )


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"amount_minor": True}, '"True" is not a whole number'),
        ({"amount_minor": [1]}, "is not a whole number"),
        ({"amount_minor": 10**400}, "is more than"),
        ({"title": {"a": 1}}, "field title: "),
        ({"title": "\ud800"}, "field title: is empty"),
        ({"created_at": 1774951200}, "is no ISO 8601 time"),
        ({"lines": "x"}, "field lines: is not a list"),
        ({"lines": [1]}, "field lines[1]: is not an object"),
        ({"lines": [{**LINE, "quantity": 0}]}, 'field lines[1].quantity: "0" is no quantity'),
        ({"lines": [{**LINE, "quantity": 1.5}]}, "field lines[1].quantity"),
        ({"lines": [{**LINE, "price": 1}]}, 'field lines[1]: unknown field "price"'),
        ({"lines": [LINE, {"title": ""}]}, "field lines[2].title: is empty"),
    ],
)
def test_bad_json_fields(cells: dict[str, Any], expected: str) -> None:
    assert expected in problems(json.dumps({**ROW, **cells}), "ndjson")[0]


def test_items_of_an_array_are_named_by_line() -> None:
    rows = [{**ROW, "order_id": n} for n in ("C1", "", "C3")]
    (problem,) = problems(json.dumps({"orders": [*rows, "x"]}, indent=2), "json")[:1]
    assert problem == "orders.json:13: field order_id: is empty"


def test_an_unknown_field_is_reported_once() -> None:
    rows = [{**ROW, "order_id": str(n), "stripeSession": 1} for n in range(3)]
    text = "\n".join(map(json.dumps, rows))
    assert len(problems(text, "ndjson")) == 1
    assert len(list(read(text, "ndjson", skip_bad=True).orders)) == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("[", 1),
        ("[\n{},\n]", 3),
        ("[{}]\n\nx", 3),
        ("[\n{} {}]", 2),
        ('{"a": 1}', 1),
        ('{"orders": {}}', 1),
        ('{"orders": [],}', 1),
        ("[NaN]", 1),
        ('[\n{"a": 1, "a": 2}]', 2),
        ("[" * 100_000, 1),
        ("[1" + "0" * 5000 + "]", 1),
        ("3", 1),
    ],
)
def test_malformed_json_names_its_line(text: str, line: int) -> None:
    assert problems(text, "json")[-1].startswith(f"orders.json:{line}: ")


@pytest.mark.parametrize("text", ["{", "[]", "{} {}", '{"a": 1, "a": 1}', "NaN", "[" * 100_000])
def test_a_malformed_line_does_not_stop_ndjson(text: str) -> None:
    content = f"{text}\n{json.dumps(ROW)}\n"
    file = read(content, "ndjson", skip_bad=True)
    assert len(list(file.orders)) == 1
    assert file.problems[0].startswith("orders.ndjson:1: ")
