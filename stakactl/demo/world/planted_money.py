"""Planted discrepancies of the money behind the payments: what was not booked, and payouts.

They are about charges, balance transactions and payouts, not about orders; the orders behind them
are clean.
"""

from collections.abc import Iterable

from stakactl.demo.world.payouts import Fate, Settled
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


def never_booked(scene: Scene) -> None:
    """Days after the charge there is still no balance transaction: is the money there?"""
    link = LINKS["both"]
    payment = scene.pay(link, booked=False)
    scene.order("paid", link, payment)
    charge_id = payment.succeeded["id"]
    scene.plant(Discrepancy.BALANCE_MISSING, payment, orphan=True, charge=charge_id)


def levied(scene: Scene) -> None:
    """Stripe took money under a heading that nobody here knows."""
    row = scene.till.ledger.levy("eur", scene.rng.randint(100, 900), scene.at)
    scene.plant(Discrepancy.BALANCE_UNCLASSIFIED, orphan=True, balance_transaction=row["id"])


def planted_payouts(settled: Iterable[Settled]) -> list[Planted]:
    return [
        Planted(BY_FATE[one.fate], None, refs={"payout": one.payout["id"]})
        for one in settled
        if one.fate in BY_FATE
    ]


_OLD = (50.0, 3.0)

#: How often each is planted; payouts have a table of their own, `payouts.FATES`.
PLANTED_MONEY = (
    Scenario("BALANCE_MISSING", 2, never_booked, _OLD),
    Scenario("BALANCE_UNCLASSIFIED", 2, levied, _OLD, orders=0),
)
