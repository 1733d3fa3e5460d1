"""The webhook of a chat: Slack, and those that take what Slack takes (Mattermost, Rocket.Chat,
Google Chat, Discord's address with /slack at its end)."""

import json

from stakactl.adapters.webhooks.endpoint import Endpoint
from stakactl.adapters.webhooks.failures import Peer
from stakactl.errors import WebhookError

#: A person may wait for it, and a night that is late must end.
TIMEOUT_SECONDS = 10.0
_SETTING = "ALERT_WEBHOOK_URL"
_HEADERS = {"Content-Type": "application/json; charset=utf-8"}
#: What Slack makes links, mentions and entities of; & first
#: (https://docs.slack.dev/messaging/formatting-message-text#escaping).
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))


class ChatWebhook:
    """An `AlertChannel`. The URL is a secret: who has it can write into the chat; only its host
    is ever named.

    Raises ConfigurationError for an address without encryption.
    """

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._endpoint = Endpoint(url, timeout_seconds, Peer("the chat", _SETTING))
        self._endpoint.require_safe()

    def __repr__(self) -> str:
        return f"ChatWebhook({self.host})"

    @property
    def host(self) -> str:
        return self._endpoint.host

    def post(self, text: str) -> None:
        body = json.dumps({"text": escaped(text)}).encode()
        status = self._endpoint.status_of("POST", body, _HEADERS)
        if not 200 <= status < 300:
            raise self._refused(status)

    def _refused(self, status: int) -> WebhookError:
        if status in {400, 401, 403, 404, 410}:
            hint = f"make a new webhook in the chat, and set {_SETTING} to it"
        elif 300 <= status < 400:
            hint = f"set {_SETTING} to the address itself: redirects are not followed"
        else:
            hint = "nothing to do: it is tried again by the next run"
        return self._endpoint.peer.error(self.host, f"answered {status}", hint)


def escaped(text: str) -> str:
    for plain, entity in _ESCAPES:
        text = text.replace(plain, entity)
    return text
