"""Planted discrepancies of the money behind the payments: what was not booked, or not as it was,
and payouts.

They are about charges, balance transactions and payouts, not about orders; the orders behind them
are clean.
"""

from collections.abc import Callable, Iterable

from stakactl.demo.world.clean import paid_at
from stakactl.demo.world.ledger import NEW_CATEGORIES
from stakactl.demo.world.payouts import Fate, Settled
from stakactl.demo.world.rhythm import DAY, iso
from stakactl.demo.world.scene import LINKS, Scenario, Scene
from stakactl.demo.world.truth import Planted
from stakactl.domain.findings import Discrepancy

#: What a payout that did not end well is reported as.
BY_FATE = {
    Fate.SHORT: Discrepancy.PAYOUT_MISMATCH,
    Fate.FAILED: Discrepancy.PAYOUT_FAILED,
    Fate.CANCELED: Discrepancy.PAYOUT_FAILED,
    Fate.MANUAL: Discrepancy.PAYOUT_MANUAL,
}


def not_booked(*, pending: bool) -> Callable[[Scene], None]:
    """A charge without balance transaction: of today, which is to wait for, or of long ago."""
    link = LINKS["both"]

    def play(scene: Scene) -> None:
        payment = scene.pay(link, booked=False)
        scene.order("paid", link, payment)
        charge = payment.succeeded["id"]
        scene.plant(
            Discrepancy.BALANCE_MISSING, payment, orphan=True, pending=pending, charge=charge
        )

    return play


def levied(category: str) -> Callable[[Scene], None]:
    """Stripe took money under a heading that nobody here knows."""

    def play(scene: Scene) -> None:
        for age in (0, 1):
            amount = scene.rng.randint(100, 900)
            scene.till.ledger.levy(category, "eur", amount, scene.at + age * DAY)
        scene.plant(Discrepancy.BALANCE_UNCLASSIFIED, orphan=True, reporting_category=category)

    return play


def charge_misbooked(scene: Scene) -> None:
    """The balance got a euro less than the charge says."""
    link = LINKS["session"]
    payment = scene.pay(link)
    scene.order("paid", link, payment)
    charge = payment.succeeded
    scene.till.ledger.misbook(charge["balance_transaction"], -100)
    scene.plant(Discrepancy.BRIDGE_RESIDUAL, payment, orphan=True, charge=charge["id"])


def refund_misbooked(scene: Scene) -> None:
    """More left the balance than was given back to the customer."""
    link, amount = LINKS["session"], scene.cart.amount
    payment = scene.pay(link)
    refund = scene.till.refund(payment, amount, scene.between(paid_at(payment), 0.3))
    updated = iso(refund["created"])
    scene.order("refunded", link, payment, refunded_minor=amount, updated_at=updated)
    scene.till.ledger.misbook(refund["balance_transaction"], -55)
    scene.plant(Discrepancy.BRIDGE_RESIDUAL, payment, orphan=True, refund=refund["id"])


def planted_payouts(settled: Iterable[Settled]) -> list[Planted]:
    return [
        Planted(
            BY_FATE[one.fate],
            None,
            refs={"payout": one.payout["id"]},
            pending=one.fate is Fate.MANUAL,
        )
        for one in settled
        if one.fate in BY_FATE
    ]


_OLD = (50.0, 3.0)

#: How often each is planted; payouts have a table of their own, `payouts.FATES`.
PLANTED_MONEY = (
    Scenario("BALANCE_MISSING", 2, not_booked(pending=False), _OLD),
    Scenario("BALANCE_MISSING, today", 1, not_booked(pending=True), (0.9, 0.1)),
    *(
        Scenario(f"BALANCE_UNCLASSIFIED, {category}", 1, levied(category), _OLD, orders=0)
        for category in NEW_CATEGORIES
    ),
    Scenario("BRIDGE_RESIDUAL, charge", 1, charge_misbooked, _OLD),
    Scenario("BRIDGE_RESIDUAL, refund", 1, refund_misbooked, _OLD),
)
