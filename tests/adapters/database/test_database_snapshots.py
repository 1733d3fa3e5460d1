"""Frozen content survives the store exactly, and numbers follow their rules for any calendar."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stakactl.adapters.database.outbox import message_id
from stakactl.adapters.database.snapshots import from_json, to_json
from stakactl.adapters.database.store import Store
from stakactl.domain.invoicing import (
    Company,
    Credited,
    InvoiceLine,
    InvoiceSnapshot,
    Payment,
    ServicePeriod,
)
from stakactl.domain.mail import MailKind, NewMail
from stakactl.domain.money import Money
from stakactl.domain.numbering import Series
from stakactl.domain.orders import Address, Customer, Nature
from stakactl.domain.vat import VatSplit
from stakactl.errors import StoreOutdated
from tests.builders import an_order
from tests.contracts.issuing import TODAY, issue_for, snapshot_of

WORDS = st.text(max_size=20)
AMOUNTS = st.builds(Money, st.integers(-(2**62), 2**62), st.sampled_from(["eur", "jpy", "kwd"]))
RATES = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=0, max_value=30)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))])
ADDRESSES = st.builds(Address, WORDS, WORDS, WORDS, WORDS, WORDS)
SNAPSHOTS = st.builds(
    InvoiceSnapshot,
    number=WORDS,
    issued_on=st.dates(),
    supplied_on=st.dates(),
    order_id=WORDS,
    seller=st.builds(Company, WORDS, ADDRESSES, *[WORDS] * 8),
    buyer=st.builds(
        Customer,
        WORDS,
        WORDS,
        st.none() | WORDS,
        st.none() | WORDS,
        WORDS,
        WORDS,
        WORDS,
        ADDRESSES,
        WORDS,
    ),
    nature=st.sampled_from(Nature),
    lines=st.lists(
        st.builds(InvoiceLine, WORDS, st.integers(), AMOUNTS, AMOUNTS, AMOUNTS, RATES), max_size=3
    ).map(tuple),
    vat=st.lists(st.builds(VatSplit, RATES, AMOUNTS, AMOUNTS), max_size=3).map(tuple),
    total_net=AMOUNTS,
    total_vat=AMOUNTS,
    total=AMOUNTS,
    payment=st.none() | st.builds(Payment, st.datetimes(timezones=ZONES), WORDS, WORDS),
    legal_mentions=st.lists(WORDS, max_size=3).map(tuple),
    locale=WORDS,
    specimen=st.booleans(),
    credited=st.none() | st.builds(Credited, WORDS, st.dates(), WORDS),
    reference=st.just("") | WORDS,
    period=st.none() | st.builds(ServicePeriod, st.dates(), st.dates()),
    due_on=st.none() | st.dates(),
)


@given(SNAPSHOTS)
def test_a_snapshot_comes_back_exactly(snapshot: InvoiceSnapshot) -> None:
    again = from_json(to_json(snapshot))
    assert again == snapshot
    assert repr(again.lines) == repr(snapshot.lines)  # 20.0 stays 20.0


def test_a_snapshot_of_an_unknown_format_is_refused() -> None:
    data = json.loads(to_json(snapshot_of(an_order(), "FACT-2026-000001", TODAY)))
    with pytest.raises(StoreOutdated, match="FACT-2026-000001"):
        from_json(json.dumps({**data, "format": 4}))


@pytest.fixture(scope="module")
def long_store(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("numbers") / "stakactl.db"
    shutil.copyfile(sqlite_template, path)
    store = Store.open(f"sqlite:///{path}")
    yield store
    store.close()


ORDER_NUMBERS = count()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.dates(date(2026, 12, 25), date(2027, 1, 5)), min_size=1, max_size=8))
def test_numbers_and_dates_only_grow(long_store: Store, days: list[date]) -> None:
    series = Series(f"S{next(ORDER_NUMBERS)}")
    issued = [
        issue_for(
            long_store.invoices,
            an_order(order_id=f"A-{next(ORDER_NUMBERS)}"),
            today=day,
            series=series,
        )
        for day in days
    ]
    dates = [invoice.snapshot.issued_on for invoice in issued]
    assert dates == [max(days[: index + 1]) for index in range(len(days))]
    for year in (2026, 2027):
        numbers = [invoice.number for invoice in issued if invoice.snapshot.issued_on.year == year]
        assert numbers == [series.number(year, index + 1) for index in range(len(numbers))]


def test_times_and_rates_come_back_exactly(store: Store) -> None:
    precise = an_order(
        created_at=datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=UTC),
        paid_at=datetime(2026, 10, 25, 3, 30, tzinfo=timezone(timedelta(hours=2))),
        vat_rate=Decimal("5.50"),
    )
    store.orders.import_orders([precise])
    found = store.orders.get("A-1")
    assert found == precise
    assert found is not None
    assert found.created_at.tzinfo is UTC
    assert str(found.vat_rate) == "5.50"


def test_a_time_without_zone_is_a_bug(store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.runs.start("run_1", "sync", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_message_id_is_the_same_for_ever() -> None:
    mail = NewMail(MailKind.INVOICE, "inv_1", "lea.martin@example.com")
    expected = "<bb2864a1934a23f435eac16c45b3f0793266dccb@stakactl.invalid>"
    assert message_id(mail, "store") == expected
    assert message_id(mail, "another") != expected
