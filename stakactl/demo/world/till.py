"""The till: what happens in Stripe when somebody pays, is refunded, or disputes a payment.

Every method leaves the objects, the balance transaction and the events that Stripe would leave,
consistent with each other; scenarios only decide what happens and when.
"""

import random

from stakactl.demo.world.catalogue import Cart, Prices
from stakactl.demo.world.ids import Ids, Json
from stakactl.demo.world.ledger import Ledger
from stakactl.demo.world.purchase import Payment, Purchase
from stakactl.demo.world.rhythm import DAY
from stakactl.demo.world.shapes import account, checkout, methods, payments

EVENTS_KEPT = 30 * DAY


class Till:
    def __init__(self, ids: Ids, rng: random.Random, now: int) -> None:
        self.ids = ids
        self.rng = rng
        self.now = now
        self.objects: list[Json] = []
        self.events: list[Json] = []
        self.ledger = Ledger(ids, now)
        self.prices = Prices(ids)
        self.price_objects: dict[str, Json] = {}
        self.subscription_tax: Json = {}

    def emit(self, type: str, at: int, obj: Json, **then: object) -> None:
        """An event, if Stripe would still show it; `then` is what has changed since."""
        event_id = self.ids.new("event")  # drawn in any case: ids must not depend on the date
        if self.now - EVENTS_KEPT < at <= self.now:
            snapshot = {**obj, **then} if then else obj
            mode = bool(obj.get("livemode", True))
            self.events.append(account.event(event_id, at, type, snapshot, livemode=mode))

    # -- Checkout Sessions

    def session(
        self,
        purchase: Purchase,
        at: int,
        status: str,
        *,
        payment_status: str = "unpaid",
        intent_id: str | None = None,
    ) -> Json:
        """A session as it is now: open, expired, or complete with its PaymentIntent."""
        complete = status == "complete"
        cart, buyer = purchase.cart, purchase.buyer
        amount, currency = purchase.taken
        as_listed = (cart.amount, cart.currency) == (amount, currency)
        kind = "checkout.session" if purchase.livemode else "test.checkout.session"
        session = checkout.checkout_session(
            self.ids.new(kind),
            at,
            amount=amount,
            currency=currency,
            status=status,
            payment_status=payment_status,
            locale=buyer.locale,
            list_amount=cart.list_amount if as_listed else None,
            details=checkout.customer_details(buyer, country=purchase.knows_country)
            if complete
            else None,
            email=None if purchase.customer_id else buyer.email,
            customer_id=purchase.customer_id,
            client_reference_id=purchase.references.client_reference_id,
            metadata=dict(purchase.references.session_metadata),
            intent_id=intent_id,
            stripe_tax=cart.stripe_tax,
            line_items=self._items(cart) if as_listed else None,
            livemode=purchase.livemode,
        )
        session.update(purchase.presentment)
        if purchase.presented is not None:
            session["adaptive_pricing"] = {"enabled": True}
        if (amount, currency) != (purchase.amount, purchase.currency):
            session["currency_conversion"] = checkout.currency_conversion(
                purchase.amount, purchase.currency, amount
            )
        self.objects.append(session)
        if status == "expired":
            self.emit("checkout.session.expired", at + DAY, session)
        return session

    def _items(self, cart: Cart) -> list[Json]:
        return [
            checkout.checkout_item(
                self.ids.new("item"),
                self.price_objects[self.prices.prices[line.article.key, cart.currency]],
                cart.title_of(line),
                line.quantity,
                line.amount,
            )
            for line in cart.lines
        ]

    def checkout(
        self, purchase: Purchase, at: int, *, settles_after: int = 0, hesitates: int = 0
    ) -> Payment:
        """Somebody pays through Checkout, at once or after so many seconds of hesitation. SEPA
        debits settle days after the session completed."""
        confirmed = at + hesitates + self.rng.randint(60, 900)
        payment = self.pay(purchase, confirmed, settles_after=settles_after)
        session = self.session(
            purchase, at, "complete", payment_status="paid", intent_id=payment.intent["id"]
        )
        if settles_after:
            settled = confirmed + settles_after
            self.emit("checkout.session.completed", confirmed, session, payment_status="unpaid")
            self.emit("checkout.session.async_payment_succeeded", settled, session)
        else:
            self.emit("checkout.session.completed", confirmed, session)
        return Payment(purchase, payment.intent, payment.charge, session, payment.paid_at)

    def checkout_unpaid(self, purchase: Purchase, at: int, status: str) -> Payment:
        """Checkout is complete, the money is not there: `status` is the PaymentIntent's."""
        confirmed = at + self.rng.randint(60, 900)
        attempt = self.attempt(purchase, confirmed, status)
        session = self.session(purchase, at, "complete", intent_id=attempt.intent["id"])
        self.emit("checkout.session.completed", confirmed, session)
        if status == "requires_payment_method":
            self.emit("checkout.session.async_payment_failed", confirmed + 3 * DAY, session)
        return Payment(purchase, attempt.intent, attempt.charge, session)

    # -- PaymentIntents and charges

    def pay(self, purchase: Purchase, at: int, *, settles_after: int = 0) -> Payment:
        """A PaymentIntent that succeeded, with its charge and its balance transaction."""
        paid_at = at + settles_after
        payment = self._intent(purchase, at, "succeeded", "succeeded")
        charge = payment.succeeded
        if purchase.booked:
            transaction = self.ledger.charge(charge, paid_at, purchase.buyer.country)
            charge["balance_transaction"] = transaction["id"]
        self.emit(
            "charge.succeeded", paid_at, charge, refunded=False, amount_refunded=0, disputed=False
        )
        self.emit("payment_intent.succeeded", paid_at, payment.intent)
        return Payment(purchase, payment.intent, charge, paid_at=paid_at)

    def attempt(
        self, purchase: Purchase, at: int, status: str, *, capture_before: int | None = None
    ) -> Payment:
        """A PaymentIntent that did not succeed (yet), with the charge it left, if any."""
        charge_status = {
            "processing": "pending",
            "requires_capture": "succeeded",
            "requires_payment_method": "failed",
        }.get(status)
        payment = self._intent(purchase, at, status, charge_status, capture_before)
        if status == "requires_payment_method":
            later = at + (3 * DAY if purchase.method == "sepa_debit" else 0)
            self.emit("charge.failed", later, payment.succeeded)
            self.emit("payment_intent.payment_failed", later, payment.intent)
        elif status == "canceled":
            self.emit("payment_intent.canceled", at + DAY, payment.intent)
        elif status == "requires_capture":
            self.emit("payment_intent.amount_capturable_updated", at, payment.intent)
        else:
            self.emit("payment_intent.processing", at, payment.intent)
        return payment

    def _intent(
        self,
        purchase: Purchase,
        at: int,
        status: str,
        charge_status: str | None,
        capture_before: int | None = None,
    ) -> Payment:
        country = purchase.buyer.country
        amount, currency = purchase.taken
        sepa = purchase.method == "sepa_debit"
        method = (
            methods.sepa_debit(self.ids, country)
            if sepa
            else methods.card(self.ids, self.rng, country, amount, capture_before)
        )
        charge_id = self.ids.new("charge.sepa_debit" if sepa else "charge")
        billed = {
            "address": checkout.address(purchase.buyer, country=purchase.knows_country),
            "email": purchase.buyer.email,
            "name": purchase.buyer.name,
            "phone": None,
            "tax_id": None,
        }
        failed = charge_status == "failed"
        intent = payments.payment_intent(
            self.ids.new("payment_intent"),
            at - 30,
            amount=amount,
            currency=currency,
            status=status,
            secret=self.ids.new("secret"),
            method=purchase.method,
            metadata=dict(purchase.references.intent_metadata),
            customer_id=purchase.customer_id,
            charge_id=charge_id if charge_status else None,
            payment_method=None if failed or not charge_status else method.id,
            error=methods.payment_error(method, billed, at, charge_id) if failed else None,
            canceled_at=at + DAY if status == "canceled" else None,
            livemode=purchase.livemode,
        )
        intent.update(purchase.presentment)
        self.objects.append(intent)
        if charge_status is None:
            return Payment(purchase, intent, None)
        charge = payments.charge(
            charge_id,
            at,
            amount=amount,
            currency=currency,
            status=charge_status,
            intent_id=intent["id"],
            billing=billed,
            payment_method=method.id,
            method_details=method.details,
            customer_id=purchase.customer_id,
            captured=status != "requires_capture",
            failure=(methods.DEBIT_FAILED if sepa else methods.CARD_DECLINED) if failed else None,
            livemode=purchase.livemode,
        )
        charge.update(purchase.presentment)
        self.objects.append(charge)
        return Payment(purchase, intent, charge)

    # -- refunds and disputes

    def refund(self, payment: Payment, amount: int, at: int, status: str = "succeeded") -> Json:
        """Stripe counts a refund from its creation; a failed one gives the money back."""
        charge = payment.succeeded
        refund_id = self.ids.new("refund")
        booked = status in ("succeeded", "failed")
        transaction = self.ledger.refund(refund_id, charge, amount, at) if booked else None
        refund = payments.refund(
            refund_id, at, charge, amount, status, transaction["id"] if transaction else None
        )
        self.objects.append(refund)
        self.emit("refund.created", at, refund)
        if status in ("failed", "canceled"):
            if transaction is not None:
                returned = self.ledger.refund_failure(
                    refund_id, transaction, min(at + DAY, self.now)
                )
                refund["failure_balance_transaction"] = returned["id"]
            self.emit("refund.failed", min(at + DAY, self.now), refund)
            return refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.emit("charge.refunded", at, charge)
        return refund

    def dispute(self, payment: Payment, at: int, status: str = "needs_response") -> Json:
        """The bank took the money back; one that was won has brought it back a week later."""
        charge = payment.succeeded
        dispute_id = self.ids.new("dispute")
        taken = self.ledger.dispute(dispute_id, charge, at)
        movements, over = [dict(taken)], min(at + 7 * DAY, self.now)
        if status == "won":
            movements.append(dict(self.ledger.dispute_reversal(dispute_id, taken, over)))
        dispute = payments.dispute(dispute_id, at, charge, movements, at + 9 * DAY, status)
        charge["disputed"] = True
        self.objects.append(dispute)
        self.emit("charge.dispute.created", at, dispute, status="needs_response")
        self.emit("charge.dispute.funds_withdrawn", at, dispute, status="needs_response")
        if status in ("won", "lost"):
            self.emit("charge.dispute.closed", over, dispute)
        if status == "won":
            self.emit("charge.dispute.funds_reinstated", over, dispute)
        return dispute

    def inquiry(self, payment: Payment, at: int) -> Json:
        """The bank asked and was satisfied: no money moved."""
        charge = payment.succeeded
        closed = "warning_closed"
        inquiry = payments.dispute(self.ids.new("dispute"), at, charge, [], at + 9 * DAY, closed)
        inquiry["is_charge_refundable"] = True
        self.objects.append(inquiry)
        self.emit("charge.dispute.created", at, inquiry, status="warning_needs_response")
        self.emit("charge.dispute.closed", min(at + 7 * DAY, self.now), inquiry)
        return inquiry
