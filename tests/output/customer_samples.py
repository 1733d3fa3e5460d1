"""Reports of customers for the tests of their tables and their page."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from stakactl.domain.annual import AnnualFigures, annual_figures
from stakactl.domain.causes import CAUSES
from stakactl.domain.customer_money import money_moved, totals_of
from stakactl.domain.customer_record import CustomerIdentity, CustomerKind, CustomerRecord
from stakactl.domain.findings import Discrepancy, Finding, FixState
from stakactl.domain.invoice_status import Moments
from stakactl.domain.invoicing import Invoice, InvoiceLine, InvoiceSnapshot, PdfStatus
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import StripeCustomer, StripeKind, Subscription
from stakactl.domain.trail import OutgoingMail, Payments
from stakactl.domain.vat import split_gross
from stakactl.operations.customers.annual import AnnualReport
from stakactl.operations.customers.changed import ObjectChange
from stakactl.operations.customers.live import Difference, LiveData
from stakactl.operations.customers.show import CustomerReport
from stakactl.operations.customers.sync import CustomerSyncReport
from stakactl.operations.problems import Problem
from tests.builders import (
    a_charge,
    a_dispute,
    a_refund,
    a_stripe_invoice,
    an_intent,
    an_order,
    eur,
)
from tests.contracts.issuing import SELLER

HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x.png">\x1b[31m\u202e'
AT = datetime(2026, 3, 29, 10, 5, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PERSON = Customer(
    "lea.martin@example.com",
    "Léa Martin",
    "u_1",
    "cus_1",
    company="Éditions <Martin>",
    vat_number="FR32123456789",
    address=Address("3 rue des Lilas", "", "75011", "Paris", "FR"),
)
IDENTITY = CustomerIdentity(CustomerKind.APPLICATION, "u_1", ("cus_1",), 1, PERSON.email)
MONTHLY = Subscription(
    "sub_1", AT, True, "active", "cus_1", "price_1", eur(400), 2, "month", 3, AT + 300 * DAY,
    None, None, AT, AT,
)  # fmt: skip
FINDING = Finding(
    Discrepancy.REFUND_NOT_RECORDED,
    since=AT,
    expected="partially_refunded with 100.00 EUR",
    seen="order paid with 0.00 EUR",
    hint="stakactl reconcile --fix records it",
    order_id="A-1",
    fix=FixState.PLANNED,
)


def an_invoice(number: str, gross: dict[str, int], *, credits_id: str | None = None) -> Invoice:
    """By rate what was charged at it, VAT included."""
    splits = tuple(split_gross(eur(minor), Decimal(rate)) for rate, minor in gross.items())
    total = sum((split.gross for split in splits), eur(0))
    lines = tuple(
        InvoiceLine("Correction", 1, split.gross, split.gross, split.net, split.rate)
        for split in splits
    )
    snapshot = InvoiceSnapshot(
        number, AT.date(), AT.date(), "A-1", SELLER, PERSON, Nature.SERVICES, lines, splits,
        sum((split.net for split in splits), eur(0)),
        sum((split.vat for split in splits), eur(0)),
        total, None, (), "fr", False,
    )  # fmt: skip
    moments = Moments(sent_at=AT, paid_at=None if credits_id else AT)
    return Invoice(
        number, number, "FACT", "A-1", "u_1", AT + DAY, snapshot, PdfStatus.STORED, f"{number}.pdf",
        "0" * 64, "run_1", moments, credits_id,
    )  # fmt: skip


def record() -> CustomerRecord:
    kwd = Money(1_234_560, "kwd")
    return CustomerRecord(
        IDENTITY,
        (replace(an_order(customer=PERSON), created_at=AT),),
        Payments(
            intents=(
                an_intent(created_at=AT),
                an_intent(id="pi_2", created_at=AT + DAY, amount=kwd, amount_received_minor=0,
                          status="requires_payment_method", latest_charge_id=None,
                          failure_message="Your card was declined."),
                an_intent(id="pi_3", created_at=AT + 2 * DAY, amount=kwd,
                          amount_received_minor=1_234_560, latest_charge_id="ch_3"),
            ),
            charges=(
                a_charge(created_at=AT),
                a_charge(id="ch_3", created_at=AT + 2 * DAY, amount=kwd, payment_intent_id="pi_3"),
            ),
            refunds=(a_refund(amount=eur(10000), created_at=AT + 3 * DAY),),
            disputes=(a_dispute(amount=eur(20000), created_at=AT + 4 * DAY, status="lost"),),
        ),
        {"pi_1": "A-1"},
        {},
        (
            an_invoice("FACT-2026-000001", {"20": 40000, "5.5": 6800}),
            an_invoice("AVOIR-2026-000001", {"20": 10000}, credits_id="FACT-2026-000001"),
        ),
        (StripeCustomer("cus_1", AT, True, PERSON.email, "Léa Martin", "Paris", "FR"),),
        (a_stripe_invoice(number="S-0001", created_at=AT, total=eur(800)),),
        (MONTHLY,),
        (OutgoingMail(7, MailKind.INVOICE, "A-1", MailStatus.SENT, AT, AT, None),),
    )  # fmt: skip


def shown(live: LiveData | None = None) -> CustomerReport:
    found = record()
    return CustomerReport(
        found,
        totals_of(money_moved(found)),
        (Problem(FINDING, CAUSES[FINDING.discrepancy]),),
        ("A-1",),
        live,
        NOW,
        NOW,
    )


def asked() -> LiveData:
    return LiveData(
        (("cus_1", record().stripe_customers[0]),),
        (MONTHLY,),
        3,
        1,
        (Difference(StripeKind.PAYMENT_INTENT, "pi_4", "succeeded", "nothing"),),
    )


def read_again() -> CustomerSyncReport:
    return CustomerSyncReport(
        "20261120T093000Z-9f86d0",
        IDENTITY,
        Outcome.FINDINGS,
        {StripeKind.PAYMENT_INTENT: 3, StripeKind.REFUND: 1},
        (
            ObjectChange(StripeKind.REFUND, "re_1", None, "succeeded"),
            ObjectChange(StripeKind.CUSTOMER, "cus_1", "there", None),
            ObjectChange(StripeKind.DISPUTE, "du_1", "status under_review", "status lost"),
        ),
        1,
        (replace(FINDING, first_seen_at=NOW, last_seen_at=NOW),),
        (),
        {},
        (),
    )


def a_year(**fields: object) -> AnnualReport:
    figures = annual_figures(record(), 2026, NOW, lambda at: at.date(), adopted=True)
    return _report(figures, **fields)


def empty_year() -> AnnualReport:
    return _report((), identity=replace(IDENTITY, kind=CustomerKind.GUEST, name=PERSON.email))


def hostile_year() -> AnnualReport:
    """Everything that others wrote, written by somebody evil."""
    address = Address(HOSTILE, HOSTILE, HOSTILE, HOSTILE, "FR")
    buyer = Customer(HOSTILE, HOSTILE, HOSTILE, company=HOSTILE, address=address)
    found = replace(record(), stripe_invoices=(a_stripe_invoice(number=HOSTILE, status=HOSTILE),))
    figures = annual_figures(found, 2026, NOW, lambda at: at.date(), adopted=True)
    return _report(figures, buyer=buyer, identity=replace(IDENTITY, name=HOSTILE))


def _report(figures: tuple[AnnualFigures, ...], **fields: object) -> AnnualReport:
    report = AnnualReport(IDENTITY, PERSON, 2026, date(2026, 11, 20), figures)
    return replace(report, **fields)  # type: ignore[arg-type]
