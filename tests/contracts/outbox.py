"""What every Outbox promises, real or fake."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.errors import NotFound, Refused
from stakactl.operations.ports import InvoiceBook, Outbox
from tests.builders import NOW
from tests.contracts.issuing import issue_for, order

MINUTE = timedelta(minutes=1)


def queue(invoices: InvoiceBook, number: int) -> str:
    """Put a mail into the outbox in the only way there is; the invoice's id."""
    invoice = issue_for(invoices, order(number))
    invoices.mark_rendered(invoice.invoice_id, "a" * 64)
    mail = NewMail(MailKind.INVOICE, invoice.invoice_id, f"{number}@example.com")
    invoices.mark_stored(invoice.invoice_id, NOW, mail)
    return invoice.invoice_id


class OutboxContract:
    """Subclasses bring the fixtures `outbox` and `invoices` of one store."""

    def test_the_oldest_is_claimed_first_and_once(
        self, outbox: Outbox, invoices: InvoiceBook
    ) -> None:
        ids = [queue(invoices, number) for number in range(3)]
        assert outbox.waiting(NOW) == 3
        first = outbox.claim(NOW)
        assert first is not None
        assert (first.subject_id, first.recipient) == (ids[0], "0@example.com")
        assert (first.status, first.attempts) == (MailStatus.SENDING, 1)
        assert (first.queued_at, first.sent_at, first.error) == (NOW, None, None)
        assert re.fullmatch(r"<[a-z0-9.]+@[a-z.]+>", first.message_id)
        second = outbox.claim(NOW)
        third = outbox.claim(NOW)
        assert second is not None
        assert third is not None
        assert [second.subject_id, third.subject_id] == ids[1:]
        assert len({first.message_id, second.message_id, third.message_id}) == 3
        assert outbox.claim(NOW) is None
        assert outbox.waiting(NOW) == 0

    def test_claiming_after_an_id(self, outbox: Outbox, invoices: InvoiceBook) -> None:
        queue(invoices, 1)
        first = outbox.claim(NOW)
        assert first is not None
        outbox.settle(first.mail_id, MailStatus.QUEUED, NOW, "try later")
        assert outbox.claim(NOW, first.mail_id) is None
        again = outbox.claim(NOW)
        assert again is not None
        assert (again.mail_id, again.attempts) == (first.mail_id, 2)
        assert again.message_id == first.message_id

    def test_settling(self, outbox: Outbox, invoices: InvoiceBook) -> None:
        queue(invoices, 1)
        mail = outbox.claim(NOW)
        assert mail is not None
        outbox.settle(mail.mail_id, MailStatus.SENT, NOW + MINUTE)
        (sent,) = outbox.find(MailStatus.SENT)
        assert sent.sent_at == NOW + MINUTE
        outbox.settle(mail.mail_id, MailStatus.FAILED, NOW)
        assert outbox.find() == [sent]
        assert not outbox.requeue(mail.mail_id)
        with pytest.raises(NotFound):
            outbox.settle(mail.mail_id + 1, MailStatus.SENT, NOW)

    @pytest.mark.parametrize("status", [MailStatus.FAILED, MailStatus.UNKNOWN])
    def test_only_a_person_queues_again(
        self, outbox: Outbox, invoices: InvoiceBook, status: MailStatus
    ) -> None:
        queue(invoices, 1)
        mail = outbox.claim(NOW)
        assert mail is not None
        assert not outbox.requeue(mail.mail_id)
        outbox.settle(mail.mail_id, status, NOW, "cut off")
        assert [found.error for found in outbox.find(status)] == ["cut off"]
        outbox.settle(mail.mail_id, MailStatus.QUEUED, NOW)
        assert outbox.waiting(NOW) == 0
        assert outbox.requeue(mail.mail_id)
        assert outbox.waiting(NOW) == 1
        assert not outbox.requeue(mail.mail_id)
        assert not outbox.requeue(mail.mail_id + 1)

    def test_a_mail_that_arrived_after_all_is_not_sent_again(
        self, outbox: Outbox, invoices: InvoiceBook
    ) -> None:
        queue(invoices, 1)
        mail = outbox.claim(NOW)
        assert mail is not None
        outbox.settle(mail.mail_id, MailStatus.UNKNOWN, NOW)
        outbox.requeue(mail.mail_id)
        outbox.settle(mail.mail_id, MailStatus.SENT, NOW)
        assert outbox.claim(NOW) is None

    def test_what_a_living_process_sends_is_not_interrupted(
        self, outbox: Outbox, invoices: InvoiceBook
    ) -> None:
        queue(invoices, 1)
        outbox.claim(NOW)
        assert outbox.interrupted(NOW + timedelta(days=1)) == []

    def test_claiming_ahead_and_giving_back(self, outbox: Outbox, invoices: InvoiceBook) -> None:
        ids = [queue(invoices, number) for number in range(3)]
        first, second = outbox.claim_ahead(NOW, 0, 2)
        assert [first.subject_id, second.subject_id] == ids[:2]
        assert (second.status, second.attempts) == (MailStatus.SENDING, 1)
        outbox.release([second.mail_id])
        again = outbox.get(second.mail_id)
        assert again is not None
        assert (again.status, again.attempts) == (MailStatus.QUEUED, 0)
        assert [mail.subject_id for mail in outbox.claim_ahead(NOW, 0, 9)] == ids[1:]
        outbox.settle(first.mail_id, MailStatus.SENT, NOW)
        outbox.release([first.mail_id])
        assert [mail.status for mail in outbox.find()][-1] is MailStatus.SENT

    def test_a_deferred_mail_is_due_at_its_time(
        self, outbox: Outbox, invoices: InvoiceBook
    ) -> None:
        queue(invoices, 1)
        mail = outbox.claim(NOW)
        assert mail is not None
        outbox.defer(mail.mail_id, "451 later", NOW + MINUTE)
        assert outbox.waiting(NOW) == 0
        assert outbox.claim(NOW) is None
        waits = outbox.get(mail.mail_id)
        assert waits is not None
        assert (waits.deferrals, waits.next_attempt_at) == (1, NOW + MINUTE)
        assert (waits.status, waits.error) == (MailStatus.QUEUED, "451 later")
        assert outbox.waiting(NOW + MINUTE) == 1
        assert outbox.claim(NOW + MINUTE) is not None
        outbox.settle(mail.mail_id, MailStatus.FAILED, NOW)
        assert outbox.requeue(mail.mail_id)
        anew = outbox.get(mail.mail_id)
        assert anew is not None
        assert (anew.deferrals, anew.next_attempt_at) == (0, None)

    def test_a_mail_is_added_once(self, outbox: Outbox) -> None:
        mail = NewMail(MailKind.MAINTENANCE, "window", "a@example.com", 0, {"reason": "é\n'\""})
        assert outbox.add(mail, NOW)
        assert not outbox.add(mail, NOW)
        (found,) = outbox.about(MailKind.MAINTENANCE, "window")
        assert found.details == mail.details
        assert outbox.about(MailKind.INVOICE, "window") == []

    def test_adding_again_is_a_step_of_its_own(self, outbox: Outbox) -> None:
        mail = NewMail(MailKind.MAINTENANCE, "window", "a@example.com")
        first = outbox.add_again(mail, NOW)
        with pytest.raises(Refused, match=f"mail {first.mail_id} .* queued"):
            outbox.add_again(mail, NOW)
        outbox.claim(NOW)
        with pytest.raises(Refused, match="sending"):
            outbox.add_again(mail, NOW)
        outbox.settle(first.mail_id, MailStatus.SENT, NOW)
        second = outbox.add_again(replace(mail, recipient="b@example.com"), NOW)
        assert (first.step, second.step) == (0, 1)
        assert first.message_id != second.message_id
        assert outbox.about(MailKind.MAINTENANCE, "window")[0] == second

    def test_newest_first(self, outbox: Outbox, invoices: InvoiceBook) -> None:
        ids = [queue(invoices, number) for number in range(3)]
        assert [mail.subject_id for mail in outbox.find()] == ids[::-1]
        assert [mail.subject_id for mail in outbox.find(limit=1)] == ids[2:]
        assert outbox.find(MailStatus.UNKNOWN) == []
