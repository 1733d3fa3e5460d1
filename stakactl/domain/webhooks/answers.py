"""What the answers of the application's webhook say about it."""

from stakactl.domain.checks import Verdict, failed, passed, unknown

_REFUSED = frozenset({400, 401, 403})
_NOTHING_THERE = frozenset({404, 405, 410})
_CHECK_PATH = "check the path in STRIPE_WEBHOOK_URL, and that the application serves it"
_READ_LOG = "look into the application's log"
_NO_REDIRECTS = "set STRIPE_WEBHOOK_URL to the address itself: Stripe follows no redirects"


def judge_get(status: int) -> Verdict:
    """A webhook serves no GET, and says so; a page of an application proves nothing yet."""
    seen = f"GET answered {status}"
    if status >= 500:
        return failed(seen, f"the application is down or fails: {_READ_LOG}")
    if _is_redirect(status):
        return failed(seen, _NO_REDIRECTS)
    if status in {404, 410}:
        return unknown(f"{seen}, as some frameworks do where only POST is served")
    if status < 400:
        return unknown(f"{seen}: a page, where a webhook would answer 405")
    return passed(seen)


def judge_forged(status: int) -> Verdict:
    """An event with a wrong signature."""
    seen = f"an event with a wrong signature was answered {status}"
    if status in _REFUSED:
        return passed(seen)
    if _is_accepted(status):
        return failed(
            f"{seen}: it accepts events that anybody can forge",
            "let the application verify the header Stripe-Signature before anything else",
        )
    if status in _NOTHING_THERE:
        return failed(f"POST answered {status}: no webhook is served there", _CHECK_PATH)
    if _is_redirect(status):
        return failed(f"POST answered {status}", _NO_REDIRECTS)
    if status >= 500:
        return failed(seen, f"it must answer 400, or Stripe keeps trying: {_READ_LOG}")
    return unknown(f"{seen}: refused, but perhaps not for its signature")


def judge_signed(status: int, forged_status: int) -> Verdict:
    """A rightly signed event of a type that nobody handles."""
    seen = f"an event signed with STRIPE_WEBHOOK_SECRET was answered {status}"
    if _is_accepted(status):
        if _is_accepted(forged_status):
            return unknown(f"{seen}, which proves nothing: a wrong signature is accepted as well")
        return passed(seen)
    if status in _REFUSED:
        return failed(
            seen,
            "set STRIPE_WEBHOOK_SECRET, here and in the application, to the endpoint's secret, and "
            "let the application answer 2xx to types that it does not handle",
        )
    if status >= 500:
        hint = f"let it answer 2xx to types of events that it does not handle; {_READ_LOG}"
        return failed(seen, hint)
    return unknown(seen, "see webhook.rejects_forged")


def _is_accepted(status: int) -> bool:
    return 200 <= status < 300


def _is_redirect(status: int) -> bool:
    return 300 <= status < 400
