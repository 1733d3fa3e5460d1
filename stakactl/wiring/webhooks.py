"""The webhook endpoints in Stripe, as commands and checks of the configuration reach them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
    from stakactl.config import StripeAccess


def open_endpoints(
    access: "StripeAccess",
    api_base: str | None,
    *,
    timeout_seconds: float,
    retry_budget_seconds: float,
) -> "SdkStripeEndpoints":
    from stakactl.adapters.stripe.endpoints import SdkStripeEndpoints
    from stakactl.adapters.stripe.link import Link

    rate = float(access.requests_per_second)
    return SdkStripeEndpoints(
        Link(
            access.secret_key,
            api_base,
            rate,
            timeout_seconds,
            retry_budget_seconds,
            # There are 16 at most: their own limit is never met.
            requests_per_second_per_endpoint=rate,
        )
    )
