"""Which orders get an invoice, what stands on each, and why others wait. Nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.case import Case
from stakactl.domain.findings import Finding
from stakactl.domain.invoicing import Draft, draft
from stakactl.domain.reconciliation import Context, blocks_invoicing, classify
from stakactl.domain.reconciliation.invoices import application_invoices_until, needs_invoice
from stakactl.domain.vat import VatBlocked
from stakactl.errors import ConfigurationError, Refused
from stakactl.operations.compare import NEVER_READ, context_of
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """Orders paid from `since` (inclusive) to `until` (exclusive), aware UTC.

    `backfill` says that a person named the period: the ceiling of the nightly run is not applied.
    `workers` are the processes that render and store, one per core unless it says otherwise.
    """

    since: datetime
    until: datetime | None = None
    backfill: bool = False
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class NotIssued:
    """An order that got no invoice, or an invoice that got no PDF, and why."""

    order_id: str
    reason: str
    hint: str | None = None
    reference: str = ""

    @property
    def subject(self) -> str:
        return self.order_id or self.reference


@dataclass(frozen=True, slots=True)
class InvoicePlan:
    """What would be issued: the cases with their drafts, and those that cannot be."""

    ready: tuple[tuple[Case, Draft], ...]
    blocked: tuple[NotIssued, ...]


def issuing_since(ports: Ports) -> datetime:
    """INVOICES_SINCE. Nothing is issued without it, nor without what the law wants of a seller."""
    require_seller(ports)
    since = ports.policy.invoices_since
    if since is None:
        raise ConfigurationError(
            "INVOICES_SINCE is not set: invoices are only issued from a date that you choose",
            hint="set INVOICES_SINCE=2026-01-01 (the first day that stakactl invoices) in .env",
        )
    return since


def require_seller(ports: Ports) -> None:
    """Nothing is issued without what the law wants of a seller."""
    gaps = ports.policy.company_gaps
    if gaps:
        raise ConfigurationError(
            f"an invoice must name its seller: {', '.join(gaps)} not set",
            hint="set them in .env; stakactl init asks for them",
        )


def plan_invoices(ports: Ports, request: GenerateRequest) -> InvoicePlan:
    """Which orders would get an invoice. Changes nothing."""
    ready: list[tuple[Case, Draft]] = []
    blocked: list[NotIssued] = []
    for case, content in _judged(ports, request):
        if isinstance(content, NotIssued):
            blocked.append(content)
        else:
            ready.append((case, content))
    return InvoicePlan(tuple(ready), tuple(blocked))


def _judged(ports: Ports, request: GenerateRequest) -> Iterator[tuple[Case, Draft | NotIssued]]:
    context = context_of(ports)
    lost = {each.subject: each.number for each in ports.restores.lost() if not each.credits}
    for case in ports.cases.to_invoice(request.since, request.until):
        content = content_of(case, context)
        if content is not None and (number := lost.get(case.order.order_id)):
            yield case, _invoiced_before(case, number)
        elif content is not None:
            yield case, content


def _invoiced_before(case: Case, number: str) -> NotIssued:
    """No second invoice for an order whose first one a restore lost."""
    return NotIssued(
        case.order.order_id,
        f"{number} was issued for it before the store was restored",
        "stakactl backup thaw takes it back once it fits; docs/backup.md",
    )


def content_of(case: Case, context: Context) -> Draft | NotIssued | None:
    """What stands on the order's invoice, or why there can be none now; None needs none."""
    if not needs_invoice(case, context) or application_invoices_until(case, context) is not None:
        return None
    if not context.can_judge(case.order):
        return _not_known(case, context)
    doubt = next(filter(blocks_invoicing, classify(case, context)), None)
    if doubt is not None:
        return _in_doubt(case, doubt)
    result = draft(
        case.order,
        country=case.customer_country,
        default_rate=context.default_vat_rate,
        stripe_tax_minor=case.stripe_tax_minor,
    )
    if isinstance(result, VatBlocked):
        return NotIssued(case.order.order_id, result.reason, result.hint)
    return result


def _not_known(case: Case, context: Context) -> NotIssued:
    known = context.known_until
    reason = f"Stripe is read up to {known:%Y-%m-%d %H:%M} UTC only" if known else NEVER_READ
    return NotIssued(case.order.order_id, reason, "stakactl sync")


def _in_doubt(case: Case, finding: Finding) -> NotIssued:
    reason = f"{finding.discrepancy}: {finding.seen}"
    return NotIssued(case.order.order_id, reason, finding.hint)


def work_list(
    ports: Ports, request: GenerateRequest
) -> tuple[tuple[str, ...], tuple[NotIssued, ...]]:
    """The orders to invoice, by their id only: a backfill may be of very many; and those that
    wait for a person. Refused when there are too many for a run that nobody watches."""
    ready: list[str] = []
    blocked: list[NotIssued] = []
    for case, content in _judged(ports, request):
        if isinstance(content, NotIssued):
            blocked.append(content)
        else:
            ready.append(case.order.order_id)
    ceiling = ports.policy.nightly_max_invoices
    if not request.backfill and len(ready) > ceiling:
        raise Refused(
            f"{len(ready)} invoices would be issued, more than NIGHTLY_MAX_INVOICES "
            f"({ceiling}): nothing was issued",
            hint="stakactl invoices generate --since DATE --until DATE backfills a period; "
            "or raise NIGHTLY_MAX_INVOICES",
        )
    return tuple(ready), tuple(blocked)
