"""The report of `webhooks probe`: each check of our URL and what was seen."""

from collections.abc import Sequence

from stakactl.domain.checks import CheckResult, CheckState, broken
from stakactl.domain.runs import Outcome
from stakactl.output.view import STATES, Column, Item, View

_COLUMNS = (
    Column("id", "check", min_width=14),
    Column("state", "state", style=STATES),
    Column("seen", "seen", min_width=24, max_width=60),
    Column("hint", "what to do", priority=None),
    Column("title", "title", priority=None),
    Column("severity", "severity", priority=None),
)


def probe_view(results: Sequence[CheckResult]) -> View:
    failures = broken(results, strict=False)
    states = [result.verdict.state for result in results]
    return View(
        outcome=Outcome.FINDINGS if failures else Outcome.OK,
        summary={
            "checks": len(results),
            **{str(state): states.count(state) for state in CheckState},
        },
        items=[_item(result) for result in results],
        columns=_COLUMNS,
        title="The application's webhook",
        notes=tuple(f"{each.id}: {each.verdict.hint}" for each in results if each.is_broken),
    )


def _item(result: CheckResult) -> Item:
    verdict = result.verdict
    return {
        "id": result.id,
        "title": result.title,
        "severity": result.severity,
        "state": verdict.state,
        "seen": verdict.seen,
        "hint": verdict.hint or None,
    }
