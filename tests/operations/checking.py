"""Judging one check of the catalogue over facts that a test makes up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from stakactl.domain.checks import CheckState, Verdict
from stakactl.domain.invoicing import Company
from stakactl.domain.orders import Address
from stakactl.operations.ports.inspection.here import SettingsFacts
from stakactl.operations.validate.catalogue import CHECKS
from stakactl.operations.validate.checks import Found, Reading
from stakactl.operations.validate.settings import SETTINGS

NOW = datetime(2026, 9, 15, 12, tzinfo=UTC)
COMPANY = Company(
    name="Éditions de l'Exemple",
    address=Address("12 rue Exemple", "", "75011", "Paris", "FR"),
    siret="73282932000074",
    vat_number="FR44732829320",
    legal_form="SAS",
    capital="10 000 €",
    rcs="Paris B 732 829 320",
)
#: Settings of which nothing is wrong.
GOOD = SettingsFacts(
    given=("STRIPE_SECRET_KEY", "TAX_RATE"),
    origins={"STRIPE_SECRET_KEY": "/shop/.env:1", "TAX_RATE": "environment"},
    problems=(),
    warnings=(),
    demo=False,
    production=False,
    company=COMPANY,
    tax_rate=Decimal(20),
    invoices_since=datetime(2026, 9, 1, tzinfo=UTC),
    now=NOW,
)


def judged(check_id: str, facts: Mapping[Reading[Any], object]) -> list[Verdict]:
    """The verdicts of one check."""
    (check,) = [each for each in CHECKS if each.id == check_id]
    verdicts = check.judge(Found(facts))
    return [verdicts] if isinstance(verdicts, Verdict) else list(verdicts)


def judged_settings(check_id: str, **changes: Any) -> list[Verdict]:
    """The same over settings that are GOOD but for `changes`; those of `company` are its own."""
    company = replace(COMPANY, **changes.pop("company", {}))
    return judged(check_id, {SETTINGS: replace(GOOD, company=company, **changes)})


def states(verdicts: list[Verdict]) -> list[CheckState]:
    return [verdict.state for verdict in verdicts]
