"""How the text of each setting becomes its value; `Invalid` says what is wrong and what to do."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from email.utils import parseaddr
from typing import Annotated
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, SecretStr

from stakactl.config.problems import Invalid, secret_shape, shown
from stakactl.domain.numbering import TEST_PREFIX, Series
from stakactl.domain.retention import YearEnd
from stakactl.domain.vat import FRENCH_RATES

_PLACEHOLDER = re.compile(r"(.*(\.{3}|…|[xX]{3,}|\*{3,}))|(your|votre)[-_ ]?.*|change-?me", re.I)
_STRIPE_KEY = re.compile(r"[sr]k_(live|test)_[A-Za-z0-9_]+")
_PUBLISHABLE_KEY = re.compile(r"pk_(live|test)_[A-Za-z0-9_]+")
_STRIPE_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_SENDGRID_KEY = re.compile(r"SG\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}")
_EMAIL = re.compile(r"[^@\s<>,;:()\"\\]+@[^@\s<>,;:()\"\\]+")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_EVENT_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_RATE = re.compile(r"(\d{1,3}(?:[.,]\d{1,3})?)\s*%?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LA_POSTE = "356000000"


def _no_placeholder(value: str) -> None:
    if _PLACEHOLDER.fullmatch(value):
        raise Invalid("is a placeholder, not a value", "put the real value, or leave the line out")


def parse_secret(value: str) -> str:
    _no_placeholder(value)
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
    _no_placeholder(value)
    if not _STRIPE_KEY.fullmatch(value):
        raise Invalid(f"is no secret key of Stripe: it {secret_shape(value)}", dashboard)
    return value


def parse_publishable_key(value: str) -> str:
    dashboard = "copy the publishable key (pk_…) from https://dashboard.stripe.com/apikeys"
    if value.startswith(("sk_", "rk_")):
        raise Invalid("is a secret key, which must never reach a browser", dashboard)
    _no_placeholder(value)
    if not _PUBLISHABLE_KEY.fullmatch(value):
        raise Invalid(f"is no publishable key of Stripe: it {secret_shape(value)}", dashboard)
    return value


def parse_stripe_price(value: str) -> str:
    """The id of a price; those of old plans may be any word."""
    dashboard = "copy the id of the price (price_…) from the product in Stripe's dashboard"
    if value.startswith("prod_"):
        raise Invalid(f"{shown(value)} is a product, which has several prices", dashboard)
    _no_placeholder(value)
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
    _no_placeholder(value)
    if not _SENDGRID_KEY.fullmatch(value):
        raise Invalid(
            f"is no API key of SendGrid: it {secret_shape(value)}",
            "copy the key that SendGrid showed when it was made: SG.….…",
        )
    return value


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        raise Invalid(f"{shown(value)} is no URL") from None
    return parts


def parse_http_url(value: str) -> str:
    """http(s)://host[:port][/path] without credentials, query and fragment; no slash at the end."""
    parts = _split(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid(f"{shown(value)} is no URL", "write it with https:// and a host")
    if "@" in parts.netloc or parts.query or parts.fragment or not value.isprintable():
        raise Invalid("holds more than scheme, host, port and path")
    return value.rstrip("/")


def parse_webhook_url(value: str) -> str:
    """A slash at the end stays: for a web framework that is another address."""
    slash = "/" if value.endswith("/") else ""
    return parse_http_url(value) + slash


def parse_chat_webhook(value: str) -> str:
    """http(s)://host[:port]/path[?query]. What is wrong with it is said without it: the address
    is a secret. Encrypted, unless it stays on this machine."""
    hint = "copy the webhook's address from the chat: https://hooks.slack.com/services/…"
    _no_placeholder(value)
    url = value.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        raise Invalid("is no URL", hint) from None
    if not url.isprintable() or not url.isascii() or " " in url:
        raise Invalid("holds spaces or other strange characters", hint)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Invalid("is no URL", hint)
    if "@" in parts.netloc or parts.fragment:
        raise Invalid("holds more than scheme, host, port, path and query", hint)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Invalid("is not encrypted, and the address is a secret", "write it with https://")
    return url


def parse_event_types(value: str) -> tuple[str, ...]:
    """Names with commas or spaces between them, each once, in the order given."""
    names = tuple(dict.fromkeys(re.split(r"[\s,]+", value.strip(" \t,"))))
    for name in names:
        if name != "*" and not _EVENT_TYPE.fullmatch(name):
            raise Invalid(
                f"{shown(name)} is no type of event", "write checkout.session.completed, or * alone"
            )
    return ("*",) if "*" in names else names


def parse_database_url(value: str) -> str:
    """SQLite or PostgreSQL, with the driver that stakactl brings."""
    try:
        scheme = _split(value).scheme
    except Invalid:
        raise Invalid(
            "is no database URL", "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    if scheme == "sqlite":
        return value
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return "postgresql+psycopg" + value[len(scheme) :]
    if scheme.startswith(("mysql", "mariadb")):
        raise Invalid(
            "is a MySQL database; stakactl's own store is SQLite or PostgreSQL",
            "leave it out to use SQLite: the application's database is never stakactl's own",
        )
    raise Invalid(
        "is no database URL that stakactl knows",
        "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
    )


def parse_application_url(value: str) -> str:
    """MySQL, MariaDB, PostgreSQL or SQLite; read in full by what connects to it."""
    hint = "write mysql://USER:PASSWORD@HOST:3306/NAME, postgresql://… or sqlite:///FILE"
    scheme, separator, _ = value.strip().partition(":")
    kind = scheme.partition("+")[0].lower()
    if not separator or not value.isprintable():
        raise Invalid("is no database URL", hint)
    if kind not in {"mysql", "mariadb", "postgres", "postgresql", "sqlite", "file"}:
        raise Invalid(f"is a database that stakactl cannot read orders from: {shown(kind)}", hint)
    return value.strip()


def parse_redis_url(value: str) -> str:
    if not value.isprintable() or not value.strip().startswith(
        ("redis://", "rediss://", "unix://")
    ):
        raise Invalid("is no address of Redis", "write redis://:PASSWORD@HOST:6379/0")
    return value.strip()


def parse_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        reason = f"{shown(value)} is no time zone"
        raise Invalid(reason, "write a name such as Europe/Paris") from None
    return value


def parse_host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise Invalid(f"{shown(value)} is no host name", "write only the host: smtp.example.com")
    return value


def parse_endpoint(value: str) -> str:
    """A host, as MinIO's client wants it, or a whole URL."""
    return parse_http_url(value) if "://" in value else parse_host(value)


def parse_sender(value: str) -> str:
    """An address, or `Name <address>`."""
    name, address = parseaddr(value)
    if not value.isprintable() or not _EMAIL.fullmatch(address):
        raise Invalid(f"{shown(value)} is no e-mail address", "write name@example.com")
    return f"{name} <{address}>" if name else address


def parse_email(value: str) -> str:
    if not value.isprintable() or not _EMAIL.fullmatch(value.strip()):
        raise Invalid(f"{shown(value)} is no e-mail address", "write name@example.com")
    return value.strip()


def parse_text(value: str) -> str:
    """One line of text; line breaks become spaces, other control characters are refused."""
    text = " ".join(value.split())
    if not text.isprintable():
        raise Invalid("holds a control character")
    return text


def passes_luhn(digits: str) -> bool:
    """The check sum of SIREN and SIRET (ISO/IEC 7812-1)."""
    doubled = (2 * int(d) if i % 2 else int(d) for i, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def parse_siret(value: str) -> str:
    digits = re.sub(r"[\s.-]", "", value)
    if not (digits.isascii() and digits.isdigit() and len(digits) == 14):
        length = f"; it has {len(digits)} characters" if digits else ""
        raise Invalid(
            f"is no SIRET: that is 14 digits{length}",
            "a SIRET is the SIREN (9 digits) and the number of the establishment (5)",
        )
    # La Poste's establishments follow a rule of their own: the digits sum to a multiple of 5.
    la_poste = digits.startswith(_LA_POSTE) and sum(map(int, digits)) % 5 == 0
    if not passes_luhn(digits) and not la_poste:
        raise Invalid(
            f"{shown(value)} is no SIRET: its check digit is wrong",
            "look it up at https://annuaire-entreprises.data.gouv.fr",
        )
    return digits


def parse_vat_number(value: str) -> str:
    number = re.sub(r"[\s.-]", "", value).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9A-Z+*]{2,13}", number):
        raise Invalid(f"{shown(value)} is no VAT number", "write it as FR40123456824")
    if number.startswith("FR") and number[2:].isdigit():
        key, siren = int(number[2:4]), int(number[4:])
        if len(number) != 13 or key != (12 + 3 * (siren % 97)) % 97:
            raise Invalid(f"{shown(value)} is no French VAT number: its key is wrong")
    return number


def parse_country(value: str) -> str:
    from babel.core import get_global

    code = value.strip().upper()
    if len(code) != 2 or code not in get_global("territory_currencies"):
        raise Invalid(f"{shown(value)} is no country code", "write two letters, such as FR")
    return code


def parse_currency(value: str) -> str:
    from babel.core import get_global

    code = value.strip().upper()
    if code not in get_global("all_currencies"):
        raise Invalid(f"{shown(value)} is no currency", "write an ISO 4217 code, such as eur")
    return code.lower()


def parse_rate(value: str) -> Decimal:
    """A French VAT rate in percent; 0.9 is one, any other figure between 0 and 1 a slip."""
    match = _RATE.fullmatch(value.strip())
    if not match:
        raise Invalid(f"{shown(value)} is no percentage", "write 20 for 20 %")
    rate = Decimal(match[1].replace(",", "."))
    if 0 < rate < 1 and rate not in FRENCH_RATES:
        percent = f"{(rate * 100).normalize():f}"
        raise Invalid(
            f"{shown(value)} would be {rate} %",
            f"20 means 20 %: write {percent} if {percent} % is meant",
        )
    if rate not in FRENCH_RATES:
        allowed = ", ".join(str(known) for known in sorted(FRENCH_RATES))
        raise Invalid(f"{shown(value)} is no French VAT rate", f"the rates are {allowed}")
    return rate


def parse_series(value: str) -> str:
    if value.startswith(TEST_PREFIX):
        raise Invalid(f"begins with {TEST_PREFIX}, which marks invoices of test mode")
    try:
        Series(value).for_test_mode()
    except ValueError as error:
        raise Invalid(str(error), "write a short word, such as FACT") from None
    return value


def parse_year_end(value: str) -> YearEnd:
    """The last day of the fiscal year, MM-DD."""
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", value.strip())
    try:
        day = date(2024, int(found[1]), int(found[2])) if found else None  # a leap year
    except ValueError:
        day = None
    if day is None:
        raise Invalid(f"{shown(value)} is no day of the year", "write MM-DD, such as 06-30")
    return YearEnd(day.month, day.day)


def parse_moment(value: str, zone: tzinfo) -> datetime:
    """A date (midnight in `zone`) or an ISO 8601 time (in `zone` when it has no offset), as UTC."""
    text = value.strip()
    try:
        if len(text) == len("2026-01-31"):
            moment = datetime.combine(date.fromisoformat(text), time(), zone)
        else:
            moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(
            f"{shown(value)} is no date", "write 2026-09-01 or 2026-09-01T08:00:00+02:00"
        ) from None


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
