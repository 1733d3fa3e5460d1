"""The services that CI must offer answer; elsewhere a missing one is skipped, loudly."""

import os
import socket

import pytest

REQUIRED = os.environ.get("STAKACTL_TEST_REQUIRE_SERVICES") == "1"


def answer(port: int, question: bytes = b"") -> bytes:
    """The first bytes of a server on this machine, b"" when nobody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(question)
            return connection.recv(64)
    except OSError:
        return b""


@pytest.mark.parametrize(
    ("service", "port", "question", "expected"),
    [
        # A client that asks for TLS gets one byte: S or N.
        ("PostgreSQL", 5432, bytes.fromhex("0000000804d2162f"), (b"S", b"N")),
        ("MariaDB", 3306, b"", (b"MariaDB",)),
        ("Redis", 6379, b"PING\r\n", (b"+PONG",)),
    ],
)
def test_a_required_service_answers(
    service: str, port: int, question: bytes, expected: tuple[bytes, ...]
) -> None:
    seen = answer(port, question)
    if not seen and not REQUIRED:
        pytest.skip(f"NO {service} on port {port}: what needs it was not tested")
    assert any(word in seen for word in expected), f"{service} on port {port} said {seen!r}"
