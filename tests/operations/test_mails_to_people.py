"""Mails beside the invoice's own: to the company, of credit notes, once more by a decision."""

from dataclasses import replace

import pytest

from stakactl.domain.letters import Language
from stakactl.domain.letters.invoice import CreditNoteLetter, InvoiceLetter
from stakactl.domain.letters.nightly_report import NightlyReportLetter
from stakactl.domain.letters.payment_notice import PaymentNotice
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.runs import Outcome
from stakactl.errors import DiskError, MailDeferred, MailRefused, NotFound, Refused, UsageError
from stakactl.operations.credit_notes import CreditRequest, issue_credit
from stakactl.operations.letters import read_content
from stakactl.operations.mail import send_mail
from stakactl.operations.nightly import NightlyReport, nightly
from stakactl.operations.ports import AdminMail
from stakactl.operations.preview import preview_letter
from stakactl.operations.revenue import RevenueReport
from stakactl.operations.send_invoice import plan_send_invoice, send_invoice
from tests.operations.test_send_mail import queue
from tests.operations.workshop import Workshop, sale

ADMIN = AdminMail("boss@example.com", Language.ENGLISH, payments=True, nights=True)
FIRST = "FACT-2026-000001"


def kinds(shop: Workshop) -> list[MailKind]:
    return [mail.kind for mail in reversed(shop.outbox.find())]


def test_the_company_is_told_of_payments_only_where_it_wants_to(shop: Workshop) -> None:
    queue(shop, 1)
    assert kinds(shop) == [MailKind.INVOICE]
    shop.rules(admin=ADMIN)
    queue(shop, 2)
    assert kinds(shop) == [MailKind.INVOICE, MailKind.INVOICE, MailKind.PAYMENT_NOTICE]
    assert send_mail(shop).outcome is Outcome.OK
    notice = shop.letters.asked[-1][1]
    assert isinstance(notice, PaymentNotice)
    assert (notice.language, notice.snapshot.number) == (Language.ENGLISH, "FACT-2026-000002")
    assert shop.mailer.sent[-1].recipient == "boss@example.com"


def test_no_mail_of_old_payments_to_anybody(shop: Workshop) -> None:
    shop.rules(admin=ADMIN, mail_since=shop.clock.now())
    queue(shop, 1)
    assert kinds(shop) == []


def test_a_credit_note_is_mailed_with_its_own_pdf(shop: Workshop) -> None:
    queue(shop, 1)
    issue_credit(shop, CreditRequest(FIRST, 100, "damaged"))
    assert kinds(shop) == [MailKind.INVOICE, MailKind.CREDIT_NOTE]
    assert send_mail(shop).outcome is Outcome.OK
    content = shop.letters.asked[-1][1]
    assert isinstance(content, CreditNoteLetter)
    assert content.snapshot.credited is not None
    assert content.snapshot.credited.number == FIRST
    assert shop.mailer.sent[-1].attachments[0].filename == f"{content.snapshot.number}.pdf"


def test_the_link_is_that_of_the_store_for_as_long_as_is_set(shop: Workshop) -> None:
    queue(shop, 1)
    mail = shop.only_mail()
    content = read_content(shop, mail)
    assert isinstance(content, InvoiceLetter)
    assert (content.link.endswith("?seconds=604800"), content.link_seconds) == (True, 604_800)
    shop.rules(mail_link_seconds=3_600)
    content = read_content(shop, mail)
    assert isinstance(content, InvoiceLetter)
    assert content.link_seconds == 3_600


def test_other_bytes_than_those_that_were_issued_are_never_mailed(shop: Workshop) -> None:
    queue(shop, 1)
    (key,) = shop.store.objects
    shop.store.replace(key, b"%PDF-1.7 somebody else's")
    assert send_mail(shop).count(MailStatus.FAILED) == 1
    assert "not what was issued" in (shop.only_mail().error or "")
    assert shop.mailer.sent == []


# Once more


def test_an_invoice_is_mailed_again_as_a_mail_of_its_own(shop: Workshop) -> None:
    queue(shop, 1)
    with pytest.raises(Refused, match="queued already"):
        send_invoice(shop, FIRST, None)
    send_mail(shop)
    plan = plan_send_invoice(shop, FIRST, "accounts@example.com")
    assert (plan.queued, len(plan.earlier)) == (None, 1)
    assert len(shop.outbox.find()) == 1, "a plan changes nothing"
    report = send_invoice(shop, FIRST, "accounts@example.com")
    assert report.queued is not None
    assert (report.queued.step, report.queued.recipient) == (1, "accounts@example.com")
    told = {"invoice": FIRST, "mail": report.queued.mail_id}
    run = shop.runs.get(report.run_id or "")
    assert run is not None
    assert run.summary == told
    send_mail(shop)
    sent = shop.mailer.sent
    assert [letter.recipient for letter in sent] == ["1@example.com", "accounts@example.com"]
    assert sent[0].message_id != sent[1].message_id
    assert sent[0].attachments == sent[1].attachments


def test_a_mail_to_no_address_is_refused_before_it_is_queued(shop: Workshop) -> None:
    queue(shop, 1)
    send_mail(shop)
    with pytest.raises(Refused, match="no mail can be sent to") as caught:
        send_invoice(shop, FIRST, "a@example.com, b@example.com")
    assert "--to" in (caught.value.hint or "")
    with pytest.raises(NotFound):
        send_invoice(shop, "FACT-2026-999999", None)
    assert len(shop.outbox.find()) == 1


# The night


def test_the_night_is_told_to_the_company_as_it_stands(shop: Workshop) -> None:
    shop.rules(admin=replace(ADMIN, payments=False))
    shop.take(sale(1), sale(2))
    shop.mailer.failures["2@example.com"] = MailRefused("550 no such user")
    report = nightly(shop)
    assert report.stages[-2].name == "report"
    (mail, content) = shop.letters.asked[-1]
    assert isinstance(content, NightlyReportLetter)
    assert (mail.recipient, content.run_id) == ("boss@example.com", report.run_id)
    assert content.figures["invoices"] == 2
    assert content.figures["mails"] == 2
    assert content.outcome is report.outcome
    assert content.classes == {str(f.discrepancy): 1 for f in report.remaining}
    assert shop.mailer.sent[-1].recipient == "boss@example.com"


def test_the_report_brings_the_page_of_the_night(shop: Workshop) -> None:
    shop.rules(admin=replace(ADMIN, payments=False))
    shop.take(sale(1))

    def keep(report: NightlyReport, figures: RevenueReport) -> None:
        assert figures is report.revenue
        shop.reports.kept[f"nightly-{report.run_id}.html"] = b"<!doctype html>"

    report = nightly(shop, keep)
    assert [stage.name for stage in report.stages[-3:]] == ["page", "report", "alerts"]
    (attachment,) = shop.letters.asked[-1][1].attachments
    assert attachment.filename == f"nightly-{report.run_id}.html"
    assert (attachment.content, attachment.media_type) == (
        b"<!doctype html>",
        "text/html; charset=utf-8",
    )


def test_a_page_that_cannot_be_kept_stops_neither_the_night_nor_its_report(
    shop: Workshop,
) -> None:
    shop.rules(admin=replace(ADMIN, payments=False))

    def keep(report: NightlyReport, figures: RevenueReport) -> None:
        raise DiskError("the disk is full")

    report = nightly(shop, keep)
    assert (report.stages[-3].error, report.outcome) == ("the disk is full", Outcome.INCOMPLETE)
    content = shop.letters.asked[-1][1]
    assert isinstance(content, NightlyReportLetter)
    assert content.troubles == {"page": "the disk is full"}
    assert content.attachments == ()


def test_a_page_that_cannot_be_read_leaves_the_report_waiting(shop: Workshop) -> None:
    shop.rules(admin=replace(ADMIN, payments=False))
    shop.reports.failure = DiskError("no right to read it")
    nightly(shop)
    assert shop.mail() == {"boss@example.com": MailStatus.QUEUED}
    shop.reports.failure = None
    assert send_mail(shop).count(MailStatus.SENT) == 1


def test_a_report_leaves_even_where_the_mails_were_too_many(shop: Workshop) -> None:
    shop.rules(admin=replace(ADMIN, payments=False), nightly_max_mails=1)
    shop.take(sale(1), sale(2))
    nightly(shop)
    assert [letter.recipient for letter in shop.mailer.sent] == ["boss@example.com"]
    content = shop.letters.asked[-1][1]
    assert isinstance(content, NightlyReportLetter)
    assert "NIGHTLY_MAX_MAILS" in content.troubles["mail"]


def test_a_report_that_is_greylisted_waits_like_any_mail(shop: Workshop) -> None:
    shop.rules(admin=ADMIN)
    shop.mailer.failures["boss@example.com"] = MailDeferred("451 greylisted")
    report = nightly(shop)
    assert report.stages[-2].outcome is Outcome.PARTIAL
    shop.mailer.failures.clear()
    shop.clock.move(hours=1)
    assert send_mail(shop).count(MailStatus.SENT) == 1


def test_without_a_wish_nobody_is_told(shop: Workshop) -> None:
    shop.rules(admin=AdminMail("boss@example.com"))
    assert "report" not in [stage.name for stage in nightly(shop).stages]
    assert shop.mailer.sent == []


# Previews


def test_a_preview_of_an_order_is_its_letter_and_queues_nothing(shop: Workshop) -> None:
    queue(shop, 1)
    before = shop.outbox.find()
    for order in ("A-1", FIRST):
        made = preview_letter(shop, MailKind.INVOICE, order=order)
        assert (made.sample, made.letter.recipient) == (False, "1@example.com")
    with pytest.raises(NotFound, match="no credit note"):
        preview_letter(shop, MailKind.CREDIT_NOTE, order="A-1")
    with pytest.raises(NotFound, match="has no invoice"):
        preview_letter(shop, MailKind.INVOICE, order="[31m\x1b")
    assert preview_letter(shop, MailKind.PAYMENT_NOTICE, order="A-1").letter.recipient
    assert shop.outbox.find() == before


@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_has_a_preview_without_an_order(shop: Workshop, kind: MailKind) -> None:
    made = preview_letter(shop, kind, language=Language.ENGLISH)
    assert (made.sample, made.language) == (True, Language.ENGLISH)
    with pytest.raises(UsageError, match="--wording 99"):
        preview_letter(shop, kind, wording=99)


def test_kinds_about_no_order_say_so(shop: Workshop) -> None:
    with pytest.raises(UsageError, match="about no order"):
        preview_letter(shop, MailKind.MAINTENANCE, order="A-1")
