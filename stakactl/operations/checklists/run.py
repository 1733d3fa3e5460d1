"""Go through a checklist: look at the automatic items, ask the manual ones, keep the record.

Items come in the order of the list. Each is recorded as soon as it is known, so that Ctrl-C loses
nothing and the same command goes on with what is left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from stakactl.domain.checklists import (
    Answer,
    Checklist,
    ChecklistRecord,
    Item,
    ItemKind,
    ItemRecord,
    ItemState,
    answered,
    arranged,
    judged,
    waiting,
)
from stakactl.domain.checks import CheckResult
from stakactl.domain.runs import Outcome
from stakactl.operations.checklists.own_checks import Looking, look
from stakactl.operations.ports.checklists import ChecklistPorts, Person
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.runs import recorded_run
from stakactl.operations.validate.catalogue import CHECKS
from stakactl.operations.validate.configuration import Wanted, validate_configuration
from stakactl.operations.validate.running import Running
from stakactl.operations.validate.selection import select

COMMAND = "checklist run"
#: For all checks of `config validate` between two questions.
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ChecklistRequest:
    """`answers` are those of a file, by item; whoever types is `typed_by`. `host` is that of our
    webhook endpoints. With `probe` a test event is sent, with `new` the list begins afresh."""

    checklist: Checklist
    typed_by: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    host: str | None = None
    new: bool = False
    probe: bool = False


@dataclass(frozen=True, slots=True)
class ChecklistReport:
    """The record as it stands; `run_id` is None for a look at it."""

    record: ChecklistRecord
    run_id: str | None = None

    @property
    def outcome(self) -> Outcome:
        return self.record.outcome


class Nobody:
    """A Person that is not there."""

    def ask(self, item: ItemRecord, place: str) -> Answer | None:
        return None

    def tell(self, item: ItemRecord, place: str) -> None:
        pass


def run_checklist(
    ports: ChecklistPorts, inspection: Inspection, request: ChecklistRequest, person: Person
) -> ChecklistReport:
    """Begin the list, or go on with the one that is not finished. Waits for no other run, and
    works during maintenance: it belongs to the procedure."""
    with recorded_run(ports, COMMAND, in_maintenance=True) as run:
        going = _Going(ports, inspection, request, person, _begun(ports, request, run.run_id))
        going.take_answers()
        for stretch in _stretches(request.checklist):
            going.go_through(stretch)
        record = _ended(ports, going.record)
        run.ended(
            record.outcome,
            checklist=record.name,
            open=record.count(ItemState.OPEN),
            failed=record.count(ItemState.FAILED),
        )
    return ChecklistReport(record, run.run_id)


def _begun(ports: ChecklistPorts, request: ChecklistRequest, run_id: str) -> ChecklistRecord:
    checklist = request.checklist
    last = ports.checklists.last(checklist.name)
    if last is not None and last.finished_at is None and not request.new:
        record = replace(last, items=arranged(checklist, last.items))
        if record != last:  # the list was changed since
            ports.checklists.arrange(record)
        return record
    record = ChecklistRecord(
        record_id=run_id,
        name=checklist.name,
        title=checklist.title,
        started_by=request.typed_by,
        started_at=ports.clock.now(),
        finished_at=None,
        items=arranged(checklist),
    )
    ports.checklists.begin(record)
    return record


def _stretches(checklist: Checklist) -> Iterator[list[Item]]:
    """Automatic items in a row are looked at together; a manual one is a stretch of its own."""
    ordered = enumerate(checklist.items)
    for _, group in groupby(
        ordered, lambda p: p[1].after if p[1].kind is ItemKind.AUTOMATIC else p[0]
    ):
        yield [item for _, item in group]


def _ended(ports: ChecklistPorts, record: ChecklistRecord) -> ChecklistRecord:
    """As the store has it: somebody else may have answered meanwhile."""
    record = ports.checklists.get(record.record_id) or record
    if record.unclosed:
        return record
    record = replace(record, finished_at=ports.clock.now())
    ports.checklists.end(record)
    return record


def _of(item: Item, results: Sequence[CheckResult]) -> list[CheckResult]:
    """In the order in which the item names its checks: what comes first says the most."""
    named = [check.id for pattern in item.checks for check in select(CHECKS, [pattern], ())]
    order = {check_id: place for place, check_id in reversed(list(enumerate(named)))}
    mine = [each for each in results if each.id in order]
    return sorted(mine, key=lambda each: order[each.id])


@dataclass(slots=True)
class _Going:
    """A list under way."""

    ports: ChecklistPorts
    inspection: Inspection
    request: ChecklistRequest
    person: Person
    record: ChecklistRecord

    def take_answers(self) -> None:
        for item_id, answer in self.request.answers.items():
            before = self.record.item(item_id)
            if before is not None:
                self._note(self._with(before, answer))

    def go_through(self, stretch: list[Item]) -> None:
        self._refresh()
        waits_for = self.record.waiting_for(stretch[0])
        if waits_for:
            for item in stretch:
                self._tell(waiting(self._known(item), waits_for))
        elif stretch[0].kind is ItemKind.AUTOMATIC:
            self._look_at(stretch)
        else:
            self._ask(self._known(stretch[0]))

    def _refresh(self) -> None:
        """What somebody else answered meanwhile stands."""
        there = self.ports.checklists.get(self.record.record_id)
        if there is not None:
            items = arranged(self.request.checklist, there.items)
            self.record = replace(self.record, items=items)

    def _look_at(self, stretch: list[Item]) -> None:
        found = self._validated(stretch)
        looking = Looking.around(self.ports, self.record, self.request.host)
        for item in stretch:
            results = [*found.get(item.item_id, ()), *look(looking, item.own_checks)]
            self._tell(judged(item, self._known(item), results, self.ports.clock.now()))

    def _validated(self, stretch: list[Item]) -> Mapping[str, list[CheckResult]]:
        """What `config validate` says, by item; every service is asked once."""
        patterns = tuple(pattern for item in stretch for pattern in item.checks)
        if not patterns:
            return {}
        wanted = Wanted(Running(TIMEOUT_SECONDS, probe=self.request.probe), only=patterns)
        report = validate_configuration(self.inspection, wanted, self.ports.progress, CHECKS)
        return {item.item_id: _of(item, report.results) for item in stretch}

    def _ask(self, before: ItemRecord) -> None:
        if before.state.is_closed:
            self.person.tell(before, self._place(before))
            return
        if before.answer is None and before.detail:  # its turn had not come
            before = replace(before, detail="")
            self._note(before)
        answer = self.person.ask(before, self._place(before))
        if answer is not None:
            self._note(self._with(before, answer))

    def _with(self, before: ItemRecord, answer: Answer) -> ItemRecord:
        by = answer.by or self.request.typed_by
        return answered(before, replace(answer, by=by), self.ports.clock.now())

    def _known(self, item: Item) -> ItemRecord:
        known = self.record.item(item.item_id)
        assert known is not None  # noqa: S101 (the record was arranged by this list)
        return known

    def _tell(self, item: ItemRecord) -> None:
        self._note(item)
        self.person.tell(item, self._place(item))

    def _note(self, item: ItemRecord) -> None:
        self.ports.checklists.note(self.record.record_id, item)
        self.record = self.record.with_item(item)

    def _place(self, item: ItemRecord) -> str:
        ids = [each.item_id for each in self.record.items]
        return f"{ids.index(item.item_id) + 1}/{len(ids)}"
