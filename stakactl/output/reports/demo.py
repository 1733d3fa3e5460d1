"""What the demo says at its end: where to look, what to type, and whether it went as planted."""

from dataclasses import replace
from pathlib import Path

from stakactl.domain.runs import Outcome
from stakactl.output.view import Section, View

_NEXT = (
    "stakactl orders list --demo --status pending",
    "stakactl invoices list --demo",
    "stakactl stats revenue --demo --by week --chart",
    "stakactl reconcile --demo",
    "stakactl nightly --demo --yes     (again: nothing is issued or mailed twice)",
)


def demo_view(night: View, home: Path, differences: tuple[str, ...]) -> View:
    """The night's view with the demo's own end; ok only when it went exactly as planted."""
    verdict = (
        "What remains is exactly what was planted for a person to decide."
        if not differences
        else "The night did not end as planted:"
    )
    return replace(
        night,
        notes=(),
        outcome=Outcome.FINDINGS if differences else Outcome.OK,
        summary={**night.summary, "differences": list(differences)},
        sections=(
            *night.sections,
            Section("Where to look", _places(home)),
            Section("The planted truth", (verdict, *differences)),
            Section("What to type next", _NEXT),
        ),
    )


def seeded_view(orders: int, home: Path) -> View:
    return View(
        summary={"orders": orders, "folder": str(home)},
        sections=(Section("Where to look", _places(home)),),
        notes=("stakactl nightly --demo --yes runs the night's work on it",),
    )


def _places(home: Path) -> tuple[str, ...]:
    shown = _relative(home)
    return (
        f"invoices   {shown}/invoices/",
        f"mails      {shown}/mail/",
        f"reports    {shown}/reports/",
        f"database   {shown}/stakactl.db",
        f"planted    {shown}/truth.json",
    )


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
