"""`alerts.*`: somebody is told when something goes wrong, by rules that can be used."""

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped
from stakactl.operations.ports.inspection.here import AlertFacts, AlertRuleFacts
from stakactl.operations.validate.checks import Check, Found, Reading

WAYS: Reading[AlertFacts] = Reading(
    "who gets alerts", lambda inspection, found: inspection.alerts.ways(), local=True
)
RULES: Reading[AlertRuleFacts] = Reading(
    "the alert rules", lambda inspection, found: inspection.alerts.rules(), local=True
)


def _recipient(found: Found) -> Verdict:
    ways = found[WAYS]
    if not ways.enabled:
        return skipped("STRIPE_MONITORING_ENABLED is false: alerts are not sent")
    told = [each for each in (ways.email, ways.chat_host and f"a chat at {ways.chat_host}") if each]
    if not told:
        return failed(
            "nobody is told when something goes wrong",
            "set ADMIN_EMAIL=name@example.com, or STRIPE_ALERT_EMAIL, or ALERT_WEBHOOK_URL",
        )
    return passed(" and ".join(told))


def _rules(found: Found) -> Verdict:
    rules = found[RULES]
    if rules.own is None:
        return passed(f"{rules.in_use} bundled rules")
    return passed(f"{rules.in_use} rules, with {rules.own}", subject="ALERT_RULES")


CHECKS: tuple[Check, ...] = (
    Check("alerts.recipient", "Somebody is told", _recipient, (WAYS,), Severity.WARNING),
    Check("alerts.rules", "The alert rules can be used", _rules, (RULES,), answers_for=RULES),
)
