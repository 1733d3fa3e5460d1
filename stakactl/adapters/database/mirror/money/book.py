"""`MoneyBook` on the mirror: SQL narrows to what differs, so that memory stays flat.

What payouts contain is here, the queries over the whole record are in `bookings`, the sums of the
bridge in `balances`.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, exists, func, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.columns import UtcTime
from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.money import balances, bookings
from stakactl.adapters.database.mirror.money.periods import within
from stakactl.adapters.database.mirror.rows import BALANCE_TRANSACTIONS, PAYOUTS
from stakactl.adapters.database.tables.stripe import balance_transactions, events, payouts
from stakactl.domain.bridge import KnownBalance, Movement, Presentment
from stakactl.domain.money import Money
from stakactl.domain.reconciliation.balance import Booking, UnknownCategory
from stakactl.domain.reconciliation.payouts import PayoutContents, PayoutSum, ReturnedPayout
from stakactl.domain.stripe_objects import Charge, Payout

Thing = TypeVar("Thing")
_PAGE = 1000
_RETURNED = ("failed", "canceled")


class SqlMoneyBook:
    """`page` is how many rows are fetched at a time."""

    def __init__(self, database: Database, page: int = _PAGE) -> None:
        self._database = database
        self._page = page

    # payouts

    def to_itemise(self) -> list[str]:
        unknown = and_(payouts.c.automatic, payouts.c.status == "paid", ~payouts.c.itemised)
        wanted = or_(unknown, payouts.c.id.in_(select(_differing().subquery().c.id)))
        query = select(payouts.c.id).where(wanted).order_by(payouts.c.created_at, payouts.c.id)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def itemise(self, payout_id: str, transaction_ids: Sequence[str]) -> None:
        money = balance_transactions.c
        own = select(payouts.c.balance_transaction_id).where(payouts.c.id == payout_id)
        with self._database.write() as connection:
            forget = balance_transactions.update().where(money.payout_id == payout_id)
            connection.execute(forget.values(payout_id=None))
            contained = and_(
                among(connection, money.id, transaction_ids),
                money.id != func.coalesce(own.scalar_subquery(), ""),
                func.coalesce(money.source_id, "") != payout_id,
            )
            connection.execute(
                balance_transactions.update().where(contained).values(payout_id=payout_id)
            )
            done = payouts.update().where(payouts.c.id == payout_id)
            connection.execute(done.values(itemised=True))

    def payout(self, payout_id: str) -> PayoutContents | None:
        found = select(*PAYOUTS.columns, payouts.c.itemised).where(payouts.c.id == payout_id)
        money = balance_transactions.c
        contents = (
            select(*BALANCE_TRANSACTIONS.columns)
            .where(money.payout_id == payout_id)
            .order_by(money.created_at, money.id)
        )
        with self._database.read() as connection:
            row = connection.execute(found).first()
            if row is None:
                return None
            transactions = tuple(map(BALANCE_TRANSACTIONS.build, connection.execute(contents)))
        return PayoutContents(PAYOUTS.build(row), row.itemised, transactions)

    def differing_payouts(self) -> Iterator[PayoutSum]:
        yield from self._stream(_differing(), _payout_sum)

    def returned_payouts(self) -> Iterator[ReturnedPayout]:
        money = balance_transactions.c
        back = (
            select(func.min(money.created_at))
            .where(money.id == payouts.c.failure_balance_transaction_id)
            .scalar_subquery()
        )
        told = (
            select(func.min(events.c.created_at))
            .where(
                events.c.object_id == payouts.c.id,
                events.c.type.in_([f"payout.{status}" for status in _RETURNED]),
            )
            .scalar_subquery()
        )
        was_paid = or_(
            payouts.c.itemised,
            exists().where(events.c.object_id == payouts.c.id, events.c.type == "payout.paid"),
        )
        returned_at = func.coalesce(back, told, payouts.c.arrival_at, type_=UtcTime())
        query = (
            select(*PAYOUTS.columns, was_paid.label("was_paid"), returned_at.label("returned_at"))
            .where(payouts.c.status.in_(_RETURNED))
            .order_by(payouts.c.created_at, payouts.c.id)
        )
        yield from self._stream(
            query,
            lambda row: ReturnedPayout(PAYOUTS.build(row), bool(row.was_paid), row.returned_at),
        )

    def manual_payouts(self, since: datetime | None, until: datetime | None) -> Iterator[Payout]:
        query = (
            select(*PAYOUTS.columns)
            .where(
                ~payouts.c.automatic,
                payouts.c.status.not_in(_RETURNED),
                *within(payouts.c.created_at, since, until),
            )
            .order_by(payouts.c.created_at, payouts.c.id)
        )
        yield from self._stream(query, PAYOUTS.build)

    # the record

    def charges_without_money(self) -> Iterator[Charge]:
        with self._database.read() as connection:
            yield from bookings.charges_without_money(connection, self._page)

    def misbooked(self) -> Iterator[Booking]:
        with self._database.read() as connection:
            yield from bookings.misbooked_charges(connection, self._page)
            yield from bookings.misbooked_refunds(connection, self._page)

    def unknown_categories(
        self, known: Sequence[str], since: datetime | None, until: datetime | None
    ) -> list[UnknownCategory]:
        with self._database.read() as connection:
            return bookings.unknown_categories(connection, known, since, until)

    # the bridge

    def total(self) -> tuple[Money, ...]:
        with self._database.read() as connection:
            sums = balances.total(connection)
        return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))

    def observe(self, amounts: Sequence[Money], at: datetime) -> None:
        with self._database.write() as connection:
            balances.observe(connection, amounts, at)

    def balances(self) -> list[KnownBalance]:
        with self._database.read() as connection:
            return balances.known(connection)

    def movements(
        self, since: datetime | None, until: datetime | None, through: datetime
    ) -> list[Movement]:
        with self._database.read() as connection:
            return balances.movements(connection, since, until, through)

    def presentments(
        self, since: datetime | None, until: datetime | None, through: datetime
    ) -> list[Presentment]:
        with self._database.read() as connection:
            return balances.presentments(connection, since, until, through)

    def _stream(self, query: Select[Any], build: Callable[[Any], Thing]) -> Iterator[Thing]:
        """Few rows at a time, in one reading transaction."""
        with self._database.read() as connection:
            streaming = connection.execution_options(yield_per=self._page)
            for row in streaming.execute(query):
                yield build(row)


def _differing() -> Select[Any]:
    """Itemised payouts, with the sum of their transactions where it is not theirs.

    The sums come from an index alone: a million transactions are added up in its order.
    """
    money = balance_transactions.c
    sums = (
        select(
            money.payout_id,
            func.sum(money.net_minor).label("net"),
            func.count().label("rows"),
        )
        .where(money.payout_id.is_not(None))
        .group_by(money.payout_id)
        .subquery()
    )
    total = func.coalesce(sums.c.net, 0)
    return (
        select(
            *PAYOUTS.columns,
            total.label("net"),
            func.coalesce(sums.c["rows"], 0).label("transactions"),
        )
        .join_from(payouts, sums, sums.c.payout_id == payouts.c.id, isouter=True)
        .where(payouts.c.itemised, total != payouts.c.amount_minor)
        .order_by(payouts.c.created_at, payouts.c.id)
    )


def _payout_sum(row: Any) -> PayoutSum:
    payout = PAYOUTS.build(row)
    return PayoutSum(payout, Money(int(row.net), payout.amount.currency), row.transactions)
