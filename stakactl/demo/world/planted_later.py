"""Planted discrepancies of what comes after a payment: captures, refunds, disputes, VAT."""

from collections.abc import Callable

from stakactl.demo.world.clean import paid_at
from stakactl.demo.world.ids import Json
from stakactl.demo.world.purchase import Payment
from stakactl.demo.world.rhythm import DAY, HOUR, iso
from stakactl.demo.world.scene import LINKS, Scenario, Scene
from stakactl.demo.world.traps import paid_long_ago
from stakactl.domain.findings import Discrepancy


def capture_pending(hours: int) -> Callable[[Scene], None]:
    """Authorised, not captured, and the authorisation lapses within `hours`."""

    def play(scene: Scene) -> None:
        purchase = scene.purchase(LINKS["intent_metadata_only"])
        attempt = scene.till.attempt(
            purchase, scene.at, "requires_capture", capture_before=scene.now + hours * HOUR
        )
        scene.order("pending", LINKS["intent"], attempt)
        scene.plant(Discrepancy.CAPTURE_PENDING, attempt)

    return play


def _refund(scene: Scene, payment: Payment, *quarters: int) -> list[Json]:
    """Refunds of so many quarters of the payment each, one after the other."""
    at, amount, refunds = paid_at(payment), payment.purchase.amount, list[Json]()
    for count in quarters:
        at = scene.between(at, 0.3)
        part = amount if count == 4 else amount * count // 4
        refunds.append(scene.till.refund(payment, part, at))
    return refunds


def refund_not_recorded(*quarters: int) -> Callable[[Scene], None]:
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        payment = scene.pay(link)
        refunds = _refund(scene, payment, *quarters)
        scene.order("paid", link, payment)
        partial = sum(quarters) < 4
        scene.plant(
            Discrepancy.REFUND_NOT_RECORDED,
            payment,
            fixed=True,
            invoiced=partial,
            refund=refunds[0]["id"],
        )

    return play


def refund_of_long_ago(scene: Scene) -> None:
    """A list of this month's charges does not show what was refunded this week."""
    link = LINKS["session"]
    payment = paid_long_ago(scene, link)
    refund = scene.till.refund(payment, scene.cart.amount, scene.now - 5 * DAY)
    scene.order("paid", link, payment)
    scene.plant(Discrepancy.REFUND_NOT_RECORDED, payment, fixed=True, refund=refund["id"])


def refund_failed(status: str) -> Callable[[Scene], None]:
    """The order says that the money went back; it did not."""
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        payment, amount = scene.pay(link), scene.cart.amount
        refund = scene.till.refund(payment, amount, scene.between(paid_at(payment), 0.3), status)
        updated = iso(refund["created"])
        scene.order("refunded", link, payment, refunded_minor=amount, updated_at=updated)
        scene.plant(Discrepancy.REFUND_FAILED, payment, refund=refund["id"])

    return play


def refund_total_mismatch(*quarters: int) -> Callable[[Scene], None]:
    """The order knows of a few cents more than Stripe refunded."""
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        payment = scene.pay(link)
        refunds = _refund(scene, payment, *quarters)
        scene.order(
            "partially_refunded",
            link,
            payment,
            refunded_minor=sum(refund["amount"] for refund in refunds) + 37,
            updated_at=iso(refunds[-1]["created"]),
        )
        scene.plant(Discrepancy.REFUND_TOTAL_MISMATCH, payment, refund=refunds[-1]["id"])

    return play


def dispute_unknown(scene: Scene) -> None:
    link = LINKS["both"]
    payment = scene.pay(link)
    dispute = scene.till.dispute(payment, scene.now - scene.rng.randint(12, 100) * HOUR)
    scene.order("paid", link, payment)
    charge_id = payment.succeeded["id"]
    scene.plant(
        Discrepancy.DISPUTE_UNKNOWN,
        payment,
        fixed=True,
        invoiced=True,
        dispute=dispute["id"],
        charge=charge_id,
    )


def dispute_lost(link_name: str, method: str = "card") -> Callable[[Scene], None]:
    """Lost before anybody told the order; a debit's dispute is lost from its first moment."""
    link = LINKS[link_name]

    def play(scene: Scene) -> None:
        payment = scene.pay(link, method=method)
        at = scene.between(paid_at(payment), 0.3)
        dispute = scene.till.dispute(payment, at, status="lost")
        scene.order("paid", link, payment)
        scene.plant(
            Discrepancy.DISPUTE_OUTCOME, payment, fixed=True, invoiced=True, dispute=dispute["id"]
        )

    return play


def vat_unknown(country: str | None) -> Callable[[Scene], None]:
    """No rate in the order, none computed by Stripe; `country` None is one that nobody knows."""
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        scene.cart = scene.cart.without_rate()
        payment = scene.pay(link, knows_country=country is not None)
        scene.order("paid", link, payment, country=country)
        scene.plant(Discrepancy.INVOICE_BLOCKED, payment)

    return play


_OLD = (50.0, 2.0)

#: How often each is planted.
PLANTED_LATER = (
    Scenario("CAPTURE_PENDING, 30 h", 1, capture_pending(30), (6, 5)),
    Scenario("CAPTURE_PENDING, 8 h", 1, capture_pending(8), (6.5, 6)),
    Scenario("REFUND_NOT_RECORDED, full", 2, refund_not_recorded(4), _OLD),
    Scenario("REFUND_NOT_RECORDED, partial", 1, refund_not_recorded(1), _OLD),
    Scenario("REFUND_NOT_RECORDED, two partial", 1, refund_not_recorded(1, 2), _OLD),
    Scenario("REFUND_NOT_RECORDED, long ago", 1, refund_of_long_ago, (60, 30)),
    Scenario("REFUND_FAILED", 2, refund_failed("failed"), _OLD),
    Scenario("REFUND_FAILED, canceled", 1, refund_failed("canceled"), _OLD),
    Scenario("REFUND_TOTAL_MISMATCH", 1, refund_total_mismatch(2), _OLD),
    Scenario("REFUND_TOTAL_MISMATCH, two refunds", 1, refund_total_mismatch(1, 1), _OLD),
    Scenario("DISPUTE_UNKNOWN", 3, dispute_unknown, (50, 6)),
    Scenario("DISPUTE_OUTCOME", 1, dispute_lost("both"), (50, 12)),
    Scenario("DISPUTE_OUTCOME, debit", 1, dispute_lost("session", "sepa_debit"), (50, 12)),
    *(
        Scenario(f"INVOICE_BLOCKED, {code}", 1, vat_unknown(code), _OLD, country=code)
        for code in ("DE", "US")
    ),
    Scenario("INVOICE_BLOCKED, no country", 1, vat_unknown(None), _OLD),
)
