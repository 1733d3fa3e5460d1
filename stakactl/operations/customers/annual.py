"""The summary of one customer's year."""

from dataclasses import dataclass
from datetime import date

from stakactl.domain.annual import AnnualFigures, annual_figures
from stakactl.domain.customer_record import CustomerIdentity
from stakactl.domain.orders import Customer
from stakactl.errors import UsageError
from stakactl.operations.customers.find import known_customer
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """`figures` by currency; none where nothing happened in the year. `until` is the last day
    that counts: today where the year is not over."""

    identity: CustomerIdentity
    buyer: Customer
    year: int
    until: date
    figures: tuple[AnnualFigures, ...]

    @property
    def since(self) -> date:
        return date(self.year, 1, 1)

    @property
    def is_over(self) -> bool:
        return self.until == date(self.year, 12, 31)


def annual_summary(ports: Ports, name: str, year: int, *, guest: bool = False) -> AnnualReport:
    """Raises NotFound as `show_customer` does, UsageError for a year that has not begun."""
    now = ports.clock.now()
    today = ports.clock.local_date(now)
    if year > today.year:
        raise UsageError(f"{year} has not begun", hint=f"--year {today.year} is the latest")
    record = ports.customers.record(known_customer(ports, name, guest=guest))
    return AnnualReport(
        record.identity,
        record.buyer,
        year,
        min(today, date(year, 12, 31)),
        annual_figures(
            record,
            year,
            now,
            ports.clock.local_date,
            adopted=ports.policy.adopt_stripe_invoices,
        ),
    )
