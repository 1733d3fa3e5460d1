"""Planted discrepancies of invoices that others issued: the application's own, and Stripe's.

What can be wrong with invoices of ours is in our own store, where no world can plant it.
"""

from stakactl.demo.world.scene import LINKS, Scenario, Scene
from stakactl.demo.world.traps import billed_by_stripe
from stakactl.domain.findings import Discrepancy


def invoiced_twice(scene: Scene) -> None:
    """Stripe's Checkout made an invoice, and the application one of its own."""
    link = LINKS["both"]
    payment, _ = billed_by_stripe(scene, link)
    scene.order("paid", link, payment, invoice_number=f"FACT-{scene.order_id}")
    scene.plant(Discrepancy.INVOICE_DUPLICATE, payment)


def number_given_twice(scene: Scene) -> None:
    """The application gave two orders the same invoice number."""
    link = LINKS["session"]
    first, second = scene.number(), scene.numbers()
    number = f"FACT-{first}"
    for name in (first, second):
        payment = scene.pay(link)
        scene.order("paid", link, payment, order_id=name, invoice_number=number)
    scene.plant(Discrepancy.NUMBER_DUPLICATE, orphan=True, invoice_number=number)


_OLD = (50.0, 2.0)

#: How often each is planted.
PLANTED_DOCUMENTS = (
    Scenario("INVOICE_DUPLICATE", 2, invoiced_twice, _OLD),
    Scenario("NUMBER_DUPLICATE", 2, number_given_twice, _OLD, orders=2),
)
