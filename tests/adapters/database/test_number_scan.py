"""The scan of invoice numbers against a plain model of what a series is."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stakactl.adapters.database.numbers import MAX_GAPS
from stakactl.adapters.database.order_rows import order_values
from stakactl.adapters.database.store import Store
from stakactl.adapters.database.tables.invoices import invoices, number_series
from stakactl.adapters.database.tables.orders import orders
from stakactl.domain.numbering import Series
from stakactl.domain.reconciliation.numbers import MIN_SEQUENCE
from tests.builders import NOW, an_order
from tests.contracts.issuing import issue_for, order

NEW_YEAR = {2025: date(2025, 1, 1), 2026: date(2026, 1, 1)}

SERIES = st.sampled_from(["FACT", "TEST-FACT"])
PLACES = st.sets(st.tuples(SERIES, st.sampled_from([2025, 2026]), st.integers(1, 9)), max_size=14)
NUMBERS = st.lists(
    st.builds(
        lambda prefix, number, width: f"{prefix}{number:0{width}d}",
        st.sampled_from(["F-2026-", "F-2025-", "2026/", ""]),
        st.one_of(st.integers(1, 12), st.integers(10**6, 10**15)),
        st.sampled_from([1, 4]),
    ),
    max_size=20,
)
on_a_store = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def row(series: str, year: int, sequence: int, **values: Any) -> dict[str, Any]:
    """An invoice as a row; the scan reads no snapshot."""
    number = f"{series}-{year}-{sequence:06d}"
    return {
        "invoice_id": f"inv_{number}",
        "number": number,
        "series": series,
        "year": year,
        "sequence": sequence,
        "order_id": f"O-{number}",
        "customer_id": "u_1",
        "issued_at": NOW,
        "issued_on": NEW_YEAR[year] + timedelta(days=sequence),
        "live": True,
        "total_minor": 1,
        "currency": "eur",
        "snapshot": "{}",
        "search_text": "",
        "pdf_status": "stored",
        "object_key": number,
        "run_id": "run_1",
        **values,
    }


def fill(store: Store, rows: list[dict[str, Any]], **counters: tuple[int, int, date]) -> None:
    """Replace all invoices; counters stand at the last number unless said otherwise."""
    last = {r["series"]: r for r in sorted(rows, key=lambda r: (r["year"], r["sequence"]))}
    given = {s: (r["year"], r["sequence"], r["issued_on"]) for s, r in last.items()} | {
        name.replace("_", "-"): counter for name, counter in counters.items()
    }
    with store.database.write() as connection:
        connection.execute(invoices.delete())
        connection.execute(number_series.delete())
        if rows:
            connection.execute(invoices.insert(), rows)
        for series, (year, sequence, issued_on) in given.items():
            connection.execute(
                number_series.insert().values(
                    series=series, year=year, sequence=sequence, last_issued_on=issued_on
                )
            )


def application(store: Store, numbers: list[str]) -> None:
    """One order for each number, O-0 first."""
    rows = [
        order_values(an_order(order_id=f"O-{place:03d}", invoice_number=number))
        for place, number in enumerate(numbers)
    ]
    with store.database.write() as connection:
        connection.execute(orders.delete())
        if rows:
            connection.execute(orders.insert(), rows)


def ranges(missing: list[int]) -> Iterator[tuple[int, int]]:
    for number in missing:
        if number - 1 not in missing:
            last = number
            while last + 1 in missing:
                last += 1
            yield number, last


@on_a_store
@given(places=PLACES)
def test_gaps_of_ours_are_those_of_the_model(
    store: Store, places: set[tuple[str, int, int]]
) -> None:
    fill(store, [row(*place) for place in places])
    held: dict[tuple[str, int], set[int]] = defaultdict(set)
    for series, year, sequence in places:
        held[series, year].add(sequence)
    wanted = {
        (Series(series).number(year, first), Series(series).number(year, last))
        for (series, year), numbers in held.items()
        for first, last in ranges([n for n in range(1, max(numbers)) if n not in numbers])
    }
    found = list(store.number_scan.gaps())
    assert {(gap.first, gap.last) for gap in found} == wanted
    assert len(found) == len(wanted)
    assert list(store.number_scan.misplaced()) == []
    assert list(store.number_scan.shared()) == []


@on_a_store
@given(numbers=NUMBERS)
def test_gaps_and_doubles_of_an_application_are_those_of_the_model(
    store: Store, numbers: list[str]
) -> None:
    application(store, numbers)
    held: dict[str, dict[int, int]] = defaultdict(dict)
    for number in numbers:
        digits = number[len(number.rstrip("0123456789")) :]
        if len(digits) <= 9:
            held[number.rstrip("0123456789")][int(digits)] = len(digits)
    wanted = set()
    for prefix, found in held.items():
        span = range(min(found), max(found) + 1)
        if len(found) >= MIN_SEQUENCE and len(span) <= 2 * len(found):
            wanted |= {
                (prefix, first, last) for first, last in ranges([n for n in span if n not in found])
            }
    gaps = {
        (gap.series, int(gap.first[len(gap.series) :]), int(gap.last[len(gap.series) :]))
        for gap in store.number_scan.gaps()
    }
    assert gaps == wanted
    shared = {one.number: one.orders for one in store.number_scan.shared()}
    assert shared == {n: numbers.count(n) for n in numbers if numbers.count(n) > 1}


@on_a_store
@given(days=st.lists(st.integers(0, 30), min_size=1, max_size=8))
def test_dates_that_go_back_are_those_of_the_model(store: Store, days: list[int]) -> None:
    issued = [NEW_YEAR[2026] + timedelta(days=day) for day in days]
    rows = [row("FACT", 2026, n, issued_on=day) for n, day in enumerate(issued, start=1)]
    fill(store, rows, FACT=(2026, len(rows), max(issued)))
    found = [one.number for one in store.number_scan.misplaced()]
    wanted = [n for n in range(2, len(days) + 1) if days[n - 1] < days[n - 2]]
    assert found == [Series("FACT").number(2026, n) for n in wanted]


def test_what_the_invoice_book_issues_is_in_order(store: Store) -> None:
    for number in range(1, 6):
        issue_for(store.invoices, order(number))
    issue_for(store.invoices, order(6), today=date(2027, 1, 1))
    assert list(store.number_scan.gaps()) == []
    assert list(store.number_scan.misplaced()) == []
    assert list(store.number_scan.shared()) == []


def test_a_series_full_of_holes_is_told_in_one(store: Store) -> None:
    last = 2 * (MAX_GAPS + 5)
    fill(store, [row("FACT", 2026, n) for n in range(2, last + 1, 2)])
    application(store, [f"F-{n}" for n in range(2, last + 1, 2)])
    ours, theirs = store.number_scan.gaps()
    assert (ours.first, ours.count) == ("FACT-2026-000001", last // 2)
    assert (theirs.first, theirs.count) == ("F-3", last // 2 - 1)


def test_a_gap_says_what_stands_around_it_and_since_when(store: Store) -> None:
    later = NOW + timedelta(days=1)
    fill(store, [row("FACT", 2026, 1), row("FACT", 2026, 4, issued_at=later)])
    (gap,) = store.number_scan.gaps()
    assert (gap.first, gap.last, gap.count) == ("FACT-2026-000002", "FACT-2026-000003", 2)
    assert (gap.before, gap.after, gap.since) == ("FACT-2026-000001", "FACT-2026-000004", later)


@pytest.mark.parametrize("counter", [(2026, 5), (2027, 2)])
def test_numbers_that_the_counter_gave_and_nobody_bears(
    store: Store, counter: tuple[int, int]
) -> None:
    day = date(counter[0], 3, 1)
    fill(store, [row("FACT", 2026, n) for n in (1, 2, 3)], FACT=(*counter, day))
    (gap,) = store.number_scan.gaps()
    assert gap.last == Series("FACT").number(*counter)
    assert gap.count == 2
    assert gap.since == datetime(day.year, 3, 1, tzinfo=UTC)
    assert list(store.number_scan.misplaced()) == []


def test_a_counter_behind_its_last_number(store: Store) -> None:
    rows = [row("FACT", 2026, n) for n in (1, 2, 3)]
    for behind in ((2026, 2, date(2026, 1, 4)), (2025, 9, date(2025, 1, 1))):
        fill(store, rows, FACT=behind)
        (found,) = store.number_scan.misplaced()
        assert (found.series, found.number) == ("FACT", None)
        assert "FACT-2026-000003" in found.expected
    fill(store, rows, FACT=(2026, 3, date(2026, 1, 2)))
    assert [one.number for one in store.number_scan.misplaced()] == [None], "its date would go back"
    with store.database.write() as connection:
        connection.execute(number_series.delete())
    assert [one.seen for one in store.number_scan.misplaced()] == ["no counter"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "FACT-2026-000009"},
        {"number": "FACT-2025-000002"},
        {"number": "OTHER"},
        {"issued_on": date(2027, 1, 1)},
    ],
    ids=["sequence", "year", "anything", "date"],
)
def test_a_number_that_is_not_the_one_of_its_place(store: Store, wrong: dict[str, Any]) -> None:
    fill(
        store,
        [row("FACT", 2026, 1), row("FACT", 2026, 2, **wrong)],
        FACT=(2026, 2, date(2027, 1, 1)),
    )
    (found,) = store.number_scan.misplaced()
    assert found.number == wrong.get("number", "FACT-2026-000002")
    assert "FACT-2026-000002" in found.expected


def test_the_application_s_numbers_are_told_from_ours_and_stripe_s(store: Store) -> None:
    """Applications record our numbers too: those are no series of theirs, and no doubles."""
    fill(store, [row("FACT", 2026, n) for n in range(1, 9)])
    mine = [row("FACT", 2026, n)["order_id"] for n in range(1, 9)]
    rows = [
        order_values(an_order(order_id=name, invoice_number=f"FACT-2026-{n:06d}"))
        for n, name in enumerate(mine, start=1)
        if n not in (4, 5)
    ]
    with store.database.write() as connection:
        connection.execute(orders.insert(), rows)
    assert list(store.number_scan.gaps()) == []
    assert list(store.number_scan.shared()) == []
    stranger = order_values(an_order(order_id="X", invoice_number="FACT-2026-000004"))
    with store.database.write() as connection:
        connection.execute(orders.insert(), stranger)
    (shared,) = store.number_scan.shared()
    assert (shared.number, shared.first_order, shared.last_order) == (
        "FACT-2026-000004",
        mine[3],
        "X",
    )


def test_time_stamps_and_random_ids_are_no_sequence(store: Store) -> None:
    stamps = [f"FACT-2025-{1735689600000 + n * 86_400_000}" for n in range(10)]
    days = [f"F{20260101 + 100 * n}" for n in range(8)]
    few = ["A-1", "A-3", "A-5", "A-7"]
    application(store, [*stamps, *days, *few])
    assert list(store.number_scan.gaps()) == []
