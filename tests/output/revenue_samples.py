"""Reports of revenue for the tests of their table and their page."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from stakactl.domain.money import Money
from stakactl.domain.revenue import (
    Breakdown,
    Figures,
    Grain,
    RevenueDay,
    Share,
    Split,
    breakdown,
    periods,
    total_by_currency,
)
from stakactl.operations.revenue import Earlier, RevenueReport, Tie
from stakactl.output.pages.language import Language
from stakactl.output.pages.revenue import Frame

SINCE, UNTIL = date(2026, 2, 25), date(2026, 4, 2)
HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x.png">\x1b[31m\u202e'
SOLD = Figures(payments=2, gross=120_000, fees=400, vat=20_000)
BACK = Figures(refunds=130_050, vat=-21_675, vat_unknown=-500)
NOON = datetime(2026, 4, 2, 10, 5, tzinfo=UTC)


def report(
    days: Sequence[RevenueDay] = (),
    grain: Grain = Grain.WEEK,
    since: date = SINCE,
    until: date = UNTIL,
    residual: int = 0,
    shares: Sequence[Share] = (),
) -> RevenueReport:
    totals = total_by_currency(days)
    before = since - (until - since) - timedelta(days=1)
    return RevenueReport(
        since,
        until,
        grain,
        tuple(periods(days, grain, since, until)),
        totals,
        Earlier(before, since - timedelta(days=1), {"eur": SOLD} if days else {}),
        tuple(_splits(totals, shares)),
        tuple(
            Tie(Money(total.explained + residual, currency), Money(total.explained, currency))
            for currency, total in totals.items()
        ),
    )


def _splits(totals: dict[str, Figures], shares: Sequence[Share]) -> list[Breakdown]:
    return [
        breakdown(split, currency, total, [s for s in shares if _fits(s, split)])
        for split in Split
        for currency, total in totals.items()
    ]


def _fits(share: Share, split: Split) -> bool:
    """Countries have codes, cities a country, products a nature."""
    if split is Split.COUNTRY:
        return len(share.name) == 2
    if split is Split.CITY:
        return len(share.detail) == 2
    return bool(split is Split.PRODUCT and share.detail in ("goods", "services"))


def busy(**fields: object) -> RevenueReport:
    """Two currencies, losses, hostile names."""
    days = [
        RevenueDay(date(2026, 3, 2), "eur", SOLD),
        RevenueDay(date(2026, 3, 20), "eur", BACK),
        RevenueDay(date(2026, 3, 29), "kwd", Figures(payments=1, gross=1_234_567)),
    ]
    shares = [
        Share("eur", "FR", "", SOLD, 1),
        Share("eur", HOSTILE, "FR", SOLD, 12),
        Share("eur", f"{HOSTILE} =1+1", "goods", SOLD, 1),
        Share("eur", "", "", BACK),
    ]
    return report(days, shares=shares, **fields)  # type: ignore[arg-type]


def one_day() -> RevenueReport:
    day = date(2026, 3, 29)
    return report([RevenueDay(day, "eur", SOLD)], Grain.DAY, day, day)


def all_refunded() -> RevenueReport:
    sold = Figures(payments=1, gross=5_000, vat=833)
    back = Figures(refunds=5_000, vat=-833)
    day = date(2026, 3, 29)
    return report([RevenueDay(day, "eur", sold + back)], Grain.MONTH)


def empty() -> RevenueReport:
    return report()


def frame(language: Language = Language.FR, mode: str = "live") -> Frame:
    return Frame(language, "Europe/Paris", "Librairie <Démo>", mode, NOON)
