"""The night's work under one lock, with one report and one exit code.

sync → reconcile --fix → invoices → reminders → mail → a second look → alerts; before them the
orders, where they live in an application's own database. The second look compares everything once
more instead of subtracting what was repaired: the report says what really remains. A stage that
fails is told in the report and does not stop the ones that do not need it. What alerts find or fail
to tell leaves the exit code as it is: it says how the work went.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding
from stakactl.domain.revenue import Grain
from stakactl.domain.runs import Outcome, worst
from stakactl.errors import ExitCode, Refused, ServiceError, StakactlError
from stakactl.operations.alerts import AlertsReport, alert
from stakactl.operations.bridge import BridgeReport, bridge
from stakactl.operations.compare import compare
from stakactl.operations.invoice_plan import GenerateRequest, issuing_since
from stakactl.operations.invoices import InvoicesReport, issue_and_store
from stakactl.operations.mail import SendReport, send_outbox
from stakactl.operations.nightly_report import mail_report
from stakactl.operations.ports import Ports
from stakactl.operations.reconcile import Resolved, outcome_of, settle
from stakactl.operations.reminders import ReminderPlan, queue_reminders
from stakactl.operations.repair import repair
from stakactl.operations.revenue import RevenueReport, add_up, revenue
from stakactl.operations.runs import RunRecorder, recorded_run, refuse_frozen
from stakactl.operations.scope import Scope
from stakactl.operations.sync import SyncReport, sync_stripe
from stakactl.operations.sync_orders import OrdersSyncReport, sync_orders

REVENUE_WEEKS = 8

#: Puts the page of a report and its figures into `ports.reports`.
KeepPage = Callable[["NightlyReport", RevenueReport], None]


@dataclass(frozen=True, slots=True)
class StageResult:
    """How one stage ended; `error` is for a person."""

    name: str
    outcome: Outcome
    seconds: float
    error: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """`repaired` are the findings that this run fixed, `remaining` what stands at its end."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    outcome: Outcome
    stages: tuple[StageResult, ...]
    sync: SyncReport | None
    orders_read: int
    repaired: tuple[Finding, ...]
    changes: tuple[Change, ...]
    remaining: Sequence[Finding]
    invoices: InvoicesReport | None
    mail: SendReport | None
    revenue: RevenueReport | None
    resolved: Resolved
    bridge: BridgeReport | None
    alerts: AlertsReport | None
    reminders: ReminderPlan | None = None
    reminders_queued: int = 0


@dataclass(slots=True)
class _Night:
    """What the stages leave for the report."""

    run: RunRecorder
    stages: list[StageResult] = field(default_factory=list)
    orders: OrdersSyncReport | None = None
    sync: SyncReport | None = None
    orders_read: int = 0
    repaired: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    remaining: Sequence[Finding] = ()
    resolved: Resolved = field(default_factory=Resolved)
    invoices: InvoicesReport | None = None
    mail: SendReport | None = None
    revenue: RevenueReport | None = None
    bridge: BridgeReport | None = None
    alerts: AlertsReport | None = None
    reminders: ReminderPlan | None = None
    reminders_queued: int = 0
    unread: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        return worst([stage.outcome for stage in self.stages])

    @property
    def complete(self) -> bool:
        return self.sync is not None and self.sync.complete and not self.unread


def nightly(ports: Ports, keep_page: KeepPage | None = None) -> NightlyReport:
    """Do the night's work. Raises what makes it pointless to begin: configuration, lock, store."""
    since = issuing_since(ports)
    with recorded_run(ports, "nightly", locked=True) as run:
        night = _Night(run)
        if ports.application is not None:
            _stage(ports, night, "orders", lambda: _orders(ports, night))
        _stage(ports, night, "sync", lambda: _sync(ports, night))
        _stage(ports, night, "reconcile", lambda: _reconcile(ports, night, run.run_id))
        _stage(ports, night, "invoices", lambda: _invoices(ports, night, since, run.run_id))
        _stage(ports, night, "reminders", lambda: _reminders(ports, night))
        _stage(ports, night, "mail", lambda: _mail(ports, night, run.run_id))
        _stage(ports, night, "second look", lambda: _second_look(ports, night, run.run_id))
        _stage(ports, night, "figures", lambda: _figures(ports, night))
        if keep_page is not None:
            _stage(ports, night, "page", partial(_page, ports, night, run, keep_page))
        if ports.policy.admin.nights and ports.policy.admin.address:
            _stage(ports, night, "report", partial(_mail_report, ports, night, run))
        outcome = night.outcome
        night.stages.append(_alerts(ports, night, run))
        run.ended(outcome, **_summary(night))
    return _report(ports, night, run, outcome)


def _report(ports: Ports, night: _Night, run: RunRecorder, outcome: Outcome) -> NightlyReport:
    return NightlyReport(
        run.run_id,
        run.started_at,
        ports.clock.now(),
        outcome,
        tuple(night.stages),
        night.sync,
        night.orders_read,
        night.repaired,
        night.changes,
        night.remaining,
        night.invoices,
        night.mail,
        night.revenue,
        night.resolved,
        night.bridge,
        night.alerts,
        night.reminders,
        night.reminders_queued,
    )


def _stage(ports: Ports, night: _Night, name: str, work: Callable[[], Outcome]) -> None:
    """Run one stage; a service that fails or a guard that refuses ends only this stage."""
    _beat(ports, night, name)
    began = ports.clock.now()
    error: StakactlError | None = None
    try:
        outcome = work()
    except StakactlError as problem:
        if not isinstance(problem, ServiceError) and problem.exit_code is not ExitCode.REFUSED:
            raise
        error = problem
        refused = problem.exit_code is ExitCode.REFUSED
        outcome = Outcome.REFUSED if refused else Outcome.INCOMPLETE
    seconds = (ports.clock.now() - began).total_seconds()
    night.stages.append(
        StageResult(
            name,
            outcome,
            seconds,
            error.message if error else None,
            error.hint if error else None,
        )
    )


def _beat(ports: Ports, night: _Night, name: str) -> None:
    """Note how far the night is: a killed one leaves it behind for `runs show`."""
    night.run.summary["stages"] = "; ".join([*_told(night), f"{name}: under way"])
    ports.runs.note(night.run.run_id, night.run.summary)


def _told(night: _Night) -> list[str]:
    return [f"{each.name}: {each.outcome}, {each.seconds:.1f} s" for each in night.stages]


def _orders(ports: Ports, night: _Night) -> Outcome:
    """Every row of the application, whatever it says about its last change."""
    night.orders = sync_orders(ports, full=True)
    night.unread += night.orders.unread
    return night.orders.outcome


def _sync(ports: Ports, night: _Night) -> Outcome:
    """Stripe; then what the application has recorded of it in the meantime."""
    night.sync = sync_stripe(ports)
    if night.orders is not None:
        sync_orders(ports)
    return Outcome.OK if night.sync.complete else Outcome.INCOMPLETE


def _reconcile(ports: Ports, night: _Night, run_id: str) -> Outcome:
    """Repair what is safe. What remains is judged by the second look, not here."""
    repairs = repair(ports, Scope(), run_id)
    night.orders_read = repairs.last.orders_read
    night.repaired = tuple(repairs.applied)
    night.changes = tuple(repairs.changes)
    night.unread += tuple(repairs.unread)
    return Outcome.INCOMPLETE if repairs.unread else Outcome.OK


def _invoices(ports: Ports, night: _Night, since: datetime, run_id: str) -> Outcome:
    """Up to when Stripe is known: an order paid later may be refunded by now."""
    refuse_frozen(ports, "the invoices stage")
    if ports.application is not None and night.orders is None:
        raise Refused(
            "the application's orders could not be read: no invoice is issued without them",
            hint="see the stage above; the next run goes on",
        )
    until = ports.mirror.known_until() or since
    night.invoices = issue_and_store(ports, GenerateRequest(since, until), run_id)
    return night.invoices.outcome


def _reminders(ports: Ports, night: _Night) -> Outcome:
    """Outside of working hours, as most nights are, only counted: `reminders send` sends them."""
    refuse_frozen(ports, "the reminders stage")
    read = ports.application is None or night.orders is not None
    complete = read and night.sync is not None and night.sync.complete
    night.reminders, night.reminders_queued = queue_reminders(ports, complete=complete)
    return Outcome.OK


def _mail(ports: Ports, night: _Night, run_id: str) -> Outcome:
    night.mail = send_outbox(ports, run_id)
    return night.mail.outcome


def _second_look(ports: Ports, night: _Night, run_id: str) -> Outcome:
    comparison = compare(ports, Scope(), run_id, keep_plans=False)
    night.remaining = comparison.findings
    night.unread += comparison.unread
    night.resolved = settle(ports, comparison, night.repaired, complete=night.complete)
    return outcome_of(comparison, complete=night.complete)


def _figures(ports: Ports, night: _Night) -> Outcome:
    today = ports.clock.local_date(ports.clock.now())
    since = Grain.WEEK.start(today) - timedelta(weeks=REVENUE_WEEKS - 1)
    if (extent := ports.figures.extent()) is not None:
        add_up(ports, *extent)  # so that nobody waits for it in the morning
    ports.customer_figures.settle()
    night.revenue = revenue(ports, since, today, Grain.WEEK)
    night.bridge = bridge(ports, Scope())
    return night.revenue.outcome


def _page(ports: Ports, night: _Night, run: RunRecorder, keep_page: KeepPage) -> Outcome:
    """As it stands before the mail that brings it; without figures there is none."""
    if night.revenue is not None:
        keep_page(_report(ports, night, run, night.outcome), night.revenue)
    return Outcome.OK


def _mail_report(ports: Ports, night: _Night, run: RunRecorder) -> Outcome:
    """Told as it stands before this last stage."""
    summary = _summary(night)
    return mail_report(
        ports,
        run.run_id,
        started_at=run.started_at,
        outcome=night.outcome,
        figures={name: count for name, count in summary.items() if isinstance(count, int)},
        remaining=night.remaining,
        troubles={stage.name: stage.error for stage in night.stages if stage.error},
    ).outcome


def _alerts(ports: Ports, night: _Night, run: RunRecorder) -> StageResult:
    """No mistake in the rules, and no service that is down, may end the night here."""
    began = ports.clock.now()
    error: StakactlError | None = None
    try:
        night.alerts = alert(ports, run.run_id, night_began=run.started_at)
    except StakactlError as problem:
        error = problem
    seconds = (ports.clock.now() - began).total_seconds()
    if night.alerts is None:
        outcome = Outcome.INCOMPLETE
    elif night.alerts.warnings:
        outcome = Outcome.PARTIAL
    else:
        outcome = Outcome.FINDINGS if night.alerts.firing else Outcome.OK
    message, hint = (error.message, error.hint) if error else (None, None)
    return StageResult("alerts", outcome, seconds, message, hint)


def _summary(night: _Night) -> dict[str, str | int]:
    return {
        "orders": night.orders_read,
        "repaired": len(night.repaired),
        "remaining": len(night.remaining),
        "invoices": len(night.invoices.issued) if night.invoices else 0,
        "mails": len(night.mail.results) if night.mail else 0,
        "alerts": len(night.alerts.firing) if night.alerts else 0,
        "stages": "; ".join(_told(night)),
    }
