"""The three documents that are claims, as queries and as rows made into values.

Each query is walked by (due date, id), page after page, on an index of what has a due date. SQLite
keeps no statistics here and would rather look up a single value, such as "credits no invoice",
although that is so of nearly all: `_unindexed` keeps it from doing so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from stakactl.adapters.database.mirror.rows import STRIPE_INVOICES
from stakactl.adapters.database.snapshots import from_json
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import customers, stripe_invoices
from stakactl.domain.money import Money
from stakactl.domain.orders import OrderStatus
from stakactl.domain.receivables import (
    Blocked,
    Obstacle,
    Receivable,
    Source,
    stripe_invoice_closed,
)


def _unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column of text that is compared and never searched by; "" for NULL."""
    return func.coalesce(column, "")


_notes = invoices.alias("credit_notes")
_CREDITED = (
    select(func.coalesce(func.sum(_notes.c.total_minor), 0))
    .where(_notes.c.credits_id == invoices.c.invoice_id)
    .scalar_subquery()
    .label("credited_minor")
)
_UNPAID = (OrderStatus.PENDING.value, OrderStatus.FAILED.value)
_STRIPE_COLUMNS = STRIPE_INVOICES.columns


@dataclass(frozen=True, slots=True)
class Claims:
    """One kind of document: everything with a due date, what of it is not recorded as paid, the
    two columns that it is walked by, and how a row becomes a claim."""

    source: Source
    query: Select[Any]
    unpaid: tuple[ColumnElement[bool], ...]
    due_at: ColumnElement[Any]
    subject_id: ColumnElement[Any]
    build: Callable[[Any], Receivable]


def _invoice(row: Any) -> Receivable:
    """The order of an invoice may be unknown here: an invoice outlives it."""
    snapshot = from_json(row.snapshot)
    buyer, credited = snapshot.buyer, int(row.credited_minor)
    return Receivable(
        Source.INVOICE,
        row.invoice_id,
        row.number,
        row.order_id or None,
        snapshot.total,
        Money(snapshot.total.minor - credited, snapshot.total.currency),
        row.due_at,
        buyer.email,
        buyer.name or buyer.company,
        buyer.locale,
        buyer.is_business,
        _closed(row),
        credited,
    )


def _closed(row: Any) -> Blocked | None:
    if row.cancelled_at is not None:
        return Blocked(Obstacle.GIVEN_UP, "the invoice is cancelled")
    if row.paid_at is not None:
        return Blocked(Obstacle.PAID, f"paid on {row.paid_at:%Y-%m-%d}")
    return None


def _stripe_invoice(row: Any) -> Receivable:
    found = STRIPE_INVOICES.build(row)
    left = Money(found.total.minor - found.amount_paid_minor, found.total.currency)
    return Receivable(
        Source.STRIPE_INVOICE,
        found.id,
        found.number or found.id,
        found.metadata_order_id,
        found.total,
        left,
        row.due_at,
        row.email or "",
        row.name or "",
        "fr" if (row.country or "FR") in _FRENCH_SPEAKING else "en",
        is_business=False,
        closed=stripe_invoice_closed(found),
    )


#: Where a customer is written to in French who has told no language.
_FRENCH_SPEAKING = frozenset("FR BE CH LU MC GP MQ GF RE YT PM NC PF WF".split())


def _order(row: Any) -> Receivable:
    amount = Money(row.amount_minor, row.currency)
    return Receivable(
        Source.ORDER,
        row.order_id,
        row.invoice_number or row.order_id,
        row.order_id,
        amount,
        amount,
        row.due_at,
        row.customer_email,
        row.customer_name or row.company,
        row.locale,
        bool(row.company or row.siren or row.vat_number),
    )


_o, _i, _s = orders.c, invoices.c, stripe_invoices.c
CLAIMS: Mapping[Source, Claims] = {
    claims.source: claims
    for claims in (
        Claims(
            Source.INVOICE,
            select(
                _i.invoice_id, _i.number, _i.order_id, _i.due_at, _i.paid_at, _i.cancelled_at,
                _i.snapshot, _CREDITED,
            ).where(_i.due_at.is_not(None), _unindexed(_i.credits_id) == ""),
            (_i.paid_at.is_(None), _i.cancelled_at.is_(None)),
            _i.due_at,
            _i.invoice_id,
            _invoice,
        ),
        Claims(
            Source.STRIPE_INVOICE,
            # Stripe gives a due date to invoices that are sent, none to those it charges itself.
            select(*_STRIPE_COLUMNS, customers.c.email, customers.c.name, customers.c.country)
            .select_from(
                stripe_invoices.outerjoin(customers, customers.c.id == _s.customer_id)
            )
            .where(_s.due_at.is_not(None)),
            (_s.unsettled, _s.status == "open"),
            _s.due_at,
            _s.id,
            _stripe_invoice,
        ),
        Claims(
            Source.ORDER,
            select(
                _o.order_id, _o.invoice_number, _o.amount_minor, _o.currency, _o.due_at,
                _o.customer_email, _o.customer_name, _o.company, _o.siren, _o.vat_number, _o.locale,
            ).where(_o.due_at.is_not(None)),
            (_unindexed(_o.status).in_(_UNPAID), _o.deleted_at.is_(None), _o.amount_minor > 0),
            _o.due_at,
            _o.order_id,
            _order,
        ),
    )
}  # fmt: skip
