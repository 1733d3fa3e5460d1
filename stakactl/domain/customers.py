"""How a customer is named in object keys: an id of the application where it is harmless."""

import hashlib
import re

from stakactl.domain.orders import Customer, Order

_HARMLESS = re.compile(r"[A-Za-z0-9_-]{1,64}")


def customer_key(order: Order) -> str:
    """A stable, path-safe id of the buyer; without personal data in it."""
    return buyer_key(order.customer, order.order_id)


def buyer_key(customer: Customer, otherwise: str) -> str:
    """The same of a buyer without an order; `otherwise` names one of whom nothing is known."""
    for candidate in (customer.customer_id, customer.stripe_customer_id):
        if candidate and _HARMLESS.fullmatch(candidate):
            return candidate
    source = customer.customer_id or customer.stripe_customer_id or customer.email or otherwise
    return "c" + hashlib.sha256(source.encode()).hexdigest()[:16]
