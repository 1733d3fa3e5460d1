"""Stripe's JSON of subscriptions → what they bill in each interval, discounts and VAT told apart.

Discounts that last (coupons of duration `forever` and `repeating`) are taken off in Stripe's
order; one of a single invoice is not part of what recurs. What cannot be read exactly (tiers,
metered use, a discount of one item alone or in another currency) leaves no amount: none is
guessed. Whether VAT is inside a price is what its tax rates say, else its `tax_behavior`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from stakactl.adapters.stripe import fields as f
from stakactl.adapters.stripe.fields import Json
from stakactl.domain.stripe_objects import Subscription, SubscriptionItem

#: Amounts are kept to a millionth of a minor unit; a price has up to twelve decimals.
_STEP = Decimal("0.000001")
_NOTHING = Decimal(0)
#: Its first payment failed, or its trial ended without a way to pay: nothing was ever paid for.
_NEVER_BEGAN = frozenset({"incomplete", "incomplete_expired", "paused"})


def subscription(data: Json) -> Subscription:
    rows = f.inner(data, "items").get("data")
    item = f.mapping(rows[0], "items") if isinstance(rows, list) and rows else {}
    price = f.inner(item, "price")
    recurring = f.inner(price, "recurring")
    priced = price.get("unit_amount") is not None
    # Before 2025-03-31 the period stood on the subscription itself.
    period = item if item.get("current_period_end") is not None else data
    started = f.optional_time(data, "start_date") or f.time(data, "created")
    return Subscription(
        id=f.text(data, "id"),
        created_at=f.time(data, "created"),
        livemode=f.flag(data, "livemode"),
        status=f.text(data, "status"),
        customer_id=f.reference(data, "customer"),
        price_id=f.optional_text(price, "id"),
        unit_amount=f.money(price, "unit_amount") if priced else None,
        quantity=f.whole(item, "quantity") if item.get("quantity") is not None else 1,
        interval=f.optional_text(recurring, "interval"),
        interval_count=f.whole(recurring, "interval_count") if recurring else 1,
        current_period_end=f.optional_time(period, "current_period_end"),
        canceled_at=f.optional_time(data, "canceled_at"),
        ended_at=f.optional_time(data, "ended_at"),
        started_at=started,
        began_at=_began(data, started),
        items=_items(data),
    )


def _began(data: Json, started: datetime) -> datetime | None:
    """A trial that was put in later, to move the next payment, does not end what had begun."""
    if f.text(data, "status") in _NEVER_BEGAN:
        return None
    trial_start = f.optional_time(data, "trial_start")
    trial_end = f.optional_time(data, "trial_end")
    on_trial = trial_end is not None and (trial_start is None or trial_start <= started)
    began = trial_end if on_trial and trial_end is not None else started
    ended = f.optional_time(data, "ended_at")
    return None if ended is not None and ended <= began else began


def _items(data: Json) -> tuple[SubscriptionItem, ...]:
    listed = f.inner(data, "items")
    rows = listed.get("data")
    mine = [f.mapping(row, "items") for row in rows] if isinstance(rows, list) else []
    items = [_item(row, data) for row in mine if row.get("price") is not None]
    if listed.get("has_more") is True and items:
        # More than Stripe sends along: what they bill is not known.
        items.append(replace(items[0], price_id=None, product_id=None, amount=None))
    return tuple(_discounted(items, _discounts(data)))


def _item(row: Json, data: Json) -> SubscriptionItem:
    price = f.mapping(row.get("price"), "price")
    recurring = f.inner(price, "recurring")
    return SubscriptionItem(
        price_id=f.optional_text(price, "id"),
        product_id=f.reference(price, "product"),
        currency=f.text(price, "currency"),
        interval=f.optional_text(recurring, "interval") or "month",
        interval_count=f.whole(recurring, "interval_count") if recurring else 1,
        amount=None if row.get("discounts") else _amount(row, price, recurring),
        included_vat=_included_vat(row, price, data),
    )


def _amount(row: Json, price: Json, recurring: Json) -> Decimal | None:
    fixed = (price.get("billing_scheme"), recurring.get("usage_type")) == ("per_unit", "licensed")
    unit = f.optional_text(price, "unit_amount_decimal") or price.get("unit_amount")
    if not fixed or unit is None or row.get("quantity") is None:
        return None
    packages = f.whole(row, "quantity")
    if transform := f.inner(price, "transform_quantity"):
        size = f.whole(transform, "divide_by")
        packages = -(-packages // size) if transform.get("round") == "up" else packages // size
    return _decimal(unit, "unit_amount") * packages


def _decimal(value: object, name: str) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise f.Malformed(name) from None
    if not number.is_finite():
        raise f.Malformed(name)
    return number


# -- discounts


def _discounts(data: Json) -> list[Json | None]:
    """The coupons that last, in Stripe's order; None for one that cannot be read."""
    found: list[Json | None] = []
    listed = data.get("discounts")
    for discount in listed if isinstance(listed, list) else ():
        source = f.inner(discount, "source") if isinstance(discount, dict) else {}
        # Before 2025-09-30 the coupon stood on the discount itself.
        coupon = source.get("coupon") or (isinstance(discount, dict) and discount.get("coupon"))
        if not isinstance(coupon, dict):
            found.append(None)
        elif coupon.get("duration") != "once":
            found.append(coupon)
    return found


def _discounted(
    items: Sequence[SubscriptionItem], coupons: Iterable[Json | None]
) -> list[SubscriptionItem]:
    left = list(items)
    for coupon in coupons:
        left = _less(left, coupon)
    return [replace(item, amount=_rounded(item.amount)) for item in left]


def _less(items: list[SubscriptionItem], coupon: Json | None) -> list[SubscriptionItem]:
    if coupon is not None and coupon.get("percent_off") is not None:
        kept = 1 - _decimal(coupon["percent_off"], "percent_off") / 100
        return [
            replace(item, amount=None if item.amount is None else item.amount * kept)
            for item in items
        ]
    off = coupon and coupon.get("amount_off")
    known = all(item.amount is not None for item in items)
    same = coupon is not None and all(item.currency == coupon.get("currency") for item in items)
    if coupon is None or type(off) is not int or not known or not same:
        return [replace(item, amount=None) for item in items]
    return _less_amount(items, Decimal(off))


def _less_amount(items: list[SubscriptionItem], off: Decimal) -> list[SubscriptionItem]:
    """From one item after the other, as far as they go."""
    left = []
    for item in items:
        taken = min(off, item.amount or _NOTHING)
        off -= taken
        left.append(replace(item, amount=(item.amount or _NOTHING) - taken))
    return left


def _rounded(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else amount.quantize(_STEP, ROUND_HALF_UP)


# -- VAT


def _included_vat(row: Json, price: Json, data: Json) -> Decimal | None:
    """What the tax rates of the item, else of the subscription, say; without any a price that
    excludes taxes holds none, and of any other nothing is known."""
    rates = row.get("tax_rates") or data.get("default_tax_rates")
    if isinstance(rates, list) and rates:
        return _rate_inside([f.mapping(rate, "tax_rates") for rate in rates])
    return _NOTHING if price.get("tax_behavior") == "exclusive" else None


def _rate_inside(rates: Sequence[Json]) -> Decimal | None:
    total = _NOTHING
    for rate in rates:
        if f.flag(rate, "inclusive"):
            if rate.get("rate_type") == "flat":
                return None
            total += _decimal(rate.get("percentage"), "percentage")
    return total
