"""The letter of a reminder. Before it is written, Stripe and the application are asked again.

Between the plan and the sending somebody may have paid, so this is the last look: what stands in
the way now withdraws the mail, and `reminders send` may queue it again when that has passed.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from stakactl.domain.legal import Clause
from stakactl.domain.letters import Language, language_of
from stakactl.domain.letters.reminder import ReminderLetter
from stakactl.domain.mail import QueuedMail
from stakactl.domain.money import Money
from stakactl.domain.receivables import Receivable, Source, blocked
from stakactl.domain.reminders import Tone
from stakactl.domain.runs import Mode
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import MailRefused, MailWithdrawn, Refused, StakactlError
from stakactl.operations.invoice_files import fetch_pdf, known_invoice
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports
from stakactl.operations.receivables import look_again

#: So long a formal notice leaves for the payment.
TIME_TO_ANSWER = timedelta(days=8)
_PAY_PAGE = "https://invoice.stripe.com/i/sample?a=1&b=2"


def read(ports: Ports, mail: QueuedMail) -> ReminderLetter:
    hours, now = ports.policy.reminders.hours, ports.clock.now()
    if not hours.is_open(now):
        opens = f"{hours.opens_at(now):%Y-%m-%d %H:%M}"
        raise MailWithdrawn(f"outside of the hours of reminders, which begin on {opens}")
    claim = look_again(ports, mail.subject_id)
    if claim is None:
        raise MailRefused(f"mail {mail.mail_id} is about a claim that does not exist")
    obstacle = blocked(claim)
    if obstacle is not None:
        raise MailWithdrawn(f"{obstacle.obstacle}: {obstacle.detail}")
    if claim.recipient != mail.recipient:
        raise MailWithdrawn("the customer has another address by now")
    try:
        return content(ports, claim, mail.step)
    except Refused as error:  # the PDF of our invoice is not made yet
        raise MailWithdrawn(error.message) from error


def content(ports: Ports, claim: Receivable, step: int) -> ReminderLetter:
    """What the letter of a step says. Asks Stripe for the link to its invoice.

    Raises MailWithdrawn where Stripe says that there is nothing to be paid, Refused or
    StorageError without the PDF of an invoice of ours.
    """
    rules, policy = ports.policy.reminders, ports.policy
    tone = rules.tone(step)
    today = ports.clock.local_date(ports.clock.now())
    due_on = claim.due_on(rules.hours.zone)
    language, business = language_of(claim.locale), claim.is_business
    outstanding, pay_url, pdf, issued_on = claim.outstanding, "", None, None
    if claim.source is Source.INVOICE:
        invoice = known_invoice(ports, claim.subject_id)
        pdf, issued_on = fetch_pdf(ports, invoice), invoice.snapshot.issued_on
    elif claim.source is Source.STRIPE_INVOICE:
        body = _of_stripe(ports, claim)
        outstanding, pay_url = _left(body, claim), str(body.get("hosted_invoice_url") or "")
        business = business or bool(body.get("customer_tax_ids"))
        language = _language(ports, body, claim)
    if claim.case is not None:
        business = business or claim.case.order.customer.is_business
    return ReminderLetter(
        language=language,
        name=claim.name,
        specimen=policy.mode is not Mode.LIVE,
        tone=tone,
        source=claim.source,
        number=claim.number,
        total=claim.total,
        outstanding=outstanding,
        due_on=due_on,
        days_late=(today - due_on).days,
        issued_on=issued_on,
        title=claim.case.order.title if claim.case and claim.source is Source.ORDER else "",
        answer_by=today + TIME_TO_ANSWER if tone is Tone.FORMAL else None,
        pay_url=pay_url,
        legal=_sentences(ports, tone, language, today, business=business),
        pdf=pdf,
    )


def _of_stripe(ports: Ports, claim: Receivable) -> Mapping[str, Any]:
    body = ports.stripe.raw(StripeKind.INVOICE, claim.subject_id)
    if isinstance(body, Absence):
        raise MailWithdrawn(f"Stripe has no invoice {claim.number} any more: {body}")
    if body.get("status", "open") != "open":
        raise MailWithdrawn(f"Stripe says that {claim.number} is {body['status']}")
    if body.get("collection_method", "send_invoice") != "send_invoice":
        raise MailWithdrawn(f"Stripe charges {claim.number} by itself")
    return body


def _left(body: Mapping[str, Any], claim: Receivable) -> Money:
    left = body.get("amount_remaining")
    if not isinstance(left, int):
        return claim.outstanding
    if left <= 0:
        raise MailWithdrawn(f"Stripe says that nothing of {claim.number} is left to be paid")
    return Money(left, claim.total.currency)


def _language(ports: Ports, body: Mapping[str, Any], claim: Receivable) -> Language:
    """The language that the customer told Stripe; else the order's, else the country's. A letter
    in another language is better than none: what cannot be asked is left open."""
    if claim.case is not None:
        return language_of(claim.case.order.customer.locale)
    customer = body.get("customer")
    if isinstance(customer, str):
        try:
            found = ports.stripe.raw(StripeKind.CUSTOMER, customer)
        except StakactlError:
            found = Absence.MISSING
        locales = [] if isinstance(found, Absence) else found.get("preferred_locales") or []
        if locales:
            return language_of(str(locales[0]))
    return language_of(claim.locale)


def _sentences(
    ports: Ports, tone: Tone, language: Language, today: date, *, business: bool
) -> tuple[str, ...]:
    """Penalties and the indemnity are owed by businesses alone (C. com. L441-10), and a friendly
    letter does not speak of them."""
    clauses = [Clause.FORMAL_NOTICE] if tone is Tone.FORMAL else []
    if business and tone is not Tone.FRIENDLY:
        clauses += [Clause.LATE_PENALTIES, Clause.RECOVERY_INDEMNITY]
    return tuple(
        ports.policy.legal_texts.sentence(clause, str(language), today) for clause in clauses
    )


def samples(sampling: Sampling) -> tuple[ReminderLetter, ...]:
    """Each tone, of each source, to a business and to a consumer."""
    return tuple(_sample(sampling, tone, source) for tone in Tone for source in Source)


def _sample(sampling: Sampling, tone: Tone, source: Source) -> ReminderLetter:
    late = {Tone.FRIENDLY: 7, Tone.FIRM: 15, Tone.FORMAL: 30}[tone]
    total = Money(123_456, "eur")
    left = total if source is not Source.STRIPE_INVOICE else Money(100_000, "eur")
    return ReminderLetter(
        language=sampling.language,
        name=sampling.buyer.name,
        specimen=True,
        tone=tone,
        source=source,
        number=f"SAMPLE-{sampling.today.year}-000001",
        total=total,
        outstanding=left,
        due_on=sampling.today - timedelta(days=late),
        days_late=late,
        issued_on=sampling.today - timedelta(days=late + 30) if source is Source.INVOICE else None,
        title="Atlas <A–Z> & index" if source is Source.ORDER else "",
        answer_by=sampling.today + TIME_TO_ANSWER if tone is Tone.FORMAL else None,
        pay_url=_PAY_PAGE if source is Source.STRIPE_INVOICE else "",
        legal=() if tone is Tone.FRIENDLY else ("Art. L441-10 <&> D441-5.",),
        pdf=b"%PDF-1.7\n" if source is Source.INVOICE else None,
    )
