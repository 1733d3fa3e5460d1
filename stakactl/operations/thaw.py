"""Lift the freeze that a restore leaves, once no number can be given twice.

Invoices that were issued after the backup are taken back from their PDFs where the store knows
their orders. Those that cannot be are a person's decision (`advance`): their numbers stay taken,
their orders get no second invoice, and the series goes on above them. Mails that may have left
since the backup are `unknown`; where the transport can tell that they did, they are sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from stakactl.domain.documents import checksum
from stakactl.domain.mail import MailStatus
from stakactl.domain.numbering import Position, parse_number
from stakactl.domain.restores import Found, FoundState, LostNumber, Restore, highest
from stakactl.domain.runs import Outcome
from stakactl.errors import ServiceError, StakactlError, UsageError
from stakactl.operations.found_pdfs import Seen, look_for_pdfs
from stakactl.operations.pdfs import mails_about
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.take_back import as_issued, take_back

COMMAND = "backup thaw"


@dataclass(frozen=True, slots=True)
class ThawRequest:
    """`advance`: go on above numbers whose invoices cannot be taken back. `last` are the highest
    numbers that a person knows of, for when the PDFs themselves are lost."""

    advance: bool = False
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThawReport:
    """`restore` is None where nothing was frozen. `missing` are numbers below found ones of which
    there is no PDF; `moved` is the last number of each series that went on. `problem` says why
    nothing could be compared."""

    restore: Restore | None
    frozen: bool
    compared: int = 0
    found: tuple[Found, ...] = ()
    missing: tuple[str, ...] = ()
    moved: Mapping[str, str] | None = None
    mails_unknown: int = 0
    problem: str | None = None
    hint: str | None = None
    run_id: str | None = None

    @property
    def outcome(self) -> Outcome:
        if self.problem is not None:
            return Outcome.INCOMPLETE
        again = self.count(FoundState.AGAIN)
        return Outcome.FINDINGS if self.frozen or again else Outcome.OK

    def count(self, state: FoundState) -> int:
        return sum(each.state is state for each in self.found)


def plan_thaw(ports: Ports) -> ThawReport:
    """What was issued after the backup, as far as PDFs tell. Changes nothing."""
    restore = ports.restores.frozen()
    if restore is None:
        return ThawReport(None, frozen=False)
    seen, problem = _looked(ports)
    found = _judged(ports, seen.found)
    gap = ports.restores.missing(restore.counters, _above(ports, restore, found))
    borne = {each.number for each in found}
    missing = tuple(each.number for each in gap if each.number not in borne)
    tried = tuple(
        replace(each, state=FoundState.FITS)
        if each.state is FoundState.OPEN and as_issued(ports, each, "")
        else each
        for each in found
    )
    return _report(ports, restore, seen, tried, missing, problem)


def thaw(ports: Ports, request: ThawRequest) -> ThawReport:
    """Compare, take back and lift the freeze where that is safe, as a locked run of its own."""
    named = _named(request)
    with recorded_run(ports, COMMAND, locked=True, in_maintenance=True) as run:
        restore = ports.restores.frozen()
        if restore is None:
            report = _later(ports, run.run_id)
        else:
            report = _compared(ports, restore, request, named, run.run_id)
        run.ended(
            report.outcome,
            taken_back=report.count(FoundState.TAKEN_BACK),
            held=report.count(FoundState.HELD),
            open=report.count(FoundState.OPEN),
        )
    return replace(report, run_id=run.run_id)


def thaw_restored(ports: Ports) -> ThawReport:
    """Right after a restore: what goes wrong now takes nothing of that back, it stays frozen."""
    try:
        return thaw(ports, ThawRequest())
    except StakactlError as error:
        hint = f"{error.hint}; then: stakactl backup thaw" if error.hint else "stakactl backup thaw"
        return ThawReport(None, frozen=True, problem=error.message, hint=hint)


def _compared(
    ports: Ports,
    restore: Restore,
    request: ThawRequest,
    named: Sequence[Position],
    run_id: str,
) -> ThawReport:
    seen, problem = _looked(ports)
    if problem is not None and not named:
        return _report(ports, restore, seen, (), (), problem)
    _finish_stored(ports, seen.finished)
    found = _taken_back(ports, seen.found, run_id)
    _settle_mails(ports)
    gap = ports.restores.missing(restore.counters, [*_above(ports, restore, found), *named])
    open_ones = [each for each in found if each.state is FoundState.OPEN]
    borne = {each.number for each in open_ones}
    missing = tuple(each.number for each in gap if each.number not in borne)
    if (open_ones or missing) and not (request.advance or named):
        return _report(ports, restore, seen, found, missing, None)
    lost = _lost(ports, open_ones, gap)
    moved = ports.restores.thaw(lost, run_id, ports.clock.now())
    held = tuple(
        replace(each, state=FoundState.HELD) if each.state is FoundState.OPEN else each
        for each in found
    )
    report = _report(ports, restore, seen, held, missing, None)
    return replace(report, frozen=False, moved=moved)


def _named(request: ThawRequest) -> list[Position]:
    positions = []
    for number in request.last:
        position = parse_number(number)
        if position is None:
            raise UsageError(
                f"{number!r} is no invoice number", hint="such as --last FACT-2026-000123"
            )
        positions.append(position)
    return positions


def _looked(ports: Ports) -> tuple[Seen, tuple[str, str] | None]:
    """What is there; and what stands in the way of trusting it, with what helps."""
    try:
        seen = look_for_pdfs(ports)
    except ServiceError as error:
        hint = error.hint or "bring the store of the PDFs back, then: stakactl backup thaw"
        return Seen(), (error.message, hint)
    if seen.is_another_store:
        return seen, (
            f"none of the {seen.missing} PDFs of the book is stored here",
            "is it the right bucket or folder? If the PDFs are lost: "
            "stakactl backup thaw --last NUMBER",
        )
    return seen, None


def _judged(ports: Ports, found: Iterable[Found]) -> tuple[Found, ...]:
    return tuple(
        replace(each, state=FoundState.AGAIN) if ports.invoices.get(each.number) else each
        for each in found
    )


def _above(ports: Ports, restore: Restore, found: Iterable[Found]) -> list[Position]:
    """How far the numbers go that were given since: those found now, and those taken back."""
    taken = (Position(name, at.year, at.sequence) for name, at in ports.restores.counters().items())
    return highest([*taken, *(each.position for each in found)], restore.counters)


def _taken_back(ports: Ports, found: Sequence[Found], run_id: str) -> tuple[Found, ...]:
    """In the order of the numbers, invoices first; each for good, so that a rerun finds less."""
    result = []
    with ports.progress.stage("Taking invoices back", len(found)) as stage:
        for each in found:
            if take_back(ports, each, run_id):
                result.append(replace(each, state=FoundState.TAKEN_BACK))
            else:
                result += _judged(ports, [each])
            stage.advance()
    return tuple(result)


def _finish_stored(ports: Ports, keys: set[str]) -> None:
    """Unfinished invoices of the backup whose PDF was stored since: their mails may be out."""
    for invoice in ports.invoices.unfinished():
        pdf = ports.store.get(invoice.object_key) if invoice.object_key in keys else None
        if pdf is None or ports.reader.differences(pdf, invoice.snapshot):
            continue
        mails, now = tuple(mails_about(ports, invoice)), ports.clock.now()
        ports.restores.stored_since(invoice.invoice_id, checksum(pdf), now, mails)


def _settle_mails(ports: Ports) -> None:
    """A folder of mails can tell which are in it; a mail server cannot."""
    for mail in ports.restores.doubtful_mails():
        if ports.mailer.was_delivered(mail.message_id):
            ports.outbox.settle(mail.mail_id, MailStatus.SENT, ports.clock.now())


def _lost(ports: Ports, found: Sequence[Found], gap: Sequence[Position]) -> list[LostNumber]:
    today = ports.clock.local_date(ports.clock.now())
    documents = {
        each.number: LostNumber(
            each.number,
            each.position,
            each.facts.issued_on if each.facts else today,
            each.subject,
            each.credits,
            each.invoice_id,
            each.object_key,
        )
        for each in found
    }
    empty = [
        LostNumber(at.number, at, _issued_on(at, today)) for at in gap if at.number not in documents
    ]
    return sorted([*documents.values(), *empty], key=lambda each: each.position.sequence)


def _issued_on(position: Position, today: date) -> date:
    """The last day on which it can have been."""
    return min(today, date(position.year, 12, 31))


def _later(ports: Ports, run_id: str) -> ThawReport:
    """Nothing is frozen: what was held is tried again, by now its order may be known."""
    found = []
    for lost in ports.restores.lost():
        if not lost.invoice_id:
            continue
        key = lost.object_key
        content = ports.store.get(key) if key else ports.spool.load(lost.invoice_id)
        facts = ports.reader.facts(content) if content else None
        each = Found(lost.number, lost.position, lost.invoice_id, key, facts)
        back = take_back(ports, each, run_id)
        found.append(replace(each, state=FoundState.TAKEN_BACK if back else FoundState.HELD))
    return ThawReport(None, frozen=False, found=tuple(found))


def _report(
    ports: Ports,
    restore: Restore,
    seen: Seen,
    found: tuple[Found, ...],
    missing: tuple[str, ...],
    problem: tuple[str, str] | None,
) -> ThawReport:
    message, hint = problem if problem else (None, None)
    return ThawReport(
        restore,
        frozen=True,
        compared=seen.stored,
        found=found,
        missing=missing,
        mails_unknown=len(ports.restores.doubtful_mails()),
        problem=message,
        hint=hint,
    )
