"""Reminders end to end: what is planned, queued and sent, and what the last look takes back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from stakactl.adapters.database.freezing import freeze
from stakactl.domain.letters.reminder import ReminderLetter
from stakactl.domain.mail import MailStatus, NewMail
from stakactl.domain.orders import OrderStatus
from stakactl.domain.receivables import Obstacle, Source
from stakactl.domain.reminders import Tone, Wait
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import StripeInvoice, StripeKind
from stakactl.errors import (
    ConfigurationError,
    MailRefused,
    MailUncertain,
    NotFound,
    Refused,
    StripeError,
    UsageError,
)
from stakactl.operations.mail import send_mail
from stakactl.operations.nightly import nightly
from stakactl.operations.reminders import (
    RemindersReport,
    judgements,
    plan_reminders,
    preview_reminder,
    queue_reminders,
    send_reminders,
)
from stakactl.operations.sync import sync_stripe
from tests.builders import a_customer, a_dispute, a_refund, a_session, an_intent, eur
from tests.operations.debts import (
    DAY,
    MONDAY,
    SUNDAY,
    last_day,
    owe_invoice,
    owe_order,
    owe_stripe,
    reminders,
    say,
    told,
)
from tests.operations.workshop import RECORDS, Workshop, raises, replaced

SENT, WITHDRAWN, QUEUED = MailStatus.SENT, MailStatus.WITHDRAWN, MailStatus.QUEUED
HISTORY = datetime(2026, 1, 1, tzinfo=MONDAY.tzinfo)


@pytest.fixture(autouse=True)
def _monday(shop: Workshop) -> None:
    shop.clock.moment = MONDAY


def contents(shop: Workshop) -> list[ReminderLetter]:
    found = [content for _, content in shop.letters.asked]
    return [content for content in found if isinstance(content, ReminderLetter)]


def reasons(shop: Workshop) -> dict[str, object]:
    return {one.claim.number: one.reason or one.step for one in judgements(shop)}


def sent_by(report: RemindersReport) -> int:
    return report.mail.count(SENT) if report.mail else 0


# What is owed


def test_each_kind_of_claim_is_reminded_once(shop: Workshop) -> None:
    invoice = owe_invoice(shop, 1)
    stripe = owe_stripe(shop, 2, late=15)
    owe_order(shop, 3, late=30, invoice_number="F-77")
    assert reasons(shop) == {"F-77": 3, stripe.number: 2, invoice.number: 1}  # oldest first
    report = send_reminders(shop)
    assert (report.outcome, report.queued, sent_by(report)) == (Outcome.OK, 3, 3)
    assert told(shop) == [("A-3", 3, SENT), ("in_2", 2, SENT), (invoice.invoice_id, 1, SENT)]
    assert [letter.recipient for letter in shop.mailer.sent] == [
        "3@example.com",
        "stripe2@example.com",
        "1@example.com",
    ]
    order, of_stripe, ours = contents(shop)
    assert (order.source, order.tone, order.number) == (Source.ORDER, Tone.FORMAL, "F-77")
    assert (order.title, order.pdf, order.pay_url) == ("Correction complète", None, "")
    assert (of_stripe.tone, of_stripe.pdf) == (Tone.FIRM, None)
    assert of_stripe.pay_url == "https://invoice.stripe.com/i/in_2?s=ap"
    assert (ours.tone, ours.days_late, ours.due_on) == (Tone.FRIENDLY, 7, last_day(7).date())
    assert ours.pdf == shop.store.objects[invoice.object_key]
    shop.clock.move(minutes=1)
    again = send_reminders(shop)
    assert (again.queued, again.mail, len(shop.mailer.sent)) == (0, None, 3)
    assert shop.last_run("reminders send").summary == {"queued": 0, "sent": 0}


def test_over_a_month_three_letters_and_no_more(shop: Workshop) -> None:
    owe_order(shop, late=0)
    for day in (0, 6, 7, 8, 14, 15, 16, 29, 30, 31, 60):
        shop.clock.moment = MONDAY + day * DAY
        queue_reminders(shop)
        send_mail(shop)
    assert [step for _, step, _ in told(shop)] == [1, 2, 3]
    days = [letter.sent_at for letter in reminders(shop)]
    # 7, 15 and 30 days after the 16th of March: a Monday, a Tuesday, a Wednesday
    assert [day.date().isoformat() for day in days if day] == [
        "2026-03-23",
        "2026-03-31",
        "2026-04-15",
    ]


def test_who_is_not_asked(shop: Workshop) -> None:
    paid = owe_invoice(shop, 1)
    assert shop.invoices.mark_paid(paid.invoice_id, None, MONDAY)
    owe_order(shop, 2, status=OrderStatus.PAID, paid_at=MONDAY)
    owe_order(shop, 3, status=OrderStatus.CANCELLED)
    owe_order(shop, 4, amount=eur(0))
    owe_order(shop, 5, due_at=None)
    owe_order(shop, 6, due_at=MONDAY + DAY)
    owe_stripe(shop, 7, status="paid", paid_at=MONDAY)
    owe_stripe(shop, 8, status="draft", number=None)
    owe_stripe(shop, 9, due_at=None)  # Stripe charges it by itself
    assert reasons(shop) == {}
    owe_order(shop, 10, customer=a_customer(email=""))
    owe_order(shop, 11, due_at=HISTORY - DAY)
    owe_stripe(shop, 12, amount_paid_minor=46800)
    assert reasons(shop) == {
        "A-11": Wait.HISTORICAL,
        "A-10": Wait.NO_ADDRESS,
        "ABC-0012": Obstacle.PAID,
    }
    assert send_reminders(shop).queued == 0
    assert shop.mailer.sent == []


def test_one_debt_is_asked_for_once(shop: Workshop) -> None:
    """The order has an invoice of ours, and an open one of Stripe's names it too."""
    invoice = owe_invoice(shop, 1)
    owe_order(shop, 1, updated_at=MONDAY)
    stripe = owe_stripe(shop, 1, metadata_order_id="A-1")
    assert reasons(shop) == {
        "A-1": Obstacle.ELSEWHERE,
        invoice.number: Obstacle.ELSEWHERE,
        stripe.number: 1,
    }
    shop.stripe.put(replace(stripe, status="void"))
    sync_stripe(shop)
    assert reasons(shop) == {"A-1": Obstacle.ELSEWHERE, invoice.number: 1}


def test_businesses_are_told_of_penalties_and_consumers_are_not(shop: Workshop) -> None:
    company = a_customer(email="b@example.com", company="Ateliers SAS")
    owe_order(shop, 1, late=15)
    owe_order(shop, 2, late=15, customer=company)
    owe_order(shop, 3, late=30)
    owe_order(shop, 4, late=30, customer=company)
    owe_order(shop, 5, customer=company)
    owe_stripe(shop, 6, late=15)
    say(shop, owe_stripe(shop, 7, late=15), customer_tax_ids=[{"type": "eu_vat"}])
    send_reminders(shop)
    found = {one.number: " ".join(one.legal) for one in contents(shop)}
    for consumer in ("A-1", "A-3", "ABC-0006"):
        assert "40" not in found[consumer]
        assert "L441" not in found[consumer]
    for business in ("A-2", "A-4", "ABC-0007"):
        assert "40 €" in found[business]
        assert "L441-10" in found[business]
    assert found["A-5"] == ""
    assert ["mise en demeure" in found[number] for number in ("A-2", "A-3", "A-4")] == [
        False,
        True,
        True,
    ]


def test_letters_speak_the_language_of_the_customer(shop: Workshop) -> None:
    owe_order(shop, 1, customer=a_customer(email="1@example.com", locale="en-GB"))
    owe_stripe(shop, 2)
    shop.stripe.bodies["cus_2"] = {"id": "cus_2", "preferred_locales": ["en"]}
    owe_stripe(shop, 3)
    send_reminders(shop)
    found = {one.number: str(one.language) for one in contents(shop)}
    assert found == {"A-1": "en", "ABC-0002": "en", "ABC-0003": "fr"}


# When


def test_outside_of_working_hours_nothing_is_queued(shop: Workshop) -> None:
    owe_order(shop, late=10)
    shop.clock.moment = SUNDAY
    before = shop.contents(without=RECORDS)
    report = send_reminders(shop)
    assert (report.outcome, report.queued, report.mail) == (Outcome.PENDING, 0, None)
    assert report.plan is not None
    assert (report.plan.count, report.plan.is_open) == (1, False)
    assert f"{report.plan.opens_at:%a %H:%M}" == "Mon 09:00"
    assert shop.stripe.calls == []
    assert shop.contents(without=RECORDS) == before


def test_a_reminder_that_waits_into_the_night_is_withdrawn_and_comes_again(shop: Workshop) -> None:
    owe_order(shop)
    queue_reminders(shop)
    shop.clock.move(hours=12)
    report = send_mail(shop)
    assert (report.outcome, report.count(WITHDRAWN)) == (Outcome.OK, 1)
    assert told(shop) == [("A-1", 1, WITHDRAWN)]
    shop.clock.move(hours=12)
    assert send_reminders(shop).queued == 1
    assert told(shop) == [("A-1", 1, SENT)]


def test_nobody_is_reminded_without_a_beginning(shop: Workshop) -> None:
    owe_order(shop)
    shop.rules(mail_since=None)
    with pytest.raises(ConfigurationError, match="MAIL_SINCE"):
        send_reminders(shop)
    assert reasons(shop) == {"A-1": 1}


def test_the_ceiling_stops_before_the_first(shop: Workshop) -> None:
    for number in range(1, 5):
        owe_order(shop, number)
    shop.rules(nightly_max_mails=3)
    with pytest.raises(Refused, match=r"4 reminders are due.*NIGHTLY_MAX_MAILS"):
        send_reminders(shop)
    assert told(shop) == []
    assert plan_reminders(shop).count == 4
    shop.rules(nightly_max_mails=4)
    assert sent_by(send_reminders(shop)) == 4


# Between the plan and the sending


def paid_in_stripe(shop: Workshop) -> None:
    shop.stripe.put(a_session(id="cs_1", payment_intent_id="pi_1"), an_intent(id="pi_1"))


def under_way(shop: Workshop) -> None:
    shop.stripe.put(
        a_session(id="cs_1", payment_status="unpaid", payment_intent_id="pi_1"),
        an_intent(id="pi_1", status="processing", payment_method_type="sepa_debit"),
    )


def refunded(shop: Workshop) -> None:
    paid_in_stripe(shop)
    refund = a_refund(payment_intent_id="pi_1")
    shop.stripe.put(refund)
    shop.mirror.upsert([an_intent(id="pi_1"), refund])


def disputed(shop: Workshop) -> None:
    paid_in_stripe(shop)
    dispute = a_dispute(payment_intent_id="pi_1")
    shop.stripe.put(dispute)
    shop.mirror.upsert([an_intent(id="pi_1"), dispute])


def paid_in_the_application(shop: Workshop) -> None:
    owe_order(shop, 1, status=OrderStatus.PAID, paid_at=MONDAY, updated_at=MONDAY)


def given_up(shop: Workshop) -> None:
    owe_order(shop, 1, status=OrderStatus.CANCELLED, updated_at=MONDAY)


def other_address(shop: Workshop) -> None:
    owe_order(shop, 1, customer=a_customer(email="new@example.com"), updated_at=MONDAY)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (paid_in_stripe, "paid"),
        (under_way, "payment under way"),
        (refunded, "refunded"),
        (disputed, "disputed"),
        (paid_in_the_application, "paid"),
        (given_up, "given up"),
        (other_address, "address"),
    ],
)
def test_the_last_look_changes_its_mind(
    shop: Workshop, happens: Callable[[Workshop], None], why: str
) -> None:
    session = a_session(
        id="cs_1", status="open", payment_status="unpaid", payment_intent_id=None, amount_total=None
    )
    shop.stripe.put(session)
    owe_order(shop, stripe_session_id="cs_1")
    sync_stripe(shop)
    plan, queued = queue_reminders(shop)
    assert (plan.count, queued) == (1, 1)
    happens(shop)
    report = send_mail(shop)
    assert (report.outcome, shop.mailer.sent) == (Outcome.OK, [])
    (mail,) = reminders(shop)
    assert mail.status is WITHDRAWN
    assert why in (mail.error or "")


def test_control_without_anything_happening_it_is_sent(shop: Workshop) -> None:
    shop.stripe.put(a_session(id="cs_1", status="open", payment_status="unpaid"))
    owe_order(shop, stripe_session_id="cs_1")
    sync_stripe(shop)
    queue_reminders(shop)
    assert send_mail(shop).count(SENT) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda shop, invoice: shop.stripe.put(replace(invoice, status="paid")),
        lambda shop, invoice: say(shop, invoice, status="paid"),
        lambda shop, invoice: say(shop, invoice, amount_remaining=0),
        lambda shop, invoice: say(shop, invoice, collection_method="charge_automatically"),
        lambda shop, invoice: shop.stripe.put(replace(invoice, status="void")),
    ],
)
def test_a_stripe_invoice_that_was_settled_meanwhile(
    shop: Workshop, change: Callable[[Workshop, StripeInvoice], None]
) -> None:
    invoice = owe_stripe(shop)
    queue_reminders(shop)
    change(shop, invoice)
    assert send_mail(shop).count(WITHDRAWN) == 1
    assert shop.mailer.sent == []


def test_an_invoice_marked_as_paid_meanwhile(shop: Workshop) -> None:
    invoice = owe_invoice(shop)
    queue_reminders(shop)
    assert shop.invoices.mark_paid(invoice.invoice_id, None, MONDAY)
    assert send_mail(shop).count(WITHDRAWN) == 1


def test_a_payment_that_failed_after_all_is_reminded_of_again(shop: Workshop) -> None:
    owe_order(shop, stripe_session_id="cs_1")
    queue_reminders(shop)
    under_way(shop)
    assert send_mail(shop).count(WITHDRAWN) == 1
    shop.stripe.put(an_intent(id="pi_1", status="requires_payment_method"))
    assert sent_by(send_reminders(shop)) == 1
    assert told(shop) == [("A-1", 1, SENT)]


def test_what_cannot_be_asked_is_not_sent(shop: Workshop) -> None:
    owe_stripe(shop)
    queue_reminders(shop)
    shop.stripe.unreadable[StripeKind.INVOICE] = StripeError("Stripe answered 500")
    send_mail(shop)
    assert told(shop) == [("in_1", 1, QUEUED)]
    report = send_reminders(shop)
    assert report.outcome is Outcome.INCOMPLETE
    assert report.unread
    assert shop.mailer.sent == []
    shop.stripe.unreadable.clear()
    assert sent_by(send_reminders(shop)) == 1


def test_a_link_that_is_not_stripes_https_is_for_the_writer_to_leave_out(shop: Workshop) -> None:
    say(shop, owe_stripe(shop), hosted_invoice_url="javascript:alert(1)")
    assert preview_reminder(shop, "ABC-0001").content.pay_url == "javascript:alert(1)"


# Once


def test_queueing_again_changes_nothing(shop: Workshop) -> None:
    order = owe_order(shop)
    plan, _ = queue_reminders(shop)
    mails = [due.mail for due in plan.due]
    assert shop.receivables.queue(mails, MONDAY) == 0
    send_mail(shop)
    assert shop.receivables.queue(mails, MONDAY) == 0
    assert len(shop.mailer.sent) == 1
    other = NewMail(mails[0].kind, order.order_id, "x@example.com", 2)
    assert shop.receivables.queue([other, mails[0]], MONDAY) == 1


@pytest.mark.parametrize("error", [MailRefused("550 no such user"), MailUncertain("no answer")])
def test_a_refused_or_uncertain_one_is_never_sent_again_by_itself(
    shop: Workshop, error: MailRefused | MailUncertain
) -> None:
    owe_order(shop)
    shop.mailer.failures["1@example.com"] = error
    send_reminders(shop)
    shop.mailer.failures.clear()
    for _ in range(4):
        shop.clock.move(days=1)
        send_reminders(shop)
    assert shop.mailer.sent == []
    assert shop.mailer.attempts == ["1@example.com"]


# The night, and a look


def test_the_night_queues_before_it_sends(shop: Workshop) -> None:
    owe_order(shop)
    report = nightly(shop)
    assert report.reminders_queued == 1
    assert [letter.recipient for letter in shop.mailer.sent] == ["1@example.com"]
    names = [stage.name for stage in report.stages]
    assert names.index("reminders") == names.index("mail") - 1


def test_at_night_they_are_only_counted(shop: Workshop) -> None:
    owe_order(shop, late=10)
    shop.clock.moment = SUNDAY
    report = nightly(shop)
    assert report.reminders is not None
    assert (report.reminders.count, report.reminders_queued) == (1, 0)
    assert shop.mailer.sent == []


def test_without_stripe_the_night_reminds_nobody(shop: Workshop) -> None:
    owe_order(shop)
    heal = replaced(shop.stripe, "account", raises(StripeError("Stripe answered 500")))
    report = nightly(shop)
    assert {stage.name: stage.outcome for stage in report.stages}["reminders"] is Outcome.REFUSED
    assert told(shop) == []
    heal()
    assert nightly(shop).reminders_queued == 1


def test_preview(shop: Workshop) -> None:
    invoice = owe_invoice(shop, late=3)
    before = shop.contents()
    found = preview_reminder(shop, invoice.number)
    assert (found.step, found.content.tone) == (1, Tone.FRIENDLY)
    assert found.judgement.reason is Wait.NOT_YET
    assert preview_reminder(shop, invoice.invoice_id, 3).content.tone is Tone.FORMAL
    assert preview_reminder(shop, "A-1").judgement.claim.number == invoice.number
    assert shop.contents() == before
    with pytest.raises(NotFound, match="F-1"):
        preview_reminder(shop, "F-1")
    with pytest.raises(UsageError, match="4"):
        preview_reminder(shop, invoice.number, 4)
    assert (
        timedelta(days=8)
        == (preview_reminder(shop, invoice.number, 3).content.answer_by or MONDAY.date())
        - MONDAY.date()
    )


# After a restore


def test_what_may_have_been_sent_before_a_restore_waits_for_a_person(shop: Workshop) -> None:
    first = owe_invoice(shop, 1)
    owe_invoice(shop, 2, late=6)
    restored(shop, MONDAY)
    report = send_reminders(shop)
    assert (report.queued, reasons(shop)[first.number]) == (0, Wait.NOT_YET)
    assert told(shop) == [(first.invoice_id, 1, MailStatus.UNKNOWN)]
    shop.clock.move(days=1)  # the day of the other one's first step comes after the restore
    assert send_reminders(shop).queued == 1
    (unknown,) = shop.outbox.find(MailStatus.UNKNOWN)
    assert shop.outbox.requeue(unknown.mail_id)
    assert sent_by(send_reminders(shop)) == 1


def restored(shop: Workshop, at: datetime) -> None:
    """A store that was filled from a backup, and thawed since."""
    with shop.database.database.write() as connection:
        freeze(connection, "stakactl-1", at - DAY, at)
    shop.restores.thaw([], "run_1", at)
