"""`invoices.*` and `vat.*`: from when on invoices are issued, and with which rate."""

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped
from stakactl.domain.identity import PRESENT_RATES
from stakactl.operations.validate.checks import Check, Found
from stakactl.operations.validate.settings import SETTINGS

_SINCE, _RATE = "INVOICES_SINCE", "TAX_RATE"


def _since(found: Found) -> Verdict:
    facts = found[SETTINGS]
    since, today = facts.invoices_since, facts.now.date()
    if _SINCE in facts.wrong:
        return skipped("is wrong (settings.valid)", subject=_SINCE)
    if since is None:
        return failed(
            "is not set: nobody said from which payment on invoices are stakactl's task",
            f"set {_SINCE}={today}, or the day on which your own invoicing ended",
            subject=_SINCE,
        )
    if since > facts.now:
        return failed(
            f"{since:%Y-%m-%d %H:%M} UTC is in the future: nothing is issued until then",
            f"set {_SINCE}={today}, or run this again then",
            subject=_SINCE,
        )
    return passed(f"{since:%Y-%m-%d %H:%M} UTC", subject=_SINCE)


def _rate(found: Found) -> Verdict:
    facts = found[SETTINGS]
    rate = facts.tax_rate
    if _RATE in facts.wrong:
        return skipped("is wrong (settings.valid)", subject=_RATE)
    if rate is None:
        return failed(
            "is not set: orders that state no rate get no invoice",
            f"set {_RATE}=20, or the rate of what you sell",
            subject=_RATE,
        )
    if rate == 0 and facts.company.vat_number:
        return failed(
            "is 0, but the seller has a VAT number",
            f"set {_RATE}=20, or leave PDF_COMPANY_VAT_NUMBER out in the franchise",
            subject=_RATE,
        )
    if rate not in PRESENT_RATES:
        rates = ", ".join(str(known) for known in sorted(PRESENT_RATES, reverse=True))
        return failed(
            f"{rate} % is no rate of today", f"set {_RATE} to one of {rates}", subject=_RATE
        )
    return passed(f"{rate} %", subject=_RATE)


CHECKS: tuple[Check, ...] = (
    Check("invoices.since", "Invoices begin at a known day", _since, (SETTINGS,)),
    Check(
        "vat.rate",
        "The VAT rate is one of today",
        _rate,
        (SETTINGS,),
        severity=Severity.WARNING,
    ),
)
