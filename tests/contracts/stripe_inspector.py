"""What every StripeInspector promises, real or fake."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

import pytest

from stakactl.domain.stripe_account import Price, Requirements
from stakactl.domain.stripe_objects import Absence
from stakactl.operations.ports.inspection.stripe import StripeArea, StripeInspector
from tests.demo.objects import ACCOUNT, make

Json = dict[str, Any]

CHARGE_READ = frozenset({"rak_charge_read"})


def account(**fields: Any) -> Json:
    """An account that may do everything and owes nothing."""
    nothing: Json = {
        "alternatives": [],
        "current_deadline": None,
        "currently_due": [],
        "disabled_reason": None,
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    wanted = nothing | fields.pop("requirements", {})
    standard = {"charges_enabled": True, "payouts_enabled": True, "requirements": wanted}
    return make("account", ACCOUNT, **(standard | fields))


def price(id: str, interval: str | None, **fields: Any) -> Json:
    count = fields.pop("interval_count", 1)
    recurring = {
        "interval": interval,
        "interval_count": count,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    standard: Json = {
        "active": True,
        "currency": "eur",
        "unit_amount": 400,
        "unit_amount_decimal": "400",
        "recurring": recurring if interval else None,
        "type": "recurring" if interval else "one_time",
    }
    return make("price", id, **(standard | fields))


class OpenInspector(Protocol):
    """An inspector with a live key, restricted to `permissions` if there are any."""

    def __call__(
        self, *objects: Json, permissions: frozenset[str] | None = None
    ) -> StripeInspector: ...


class StripeInspectorContract:
    @pytest.fixture
    def open_inspector(self) -> OpenInspector:
        raise NotImplementedError

    def test_the_state_of_the_account(self, open_inspector: OpenInspector) -> None:
        wanted = {
            "disabled_reason": "requirements.past_due",
            "past_due": ["company.tax_id"],
            "currently_due": ["company.tax_id", "external_account"],
            "pending_verification": ["person.id"],
            "current_deadline": 1_798_761_600,
        }
        stripe = open_inspector(account(payouts_enabled=False, requirements=wanted))
        answer = stripe.account()
        assert answer.account is not None
        assert (answer.account.id, answer.account.charges_enabled) == (ACCOUNT, True)
        assert not answer.account.payouts_enabled
        assert answer.account.requirements == Requirements(
            past_due=("company.tax_id",),
            currently_due=("company.tax_id", "external_account"),
            pending=("person.id",),
            disabled_reason="requirements.past_due",
            due_at=datetime(2027, 1, 1, tzinfo=UTC),
        )
        assert answer.account.requirements.due == ("external_account",)
        assert answer.clock is not None

    def test_an_account_that_the_key_may_not_read(self, open_inspector: OpenInspector) -> None:
        answer = open_inspector(permissions=CHARGE_READ).account()
        assert (answer.account_id, answer.account) == (ACCOUNT, None)
        assert "may not" in answer.refusal
        assert answer.clock is not None

    def test_a_price(self, open_inspector: OpenInspector) -> None:
        stripe = open_inspector(
            price("price_1", "month", interval_count=3, active=False, currency="usd")
        )
        expected = Price("price_1", False, "usd", Decimal(400), "month", 3)
        assert stripe.price("price_1") == expected

    def test_prices_without_a_whole_amount_or_a_period(self, open_inspector: OpenInspector) -> None:
        stripe = open_inspector(
            price("price_part", None, unit_amount=None, unit_amount_decimal="0.5"),
            price("price_tiers", "year", unit_amount=None, unit_amount_decimal=None),
        )
        part, tiers = stripe.price("price_part"), stripe.price("price_tiers")
        assert isinstance(part, Price)
        assert isinstance(tiers, Price)
        assert (part.unit_amount, part.interval, part.months) == (Decimal("0.5"), None, None)
        assert (tiers.unit_amount, tiers.months) == (None, 12)

    def test_a_price_that_is_not_there_or_of_the_other_mode(
        self, open_inspector: OpenInspector
    ) -> None:
        stripe = open_inspector(price("price_test", "month", livemode=False))
        assert stripe.price("price_none") is Absence.MISSING
        assert stripe.price("price_test") is Absence.OTHER_MODE

    @pytest.mark.parametrize("area", list(StripeArea))
    def test_every_area_is_one_that_stripe_has(
        self, open_inspector: OpenInspector, area: StripeArea
    ) -> None:
        assert open_inspector().may_read(area) is None

    def test_a_permission_that_is_missing_is_named(self, open_inspector: OpenInspector) -> None:
        stripe = open_inspector(permissions=CHARGE_READ)
        assert stripe.may_read(StripeArea.CHARGES) is None
        refusal = stripe.may_read(StripeArea.EVENTS)
        assert refusal is not None
        assert (refusal.area, refusal.permission) == (StripeArea.EVENTS, "rak_event_read")

    def test_the_right_to_change_endpoints(self, open_inspector: OpenInspector) -> None:
        assert open_inspector().may_write_endpoints() is None
        rights = frozenset({"rak_webhook_read"})
        refusal = open_inspector(permissions=rights).may_write_endpoints()
        assert refusal is not None
        assert refusal.permission == "rak_webhook_write"
