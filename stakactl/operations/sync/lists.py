"""Reading the planned windows into the mirror, many pages to a transaction."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field

from stakactl.domain.stripe_objects import StripeKind, StripeObject
from stakactl.domain.windows import without
from stakactl.operations.ports import Page, Ports, StageProgress, Wanted
from stakactl.operations.sync.plan import KindPlan

#: Objects per transaction: the disk is waited for once, and a kill costs a second of reading.
BATCH = 10_000


@dataclass(slots=True)
class ListsRead:
    """How many objects of each kind were listed, and which lists could not be read to their end."""

    listed: dict[StripeKind, int] = field(default_factory=dict)
    failed: dict[StripeKind, list[str]] = field(default_factory=dict)


def read_lists(ports: Ports, plans: Mapping[StripeKind, KindPlan]) -> ListsRead:
    """Read what is wanted of every kind. What one kind fails to read does not stop the others."""
    found = ListsRead(dict.fromkeys(plans, 0))
    batch = _Batch(ports)
    wanted = [part for plan in plans.values() for part in plan.wanted]
    with _Stages(ports) as stages:
        for answer in ports.stripe.read(wanted):
            if isinstance(answer, Page):
                batch.add(answer)
                stages.advance(answer.kind, len(answer.objects))
                found.listed[answer.kind] += len(answer.objects)
            else:
                _note(found.failed, answer.kind, f"{answer.kind}: {answer.error.message}")
        batch.write()
    for kind, plan in plans.items():
        reading = ports.mirror.reading(kind)
        covered = reading.covered if reading is not None else ()
        if kind not in found.failed and without(plan.whole, covered):
            _note(found.failed, kind, f"{kind}: its list was not read to the end")
    for kind in found.failed:
        del found.listed[kind]
    return found


def _note(failed: dict[StripeKind, list[str]], kind: StripeKind, line: str) -> None:
    lines = failed.setdefault(kind, [])
    if line not in lines:
        lines.append(line)


class _Batch:
    """Pages that wait to be written together with what of the lists they complete."""

    def __init__(self, ports: Ports) -> None:
        self._mirror = ports.mirror
        self._objects: list[StripeObject] = []
        self._covered: list[Wanted] = []

    def add(self, page: Page) -> None:
        self._objects.extend(page.objects)
        if page.covered is not None:
            self._covered.append(Wanted(page.kind, page.covered))
        if len(self._objects) >= BATCH:
            self.write()

    def write(self) -> None:
        if self._objects or self._covered:
            self._mirror.upsert(self._objects, self._covered)
        self._objects, self._covered = [], []


class _Stages:
    """A line of progress for each kind that has objects, until everything is read."""

    def __init__(self, ports: Ports) -> None:
        self._progress = ports.progress
        self._opened = ExitStack()
        self._stages: dict[StripeKind, StageProgress] = {}

    def __enter__(self) -> "_Stages":
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    def advance(self, kind: StripeKind, count: int) -> None:
        if not count:
            return
        if kind not in self._stages:
            stage = self._progress.stage(f"Stripe: {kind.replace('_', ' ').replace('.', ' ')}")
            self._stages[kind] = self._opened.enter_context(stage)
        self._stages[kind].advance(count)
