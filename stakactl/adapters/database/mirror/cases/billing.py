"""Stripe's invoices of a batch of orders, and the payments that settled them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from stakactl.adapters.database.bulk import among
from stakactl.adapters.database.mirror.rows import INVOICE_PAYMENTS, STRIPE_INVOICES
from stakactl.domain.stripe_objects import CheckoutSession, InvoicePayment, StripeInvoice

_INVOICE = STRIPE_INVOICES.table.c
_PAID = INVOICE_PAYMENTS.table.c


class Billing:
    """The invoices of the orders' sessions and those that name the orders, then, with `follow`,
    those of any other of the orders' PaymentIntents."""

    def __init__(
        self, connection: Connection, order_ids: list[str], sessions: list[CheckoutSession]
    ) -> None:
        self._connection = connection
        self._invoices: dict[str, StripeInvoice] = {}
        self._naming: dict[str, list[str]] = defaultdict(list)
        self._of_invoice: dict[str, dict[str, InvoicePayment]] = defaultdict(dict)
        self._of_intent: dict[str, dict[str, InvoicePayment]] = defaultdict(dict)
        of_sessions = [session.invoice_id for session in sessions if session.invoice_id]
        wanted = or_(
            among(connection, _INVOICE.id, of_sessions),
            among(connection, _INVOICE.metadata_order_id, order_ids),
        )
        self._read_invoices(wanted)
        for invoice in self._invoices.values():
            self._naming[invoice.metadata_order_id or ""].append(invoice.id)
        self._read_payments(_PAID.invoice_id, [*of_sessions, *self._invoices])

    @property
    def paying(self) -> list[str]:
        """The PaymentIntents that pay the invoices."""
        return list(self._of_intent)

    def follow(self, intent_ids: list[str]) -> None:
        """Read what else the PaymentIntents pay."""
        self._read_payments(_PAID.payment_intent_id, intent_ids)
        unread = self._of_invoice.keys() - self._invoices.keys()
        self._read_invoices(among(self._connection, _INVOICE.id, unread))

    def own(self, order_id: str, sessions: Iterable[CheckoutSession]) -> set[str]:
        """The ids of the invoices of an order's sessions and of those that name it."""
        return {s.invoice_id for s in sessions if s.invoice_id} | {*self._naming.get(order_id, ())}

    def paid_by(self, invoice_ids: Iterable[str]) -> list[str]:
        """The PaymentIntents that pay these invoices."""
        found = (p for key in invoice_ids for p in self._of_invoice.get(key, {}).values())
        return [p.payment_intent_id for p in found if p.payment_intent_id]

    def of(
        self, own: set[str], intent_ids: Sequence[str]
    ) -> tuple[list[StripeInvoice], list[InvoicePayment]]:
        """An order's own invoices and those that its PaymentIntents pay, with the payments."""
        payments: dict[str, InvoicePayment] = {}
        for key in own:
            payments |= self._of_invoice.get(key, {})
        for key in intent_ids:
            payments |= self._of_intent.get(key, {})
        wanted = own | {payment.invoice_id for payment in payments.values()}
        invoices = [self._invoices[key] for key in wanted if key in self._invoices]
        return invoices, [*payments.values()]

    def _read_invoices(self, where: ColumnElement[bool]) -> None:
        query = select(*STRIPE_INVOICES.columns).where(where)
        for row in self._connection.execute(query):
            self._invoices[row[0]] = STRIPE_INVOICES.build(row)

    def _read_payments(self, column: ColumnElement[Any], ids: Iterable[str]) -> None:
        query = select(*INVOICE_PAYMENTS.columns).where(
            among(self._connection, column, ids), _PAID.status != "canceled"
        )
        for row in self._connection.execute(query):
            payment = INVOICE_PAYMENTS.build(row)
            self._of_invoice[payment.invoice_id][payment.id] = payment
            if payment.payment_intent_id:
                self._of_intent[payment.payment_intent_id][payment.id] = payment
