"""Send the outbox: each mail is claimed before it is sent and settled afterwards.

What was being sent when a run died is asked of the transport; where that cannot tell, the mail
is `unknown` and waits for a person (`stakactl mail retry --id`).
"""

from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.mail import MailStatus, NewMail, QueuedMail, next_attempt
from stakactl.domain.runs import Outcome
from stakactl.errors import (
    MailDeferred,
    MailError,
    MailRefused,
    MailUncertain,
    MailWithdrawn,
    NotFound,
    Refused,
    ServiceError,
    StakactlError,
)
from stakactl.operations.letters import read_content
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run

#: After so many PDFs that could not be read the store is taken for down.
MAX_UNREADABLE = 3


@dataclass(frozen=True, slots=True)
class MailResult:
    mail_id: int
    recipient: str
    status: MailStatus
    error: str | None = None
    next_attempt_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SendReport:
    """What became of each mail that this run touched; `stopped` says why it ended early."""

    outcome: Outcome
    results: tuple[MailResult, ...]
    stopped: str | None = None
    run_id: str | None = None

    def count(self, status: MailStatus) -> int:
        return sum(result.status is status for result in self.results)


@dataclass(slots=True)
class _Sending:
    results: list[MailResult] = field(default_factory=list)
    stopped: str | None = None
    unreadable: int = 0


def send_mail(ports: Ports) -> SendReport:
    """Send what is queued, as a run of its own."""
    with recorded_run(ports, "mail send") as run:
        report = send_outbox(ports, run.run_id)
        run.ended(
            report.outcome,
            sent=report.count(MailStatus.SENT),
            failed=report.count(MailStatus.FAILED),
            unknown=report.count(MailStatus.UNKNOWN),
        )
    return report


def send_outbox(ports: Ports, run_id: str) -> SendReport:
    """The work itself, within a run that the caller recorded."""
    sending = _Sending()
    _settle_interrupted(ports, sending)
    waiting = ports.outbox.waiting(ports.clock.now())
    ceiling = ports.policy.nightly_max_mails
    if waiting > ceiling:
        raise Refused(
            f"{waiting} mails are queued, more than NIGHTLY_MAX_MAILS ({ceiling}): none was sent",
            hint="look at stakactl mail list --status queued; then raise NIGHTLY_MAX_MAILS",
        )
    _send_queued(ports, sending, waiting)
    return SendReport(_outcome(sending), tuple(sending.results), sending.stopped, run_id)


def send_at_once(ports: Ports, mail: NewMail, run_id: str) -> SendReport:
    """Queue one mail and send it, whatever else waits: no ceiling holds up what tells of it."""
    sending = _Sending()
    ports.outbox.add(mail, ports.clock.now())
    (queued, *_) = ports.outbox.about(mail.kind, mail.subject_id)
    _send_queued(ports, sending, 1, after=queued.mail_id - 1)
    return SendReport(_outcome(sending), tuple(sending.results), sending.stopped, run_id)


def _send_queued(ports: Ports, sending: _Sending, count: int, after: int = 0) -> None:
    with ports.progress.stage("Sending mail", count) as stage:
        for _ in range(count):
            ports.mail_pace.wait()  # before the claim: a mail that waits is nobody's
            mail = ports.outbox.claim(ports.clock.now(), after)
            if mail is None:
                break
            after = mail.mail_id
            _send(ports, mail, sending)
            stage.advance()
            if sending.stopped is not None:
                break


def _outcome(sending: _Sending) -> Outcome:
    if sending.stopped is not None:
        return Outcome.INCOMPLETE
    done = {MailStatus.SENT, MailStatus.WITHDRAWN}
    return Outcome.OK if all(r.status in done for r in sending.results) else Outcome.PARTIAL


def _settle_interrupted(ports: Ports, sending: _Sending) -> None:
    for mail in ports.outbox.interrupted(ports.clock.now()):
        delivered = ports.mailer.was_delivered(mail.message_id)
        if delivered is None:
            error = "the run that sent it was interrupted; it may have arrived"
            _settle(ports, mail, MailStatus.UNKNOWN, sending, error)
        elif delivered:
            _settle(ports, mail, MailStatus.SENT, sending)
        else:
            ports.outbox.settle(mail.mail_id, MailStatus.QUEUED, ports.clock.now())


def _settle(
    ports: Ports,
    mail: QueuedMail,
    status: MailStatus,
    sending: _Sending,
    error: str | None = None,
) -> None:
    ports.outbox.settle(mail.mail_id, status, ports.clock.now(), error)
    sending.results.append(MailResult(mail.mail_id, mail.recipient, status, error))


def _send(ports: Ports, mail: QueuedMail, sending: _Sending) -> None:
    """One mail. Until the transport has it, any failure puts it back into the queue."""
    try:
        letter = ports.letters.write(mail, read_content(ports, mail))
    except MailRefused as error:
        _settle(ports, mail, MailStatus.FAILED, sending, error.message)
        return
    except MailWithdrawn as error:
        _settle(ports, mail, MailStatus.WITHDRAWN, sending, error.message)
        return
    except StakactlError as error:
        _settle(ports, mail, MailStatus.QUEUED, sending, error.message)
        if not isinstance(error, ServiceError):
            raise  # settings or templates: the next mail would fail as well
        sending.unreadable += 1
        if sending.unreadable >= MAX_UNREADABLE:
            sending.stopped = error.message
        return
    try:
        ports.mailer.send(letter)
    except MailRefused as error:
        _settle(ports, mail, MailStatus.FAILED, sending, error.message)
    except MailDeferred as error:
        _defer(ports, mail, sending, error.message)
    except MailUncertain as error:
        _settle(ports, mail, MailStatus.UNKNOWN, sending, error.message)
    except MailError as error:
        _settle(ports, mail, MailStatus.QUEUED, sending, error.message)
        sending.stopped = error.message
    else:
        _settle(ports, mail, MailStatus.SENT, sending)


def _defer(ports: Ports, mail: QueuedMail, sending: _Sending, error: str) -> None:
    until = next_attempt(mail.deferrals + 1, ports.clock.now())
    if until is None:
        given_up = f"given up after {mail.deferrals + 1} refusals; the last: {error}"
        _settle(ports, mail, MailStatus.FAILED, sending, given_up)
        return
    ports.outbox.defer(mail.mail_id, error, until)
    queued = MailStatus.QUEUED
    sending.results.append(MailResult(mail.mail_id, mail.recipient, queued, error, until))


def plan_retry(ports: Ports, mail_id: int) -> QueuedMail:
    """The failed or unknown mail that a person wants to be sent again. Changes nothing."""
    mail = ports.outbox.get(mail_id)
    if mail is None or mail.status not in {MailStatus.FAILED, MailStatus.UNKNOWN}:
        is_now = "" if mail is None else f": mail {mail_id} is {mail.status}"
        raise NotFound(
            f"no failed or unknown mail {mail_id}{is_now}",
            hint="stakactl mail list --status unknown shows them",
        )
    return mail


def retry_mail(ports: Ports, mail_id: int) -> QueuedMail:
    """Queue a failed or unknown mail again, by a person's decision; the mail as it was."""
    mail = plan_retry(ports, mail_id)
    if not ports.outbox.requeue(mail_id):
        raise Refused(f"mail {mail_id} was changed meanwhile", hint="look at stakactl mail list")
    return mail
