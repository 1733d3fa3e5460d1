"""`company.*`: who sells, complete enough for an invoice.

Errors are what no invoice is issued without; warnings what an invoice is issued without although
the law wants it.
"""

from collections.abc import Callable

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped
from stakactl.domain.identity import has_capital, is_french, is_registered, rcs_fits
from stakactl.domain.invoicing import Company
from stakactl.operations.ports.inspection.here import SettingsFacts
from stakactl.operations.validate.checks import Check, Found
from stakactl.operations.validate.settings import SETTINGS

_NAME, _SIRET = "PDF_COMPANY_NAME", "PDF_COMPANY_SIRET"
_VAT = "PDF_COMPANY_VAT_NUMBER"
_FORM, _CAPITAL, _RCS = "PDF_COMPANY_LEGAL_FORM", "PDF_COMPANY_CAPITAL", "PDF_COMPANY_RCS"


def _judged(setting: str, judge: Callable[[SettingsFacts], Verdict]) -> Callable[[Found], Verdict]:
    """`judge`, unless the setting is malformed, which `settings.valid` tells."""

    def of_found(found: Found) -> Verdict:
        return _unless_wrong(found[SETTINGS], setting, judge)

    return of_found


def _unless_wrong(
    facts: SettingsFacts, setting: str, judge: Callable[[SettingsFacts], Verdict]
) -> Verdict:
    if setting in facts.wrong:
        return skipped("is wrong (settings.valid)", subject=setting)
    return judge(facts)


def _required(value: str, setting: str, example: str) -> Verdict:
    if value:
        return passed(value, subject=setting)
    return failed(
        "is not set: no invoice is issued without it", f"set {setting}={example}", subject=setting
    )


def _mention(value: str, setting: str, example: str) -> Verdict:
    if value:
        return passed(value, subject=setting)
    return failed(
        "is not set, but has to stand on invoices", f"set {setting}={example}", subject=setting
    )


def _name(facts: SettingsFacts) -> Verdict:
    return _required(facts.company.name, _NAME, "'Your company'")


def _address(found: Found) -> list[Verdict]:
    address = found[SETTINGS].company.address
    return [
        _required(address.line1, "PDF_COMPANY_ADDRESS", "'12 rue Exemple'"),
        _required(address.postal_code, "PDF_COMPANY_POSTAL_CODE", "75011"),
        _required(address.city, "PDF_COMPANY_CITY", "Paris"),
    ]


def _siret(facts: SettingsFacts) -> Verdict:
    company = facts.company
    if not company.siret and not is_french(company):
        return skipped(f"the seller is in {company.address.country}", subject=_SIRET)
    if not company.siret:
        return _required("", _SIRET, "the 14 digits of annuaire-entreprises.data.gouv.fr")
    return passed(f"{company.siret}, SIREN {company.siren}, check digits right", subject=_SIRET)


def _vat_number(facts: SettingsFacts) -> Verdict:
    number = facts.company.vat_number
    if number:
        return passed(f"{number} fits the SIREN" if facts.company.siret else number, subject=_VAT)
    if facts.tax_rate == 0:
        return skipped("no VAT is charged: TAX_RATE is 0", subject=_VAT)
    return failed(
        "is not set, but has to stand on invoices that charge VAT",
        f"set {_VAT}=FR…, or TAX_RATE=0 in the franchise (art. 293 B of the CGI)",
        subject=_VAT,
    )


def _legal_form(facts: SettingsFacts) -> Verdict:
    return _mention(facts.company.legal_form, _FORM, "SAS")


def _capital(facts: SettingsFacts) -> Verdict:
    return _of_company(
        facts.company, facts.company.capital, _CAPITAL, "'10 000 €'", has_capital, "has no capital"
    )


def _rcs(facts: SettingsFacts) -> Verdict:
    company = facts.company
    if company.rcs and not rcs_fits(company):
        return failed(
            f"{company.rcs} has another number than the SIREN {company.siren}",
            f"correct {_RCS} or {_SIRET}: one of the two belongs to another company",
            subject=_RCS,
        )
    example = f"'Paris B {company.siren or '732829320'}'"
    return _of_company(company, company.rcs, _RCS, example, is_registered, "is in no register")


def _of_company(
    company: Company,
    value: str,
    setting: str,
    example: str,
    is_wanted: Callable[[str], bool],
    why_not: str,
) -> Verdict:
    """A mention that only some legal forms have."""
    if not value and not is_french(company):
        return skipped(f"the seller is in {company.address.country}", subject=setting)
    if not value and company.legal_form and not is_wanted(company.legal_form):
        return skipped(f"{company.legal_form} {why_not}", subject=setting)
    return _mention(value, setting, example)


def _warning(check_id: str, title: str, judge: Callable[[Found], Verdict]) -> Check:
    return Check(check_id, title, judge, (SETTINGS,), severity=Severity.WARNING)


CHECKS: tuple[Check, ...] = (
    Check("company.name", "The seller has a name", _judged(_NAME, _name), (SETTINGS,)),
    Check("company.address", "The seller's address is complete", _address, (SETTINGS,)),
    Check("company.siret", "The seller has a SIRET", _judged(_SIRET, _siret), (SETTINGS,)),
    _warning("company.vat_number", "The seller's VAT number", _judged(_VAT, _vat_number)),
    _warning("company.legal_form", "The seller's legal form", _judged(_FORM, _legal_form)),
    _warning("company.capital", "The seller's share capital", _judged(_CAPITAL, _capital)),
    _warning("company.rcs", "The seller's trade register entry", _judged(_RCS, _rcs)),
)
