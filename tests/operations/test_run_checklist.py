"""Going through a checklist: what is looked at, asked, kept, and gone on with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.alerts.inspection import AlertInspection
from stakactl.adapters.checklists.lists import load_checklists
from stakactl.domain.alerts import Measure
from stakactl.domain.checklists import (
    Answer,
    Checklist,
    Item,
    ItemKind,
    ItemState,
    ListName,
    OwnCheck,
    Reply,
)
from stakactl.domain.maintenance import Maintenance
from stakactl.domain.runs import Outcome
from stakactl.domain.webhooks.endpoints import EndpointStatus
from stakactl.errors import ConfigurationError, NotFound, StakactlError, StripeError
from stakactl.operations.backup import create_backup
from stakactl.operations.checklists.run import (
    ChecklistReport,
    ChecklistRequest,
    Nobody,
    run_checklist,
)
from stakactl.operations.checklists.show import show_checklist
from stakactl.operations.ports.checklists import Person
from stakactl.operations.ports.webhooks import Address
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.resume import resume_rollback
from stakactl.operations.rollback import run_rollback
from tests.fakes_alerts import FakeMachine
from tests.fakes_checklists import FakeChecklistLog, Told
from tests.operations.checking import GOOD
from tests.operations.rollback_bench import HOST, REQUEST, RollbackBench
from tests.operations.test_validate_configuration import Settings
from tests.operations.workshop import raises, replaced, sale, unrecorded
from tests.validation import inspection

OPEN, DONE, FAILED = ItemState.OPEN, ItemState.DONE, ItemState.FAILED
YES, NO, SKIP = Answer(Reply.YES), Answer(Reply.NO, "it is red"), Answer(Reply.SKIP, "no need")
LISTS = load_checklists()


class FakeWebhook:
    """The application's webhook, which answers as it should; `sent` counts signed events."""

    address = Address(f"https://{HOST}/hook", HOST, is_encrypted=True, is_loopback=False)
    knows_secret = True

    def __init__(self) -> None:
        self.forged, self.sent = 400, 0

    def certificate(self) -> None:
        return None

    def get(self) -> int:
        return 405

    def post_forged(self) -> int:
        return self.forged

    def post_signed(self) -> int:
        self.sent += 1
        return 200


class Bench(RollbackBench):
    def __init__(self, url: str, folder: Path) -> None:
        super().__init__(url, folder)
        self.checklists = FakeChecklistLog()
        self.hook = FakeWebhook()

    def go(
        self, checklist: Checklist | ListName, person: Person | None = None, **fields: Any
    ) -> ChecklistReport:
        if isinstance(checklist, ListName):
            checklist = LISTS[checklist]
        alerts = AlertInspection("ops@example.com", None, None, enabled=True)
        looked_at = inspection(settings=Settings(GOOD), webhook=self.hook, alerts=alerts)
        request = ChecklistRequest(checklist, "ops", host=HOST)
        return run_checklist(self, looked_at, replace(request, **fields), person or Nobody())


@pytest.fixture
def bench(sqlite_url: str, tmp_path: Path) -> Iterator[Bench]:
    opened = Bench(sqlite_url, tmp_path / "backups")
    yield opened
    opened.close()


def states(report: ChecklistReport) -> dict[str, ItemState]:
    return {each.item_id: each.state for each in report.record.items}


def detail(report: ChecklistReport, item_id: str) -> str:
    item = report.record.item(item_id)
    assert item is not None
    return f"{item.detail} → {item.hint}"


def own(*checks: OwnCheck, **fields: Any) -> Checklist:
    """A list of one item for each check."""
    items = (
        Item(check.replace(".", "-"), check, ItemKind.AUTOMATIC, (), (check,), **fields)
        for check in checks
    )
    return Checklist(ListName.DEPLOY, "Deploying", tuple(items))


# -- asking, keeping, going on


def test_from_start_to_end(bench: Bench) -> None:
    create_backup(bench)
    person = Told({"deployed": YES, "dashboard": YES})
    report = bench.go(ListName.DEPLOY, person, probe=True)
    assert set(states(report).values()) == {DONE}
    assert (report.outcome, bench.hook.sent) == (Outcome.OK, 1)
    assert person.asked == ["deployed", "dashboard"]
    assert person.told["reachable"] == "3/5 done"
    record = report.record
    assert (record.started_by, record.finished_at) == ("ops", bench.clock.now())
    assert bench.last_run("checklist run").outcome is Outcome.OK
    assert show_checklist(bench, None).record == record
    assert bench.go(ListName.DEPLOY).record.record_id != record.record_id


def test_nobody_there_leaves_it_open_and_what_comes_after_waits(bench: Bench) -> None:
    report = bench.go(ListName.DEPLOY)
    assert report.outcome is Outcome.FINDINGS
    assert states(report) == {
        "backup": FAILED,
        "deployed": OPEN,
        "reachable": OPEN,
        "webhook-test": OPEN,
        "dashboard": OPEN,
    }
    assert detail(report, "dashboard") == "comes after deployed → "
    assert report.record.finished_at is None
    later = bench.go(ListName.DEPLOY, Told({"deployed": YES}))
    assert states(later)["reachable"] is DONE
    assert detail(later, "dashboard") == " → "  # its turn has come, and nobody answered


def test_a_test_event_is_sent_only_when_it_is_asked_for(bench: Bench) -> None:
    deployed = {"deployed": YES}
    report = bench.go(ListName.DEPLOY, answers=deployed)
    assert (states(report)["webhook-test"], bench.hook.sent) == (OPEN, 0)
    assert "--probe" in detail(report, "webhook-test")
    assert states(bench.go(ListName.DEPLOY, probe=True))["webhook-test"] is DONE
    bench.hook.knows_secret = False
    report = bench.go(ListName.DEPLOY, probe=True)
    assert states(report)["webhook-test"] is OPEN
    assert "STRIPE_WEBHOOK_SECRET is not set" in detail(report, "webhook-test")


def test_answers_stand_and_what_is_looked_at_is_looked_at_again(bench: Bench) -> None:
    create_backup(bench)
    first = bench.go(ListName.DEPLOY, Told({"deployed": YES, "dashboard": NO}))
    assert states(first)["reachable"] is DONE
    bench.clock.move(minutes=30)
    bench.hook.forged = 200
    person = Told()
    second = bench.go(ListName.DEPLOY, person)
    assert second.record.record_id == first.record.record_id
    assert states(second)["reachable"] is FAILED
    assert second.record.item("deployed") == first.record.item("deployed")
    assert person.asked == ["dashboard"]  # a no is asked again, and stands without an answer
    assert second.record.item("dashboard") == first.record.item("dashboard")
    third = bench.go(ListName.DEPLOY, Told({"dashboard": SKIP}))
    assert states(third)["dashboard"] is ItemState.NOT_APPLICABLE


def test_begun_afresh(bench: Bench) -> None:
    first = bench.go(ListName.POST_DEPLOY, Told({"team": YES}))
    bench.clock.move(minutes=1)
    second = bench.go(ListName.POST_DEPLOY, new=True)
    assert states(second)["team"] is OPEN
    assert show_checklist(bench, ListName.POST_DEPLOY).record == second.record
    old = show_checklist(bench, None, first.record.record_id).record
    assert states(ChecklistReport(old))["team"] is DONE


def test_answers_of_a_file(bench: Bench) -> None:
    answers = {"team": Answer(Reply.YES, "told", "ci"), "user-flow": SKIP}
    report = bench.go(ListName.POST_DEPLOY, answers=answers)
    team = report.record.item("team")
    assert team is not None
    assert (team.state, team.comment, team.by) == (DONE, "told", "ci")
    bench.clock.move(hours=1)
    again = bench.go(ListName.POST_DEPLOY, answers=answers)
    assert again.record.item("team") == team
    other = bench.go(ListName.POST_DEPLOY, answers={"team": NO})
    assert states(other)["team"] is FAILED


def test_ctrl_c_keeps_what_was_answered(bench: Bench) -> None:
    with pytest.raises(KeyboardInterrupt):
        bench.go(ListName.POST_DEPLOY, Told({"test-payment": YES}, leaves_at="user-flow"))
    assert states(show_checklist(bench, None))["test-payment"] is DONE
    person = Told()
    bench.go(ListName.POST_DEPLOY, person)
    assert person.asked == ["user-flow", "documentation", "team"]


def test_it_works_in_maintenance_and_beside_a_locked_run(bench: Bench) -> None:
    bench.maintenance.swap(None, Maintenance("deploying", "ops", bench.clock.now(), None, "run_1"))
    with bench.lock.hold("run_1", "rollback run"):
        assert bench.go(ListName.DEPLOY).outcome is Outcome.FINDINGS


def test_somebody_else_answers_meanwhile(bench: Bench) -> None:
    bench.go(ListName.POST_DEPLOY)

    class Other(Told):
        def ask(self, item: Any, place: str) -> Answer | None:
            self.asked.append(item.item_id)
            everything = dict.fromkeys(["user-flow", "documentation", "team"], YES)
            bench.go(ListName.POST_DEPLOY, answers=everything)
            return YES

    person = Other()
    report = bench.go(ListName.POST_DEPLOY, person)
    assert person.asked == ["test-payment"]
    assert report.outcome is Outcome.OK
    assert report.record.finished_at is not None


def test_a_record_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFound, match="no checklist was begun") as caught:
        show_checklist(bench, None)
    assert caught.value.hint == "stakactl checklist run pre-deploy"
    with pytest.raises(NotFound, match="the checklist rollback was not begun"):
        show_checklist(bench, ListName.ROLLBACK)
    with pytest.raises(NotFound, match="no record 'x'"):
        show_checklist(bench, None, "x")


# -- what stakactl knows by itself


def test_a_list_that_is_gone_on_with_days_later_needs_another_backup(bench: Bench) -> None:
    create_backup(bench)
    assert states(bench.go(ListName.DEPLOY))["backup"] is DONE
    bench.clock.move(hours=25)
    assert states(bench.go(ListName.DEPLOY))["backup"] is FAILED


def test_a_backup_that_is_recent_and_sound(bench: Bench, tmp_path: Path) -> None:
    wanted = own(OwnCheck.BACKUP_RECENT)
    assert "no backup since" in detail(bench.go(wanted), "backup-recent")
    create_backup(bench)
    bench.clock.move(minutes=61)
    assert bench.go(wanted).outcome is Outcome.OK  # the list was begun before it
    assert bench.go(wanted).outcome is Outcome.FINDINGS
    create_backup(bench)
    newest = max((tmp_path / "backups").glob("*.zip"))
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    assert "stakactl backup create" in detail(bench.go(wanted), "backup-recent")
    assert bench.go(wanted).outcome is Outcome.FINDINGS


def test_the_maintenance_flag(bench: Bench) -> None:
    wanted = own(OwnCheck.MAINTENANCE_ON, OwnCheck.MAINTENANCE_OFF)
    off = bench.go(wanted)
    assert states(off) == {"maintenance-on": FAILED, "maintenance-off": DONE}
    now = bench.clock.now()
    bench.maintenance.swap(None, Maintenance("deploying", "ops", now, now + timedelta(hours=1)))
    on = bench.go(wanted)
    assert states(on) == {"maintenance-on": DONE, "maintenance-off": FAILED}
    assert detail(on, "maintenance-off").endswith("→ stakactl maintenance off")
    bench.clock.move(hours=1)
    assert states(bench.go(wanted)) == states(off)


def test_our_endpoints(bench: Bench) -> None:
    wanted = own(OwnCheck.ENDPOINTS_DISABLED, OwnCheck.ENDPOINTS_ENABLED)
    on = bench.go(wanted)
    assert states(on) == {"endpoints-disabled": FAILED, "endpoints-enabled": DONE}
    assert "stakactl rollback run" in detail(on, "endpoints-disabled")
    there = bench.webhook_endpoints.there
    for each in ("we_1", "we_2"):
        there[each] = replace(there[each], status=EndpointStatus.DISABLED)
    off = bench.go(wanted)
    assert states(off) == {"endpoints-disabled": DONE, "endpoints-enabled": FAILED}
    assert detail(off, "endpoints-enabled").endswith("→ stakactl webhooks enable --ours")
    none = bench.go(wanted, host="elsewhere.example")
    assert states(none) == states(off)
    assert detail(none, "endpoints-enabled").endswith("→ stakactl webhooks register")
    unknown = bench.go(wanted, host=None)
    assert states(unknown) == {"endpoints-disabled": OPEN, "endpoints-enabled": OPEN}
    assert "--url" in detail(unknown, "endpoints-enabled")


@pytest.mark.parametrize("error", [StripeError, ConfigurationError])
def test_what_cannot_be_found_out_stays_open(bench: Bench, error: type[StakactlError]) -> None:
    replaced(bench.webhook_endpoints, "list", raises(error("no answer", hint="wait")))
    report = bench.go(own(OwnCheck.ENDPOINTS_ENABLED))
    assert states(report) == {"endpoints-enabled": OPEN}
    assert detail(report, "endpoints-enabled") == "endpoints.enabled: no answer → wait"


def test_health_that_is_critical(bench: Bench) -> None:
    wanted = own(OwnCheck.HEALTH_CRITICAL)
    bench.alert_rules = tuple(r for r in bench.alert_rules if r.measure is Measure.DISK_PERCENT)
    bench.machine = FakeMachine()
    assert bench.go(wanted).outcome is Outcome.OK
    bench.alert_rules = tuple(replace(rule, critical=Decimal(0)) for rule in bench.alert_rules)
    assert "critical: disk.space" in detail(bench.go(wanted), "health-critical")


def test_only_what_began_to_differ_since_counts(bench: Bench) -> None:
    wanted = own(OwnCheck.RECONCILE_BREAKS)
    bench.take(sale(1), unrecorded(2))
    reconcile(bench, ReconcileRequest())
    bench.clock.move(hours=1)
    known = bench.go(wanted)
    assert (known.outcome, "known" in detail(known, "reconcile-breaks")) == (Outcome.OK, True)
    bench.clock.move(hours=1)
    bench.take(unrecorded(3))
    new = bench.go(wanted)
    assert states(new) == {"reconcile-breaks": FAILED}
    assert "such as A-3 → stakactl explain A-3" in detail(new, "reconcile-breaks")
    assert states(bench.go(wanted)) == states(new)  # seen again, it still is new to this list


# -- rollback


def test_a_rollback_beside_its_checklist(bench: Bench) -> None:
    run_rollback(bench, REQUEST)
    person = Told({"notified": YES})
    held = bench.go(ListName.ROLLBACK, person)
    assert states(held) == {
        "webhooks": DONE,
        "maintenance": DONE,
        "backup": DONE,
        "notified": DONE,
        "previous-version": OPEN,
        "normal": OPEN,
    }
    back = {"previous-version": YES}
    early = bench.go(ListName.ROLLBACK, answers=back)
    assert states(early)["normal"] is FAILED
    assert detail(early, "normal").endswith("→ stakactl rollback resume")
    bench.clock.move(hours=3)
    resume_rollback(bench)
    report = bench.go(ListName.ROLLBACK)
    assert (report.outcome, set(states(report).values())) == (Outcome.OK, {DONE})


def test_the_checklist_after_all_is_over(bench: Bench) -> None:
    """The commands first, the paper afterwards: the rollback's own record counts."""
    rollback = run_rollback(bench, REQUEST).rollback
    bench.clock.move(hours=2)
    resume_rollback(bench)
    bench.clock.move(hours=23)
    answers = {"notified": SKIP, "previous-version": YES}
    report = bench.go(ListName.ROLLBACK, answers=answers)
    assert report.outcome is Outcome.OK
    assert rollback is not None
    assert rollback.rollback_id in detail(report, "webhooks")
    bench.clock.move(hours=2)
    late = bench.go(ListName.ROLLBACK, answers=answers)
    assert states(late)["webhooks"] is FAILED  # that was another one


def test_steps_made_by_hand_stay_done_when_they_are_taken_back(bench: Bench) -> None:
    wanted = own(OwnCheck.MAINTENANCE_ON, once=True)
    wanted = replace(wanted, items=(*wanted.items, *own(OwnCheck.MAINTENANCE_OFF).items))
    now = bench.clock.now()
    flag = Maintenance("by hand", "ops", now, now + timedelta(hours=1))
    bench.maintenance.swap(None, flag)
    assert states(bench.go(wanted))["maintenance-on"] is DONE
    bench.maintenance.swap(flag, None)
    assert bench.go(wanted).outcome is Outcome.OK
