"""What Stripe bills by itself: subscriptions with their renewals, and invoices written by hand.

None of it has an order. Their payments look like orphans and are none: an `invoice_payment` ties
each to its invoice. That is the trap.
"""

import random
from calendar import monthrange
from datetime import UTC, datetime

from stakactl.demo.world.catalogue import PLANS, SERVICES, Article, Cart, CartLine
from stakactl.demo.world.ids import Json
from stakactl.demo.world.people import Person
from stakactl.demo.world.purchase import Payment, Purchase
from stakactl.demo.world.rhythm import DAY
from stakactl.demo.world.scene import Cast
from stakactl.demo.world.shapes import subscription as shape
from stakactl.demo.world.shapes.invoice import Sold, invoice_payment
from stakactl.demo.world.shapes.invoice import invoice as invoice_shape
from stakactl.demo.world.till import Till

_MONTH = 30.44  # days, on average

#: By hand: days ago, article, days until due, paid. The unpaid ones are past due.
WRITTEN = (
    (45, "maquette", 30, True),
    (31, "correction", 30, True),
    (12, "coaching", 15, True),
    (38, "couverture", 30, False),
    (20, "lecture", 15, False),
)


def add_subscriptions(till: Till, cast: Cast, rng: random.Random, count: int, days: int) -> None:
    most = max(int((days + 3) / _MONTH) - 1, 0)
    for number in range(count):
        interval = "year" if number % 4 == 3 else "month"
        fate = {5: "canceled", 9: "past_due"}.get(number % 20, "active")
        drawn = rng.randint(0, most)
        renewals = 0 if interval == "year" else most if fate == "past_due" else drawn
        # Away from the ends of months, so that the number of renewals never depends on the date.
        youngest, oldest = renewals * _MONTH + 2, (renewals + 1) * _MONTH - 3
        start = till.now - int(min(rng.uniform(youngest, oldest), days) * DAY)
        _Subscription(till, *cast.customer("FR", start), interval).play(start, renewals, fate)


def add_trials(till: Till, seed: int, count: int) -> None:
    """Trials bill nothing yet. They come last, on a stream of chance of their own, so that they
    move nothing else: customers who are there already try the yearly plan for a month."""
    rng = random.Random(f"{seed}/trials")
    plan = till.price_objects[till.prices.prices[PLANS["year"].key, "eur"]]
    customers = [
        one["id"] for one in till.objects if one["object"] == "customer" and not one.get("_deleted")
    ]
    for customer_id in rng.sample(customers, min(count, len(customers))):
        start = till.now - int(rng.uniform(3, 25) * DAY)
        ends = _months_later(start, 1)
        trial = shape.subscription(
            till.ids.new("subscription"),
            till.ids.new("subscription_item"),
            customer_id,
            plan,
            start=start,
            period=(start, ends),
            status="trialing",
            latest_invoice=None,
            tax_rate_object=till.subscription_tax,
            trial_end=ends,
        )
        till.objects.append(trial)
        till.emit("customer.subscription.created", start, trial)


def add_discounts(till: Till) -> None:
    """A fifth off, for good, since after the first invoice of every fourth yearly subscription."""
    yearly = [
        one
        for one in till.objects
        if one["object"] == "subscription"
        and one["status"] == "active"
        and one["items"]["data"][0]["price"]["recurring"]["interval"] == "year"
    ]
    if not yearly:
        return
    coupon = shape.coupon(till.ids.new("coupon"), yearly[0]["created"], 20)
    till.objects.append(coupon)
    for one in yearly[::4]:
        discount = shape.discount(till.ids.new("discount"), one["created"] + DAY, one, coupon["id"])
        one["discounts"] = [discount["id"]]
        till.objects.append(discount)


def _months_later(time: int, months: int) -> int:
    moment = datetime.fromtimestamp(time, UTC)
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


class _Subscription:
    """One subscription: begun in Checkout, billed on the same day of every month or year."""

    def __init__(self, till: Till, buyer: Person, customer_id: str, interval: str) -> None:
        self.till = till
        self.buyer = buyer
        self.customer_id = customer_id
        self.plan = PLANS[interval]
        self.price = till.price_objects[till.prices.prices[self.plan.key, "eur"]]
        self.months = 1 if interval == "month" else 12
        self.id = till.ids.new("subscription")
        self.item_id = till.ids.new("subscription_item")

    def play(self, start: int, renewals: int, fate: str) -> None:
        last = self._bill(start, 0, "succeeded")
        self._checkout(start, last)
        for number in range(1, renewals + 1):
            declined = fate == "past_due" and number == renewals
            status = "requires_payment_method" if declined else "succeeded"
            last = self._bill(start, number, status)
        if fate == "past_due" and not renewals:
            fate = "active"
        subscription = shape.subscription(
            self.id,
            self.item_id,
            self.customer_id,
            self.price,
            start=start,
            period=self._period(start, renewals),
            status=fate,
            latest_invoice=last["id"],
            tax_rate_object=self.till.subscription_tax,
            canceled_at=last["created"] + DAY if fate == "canceled" else None,
        )
        self.till.objects.append(subscription)
        self.till.emit("customer.subscription.created", start, subscription, status="active")
        if fate == "canceled":
            self.till.emit("customer.subscription.deleted", last["created"] + DAY, subscription)

    def _period(self, start: int, number: int) -> tuple[int, int]:
        return (
            _months_later(start, number * self.months),
            _months_later(start, (number + 1) * self.months),
        )

    def _bill(self, start: int, number: int, status: str) -> Json:
        period = self._period(start, number)
        line_id = self.till.ids.new("line_item")
        sold = Sold(line_id, self.plan.french, self.price, period, self.id, self.item_id)
        reason = "subscription_cycle" if number else "subscription_create"
        purchase = _purchase(self.buyer, self.customer_id, self.plan)
        label = f"LD{self.buyer.number:06d}-{self.id[-4:]}-{number + 1:04d}"
        return _invoice(self.till, purchase, sold, period[0], label, reason, status)

    def _checkout(self, start: int, first: Json) -> None:
        """A session of mode `subscription` has an invoice and no PaymentIntent."""
        purchase = _purchase(self.buyer, self.customer_id, self.plan)
        session = self.till.session(purchase, start - 240, "complete", payment_status="paid")
        session.update(mode="subscription", invoice=first["id"], subscription=self.id)
        self.till.emit("checkout.session.completed", start, session)


def _purchase(buyer: Person, customer_id: str, article: Article) -> Purchase:
    line = CartLine(article, 1, article.cents, article.cents, "20")
    cart = Cart((line,), "eur", buyer.locale)
    return Purchase(buyer, cart, cart.amount, "eur", customer_id)


def _invoice(
    till: Till,
    purchase: Purchase,
    sold: Sold,
    at: int,
    number: str,
    reason: str,
    status: str,
    due_date: int | None = None,
) -> Json:
    """A finalised invoice with the attempt to pay it."""
    payment: Payment
    if status == "succeeded":
        payment = till.pay(purchase, at + 60)
    else:
        payment = till.attempt(purchase, at + 60, status)
    invoice = invoice_shape(
        till.ids.new("invoice"),
        at,
        number,
        purchase.customer_id or "",
        purchase.buyer,
        sold,
        reason=reason,
        paid_at=payment.paid_at,
        due_date=due_date,
    )
    link = invoice_payment(
        till.ids.new("invoice_payment"), at, invoice, payment.intent["id"], payment.paid_at
    )
    till.objects += [invoice, link]
    till.emit("invoice.finalized", at, invoice, status="open")
    if payment.paid_at is not None:
        till.emit("invoice.paid", payment.paid_at, invoice)
    else:
        till.emit("invoice.payment_failed", at + 60, invoice)
    return invoice


def add_written_invoices(till: Till, cast: Cast, days: int) -> None:
    for number, (age, key, due, paid) in enumerate(WRITTEN, start=1):
        at = till.now - min(age, days) * DAY
        buyer, customer_id = cast.customer("FR", at)
        price = till.price_objects[till.prices.prices[key, "eur"]]
        article = next(one for one in SERVICES if one.key == key)
        sold = Sold(till.ids.new("line_item"), article.french, price, (at, at))
        purchase = _purchase(buyer, customer_id, article)
        status = "succeeded" if paid else "requires_payment_method"
        label = f"LDEMO-{number:04d}"
        _invoice(till, purchase, sold, at, label, "manual", status, at + due * DAY)
