"""Everything of one customer: from our own store, and what Stripe says now."""

from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.customer_money import MoneyTotals, money_moved, totals_of
from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.runs import Outcome
from stakactl.operations.customers.find import known_customer
from stakactl.operations.customers.live import LiveData, read_live
from stakactl.operations.ports import Ports
from stakactl.operations.problems import Problem, judged_by, problems_of


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """`totals` by currency, over all years. `problems` are of their orders; `unjudged` are orders
    that are younger than what was read of Stripe. `live` is None where it was not asked for."""

    record: CustomerRecord
    totals: tuple[MoneyTotals, ...]
    problems: tuple[Problem, ...]
    unjudged: tuple[str, ...]
    live: LiveData | None
    read_until: datetime | None
    now: datetime

    @property
    def outcome(self) -> Outcome:
        return Outcome.INCOMPLETE if self.live and self.live.unread else Outcome.OK


def show_customer(
    ports: Ports, name: str, *, guest: bool = False, live: bool = True
) -> CustomerReport:
    """Raises NotFound for an unknown name, and for an e-mail that several have."""
    record = ports.customers.record(known_customer(ports, name, guest=guest))
    problems, unjudged = _problems(ports, record)
    return CustomerReport(
        record,
        totals_of(money_moved(record)),
        problems,
        unjudged,
        read_live(ports, record) if live else None,
        ports.mirror.known_until(),
        ports.clock.now(),
    )


def _problems(ports: Ports, record: CustomerRecord) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """What is wrong with their orders, and which cannot be judged yet."""
    order_ids = [order.order_id for order in record.orders]
    cases = list(ports.cases.of_orders(order_ids))
    judged = judged_by(ports, cases, live=False)
    found = sorted(problems_of(ports, cases, record.findings, judged), key=_urgency)
    left = tuple(c.order.order_id for c in cases if c.order.order_id not in judged)
    return tuple(found), left


def _urgency(problem: Problem) -> tuple[int, datetime, str]:
    finding = problem.finding
    return finding.discrepancy.priority, finding.since, finding.finding_id
