"""The report of `explain`: a time line, what is wrong and why, and what to type next."""

from zoneinfo import ZoneInfo

from stakactl.domain.case import Case
from stakactl.domain.findings import Finding, FindingState
from stakactl.domain.runs import Mode
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.domain.timeline import Entry, EntryKind
from stakactl.domain.trail import SubjectKind
from stakactl.operations.explain import ExplainReport, NextStep
from stakactl.operations.problems import Problem
from stakactl.output.text import with_short_ids
from stakactl.output.view import Cell, Column, Item, Kind, Section, View

_MOST_IDS = 24
_NOT_LISTED = frozenset({EntryKind.ORDER, EntryKind.MAIL, EntryKind.PDF, EntryKind.CHANGE})
_KINDS = {
    **dict.fromkeys((EntryKind.ORDER, EntryKind.INVOICE), "bold"),
    **dict.fromkeys((EntryKind.REFUND, EntryKind.DISPUTE), "yellow"),
    **dict.fromkeys((EntryKind.EVENT, EntryKind.BALANCE, EntryKind.PAYOUT), "dim"),
    EntryKind.FINDING: "red",
    EntryKind.CHANGE: "cyan",
}
_COLUMNS = (
    Column("at", "when", Kind.DATE),
    Column("kind", "what", style={str(kind): style for kind, style in _KINDS.items()}),
    Column("text", "happened", min_width=20, max_width=60),
    Column("amount", "amount", Kind.MONEY, priority=1),
    Column("object_id", "id", priority=None),
    Column("order_id", "order", priority=None),
)
_PROBLEM_STYLES = {r"^P1 \S+": "bold red", r"^P2 \S+": "yellow", r"^P[34] \S+": "bold"}
_NEXT_STYLES = {r"^(stakactl|https:).*": "bold cyan"}
_NAMES = {
    StripeKind.CHECKOUT_SESSION: "Checkout Session",
    StripeKind.PAYMENT_INTENT: "PaymentIntent",
    StripeKind.INVOICE: "Invoice of Stripe",
    StripeKind.INVOICE_PAYMENT: "Payment of Stripe's invoice",
    SubjectKind.INVOICE: "Invoice",
    SubjectKind.FOREIGN_INVOICE: "Invoice of the application",
}
_UNJUDGED = "Not known yet, Stripe was not read (--live, or stakactl sync) after "
_ABSENCES = {
    Absence.MISSING: "there is no such object in this account",
    Absence.DELETED: "it was deleted",
    Absence.OTHER_MODE: "it is of the other mode",
}


def explain_view(report: ExplainReport, *, mode: Mode, zone: str) -> View:
    subject = report.subject
    steps = [_in_mode(step, mode) for step in report.next]
    name = _NAMES.get(subject.kind, subject.kind.replace("_", " ").capitalize())
    return View(
        outcome=report.outcome,
        summary={
            "subject": subject.id,
            "kind": subject.kind,
            "time_zone": zone,
            "stripe_read_until": report.read_until,
            "live": report.live,
            "absent": subject.absence,
            "unread": list(report.unread),
            "contents": _contents(report),
            "unjudged": list(report.unjudged),
            "orders": [_order(case) for case in report.cases],
            "findings": [_problem(problem) for problem in report.problems],
            "next": [{"command": step.command, "why": step.why} for step in steps],
        },
        items=[_item(entry) for entry in report.entries],
        columns=_columns(report),
        title=f"{name} {with_short_ids(subject.id)}",
        sections=tuple(_sections(report, steps, zone)),
        labels={"stripe_read_until": "Stripe read until", "live": "fetched anew"},
        empty="Nothing is known of it but its name.",
        zone=zone,
    )


def _columns(report: ExplainReport) -> tuple[Column, ...]:
    """With the order of each entry where there are several."""
    if len(report.cases) < 2:
        return _COLUMNS
    order = Column("order_id", "order")
    return (*(column for column in _COLUMNS if column.key != "order_id"), order)


def _item(entry: Entry) -> Item:
    return {
        "at": entry.at,
        "kind": entry.kind,
        "text": with_short_ids(entry.what),
        "amount": entry.amount,
        "object_id": entry.object_id,
        "order_id": entry.order_id,
    }


def _order(case: Case) -> dict[str, Cell]:
    order = case.order
    return {
        "order_id": order.order_id,
        "status": order.status,
        "amount": order.amount,
        "invoice_number": case.invoice_number or order.invoice_number,
        "session_id": order.stripe_session_id,
        "payment_intent_id": order.stripe_payment_intent_id,
    }


def _contents(report: ExplainReport) -> dict[str, Cell] | None:
    """What a payout paid out, summed."""
    contents = report.contents
    if contents is None or not contents.itemised:
        return None
    return {"transactions": len(contents.transactions), "net": contents.total}


def _problem(problem: Problem) -> dict[str, Cell]:
    finding = problem.finding
    return {
        "id": finding.finding_id,
        "class": finding.discrepancy,
        "priority": finding.discrepancy.priority,
        "state": finding.state,
        "order_id": finding.order_id,
        "expected": finding.expected,
        "seen": finding.seen,
        "since": finding.since,
        "break_on": finding.break_on,
        "fix": finding.fix,
        "hint": finding.hint,
        "cause": problem.cause,
        "seen_at": problem.seen_at,
    }


def _in_mode(step: NextStep, mode: Mode) -> NextStep:
    """In the demo every command needs --demo."""
    command = step.command
    if mode is not Mode.DEMO or command is None or not command.startswith("stakactl "):
        return step
    return NextStep(f"{command} --demo", step.why)


def _sections(report: ExplainReport, steps: list[NextStep], zone: str) -> "list[Section]":
    sections = []
    if report.cases:
        lines = tuple(_order_line(case) for case in report.cases)
        sections.append(Section("Order" if len(lines) == 1 else "Orders", lines))
    lines = tuple(line for problem in report.problems for line in _problem_lines(problem, zone))
    if report.subject.absence is not None:
        lines = (f"Stripe does not have it: {_ABSENCES[report.subject.absence]}.", *lines)
    lines += tuple(f"{_UNJUDGED}{order_id}." for order_id in report.unjudged)
    wrong = "What is wrong" if lines else "Nothing is wrong"
    found = lines or ("Everything that is known here agrees.",)
    sections.append(Section(wrong, found, _PROBLEM_STYLES))
    if steps:
        lines = tuple(line for step in steps for line in _step_lines(step))
        sections.append(Section("What to type next", lines, _NEXT_STYLES))
    if ids := _ids(report):
        sections.append(Section("Ids", ids, {".*": "dim"}))
    return sections


def _order_line(case: Case) -> str:
    order = case.order
    invoice = case.invoice_number or order.invoice_number
    parts = [order.order_id, f"{order.status}", f"{order.amount}"]
    return ", ".join([*parts, f"invoice {invoice}"] if invoice else [*parts, "no invoice"])


def _problem_lines(problem: Problem, zone: str) -> tuple[str, ...]:
    finding = problem.finding
    head = f"P{finding.discrepancy.priority} {finding.discrepancy}{_since(finding)}"
    lines = [head, f"   {with_short_ids(f'{finding.seen}; expected: {finding.expected}')}"]
    lines.append(f"   {problem.cause}")
    if problem.seen_at is not None:
        seen_at = problem.seen_at.astimezone(ZoneInfo(zone))
        lines.append(f"   As a run saw it at {seen_at:%Y-%m-%d %H:%M}.")
    return tuple(lines)


def _since(finding: Finding) -> str:
    if finding.state is FindingState.HISTORICAL:
        return ", before INVOICES_SINCE"
    if finding.break_on is not None:
        return f", to be waited for until {finding.break_on:%Y-%m-%d}"
    return f", {finding.order_id}" if finding.order_id else ""


def _step_lines(step: NextStep) -> tuple[str, ...]:
    return (step.why,) if step.command is None else (step.command, f"   {step.why}")


def _ids(report: ExplainReport) -> tuple[str, ...]:
    """What can be explained next: every object of the time line once, in its own words."""
    named = {
        entry.object_id: entry.kind
        for entry in report.entries
        if entry.kind not in _NOT_LISTED and entry.object_id != report.subject.id
    }
    chain_first = sorted(named, key=lambda name: named[name] is EntryKind.EVENT)
    lines = [f"{named[name]:<8} {name}" for name in chain_first]
    if len(lines) > _MOST_IDS:
        lines[_MOST_IDS:] = [f"and {len(lines) - _MOST_IDS} more with -o json"]
    return tuple(lines)
