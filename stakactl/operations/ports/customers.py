"""Customers: whom a name means, and what the store holds of them."""

from typing import Protocol

from stakactl.domain.customer_record import CustomerIdentity, CustomerRecord


class CustomerBook(Protocol):
    """Read from the orders, the mirror, the invoices and the outbox alone. However many others
    there are, a customer is found and read by what is theirs."""

    def find(self, name: str) -> list[CustomerIdentity]:
        """Whom a name may mean: the application's id of a customer, a Stripe customer, or an
        e-mail in any case, which several may share: the most orders first. A guest is told by an
        e-mail whose orders name no customer. Empty when nobody here is called so."""

    def record(self, identity: CustomerIdentity) -> CustomerRecord:
        """Everything of one of those that `find` found."""
