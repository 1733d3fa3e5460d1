"""The outbox: each mail once, whatever the transport answers and whenever the process dies."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from stakactl.domain.letters.invoice import InvoiceLetter
from stakactl.domain.mail import BACK_OFF, Letter, MailKind, MailStatus, NewMail, QueuedMail
from stakactl.domain.runs import Outcome
from stakactl.errors import (
    ConfigurationError,
    MailDeferred,
    MailError,
    MailRefused,
    MailUncertain,
    NotFound,
    Refused,
    StorageError,
)
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.letters import read_content
from stakactl.operations.mail import retry_mail, send_mail
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, a_customer
from tests.fakes_delivery import FakeMailer, FakePace
from tests.operations.workshop import (
    BEGINNING,
    Cut,
    Workshop,
    cut_after,
    cut_before,
    replaced,
    sale,
)

QUEUED, SENT, FAILED, UNKNOWN = (
    MailStatus.QUEUED,
    MailStatus.SENT,
    MailStatus.FAILED,
    MailStatus.UNKNOWN,
)


def queue(shop: Workshop, count: int = 3) -> None:
    """Invoices for orders A-1 …, each with a mail to 1@example.com …"""
    shop.take(*(sale(number) for number in range(1, count + 1)))
    sync_stripe(shop)
    generate_invoices(shop, GenerateRequest(BEGINNING))


def recipients(shop: Workshop) -> list[str]:
    return [letter.recipient for letter in shop.mailer.sent]


def test_each_mail_is_sent_once_with_its_pdf(shop: Workshop) -> None:
    queue(shop)
    report = send_mail(shop)
    assert report.outcome is Outcome.OK
    assert recipients(shop) == ["1@example.com", "2@example.com", "3@example.com"]
    assert set(shop.mail().values()) == {SENT}
    for letter, (mail, content) in zip(shop.mailer.sent, shop.letters.asked, strict=True):
        assert isinstance(content, InvoiceLetter)
        assert mail.recipient == content.snapshot.buyer.email
        invoice = shop.invoices.get(content.snapshot.number)
        assert invoice is not None
        assert letter.attachments[0].content == shop.store.objects[invoice.object_key]
    assert shop.last_run("mail send").summary == {"sent": 3, "failed": 0, "unknown": 0}
    assert send_mail(shop).results == ()
    assert len(shop.mailer.sent) == 3
    shop.check_delivery()


def test_control_a_mail_sent_twice_is_caught(shop: Workshop) -> None:
    queue(shop, 1)
    send_mail(shop)
    shop.mailer.send(shop.mailer.sent[0])
    with pytest.raises(AssertionError):
        shop.check_delivery()


def test_a_passing_no_waits_for_the_next_run(shop: Workshop) -> None:
    queue(shop)
    shop.mailer.failures["1@example.com"] = MailDeferred("451 greylisted")
    report = send_mail(shop)
    assert report.outcome is Outcome.PARTIAL
    assert shop.mailer.attempts == ["1@example.com", "2@example.com", "3@example.com"]
    assert list(shop.mail().values()) == [QUEUED, SENT, SENT]
    (waiting,) = shop.outbox.find(QUEUED)
    assert (waiting.attempts, waiting.error) == (1, "451 greylisted")
    assert (waiting.deferrals, waiting.next_attempt_at) == (1, NOW + BACK_OFF[0])
    shop.mailer.failures.clear()
    assert send_mail(shop).results == ()
    shop.clock.move(minutes=5)
    assert send_mail(shop).count(SENT) == 1
    assert recipients(shop).count("1@example.com") == 1


def test_a_mail_that_is_refused_for_days_is_given_up(shop: Workshop) -> None:
    queue(shop, 1)
    shop.mailer.failures["1@example.com"] = MailDeferred("452 mailbox full")
    for wait in BACK_OFF:
        assert send_mail(shop).results[0].next_attempt_at == shop.clock.now() + wait
        shop.clock.move(seconds=wait.total_seconds() - 1)
        assert send_mail(shop).results == ()
        shop.clock.move(seconds=1)
    assert send_mail(shop).count(FAILED) == 1
    assert shop.clock.now() - NOW > timedelta(days=4), "as RFC 5321 wants it"
    (failed,) = shop.outbox.find(FAILED)
    assert failed.error == "given up after 10 refusals; the last: 452 mailbox full"
    retry_mail(shop, failed.mail_id)
    assert send_mail(shop).results[0].next_attempt_at == shop.clock.now() + BACK_OFF[0]


def test_mails_leave_at_their_pace_and_wait_before_they_are_claimed(shop: Workshop) -> None:
    queue(shop)
    claimed: list[int] = []

    def count() -> None:
        claimed.append(len(shop.outbox.find(MailStatus.SENDING)))

    replaced(shop.mail_pace, "wait", count)
    send_mail(shop)
    assert claimed == [0, 0, 0]


def test_what_is_queued_while_mails_leave_is_the_next_run_s(shop: Workshop) -> None:
    queue(shop, 2)
    shop.rules(nightly_max_mails=2)
    late = iter((3, 4))

    def more() -> None:
        shop.outbox.add(NewMail(MailKind.PAYMENT_NOTICE, f"inv_{next(late)}", "a@example.com"), NOW)

    replaced(shop.mail_pace, "wait", more)
    assert send_mail(shop).count(SENT) == 2, "the ceiling holds for what was counted"
    assert len(shop.outbox.find(QUEUED)) == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [(MailRefused("550 no such user"), FAILED), (MailUncertain("no answer"), UNKNOWN)],
)
def test_a_no_for_ever_and_a_lost_answer_wait_for_a_person(
    shop: Workshop, error: MailError, status: MailStatus
) -> None:
    queue(shop)
    shop.mailer.failures["2@example.com"] = error
    report = send_mail(shop)
    assert report.outcome is Outcome.PARTIAL
    assert (report.count(SENT), report.count(status)) == (2, 1)
    shop.mailer.failures.clear()
    for _ in range(2):
        shop.clock.move(days=1)
        assert send_mail(shop).results == ()
    assert list(shop.mail().values()) == [SENT, status, SENT]
    (settled,) = shop.outbox.find(status)
    assert settled.error == error.message
    retry_mail(shop, settled.mail_id)
    assert send_mail(shop).count(SENT) == 1
    assert shop.mailer.sent[-1].message_id == settled.message_id


def test_only_failed_and_unknown_mails_are_retried(shop: Workshop) -> None:
    queue(shop, 1)
    mail = shop.only_mail()
    for _ in range(2):  # queued, then sent
        with pytest.raises(NotFound, match=str(mail.mail_id)):
            retry_mail(shop, mail.mail_id)
        send_mail(shop)
    assert len(shop.mailer.sent) == 1


# A process that died


def interrupted(shop: Workshop) -> QueuedMail:
    mail = shop.outbox.claim(shop.clock.now())
    assert mail is not None
    shop.lose_process()
    return mail


def test_interrupted_and_the_transport_knows_that_it_arrived(shop: Workshop) -> None:
    queue(shop, 1)
    mail = interrupted(shop)
    shop.mailer.send(shop.letters.write(mail, read_content(shop, mail)))
    report = send_mail(shop)
    assert (report.outcome, report.count(SENT)) == (Outcome.OK, 1)
    assert len(shop.mailer.sent) == 1


def test_interrupted_and_the_transport_knows_that_it_did_not(shop: Workshop) -> None:
    queue(shop, 1)
    mail = interrupted(shop)
    assert send_mail(shop).count(SENT) == 1
    assert [letter.message_id for letter in shop.mailer.sent] == [mail.message_id]


def test_interrupted_and_the_transport_cannot_tell(shop: Workshop) -> None:
    shop.mailer = FakeMailer(can_tell=False)
    queue(shop, 2)
    interrupted(shop)
    report = send_mail(shop)
    assert (report.outcome, report.count(UNKNOWN)) == (Outcome.PARTIAL, 1)
    assert list(shop.mail().values()) == [UNKNOWN, SENT]
    for _ in range(2):
        assert send_mail(shop).results == ()
    assert recipients(shop) == ["2@example.com"]


def test_what_a_living_process_sends_is_left_to_it(shop: Workshop) -> None:
    queue(shop, 2)
    mail = shop.outbox.claim(shop.clock.now())
    assert mail is not None
    shop.clock.move(days=1)
    assert [r.recipient for r in send_mail(shop).results] == ["2@example.com"]
    shop.outbox.settle(mail.mail_id, SENT, shop.clock.now())
    assert send_mail(shop).results == ()


@pytest.mark.parametrize("ahead", [1, 10])
@pytest.mark.parametrize("can_tell", [True, False])
@pytest.mark.parametrize("cut", [cut_before, cut_after])
@pytest.mark.parametrize("step", ["outbox.claim_ahead", "mailer.send", "outbox.settle"])
def test_a_crash_anywhere_sends_nothing_twice(
    shop: Workshop,
    step: str,
    cut: Callable[[object, str], Callable[[], None]],
    can_tell: bool,
    ahead: int,
) -> None:
    shop.mailer = FakeMailer(can_tell=can_tell)
    shop.mail_pace = FakePace(ahead)
    queue(shop, 2)
    port, _, name = step.partition(".")
    heal = cut(getattr(shop, port), name)
    with pytest.raises(Cut):
        send_mail(shop)
    heal()
    shop.lose_process()
    send_mail(shop)
    send_mail(shop)
    statuses = list(shop.mail().values())
    doubtful = step != "outbox.claim_ahead" or cut is cut_after
    settled = step == "outbox.settle" and cut is cut_after
    assert statuses == [UNKNOWN if doubtful and not settled and not can_tell else SENT, SENT]
    shop.check_delivery()
    arrived = set(recipients(shop))
    assert {mail for mail, status in shop.mail().items() if status is SENT} <= arrived


def test_mails_claimed_ahead_are_given_back_when_the_sending_stops(shop: Workshop) -> None:
    shop.mail_pace = FakePace(ahead=2)
    queue(shop, 3)
    shop.mailer.failures["1@example.com"] = MailError("535 bad password")
    send_mail(shop)
    assert [(mail.status, mail.attempts) for mail in reversed(shop.outbox.find())] == [
        (QUEUED, 1),
        (QUEUED, 0),
        (QUEUED, 0),
    ]
    shop.mailer.failures.clear()
    assert send_mail(shop).count(SENT) == 3


def test_a_claim_that_grew_old_is_made_anew(shop: Workshop) -> None:
    shop.mail_pace = FakePace(ahead=10)
    queue(shop, 3)
    claims: list[int] = []
    claim_ahead = shop.outbox.claim_ahead

    def counted(
        now: datetime, after: int, count: int, kind: MailKind | None = None
    ) -> list[QueuedMail]:
        claims.append(count)
        return claim_ahead(now, after, count, kind)

    send = shop.mailer.send

    def slow(letter: Letter, meanwhile: Callable[[], None]) -> None:
        shop.clock.move(minutes=3)
        send(letter, meanwhile)

    replaced(shop.outbox, "claim_ahead", counted)
    replaced(shop.mailer, "send", slow)
    assert send_mail(shop).count(SENT) == 3
    assert claims == [3, 1]
    assert len(shop.mailer.sent) == 3


# Guards and failures


def test_the_ceiling(shop: Workshop) -> None:
    queue(shop)
    shop.rules(nightly_max_mails=2)
    with pytest.raises(Refused, match="NIGHTLY_MAX_MAILS"):
        send_mail(shop)
    assert shop.mailer.attempts == []
    assert set(shop.mail().values()) == {QUEUED}
    shop.rules(nightly_max_mails=3)
    assert send_mail(shop).count(SENT) == 3


def test_a_failed_login_stops_and_leaves_all_queued(shop: Workshop) -> None:
    queue(shop)
    shop.mailer.failures["1@example.com"] = MailError("535 bad password")
    report = send_mail(shop)
    assert (report.outcome, report.stopped) == (Outcome.INCOMPLETE, "535 bad password")
    assert shop.mailer.attempts == ["1@example.com"]
    assert set(shop.mail().values()) == {QUEUED}
    shop.mailer.failures.clear()
    assert send_mail(shop).count(SENT) == 3


@pytest.mark.parametrize(
    "address", ["a@example.com\r\nBcc: all@example.com", "", "nobody", "a@b@c", "x\x00@example.com"]
)
def test_a_hostile_address_fails_alone(shop: Workshop, address: str) -> None:
    if "\x00" in address:
        address = address.replace("\x00", "\x1b")  # a database refuses NUL before we see it
    shop.take(sale(1, customer=a_customer(email=address)), sale(2))
    sync_stripe(shop)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    report = send_mail(shop)
    assert report.outcome is Outcome.PARTIAL
    assert list(shop.mail().values()) == [FAILED, SENT]
    assert recipients(shop) == ["2@example.com"]


def test_a_pdf_that_is_gone_is_no_mail(shop: Workshop) -> None:
    queue(shop, 2)
    invoice = shop.invoices.for_order("A-1")
    assert invoice is not None
    del shop.store.objects[invoice.object_key]
    assert send_mail(shop).outcome is Outcome.PARTIAL
    assert list(shop.mail().values()) == [FAILED, SENT]
    assert shop.outbox.find(FAILED)[0].error == f"the PDF of {invoice.number} is not in the store"


def test_without_the_store_mails_wait(shop: Workshop) -> None:
    queue(shop)
    shop.store.failure = StorageError("503")
    assert send_mail(shop).outcome is not Outcome.OK
    assert set(shop.mail().values()) == {QUEUED}
    assert shop.mailer.attempts == []
    shop.store.failure = None
    assert send_mail(shop).count(SENT) == 3


def test_a_broken_template_ends_the_run_and_loses_no_mail(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(shop)

    def broken(*_: object) -> None:
        raise ConfigurationError("the letter template does not work")

    with monkeypatch.context() as patched:
        patched.setattr(shop.letters, "write", broken)
        with pytest.raises(ConfigurationError):
            send_mail(shop)
    assert shop.last_run("mail send").outcome is Outcome.ERROR
    assert set(shop.mail().values()) == {QUEUED}
    assert send_mail(shop).count(SENT) == 3
