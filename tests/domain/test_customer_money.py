"""A customer's money and year, whatever happened: sums, signs and days hold."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.annual import annual_figures
from stakactl.domain.customer_money import MoneyKind, money_moved, totals_of
from stakactl.domain.customer_record import CustomerIdentity, CustomerKind, CustomerRecord
from stakactl.domain.money import Money
from stakactl.domain.orders import OrderLine
from stakactl.domain.trail import Payments
from stakactl.domain.vat import FRENCH_RATES
from tests.builders import NOW, a_charge, a_dispute, a_refund, an_intent, an_order

IDENTITY = CustomerIdentity(CustomerKind.APPLICATION, "u_1")
AMOUNTS = st.integers(1, 10**9)
CURRENCIES = st.sampled_from(["eur", "jpy", "kwd"])
RATES = st.sampled_from([*sorted(FRENCH_RATES), None])
STATUSES = {
    "charge": ["succeeded", "pending", "failed"],
    "refund": ["succeeded", "pending", "requires_action", "failed", "canceled"],
    "dispute": ["lost", "won", "needs_response", "under_review", "warning_closed"],
}
KINDS = {
    ("charge", "succeeded"): MoneyKind.PAYMENT,
    ("refund", "succeeded"): MoneyKind.REFUND,
    ("refund", "pending"): MoneyKind.REFUND_PENDING,
    ("refund", "requires_action"): MoneyKind.REFUND_PENDING,
    ("dispute", "lost"): MoneyKind.DISPUTE_LOST,
    ("dispute", "needs_response"): MoneyKind.DISPUTE_OPEN,
    ("dispute", "under_review"): MoneyKind.DISPUTE_OPEN,
}
Thing = tuple[str, str, int, str]


@st.composite
def things(draw: st.DrawFn) -> Thing:
    """A kind, a status, an amount and a currency."""
    kind = draw(st.sampled_from(sorted(STATUSES)))
    return kind, draw(st.sampled_from(STATUSES[kind])), draw(AMOUNTS), draw(CURRENCIES)


def record_of(found: list[Thing]) -> CustomerRecord:
    charges, refunds, disputes = [], [], []
    for number, (kind, status, minor, currency) in enumerate(found):
        name, money = f"{kind}_{number}", Money(minor, currency)
        if kind == "charge":
            charges.append(a_charge(id=name, status=status, amount=money, payment_intent_id=None))
        elif kind == "refund":
            refunds.append(a_refund(id=name, status=status, amount=money))
        else:
            disputes.append(a_dispute(id=name, status=status, amount=money))
    payments = Payments(charges=tuple(charges), refunds=tuple(refunds), disputes=tuple(disputes))
    return CustomerRecord(IDENTITY, payments=payments)


@given(st.lists(things(), max_size=30))
def test_every_amount_counts_once_and_in_its_currency(found: list[Thing]) -> None:
    totals = {one.currency: one for one in totals_of(money_moved(record_of(found)))}
    counted = [
        (KINDS[kind, status], minor, currency)
        for kind, status, minor, currency in found
        if (kind, status) in KINDS
    ]
    assert totals.keys() == {currency for _, _, currency in counted}
    for currency, total in totals.items():
        sums = {
            kind: sum(minor for k, minor, c in counted if (k, c) == (kind, currency))
            for kind in MoneyKind
        }
        assert total.paid.minor == sums[MoneyKind.PAYMENT]
        assert total.refunds_pending.minor == sums[MoneyKind.REFUND_PENDING]
        assert total.disputes_open.minor == sums[MoneyKind.DISPUTE_OPEN]
        lost = sums[MoneyKind.REFUND] + sums[MoneyKind.DISPUTE_LOST]
        assert total.net.minor == sums[MoneyKind.PAYMENT] - lost


LINES = st.lists(st.tuples(AMOUNTS, RATES), max_size=4)


@given(st.lists(st.tuples(LINES, CURRENCIES, RATES), max_size=8))
def test_without_vat_and_vat_make_the_whole(
    found: list[tuple[list[tuple[int, Decimal | None]], str, Decimal | None]],
) -> None:
    """Of the application's invoices, whose orders state their rates or do not."""
    orders = []
    for number, (lines, currency, rate) in enumerate(found):
        own = tuple(OrderLine("x", 1, Money(minor, currency), own) for minor, own in lines)
        amount = Money(sum(minor for minor, _ in lines) or 100, currency)
        order = an_order(order_id=f"A-{number}", amount=amount, lines=own, vat_rate=rate)
        orders.append(replace(order, invoice_number=f"APP-{number}"))
    record = CustomerRecord(IDENTITY, tuple(orders))
    years = annual_figures(record, NOW.year, NOW, lambda at: at.date(), adopted=True)
    assert sum(len(figures.documents) for figures in years) == len(orders)
    for figures in years:
        own_amounts = [o.amount.minor for o in orders if o.amount.currency == figures.currency]
        assert figures.invoiced.minor == sum(own_amounts)
        assert figures.net + figures.vat + figures.unstated == figures.invoiced
        assert (figures.money.paid.minor, figures.money.payments) == (0, 0)
        assert figures.difference == figures.invoiced
        for rate_total in figures.rates:
            if rate_total.net is not None and rate_total.vat is not None:
                assert rate_total.net + rate_total.vat == rate_total.gross


def test_a_succeeded_payment_without_its_charge_counts_by_itself() -> None:
    intent = an_intent(created_at=NOW - timedelta(days=1))
    (moved,) = money_moved(CustomerRecord(IDENTITY, payments=Payments(intents=(intent,))))
    assert (moved.kind, moved.at, moved.amount.minor) == (
        MoneyKind.PAYMENT, intent.created_at, 46800
    )  # fmt: skip
