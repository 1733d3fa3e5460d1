"""Reports of customers for the tests of their table and their page."""

from datetime import date, timedelta

from stakactl.domain.customer_figures import (
    CustomerPeriod,
    Heads,
    PerCustomer,
    TopCustomer,
    Unattributed,
)
from stakactl.domain.revenue import Grain
from stakactl.operations.customer_stats import CustomersReport, EarlierCustomers
from tests.output.revenue_samples import HOSTILE

SINCE, UNTIL = date(2026, 2, 25), date(2026, 4, 2)
EARLIER = (SINCE - (UNTIL - SINCE) - timedelta(days=1), SINCE - timedelta(days=1))


def busy_customers() -> CustomersReport:
    """Two currencies, a loss, hostile names."""
    weeks = [(SINCE + timedelta(days=7 * n), SINCE + timedelta(days=7 * n + 6)) for n in range(5)]
    top = [
        TopCustomer(f"U-{n}", HOSTILE, "a@example.com", "eur", n, 100_000 - n) for n in range(1, 9)
    ]
    return CustomersReport(
        SINCE,
        UNTIL,
        Grain.WEEK,
        tuple(CustomerPeriod(*week, 100 + n, n) for n, week in enumerate(weeks)),
        Heads(104, 10, 20, 5),
        {"eur": PerCustomer(19, 1_000_000, (5_000, 5_001)), "kwd": PerCustomer(1, -77, (-77, -77))},
        {"eur": Unattributed(3, 1_234)},
        (*top, TopCustomer("guest@example.com", "", "guest@example.com", "kwd", 1, -77)),
        EarlierCustomers(*EARLIER, Heads(94, 94, 2, 0), {"eur": PerCustomer(2, 1_000, (400, 600))}),
    )


def one_customer() -> CustomersReport:
    """Who ordered and never paid."""
    return CustomersReport(
        SINCE,
        SINCE,
        Grain.DAY,
        (CustomerPeriod(SINCE, SINCE, 1, 0),),
        Heads(1, 0, 0, 0),
        {},
        {},
        (),
        None,
    )


def no_customers() -> CustomersReport:
    period = CustomerPeriod(SINCE, UNTIL, 0, 0)
    earlier = EarlierCustomers(*EARLIER, Heads(), {})
    return CustomersReport(SINCE, UNTIL, Grain.MONTH, (period,), Heads(), {}, {}, (), earlier)
