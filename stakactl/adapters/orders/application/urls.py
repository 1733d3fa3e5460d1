"""The URL of an application's database, as its own framework writes it, in ours.

Prisma puts settings of its own into the query (`connection_limit`, `sslaccept`, `schema`, …), and
a file of SQLite is `file:./dev.db` there. What a setting cannot mean here is refused by name;
what only concerns the application's pool of connections is left out.
"""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from stakactl.errors import ConfigurationError

_POOL = frozenset(
    "connection_limit pool_timeout socket_timeout connect_timeout pgbouncer max_idle_connection_"
    "lifetime max_connection_lifetime statement_cache_size channel_binding".split()
)
_TLS = frozenset("sslaccept sslcert sslmode ssl-mode ssl_mode sslrootcert".split())
_UNSUPPORTED = {
    "sslidentity": "a client certificate in PKCS 12 is not supported",
    "sslpassword": "a client certificate in PKCS 12 is not supported",
}
_VERIFYING = frozenset({"strict", "verify-full", "verify-ca", "verify_identity", "verify_ca"})
_ENCRYPTING = frozenset({"accept_invalid_certs", "require", "required", "prefer", "preferred"})


@dataclass(frozen=True, slots=True)
class Location:
    """Where the application's database is. `shown` holds no password; `path` is the file of an
    SQLite one; `schema` is stated for PostgreSQL only."""

    url: URL = field(repr=False)
    kind: str
    shown: str
    schema: str | None = None
    path: Path | None = None
    arguments: dict[str, Any] = field(default_factory=dict, repr=False)


def locate(url: str, setting: str, folder: Path) -> Location:
    """Read the URL that stands in `setting`; relative files count from `folder`.

    Raises ConfigurationError.
    """
    if url.startswith(("file:", "sqlite:")):
        return _sqlite(url, folder, setting)
    try:
        parsed = make_url(url)
        _ = parsed.port
    except (ArgumentError, ValueError):
        raise _unusable(setting, "it is no database URL") from None
    query = {name: value for name, value in parsed.query.items() if isinstance(value, str)}
    for name, reason in _UNSUPPORTED.items():
        if name in query:
            raise _unusable(setting, f"{name}: {reason}")
    kind = parsed.get_backend_name()
    if kind in {"mysql", "mariadb"}:
        return _mysql(parsed, query, setting)
    if kind in {"postgres", "postgresql"}:
        return _postgresql(parsed, query, setting)
    raise _unusable(setting, f"{kind} is not supported")


def _sqlite(url: str, folder: Path, setting: str) -> Location:
    text = url.partition("?")[0].partition(":")[2]
    if url.startswith("sqlite:"):
        text = text.removeprefix("///")
    elif text.startswith("//"):
        text = text.removeprefix("//")
    if not text or text in {":memory:", "//"}:
        raise _unusable(setting, "an SQLite database needs a file")
    path = (folder / Path(unquote(text)).expanduser()).absolute()
    return Location(make_url("sqlite://"), "sqlite", str(path), path=path)


def _mysql(parsed: URL, query: dict[str, str], setting: str) -> Location:
    known = {*_POOL, *_TLS, "socket", "charset", "timezone"}
    _only(query, known, setting)
    if not parsed.database:
        raise _unusable(setting, "it names no database")
    host, port = parsed.host or "localhost", parsed.port or 3306
    arguments: dict[str, Any] = {
        "charset": "utf8mb4",
        "connect_timeout": 10,
        "read_timeout": 180,
        "write_timeout": 60,
    }
    if "socket" in query:
        arguments["unix_socket"] = query["socket"]
    context = _tls_context(query, setting)
    if context is not None:
        arguments["ssl"] = context
    shown = f"mysql://{host}:{port}/{parsed.database}"
    url = parsed.set(drivername="mysql+pymysql", query={})
    return Location(url, "mysql", shown, arguments=arguments)


def _postgresql(parsed: URL, query: dict[str, str], setting: str) -> Location:
    known = {*_POOL, *_TLS, "schema", "host", "options", "application_name"}
    _only(query, known, setting)
    host, port = query.get("host") or parsed.host or "localhost", parsed.port or 5432
    schema = query.get("schema")
    settings = {
        "timezone": "UTC",
        "statement_timeout": "180s",
        "lock_timeout": "15s",
        "idle_in_transaction_session_timeout": "5min",
    }
    stated = [query["options"]] if "options" in query else []
    arguments: dict[str, Any] = {
        "options": " ".join([*stated, *(f"-c {k}={v}" for k, v in settings.items())]),
        "connect_timeout": 10,
        "tcp_user_timeout": 30_000,
        "application_name": "stakactl",
    }
    arguments |= {name: query[name] for name in ("sslmode", "sslrootcert") if name in query}
    if "host" in query:
        arguments["host"] = query["host"]
    if "sslcert" in query:
        arguments["sslrootcert"] = query["sslcert"]
    if query.get("sslaccept") == "strict" and query.get("sslmode") != "disable":
        arguments["sslmode"] = "verify-full"
        arguments.setdefault("sslrootcert", "system")
    url = parsed.set(drivername="postgresql+psycopg", query={})
    shown = f"postgresql://{host}:{port}/{parsed.database or ''}"
    return Location(url, "postgresql", shown, schema=schema, arguments=arguments)


def _only(query: dict[str, str], known: set[str], setting: str) -> None:
    unknown = next((name for name in query if name not in known), None)
    if unknown is not None:
        raise _unusable(setting, f"{unknown!r} in its query is not known")


def _tls_context(query: dict[str, str], setting: str) -> ssl.SSLContext | None:
    """How MySQL is encrypted: Prisma's `sslaccept` and `sslcert`, or an `sslmode` like libpq's."""
    names = ("sslaccept", "sslmode", "ssl-mode", "ssl_mode")
    wish = next((query[name].lower() for name in names if name in query), None)
    authority = query.get("sslcert") or query.get("sslrootcert")
    if wish in {"disable", "disabled"} or (wish is None and authority is None):
        return None
    if wish is not None and wish not in _VERIFYING | _ENCRYPTING:
        raise _unusable(setting, f"{wish!r} is no way to encrypt: write sslaccept=strict")
    try:
        context = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError):
        raise _unusable(setting, f"the certificate {authority} cannot be read") from None
    if wish in _ENCRYPTING:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _unusable(setting: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"{setting} cannot be used: {reason}",
        hint="write mysql://USER:PASSWORD@HOST:3306/NAME, postgresql://USER:PASSWORD@HOST/NAME or "
        "sqlite:///FILE",
    )
