"""One id across the chain: every kind of id leads to its orders, their time line and what to do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from stakactl.domain.causes import CAUSES, LOOK_AGAIN
from stakactl.domain.findings import Discrepancy, FindingState, FixState
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.stripe_objects import (
    Absence,
    Account,
    Event,
    InvoicePayment,
    Payout,
    StripeInvoice,
    StripeKind,
)
from stakactl.domain.timeline import EntryKind
from stakactl.domain.trail import SubjectKind
from stakactl.errors import NotFound, StoreForeign, StripeError, UsageError
from stakactl.operations.explain import ExplainReport, explain
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mail import send_outbox
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.sync import sync_stripe
from stakactl.operations.undo import plan_of_undo, undo
from tests.builders import NOW, ORDERED, a_dispute, a_refund, a_session, an_intent, eur
from tests.fakes_stripe import FakeStripeGateway
from tests.operations.workshop import BEGINNING, MIRROR, Workshop, sale, unrecorded

DAY = timedelta(days=1)
EVENT = Event("evt_1", ORDERED + DAY, True, "charge.refunded", "charge", "ch_1", 0)
BILL = StripeInvoice(
    "in_1", ORDERED, True, "S-0001", "paid", eur(46800), 46800, None, "sub_1", None, ORDERED, None
)
PAYOUT = Payout(
    "po_1", ORDERED, True, "failed", eur(100), True, ORDERED + DAY, "txn_po", None, "account_closed"
)


@pytest.fixture
def chain(shop: Workshop) -> Workshop:
    """A-1 with everything that can hang on an order, invoiced, and A-2 beside it."""
    shop.take(sale(1), sale(2, invoice_number="APP-7"))
    shop.stripe.put(a_refund(amount=eur(100)), a_dispute(), EVENT, PAYOUT, BILL)
    shop.stripe.put(InvoicePayment("inpay_1", ORDERED, True, "in_1", "pi_2", "paid"))
    reconcile(shop, ReconcileRequest(fix=True))
    generate_invoices(shop, GenerateRequest(BEGINNING))
    send_outbox(shop, "run_mail")
    return shop


def kinds(report: ExplainReport) -> list[EntryKind]:
    return [entry.kind for entry in report.entries]


def orders_of(shop: Workshop, name: str) -> list[str]:
    return [case.order.order_id for case in explain(shop, name).cases]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("A-1", SubjectKind.ORDER),
        ("cs_live_1", StripeKind.CHECKOUT_SESSION),
        ("pi_1", StripeKind.PAYMENT_INTENT),
        ("ch_1", StripeKind.CHARGE),
        ("re_1", StripeKind.REFUND),
        ("du_1", StripeKind.DISPUTE),
        ("txn_1", StripeKind.BALANCE_TRANSACTION),
        ("evt_1", StripeKind.EVENT),
        ("FACT-2026-000001", SubjectKind.INVOICE),
    ],
)
def test_every_id_of_the_chain_tells_the_whole_chain(
    chain: Workshop, name: str, kind: SubjectKind | StripeKind
) -> None:
    report = explain(chain, f" {name}\n")
    assert (report.subject.id, report.subject.kind) == (name, kind)
    assert [case.order.order_id for case in report.cases] == ["A-1"]
    assert set(kinds(report)) == set(EntryKind) - {EntryKind.PAYOUT}
    times = [entry.at for entry in report.entries]
    assert times == sorted(times)
    assert report.entries == explain(chain, "A-1").entries
    assert {entry.order_id for entry in report.entries} == {"A-1", None}


def test_the_time_line_of_a_sale(chain: Workshop) -> None:
    told = [(entry.kind, entry.what, entry.object_id) for entry in explain(chain, "A-1").entries]
    run = chain.last_run("reconcile").run_id
    findings = (one.finding for one in chain.trail.read(["A-1"], []).findings)
    ids = {str(finding.discrepancy): finding.finding_id for finding in findings}
    assert told == [
        ("order", "order placed", "A-1"),
        ("session", "session opened; now complete, paid", "cs_live_1"),
        ("payment", "payment begun; now succeeded", "pi_1"),
        ("order", "paid, as the order says", "A-1"),
        ("charge", "charge succeeded by card", "ch_1"),
        ("balance", "charge in the balance, fee 0.30 EUR", "txn_1"),
        ("event", "charge.refunded", "evt_1"),
        ("refund", "refund made; now succeeded", "re_1"),
        ("dispute", "dispute opened; now needs response", "du_1"),
        *(
            ("finding", f"{name} {fate}", ids[name])
            for name, fate in [
                ("REFUND_NOT_RECORDED", "found: order paid with 0.00 EUR"),
                ("REFUND_NOT_RECORDED", "is no more"),
                ("DISPUTE_UNKNOWN", "found: no dispute recorded"),
                ("DISPUTE_UNKNOWN", "is no more"),
                ("INVOICE_MISSING", "found: no invoice"),
            ]
        ),
        ("change", "DISPUTE_UNKNOWN: dispute status none → needs_response", run),
        (
            "change",
            "REFUND_NOT_RECORDED: status paid → partially_refunded; also refunded minor",
            run,
        ),
        ("invoice", "invoice issued", "FACT-2026-000001"),
        ("PDF", "PDF stored", "FACT-2026-000001"),
        ("mail", "invoice mail queued", told[-2][2]),
        ("mail", "invoice mail sent", told[-1][2]),
    ]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("APP-7", SubjectKind.FOREIGN_INVOICE),
        ("in_1", StripeKind.INVOICE),
        ("S-0001", StripeKind.INVOICE),
        ("inpay_1", StripeKind.INVOICE_PAYMENT),
    ],
)
def test_invoices_of_others(chain: Workshop, name: str, kind: object) -> None:
    report = explain(chain, name)
    assert report.subject.kind == kind
    assert [case.order.order_id for case in report.cases] == ["A-2"]
    made = [entry.what for entry in report.entries if entry.kind is EntryKind.INVOICE]
    assert made == ["Stripe's invoice S-0001 made; now paid", "Stripe's invoice S-0001 paid"]


def test_a_payout_stands_alone(chain: Workshop) -> None:
    report = explain(chain, "po_1")
    assert (report.cases, report.subject.kind) == ((), StripeKind.PAYOUT)
    assert [entry.what for entry in report.entries] == [
        "payout made; now failed (account_closed)",
        "payout was due at the bank",
        "PAYOUT_FAILED found: failed: the bank account has been closed",
    ]
    assert [p.finding.discrepancy for p in report.problems] == [Discrepancy.PAYOUT_FAILED]
    assert report.problems[0].finding.hint != LOOK_AGAIN


def test_an_id_of_several_orders_lists_them_all(shop: Workshop) -> None:
    shop.take(unrecorded(1), unrecorded(2, stripe_session_id=None))
    shop.stripe.put(replace(unrecorded(1).session, client_reference_id="A-2"))
    sync_stripe(shop)
    assert orders_of(shop, "pi_1") == ["A-1", "A-2"]
    report = explain(shop, "cs_live_1")
    (conflict,) = (p.finding for p in report.problems if p.finding.order_id == "A-1")
    assert conflict.discrepancy is Discrepancy.LINK_CONFLICT
    assert report.next[0].command == "stakactl explain A-2"
    placed = [e.order_id for e in report.entries if e.what == "order placed"]
    assert placed == ["A-1", "A-2"]
    payments = [e for e in report.entries if e.kind is EntryKind.PAYMENT]
    assert len(payments) == 1


def test_a_customer_and_a_subscription(shop: Workshop) -> None:
    one = sale(1)
    customer = replace(one.order.customer, stripe_customer_id="cus_1")
    shop.take(replace(one, order=replace(one.order, customer=customer)))
    shop.stripe.put(BILL, InvoicePayment("inpay_1", ORDERED, True, "in_1", "pi_1", "paid"))
    sync_stripe(shop)
    assert orders_of(shop, "cus_1") == ["A-1"]
    assert orders_of(shop, "S-0001") == ["A-1"]


def test_what_is_wrong_and_what_to_type(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    reconcile(shop, ReconcileRequest())
    report = explain(shop, "pi_1")
    (problem,) = report.problems
    assert problem.finding.discrepancy is Discrepancy.PAID_NOT_RECORDED
    assert problem.finding.state is FindingState.PERSISTING
    assert problem.finding.fix is FixState.PLANNED
    assert problem.cause == CAUSES[Discrepancy.PAID_NOT_RECORDED]
    assert problem.seen_at is None
    assert report.next[0].command == "stakactl reconcile --order A-1 --fix"
    found = [entry for entry in report.entries if entry.kind is EntryKind.FINDING]
    assert [entry.object_id for entry in found] == [problem.finding.finding_id]
    assert explain(shop, problem.finding.finding_id).entries == report.entries


def test_an_order_whose_id_is_shell_code(shop: Workshop) -> None:
    name = "A-1; rm -rf $HOME"
    shop.take(unrecorded(1, order_id=name))
    sync_stripe(shop)
    assert explain(shop, name).next[0].command == f"stakactl reconcile --order '{name}' --fix"


def test_findings_over_the_nights(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    first = reconcile(shop, ReconcileRequest())
    shop.clock.move(days=1)
    reconcile(shop, ReconcileRequest())
    told = [e.what for e in explain(shop, "A-1").entries if e.kind is EntryKind.FINDING]
    assert told == [
        "PAID_NOT_RECORDED found: order pending, 468.00 EUR paid",
        "PAID_NOT_RECORDED seen last",
    ]
    shop.clock.move(days=1)
    fixed = reconcile(shop, ReconcileRequest(fix=True))
    report = explain(shop, first.findings[0].finding_id)
    told = [e.what for e in report.entries if e.kind in (EntryKind.FINDING, EntryKind.CHANGE)]
    assert told[1:] == [
        "PAID_NOT_RECORDED is no more",
        "INVOICE_MISSING found: no invoice",
        "PAID_NOT_RECORDED: status pending → paid; also paid at, payment intent id",
    ]
    commands = [step.command for step in report.next]
    assert f"stakactl undo {fixed.run_id} --dry-run" in commands
    undo(shop, plan_of_undo(shop, fixed.run_id))
    commands = [step.command for step in explain(shop, "A-1").next]
    assert f"stakactl undo {fixed.run_id} --dry-run" not in commands


def test_a_payment_without_order(shop: Workshop) -> None:
    shop.stripe.put(an_intent(), a_session())
    reconcile(shop, ReconcileRequest())
    report = explain(shop, "cs_live_1")
    assert report.cases == ()
    assert kinds(report) == [EntryKind.SESSION, EntryKind.PAYMENT, EntryKind.FINDING]
    (problem,) = report.problems
    assert problem.finding.discrepancy is Discrepancy.ORPHAN_PAYMENT
    assert problem.finding.hint.startswith("import the missing order")
    assert problem.seen_at == shop.clock.now()
    assert explain(shop, problem.finding.finding_id).entries == report.entries


def test_what_a_run_saw_of_an_order_is_looked_at_anew(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    reconcile(shop, ReconcileRequest())
    later = replace(
        unrecorded(1).order, status=OrderStatus.PAID, paid_at=ORDERED, updated_at=NOW + DAY
    )
    shop.orders.import_orders([later])
    problems = [p.finding.discrepancy for p in explain(shop, "A-1").problems]
    assert problems == [Discrepancy.INVOICE_MISSING]


@pytest.mark.parametrize(
    ("mode", "page"),
    [
        (Mode.LIVE, "https://dashboard.stripe.com/payments/pi_9"),
        (Mode.TEST, "https://dashboard.stripe.com/test/payments/pi_9"),
        (Mode.DEMO, None),
    ],
)
def test_the_page_of_a_payment_in_the_dashboard(
    shop: Workshop, mode: Mode, page: str | None
) -> None:
    shop.rules(mode=mode)
    live = mode is not Mode.TEST
    one = sale(1, stripe_session_id=None, stripe_payment_intent_id="pi_1")
    shop.orders.import_orders([one.order])
    second = an_intent(id="pi_9", latest_charge_id=None, metadata_order_id="A-1", livemode=live)
    shop.stripe.put(replace(one.intent, livemode=live), second)
    sync_stripe(shop)
    step = next(s for s in explain(shop, "A-1").next if "dashboard" in s.why)
    assert step.command == page


def test_offline_nothing_is_asked_and_nothing_is_written(chain: Workshop) -> None:
    asked = len(chain.stripe.calls)
    before = chain.contents()
    for name in ("A-1", "re_1", "po_1", "APP-7"):
        explain(chain, name)
    assert chain.contents() == before
    assert len(chain.stripe.calls) == asked


def test_live_fetches_the_objects_and_what_they_lead_to(shop: Workshop) -> None:
    one = unrecorded(1)
    shop.take(one)
    assert kinds(explain(shop, "A-1")) == [EntryKind.ORDER]
    before = shop.contents(without=MIRROR)
    report = explain(shop, "A-1", live=True)
    assert kinds(report) == [
        EntryKind.ORDER,
        EntryKind.SESSION,
        EntryKind.PAYMENT,
        EntryKind.CHARGE,
        EntryKind.BALANCE,
    ]
    assert [p.finding.discrepancy for p in report.problems] == [Discrepancy.PAID_NOT_RECORDED]
    assert shop.contents(without=MIRROR) == before


def test_an_order_younger_than_the_copy_of_stripe_is_not_judged(shop: Workshop) -> None:
    sync_stripe(shop)
    shop.clock.move(days=3)
    shop.take(sale(1, at=NOW + DAY))
    report = explain(shop, "A-1")
    assert (report.problems, report.unjudged) == ((), ("A-1",))
    live = explain(shop, "A-1", live=True)
    assert live.unjudged == ()
    assert [p.finding.discrepancy for p in live.problems] == [Discrepancy.INVOICE_MISSING]
    shop.take(sale(2, at=NOW + DAY, stripe_session_id=None))
    assert explain(shop, "A-2", live=True).unjudged == ("A-2",)


def test_live_finds_what_was_not_read_yet(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    with pytest.raises(NotFound):
        explain(shop, "pi_99")
    shop.stripe.put(an_intent(id="pi_99", metadata_order_id="A-1"))
    assert [c.order.order_id for c in explain(shop, "pi_99", live=True).cases] == ["A-1"]


def test_live_and_stripe_fails(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    shop.stripe.unreadable[StripeKind.PAYMENT_INTENT] = StripeError("Stripe answered 500")
    report = explain(shop, "A-1", live=True)
    assert report.outcome is Outcome.INCOMPLETE
    assert report.unread == ("payment_intent pi_1: Stripe answered 500",)
    assert EntryKind.SESSION in kinds(report)


def test_live_with_the_key_of_another_account(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    sync_stripe(shop)
    shop.stripe = FakeStripeGateway(account=Account("acct_2", livemode=True, name="Other"))
    with pytest.raises(StoreForeign):
        explain(shop, "A-1", live=True)


def test_an_id_that_an_order_records_and_stripe_does_not_have(shop: Workshop) -> None:
    shop.orders.import_orders([sale(1).order])
    sync_stripe(shop)
    report = explain(shop, "cs_live_1")
    assert report.subject.absence is Absence.MISSING
    assert [case.order.order_id for case in report.cases] == ["A-1"]
    assert [p.finding.discrepancy for p in report.problems] == [Discrepancy.ORDER_WITHOUT_STRIPE]


@pytest.mark.parametrize(
    ("name", "live", "hint"),
    [
        ("cs_test_1", False, "it is of test mode, and this database holds live mode"),
        ("pi_77", False, "--live asks Stripe for it"),
        ("pi_77", True, "another account or mode"),
        ("LÉA martin", False, "did you mean A-2, A-1?"),
        ("nobody", False, "stakactl orders list --search TEXT"),
    ],
)
def test_an_unknown_id_says_where_was_looked(
    chain: Workshop, name: str, live: bool, hint: str
) -> None:
    before = chain.contents()
    with pytest.raises(NotFound) as caught:
        explain(chain, name, live=live)
    assert hint in (caught.value.hint or "")
    for place in (repr(name), "2 orders", "1 invoices", "objects of Stripe, read until 2026-03-15"):
        assert place in caught.value.message
    assert ("Stripe itself" in caught.value.message) is live
    assert chain.contents() == before


def test_before_the_first_sync_the_hint_is_to_sync(shop: Workshop) -> None:
    with pytest.raises(NotFound, match="not read completely yet") as caught:
        explain(shop, "A-1")
    assert "stakactl sync" in (caught.value.hint or "")


def test_runs_secrets_and_nothing(shop: Workshop) -> None:
    run_id = reconcile(shop, ReconcileRequest()).run_id
    with pytest.raises(NotFound, match="is a run") as caught:
        explain(shop, run_id)
    assert caught.value.hint == f"stakactl runs show {run_id}"
    with pytest.raises(UsageError) as refused:
        explain(shop, "sk_live_" + "s3cr3t")
    assert "s3cr3t" not in f"{refused.value.message}{refused.value.hint}"
    with pytest.raises(UsageError, match="empty"):
        explain(shop, "  ")


@pytest.mark.parametrize("discrepancy", Discrepancy)
def test_every_class_has_its_cause(discrepancy: Discrepancy) -> None:
    cause = CAUSES[discrepancy]
    assert cause[0].isupper()
    assert cause.endswith(".")
    assert discrepancy not in cause


def test_no_name_and_no_address(chain: Workshop) -> None:
    """A time line is pasted into tickets: it holds ids and amounts."""
    text = str([(entry.what, entry.object_id) for entry in explain(chain, "A-1").entries])
    assert "@" not in text
    assert "Martin" not in text


def test_a_number_that_two_orders_bear_is_wrong_for_each_of_them(shop: Workshop) -> None:
    shop.take(sale(1, invoice_number="APP-1"), sale(2, invoice_number="APP-1"))
    shop.take(*(sale(n, invoice_number=f"APP-{n}") for n in range(3, 8)))
    reconcile(shop, ReconcileRequest())
    for name in ("A-1", "A-2", "APP-1"):
        wrong = {p.finding.discrepancy for p in explain(shop, name).problems}
        assert Discrepancy.NUMBER_DUPLICATE in wrong, name
