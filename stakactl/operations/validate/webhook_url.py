"""The application's webhook, met from outside: its address, its certificate, and its answers.

The address comes first, then the connection with its certificate, then the requests, at once.
"""

from stakactl.domain.certificates import judge_end
from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped
from stakactl.domain.webhooks.answers import judge_forged, judge_get, judge_signed
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.webhooks import Address, Certificate, WebhookInspector
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading
from stakactl.operations.validate.settings import SETTINGS

_NOT_SET = "STRIPE_WEBHOOK_URL is not set"
_IN_THE_CLEAR = "nothing leaves this machine, so it needs no certificate"

# Readings


def _address(inspection: Inspection, found: Found) -> Address | None:
    return None if inspection.webhook is None else inspection.webhook.address


ADDRESS = Reading("the webhook's address", _address, local=True)


def _connect(inspection: Inspection, found: Found) -> Certificate | None:
    address = found[ADDRESS]
    if address is not None and not address.is_safe:
        raise NotWanted("STRIPE_WEBHOOK_URL is not encrypted, so nothing is sent there")
    return _inspector(inspection).certificate()


CERTIFICATE = Reading("the webhook's certificate", _connect, after=(ADDRESS,))


def _get(inspection: Inspection, found: Found) -> int:
    return _inspector(inspection).get()


def _forged(inspection: Inspection, found: Found) -> int:
    return _inspector(inspection).post_forged()


def _signed(inspection: Inspection, found: Found) -> int:
    webhook = _inspector(inspection)
    if not webhook.knows_secret:
        raise NotWanted("STRIPE_WEBHOOK_SECRET is not set")
    return webhook.post_signed()


GET = Reading("the webhook's answer to GET", _get, after=(CERTIFICATE,))
FORGED = Reading("the webhook's answer to a wrong signature", _forged, after=(CERTIFICATE,))
SIGNED = Reading(
    "the webhook's answer to a signed event", _signed, after=(CERTIFICATE,), write=True
)


def _inspector(inspection: Inspection) -> WebhookInspector:
    if inspection.webhook is None:
        raise NotWanted(_NOT_SET)
    return inspection.webhook


# Judgements


def _judge_presence(found: Found) -> Verdict:
    if found[ADDRESS] is not None:
        return passed("STRIPE_WEBHOOK_URL is set")
    if found[SETTINGS].demo:
        return skipped("the demo has no application")
    return failed(
        "STRIPE_WEBHOOK_URL is not set: neither the webhook nor its endpoint can be looked at",
        "set STRIPE_WEBHOOK_URL=https://HOST/PATH, where Stripe delivers events",
    )


def _judge_address(found: Found) -> Verdict:
    address = found[ADDRESS]
    if address is None:
        return skipped(_NOT_SET)
    if not address.is_safe:
        return failed(
            f"{address.url} is not encrypted: Stripe delivers to https only",
            f"set STRIPE_WEBHOOK_URL=https://{address.url.removeprefix('http://')}",
        )
    return passed(address.url)


def _judge_certificate(found: Found) -> Verdict:
    certificate = found[CERTIFICATE]
    if certificate is None:
        return skipped(_IN_THE_CLEAR)
    by = f" by {certificate.issuer}" if certificate.issuer else ""
    return passed(f"issued for {certificate.host}{by}; {certificate.protocol}")


def _judge_end(found: Found) -> Verdict:
    certificate = found[CERTIFICATE]
    if certificate is None:
        return skipped(_IN_THE_CLEAR)
    hint = "renew the certificate, and look why that did not happen by itself"
    return judge_end(certificate.ends_at, certificate.seen_at, hint)


CHECKS: tuple[Check, ...] = (
    Check(
        "webhook.set",
        "The application's webhook is known",
        _judge_presence,
        (ADDRESS, SETTINGS),
        Severity.WARNING,
    ),
    Check("webhook.url", "The webhook's address is encrypted", _judge_address, (ADDRESS,)),
    Check(
        "webhook.certificate",
        "The webhook can be reached, with a valid certificate",
        _judge_certificate,
        (CERTIFICATE,),
        answers_for=CERTIFICATE,
    ),
    Check(
        "webhook.certificate.end",
        "Its certificate is not about to end",
        _judge_end,
        (CERTIFICATE,),
        Severity.WARNING,
    ),
    Check(
        "webhook.get",
        "A webhook is served there",
        lambda found: judge_get(found[GET]),
        (GET,),
        answers_for=GET,
    ),
    Check(
        "webhook.rejects_forged",
        "The webhook refuses a wrong signature",
        lambda found: judge_forged(found[FORGED]),
        (FORGED,),
        answers_for=FORGED,
    ),
    Check(
        "webhook.accepts_signed",
        "The application uses STRIPE_WEBHOOK_SECRET",
        lambda found: judge_signed(found[SIGNED], found[FORGED]),
        (FORGED, SIGNED),
        answers_for=SIGNED,
    ),
)
