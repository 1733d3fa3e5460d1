"""The report of a night, as its run queued it."""

from datetime import timedelta

from stakactl.domain.letters.nightly_report import NightlyReportLetter, page_name
from stakactl.domain.mail import QueuedMail
from stakactl.domain.runs import Outcome
from stakactl.errors import MailRefused
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


def read(ports: Ports, mail: QueuedMail) -> NightlyReportLetter:
    page = ports.reports.read(page_name(mail.subject_id))
    try:
        return NightlyReportLetter.from_details(mail.subject_id, mail.details, page)
    except (KeyError, ValueError) as error:
        raise MailRefused(f"mail {mail.mail_id} does not say what to report") from error


def samples(sampling: Sampling) -> tuple[NightlyReportLetter, ...]:
    figures = {"orders": 1_284, "repaired": 3, "remaining": 2, "invoices": 41, "mails": 40}
    return (
        NightlyReportLetter(
            language=sampling.language,
            run_id="20260315T030000Z-sample",
            started_at=sampling.now - timedelta(minutes=4),
            finished_at=sampling.now,
            outcome=Outcome.INCOMPLETE,
            figures=figures,
            classes={"PAID_ORDER_WITHOUT_SESSION": 1, "AMOUNT_MISMATCH": 1},
            page=b"<!doctype html><title>sample</title>",
            troubles={"mail": "smtp.example.com:587 said 451 4.7.1 <greylisted>, try later"},
        ),
    )
