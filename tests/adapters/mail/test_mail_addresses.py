"""Addresses: what is taken, what is refused, and why."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.adapters.mail.addresses import wire_address
from stakactl.errors import MailRefused
from tests.adapters.mail.hostile import HOSTILE


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ("lea.martin@example.com", "lea.martin@example.com"),
        (" lea@example.com ", "lea@example.com"),
        ("Lea+tag_x-1@Example.COM", "Lea+tag_x-1@example.com"),
        ("o'neil!#$%&*/?=^`{|}~@example.com", "o'neil!#$%&*/?=^`{|}~@example.com"),
        ("léa@exemple.fr", None),
        ("lea@été.fr", "lea@xn--t-9fab.fr"),
        ("lea@ÉTÉ.fr", "lea@xn--t-9fab.fr"),
        ("lea@例え.テスト", "lea@xn--r8jz45g.xn--zckzah"),
        ("lea@xn--t-9fab.fr", "lea@xn--t-9fab.fr"),
        ("lea@straße.de", None),  # IDNA 2003 would make it strasse.de, somebody else's
        ("lea@a\u200cb.example", None),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
        ("a" * 65 + "@example.com", None),
        ("a@" + "b" * 64 + ".com", None),
        ("a@" + ".".join(["b" * 60] * 5), None),
        ("", None),
        ("lea", None),
        ("lea@", None),
        ("@example.com", None),
        ("lea@example", None),
        ("lea@example.123", None),
        ("lea@[127.0.0.1]", None),
        ("lea@exa_mple.com", None),
        ("lea@-example.com", None),
        ("lea@example..com", None),
        ("lea@example.com.", None),
        (".lea@example.com", None),
        ("lea.@example.com", None),
        ("le..a@example.com", None),
        ("lea@example.com@example.org", None),
        ("lea@example.com,bob@example.com", None),
        ("lea@example.com;bob@example.com", None),
        ("lea@example.com bob@example.com", None),
        ("Léa <lea@example.com>", None),
        ('"lea martin"@example.com', None),
        ("lea(comment)@example.com", None),
        ("lea@example.com\r\nBcc: x@example.com", None),
        ("lea@example.com\n", None),
        ("lea\x00@example.com", None),
        ("lea\u202e@example.com", None),
        ("lea\u00a0@example.com", None),
        ("=?utf-8?q?lea?=@example.com", None),
        ("lea@example.com\ud800", None),
    ],
)
def test_addresses(given: str, wire: str | None) -> None:
    if wire is not None:
        assert wire_address(given) == wire
        return
    with pytest.raises(MailRefused, match="no mail can be sent to") as caught:
        wire_address(given)
    assert caught.value.message.isascii()
    assert caught.value.message.isprintable()
    assert caught.value.hint


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_address_is_refused(text: str) -> None:
    for address in (text, f"{text}@example.com" if "@" not in text else text):
        try:
            wire = wire_address(address)
        except MailRefused:
            continue
        _is_plain(wire)


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_taken_is_plain(local: str, domain: str) -> None:
    with contextlib.suppress(MailRefused):
        _is_plain(wire_address(f"{local}@{domain}"))


def _is_plain(wire: str) -> None:
    assert wire.isascii()
    assert wire.isprintable()
    assert wire.count("@") == 1
    assert not set(wire) & set(' ,;<>"()[]\\:')
