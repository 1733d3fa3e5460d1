"""Whatever orders hold, writing them to a file and reading it gives the same orders."""

import contextlib
import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stakactl.adapters.orders import FileFormat, read_orders
from stakactl.adapters.orders.fields import clean
from stakactl.adapters.orders.parsing import COLUMNS
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature, Order, OrderLine, OrderStatus
from stakactl.errors import ImportRejected

raw_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
optional_text = raw_text.map(clean)
required_text = raw_text.map(clean).filter(bool)
word = st.text(st.sampled_from("abcXYZ019_"), min_size=1, max_size=12)
times = st.datetimes(datetime(2000, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
rates = st.none() | st.sampled_from([Decimal(r) for r in ("0", "0.9", "5.5", "20", "100")])


addresses = st.builds(
    Address,
    optional_text,
    optional_text,
    optional_text,
    optional_text,
    st.sampled_from(["", "FR", "XK", "JP"]),
)


@st.composite
def customers(draw: st.DrawFn) -> Customer:
    return Customer(
        email=draw(word) + "@" + draw(word),
        name=draw(required_text),
        customer_id=draw(optional_text) or None,
        stripe_customer_id=draw(st.none() | word.map("cus_{}".format)),
        company=draw(optional_text),
        siren=draw(st.just("") | st.integers(0, 999_999_999).map("{:09d}".format)),
        vat_number=draw(st.just("") | st.just("FR44732829320")),
        address=draw(addresses),
        locale=draw(st.sampled_from(["fr", "en"])),
    )


@st.composite
def orders(draw: st.DrawFn, with_lines: bool) -> Order:
    currency = draw(st.sampled_from(["eur", "usd", "jpy", "kwd"]))
    minor = draw(st.integers(0, 999_999_999_999))
    line = st.builds(
        OrderLine,
        required_text,
        st.integers(1, 1_000_000),
        st.integers(0, 999_999).map(lambda amount: Money(amount, currency)),
        rates,
    )
    return Order(
        order_id=draw(required_text),
        created_at=draw(times),
        status=draw(st.sampled_from(OrderStatus)),
        amount=Money(minor, currency),
        title=draw(required_text),
        customer=draw(customers()),
        lines=tuple(draw(st.lists(line, max_size=3))) if with_lines else (),
        stripe_session_id=draw(st.none() | word.map("cs_{}".format)),
        stripe_payment_intent_id=draw(st.none() | word.map("pi_{}".format)),
        vat_rate=draw(rates),
        nature=draw(st.sampled_from(Nature)),
        level=draw(optional_text),
        paid_at=draw(st.none() | times),
        updated_at=draw(st.none() | times),
        due_at=draw(st.none() | times),
        invoice_number=draw(optional_text) or None,
        refunded=draw(st.none() | st.integers(0, minor).map(lambda m: Money(m, currency))),
    )


def many(with_lines: bool) -> st.SearchStrategy[list[Order]]:
    return st.lists(orders(with_lines), max_size=4, unique_by=lambda order: order.order_id)


def as_row(order: Order) -> dict[str, Any]:
    customer, address = order.customer, order.customer.address

    def time(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "order_id": order.order_id,
        "created_at": time(order.created_at),
        "status": order.status.value,
        "amount_minor": order.amount.minor,
        "currency": order.amount.currency,
        "title": order.title,
        "customer_email": customer.email,
        "customer_name": customer.name,
        "customer_id": customer.customer_id,
        "customer_company": customer.company,
        "customer_siren": customer.siren,
        "customer_vat_number": customer.vat_number,
        "address_line1": address.line1,
        "address_line2": address.line2,
        "postal_code": address.postal_code,
        "city": address.city,
        "country": address.country,
        "locale": customer.locale,
        "stripe_session_id": order.stripe_session_id,
        "stripe_payment_intent_id": order.stripe_payment_intent_id,
        "stripe_customer_id": customer.stripe_customer_id,
        "vat_rate": None if order.vat_rate is None else str(order.vat_rate),
        "nature": order.nature.value,
        "level": order.level,
        "paid_at": time(order.paid_at),
        "updated_at": time(order.updated_at),
        "due_at": time(order.due_at),
        "invoice_number": order.invoice_number,
        "refunded_minor": None if order.refunded is None else order.refunded.minor,
    }


def read(text: str, file_format: FileFormat) -> list[Order]:
    return list(read_orders(io.BytesIO(text.encode()), file_format=file_format).orders)


def to_csv(rows: Sequence[Order], columns: Sequence[str], delimiter: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(as_row(order) for order in rows)
    return out.getvalue()


def test_the_rows_of_these_tests_have_every_column() -> None:
    order = Order(
        "1",
        datetime(2026, 1, 1, tzinfo=UTC),
        OrderStatus.PAID,
        Money(1, "eur"),
        "t",
        Customer("a@b", "n"),
    )
    assert set(as_row(order)) == set(COLUMNS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(many(with_lines=False), st.permutations(COLUMNS), st.sampled_from(",;"))
def test_csv_gives_the_same_orders(
    written: list[Order], columns: list[str], delimiter: str
) -> None:
    text = to_csv(written, columns, delimiter)
    assert read(text, FileFormat.CSV) == written
    assert read("\ufeff" + text, FileFormat.AUTO) == written


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(many(with_lines=True), st.booleans())
def test_json_gives_the_same_orders(written: list[Order], ascii_only: bool) -> None:
    rows = [
        {
            **as_row(order),
            "lines": [
                {
                    "title": line.title,
                    "quantity": line.quantity,
                    "unit_amount_minor": line.unit_amount.minor,
                    "vat_rate": None if line.vat_rate is None else str(line.vat_rate),
                }
                for line in order.lines
            ],
        }
        for order in written
    ]
    ndjson = "".join(json.dumps(row, ensure_ascii=ascii_only) + "\n" for row in rows)
    assert read(json.dumps(rows, ensure_ascii=ascii_only, indent=1), FileFormat.JSON) == written
    assert read(ndjson, FileFormat.NDJSON) == written


@settings(deadline=None)
@given(st.text(max_size=60))
def test_clean_text_stays_clean(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode()
    assert all(character.isprintable() or ord(character) > 0x9F for character in once)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(FileFormat))
def test_no_bytes_break_the_reader(data: bytes, file_format: FileFormat) -> None:
    with contextlib.suppress(ImportRejected):
        read_orders(io.BytesIO(data), file_format, skip_bad=True)
