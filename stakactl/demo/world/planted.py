"""Planted discrepancies of the payment itself: is it there, is it recorded, is it this order's?

Each function plants exactly one discrepancy; but for it the order is clean. `fixed` means that the
nightly run repairs it, `invoiced` that the run ends with an invoice. Refunds, disputes, captures
and VAT are in `planted_later.py`.
"""

from collections.abc import Callable

from stakactl.demo.world.rhythm import iso
from stakactl.demo.world.scene import LINKS, Link, Scenario, Scene
from stakactl.domain.findings import Discrepancy


def paid_not_recorded(link_name: str, status: str = "pending") -> Callable[[Scene], None]:
    link = LINKS[link_name]

    def play(scene: Scene) -> None:
        payment = scene.pay(link)
        scene.order(status, link, payment)
        scene.plant(Discrepancy.PAID_NOT_RECORDED, payment, fixed=True, invoiced=True)

    return play


def paid_after(status: str) -> Callable[[Scene], None]:
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        payment = scene.pay(link)
        scene.order(status, link, payment, paid_at=None, updated_at=iso(scene.at + 30))
        scene.plant(Discrepancy.PAID_AFTER_CANCEL, payment)

    return play


def recorded_with_expired_session(scene: Scene) -> None:
    session = scene.till.session(scene.purchase(), scene.at, "expired")
    scene.order("paid", stripe_session_id=session["id"], paid_at=iso(scene.at + 300))
    scene.plant(Discrepancy.RECORDED_NOT_PAID, session_id=session["id"])


def recorded_with_dead_intent(status: str) -> Callable[[Scene], None]:
    def play(scene: Scene) -> None:
        attempt = scene.till.attempt(scene.purchase(), scene.at + 60, status)
        scene.order("paid", LINKS["intent"], attempt, paid_at=iso(scene.at + 300))
        scene.plant(Discrepancy.RECORDED_NOT_PAID, attempt)

    return play


def recorded_without_anything(scene: Scene) -> None:
    scene.order("paid", paid_at=iso(scene.at + 300))
    scene.plant(Discrepancy.RECORDED_NOT_PAID)


def async_pending(scene: Scene) -> None:
    purchase = scene.purchase(method="sepa_debit")
    attempt = scene.till.checkout_unpaid(purchase, scene.at, "processing")
    scene.order("pending", LINKS["session"], attempt)
    scene.plant(Discrepancy.ASYNC_PENDING, attempt, pending=True)


def async_failed(scene: Scene) -> None:
    purchase = scene.purchase(method="sepa_debit")
    attempt = scene.till.checkout_unpaid(purchase, scene.at, "requires_payment_method")
    scene.order("pending", LINKS["session"], attempt)
    scene.plant(Discrepancy.ASYNC_FAILED, attempt, fixed=True)


def session_expired(scene: Scene) -> None:
    session = scene.till.session(scene.purchase(), scene.at, "expired")
    scene.order("pending", stripe_session_id=session["id"])
    scene.plant(Discrepancy.SESSION_EXPIRED, session_id=session["id"], fixed=True)


def link_conflict(by: Link) -> Callable[[Scene], None]:
    """Order A records the payment whose session names order B; B has nothing in Stripe."""

    def play(scene: Scene) -> None:
        scene.number()
        other = scene.numbers()
        payment = scene.pay(LINKS["session"], references=scene.naming(other, by))
        scene.order("paid", LINKS["session"], payment)
        scene.order("pending", order_id=other, updated_at=iso(scene.at))
        scene.plant(Discrepancy.LINK_CONFLICT, payment, other_order=other)

    return play


def claimed_twice(*, named: bool) -> Callable[[Scene], None]:
    """Orders A and B record the same session; it names A, or neither."""
    link = LINKS["both" if named else "session"]

    def play(scene: Scene) -> None:
        first, second = scene.number(), scene.numbers()
        payment = scene.pay(link)
        for name in (first, second):
            scene.order("paid", LINKS["session"], payment, order_id=name)
        scene.plant(Discrepancy.LINK_CONFLICT, payment, order_id=second, shared_with=first)
        if not named:
            scene.plant(Discrepancy.LINK_CONFLICT, payment, order_id=first, shared_with=second)

    return play


def rush(scene: Scene) -> None:
    """130 sessions of one second, more than a page; three were paid and nobody noted it."""
    link = LINKS["session_metadata"]
    numbers = {place: scene.number() for place in RUSH_PAID}
    for place in range(RUSH):
        if place not in numbers:
            scene.till.session(scene.purchase(), scene.at, "expired")
            continue
        name = numbers[place]
        payment = scene.till.checkout(scene.purchase(references=scene.naming(name, link)), scene.at)
        scene.order("pending", link, payment, order_id=name)
        scene.plant(
            Discrepancy.PAID_NOT_RECORDED, payment, order_id=name, fixed=True, invoiced=True
        )


def duplicate_payment(scene: Scene) -> None:
    link = LINKS["session"]
    first = scene.pay(link)
    second = scene.till.checkout(
        scene.purchase(LINKS["client_reference_id"]), scene.between(scene.at, 0.05) + 600
    )
    scene.order("paid", link, first)
    scene.plant(Discrepancy.DUPLICATE_PAYMENT, first, invoiced=True, duplicate=second.intent["id"])


def amount_mismatch(difference: int, status: str = "paid") -> Callable[[Scene], None]:
    """The session was for more or less than the order."""
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        payment = scene.pay(link, amount=scene.cart.amount + difference)
        scene.order(status, link, payment)
        scene.plant(Discrepancy.AMOUNT_MISMATCH, payment)

    return play


def currency_mismatch(currency: str) -> Callable[[Scene], None]:
    link = LINKS["session"]

    def play(scene: Scene) -> None:
        payment = scene.pay(link, currency=currency)
        scene.order("paid", link, payment)
        scene.plant(Discrepancy.CURRENCY_MISMATCH, payment)

    return play


def orphan(by: Link | None, *, checkout: bool = True) -> Callable[[Scene], None]:
    """A payment without reference (None), or one that names an order nobody has."""

    def play(scene: Scene) -> None:
        stranger = f"CMD-X{scene.rng.randint(100, 999)}"
        purchase = scene.purchase(references=scene.naming(stranger, by or Link()))
        if checkout:
            payment = scene.till.checkout(purchase, scene.at)
        else:
            payment = scene.till.pay(purchase, scene.at)
        scene.plant(Discrepancy.ORPHAN_PAYMENT, payment, orphan=True)

    return play


def unknown_session(scene: Scene) -> None:
    session_id = scene.till.ids.new("checkout.session")
    scene.order("paid", stripe_session_id=session_id, paid_at=iso(scene.at + 300))
    scene.plant(Discrepancy.ORDER_WITHOUT_STRIPE, session_id=session_id)


def unknown_intent(scene: Scene) -> None:
    """Of another account, or never there: Stripe does not know the recorded PaymentIntent."""
    intent_id = scene.till.ids.new("payment_intent")
    scene.order("paid", stripe_payment_intent_id=intent_id, paid_at=iso(scene.at + 300))
    scene.plant(Discrepancy.ORDER_WITHOUT_STRIPE)


def unknown_session_with_backlink(scene: Scene) -> None:
    """The recorded id is lost; the session that was paid names the order."""
    session_id = scene.till.ids.new("checkout.session")
    link = LINKS["session_metadata"]
    payment = scene.pay(link)
    scene.order("paid", link, payment, stripe_session_id=session_id)
    found = payment.session["id"] if payment.session else ""
    scene.plant(
        Discrepancy.ORDER_WITHOUT_STRIPE,
        fixed=True,
        invoiced=True,
        session_id=session_id,
        relinked_session=found,
    )


def mode_mismatch(scene: Scene) -> None:
    link = LINKS["session"]
    payment = scene.pay(link, livemode=False, customer_id=None)
    scene.order("paid", link, payment)
    scene.plant(Discrepancy.MODE_MISMATCH, payment)


#: Sessions of the rush, and at which places among them are those that were paid.
RUSH, RUSH_PAID = 130, (9, 64, 120)
#: Days ago: the oldest and the youngest of them.
_OLD = (50.0, 1.0)
_RECORDED = (50.0, 4.0)

#: How often each is planted.
PLANTED_PAYMENTS = (
    *(
        Scenario(f"PAID_NOT_RECORDED by {name}", 1, paid_not_recorded(name), _OLD)
        for name in (
            "session",
            "intent",
            "client_reference_id",
            "session_metadata",
            "intent_metadata",
        )
    ),
    Scenario("PAID_NOT_RECORDED, failed", 1, paid_not_recorded("session", "failed"), _OLD),
    Scenario("PAID_NOT_RECORDED, in a rush", 1, rush, _OLD, orders=len(RUSH_PAID)),
    Scenario("PAID_AFTER_CANCEL, cancelled", 2, paid_after("cancelled"), _OLD),
    Scenario("PAID_AFTER_CANCEL, expired", 1, paid_after("expired"), _OLD),
    Scenario("RECORDED_NOT_PAID, session expired", 2, recorded_with_expired_session, _RECORDED),
    Scenario("RECORDED_NOT_PAID, canceled", 1, recorded_with_dead_intent("canceled"), _RECORDED),
    Scenario(
        "RECORDED_NOT_PAID, declined",
        1,
        recorded_with_dead_intent("requires_payment_method"),
        _RECORDED,
    ),
    Scenario("RECORDED_NOT_PAID, no reference", 1, recorded_without_anything, _RECORDED),
    Scenario("ASYNC_PENDING", 3, async_pending, (4.5, 1.2)),
    Scenario("ASYNC_FAILED", 3, async_failed, (30, 4)),
    Scenario("SESSION_EXPIRED", 4, session_expired, (40, 1.3)),
    Scenario("LINK_CONFLICT", 1, link_conflict(LINKS["client_reference_id"]), (50, 1), orders=2),
    Scenario(
        "LINK_CONFLICT, metadata", 1, link_conflict(LINKS["session_metadata"]), (50, 1), orders=2
    ),
    Scenario("LINK_CONFLICT, shared", 1, claimed_twice(named=True), (50, 1), orders=2),
    Scenario("LINK_CONFLICT, shared, unnamed", 1, claimed_twice(named=False), (50, 1), orders=2),
    Scenario("DUPLICATE_PAYMENT", 2, duplicate_payment, _OLD),
    Scenario("AMOUNT_MISMATCH, less", 2, amount_mismatch(-200), _OLD),
    Scenario("AMOUNT_MISMATCH, more, pending", 1, amount_mismatch(1000, "pending"), _OLD),
    Scenario("CURRENCY_MISMATCH", 1, currency_mismatch("usd"), _OLD),
    Scenario("CURRENCY_MISMATCH, chf", 1, currency_mismatch("chf"), _OLD),
    Scenario("ORPHAN_PAYMENT", 1, orphan(None), _OLD, orders=0),
    Scenario("ORPHAN_PAYMENT, no session", 1, orphan(None, checkout=False), _OLD, orders=0),
    Scenario("ORPHAN_PAYMENT, stranger", 1, orphan(LINKS["client_reference_id"]), _OLD, orders=0),
    Scenario(
        "ORPHAN_PAYMENT, stranger in the intent",
        1,
        orphan(LINKS["intent_metadata_only"], checkout=False),
        _OLD,
        orders=0,
    ),
    Scenario("ORDER_WITHOUT_STRIPE", 2, unknown_session, _RECORDED),
    Scenario("ORDER_WITHOUT_STRIPE, intent", 1, unknown_intent, _RECORDED),
    Scenario("ORDER_WITHOUT_STRIPE, backlink", 2, unknown_session_with_backlink, _RECORDED),
    Scenario("MODE_MISMATCH", 2, mode_mismatch, _OLD),
)
