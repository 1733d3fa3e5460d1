"""A handful of checks as a table: what `webhooks verify` and `webhooks probe` show."""

from collections.abc import Sequence

from stakactl.domain.checks import CheckResult, CheckState, broken
from stakactl.domain.runs import Outcome
from stakactl.output.view import STATES, Column, Item, Section, View

_COLUMNS = (
    Column("id", "check", min_width=22),
    Column("state", "state", style=STATES),
    Column("seen", "seen", min_width=20, max_width=60),
    Column("hint", "what to do", priority=None),
    Column("subject", "of", priority=None),
    Column("title", "title", priority=None),
    Column("severity", "severity", priority=None),
)


def checks_view(results: Sequence[CheckResult], title: str, *, all_known: bool) -> View:
    """`all_known`: what could not be found out makes the result incomplete."""
    states = [result.verdict.state for result in results]
    hints = tuple(f"{each.id}: {each.verdict.hint}" for each in results if each.verdict.hint)
    outcome = Outcome.FINDINGS if broken(results, strict=False) else Outcome.OK
    if all_known and CheckState.UNKNOWN in states:
        outcome = Outcome.INCOMPLETE
    return View(
        outcome=outcome,
        summary={
            "checks": len(results),
            **{str(state): states.count(state) for state in CheckState},
        },
        items=[_item(result) for result in results],
        columns=_COLUMNS,
        sections=(Section("What to do", hints, {r"^\S+": "cyan"}),) if hints else (),
        title=title,
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
        "subject": verdict.subject or None,
    }
