"""The letter of an alert, as it stands when it is sent.

It is English, as the commands are whose words it repeats.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from stakactl.domain.alerts import AlertState, Measure, Rule, quantity
from stakactl.domain.letters import Language
from stakactl.domain.letters.alert import AlertLetter
from stakactl.domain.mail import QueuedMail
from stakactl.domain.runs import Mode
from stakactl.errors import MailRefused, MailWithdrawn
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


def read(ports: Ports, mail: QueuedMail) -> AlertLetter:
    state = ports.alerts.all().get(mail.subject_id)
    if state is None:
        raise MailRefused(f"mail {mail.mail_id} is about an alert that does not exist")
    rule = next((each for each in ports.alert_rules if each.rule_id == mail.subject_id), None)
    if rule is None:
        raise MailWithdrawn(f"the rule {mail.subject_id} is no longer in use")
    if state.notices > mail.step:
        raise MailWithdrawn("a later mail tells of the same alert")
    return replace(content(rule, state), specimen=ports.policy.mode is Mode.TEST)


def samples(sampling: Sampling) -> tuple[AlertLetter, ...]:
    if sampling.language is not Language.ENGLISH:
        return ()
    rule = Rule(
        "sample.alert",
        Measure.PAYMENT_FAILURE_PERCENT,
        "Share of <payments> & cards that failed",
        "look at failed payments in Stripe's dashboard",
        Decimal(5),
    )
    detail = "18 of 144 in 24 h up to 2026-11-20 03:00 UTC"
    fresh = AlertState(rule.rule_id, sampling.now, Decimal("12.5"), detail, sampling.now, 1)
    older = replace(fresh, since=sampling.now - timedelta(days=1), detail="", notices=2)
    return (content(rule, fresh), content(rule, replace(older, cleared_at=sampling.now)))


def content(rule: Rule, state: AlertState) -> AlertLetter:
    noticed_at = state.noticed_at or state.seen_at
    return AlertLetter(
        language=Language.ENGLISH,
        rule_id=rule.rule_id,
        title=rule.title,
        value=quantity(rule, state.value),
        threshold="" if rule.threshold is None else quantity(rule, rule.threshold),
        detail=state.detail,
        hint=rule.hint,
        since=state.since,
        seen_at=state.seen_at,
        is_repeated=noticed_at > state.since,
        cleared_at=state.cleared_at,
    )
