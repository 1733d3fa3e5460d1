"""Making an endpoint exactly once, and getting its secret back (see `domain/webhooks/creation`)."""

from dataclasses import dataclass, field
from datetime import datetime

from stakactl.domain.webhooks.creation import Attempt, Creation, recoverable
from stakactl.domain.webhooks.endpoints import WebhookEndpoint, secret_mark
from stakactl.errors import StripeError
from stakactl.operations.ports.endpoints import KeySpent, SecretSink, StripeEndpoints

#: Each is a request that was made and undone, or failed, within a day: more are no accident.
_MOST_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Made:
    """The endpoint as it is now; `secret` is None where it could not be had any more."""

    endpoint: WebhookEndpoint
    secret: str | None = field(repr=False)


def make_endpoint(stripe: StripeEndpoints, creation: Creation) -> Made:
    """The endpoint of this creation: made now, or by an earlier request whose answer was lost."""
    spent: StripeError | None = None
    for number in range(1, _MOST_ATTEMPTS + 1):
        attempt = Attempt(creation, number)
        answer = stripe.create(attempt)
        if isinstance(answer, KeySpent):
            spent = answer.error
            # A failure does not say whether the endpoint was made before it: look, then go on.
            made = next((each for each in stripe.list() if attempt.made(each)), None)
            if made is not None:
                return Made(made, None)
        elif not answer.replayed:
            return Made(answer.endpoint, answer.secret)
        elif (living := stripe.get(answer.endpoint.id)) and living.is_at(creation.url):
            return Made(living, answer.secret)
    raise spent or StripeError(
        f"cannot create a webhook endpoint for {creation.url}: as many as {_MOST_ATTEMPTS} like it "
        "were created and deleted within a day",
        hint="give it another --description, which makes it another request",
    )


def recover_secret(stripe: StripeEndpoints, endpoint: WebhookEndpoint, now: datetime) -> str | None:
    """The secret of an endpoint that was made not long ago; None where it cannot be had."""
    attempt = recoverable(endpoint, now)
    if attempt is None:
        return None
    answer = stripe.create(attempt)
    if isinstance(answer, KeySpent):
        return None
    if answer.endpoint.id == endpoint.id:
        return answer.secret
    if not answer.replayed:
        # Stripe had forgotten the key already, which a clock that is hours behind brings about:
        # the request made a second endpoint. Nobody knows it yet, so it goes again.
        stripe.delete(answer.endpoint.id)
    return None


def keep_secret(
    stripe: StripeEndpoints, endpoint: WebhookEndpoint, secret: str, sink: SecretSink
) -> tuple[WebhookEndpoint, str]:
    """The endpoint with the mark of its secret, and where the secret is now.

    Kept first: a mark without a kept secret would say that it is known.
    """
    where = sink.keep(secret)
    mark = secret_mark(secret)
    if endpoint.has_secret(mark):
        return endpoint, where
    return stripe.note_secret(endpoint.id, mark), where
