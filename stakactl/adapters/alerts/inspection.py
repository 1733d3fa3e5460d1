"""Who gets alerts and by which rules, as `config validate` sees it; nothing is sent."""

from pathlib import Path

from stakactl.adapters.alerts.chat import ChatWebhook
from stakactl.adapters.alerts.rules import load_rules
from stakactl.operations.ports.inspection.here import AlertFacts, AlertRuleFacts


class AlertInspection:
    """An AlertInspector. `own_rules` is the file that ALERT_RULES names."""

    def __init__(
        self, email: str | None, chat_url: str | None, own_rules: Path | None, *, enabled: bool
    ) -> None:
        self._email = email
        self._chat_url = chat_url
        self._own_rules = own_rules
        self._enabled = enabled

    def ways(self) -> AlertFacts:
        host = None if self._chat_url is None else ChatWebhook(self._chat_url).host
        return AlertFacts(self._enabled, self._email, host)

    def rules(self) -> AlertRuleFacts:
        own = None if self._own_rules is None else str(self._own_rules)
        return AlertRuleFacts(len(load_rules(self._own_rules)), own)
