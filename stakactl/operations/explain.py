"""One id across the whole chain: what happened, what is wrong, why, and what to type next.

Everything is read from our own store; with `live` the objects are fetched from Stripe first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.causes import command_for
from stakactl.domain.findings import Finding, FixState
from stakactl.domain.reconciliation.payouts import PayoutContents
from stakactl.domain.runs import Mode, Outcome
from stakactl.domain.stripe_objects import BalanceTransaction, StripeKind
from stakactl.domain.timeline import Entry, timeline
from stakactl.domain.trail import Payments, Subject, Trail
from stakactl.errors import NotFound
from stakactl.operations.ports import OrderFilter, Ports
from stakactl.operations.problems import Problem, judged_by, problems_of
from stakactl.operations.refetch import fetch_unknown, refetch
from stakactl.operations.secrets import refuse_secrets

#: How ids of Stripe begin.
PREFIXES = {
    "cs_": StripeKind.CHECKOUT_SESSION,
    "pi_": StripeKind.PAYMENT_INTENT,
    "ch_": StripeKind.CHARGE,
    "py_": StripeKind.CHARGE,
    "re_": StripeKind.REFUND,
    "pyr_": StripeKind.REFUND,
    "du_": StripeKind.DISPUTE,
    "dp_": StripeKind.DISPUTE,
    "in_": StripeKind.INVOICE,
    "sub_": StripeKind.SUBSCRIPTION,
    "cus_": StripeKind.CUSTOMER,
    "po_": StripeKind.PAYOUT,
    "txn_": StripeKind.BALANCE_TRANSACTION,
    "evt_": StripeKind.EVENT,
}
#: A payout of a busy week has thousands of lines.
MAX_CONTENTS = 50
_DASHBOARD = "https://dashboard.stripe.com"


@dataclass(frozen=True, slots=True)
class NextStep:
    """A command to type (or a page to open), None where only a person can act, and why."""

    command: str | None
    why: str


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """`unread` says what `live` could not fetch; `read_until` how far the mirror reaches.
    `contents` is what a payout paid out; only its first lines are entries. `unjudged` are orders
    younger than that, of which nothing can be said yet."""

    subject: Subject
    cases: tuple[Case, ...]
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    next: tuple[NextStep, ...]
    outcome: Outcome
    live: bool
    unread: tuple[str, ...]
    read_until: datetime | None
    contents: PayoutContents | None = None
    unjudged: tuple[str, ...] = ()


def explain(ports: Ports, name: str, *, live: bool = False) -> ExplainReport:
    """Everything around one id. Raises NotFound with where to look next."""
    name = name.strip()
    refuse_secrets(name)
    subject = ports.trail.find(name)
    unread: list[str] = []
    if live:
        kind = _kind_by_prefix(name)
        if subject is not None:
            unread = refetch(ports, subject)
        elif kind is not None:
            unread = fetch_unknown(ports, (kind, name))
        subject = ports.trail.find(name)
    if subject is None:
        raise _unknown(ports, name, live=live, unread=unread)
    found = (ports.cases.case(order_id) for order_id in subject.order_ids)
    cases = tuple(case for case in found if case is not None)
    loose = ports.trail.payments(subject.payment_intent_ids)
    ids = _object_ids(subject, cases, loose)
    trail = ports.trail.read(subject.order_ids, ids, subject.invoice_numbers)
    contents = ports.money.payout(subject.id) if subject.kind is StripeKind.PAYOUT else None
    if contents is not None:
        trail = replace(trail, transactions=_lines(trail, contents))
    judged = judged_by(ports, cases, live=live and not unread)
    problems = tuple(problems_of(ports, cases, trail.findings, judged))
    return ExplainReport(
        subject,
        cases,
        timeline(cases, loose, trail),
        problems,
        tuple(_next_steps(ports, subject, problems, trail)),
        Outcome.INCOMPLETE if unread else Outcome.OK,
        live,
        tuple(unread),
        ports.mirror.known_until(),
        contents,
        tuple(c.order.order_id for c in cases if c.order.order_id not in judged),
    )


def _lines(trail: Trail, contents: PayoutContents) -> tuple[BalanceTransaction, ...]:
    """The payout's own line and the first of those that it paid out."""
    lines = dict.fromkeys((*trail.transactions, *contents.transactions[:MAX_CONTENTS]))
    return tuple(lines)


def _object_ids(subject: Subject, cases: Iterable[Case], loose: Payments) -> list[str]:
    ids = dict.fromkeys(subject.object_ids)
    groups: tuple[Case | Payments, ...] = (*cases, loose)
    for group in groups:
        for things in (group.sessions, group.intents, group.charges, group.refunds, group.disputes):
            ids.update(dict.fromkeys(thing.id for thing in things))
    return list(ids)


def _next_steps(
    ports: Ports, subject: Subject, problems: Sequence[Problem], trail: Trail
) -> Iterator[NextStep]:
    mode = ports.policy.mode
    told: set[tuple[str | None, str]] = set()
    for problem in problems:
        finding = problem.finding
        planned = finding.fix is FixState.PLANNED
        command = command_for(finding, repairable=planned, imported=ports.application is None)
        if command is None and "dashboard" in finding.hint:
            command = _dashboard(finding, mode)
        if (command, finding.hint) not in told:
            told.add((command, finding.hint))
            yield NextStep(command, finding.hint)
    invoice = next((i for i in reversed(trail.invoices) if i.live), None)
    if invoice is not None:
        yield NextStep(f"stakactl invoices show {invoice.number}", "its lines and where its PDF is")
    undone = {change.undoes for change in trail.changes}
    made = [c for c in trail.changes if c.undoes is None and c.change_id not in undone]
    if made:
        why = "what taking that run's changes back would do"
        yield NextStep(f"stakactl undo {made[-1].run_id} --dry-run", why)


def _dashboard(finding: Finding, mode: Mode) -> str | None:
    """The payment's page in Stripe's dashboard; the demo's Stripe has none."""
    payment = finding.refs.get("duplicate") or finding.payment_intent_id
    if mode is Mode.DEMO or payment is None:
        return None
    return f"{_DASHBOARD}{'/test' if mode is Mode.TEST else ''}/payments/{payment}"


# Ids that nothing here has


def _kind_by_prefix(name: str) -> StripeKind | None:
    return next((kind for prefix, kind in PREFIXES.items() if name.startswith(prefix)), None)


def _unknown(ports: Ports, name: str, *, live: bool, unread: Sequence[str]) -> NotFound:
    if ports.runs.get(name) is not None:
        return NotFound(f"{name} is a run", hint=f"stakactl runs show {name}")
    until = ports.mirror.known_until()
    reach = f"read until {until:%Y-%m-%d %H:%M} UTC" if until else "not read completely yet"
    places = (
        f"{ports.orders.count()} orders by id, session, PaymentIntent and invoice number",
        f"{ports.invoices.count()} invoices by number and id",
        f"{ports.mirror.count()} objects of Stripe, {reach}",
        "all findings",
        *((f"Stripe itself: {unread[0]}",) if unread else ("Stripe itself",) if live else ()),
    )
    message = f"nothing here is called {name!r}; looked at:\n" + "\n".join(places)
    return NotFound(message, hint=_hint(ports, name, live=live, synced=until is not None))


def _hint(ports: Ports, name: str, *, live: bool, synced: bool) -> str:
    mode = ports.policy.mode
    ours, theirs = ("test", "live") if mode is Mode.TEST else ("live", "test")
    if name.startswith(f"cs_{theirs}_"):
        return f"it is of {theirs} mode, and this database holds {ours} mode: use its own settings"
    if not synced:
        return "stakactl sync reads Stripe; then ask again"
    if _kind_by_prefix(name) is not None:
        if live:
            return "look whether it is of another account or mode of Stripe"
        return "is it newer? --live asks Stripe for it, stakactl sync reads all that is new"
    alike = ports.orders.find(OrderFilter(search=name, limit=3))
    if alike:
        return f"did you mean {', '.join(order.order_id for order in alike)}?"
    return "stakactl orders list --search TEXT, stakactl invoices list --search TEXT"
