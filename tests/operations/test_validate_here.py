"""The checks of settings, seller, invoices, templates and machine: each one good, then broken."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from stakactl.domain.checks import CheckState
from stakactl.domain.orders import Address
from stakactl.operations.ports.inspection.here import (
    EnvFileFacts,
    HomeFacts,
    LetterFacts,
    LetterSample,
    SettingProblem,
    SettingWarning,
)
from stakactl.operations.validate.machine import ENV_FILE, HOME
from stakactl.operations.validate.settings import SETTINGS
from stakactl.operations.validate.templates import LETTERS
from tests.operations.checking import COMPANY, GOOD, judged, judged_settings, states

OK, FAILED, SKIPPED = CheckState.OK, CheckState.FAILED, CheckState.SKIPPED
_SIRET, _VAT = "PDF_COMPANY_SIRET", "PDF_COMPANY_VAT_NUMBER"
LIVES_HERE = (
    "settings.present settings.valid settings.remarks company.name company.address company.siret "
    "company.vat_number company.legal_form company.capital company.rcs invoices.since vat.rate"
).split()


@pytest.mark.parametrize("check_id", LIVES_HERE)
def test_good_settings_break_nothing(check_id: str) -> None:
    assert set(states(judged(check_id, {SETTINGS: GOOD}))) == {OK}


def test_every_wrong_setting_is_a_verdict_of_its_own() -> None:
    problems = (
        SettingProblem("TAX_RATE", "is no percentage", "write 20 for 20 %"),
        SettingProblem("line 3", "is not NAME=value", ""),
    )
    found = judged_settings("settings.valid", problems=problems)
    assert [(each.subject, each.state) for each in found] == [
        ("TAX_RATE", FAILED),
        ("line 3", FAILED),
        ("STRIPE_SECRET_KEY", OK),
    ]
    assert [each.hint for each in found[:2]] == [
        "write 20 for 20 %",
        "correct line 3; .env.example explains it",
    ]


def test_nothing_set_is_well_formed_but_lacks_the_key() -> None:
    assert states(judged_settings("settings.valid", given=())) == [OK]
    (missing,) = judged_settings("settings.present", given=())
    assert (missing.state, missing.subject) == (FAILED, "STRIPE_SECRET_KEY")
    wrong = (SettingProblem("STRIPE_SECRET_KEY", "is a publishable key", ""),)
    assert states(judged_settings("settings.present", given=(), problems=wrong)) == [OK]


def test_what_has_no_effect_is_remarked_with_its_place() -> None:
    (found,) = judged_settings(
        "settings.remarks", warnings=(SettingWarning("TAX_RATE", "TAX_RATE is not used"),)
    )
    assert (found.state, found.subject) == (FAILED, "TAX_RATE")
    assert found.hint == "correct TAX_RATE in environment, or leave it out"


@pytest.mark.parametrize(
    ("check_id", "changes", "subject"),
    [
        ("company.name", {"name": ""}, "PDF_COMPANY_NAME"),
        ("company.address", {"address": Address("", "", "75011", "Paris", "FR")}, "…ADDRESS"),
        ("company.address", {"address": Address("1", "", "", "Paris", "FR")}, "…POSTAL_CODE"),
        ("company.address", {"address": Address("1", "", "75011", "", "FR")}, "…CITY"),
        ("company.siret", {"siret": ""}, _SIRET),
        ("company.vat_number", {"vat_number": ""}, _VAT),
        ("company.legal_form", {"legal_form": ""}, "…LEGAL_FORM"),
        ("company.capital", {"capital": ""}, "…CAPITAL"),
        ("company.rcs", {"rcs": ""}, "…RCS"),
        ("company.rcs", {"rcs": "Paris B 552 081 317"}, "…RCS"),
    ],
)
def test_a_seller_that_lacks_something(
    check_id: str, changes: dict[str, Any], subject: str
) -> None:
    broken = [each for each in judged_settings(check_id, company=changes) if each.state is FAILED]
    assert [each.subject for each in broken] == [subject.replace("…", "PDF_COMPANY_")]
    assert broken[0].subject in broken[0].hint


@pytest.mark.parametrize(
    ("check_id", "changes"),
    [
        ("company.siret", {"siret": "", "address": Address(country="BE")}),
        ("company.capital", {"capital": "", "legal_form": "Micro-entreprise"}),
        ("company.capital", {"capital": "", "legal_form": "E.I."}),
        ("company.capital", {"capital": "", "address": Address(country="BE")}),
        ("company.rcs", {"rcs": "", "legal_form": "Association loi 1901"}),
    ],
)
def test_what_a_seller_of_its_kind_does_not_have(check_id: str, changes: dict[str, Any]) -> None:
    assert states(judged_settings(check_id, company=changes)) == [SKIPPED]


def test_a_partnership_has_a_register_entry_but_no_capital() -> None:
    snc = {"legal_form": "SNC", "capital": "", "rcs": ""}
    assert states(judged_settings("company.capital", company=snc)) == [SKIPPED]
    assert states(judged_settings("company.rcs", company=snc)) == [FAILED]


@pytest.mark.parametrize(
    ("check_id", "setting"),
    [
        ("company.siret", _SIRET),
        ("company.vat_number", _VAT),
        ("invoices.since", "INVOICES_SINCE"),
        ("vat.rate", "TAX_RATE"),
    ],
)
def test_a_malformed_setting_is_told_once(check_id: str, setting: str) -> None:
    problem = SettingProblem(setting, "is wrong", "")
    assert states(judged_settings(check_id, problems=(problem,))) == [SKIPPED]


@pytest.mark.parametrize(
    ("since", "state"),
    [
        (None, FAILED),
        (datetime(2026, 9, 15, 13, tzinfo=UTC), FAILED),
        (datetime(2026, 9, 15, 12, tzinfo=UTC), OK),
    ],
)
def test_the_first_day_of_invoices(since: datetime | None, state: CheckState) -> None:
    (found,) = judged_settings("invoices.since", invoices_since=since)
    assert found.state is state
    assert state is OK or "INVOICES_SINCE=2026-09-15" in found.hint


@pytest.mark.parametrize(
    ("rate", "vat_number", "state"),
    [
        ("20", "FR44732829320", OK),
        ("5.5", "FR44732829320", OK),
        ("0", "", OK),
        ("0", "FR44732829320", FAILED),
        ("19.6", "FR44732829320", FAILED),
        (None, "FR44732829320", FAILED),
    ],
)
def test_the_rate(rate: str | None, vat_number: str, state: CheckState) -> None:
    decimal = Decimal(rate) if rate is not None else None
    found = judged_settings("vat.rate", tax_rate=decimal, company={"vat_number": vat_number})
    assert states(found) == [state]


def test_no_vat_number_is_wanted_where_no_vat_is_charged() -> None:
    found = judged_settings("company.vat_number", tax_rate=Decimal(0), company={"vat_number": ""})
    assert states(found) == [SKIPPED]


@pytest.mark.parametrize(
    ("mode", "state"),
    [(0o600, OK), (0o400, OK), (0o640, FAILED), (0o604, FAILED), (0o620, FAILED), (None, SKIPPED)],
)
def test_the_mode_of_the_settings_file(mode: int | None, state: CheckState) -> None:
    (found,) = judged("env.mode", {ENV_FILE: EnvFileFacts("/shop/.env", mode)})
    assert found.state is state
    assert state is not FAILED or found.hint == "chmod 600 /shop/.env"


_HOME = HomeFacts("/shop/var", True, True, "/shop/var", True, 50_000_000_000, 40)


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({}, []),
        ({"free_bytes": 99_999_999}, ["disk.full"]),
        ({"free_bytes": 100_000_000}, ["disk.space"]),
        ({"free_bytes": 999_999_999}, ["disk.space"]),
        ({"free_bytes": 1_000_000_000}, []),
        ({"used_percent": 80}, []),
        ({"used_percent": 81}, ["disk.space"]),
        ({"writable": False}, ["home.writable"]),
        ({"is_folder": False}, ["home.writable"]),
        ({"exists": False, "is_folder": False, "looked_at": "/shop"}, []),
    ],
)
def test_the_home_and_its_disk(changes: dict[str, Any], broken: list[str]) -> None:
    facts = {HOME: replace(_HOME, **changes)}
    names = ("home.writable", "disk.full", "disk.space")
    assert [name for name in names if FAILED in states(judged(name, facts))] == broken


def test_a_letter_that_cannot_be_written_is_named() -> None:
    samples = (LetterSample("invoice.fr"), LetterSample("invoice.en", "line 3: no", "correct it"))
    good, bad = judged("templates.render", {LETTERS: LetterFacts(samples)})
    assert (good.state, good.subject) == (OK, "invoice.fr")
    assert (bad.state, bad.subject, bad.seen, bad.hint) == (
        FAILED,
        "invoice.en",
        "line 3: no",
        "correct it",
    )


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (LetterFacts(()), SKIPPED),
        (LetterFacts((), "/shop/templates", False), FAILED),
        (LetterFacts((), "/shop/templates", True), FAILED),
        (LetterFacts((), "/shop/templates", True, ("facture.j2",)), FAILED),
        (LetterFacts((), "/t", True, ("invoice.fr.txt.j2",), ("invoice.fr.txt.j2",)), OK),
    ],
)
def test_templates_of_your_own(facts: LetterFacts, state: CheckState) -> None:
    assert states(judged("templates.folder", {LETTERS: facts})) == [state]


def test_the_identity_of_la_poste_is_as_good_as_any() -> None:
    assert states(judged_settings("company.siret", company={"siret": "35600000049837"})) == [OK]
    assert COMPANY.siren == "732829320"
