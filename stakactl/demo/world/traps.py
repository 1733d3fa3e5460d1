"""Orders that look wrong and are not: whoever reports one of them cries wolf."""

from collections.abc import Callable

from stakactl.demo.world.catalogue import PRICING
from stakactl.demo.world.clean import paid_at
from stakactl.demo.world.purchase import Payment, Presented
from stakactl.demo.world.rhythm import DAY, HOUR, iso
from stakactl.demo.world.scene import LINKS, Link, Scenario, Scene
from stakactl.demo.world.shapes.checkout import INVOICE_CREATION
from stakactl.demo.world.shapes.invoice import Sold, invoice_payment
from stakactl.demo.world.shapes.invoice import invoice as invoice_shape

#: So many days before the world begins; nothing listed by date alone is that old.
LONG_AGO = 100


def presented_in(
    currency: str, *, legacy: bool = False, refunded: bool = False
) -> Callable[[Scene], None]:
    """Adaptive Pricing: the order is in euro, the customer paid in a currency of their own."""

    def play(scene: Scene) -> None:
        numerator, denominator, step = PRICING[currency]
        amount = max(scene.cart.amount * numerator // denominator // step, 1) * step
        link = LINKS["session"]
        payment = scene.pay(link, presented=Presented(amount, currency, legacy))
        if not refunded:
            scene.order("paid", link, payment)
            return
        given_back = scene.till.refund(
            payment, payment.succeeded["amount"], scene.between(paid_at(payment), 0.3)
        )
        scene.order(
            "refunded",
            link,
            payment,
            refunded_minor=scene.cart.amount,
            updated_at=iso(given_back["created"]),
        )

    return play


def voucher_for_everything(scene: Scene) -> None:
    """Checkout was used, and nothing was left to pay."""
    purchase = scene.purchase(LINKS["both"], amount=0)
    session = scene.till.session(
        purchase, scene.at, "complete", payment_status="no_payment_required"
    )
    full = scene.cart.amount
    session["amount_subtotal"] = session["total_details"]["amount_discount"] = full
    scene.till.emit("checkout.session.completed", scene.at + 60, session)
    scene.order(
        "paid",
        stripe_session_id=session["id"],
        amount_minor=0,
        lines=None,
        paid_at=iso(scene.at + 60),
    )


def refund_failed_and_known(scene: Scene) -> None:
    """The order says paid, which is what it is again."""
    link = LINKS["session"]
    payment = scene.pay(link)
    at = scene.between(paid_at(payment), 0.3)
    scene.till.refund(payment, scene.cart.amount, at, status="failed")
    scene.order("paid", link, payment)


def refunded_at_the_second_try(scene: Scene) -> None:
    link, amount = LINKS["both"], scene.cart.amount
    payment = scene.pay(link)
    at = scene.between(paid_at(payment), 0.2)
    scene.till.refund(payment, amount, at, status="failed")
    second = scene.till.refund(payment, amount, scene.between(at, 0.5))
    _refunded(scene, link, payment, second["created"])


def refunded_in_pieces(scene: Scene) -> None:
    link, amount = LINKS["session"], scene.cart.amount
    payment, at = scene.pay(link), 0
    step = 10 if scene.cart.currency == "kwd" else 1
    piece = max(amount // 3 // step * step, step)
    for part in (piece, piece, amount - 2 * piece):
        at = scene.between(max(at, paid_at(payment)), 0.2)
        scene.till.refund(payment, part, at)
    _refunded(scene, link, payment, at)


def refunded_long_after(scene: Scene) -> None:
    """The charge is older than everything else; its refund is of this month."""
    link = LINKS["session"]
    payment = paid_long_ago(scene, link)
    refund = scene.till.refund(payment, scene.cart.amount, scene.now - 3 * DAY)
    _refunded(scene, link, payment, refund["created"])


def paid_long_ago(scene: Scene, link: Link) -> Payment:
    scene.at -= LONG_AGO * DAY
    scene.customer_id = None  # nobody was a customer then
    return scene.pay(link)


def _refunded(scene: Scene, link: Link, payment: Payment, at: int) -> None:
    amount = scene.cart.amount
    scene.order("refunded", link, payment, refunded_minor=amount, updated_at=iso(at))


def hesitated(scene: Scene) -> None:
    """The session stayed open for almost a day before it was paid."""
    link = LINKS["session"]
    purchase = scene.purchase(link)
    scene.order("paid", link, scene.till.checkout(purchase, scene.at, hesitates=23 * HOUR))


def came_back_later(scene: Scene) -> None:
    """A first session that nobody paid names the order too."""
    link = LINKS["both"]
    scene.till.session(scene.purchase(link), scene.at - 2 * HOUR, "expired")
    scene.order("paid", link, scene.pay(link))


def declined_at_first(scene: Scene) -> None:
    link = LINKS["intent_metadata_only"]
    scene.till.attempt(scene.purchase(link), scene.at, "requires_payment_method")
    scene.order("paid", link, scene.pay(link))


def given_back_after_cancel(scene: Scene) -> None:
    """Cancelled although it was paid, and the money went back: all is well."""
    link = LINKS["session"]
    payment = scene.pay(link)
    at = scene.between(paid_at(payment), 0.2)
    scene.till.refund(payment, scene.cart.amount, at)
    scene.order("cancelled", link, payment, paid_at=None, updated_at=iso(at))


def dispute_won(scene: Scene) -> None:
    """Over before the order knew of it, and nothing was lost but the fee."""
    link = LINKS["session"]
    payment = scene.pay(link)
    scene.till.dispute(payment, scene.between(paid_at(payment), 0.1), status="won")
    scene.order("paid", link, payment)


def inquiry_closed(scene: Scene) -> None:
    link = LINKS["session"]
    payment = scene.pay(link)
    scene.till.inquiry(payment, scene.between(paid_at(payment), 0.2))
    scene.order("paid", link, payment)


def tried_in_test_mode(scene: Scene) -> None:
    """Somebody tried the shop with a test key: its payment names an order of the real one."""
    link = LINKS["both"]
    rehearsal = scene.purchase(LINKS["client_reference_id"], livemode=False, customer_id=None)
    scene.till.checkout(rehearsal, scene.at - HOUR)
    scene.order("paid", link, scene.pay(link))


def billed_by_stripe(scene: Scene, link: Link) -> tuple[Payment, str]:
    """Checkout issued an invoice with the payment; returns its number too."""
    scene.person, customer_id = scene.cast.customer(scene.country, scene.at)
    scene.customer_id = customer_id
    payment, till = scene.pay(link), scene.till
    at, number = paid_at(payment), f"LD{scene.person.number:06d}-{scene.order_id[-4:]}"
    line, amount = scene.cart.lines[0], scene.cart.amount
    price = till.price_objects[till.prices.prices[line.article.key, scene.cart.currency]]
    price = {**price, "unit_amount": amount, "unit_amount_decimal": str(amount)}
    sold = Sold(till.ids.new("line_item"), scene.cart.title, price, (at, at))
    invoice = invoice_shape(
        till.ids.new("invoice"),
        at,
        number,
        customer_id,
        scene.person,
        sold,
        reason="manual",
        paid_at=at,
    )
    intent_id = payment.intent["id"]
    paid_by = invoice_payment(till.ids.new("invoice_payment"), at, invoice, intent_id, at)
    till.objects += [invoice, paid_by]
    till.emit("invoice.paid", at, invoice)
    if payment.session is not None:
        payment.session.update(invoice=invoice["id"], invoice_creation=INVOICE_CREATION)
    return payment, number


def invoiced_by_stripe(*, noted: bool) -> Callable[[Scene], None]:
    """Stripe's numbered invoice is the legal one, whether the application noted it or not."""
    link = LINKS["both"]

    def play(scene: Scene) -> None:
        payment, number = billed_by_stripe(scene, link)
        scene.order("paid", link, payment, invoice_number=number if noted else None)
        scene.billed_elsewhere.add(scene.order_id)

    return play


#: Shares of 100, as in `clean.py`.
TRAPS = (
    Scenario("presented in yen", 1, presented_in("jpy"), (60, 1)),
    Scenario("presented in yen, old shape", 1, presented_in("jpy", legacy=True), (60, 1)),
    Scenario("presented in dinars, refunded", 1, presented_in("kwd", refunded=True), (60, 2)),
    Scenario(
        "presented in francs, old shape, refunded",
        1,
        presented_in("chf", legacy=True, refunded=True),
        (60, 2),
    ),
    Scenario("nothing left to pay", 1, voucher_for_everything),
    Scenario("refund failed", 1, refund_failed_and_known, (60, 3)),
    Scenario("refunded at the second try", 1, refunded_at_the_second_try, (60, 6)),
    Scenario("refunded in pieces", 1, refunded_in_pieces, (60, 2), country=None),
    Scenario("refunded long after", 1, refunded_long_after, (60, 30)),
    Scenario("hesitated", 1, hesitated, (60, 2)),
    Scenario("came back later", 1, came_back_later, (60, 2)),
    Scenario("declined at first", 1, declined_at_first, (60, 1)),
    Scenario("given back after cancel", 1, given_back_after_cancel, (60, 2)),
    Scenario("dispute won", 1, dispute_won, (60, 10)),
    Scenario("inquiry closed", 1, inquiry_closed, (60, 10)),
    Scenario("tried in test mode", 1, tried_in_test_mode, (60, 1)),
    Scenario("invoiced by Stripe", 1, invoiced_by_stripe(noted=False)),
    Scenario("invoiced by Stripe, noted", 1, invoiced_by_stripe(noted=True)),
)
