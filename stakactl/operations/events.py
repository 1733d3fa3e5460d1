"""The one way an event, a replay or a fix takes effect: read the object again, as it is now.

An event is never believed: it holds its object as it was, it may come twice, late, or after a
younger one. It only names what may have changed. That object and what it leads to are read into
the mirror; reconciliation judges orders by the mirror alone, so whatever was read has its effect
there, however often and in whatever order it is read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from stakactl.domain.case import Case
from stakactl.domain.stripe_links import Reference, links
from stakactl.domain.stripe_objects import Absence, Event, StripeKind, StripeObject
from stakactl.errors import StripeError
from stakactl.operations.ports import Ports, StageProgress

#: Objects asked for together, and written in one transaction.
BATCH = 500
#: A session leads to its intent, the intent to its charge, that to its balance transaction.
LINK_DEPTH = 5
#: A case does not look at balance transactions, which never change.
_OF_CASES = frozenset(StripeKind) - {StripeKind.BALANCE_TRANSACTION}
_ABOUT = frozenset(kind.value for kind in StripeKind if kind is not StripeKind.EVENT)


@dataclass(slots=True)
class Found:
    """What a batch of ids led to."""

    read: int = 0
    absent: int = 0
    objects: list[StripeObject] = field(default_factory=list)


@dataclass(slots=True)
class Sought:
    """What one run has read by id, so that nothing is read twice, and what it could not read.

    `readable` are the kinds that may be asked for. The first failure of a kind ends that kind:
    the gateway has retried already, the rest would fail as well.
    """

    readable: frozenset[StripeKind] = frozenset(StripeKind)
    done: set[Reference] = field(default_factory=set)
    failed: set[StripeKind] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    errors: list[StripeError] = field(default_factory=list)

    def todo(self, wanted: Iterable[Reference]) -> list[Reference]:
        return [
            (kind, key)
            for kind, key in dict.fromkeys(wanted)
            if kind in self.readable and kind not in self.failed and (kind, key) not in self.done
        ]

    def note(self, kind: StripeKind, object_id: str, error: StripeError) -> None:
        if kind not in self.failed:
            self.unread.append(f"{kind} {object_id}: {error.message}")
            self.errors.append(error)
        self.failed.add(kind)


def read_again(
    ports: Ports, wanted: Iterable[Reference], sought: Sought, stage: StageProgress
) -> Found:
    """Read objects into the mirror, as they are now."""
    total = Found()
    waiting = iter(wanted)
    while batch := list(islice(waiting, BATCH)):
        found = _read_batch(ports, sought.todo(batch), sought)
        total.read += found.read
        total.absent += found.absent
        stage.advance(len(batch))
    return total


def read_chain(ports: Ports, wanted: Sequence[Reference], sought: Sought) -> None:
    """Read objects again, and what they lead to."""
    wave = sought.todo(wanted)
    for _ in range(LINK_DEPTH):
        if not wave:
            return
        found = _read_batch(ports, wave, sought)
        wave = sought.todo(link for thing in found.objects for link in links(thing))


def take_objects(
    ports: Ports, kind: StripeKind, objects: Sequence[StripeObject], sought: Sought
) -> None:
    """Take objects that were read just now, by a list, and read what they lead to."""
    if not objects:
        return
    ports.mirror.upsert(objects)
    sought.done.update((kind, thing.id) for thing in objects)
    read_chain(ports, [link for thing in objects for link in links(thing)], sought)


def _read_batch(ports: Ports, wanted: Sequence[Reference], sought: Sought) -> Found:
    """One batch, written together; the ids that cannot be read one by one."""
    found = Found()
    for kind, object_id, answer in ports.stripe.retrieve_many(wanted) if wanted else ():
        if isinstance(answer, StripeError):
            sought.note(kind, object_id, answer)
            continue
        if isinstance(answer, Absence):
            ports.mirror.mark_absent(kind, object_id, answer, ports.clock.now())
            found.absent += 1
        else:
            found.objects.append(answer)
        sought.done.add((kind, object_id))
    if found.objects:
        ports.mirror.upsert(found.objects)
    found.read = len(found.objects)
    return found


# Events


def about(event: Event) -> Reference | None:
    """The object of an event; None where it is of a kind that is not mirrored."""
    if event.object_id is None or event.object_kind not in _ABOUT:
        return None
    return StripeKind(event.object_kind), event.object_id


def process_events(ports: Ports, sought: Sought, stage: StageProgress) -> int:
    """Let the events that wait take effect, oldest first; returns how many objects that took."""
    ports.events.mark_foreign(ports.clock.now())
    began = len(sought.done)
    last: Event | None = None
    while events := ports.events.unprocessed(after=last, limit=BATCH):
        take_effect(ports, events, sought)
        stage.advance(len(events))
        last = events[-1]
    return len(sought.done) - began


def take_effect(ports: Ports, events: Sequence[Event], sought: Sought) -> list[str]:
    """Let events take effect, and remember which did: their ids."""
    done = read_effect(ports, events, sought)
    ports.events.mark_processed(done, ports.clock.now())
    return done


def read_effect(ports: Ports, events: Sequence[Event], sought: Sought) -> list[str]:
    """Read the objects of events, and what they lead to; returns the ids of the events whose
    object is read, or is none that is mirrored."""
    named = {event.id: about(event) for event in events}
    read_chain(ports, [ref for ref in named.values() if ref is not None], sought)
    return [key for key, ref in named.items() if ref is None or ref in sought.done]


# Orders


def read_case_again(ports: Ports, case: Case) -> None:
    """Read all Stripe objects of an order again. Raises StripeError when one cannot be read."""
    wanted = [
        *((StripeKind.CHECKOUT_SESSION, session.id) for session in case.sessions),
        *((StripeKind.PAYMENT_INTENT, intent.id) for intent in case.intents),
        *((StripeKind.CHARGE, charge.id) for charge in case.charges),
        *((StripeKind.REFUND, refund.id) for refund in case.refunds),
        *((StripeKind.DISPUTE, dispute.id) for dispute in case.disputes),
        *((StripeKind.INVOICE, invoice.id) for invoice in case.stripe_invoices),
    ]
    sought = Sought(_OF_CASES)
    read_chain(ports, wanted, sought)
    if sought.errors:
        raise sought.errors[0]
