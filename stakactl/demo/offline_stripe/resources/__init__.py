"""What the offline Stripe offers, by feature; the router is made of this table.

To add something: describe it in the module of its feature (model.py says what can be described),
or add a module here. What is not described answers "Unrecognized request URL".
"""

from collections.abc import Iterator

from stakactl.demo.offline_stripe.resources import (
    billing,
    catalogue,
    checkout,
    customers,
    money,
    payments,
    platform,
    reversals,
)
from stakactl.demo.offline_stripe.resources.model import Resource
from stakactl.demo.offline_stripe.resources.routes import Operation, operations

RESOURCES: tuple[Resource, ...] = (
    *money.RESOURCES,
    *payments.RESOURCES,
    *reversals.RESOURCES,
    *customers.RESOURCES,
    *checkout.RESOURCES,
    *billing.RESOURCES,
    *catalogue.RESOURCES,
    *platform.RESOURCES,
)


def all_operations() -> Iterator[Operation]:
    yield from money.SINGLETONS
    for resource in RESOURCES:
        yield from operations(resource)
