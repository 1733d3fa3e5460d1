"""Small worlds of sales around the days that calendars are strange on, and what they add up to.

`expected` knows nothing of the code under test: it walks the list of sales, finds the civil date
with zoneinfo and rounds with Decimal.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from stakactl.adapters.database.store import Store
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Order, OrderLine
from stakactl.domain.stripe_objects import StripeObject
from tests.builders import (
    a_charge,
    a_customer,
    a_dispute,
    a_refund,
    a_session,
    a_transaction,
    an_intent,
    an_order,
)

PARIS = ZoneInfo("Europe/Paris")
#: Both changes of the clock, the leap day and its neighbours, two ends of a year.
STRANGE = [
    datetime(2024, 2, 28, 22, 59, 59, tzinfo=UTC),
    datetime(2024, 2, 28, 23, 0, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 0, tzinfo=UTC),
    datetime(2024, 3, 30, 23, 0, tzinfo=UTC),
    datetime(2024, 3, 31, 0, 59, tzinfo=UTC),
    datetime(2024, 3, 31, 21, 59, tzinfo=UTC),
    datetime(2024, 3, 31, 22, 0, tzinfo=UTC),
    datetime(2024, 10, 26, 21, 59, tzinfo=UTC),
    datetime(2024, 10, 27, 22, 59, tzinfo=UTC),
    datetime(2024, 10, 27, 23, 0, tzinfo=UTC),
    datetime(2024, 12, 31, 22, 59, tzinfo=UTC),
    datetime(2024, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2025, 1, 1, 0, 0, tzinfo=UTC),
]
LINKS = ("payment", "session", "client", "metadata", "intent", "none")
CITIES = ("Paris", "PARIS", " Épiais-Rhus ", "", "東京")
#: What the figures of a day are told in here.
COLUMNS = ("payments", "gross", "refunds", "disputes", "fees", "vat", "vat_unknown")
Sums = dict[str, int]


@dataclass(frozen=True)
class Sold:
    """One sale with what became of it. `rates`: of lines (None: the order states none)."""

    number: int
    at: datetime
    currency: str
    lines: tuple[tuple[int, Decimal | None], ...]
    link: str
    city: str
    level: str
    refunds: tuple[tuple[int, timedelta], ...]
    disputed: timedelta | None
    fee: int

    @property
    def amount(self) -> int:
        return sum(minor for minor, _ in self.lines)

    @property
    def attributed(self) -> bool:
        return self.link != "none"

    @property
    def order(self) -> Order:
        n, charged = self.number, Money(self.amount, self.currency)
        several = len(self.lines) > 1
        return an_order(
            order_id=f"A-{n}",
            created_at=self.at,
            paid_at=self.at,
            amount=charged,
            title=f"Book {n % 3}",
            level=self.level,
            customer=a_customer(address=Address(city=self.city, country="FR")),
            vat_rate=None if several else self.lines[0][1],
            lines=tuple(
                OrderLine(f"Line {place}", 1, Money(minor, self.currency), rate)
                for place, (minor, rate) in enumerate(self.lines)
            )
            if several
            else (),
            stripe_session_id=f"cs_live_{n}" if self.link == "session" else None,
            stripe_payment_intent_id=f"pi_{n}" if self.link == "payment" else None,
        )

    @property
    def objects(self) -> list[StripeObject]:
        n = self.number

        def money(minor: int) -> Money:
            return Money(minor, self.currency)

        found: list[StripeObject] = [
            a_session(
                id=f"cs_live_{n}",
                payment_intent_id=f"pi_{n}",
                amount_total=money(self.amount),
                customer_country=None,
                client_reference_id=f"A-{n}" if self.link == "client" else None,
                metadata_order_id=f"A-{n}" if self.link == "metadata" else None,
            ),
            an_intent(
                id=f"pi_{n}",
                amount=money(self.amount),
                metadata_order_id=f"A-{n}" if self.link == "intent" else None,
            ),
            a_charge(id=f"ch_{n}", payment_intent_id=f"pi_{n}", amount=money(self.amount)),
            a_transaction(
                id=f"txn_{n}",
                created_at=self.at,
                amount=money(self.amount),
                fee=money(self.fee),
                source_id=f"ch_{n}",
            ),
        ]
        for place, (minor, later) in enumerate(self.refunds):
            key = f"re_{n}_{place}"
            own = f"pi_{n}" if place % 2 else None  # old refunds name their charge alone
            found += [
                a_refund(id=key, amount=money(minor), charge_id=f"ch_{n}", payment_intent_id=own),
                a_transaction(
                    id=f"txn_{key}",
                    created_at=self.at + later,
                    amount=money(-minor),
                    reporting_category="refund",
                    source_id=key,
                ),
            ]
        if self.disputed is not None:
            found += [
                a_dispute(id=f"du_{n}", amount=money(self.amount), charge_id=f"ch_{n}"),
                a_transaction(
                    id=f"txn_du_{n}",
                    created_at=self.at + self.disputed,
                    amount=money(-self.amount),
                    fee=money(2000),
                    reporting_category="dispute",
                    source_id=f"du_{n}",
                ),
            ]
        return found


_LATER = st.timedeltas(timedelta(0), timedelta(days=40))
_RATES = st.sampled_from([None, Decimal(20), Decimal("5.5"), Decimal("2.1"), Decimal(0)])


@st.composite
def sold(draw: st.DrawFn, number: int) -> Sold:
    lines = draw(st.lists(st.tuples(st.integers(1, 99_999), _RATES), min_size=1, max_size=3))
    amount = sum(minor for minor, _ in lines)
    first = draw(st.none() | st.integers(1, amount))
    rest = amount - (first or 0)
    parts = [part for part in (first, rest if draw(st.booleans()) else 0) if part]
    return Sold(
        number,
        draw(st.sampled_from(STRANGE)) + draw(st.timedeltas(timedelta(0), timedelta(minutes=2))),
        draw(st.sampled_from(["eur", "jpy", "kwd"])),
        tuple(lines),
        draw(st.sampled_from(LINKS)),
        draw(st.sampled_from(CITIES)),
        draw(st.sampled_from(["", "Simple"])),
        tuple((part, draw(_LATER)) for part in parts),
        draw(st.none() | _LATER),
        draw(st.integers(0, 300)),
    )


@st.composite
def sales(draw: st.DrawFn) -> list[Sold]:
    return [draw(sold(number)) for number in range(draw(st.integers(1, 6)))]


def expected(world: Iterable[Sold]) -> dict[tuple[date, str], Sums]:
    """By civil date in Paris and currency."""
    days: dict[tuple[date, str], Sums] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for one in world:
        day = days[one.at.astimezone(PARIS).date(), one.currency]
        day["payments"] += 1
        day["gross"] += one.amount
        day["fees"] += one.fee
        _tax(day, one, one.amount, 1)
        for minor, later in one.refunds:
            day = days[(one.at + later).astimezone(PARIS).date(), one.currency]
            day["refunds"] += minor
            _tax(day, one, minor, -1)
        if one.disputed is not None:
            day = days[(one.at + one.disputed).astimezone(PARIS).date(), one.currency]
            day["disputes"] += one.amount
            day["fees"] += 2000
    return dict(days)


def _tax(day: Sums, one: Sold, minor: int, sign: int) -> None:
    vat = vat_in(one, minor) if one.attributed else None
    day["vat_unknown" if vat is None else "vat"] += sign * (minor if vat is None else vat)


def vat_in(one: Sold, minor: int) -> int | None:
    """The whole sale is rounded rate by rate, a part of it once."""
    gross: dict[Decimal, int] = defaultdict(int)
    for amount, rate in one.lines:
        if rate is None:
            return None
        gross[rate] += amount
    exact = {rate: Decimal(amount) * rate / (100 + rate) for rate, amount in gross.items()}
    if minor == one.amount:
        return sum(_rounded(vat, one.currency) for vat in exact.values())
    return _rounded(sum(exact.values(), Decimal(0)) * minor / one.amount, one.currency)


def _rounded(value: Decimal, currency: str) -> int:
    """Dinars to two of their three decimals."""
    step = 10 if currency == "kwd" else 1
    return int((value / step).quantize(Decimal(1), ROUND_HALF_UP)) * step


def told(store: Store, since: date, until: date) -> dict[tuple[date, str], Sums]:
    """What the book tells of the same days."""
    from stakactl.operations.ports import RevenueQuestion

    answer = store.figures.revenue(RevenueQuestion(since, until, None, 100))
    return {
        (one.day, one.currency): {name: getattr(one.figures, name) for name in COLUMNS}
        for one in answer.days
    }
