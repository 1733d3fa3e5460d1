"""`expand[]`: ids become the objects they name, and fields that are left out come in.

Which property can be expanded is a table per kind, so that a wrong path is refused before anything
is executed, also when the property happens to be null.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stakactl.demo.offline_stripe import refusals
from stakactl.demo.offline_stripe.resources.model import list_object
from stakactl.demo.offline_stripe.state import StripeObject, StripeState

MAX_LEVELS = 4


@dataclass(frozen=True, slots=True)
class Target:
    kinds: tuple[str, ...]  # several: the object's id tells which one
    rows: bool = False  # a list object: the path goes on with `data`
    left_out: bool = False  # not in the object unless it is expanded
    by: str = ""  # the field of the rows that names their owner; "": they are stored with it


def _id(*kinds: str) -> Target:
    return Target(kinds)


def _rows(kind: str) -> Target:
    return Target((kind,), rows=True)


def _left_out(kind: str, by: str = "") -> Target:
    return Target((kind,), rows=True, left_out=True, by=by)


_CUSTOMER = {"customer": _id("customer")}
_INTENT = {"payment_intent": _id("payment_intent")}
_MOVEMENT = {
    "balance_transaction": _id("balance_transaction"),
    "failure_balance_transaction": _id("balance_transaction"),
}
_METHOD = _id("payment_method")
_SHIPPING = {"shipping_cost.shipping_rate": _id("shipping_rate")}

#: kind → property (dotted inside hashes) → what is behind it
TARGETS: dict[str, dict[str, Target]] = {
    "balance_transaction": {"source": _id("charge", "refund", "dispute", "payout", "transfer")},
    "charge": {
        **_CUSTOMER,
        **_INTENT,
        **_MOVEMENT,
        "on_behalf_of": _id("account"),
        "refunds": _left_out("refund", "charge"),
        "review": _id("review"),
    },
    "checkout.session": {
        **_CUSTOMER,
        **_INTENT,
        **_SHIPPING,
        "discounts.coupon": _id("coupon"),
        "discounts.promotion_code": _id("promotion_code"),
        "invoice": _id("invoice"),
        "line_items": _left_out("item"),
        "payment_link": _id("payment_link"),
        "setup_intent": _id("setup_intent"),
        "subscription": _id("subscription"),
    },
    "credit_note": {
        **_CUSTOMER,
        **_SHIPPING,
        "customer_balance_transaction": _id("customer_balance_transaction"),
        "invoice": _id("invoice"),
        "lines": _rows("credit_note_line_item"),
        "refunds.refund": _id("refund"),
    },
    "customer": {
        "invoice_settings.default_payment_method": _METHOD,
        "sources": _left_out("source"),
        "subscriptions": _left_out("subscription", "customer"),
        "tax_ids": _left_out("tax_id"),
    },
    "discount": {
        **_CUSTOMER,
        "promotion_code": _id("promotion_code"),
        "source.coupon": _id("coupon"),
    },
    "dispute": {**_INTENT, "charge": _id("charge")},
    "invoice": {
        **_CUSTOMER,
        **_SHIPPING,
        "account_tax_ids": _id("tax_id"),
        "default_payment_method": _METHOD,
        "discounts": _id("discount"),
        "from_invoice.invoice": _id("invoice"),
        "latest_revision": _id("invoice"),
        "lines": _rows("line_item"),
        "parent.subscription_details.subscription": _id("subscription"),
        "payments": _left_out("invoice_payment", "invoice"),
    },
    "invoice_payment": {
        "invoice": _id("invoice"),
        "payment.charge": _id("charge"),
        "payment.payment_intent": _id("payment_intent"),
    },
    "item": {"price": _id("price")},
    "line_item": {
        "discounts": _id("discount"),
        "pricing.price_details.price": _id("price"),
        "subscription": _id("subscription"),
    },
    "payment_intent": {
        **_CUSTOMER,
        "latest_charge": _id("charge"),
        "payment_method": _METHOD,
        "review": _id("review"),
    },
    "payment_method": _CUSTOMER,
    "payout": {
        **_MOVEMENT,
        "destination": _id("bank_account", "card"),
        "original_payout": _id("payout"),
        "reversed_by": _id("payout"),
    },
    "price": {"product": _id("product")},
    "product": {"default_price": _id("price"), "tax_code": _id("tax_code")},
    "refund": {**_CUSTOMER, **_INTENT, **_MOVEMENT, "charge": _id("charge")},
    "setup_intent": {
        **_CUSTOMER,
        "latest_attempt": _id("setup_attempt"),
        "mandate": _id("mandate"),
        "payment_method": _METHOD,
    },
    "subscription": {
        **_CUSTOMER,
        "default_payment_method": _METHOD,
        "discounts": _id("discount"),
        "items": _rows("subscription_item"),
        "latest_invoice": _id("invoice"),
        "pending_setup_intent": _id("setup_intent"),
        "schedule": _id("subscription_schedule"),
    },
    "subscription_item": {"discounts": _id("discount"), "price": _id("price")},
}


@dataclass(frozen=True, slots=True)
class _Step:
    target: Target
    names: tuple[str, ...]  # the way to the property inside the object
    rest: tuple[str, ...]


def check(path: str, kind: str, *, many: bool) -> None:
    """Refuses a path that leads nowhere."""
    parts = path.split(".")
    if len(parts) > MAX_LEVELS:
        raise refusals.expansion_too_deep(path)
    if many:
        if parts[0] != "data" or len(parts) == 1:
            raise refusals.expansion_unknown(path, on_list=parts[0] != "data")
        parts = parts[1:]
    if not _leads_somewhere(kind, tuple(parts)):
        raise refusals.expansion_unknown(path, on_list=False)


def _leads_somewhere(kind: str, parts: tuple[str, ...]) -> bool:
    step = _step(kind, parts)
    if step is None:
        return False
    rest = step.rest
    if rest and step.target.rows:
        if rest[0] != "data":
            return False
        rest = rest[1:]
    return not rest or any(_leads_somewhere(next_kind, rest) for next_kind in step.target.kinds)


def _step(kind: str, parts: tuple[str, ...]) -> _Step | None:
    targets = TARGETS.get(kind, {})
    for length in range(1, len(parts) + 1):
        target = targets.get(".".join(parts[:length]))
        if target is not None:
            return _Step(target, parts[:length], parts[length:])
    return None


class Expander:
    """Expands within what a key of one mode can see."""

    def __init__(self, state: StripeState, *, livemode: bool) -> None:
        self._state = state
        self._livemode = livemode

    def expand(self, obj: StripeObject, path: str) -> None:
        """Changes `obj` in place; `check` has approved the path."""
        parts = tuple(path.split("."))
        if obj.get("object") == "list":
            for row in obj["data"]:
                self._expand(row, parts[1:])
        else:
            self._expand(obj, parts)

    def _expand(self, obj: StripeObject, parts: tuple[str, ...]) -> None:
        step = _step(str(obj.get("object")), parts)
        if step is None or obj.get("deleted"):
            return
        if step.target.left_out:
            obj.setdefault(step.names[0], self._brought_in(obj, step))
        holders: list[StripeObject] = [obj]
        for name in step.names[:-1]:
            holders = [part for holder in holders for part in _as_dicts(holder.get(name))]
        for holder in holders:
            self._expand_property(holder, step)

    def _expand_property(self, holder: StripeObject, step: _Step) -> None:
        name = step.names[-1]
        value = holder.get(name)
        if isinstance(value, str):
            value = holder[name] = self._named(value, step.target.kinds)
        elif isinstance(value, list):
            value = holder[name] = [self._named(entry, step.target.kinds) for entry in value]
        rest = step.rest
        if not rest:
            return
        parts = _as_dicts(value)
        if step.target.rows:
            parts = [row for rows in parts for row in _as_dicts(rows.get("data"))]
            rest = rest[1:]
        for part in parts if rest else ():
            self._expand(part, rest)

    def _named(self, id: object, kinds: Sequence[str]) -> object:
        """The object, or the id as it was: a world need not hold everything that it names."""
        if isinstance(id, str):
            for kind in kinds:
                found = self._state.get(kind, id, livemode=self._livemode)
                if found is not None:
                    return found
        return id

    def _brought_in(self, obj: StripeObject, step: _Step) -> StripeObject:
        name, target = step.names[0], step.target
        kind, id = str(obj["object"]), str(obj["id"])
        url = f"{_PATHS[kind]}/{id}/{name}"
        if target.by:
            page = self._state.list(target.kinds[0], {target.by: id}, livemode=self._livemode)
            return list_object(page.objects, url, has_more=page.has_more)
        stored: StripeObject | None = self._state.hidden(kind, id).get(name)
        return stored or list_object([], url)


#: Where the lists that are left out live.
_PATHS = {
    "charge": "/v1/charges",
    "checkout.session": "/v1/checkout/sessions",
    "customer": "/v1/customers",
    "invoice": "/v1/invoices",
}


def _as_dicts(value: object) -> list[StripeObject]:
    if isinstance(value, dict):
        return [value]
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
