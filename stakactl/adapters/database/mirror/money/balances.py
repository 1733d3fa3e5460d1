"""The sums that the bridge is made of, and Stripe's own balance that it must meet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Subquery,
    Table,
    and_,
    case,
    except_,
    func,
    literal,
    select,
)

from stakactl.adapters.database.bulk import upsert
from stakactl.adapters.database.mirror.money.periods import within
from stakactl.adapters.database.tables.stripe import (
    balance_transactions,
    balances,
    charges,
    refunds,
)
from stakactl.domain.bridge import KnownBalance, Movement, Presentment, Stretch
from stakactl.domain.money import Money

_money = balance_transactions.c
#: /v1/balance tells of this one only.
_PAYMENTS = _money.balance_type == "payments"

#: What is presented: a column, a category, the sign of the object's own amount, its table.
_PRESENTED = (
    (0, "charge", 1, charges),
    (1, "refund", 1, refunds),
    (1, "refund_failure", -1, refunds),
)


def total(connection: Connection) -> dict[str, int]:
    query = (
        select(_money.currency, func.sum(_money.amount_minor - _money.fee_minor))
        .where(_PAYMENTS)
        .group_by(_money.currency)
    )
    return {currency: int(minor) for currency, minor in connection.execute(query)}


def observe(connection: Connection, amounts: Sequence[Money], at: datetime) -> None:
    """A residual keeps the moment since when it stands."""
    before = {balance.amount.currency: balance for balance in known(connection)}
    sums = total(connection)
    through = connection.execute(select(func.max(_money.created_at))).scalar() or at
    held = {amount.currency: amount.minor for amount in amounts}
    rows = []
    for currency in sorted(before.keys() | sums.keys() | held.keys()):
        last = before.get(currency)
        differs = held.get(currency, 0) != sums.get(currency, 0)
        rows.append(
            {
                "currency": currency,
                "amount_minor": held.get(currency, 0),
                "observed_at": at,
                "through": through,
                "residual_since": _stands_since(last, at) if differs else None,
            }
        )
    upsert(connection, balances, rows)


def _stands_since(last: KnownBalance | None, at: datetime) -> datetime:
    return at if last is None or last.residual_since is None else last.residual_since


def known(connection: Connection) -> list[KnownBalance]:
    query = select(balances).order_by(balances.c.currency)
    return [
        KnownBalance(
            Money(row.amount_minor, row.currency), row.observed_at, row.through, row.residual_since
        )
        for row in connection.execute(query)
    ]


def movements(
    connection: Connection, since: datetime | None, until: datetime | None, through: datetime
) -> list[Movement]:
    """One scan; a row counts in the stretch that its `created` lies in."""
    stretches = []
    if since is not None:
        stretches.append((_money.created_at < since, Stretch.BEFORE.value))
    if until is not None:
        stretches.append((_money.created_at >= until, Stretch.AFTER.value))
    stretch: Any = literal(Stretch.WITHIN.value)
    if stretches:
        stretch = case(*stretches, else_=Stretch.WITHIN.value)
    rows = (
        select(
            stretch.label("stretch"),
            _money.currency,
            _money.reporting_category,
            _money.amount_minor,
            _money.fee_minor,
        )
        .where(_PAYMENTS, _money.created_at <= through)
        .subquery()
    )
    key = (rows.c.stretch, rows.c.currency, rows.c.reporting_category)
    query = (
        select(*key, func.sum(rows.c.amount_minor), func.sum(rows.c.fee_minor))
        .group_by(*key)
        .order_by(*key)
    )
    return [
        Movement(Stretch(name), currency, category, int(amount), int(fee))
        for name, currency, category, amount, fee in connection.execute(query)
    ]


def presentments(
    connection: Connection, since: datetime | None, until: datetime | None, through: datetime
) -> list[Presentment]:
    """By settlement and presentment currency, where the two differ."""
    sums: dict[tuple[str, str], list[int]] = {}
    for column, category, sign, table in _PRESENTED:
        abroad = _settled_otherwise(category, table)
        query = (
            select(
                _money.currency,
                table.c.currency,
                func.sum(table.c.amount_minor),
                func.sum(_money.amount_minor),
            )
            .join_from(abroad, balance_transactions, _money.source_id == abroad.c.source_id)
            .join(table, table.c.id == abroad.c.source_id)
            .where(
                and_(_PAYMENTS, _money.reporting_category == category),
                _money.currency != table.c.currency,
                _money.created_at <= through,
                *within(_money.created_at, since, until),
            )
            .group_by(_money.currency, table.c.currency)
        )
        for settled, presented, amount, booked in connection.execute(query):
            row = sums.setdefault((settled, presented), [0, 0, 0, 0])
            row[column] += sign * int(amount)
            row[column + 2] += -int(booked) if table is refunds else int(booked)
    return [
        Presentment(
            Money(gross, presented),
            Money(refunded, presented),
            Money(settled_gross, settled),
            Money(settled_refunds, settled),
        )
        for (settled, presented), (gross, refunded, settled_gross, settled_refunds) in sorted(
            sums.items()
        )
    ]


def _settled_otherwise(category: str, table: Table) -> Subquery:
    """What has no object of its own currency: two indexes in one order, subtracted. Few are left
    to be looked up where most is sold in the currency that it is settled in."""
    booked = (_money.source_id, _money.currency)
    of_category = and_(_money.reporting_category == category, _money.source_id.is_not(None))
    apart = except_(select(*booked).where(of_category), select(table.c.id, table.c.currency))
    return apart.order_by(*booked).subquery()
