"""What reading a customer again changed: objects that are new, gone, or not as they were."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import StripeKind, StripeObject, SubscriptionItem

#: More of an object's fields than these are counted.
_MOST_FIELDS = 4


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """`before` and `after` say what differs, by field; None where the object was not there."""

    kind: StripeKind
    object_id: str
    before: str | None
    after: str | None


def changed_objects(before: CustomerRecord, after: CustomerRecord) -> Iterator[ObjectChange]:
    """Objects of Stripe's that the second record holds otherwise than the first."""
    for kind, was in _groups(before).items():
        now = _groups(after)[kind]
        for key in sorted(was.keys() | now.keys()):
            old, new = was.get(key), now.get(key)
            if old is None or new is None:
                yield ObjectChange(kind, key, _state(old), _state(new))
            elif old != new:
                yield ObjectChange(kind, key, *differing(old, new))


def _groups(record: CustomerRecord) -> dict[StripeKind, dict[str, StripeObject]]:
    payments = record.payments
    return {
        StripeKind.CUSTOMER: {one.id: one for one in record.stripe_customers},
        StripeKind.CHECKOUT_SESSION: {one.id: one for one in payments.sessions},
        StripeKind.PAYMENT_INTENT: {one.id: one for one in payments.intents},
        StripeKind.CHARGE: {one.id: one for one in payments.charges},
        StripeKind.REFUND: {one.id: one for one in payments.refunds},
        StripeKind.DISPUTE: {one.id: one for one in payments.disputes},
        StripeKind.INVOICE: {one.id: one for one in record.stripe_invoices},
        StripeKind.SUBSCRIPTION: {one.id: one for one in record.subscriptions},
    }


def _state(thing: StripeObject | None) -> str | None:
    return None if thing is None else str(getattr(thing, "status", "there"))


def differing(old: StripeObject, new: StripeObject) -> tuple[str, str]:
    """What the two say where they differ, by field."""
    names = [
        field.name for field in fields(new) if getattr(old, field.name) != getattr(new, field.name)
    ]
    told, more = names[:_MOST_FIELDS], len(names) - _MOST_FIELDS
    others = f" and {more} more" if more > 0 else ""
    return _told(old, told) + others, _told(new, told) + others


def _told(thing: StripeObject, names: list[str]) -> str:
    words = (f"{_word(name)} {_value(getattr(thing, name))}" for name in names)
    return ", ".join(words)


def _word(name: str) -> str:
    return name.removesuffix("_minor").removesuffix("_id").replace("_", " ")


def _value(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case Money():
            return str(value)
        case SubscriptionItem():
            amount = "no fixed amount" if value.amount is None else f"{value.amount.normalize():f}"
            return f"{value.price_id} at {amount} {value.currency} (minor units)"
        case tuple():
            return ", ".join(map(_value, value)) or "none"
    return str(value)
