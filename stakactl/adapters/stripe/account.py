"""Stripe's JSON of what `config validate` looks at → domain values."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from stakactl.adapters.stripe import fields as f
from stakactl.adapters.stripe.fields import Json
from stakactl.domain.stripe_account import AccountState, Price, Requirements


def parse_account_state(data: object) -> AccountState:
    """Raises StripeError, naming the unusable field."""
    try:
        fields = f.mapping(data, "object")
        dashboard = f.inner(f.inner(fields, "settings"), "dashboard")
        return AccountState(
            id=f.text(fields, "id"),
            name=f.optional_text(dashboard, "display_name") or "",
            charges_enabled=f.flag(fields, "charges_enabled"),
            payouts_enabled=f.flag(fields, "payouts_enabled"),
            requirements=_requirements(f.inner(fields, "requirements")),
        )
    except f.Malformed as problem:
        raise f.unusable("account", data, str(problem)) from None


def _requirements(data: Json) -> Requirements:
    due_at: datetime | None = f.optional_time(data, "current_deadline")
    return Requirements(
        past_due=_names(data, "past_due"),
        currently_due=_names(data, "currently_due"),
        pending=_names(data, "pending_verification"),
        disabled_reason=f.optional_text(data, "disabled_reason"),
        due_at=due_at,
    )


def _names(data: Json, name: str) -> tuple[str, ...]:
    values = data.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise f.Malformed(name)
    return tuple(values)


def parse_price(data: object) -> Price:
    """Raises StripeError, naming the unusable field."""
    try:
        fields = f.mapping(data, "object")
        recurring = f.inner(fields, "recurring")
        return Price(
            id=f.text(fields, "id"),
            active=f.flag(fields, "active"),
            currency=f.text(fields, "currency"),
            unit_amount=_unit_amount(fields),
            interval=f.optional_text(recurring, "interval"),
            interval_count=f.whole(recurring, "interval_count") if recurring else 1,
        )
    except f.Malformed as problem:
        raise f.unusable("price", data, str(problem)) from None


def _unit_amount(data: Json) -> Decimal | None:
    """`unit_amount` is null where the amount has parts of a minor unit: `…_decimal` tells."""
    if data.get("unit_amount") is not None:
        return Decimal(f.whole(data, "unit_amount"))
    text = f.optional_text(data, "unit_amount_decimal")
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise f.Malformed("unit_amount_decimal") from None
