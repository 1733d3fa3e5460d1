"""Orders whose chain holds: every way to reference Stripe, and every state an order may be in."""

from collections.abc import Callable

from stakactl.demo.world.purchase import Payment
from stakactl.demo.world.rhythm import DAY, HOUR, iso
from stakactl.demo.world.scene import LINKS, Scenario, Scene

SETTLED_AFTER = 4 * DAY


def paid_by(name: str) -> Callable[[Scene], None]:
    """A paid order that is tied to its payment in the way LINKS calls `name`."""
    link = LINKS[name]

    def play(scene: Scene) -> None:
        scene.order("paid", link, scene.pay(link))

    return play


def paid_by_debit(scene: Scene) -> None:
    """SEPA: the session was complete days before the money was there."""
    link = LINKS["session"]
    payment = scene.pay(link, settles_after=SETTLED_AFTER, method="sepa_debit")
    scene.order("paid", link, payment)


def invoiced_by_application(scene: Scene) -> None:
    link = LINKS["both"]
    number = f"FACT-{scene.order_id or scene.number()}"
    scene.order("paid", link, scene.pay(link), invoice_number=number)


def paid_without_country(scene: Scene) -> None:
    """The order does not know the country, the Checkout Session does."""
    link = LINKS["session"]
    scene.order("paid", link, scene.pay(link), country=None)


def free(scene: Scene) -> None:
    scene.order(
        "paid",
        amount_minor=0,
        level="Simple",
        title="Extrait gratuit",
        lines=None,
        nature="services",
        paid_at=iso(scene.at),
    )


def open_session(scene: Scene) -> None:
    session = scene.till.session(scene.purchase(), scene.at, "open")
    scene.order("pending", stripe_session_id=session["id"])


def expired(scene: Scene) -> None:
    session = scene.till.session(scene.purchase(), scene.at, "expired")
    scene.order("expired", stripe_session_id=session["id"], updated_at=iso(scene.at + DAY))


def failed_card(scene: Scene) -> None:
    attempt = scene.till.attempt(scene.purchase(), scene.at + 60, "requires_payment_method")
    scene.order("failed", LINKS["intent"], attempt)


def failed_debit(scene: Scene) -> None:
    purchase = scene.purchase(method="sepa_debit")
    attempt = scene.till.checkout_unpaid(purchase, scene.at, "requires_payment_method")
    scene.order("failed", LINKS["session"], attempt, updated_at=iso(scene.at + 4 * DAY))


def cancelled(scene: Scene) -> None:
    scene.order("cancelled", updated_at=iso(scene.at + HOUR))


def cancelled_at_checkout(scene: Scene) -> None:
    session = scene.till.session(scene.purchase(), scene.at, "expired")
    scene.order("cancelled", stripe_session_id=session["id"], updated_at=iso(scene.at + HOUR))


def paid_at(payment: Payment) -> int:
    """When a payment that succeeded did so."""
    return payment.paid_at or int(payment.intent["created"])


def refunded(scene: Scene) -> None:
    link = LINKS["session"]
    payment = scene.pay(link)
    refund = scene.till.refund(payment, scene.cart.amount, scene.between(paid_at(payment), 0.4))
    scene.order(
        "refunded",
        link,
        payment,
        refunded_minor=scene.cart.amount,
        updated_at=iso(refund["created"]),
    )


def partially_refunded(scene: Scene) -> None:
    """In one or two steps; the order knows the sum."""
    link = LINKS["both"]
    payment = scene.pay(link)
    parts = [scene.cart.amount // 4 // 10 * 10 or 1] * scene.rng.choice((1, 2))
    at = paid_at(payment)
    for part in parts:
        at = scene.between(at, 0.3)
        scene.till.refund(payment, part, at)
    scene.order("partially_refunded", link, payment, refunded_minor=sum(parts), updated_at=iso(at))


def refund_pending(scene: Scene) -> None:
    """Stripe waits for funds: nothing is refunded yet, and the order rightly says paid."""
    link = LINKS["session"]
    payment = scene.pay(link)
    scene.till.refund(
        payment, scene.cart.amount, scene.between(paid_at(payment), 0.8), status="pending"
    )
    scene.order("paid", link, payment)


#: Shares of 100, together with those of `traps.py`.
CLEAN = (
    Scenario("paid, session recorded", 16, paid_by("session"), stripe_tax=True, country=None),
    Scenario("paid, session and intent recorded", 8, paid_by("both"), country=None),
    Scenario("paid, intent recorded", 4, paid_by("intent"), country=None),
    Scenario("paid, intent of a session recorded", 3, paid_by("intent_of_session")),
    Scenario("paid, client_reference_id", 6, paid_by("client_reference_id"), country=None),
    Scenario("paid, session metadata", 5, paid_by("session_metadata"), country=None),
    Scenario("paid, intent metadata", 3, paid_by("intent_metadata"), country=None),
    Scenario("paid, intent metadata, no session", 3, paid_by("intent_metadata_only")),
    Scenario("paid by SEPA debit", 5, paid_by_debit, (60, 5)),
    Scenario("paid, country in Stripe only", 2, paid_without_country),
    Scenario("invoiced by the application", 4, invoiced_by_application),
    Scenario("free", 3, free),
    Scenario("pending, session open", 2, open_session, (0.9, 0.05)),
    Scenario("expired", 5, expired, (60, 1.2)),
    Scenario("failed card", 2, failed_card),
    Scenario("failed SEPA debit", 1, failed_debit, (60, 5)),
    Scenario("cancelled", 2, cancelled, (60, 0.2)),
    Scenario("cancelled at checkout", 1, cancelled_at_checkout, (60, 1.2)),
    Scenario("refunded", 2, refunded, (60, 1)),
    Scenario("partially refunded", 4, partially_refunded, (60, 1)),
    Scenario("refund pending", 1, refund_pending, (60, 1)),
)
