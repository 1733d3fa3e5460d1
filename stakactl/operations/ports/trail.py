"""Looking an id up, whatever it names, and everything that is remembered around it."""

from collections.abc import Sequence
from typing import Protocol

from stakactl.domain.trail import Payments, Subject, Trail


class TrailReader(Protocol):
    """Reads our own store alone: orders, invoices, the mirror, and the records of runs."""

    def find(self, name: str) -> Subject | None:
        """What an id or an invoice number names; None when nothing here has it."""

    def payments(self, payment_intent_ids: Sequence[str]) -> Payments:
        """The objects of these payments, whether an order has them or not."""

    def read(
        self,
        order_ids: Sequence[str],
        object_ids: Sequence[str],
        invoice_numbers: Sequence[str] = (),
    ) -> Trail:
        """What is remembered about the orders, about these objects of Stripe, and about these
        invoices of ours."""

    def dependants(self, order_id: str) -> Trail:
        """The invoices and mails of one order and the changes made to it, nothing else: quick."""
