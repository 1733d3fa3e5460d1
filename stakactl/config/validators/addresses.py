"""Where something is: URLs, hosts, databases, mailboxes, and the events that are sent there."""

import re
from email.utils import parseaddr
from urllib.parse import SplitResult, urlsplit

from stakactl.config.problems import Invalid, shown
from stakactl.config.validators.keys import refuse_placeholder

_EMAIL = re.compile(r"[^@\s<>,;:()\"\\]+@[^@\s<>,;:()\"\\]+")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
_EVENT_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
    refuse_placeholder(value)
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
