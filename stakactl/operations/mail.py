"""Send the outbox: each mail is claimed before it is sent and settled afterwards.

What was being sent when a run died is asked of the transport; where that cannot tell, the mail
is `unknown` and waits for a person (`stakactl mail retry --id`).
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.mail import MailKind, MailStatus, NewMail, QueuedMail
from stakactl.domain.runs import Outcome
from stakactl.errors import NotFound, Refused
from stakactl.operations.ports import Ports
from stakactl.operations.runs import recorded_run
from stakactl.operations.sending import MailResult, Sending, send_one, settle

#: What was claimed longer ago than this is claimed again before it is sent.
CLAIM_HOLDS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SendReport:
    """What became of each mail that this run touched; `stopped` says why it ended early."""

    outcome: Outcome
    results: tuple[MailResult, ...]
    stopped: str | None = None
    run_id: str | None = None

    def count(self, status: MailStatus) -> int:
        return sum(result.status is status for result in self.results)


def send_mail(ports: Ports) -> SendReport:
    """Send what is queued, as a run of its own; during maintenance the notices of it alone."""
    kind = _notices_only(ports)
    with recorded_run(ports, "mail send", in_maintenance=kind is not None) as run:
        report = send_outbox(ports, run.run_id, kind)
        run.ended(
            report.outcome,
            sent=report.count(MailStatus.SENT),
            failed=report.count(MailStatus.FAILED),
            unknown=report.count(MailStatus.UNKNOWN),
        )
    return report


def _notices_only(ports: Ports) -> MailKind | None:
    flag, now = ports.maintenance.last(), ports.clock.now()
    if flag is None or flag.notice_id is None or not flag.stands(now):
        return None
    return MailKind.MAINTENANCE if ports.outbox.waiting(now, MailKind.MAINTENANCE) else None


def send_outbox(ports: Ports, run_id: str, kind: MailKind | None = None) -> SendReport:
    """The work itself, within a run that the caller recorded. Mails of one `kind` alone are few,
    and no ceiling stops them."""
    sending = Sending()
    _settle_interrupted(ports, sending)
    waiting = ports.outbox.waiting(ports.clock.now(), kind)
    ceiling = ports.policy.nightly_max_mails
    if kind is None and waiting > ceiling:
        raise Refused(
            f"{waiting} mails are queued, more than NIGHTLY_MAX_MAILS ({ceiling}): none was sent",
            hint="look at stakactl mail list --status queued; then raise NIGHTLY_MAX_MAILS",
        )
    _send_queued(ports, sending, waiting, kind=kind)
    return SendReport(_outcome(sending), tuple(sending.results), sending.stopped, run_id)


def send_at_once(ports: Ports, mail: NewMail, run_id: str) -> SendReport:
    """Queue one mail and send it, whatever else waits: no ceiling holds up what tells of it."""
    sending = Sending()
    ports.outbox.add(mail, ports.clock.now())
    (queued, *_) = ports.outbox.about(mail.kind, mail.subject_id)
    _send_queued(ports, sending, 1, after=queued.mail_id - 1)
    return SendReport(_outcome(sending), tuple(sending.results), sending.stopped, run_id)


def _send_queued(
    ports: Ports, sending: Sending, count: int, after: int = 0, kind: MailKind | None = None
) -> None:
    """Claim and send up to `count` mails, several at a claim where nothing slows them down."""
    left = count
    with ports.progress.stage("Sending mail", count) as stage:
        while left > 0 and sending.stopped is None:
            ports.mail_pace.wait()  # before the claim: a mail that waits is nobody's
            now = ports.clock.now()
            ahead = min(left, ports.mail_pace.ahead)
            claimed = deque(ports.outbox.claim_ahead(now, after, ahead, kind))
            if not claimed:
                break
            left -= len(claimed)
            after = claimed[-1].mail_id
            try:
                while claimed and sending.stopped is None and _fresh(ports, now):
                    mail = claimed.popleft()
                    send_one(ports, mail, sending, claimed[0] if claimed else None)
                    stage.advance()
            finally:
                left += len(claimed)
                ports.outbox.release([mail.mail_id for mail in claimed])
            if claimed:
                after = claimed[0].mail_id - 1


def _fresh(ports: Ports, claimed_at: datetime) -> bool:
    """Others believe a claim of another machine for a while only."""
    return ports.clock.now() - claimed_at < CLAIM_HOLDS


def _outcome(sending: Sending) -> Outcome:
    if sending.stopped is not None:
        return Outcome.INCOMPLETE
    done = {MailStatus.SENT, MailStatus.WITHDRAWN}
    return Outcome.OK if all(r.status in done for r in sending.results) else Outcome.PARTIAL


def _settle_interrupted(ports: Ports, sending: Sending) -> None:
    for mail in ports.outbox.interrupted(ports.clock.now()):
        delivered = ports.mailer.was_delivered(mail.message_id)
        if delivered is None:
            error = "the run that sent it was interrupted; it may have arrived"
            settle(ports, mail, MailStatus.UNKNOWN, sending, error)
        elif delivered:
            settle(ports, mail, MailStatus.SENT, sending)
        else:
            ports.outbox.settle(mail.mail_id, MailStatus.QUEUED, ports.clock.now())


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
