"""What each measure of the alert rules is now. Alerts and `health` read the same.

A service that does not answer makes its measures unknown and no other. Figures of payments and
events end where the mirror does, so that a night that was missed does not look like a day without
failures: how old they are is told beside them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice

from stakactl.domain.alerts import Fact, Measure, Rule, Words, hours, percent
from stakactl.domain.stripe_objects import StripeKind
from stakactl.errors import ServiceError
from stakactl.operations.ports import EventQuery, Ports
from stakactl.operations.ports.alerts import Backlog, Usage

#: Events that are read at most; when more were not delivered it makes no difference how many.
MOST_EVENTS = 5000


@dataclass(frozen=True, slots=True)
class _Undelivered:
    """When the events happened that were not delivered, newest first. `is_cut`: there are more."""

    moments: tuple[datetime, ...]
    is_cut: bool


class FactReader:
    """Reads each thing once. `night_began` is set while a nightly run is under way: it cannot be
    missing then."""

    def __init__(
        self, ports: Ports, rules: tuple[Rule, ...], night_began: datetime | None = None
    ) -> None:
        self._ports = ports
        self._rules = rules
        self._night_began = night_began
        self._now = ports.clock.now()

    def read(self, rule: Rule) -> Fact:
        try:
            return _READERS[rule.measure](self, rule)
        except ServiceError as error:
            return Fact(None, Words(error.message, error.message), is_failure=True)

    # Events of Stripe's feed: the mirror keeps how they were when they happened, so Stripe is
    # asked which were not delivered since.

    def undelivered_events(self, rule: Rule) -> Fact:
        first, last = self._now - rule.window, self._now - rule.grace
        count = sum(first <= moment < last for moment in self._undelivered.moments)
        if not count:
            return Fact(Decimal(0))
        cut, span = self._undelivered.is_cut, _span(rule)
        return Fact(
            Decimal(count),
            Words(
                f"{count}{' or more' if cut else ''} in {span}",
                f"{count}{' ou plus' if cut else ''} en {span}",
            ),
        )

    def undelivered_percent(self, rule: Rule) -> Fact:
        known = self._ports.mirror.synced_until(StripeKind.EVENT)
        if known is None:
            return Fact(None, Words("Stripe's events were not read yet"))
        last = min(known, self._now - rule.grace)
        first = last - rule.window
        undelivered = self._undelivered
        if undelivered.is_cut:
            first = max(first, undelivered.moments[-1])
        missed = sum(first <= moment < last for moment in undelivered.moments)
        happened = max(missed, self._ports.facts.events(first, last))
        return Fact(percent(missed, happened), _share(missed, happened, rule, last), happened)

    @cached_property
    def _undelivered(self) -> _Undelivered:
        rules = [
            rule
            for rule in self._rules
            if rule.measure in {Measure.UNDELIVERED_EVENTS, Measure.UNDELIVERED_PERCENT}
        ]
        # The percentage is counted back from where the mirror ends, which is earlier than now.
        known = self._ports.mirror.synced_until(StripeKind.EVENT) or self._now
        first = min(known, self._now) - max(rule.window for rule in rules)
        query = EventQuery(since=first, until=self._now, undelivered=True)
        feed = chain.from_iterable(self._ports.stripe.feed(query))
        moments = tuple(event.created_at for event in islice(feed, MOST_EVENTS + 1))
        return _Undelivered(moments[:MOST_EVENTS], len(moments) > MOST_EVENTS)

    def payment_failure_percent(self, rule: Rule) -> Fact:
        known = self._ports.mirror.synced_until(StripeKind.PAYMENT_INTENT)
        if known is None:
            return Fact(None, Words("Stripe's payments were not read yet"))
        last = min(known, self._now - rule.grace)
        counts = self._ports.facts.payments(last - rule.window, last)
        ended = counts.succeeded + counts.failed
        share = percent(counts.failed, ended)
        return Fact(share, _share(counts.failed, ended, rule, last), ended)

    # The store

    def findings(self, rule: Rule) -> Fact:
        return _backlog(self._ports.facts.open_findings(rule.classes, self._now - rule.grace))

    def waiting_pdfs(self, rule: Rule) -> Fact:
        return _backlog(self._ports.facts.unstored_invoices(self._now - rule.grace))

    def unknown_mails(self, rule: Rule) -> Fact:
        return _backlog(self._ports.facts.unknown_mails())

    def oldest_mail_hours(self, rule: Rule) -> Fact:
        queued = self._ports.facts.queued_mails()
        if queued.oldest is None:
            return Fact(Decimal(0))
        waiting = hours(self._now - queued.oldest)
        count, since = queued.count, _moment(queued.oldest)
        return Fact(
            waiting,
            Words(
                f"{count} queued, the oldest since {since}",
                f"{count} en attente, le plus ancien depuis {since}",
            ),
        )

    def night_hours(self, rule: Rule) -> Fact:
        if self._night_began is not None:
            return Fact(hours(self._now - self._night_began), Words("it is under way"))
        last = self._ports.facts.last_night()
        if last is not None:
            at = _moment(last)
            words = Words(f"the last ended {at}", f"la dernière s’est terminée {at}")
            return Fact(hours(self._now - last), words)
        first = self._ports.facts.first_run()
        if first is None:
            return Fact(None, Words("nothing was run yet"))
        at = _moment(first)
        words = Words(
            f"none since the first run, {at}", f"aucune depuis le premier lancement, {at}"
        )
        return Fact(hours(self._now - first), words)

    # The machine

    def disk_percent(self, rule: Rule) -> Fact:
        return _usage(self._ports.machine.disk())

    def memory_percent(self, rule: Rule) -> Fact:
        return _usage(self._ports.machine.memory())


_READERS: Mapping[Measure, Callable[[FactReader, Rule], Fact]] = {
    Measure.UNDELIVERED_EVENTS: FactReader.undelivered_events,
    Measure.UNDELIVERED_PERCENT: FactReader.undelivered_percent,
    Measure.PAYMENT_FAILURE_PERCENT: FactReader.payment_failure_percent,
    Measure.FINDINGS: FactReader.findings,
    Measure.WAITING_PDFS: FactReader.waiting_pdfs,
    Measure.OLDEST_MAIL_HOURS: FactReader.oldest_mail_hours,
    Measure.UNKNOWN_MAILS: FactReader.unknown_mails,
    Measure.NIGHT_HOURS: FactReader.night_hours,
    Measure.DISK_PERCENT: FactReader.disk_percent,
    Measure.MEMORY_PERCENT: FactReader.memory_percent,
}


def _backlog(found: Backlog) -> Fact:
    if found.oldest is None:
        return Fact(Decimal(found.count))
    since = _moment(found.oldest)
    return Fact(
        Decimal(found.count), Words(f"the oldest since {since}", f"le plus ancien depuis {since}")
    )


def _usage(usage: Usage | None) -> Fact:
    if usage is None:
        return Fact(None, Words("this system does not tell"))
    return Fact(usage.percent, usage.of)


def _share(part: int, whole: int, rule: Rule, last: datetime) -> Words:
    span, end = _span(rule), _moment(last)
    return Words(
        f"{part} of {whole} in {span} up to {end}", f"{part} sur {whole} en {span} jusqu’au {end}"
    )


def _span(rule: Rule) -> str:
    return f"{hours(rule.window).normalize():f} h"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
