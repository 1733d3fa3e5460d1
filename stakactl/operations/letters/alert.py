"""The letter of an alert, as it stands when it is sent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from stakactl.domain.alerts import AlertState, Measure, Rule, Words, quantity
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
    letter = content(rule, state, ports.policy.admin.language)
    return replace(letter, specimen=ports.policy.mode is Mode.TEST)


def samples(sampling: Sampling) -> tuple[AlertLetter, ...]:
    rule = Rule(
        "sample.alert",
        Measure.PAYMENT_FAILURE_PERCENT,
        Words("Share of <payments> that failed", "Part des <paiements> en échec"),
        Words(
            "look at failed payments in Stripe's dashboard",
            "regardez les paiements en échec dans le tableau de bord de Stripe",
        ),
        Decimal(5),
    )
    detail = Words("18 of 144 in 24 h", "18 sur 144 en 24 h")
    fresh = AlertState(rule.rule_id, sampling.now, Decimal("12.5"), detail, sampling.now, 1)
    older = replace(fresh, since=sampling.now - timedelta(days=1), detail=Words(), notices=2)
    cleared = replace(older, cleared_at=sampling.now)
    return tuple(content(rule, each, sampling.language) for each in (cleared, fresh))


def content(rule: Rule, state: AlertState, language: Language) -> AlertLetter:
    noticed_at = state.noticed_at or state.seen_at
    return AlertLetter(
        language=language,
        rule_id=rule.rule_id,
        title=rule.title.said(language),
        value=quantity(rule, state.value, language),
        threshold="" if rule.threshold is None else quantity(rule, rule.threshold, language),
        detail=state.detail.said(language),
        hint=rule.hint.said(language),
        since=state.since,
        seen_at=state.seen_at,
        is_repeated=noticed_at > state.since,
        cleared_at=state.cleared_at,
    )
