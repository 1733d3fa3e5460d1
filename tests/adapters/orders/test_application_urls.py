"""URLs of an application's database, as Prisma and others write them."""

import ssl
from pathlib import Path

import pytest

from stakactl.adapters.orders.application.urls import Location, locate
from stakactl.errors import ConfigurationError


def at(url: str, folder: Path = Path("/srv/app")) -> Location:
    return locate(url, "DATABASE_URL", folder)


def test_prismas_mysql() -> None:
    found = at("mysql://user:p%40ss@db.example:3307/shop?connection_limit=5&pool_timeout=10")
    assert (found.kind, found.shown) == ("mysql", "mysql://db.example:3307/shop")
    assert (found.url.drivername, found.url.password) == ("mysql+pymysql", "p@ss")
    assert dict(found.url.query) == {}
    assert found.arguments["charset"] == "utf8mb4"
    assert "ssl" not in found.arguments
    assert "p@ss" not in repr(found)


def test_mysqls_encryption() -> None:
    strict = at("mysql://h/shop?sslaccept=strict").arguments["ssl"]
    assert (strict.verify_mode, strict.check_hostname) == (ssl.CERT_REQUIRED, True)
    lax = at("mysql://h/shop?sslaccept=accept_invalid_certs").arguments["ssl"]
    assert (lax.verify_mode, lax.check_hostname) == (ssl.CERT_NONE, False)
    assert "ssl" not in at("mysql://h/shop?sslmode=disable").arguments
    assert at("mysql://h/shop?socket=/run/db.sock").arguments["unix_socket"] == "/run/db.sock"


def test_prismas_postgresql() -> None:
    found = at("postgres://u:secret@h/shop?schema=app&connection_limit=1&pgbouncer=true")
    assert (found.kind, found.schema) == ("postgresql", "app")
    assert found.shown == "postgresql://h:5432/shop"
    assert "statement_timeout" in found.arguments["options"]
    strict = at("postgresql://h/shop?sslaccept=strict").arguments
    assert (strict["sslmode"], strict["sslrootcert"]) == ("verify-full", "system")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:./dev.db", "/srv/app/dev.db"),
        ("file:./dev.db?connection_limit=1", "/srv/app/dev.db"),
        ("file:/data/dev.db", "/data/dev.db"),
        ("sqlite:///dev.db", "/srv/app/dev.db"),
        ("sqlite:////data/dev.db", "/data/dev.db"),
    ],
)
def test_a_file_of_sqlite(url: str, path: str) -> None:
    found = at(url)
    assert (found.kind, found.path, found.shown) == ("sqlite", Path(path), path)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://u:geheim@h:x/shop", "no database URL"),
        ("mysql://u:geheim@h", "names no database"),
        ("mysql://u:geheim@h/shop?sslidentity=c.p12", "PKCS 12"),
        ("mysql://u:geheim@h/shop?sslaccept=perhaps", "perhaps"),
        ("mysql://u:geheim@h/shop?sslcert=/none/ca.pem", "/none/ca.pem"),
        ("mysql://u:geheim@h/shop?allowPublicKey=1", "allowPublicKey"),
        ("oracle://u:geheim@h/shop", "oracle"),
        ("sqlite://", "needs a file"),
    ],
)
def test_what_cannot_be_used_is_told_without_the_password(url: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        at(url)
    assert "geheim" not in caught.value.message + str(caught.value.hint)
    assert "DATABASE_URL" in caught.value.message
