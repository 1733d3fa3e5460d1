"""How the text of each setting becomes its value; `Invalid` says what is wrong and what to do."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from stakactl.config.validators.addresses import (
    parse_application_url,
    parse_chat_webhook,
    parse_database_url,
    parse_email,
    parse_endpoint,
    parse_event_types,
    parse_host,
    parse_http_url,
    parse_redis_url,
    parse_sender,
    parse_webhook_url,
)
from stakactl.config.validators.company import (
    parse_country,
    parse_currency,
    parse_rate,
    parse_series,
    parse_siret,
    parse_text,
    parse_vat_number,
    parse_year_end,
)
from stakactl.config.validators.keys import (
    parse_password,
    parse_publishable_key,
    parse_secret,
    parse_sendgrid_key,
    parse_stripe_key,
    parse_stripe_price,
    parse_webhook_secret,
)
from stakactl.config.validators.times import parse_time_zone
from stakactl.domain.retention import YearEnd


def _from_text(parse: Callable[[str], object]) -> BeforeValidator:
    """`parse` for what a person wrote; values of code (the demo, tests) pass as they are."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


StripeKey = Annotated[SecretStr, _from_text(parse_stripe_key)]
PublishableKey = Annotated[str, _from_text(parse_publishable_key)]
StripePrice = Annotated[str, _from_text(parse_stripe_price)]
SendgridKey = Annotated[SecretStr, _from_text(parse_sendgrid_key)]
Secret = Annotated[SecretStr, _from_text(parse_secret)]
Password = Annotated[SecretStr, _from_text(parse_password)]
WebhookSecret = Annotated[SecretStr, _from_text(parse_webhook_secret)]
OpaqueSecret = SecretStr
ApplicationUrl = Annotated[SecretStr, _from_text(parse_application_url)]
RedisUrl = Annotated[SecretStr, _from_text(parse_redis_url)]
DatabaseUrl = Annotated[SecretStr, _from_text(parse_database_url)]
HttpUrl = Annotated[str, _from_text(parse_http_url)]
WebhookUrl = Annotated[str, _from_text(parse_webhook_url)]
ChatWebhook = Annotated[SecretStr, _from_text(parse_chat_webhook)]
EventTypes = Annotated[tuple[str, ...], _from_text(parse_event_types)]
Endpoint = Annotated[str, _from_text(parse_endpoint)]
Host = Annotated[str, _from_text(parse_host)]
TimeZone = Annotated[str, _from_text(parse_time_zone)]
Sender = Annotated[str, _from_text(parse_sender)]
Email = Annotated[str, _from_text(parse_email)]
Text = Annotated[str, _from_text(parse_text)]
Siret = Annotated[str, _from_text(parse_siret)]
VatNumber = Annotated[str, _from_text(parse_vat_number)]
Country = Annotated[str, _from_text(parse_country)]
Currency = Annotated[str, _from_text(parse_currency)]
Rate = Annotated[Decimal, _from_text(parse_rate)]
FiscalYearEnd = Annotated[YearEnd, _from_text(parse_year_end)]
SeriesName = Annotated[str, _from_text(parse_series)]
