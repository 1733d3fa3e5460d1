"""Look at what can be wrong, and tell an administrator: by mail, and in a chat where one is set.

A notice is written down together with its mail, in one transaction that one process wins, so that
a mail is sent once whoever looks at the same time. The chat is told afterwards; what it did not
take is told again by the next look, until the alert clears. Whatever fails here is a warning: an
alert must never be the reason that a night ends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.alerts import AlertState, Judged, Turn, judge, quantity, untold
from stakactl.domain.letters import Language
from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.errors import StakactlError
from stakactl.operations.facts import FactReader
from stakactl.operations.mail import send_outbox
from stakactl.operations.ports import AlertChannel, Ports


@dataclass(frozen=True, slots=True)
class AlertsReport:
    """`judged` are all rules as they stand after the look, `told` the ids of those of which a
    notice was made by it; `posted_to` is the chat's host where it took something."""

    judged: tuple[Judged, ...]
    told: tuple[str, ...] = ()
    mails_sent: int = 0
    posted_to: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def firing(self) -> tuple[Judged, ...]:
        return tuple(judged for judged in self.judged if judged.is_firing)


def look(ports: Ports, *, night_began: datetime | None = None) -> tuple[Judged, ...]:
    """Judge every rule by what is so now. Nothing is written and nobody is told."""
    rules, known, now = ports.alert_rules, ports.alerts.all(), ports.clock.now()
    reader = FactReader(ports, rules, night_began)
    return tuple(judge(rule, reader.read(rule), known.get(rule.rule_id), now) for rule in rules)


def alert(ports: Ports, run_id: str, *, night_began: datetime | None = None) -> AlertsReport:
    """Look, remember, and tell what is due."""
    return tell(ports, look(ports, night_began=night_began), run_id)


def tell(ports: Ports, looked: Sequence[Judged], run_id: str) -> AlertsReport:
    """Remember what a look found, and tell what is due."""
    warnings: list[str] = []
    email, channel = _ways(ports, warnings)
    muted = email is None and channel is None
    kept = [_remember(ports, untold(each) if muted else each, email) for each in looked]
    judged = tuple(each for each, _ in kept)
    told = tuple(each.rule.rule_id for each, won in kept if won and each.turn is Turn.DUE)
    if muted:
        _say_nobody_is_told(ports, judged, warnings)
        return AlertsReport(judged, warnings=tuple(warnings))
    posted_to = None if channel is None else _post(ports, channel, judged, warnings)
    sent = 0 if email is None else _send(ports, run_id, warnings)
    return AlertsReport(judged, told, sent, posted_to, tuple(warnings))


def _ways(ports: Ports, warnings: list[str]) -> tuple[str | None, AlertChannel | None]:
    """Who can be told."""
    if not ports.policy.alerts_enabled:
        return None, None
    try:
        channel = ports.alert_channel
    except StakactlError as error:
        warnings.append(error.message)
        channel = None
    return ports.policy.alert_email, channel


def _remember(ports: Ports, judged: Judged, email: str | None) -> tuple[Judged, bool]:
    """Whether this process won. Where another was faster, what it made of the rule stands."""
    before, after = judged.before, judged.after
    if after is None or after is before:
        return judged, False
    mail = None
    if judged.turn is Turn.DUE and email is not None and _is_new(before, after):
        mail = NewMail(MailKind.ALERT, judged.rule.rule_id, email, after.notices)
    won = ports.alerts.save(before, after, mail, ports.clock.now())
    return judged, won


def _is_new(before: AlertState | None, after: AlertState) -> bool:
    return after.notices > (0 if before is None else before.notices)


def _say_nobody_is_told(ports: Ports, judged: Sequence[Judged], warnings: list[str]) -> None:
    if ports.policy.alerts_enabled and any(each.is_firing for each in judged):
        warnings.append(
            "nobody is told of alerts: set STRIPE_ALERT_EMAIL, ADMIN_EMAIL or ALERT_WEBHOOK_URL"
        )


# The chat


def _post(
    ports: Ports, channel: AlertChannel, judged: Sequence[Judged], warnings: list[str]
) -> str | None:
    """One message for all; what it tells is asked of the store, where another process may have
    posted meanwhile."""
    stored = ports.alerts.all()
    waiting = [
        (each, state)
        for each in judged
        if (state := stored.get(each.rule.rule_id)) is not None and state.is_to_post
    ]
    if not waiting:
        return None
    try:
        channel.post(message(ports, waiting))
    except StakactlError as error:
        hint = f" ({error.hint})" if error.hint else ""
        warnings.append(f"{error.message}{hint}")
        return None
    for each, state in waiting:
        ports.alerts.mark_posted(each.rule.rule_id, state.notices)
    return channel.host


def message(ports: Ports, alerts: Sequence[tuple[Judged, AlertState]]) -> str:
    """Plain text of a few lines per alert."""
    return "\n".join(_lines(ports, alerts))


def _lines(ports: Ports, alerts: Sequence[tuple[Judged, AlertState]]) -> Iterator[str]:
    language = ports.policy.admin.language
    words = _FRENCH if language is Language.FRENCH else _ENGLISH
    who = ports.policy.company.name or "stakactl"
    count = f"{len(alerts)} {words.alerts if len(alerts) > 1 else words.alert}"
    yield f"{who} ({ports.policy.mode}){words.colon} {count}"
    for judged, state in alerts:
        rule = judged.rule
        detail = f" – {state.detail.said(language)}" if state.detail else ""
        value = quantity(rule, state.value, language)
        yield f"• {rule.title.said(language)}{words.colon} {value}{detail}"
        since = f"{words.since} {state.since:%Y-%m-%d %H:%M} UTC"
        yield f"   {since} → {rule.hint.said(language)}"


@dataclass(frozen=True, slots=True)
class _ChatWords:
    alert: str
    alerts: str
    since: str
    colon: str


_ENGLISH = _ChatWords("alert", "alerts", "since", ":")
_FRENCH = _ChatWords("alerte", "alertes", "depuis", "\N{NO-BREAK SPACE}:")


# The mails


def _send(ports: Ports, run_id: str, warnings: list[str]) -> int:
    """Only those of alerts: the others have their own stage, and their own ceiling."""
    try:
        report = send_outbox(ports, run_id, MailKind.ALERT)
    except StakactlError as error:
        warnings.append(f"alerts are not mailed: {error.message}")
        return 0
    warnings += (
        f"the alert to {result.recipient} was not mailed: {result.error}"
        for result in report.results
        if result.status not in {MailStatus.SENT, MailStatus.WITHDRAWN}
    )
    return report.count(MailStatus.SENT)
