"""The night's page: how it ended, then the revenue of the last weeks."""

from collections.abc import Sequence
from dataclasses import replace

from stakactl.domain.mail import MailStatus
from stakactl.domain.runs import Outcome
from stakactl.operations.nightly import NightlyReport
from stakactl.operations.revenue import RevenueReport
from stakactl.output.pages.page import Page
from stakactl.output.pages.revenue import Frame, revenue_page

_CALM = frozenset({Outcome.OK, Outcome.PENDING})


def nightly_page(report: NightlyReport, figures: RevenueReport, frame: Frame) -> Page:
    framed = replace(frame, title="night", facts=_facts(report), made_at=report.finished_at)
    return revenue_page(figures, framed)


def _facts(report: NightlyReport) -> Sequence[tuple[str, str, bool]]:
    invoices, mail = report.invoices, report.mail
    return (
        ("outcome", str(report.outcome), report.outcome not in _CALM),
        ("orders", str(report.orders_read), False),
        ("repaired", str(len(report.repaired)), False),
        ("remaining", str(len(report.remaining)), bool(report.remaining)),
        ("invoices", str(len(invoices.issued) if invoices else 0), False),
        ("mails", str(mail.count(MailStatus.SENT) if mail else 0), False),
    )
