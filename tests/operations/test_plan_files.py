"""One person reviews what another applies: exactly what the file says, or less."""

import hashlib
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.storage.plans import PlanFiles
from stakactl.domain.changes import Change, ChangeTarget
from stakactl.domain.findings import Discrepancy, Finding, FixState
from stakactl.domain.orders import OrderStatus
from stakactl.domain.plans import PlannedRepair, RepairPlan, StoreIdentity
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.stripe_objects import Account
from stakactl.errors import LockHeld, Refused, StoreForeign, StripeError, UsageError
from stakactl.operations.plan_files import (
    ApplyReport,
    apply_plan,
    plan_of,
    preview_plan,
    require_fitting,
)
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from tests.builders import NOW, ORDERED, a_refund, eur
from tests.fakes_stripe import FakeStripeGateway
from tests.operations.test_reconcile import SAFE, street
from tests.operations.workshop import MIRROR, RECORDS, Workshop, raises, replaced, unrecorded

Json = dict[str, Any]
DAY = timedelta(days=1)


def planned(shop: Workshop) -> RepairPlan:
    return plan_of(shop, reconcile(shop, ReconcileRequest()))


def states(report: ApplyReport) -> list[FixState]:
    return [fate.finding.fix for fate in report.fates]


def only_reason(report: ApplyReport) -> str | None:
    (fate,) = report.fates
    assert fate.finding.fix is FixState.SKIPPED
    return fate.reason


def test_the_plan_names_the_safe_repairs_and_changes_nothing(shop: Workshop) -> None:
    street(shop)
    before = shop.contents(without=MIRROR | RECORDS)
    plan = planned(shop)
    assert {r.finding.discrepancy: r.change.target_id for r in plan.repairs} == SAFE
    assert (plan.mode, plan.created_at) == (Mode.LIVE, shop.clock.now())
    assert plan.store == shop.binding.identity()
    assert set(states(preview_plan(shop, plan))) == {FixState.PLANNED}
    assert shop.contents(without=MIRROR | RECORDS) == before


def test_applied_it_is_what_fix_would_have_done(shop: Workshop) -> None:
    street(shop)
    plan = planned(shop)
    report = apply_plan(shop, plan)
    assert set(states(report)) == {FixState.APPLIED}
    assert report.outcome is Outcome.OK
    made = {recorded.change.target_id: recorded.change for recorded in shop.changes.find()}
    assert made == {repair.change.target_id: repair.change for repair in plan.repairs}
    assert shop.last_run("reconcile --apply").summary == {
        "plan": plan.run_id,
        "changes": len(plan.repairs),
        "skipped": 0,
    }


def test_applying_twice_is_applying_once(shop: Workshop) -> None:
    street(shop)
    plan = planned(shop)
    apply_plan(shop, plan)
    before = shop.contents(without=MIRROR | RECORDS)
    again = apply_plan(shop, plan)
    assert {fate.reason for fate in again.fates} == {"it is as planned already"}
    assert again.outcome is Outcome.OK
    assert shop.contents(without=MIRROR | RECORDS) == before


def test_nothing_that_the_file_does_not_name_is_repaired(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    plan = planned(shop)
    shop.take(unrecorded(2))
    shop.stripe.put(a_refund(amount=eur(100)))
    report = apply_plan(shop, plan)
    assert states(report) == [FixState.APPLIED]
    assert shop.status("A-1") is OrderStatus.PAID  # and its refund waits for another plan
    assert shop.status("A-2") is OrderStatus.PENDING


def paid_less(shop: Workshop) -> None:
    intent = unrecorded(1).intent
    shop.stripe.put(replace(intent, amount_received_minor=100))


def canceled(shop: Workshop) -> None:
    shop.stripe.put(replace(unrecorded(1).intent, status="canceled"))
    shop.stripe.put(replace(unrecorded(1).session, status="expired", payment_status="unpaid"))


def cancelled_order(shop: Workshop) -> None:
    later = shop.clock.now() + DAY
    order = replace(unrecorded(1).order, status=OrderStatus.CANCELLED, updated_at=later)
    shop.orders.import_orders([order])


def later_start(shop: Workshop) -> None:
    shop.rules(invoices_since=ORDERED + DAY)


@pytest.mark.parametrize(
    ("then", "reason"),
    [
        (paid_less, "something else differs by now: AMOUNT_MISMATCH"),
        (canceled, "something else differs by now: SESSION_EXPIRED"),
        (cancelled_order, "something else differs by now: PAID_AFTER_CANCEL"),
        (later_start, "it is of the time before INVOICES_SINCE"),
    ],
)
def test_what_no_longer_holds_is_skipped_and_told(
    shop: Workshop, then: Callable[[Workshop], None], reason: str
) -> None:
    shop.take(unrecorded(1))
    plan = planned(shop)
    then(shop)
    report = apply_plan(shop, plan)
    assert only_reason(report) == reason
    assert report.outcome is Outcome.FINDINGS
    assert shop.changes.find() == []


def test_an_order_that_is_gone_and_a_change_that_fits_no_more(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    plan = planned(shop)
    (repair,) = plan.repairs
    elsewhere = replace(repair, change=replace(repair.change, target_id="A-99"))
    assert only_reason(apply_plan(shop, replace(plan, repairs=(elsewhere,)))) == "the order is gone"
    after = {**repair.change.after, "stripe_payment_intent_id": "pi_other"}
    edited = replace(repair, change=replace(repair.change, after=after))
    report = apply_plan(shop, replace(plan, repairs=(edited,)))
    assert only_reason(report) == "another change is due by now"
    assert shop.status() is OrderStatus.PENDING


def test_stripe_fails_while_applying(shop: Workshop) -> None:
    shop.take(*(unrecorded(number) for number in range(1, 7)))
    plan = planned(shop)
    replaced(shop.stripe, "retrieve", raises(StripeError("Stripe answered 500")))
    report = apply_plan(shop, plan)
    assert report.outcome is Outcome.INCOMPLETE
    assert set(states(report)) == {FixState.SKIPPED}
    assert [fate.reason for fate in report.fates].count("a service does not answer") == 3
    assert shop.changes.find() == []


def test_two_do_not_apply_at_once(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    plan = planned(shop)
    with shop.lock.hold("run_x", "nightly"), pytest.raises(LockHeld):
        apply_plan(shop, plan)
    assert shop.status() is OrderStatus.PENDING


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"store": StoreIdentity("other", "acct_fake")}, "another database"),
        ({"mode": Mode.TEST}, "acct_fake in test mode, this is account acct_fake in live mode"),
        ({"created_at": NOW - timedelta(days=7, seconds=1)}, "too old"),
        ({"created_at": NOW + DAY}, "which is to come"),
    ],
)
def test_a_plan_of_elsewhere_or_of_another_time(
    shop: Workshop, change: dict[str, Any], reason: str
) -> None:
    shop.take(unrecorded(1))
    plan = replace(planned(shop), **change)
    for use in (apply_plan, preview_plan, require_fitting):
        with pytest.raises(Refused, match=reason) as caught:
            use(shop, plan)
        assert "--plan-out" in (caught.value.hint or "")
    assert shop.changes.find() == []


def test_another_account(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    plan = planned(shop)
    other = replace(plan, store=replace(plan.store, account_id="acct_2"))
    with pytest.raises(Refused, match="acct_2"):
        apply_plan(shop, other)


# The file


def a_plan() -> RepairPlan:
    finding = Finding(
        Discrepancy.PAID_NOT_RECORDED,
        since=ORDERED,
        expected="order paid",
        seen="order pending",
        hint="fix",
        order_id="A-é\u202e=1",
        refs={"charge": "ch_1"},
    )
    change = Change(
        "A-é\u202e=1",
        finding.finding_id,
        "PAID_NOT_RECORDED",
        {"status": "pending", "refunded_minor": None},
        {"status": "paid", "refunded_minor": 12345678901234567890},
    )
    pdf = replace(change, target=ChangeTarget.PDF, target_id="FACT-1")
    repairs = (PlannedRepair(finding, change), PlannedRepair(finding, pdf))
    return RepairPlan(StoreIdentity("s", None), Mode.TEST, NOW, "run_1", repairs)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    PlanFiles().write(path, a_plan())
    return path


def test_a_plan_comes_back_as_it_was(written: Path) -> None:
    assert PlanFiles().read(written) == a_plan()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert written.read_text().isascii()


def test_a_plan_is_never_overwritten(written: Path) -> None:
    before = written.read_bytes()
    for attempt in (PlanFiles().require_new, lambda path: PlanFiles().write(path, a_plan())):
        with pytest.raises(UsageError, match="exists already"):
            attempt(written)
    assert written.read_bytes() == before
    with pytest.raises(UsageError, match="no folder"):
        PlanFiles().require_new(written / "sub" / "plan.json")


def test_blanks_and_the_order_of_keys_do_not_matter(written: Path) -> None:
    content = json.loads(written.read_text())
    turned = dict(reversed(list(content.items())))
    written.write_text(json.dumps(turned, indent=8, ensure_ascii=False), encoding="utf-8")
    assert PlanFiles().read(written) == a_plan()


EDITS: list[Callable[[Json], object]] = [
    lambda plan: plan["repairs"][0]["after"].update(status="refunded"),
    lambda plan: plan["repairs"].pop(),
    lambda plan: plan.update(store_id="another"),
    lambda plan: plan.update(created_at="2027-01-01T00:00:00+00:00"),
    lambda plan: plan.update(note="looks fine"),
    lambda plan: plan.update(sha256="0" * 64),
    lambda plan: plan["repairs"][0].pop("since"),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_file_is_refused(written: Path, edit: Callable[[Json], object]) -> None:
    content = json.loads(written.read_text())
    edit(content)
    written.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(Refused, match="was changed after it was written"):
        PlanFiles().read(written)


def test_another_format_version(written: Path) -> None:
    content = json.loads(written.read_text())
    written.write_text(json.dumps({**content, "format_version": 2}), encoding="utf-8")
    with pytest.raises(Refused, match="format version 2, this stakactl knows 1"):
        PlanFiles().read(written)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1, column 1"),
        ('{\n "format": ,\n}', "line 2, column 12"),
        ("[]", "holds no JSON object"),
        ("{}", "is no plan of repairs"),
        ('{"format": "stakactl repair plan", "format_version": 1}', "sha256 is missing"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"a": 1.5}', "1.5 is no whole number"),
        ('{"a": NaN}', "NaN is no whole number"),
        ("[" * 100_000, "no JSON that stakactl wrote"),
        ('{"a": ' + "9" * 5000 + "}", "no JSON that stakactl wrote"),
    ],
)
def test_what_is_no_plan(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=place) as caught:
        PlanFiles().read(path)
    assert "--plan-out" in (caught.value.hint or "")


FORGERIES: list[tuple[str, Callable[[Json], object]]] = [
    (r"repairs: must be a list", lambda plan: plan.update(repairs={})),
    (r"repairs\[1\]: must be an object", lambda plan: plan["repairs"].__setitem__(1, "x")),
    (r"mode: must be one of", lambda plan: plan.update(mode="other")),
    (r"created_at: must be a time$", lambda plan: plan.update(created_at="now")),
    (r"created_at: must be a time with", lambda plan: plan.update(created_at="2026-01-01")),
    (r"repairs\[0\].finding_id", lambda plan: plan["repairs"][0].update(order_id="A-2")),
    (r"repairs\[0\].class", lambda plan: plan["repairs"][0].update({"class": "X"})),
    (r"repairs\[0\].refs", lambda plan: plan["repairs"][0].update(refs={"charge": 1})),
    (r"repairs\[0\].after", lambda plan: plan["repairs"][0].update(after={"status": True})),
    (r"repairs\[0\]: before and after", lambda plan: plan["repairs"][0].update(after={})),
    (r"repairs\[0\].target_id", lambda plan: plan["repairs"][0].update(target_id=None)),
]


@pytest.mark.parametrize(("place", "edit"), FORGERIES)
def test_a_forged_file_is_checked_value_by_value(
    written: Path, place: str, edit: Callable[[Json], object]
) -> None:
    """Whoever edits it and makes the checksum anew."""
    content = json.loads(written.read_text())
    del content["sha256"]
    edit(content)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    content["sha256"] = hashlib.sha256(canonical.encode()).hexdigest()
    written.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UsageError, match=place):
        PlanFiles().read(written)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        PlanFiles().read(tmp_path / "nope.json")
    with pytest.raises(UsageError, match="cannot be read"):
        PlanFiles().read(tmp_path)
    latin = tmp_path / "latin.json"
    latin.write_bytes(b'{"a": "\xe9"}')
    with pytest.raises(UsageError, match="byte 7: it is not UTF-8"):
        PlanFiles().read(latin)


def test_without_a_sync_the_key_of_another_account_is_refused(shop: Workshop) -> None:
    shop.take(unrecorded(1))
    plan = planned(shop)
    before = shop.contents(without={"runs", "run_lock"})
    shop.stripe = FakeStripeGateway(account=Account("acct_other", livemode=True, name="Other"))
    with pytest.raises(StoreForeign):
        apply_plan(shop, plan, sync=False)
    assert shop.contents(without={"runs", "run_lock"}) == before
