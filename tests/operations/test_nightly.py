"""The night: its stages, what a failing one does to the others, and what a crash leaves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from stakactl.domain.findings import Discrepancy, FixState
from stakactl.domain.mail import MailStatus
from stakactl.domain.orders import OrderStatus
from stakactl.domain.revenue import Grain
from stakactl.domain.runs import Outcome, worst
from stakactl.domain.stripe_objects import StripeKind
from stakactl.errors import (
    ConfigurationError,
    ExitCode,
    LockHeld,
    MailError,
    StorageError,
    StripeError,
)
from stakactl.operations.nightly import NightlyReport, nightly
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, a_dispute, a_refund, eur
from tests.fakes_delivery import FakeMailer
from tests.operations.workshop import (
    MIRROR,
    RECORDS,
    Cut,
    Workshop,
    classes,
    cut_after,
    cut_before,
    raises,
    replaced,
    sale,
    unrecorded,
)
from tests.sampling import sampled

STAGES = ["sync", "reconcile", "invoices", "reminders", "mail", "second look", "figures"]
DAY = timedelta(days=1)
DOWN = StripeError("Stripe answered 500", hint="status.stripe.com")


def week(shop: Workshop) -> None:
    """Two clean orders, one to repair, one that waits, one for a person."""
    shop.take(sale(1), sale(2), unrecorded(3), sale(5, status=OrderStatus.CANCELLED))
    debit = unrecorded(4, at=NOW - DAY)
    shop.orders.import_orders([debit.order])
    shop.stripe.put(
        replace(debit.session, payment_status="unpaid"),
        replace(
            debit.intent,
            status="processing",
            payment_method_type="sepa_debit",
            latest_charge_id=None,
        ),
    )


def outcomes(report: NightlyReport) -> dict[str, Outcome]:
    """Without the alerts, which have tests of their own (test_telling_alerts.py)."""
    return {stage.name: stage.outcome for stage in report.stages if stage.name != "alerts"}


def test_a_night(shop: Workshop) -> None:
    week(shop)
    report = nightly(shop)
    assert [stage.name for stage in report.stages] == [*STAGES, "alerts"]
    assert outcomes(report) == {
        **dict.fromkeys(STAGES, Outcome.OK),
        "second look": Outcome.FINDINGS,
    }
    assert (report.outcome, report.outcome.exit_code) == (Outcome.FINDINGS, 1)
    assert report.orders_read == 5
    assert [(f.discrepancy, f.order_id, f.fix) for f in report.repaired] == [
        (Discrepancy.PAID_NOT_RECORDED, "A-3", FixState.APPLIED)
    ]
    assert [c.change for c in shop.changes.find()] == list(report.changes)
    assert classes(report.remaining) == [
        Discrepancy.PAID_AFTER_CANCEL,
        Discrepancy.ASYNC_PENDING,
    ]
    assert shop.numbers() == {
        "A-1": "FACT-2026-000001",
        "A-2": "FACT-2026-000002",
        "A-3": "FACT-2026-000003",
    }
    assert [letter.recipient[0] for letter in shop.mailer.sent] == ["1", "2", "3"]
    assert report.revenue is not None
    assert report.revenue.grain is Grain.WEEK
    assert (report.revenue.until - report.revenue.since).days >= 49
    assert report.revenue.totals["eur"].gross == 4 * 46800
    run = shop.last_run()
    assert (run.run_id, run.command, run.outcome) == (report.run_id, "nightly", Outcome.FINDINGS)
    stages = str(run.summary.pop("stages")).split("; ")
    assert stages == [
        f"{each.name}: {each.outcome}, {each.seconds:.1f} s" for each in report.stages
    ]
    assert run.summary == {
        "orders": 5,
        "repaired": 1,
        "remaining": 2,
        "invoices": 3,
        "mails": 3,
        "alerts": 0,
    }
    shop.check_delivery()


def test_the_second_night_does_nothing_new(shop: Workshop) -> None:
    week(shop)
    first = nightly(shop)
    before = shop.contents(without=MIRROR | RECORDS)
    shop.clock.move(days=1)
    second = nightly(shop)
    assert shop.contents(without=MIRROR | RECORDS) == before
    assert (second.repaired, second.changes) == ((), ())
    assert second.invoices is not None
    assert second.mail is not None
    assert (second.invoices.issued, second.invoices.resumed) == ((), ())
    assert second.mail.results == ()
    ids = [finding.finding_id for finding in first.remaining]
    assert [finding.finding_id for finding in second.remaining] == ids
    assert len(shop.mailer.sent) == 3


def test_a_night_without_anything(shop: Workshop) -> None:
    report = nightly(shop)
    assert (report.outcome, report.outcome.exit_code) == (Outcome.OK, 0)
    assert set(outcomes(report).values()) == {Outcome.OK}


def test_a_night_with_nothing_but_waiting_is_pending(shop: Workshop) -> None:
    week(shop)
    shop.orders.import_orders(
        [sale(5, invoice_number="X", updated_at=NOW).order]  # the application corrected it
    )
    report = nightly(shop)
    assert (report.outcome, report.outcome.exit_code) == (Outcome.PENDING, 0)


# Stages that fail


def test_without_stripe_what_is_known_is_still_worked_on(shop: Workshop) -> None:
    week(shop)
    sync_stripe(shop)
    shop.take(sale(6))  # nothing can be known of its payment
    heal = replaced(shop.stripe, "account", raises(DOWN))
    shop.stripe.unreadable = dict.fromkeys(StripeKind, DOWN)
    report = nightly(shop)
    assert outcomes(report) == {
        "sync": Outcome.INCOMPLETE,
        "reconcile": Outcome.INCOMPLETE,
        "invoices": Outcome.OK,
        "reminders": Outcome.OK,
        "mail": Outcome.OK,
        "second look": Outcome.INCOMPLETE,
        "figures": Outcome.OK,
    }
    assert report.stages[0].error == "Stripe answered 500"
    assert report.stages[0].hint == "status.stripe.com"
    assert report.outcome.exit_code is ExitCode.INCOMPLETE
    assert sorted(shop.numbers()) == ["A-1", "A-2"]
    assert shop.status("A-3") is OrderStatus.PENDING
    shop.stripe.unreadable.clear()
    heal()
    shop.clock.move(days=1)
    assert nightly(shop).outcome is Outcome.FINDINGS
    assert sorted(shop.numbers()) == ["A-1", "A-2", "A-3", "A-6"]
    shop.check_delivery()


def test_one_unreadable_kind_makes_the_night_incomplete(shop: Workshop) -> None:
    shop.take(sale())
    shop.stripe.unreadable[StripeKind.BALANCE_TRANSACTION] = DOWN
    report = nightly(shop)
    assert report.outcome is Outcome.INCOMPLETE
    assert outcomes(report)["second look"] is Outcome.INCOMPLETE
    assert report.remaining == ()
    assert list(shop.numbers()) == ["A-1"]


def test_without_the_store_mails_of_before_wait_as_well(shop: Workshop) -> None:
    week(shop)
    shop.store.failure = StorageError("the store answered 503")
    report = nightly(shop)
    assert outcomes(report)["invoices"] is Outcome.PARTIAL
    assert Discrepancy.STORAGE_UNKNOWN in classes(report.remaining)
    assert report.outcome.exit_code is ExitCode.INCOMPLETE
    assert len(shop.numbers()) == 3
    assert shop.mail() == {}
    shop.store.failure = None
    again = nightly(shop)
    assert again.invoices is not None
    assert len(again.invoices.resumed) == 3
    assert len(shop.mailer.sent) == 3
    shop.check_delivery()


def test_without_a_transport_everything_else_is_done(shop: Workshop) -> None:
    week(shop)
    shop.mailer.failures = {f"{n}@example.com": MailError("535 login") for n in range(9)}
    report = nightly(shop)
    assert outcomes(report)["mail"] is Outcome.INCOMPLETE
    assert outcomes(report)["figures"] is Outcome.OK
    assert report.mail is not None
    assert report.mail.stopped == "535 login"
    assert set(shop.mail().values()) == {MailStatus.QUEUED}


def test_a_refused_stage_stops_before_its_first_item(shop: Workshop) -> None:
    week(shop)
    shop.rules(nightly_max_invoices=2)
    report = nightly(shop)
    assert outcomes(report)["invoices"] is Outcome.REFUSED
    assert report.stages[2].error is not None
    assert "NIGHTLY_MAX_INVOICES" in report.stages[2].error
    assert report.outcome.exit_code is ExitCode.REFUSED
    assert (shop.numbers(), shop.mail()) == ({}, {})
    assert shop.status("A-3") is OrderStatus.PAID
    shop.rules(nightly_max_invoices=3, nightly_max_mails=2)
    report = nightly(shop)
    assert outcomes(report)["mail"] is Outcome.REFUSED
    assert (len(shop.numbers()), len(shop.mailer.sent)) == (3, 0)


def test_which_outcome_a_night_has() -> None:
    """70, 4, 6, 7, 5, 1, 0 in this order, whatever the order of the stages."""
    severity = [
        Outcome.ERROR,
        Outcome.INCOMPLETE,
        Outcome.PARTIAL,
        Outcome.LOCKED,
        Outcome.REFUSED,
        Outcome.FINDINGS,
        Outcome.PENDING,
        Outcome.OK,
    ]
    assert set(severity) == set(Outcome)
    for heavy, light in combinations(severity, 2):
        assert worst([heavy, light]) is worst([light, heavy]) is heavy
    assert [outcome.exit_code for outcome in severity] == [70, 4, 6, 7, 5, 1, 0, 0]
    assert worst([]) is Outcome.OK


# Guards


def test_the_loser_of_two_nights_does_nothing(shop: Workshop) -> None:
    week(shop)
    with shop.lock.hold("other", "nightly"):
        before = shop.contents()
        with pytest.raises(LockHeld, match="nightly"):
            nightly(shop)
        assert shop.contents() == before
        assert shop.stripe.calls == []
    assert len(nightly(shop).repaired) == 1


def test_without_a_beginning_no_night_begins(shop: Workshop) -> None:
    week(shop)
    before = shop.contents()
    shop.rules(invoices_since=None)
    with pytest.raises(ConfigurationError):
        nightly(shop)
    assert shop.contents() == before
    assert shop.stripe.calls == []


def test_a_night_that_raises_is_recorded_and_frees_the_lock(shop: Workshop) -> None:
    week(shop)
    broken = raises(ConfigurationError("the template does not work"))
    heal = replaced(shop.letters, "write", broken)
    with pytest.raises(ConfigurationError):
        nightly(shop)
    run = shop.last_run()
    assert (run.outcome, run.finished_at) == (Outcome.ERROR, NOW)
    heal()
    shop.clock.move(hours=1)
    nightly(shop)
    assert set(shop.mail().values()) == {MailStatus.SENT}
    shop.check_delivery()


def test_a_night_that_dies_leaves_how_far_it_got(shop: Workshop) -> None:
    week(shop)
    heal = cut_after(shop.mailer, "send")
    with pytest.raises(Cut):
        nightly(shop)
    heal()
    told = str(shop.last_run().summary["stages"])
    assert told.startswith("sync: ok, 0.0 s; reconcile: ok, 0.0 s; invoices: ok")
    assert told.endswith("; mail: under way")


# Crashes

STEPS = [
    "mirror.upsert",
    "mirror.finish_readings",
    "orders.apply",
    "invoices.issue",
    "invoices.mark_all_stored",
    "store.put_if_absent",
    "outbox.claim_ahead",
    "mailer.send",
    "outbox.settle",
    "findings.record",
    "runs.finish",
]


#: What the transport says of an interrupted mail matters only where one was interrupted.
CRASHES = [(step, True) for step in STEPS]
CRASHES += [(step, False) for step in STEPS if step.startswith(("outbox", "mailer"))]
#: A sample of every third cuts before some steps and after others.
CUTS = [(*crash, cut) for cut in (cut_before, cut_after) for crash in CRASHES]


@pytest.mark.parametrize(("step", "can_tell", "cut"), sampled(CUTS, every=3))
def test_one_more_night_finishes_what_a_crash_left(
    shop: Workshop,
    step: str,
    cut: Callable[[object, str], Callable[[], None]],
    can_tell: bool,
) -> None:
    shop.mailer = FakeMailer(can_tell=can_tell)
    week(shop)
    port, _, name = step.partition(".")
    heal = cut(getattr(shop, port), name)
    with pytest.raises(Cut):
        nightly(shop)
    heal()
    shop.lose_process()
    shop.clock.move(days=1)
    nightly(shop)
    assert sorted(shop.numbers()) == ["A-1", "A-2", "A-3"]
    assert shop.invoices.unfinished() == []
    assert len(shop.changes.find()) == 1
    statuses = set(shop.mail().values())
    assert statuses <= ({MailStatus.SENT} if can_tell else {MailStatus.SENT, MailStatus.UNKNOWN})
    assert len(shop.mail()) == 3
    shop.check_delivery()
    before = shop.contents(without=MIRROR | RECORDS)
    nightly(shop)
    assert shop.contents(without=MIRROR | RECORDS) == before


def test_what_a_repair_uncovers_is_repaired_in_the_same_night(shop: Workshop) -> None:
    """A refund of a payment that was not recorded: no invoice before both are known."""
    shop.take(unrecorded())
    shop.stripe.put(a_refund(amount=eur(100)), a_dispute())
    first = nightly(shop)
    assert {Discrepancy.PAID_NOT_RECORDED, Discrepancy.REFUND_NOT_RECORDED} <= set(
        classes(first.repaired)
    )
    assert classes(first.remaining) == [Discrepancy.REFUND_NO_CREDIT_NOTE]
    assert shop.status() is OrderStatus.PARTIALLY_REFUNDED
    assert list(shop.numbers()) == ["A-1"]
