"""Which orders may have a finding: SQL drops what agrees, so that Python sees the rest only.

Each doubt is one set-based query for orders, sessions or payments that are not provably in order;
what is doubtful about a session or a payment is doubtful about every order that records or names
it. The doubts together must cover whatever `domain/reconciliation` can find: an order too many
costs a tenth of a millisecond, one too few is a discrepancy missed. A contract test holds both
against each other.

Nothing here depends on the time of day: orders that only wait are doubtful as well.
"""

from collections.abc import Iterator

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    literal,
    select,
    union,
)

from stakactl.adapters.database.engine import Database
from stakactl.adapters.database.mirror.narrowing.links import LINK_DOUBTS
from stakactl.adapters.database.mirror.narrowing.money import MONEY_DOUBTS
from stakactl.adapters.database.mirror.narrowing.payments import PAYMENT_DOUBTS
from stakactl.adapters.database.mirror.narrowing.sql import About, Doubt
from stakactl.adapters.database.mirror.staging import pages, stage, staged
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import intents, sessions
from stakactl.domain.reconciliation import Context

DOUBTS: tuple[Doubt, ...] = (*LINK_DOUBTS, *PAYMENT_DOUBTS, *MONEY_DOUBTS)

#: What was found doubtful: a first run may doubt a million orders.
_doubtful = Table(
    "doubtful",
    MetaData(),
    Column("about", String, primary_key=True),
    Column("id", String, primary_key=True),
    prefixes=["TEMPORARY"],
)


def doubtful_order_ids(database: Database, context: Context, page: int) -> Iterator[list[str]]:
    """The ids of orders that may have a finding, page by page in their order."""
    with staged(database, _doubtful) as connection:
        for doubt in DOUBTS:
            _add(connection, doubt.about, doubt.query(connection, context))
        for about, query in _consequences():
            _add(connection, about, query)
        connection.commit()
        for rows in pages(connection, _about(About.ORDER), page):
            yield [row[0] for row in rows]


def _add(connection: Connection, about: About, query: Select[tuple[str]]) -> None:
    found = query.subquery()
    (name,) = found.c
    rows = select(literal(about.value), name).where(name.is_not(None)).distinct()
    stage(connection, _doubtful, rows)


def _consequences() -> Iterator[tuple[About, Select[tuple[str]]]]:
    """From payments to their sessions, from both to the orders that record or name them."""
    payments, known = _about(About.PAYMENT), _about(About.SESSION)
    yield (
        About.SESSION,
        select(sessions.c.id).where(sessions.c.payment_intent_id.in_(payments)),
    )
    yield (
        About.ORDER,
        select(orders.c.order_id).where(orders.c.stripe_payment_intent_id.in_(payments)),
    )
    yield (
        About.ORDER,
        select(intents.c.metadata_order_id).where(
            intents.c.id.in_(payments), intents.c.metadata_order_id.is_not(None)
        ),
    )
    yield (
        About.ORDER,
        select(orders.c.order_id).where(orders.c.stripe_session_id.in_(known)),
    )
    named = union(
        select(sessions.c.client_reference_id).where(sessions.c.id.in_(known)),
        select(sessions.c.metadata_order_id).where(sessions.c.id.in_(known)),
    ).subquery()
    yield About.ORDER, select(named.c[0])


def _about(about: About) -> Select[tuple[str]]:
    return select(_doubtful.c.id).where(_doubtful.c.about == about.value)
