"""The report of `customers show`: money and documents as rows, the rest in sections."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from stakactl.domain.customer_money import MoneyTotals
from stakactl.domain.customer_record import CustomerRecord
from stakactl.domain.stripe_objects import Absence, StripeCustomer, Subscription
from stakactl.domain.trail import OutgoingMail
from stakactl.operations.customers.live import LiveData
from stakactl.operations.customers.show import CustomerReport
from stakactl.output.reports.customer_items import (
    called,
    live_customer,
    mail_item,
    subscription_item,
    totals_item,
)
from stakactl.output.reports.customer_rows import rows_of
from stakactl.output.reports.findings import finding_item
from stakactl.output.text import with_short_ids
from stakactl.output.view import STATES, Cell, Column, Item, Kind, Section, View

_COLUMNS = (
    Column("on", "when", Kind.DATE),
    Column("at", "at", Kind.DATE, priority=None),
    Column("kind", "what", style={"refund": "yellow", "dispute": "red", "credit note": "yellow"}),
    Column("id", "number or id", min_width=16, max_width=28),
    Column("order_id", "order", min_width=8, max_width=16, priority=1),
    Column("status", "status", max_width=24, style={**STATES, "PAID": "green", "OVERDUE": "red"}),
    Column("amount", "amount", Kind.MONEY),
    Column("paid_at", "paid", Kind.DATE, priority=None),
    Column("net", "HT", Kind.MONEY, priority=None),
    Column("vat", "VAT", Kind.MONEY, priority=None),
    Column("method", "method", priority=None),
    Column("about", "about", priority=None),
)
_LABELS = {"email": "e-mail", "vat_number": "VAT number"}
#: So many lines of a section; -o json has them all.
_MOST = 8
_WRONG = {r"^P1 \S+": "bold red", r"^P2 \S+": "yellow"}
_ABSENCES = {
    Absence.MISSING: "there is no such customer in this account",
    Absence.DELETED: "was deleted",
    Absence.OTHER_MODE: "is of the other mode",
}


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Which rows of the table; pages count from 1."""

    number: int
    limit: int


def show_view(report: CustomerReport, page: CustomerPage | None, *, zone: str) -> View:
    """`page` is None where all rows are wanted."""
    record, live = report.record, report.live
    rows = sorted(rows_of(record, report.now), key=_newest_first, reverse=True)
    first = (page.number - 1) * page.limit if page else 0
    shown = rows[first : first + page.limit] if page else rows
    return View(
        outcome=report.outcome,
        summary={
            **_who(record),
            "orders": len(record.orders),
            "rows": len(rows),
            "stripe_read_until": report.read_until,
            "totals": [totals_item(one) for one in report.totals],
            "subscriptions": [subscription_item(one) for one in record.subscriptions],
            "findings": [finding_item(problem.finding) for problem in report.problems],
            "mails": [mail_item(mail) for mail in record.mails],
            "unjudged": list(report.unjudged),
            "live": live is not None,
            "live_customers": [live_customer(*one) for one in live.customers] if live else [],
            "live_subscriptions": [subscription_item(one) for one in live.subscriptions]
            if live
            else [],
            "differences": [
                {"kind": one.kind, "id": one.object_id, "stripe": one.seen, "here": one.held}
                for one in live.differences
            ]
            if live
            else [],
            "unread": list(live.unread) if live else [],
        },
        items=[{"on": _day(item, ZoneInfo(zone)), **item} for item in shown],
        columns=_COLUMNS,
        title=f"Customer {record.identity.name}",
        sections=_sections(report, ZoneInfo(zone)),
        notes=_notes(report, len(rows), page),
        labels=_LABELS,
        empty="Nothing is on this page." if rows else "No payments, and no invoices.",
        zone=zone,
    )


def _newest_first(item: Item) -> tuple[datetime, str]:
    return _moment(item), str(item["id"])


def _day(item: Item, zone: ZoneInfo) -> date:
    return _moment(item).astimezone(zone).date()


def _moment(item: Item) -> datetime:
    at = item["at"]
    assert isinstance(at, datetime)  # noqa: S101 - every row has its moment
    return at


def _who(record: CustomerRecord) -> dict[str, Cell]:
    identity, buyer = record.identity, record.buyer
    address = buyer.address
    return {
        "customer": identity.name,
        "known_by": identity.kind,
        "name": buyer.name or None,
        "company": buyer.company or None,
        "email": buyer.email or None,
        "vat_number": buyer.vat_number or None,
        "city": address.city or None,
        "country": address.country or None,
        "locale": buyer.locale,
        "stripe_customers": list(identity.stripe_ids),
    }


def _sections(report: CustomerReport, zone: ZoneInfo) -> tuple[Section, ...]:
    record = report.record
    sections = [Section("In all", tuple(totals_lines(report.totals)))] if report.totals else []
    if record.subscriptions:
        lines = [_subscription_line(one, zone) for one in reversed(record.subscriptions)]
        sections.append(Section("Subscriptions", _first(lines)))
    problems = [
        f"P{p.finding.discrepancy.priority} {p.finding.discrepancy}, {p.finding.subject}:"
        f" {with_short_ids(p.finding.seen)}"
        for p in report.problems
    ]
    if problems:
        sections.append(Section("What is wrong", _first(problems), _WRONG))
    elif record.orders and not report.unjudged:
        sections.append(
            Section("Nothing is wrong", ("Their orders, Stripe and the invoices agree.",))
        )
    if record.mails:
        lines = [_mail_line(mail, zone) for mail in reversed(record.mails)]
        sections.append(Section("Mails", _first(lines)))
    if report.live is not None:
        sections.append(Section("Stripe, now", tuple(_live_lines(report.live, zone))))
    return tuple(sections)


def totals_lines(totals: tuple[MoneyTotals, ...]) -> Iterator[str]:
    """One line for each currency."""
    for one in totals:
        parts = [f"{_count(one.payments, 'payment')}, {one.paid}"]
        parts += [f"refunded {one.refunded}"] if one.refunded else []
        parts += [f"lost in disputes {one.disputes_lost}"] if one.disputes_lost else []
        parts.append(f"net {one.net}")
        parts += [f"refunds pending {one.refunds_pending}"] if one.refunds_pending else []
        parts += [f"disputes open {one.disputes_open}"] if one.disputes_open else []
        yield "; ".join(parts)


def _count(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"


def _first(lines: list[str]) -> tuple[str, ...]:
    more = len(lines) - _MOST
    return (*lines[:_MOST], *([f"and {more} more with -o json"] if more > 0 else []))


def _subscription_line(one: Subscription, zone: ZoneInfo) -> str:
    price = "" if one.unit_amount is None else f", {one.unit_amount.times(one.quantity)}"
    every = f"{one.interval_count} {one.interval}s" if one.interval_count > 1 else one.interval
    parts = [f"{one.status}{price}{f' per {every}' if one.interval else ''}"]
    for word, at in (
        ("until", None if one.ended_at else one.current_period_end),
        ("canceled", one.canceled_at),
        ("ended", one.ended_at),
    ):
        if at is not None:
            parts.append(f"{word} {at.astimezone(zone):%Y-%m-%d}")
    return f"{one.id}: {', '.join(parts)}"


def _mail_line(mail: OutgoingMail, zone: ZoneInfo) -> str:
    at = (mail.sent_at or mail.queued_at).astimezone(zone)
    of = f", {mail.order_id}" if mail.order_id else ""
    error = f" ({mail.error})" if mail.error else ""
    return f"{at:%Y-%m-%d %H:%M}  {mail.kind} mail {mail.status}{of}{error}"


def _live_lines(live: LiveData, zone: ZoneInfo) -> Iterator[str]:
    for stripe_id, found in live.customers:
        yield f"{stripe_id}: {_customer_words(found)}"
    if live.customers or live.payments:
        yield (
            f"looked at {_count(live.payments, 'payment')}, {_count(live.invoices, 'invoice')},"
            f" {_count(len(live.subscriptions), 'subscription')}"
        )
    yield from (f"{_subscription_line(one, zone)}" for one in live.subscriptions[:_MOST])
    differences = [
        f"{one.kind} {one.object_id}: {one.seen} there, {one.held} here" for one in live.differences
    ]
    if differences:
        yield from _first(differences)
    elif not live.unread:
        yield "The local copy agrees." if live.payments or live.customers else "Nothing to ask for."
    yield from (f"Not read: {reason}" for reason in live.unread)


def _customer_words(found: StripeCustomer | Absence) -> str:
    if isinstance(found, Absence):
        return _ABSENCES[found]
    said = (found.name, found.email, found.city, found.country)
    return ", ".join(word for word in said if word) or "has no name and no e-mail"


def _notes(report: CustomerReport, rows: int, page: CustomerPage | None) -> tuple[str, ...]:
    notes = []
    if page is not None and rows > page.limit * page.number:
        pages = -(-rows // page.limit)
        notes.append(f"--page {page.number + 1} shows the next of {pages} pages")
    name = called(report.record.identity)
    if report.live and report.live.unread:
        notes.append("Stripe did not answer: what is shown is the local copy.")
    elif report.live and report.live.differences:
        notes.append(f"stakactl customers sync {name} takes over what Stripe has")
    elif report.unjudged:
        notes.append(f"stakactl customers sync {name} reads what is too young to be judged")
    return tuple(notes)
