"""What every FactBook counts."""

from dataclasses import replace
from datetime import timedelta

from stakactl.domain.findings import Discrepancy, Finding, FindingState
from stakactl.domain.mail import MailStatus
from stakactl.domain.runs import Outcome
from stakactl.operations.ports import (
    FactBook,
    FindingLog,
    InvoiceBook,
    Look,
    Mirror,
    Outbox,
    RunLog,
)
from stakactl.operations.ports.alerts import Activity, Backlog, PaymentCounts
from tests.builders import NOW, an_intent
from tests.contracts.event_log import an_event
from tests.contracts.issuing import issue_for, order
from tests.contracts.outbox import queue

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class FactBookContract:
    """Subclasses bring the fixtures `facts`, `mirror`, `findings`, `invoices`, `outbox` and `runs`
    of one store."""

    def test_an_empty_store(self, facts: FactBook) -> None:
        nothing = Backlog(0, None)
        assert facts.payments(NOW - DAY, NOW) == PaymentCounts(0, 0)
        assert facts.events(NOW - DAY, NOW) == 0
        assert facts.open_findings([Discrepancy.INVOICE_MISSING], NOW) == nothing
        assert facts.unstored_invoices(NOW) == nothing
        assert facts.queued_mails() == facts.unknown_mails() == nothing
        assert (facts.last_night(), facts.first_run()) == (None, None)
        assert facts.activity() == Activity(None, None)

    def test_payments_by_how_they_ended(self, facts: FactBook, mirror: Mirror) -> None:
        at = NOW - DAY
        ended = [
            ("succeeded", None, at),
            ("requires_capture", None, at),
            ("requires_payment_method", "Your card was declined.", at),
            ("canceled", "Your card has expired.", at),
            ("requires_payment_method", None, at),  # given up before any attempt
            ("canceled", None, at),
            ("processing", None, at),
            ("succeeded", None, NOW),  # outside
            ("requires_payment_method", "declined", at - HOUR),
        ]
        mirror.upsert(
            [
                an_intent(id=f"pi_{n}", status=status, failure_message=why, created_at=when)
                for n, (status, why, when) in enumerate(ended)
            ]
        )
        assert facts.payments(at, NOW) == PaymentCounts(2, 2)
        assert facts.activity().payment == NOW

    def test_events_of_a_time(self, facts: FactBook, mirror: Mirror) -> None:
        mirror.upsert([an_event(1, NOW - DAY), an_event(2, NOW - HOUR), an_event(3, NOW)])
        assert facts.events(NOW - DAY, NOW) == 2
        assert facts.activity() == Activity(None, NOW)

    def test_open_findings(self, facts: FactBook, findings: FindingLog) -> None:
        def found(name: str, **fields: object) -> Finding:
            base = Finding(Discrepancy.INVOICE_MISSING, NOW - 2 * DAY, "", "", "", order_id=name)
            return replace(base, **fields)  # type: ignore[arg-type]

        look = Look("look_1", "run_1", NOW - HOUR)
        findings.record(
            [
                found("A-1"),
                found("A-2", since=NOW - 3 * DAY),
                found("A-3", since=NOW),  # too young
                found("A-4", break_on=NOW),  # waiting is right
                found("A-5", state=FindingState.HISTORICAL),
                found("A-6", discrepancy=Discrepancy.PDF_MISSING),
            ],
            look,
            NOW,
        )
        wanted = [Discrepancy.INVOICE_MISSING, Discrepancy.INVOICE_BLOCKED]
        assert facts.open_findings(wanted, NOW - DAY) == Backlog(2, NOW - 3 * DAY)
        findings.resolve(Look("look_2", "run_2", NOW + HOUR), NOW + HOUR)
        assert facts.open_findings(wanted, NOW) == Backlog(0, None)

    def test_invoices_without_a_stored_pdf(self, facts: FactBook, invoices: InvoiceBook) -> None:
        reserved, rendered, stored = (issue_for(invoices, order(n)) for n in range(3))
        for each in (rendered, stored):
            invoices.mark_rendered(each.invoice_id, "a" * 64)
        invoices.mark_stored(stored.invoice_id, NOW)
        later = reserved.issued_at + HOUR
        assert facts.unstored_invoices(later) == Backlog(2, reserved.issued_at)
        assert facts.unstored_invoices(reserved.issued_at) == Backlog(0, None)

    def test_mails_that_wait(self, facts: FactBook, invoices: InvoiceBook, outbox: Outbox) -> None:
        for number in range(3):
            queue(invoices, number)
        assert facts.queued_mails() == Backlog(3, NOW)
        mail = outbox.claim(NOW)
        assert mail is not None
        outbox.settle(mail.mail_id, MailStatus.UNKNOWN, NOW)
        assert (facts.queued_mails().count, facts.unknown_mails()) == (2, Backlog(1, NOW))

    def test_the_last_night_that_came_to_its_end(self, facts: FactBook, runs: RunLog) -> None:
        for number, (command, outcome) in enumerate(
            [
                ("sync", Outcome.OK),
                ("nightly", Outcome.FINDINGS),
                ("nightly", Outcome.ERROR),
                ("reconcile", Outcome.OK),
            ]
        ):
            began = NOW + number * HOUR
            runs.start(f"run_{number}", command, began)
            runs.finish(f"run_{number}", outcome, {}, began + timedelta(minutes=5))
        runs.start("run_9", "nightly", NOW + DAY)  # killed, or still at work
        assert facts.last_night() == NOW + HOUR + timedelta(minutes=5)
        assert facts.first_run() == NOW
