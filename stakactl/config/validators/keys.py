"""Keys and secrets: their shape, and that no example was left in their place."""

import re

from stakactl.config.problems import Invalid, secret_shape, shown

_PLACEHOLDER = re.compile(r"(.*(\.{3}|…|[xX]{3,}|\*{3,}))|(your|votre)[-_ ]?.*|change-?me", re.I)
_STRIPE_KEY = re.compile(r"[sr]k_(live|test)_[A-Za-z0-9_]+")
_PUBLISHABLE_KEY = re.compile(r"pk_(live|test)_[A-Za-z0-9_]+")
_STRIPE_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_SENDGRID_KEY = re.compile(r"SG\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}")


def refuse_placeholder(value: str) -> None:
    if _PLACEHOLDER.fullmatch(value):
        raise Invalid("is a placeholder, not a value", "put the real value, or leave the line out")


def parse_secret(value: str) -> str:
    refuse_placeholder(value)
    if not value.isprintable() or not value.isascii() or " " in value.strip():
        raise Invalid(f"holds spaces or other strange characters; it {secret_shape(value)}")
    return value.strip()


def parse_password(value: str) -> str:
    """A password may hold anything but control characters."""
    if not value.isprintable():
        raise Invalid("holds a control character or a line break")
    return value


def parse_stripe_key(value: str) -> str:
    dashboard = "copy the secret key (sk_… or rk_…) from https://dashboard.stripe.com/apikeys"
    if value.startswith("pk_"):
        raise Invalid("is a publishable key, which may only identify the account", dashboard)
    if value.startswith("whsec_"):
        raise Invalid("is the signing secret of a webhook endpoint", dashboard)
    if value.startswith(("sk_org_", "rk_org_")):
        raise Invalid(
            "is an organisation key; the store is bound to one account",
            "use the key of the account itself",
        )
    refuse_placeholder(value)
    if not _STRIPE_KEY.fullmatch(value):
        raise Invalid(f"is no secret key of Stripe: it {secret_shape(value)}", dashboard)
    return value


def parse_publishable_key(value: str) -> str:
    dashboard = "copy the publishable key (pk_…) from https://dashboard.stripe.com/apikeys"
    if value.startswith(("sk_", "rk_")):
        raise Invalid("is a secret key, which must never reach a browser", dashboard)
    refuse_placeholder(value)
    if not _PUBLISHABLE_KEY.fullmatch(value):
        raise Invalid(f"is no publishable key of Stripe: it {secret_shape(value)}", dashboard)
    return value


def parse_stripe_price(value: str) -> str:
    """The id of a price; those of old plans may be any word."""
    dashboard = "copy the id of the price (price_…) from the product in Stripe's dashboard"
    if value.startswith("prod_"):
        raise Invalid(f"{shown(value)} is a product, which has several prices", dashboard)
    refuse_placeholder(value)
    if not _STRIPE_ID.fullmatch(value):
        raise Invalid(f"{shown(value)} is no id of a price", dashboard)
    return value


def parse_webhook_secret(value: str) -> str:
    if not value.startswith("whsec_"):
        raise Invalid(
            f"is no signing secret of a webhook endpoint: it {secret_shape(value)}",
            "copy it from the endpoint in Stripe's dashboard: whsec_…",
        )
    return parse_secret(value)


def parse_sendgrid_key(value: str) -> str:
    refuse_placeholder(value)
    if not _SENDGRID_KEY.fullmatch(value):
        raise Invalid(
            f"is no API key of SendGrid: it {secret_shape(value)}",
            "copy the key that SendGrid showed when it was made: SG.….…",
        )
    return value
