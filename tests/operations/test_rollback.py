"""A rollback holds everything and touches nothing else; the way back loses no event."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from stakactl.adapters.webhooks.sender import WebhookSender
from stakactl.domain.rollback import WAY_BACK, WAY_OUT, Step, StepState
from stakactl.domain.runs import Outcome
from stakactl.domain.webhooks.endpoints import EndpointStatus
from stakactl.errors import (
    DatabaseError,
    DiskError,
    LockHeld,
    Refused,
    StripeError,
)
from stakactl.operations.mail import send_mail
from stakactl.operations.maintenance import maintenance_status
from stakactl.operations.resume import plan_resume, resume_rollback
from stakactl.operations.rollback import (
    RollbackReport,
    plan_rollback,
    rollback_status,
    run_rollback,
)
from tests.fakes_maintenance import FakeMaintenanceCopy
from tests.operations.rollback_bench import OURS, REQUEST, RollbackBench
from tests.operations.workshop import Cut, raises, replaced
from tests.webhook_server import SECRET, webhook_server

ALL = {"we_1", "we_2", "we_foreign", "we_beside"}
FOREIGN = {"we_foreign", "we_beside"}


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[RollbackBench]:
    opened = RollbackBench(database_url, tmp_path / "backups")
    yield opened
    opened.close()


def states(report: RollbackReport) -> dict[Step, StepState]:
    assert report.rollback is not None
    return {each.step: each.state for each in report.rollback.steps}


def done(*steps: Step) -> dict[Step, StepState]:
    return dict.fromkeys(steps, StepState.DONE)


def test_there_and_back(bench: RollbackBench) -> None:
    bench.maintenance_copy = copy = FakeMaintenanceCopy()
    report = run_rollback(bench, REQUEST)
    assert (report.outcome, states(report)) == (Outcome.OK, done(*WAY_OUT))
    assert bench.enabled == FOREIGN
    assert (copy.announced, copy.lasts) == (True, None)
    assert len(bench.backups.find()) == 1
    with pytest.raises(Refused, match="payments fail"):
        send_mail(bench)
    events = bench.gap()
    assert bench.events.unprocessed() == []
    back = resume_rollback(bench)
    assert states(back) == done(*WAY_OUT, *WAY_BACK)
    assert bench.enabled == ALL
    assert not copy.announced
    assert maintenance_status(bench).flag is None
    assert all(bench.events.is_processed(event.id) for event in events)
    assert back.rollback is not None
    assert back.rollback.ended_at == bench.clock.now()
    with pytest.raises(Refused, match="no rollback"):
        resume_rollback(bench)
    send_mail(bench)


def test_a_plan_changes_nothing(bench: RollbackBench) -> None:
    plan = plan_rollback(bench, REQUEST).rollback
    assert plan is not None
    assert plan.steps[0].ids == OURS[::-1]
    assert bench.enabled == ALL
    assert rollback_status(bench).rollback is None
    run_rollback(bench, REQUEST)
    plan = plan_resume(bench).rollback
    assert plan is not None
    assert [each.step for each in plan.steps] == [*WAY_OUT, *WAY_BACK]
    assert bench.enabled == FOREIGN


@pytest.mark.parametrize("left_out", WAY_OUT)
def test_each_step_can_be_left_out(bench: RollbackBench, left_out: Step) -> None:
    steps = tuple(step for step in WAY_OUT if step is not left_out)
    run_rollback(bench, replace(REQUEST, steps=steps))
    assert (bench.enabled == ALL) is (left_out is Step.DISABLE_ENDPOINTS)
    assert (maintenance_status(bench).flag is None) is (left_out is Step.MAINTENANCE_ON)
    assert (not bench.backups.find()) is (left_out is Step.BACKUP)
    resume_rollback(bench)
    assert bench.enabled == ALL
    assert maintenance_status(bench).flag is None


def test_typed_again_it_is_the_same_rollback(bench: RollbackBench) -> None:
    first = run_rollback(bench, REQUEST).rollback
    second = run_rollback(bench, replace(REQUEST, reason="another")).rollback
    assert first == second
    resume_rollback(bench)
    bench.clock.move(days=1)
    third = run_rollback(bench, REQUEST).rollback
    assert first is not None
    assert third is not None
    assert third.rollback_id != first.rollback_id


def test_what_somebody_did_to_endpoints_meanwhile(bench: RollbackBench) -> None:
    run_rollback(bench, REQUEST)
    bench.webhook_endpoints.delete("we_1")
    there = bench.webhook_endpoints.there
    there["we_foreign"] = replace(there["we_foreign"], status=EndpointStatus.DISABLED)
    report = resume_rollback(bench).rollback
    assert report is not None
    record = report.record(Step.ENABLE_ENDPOINTS)
    assert record is not None
    assert "we_1 was deleted meanwhile" in record.note
    assert bench.enabled == {"we_2", "we_beside"}


Break = Callable[[RollbackBench], Callable[[], None]]
FAILURES: dict[Step, Break] = {
    Step.DISABLE_ENDPOINTS: lambda b: replaced(
        b.webhook_endpoints, "list", raises(StripeError("Stripe is down"))
    ),
    Step.MAINTENANCE_ON: lambda b: replaced(
        b.maintenance, "swap", raises(DatabaseError("it is down"))
    ),
    Step.BACKUP: lambda b: replaced(b.backups, "writing", raises(DiskError("the disk is full"))),
    Step.ENABLE_ENDPOINTS: lambda b: replaced(
        b.webhook_endpoints, "update", raises(StripeError("Stripe is down"))
    ),
    Step.EVENTS: lambda b: replaced(b.stripe, "feed", raises(StripeError("Stripe is down"))),
    Step.MAINTENANCE_OFF: lambda b: replaced(
        b.maintenance, "swap", raises(DatabaseError("it is down"))
    ),
    Step.RECONCILE: lambda b: replaced(b.findings, "record", raises(DatabaseError("it is down"))),
}


@pytest.mark.parametrize("step", WAY_OUT)
def test_a_step_that_fails_does_not_stop_the_way_out(bench: RollbackBench, step: Step) -> None:
    heal = FAILURES[step](bench)
    report = run_rollback(bench, REQUEST)
    assert report.outcome is Outcome.PARTIAL
    assert states(report) == done(*WAY_OUT) | {step: StepState.FAILED}
    assert report.rollback is not None
    record = report.rollback.record(step)
    assert record is not None
    assert record.note.endswith(("down", "full"))
    heal()
    again = run_rollback(bench, REQUEST)
    assert (again.outcome, states(again)) == (Outcome.OK, done(*WAY_OUT))
    assert bench.enabled == FOREIGN


@pytest.mark.parametrize("step", WAY_BACK)
def test_a_step_that_fails_stops_the_way_back(bench: RollbackBench, step: Step) -> None:
    run_rollback(bench, REQUEST)
    events = bench.gap(2)
    heal = FAILURES[step](bench)
    report = resume_rollback(bench)
    assert report.outcome is Outcome.PARTIAL
    before = WAY_BACK[: WAY_BACK.index(step)]
    assert states(report) == done(*WAY_OUT, *before) | {step: StepState.FAILED}
    held = maintenance_status(bench).flag is not None
    assert held is (Step.MAINTENANCE_OFF not in before)
    with pytest.raises(Refused, match="way back"):
        run_rollback(bench, REQUEST)
    heal()
    resume_rollback(bench)
    assert all(bench.events.is_processed(event.id) for event in events)
    assert bench.enabled == ALL
    assert maintenance_status(bench).flag is None


def test_an_application_that_cannot_be_told_is_noted(bench: RollbackBench) -> None:
    bench.maintenance_copy = copy = FakeMaintenanceCopy()
    copy.down = True
    report = run_rollback(bench, REQUEST)
    assert report.outcome is Outcome.OK
    assert report.rollback is not None
    record = report.rollback.record(Step.MAINTENANCE_ON)
    assert record is not None
    assert record.note == "no answer"


@contextmanager
def dying(bench: RollbackBench, place: int, *, after: bool) -> Iterator[list[int]]:
    """The program dies at the `place`-th thing that changes something, before or after it."""
    changes = [
        (bench.rollbacks, "begin"),
        (bench.rollbacks, "note"),
        (bench.rollbacks, "end"),
        (bench.webhook_endpoints, "update"),
        (bench.maintenance, "swap"),
        (bench.mirror, "upsert"),
        (bench.findings, "record"),
        (bench.runs, "start"),
    ]
    count = [0]
    heals = []
    for owner, name in changes:
        original = getattr(owner, name)

        def step(*args: object, original: Callable[..., object] = original) -> object:
            count[0] += 1
            dies = count[0] == place
            if dies and not after:
                raise Cut
            result = original(*args)
            if dies:
                raise Cut
            return result

        heals.append(replaced(owner, name, step))
    try:
        yield count
    finally:
        for heal in heals:
            heal()


#: Of the places, so many lie between two that are tried.
EVERY = pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.soak)])


@EVERY
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_every_place(database_url: str, tmp_path: Path, after: bool, every: int) -> None:
    bench = RollbackBench(database_url, tmp_path / "backups")
    place, more = 1, True
    while more:
        with dying(bench, place, after=after) as count, suppress(Cut):
            run_rollback(bench, REQUEST)
        more = count[0] >= place
        report = run_rollback(bench, REQUEST)
        assert (report.outcome, bench.enabled) == (Outcome.OK, FOREIGN), place
        bench.clock.move(hours=1)
        resume_rollback(bench)
        assert bench.enabled == ALL, place
        bench.clock.move(hours=1)
        place += every
    assert place > 10
    bench.close()


@EVERY
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_every_place_of_the_way_back(
    database_url: str, tmp_path: Path, after: bool, every: int
) -> None:
    bench = RollbackBench(database_url, tmp_path / "backups")
    place, more = 1, True
    while more:
        run_rollback(bench, REQUEST)
        events = bench.gap(1)
        with dying(bench, place, after=after) as count, suppress(Cut):
            resume_rollback(bench)
        more = count[0] >= place
        if bench.rollbacks.current() is not None:
            resume_rollback(bench)
        assert bench.enabled == ALL, place
        assert maintenance_status(bench).flag is None
        assert bench.events.is_processed(events[0].id)
        bench.clock.move(hours=1)
        place += every
    assert place > 10
    bench.close()


def test_the_application_gets_each_event_once_in_its_order(bench: RollbackBench) -> None:
    run_rollback(bench, REQUEST)
    events = [event.id for event in bench.gap(6)]
    with webhook_server() as server:
        server.statuses = [200, 200, 500]
        receiver = WebhookSender(server.url, SECRET, bench.clock)
        report = resume_rollback(bench, receiver)
        assert states(report)[Step.EVENTS] is StepState.FAILED
        assert maintenance_status(bench).flag is not None
        resume_rollback(bench, receiver)
        assert server.ids == [*events[:3], *events[2:]]


def test_a_rollback_waits_for_no_run(bench: RollbackBench) -> None:
    with bench.lock.hold("run_1", "nightly"), pytest.raises(LockHeld):
        run_rollback(bench, REQUEST)
    assert bench.enabled == ALL
