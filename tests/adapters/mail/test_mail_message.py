"""Messages read back: exactly our headers, whatever stands in a name or a subject."""

import email
import re
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.adapters.mail import message as message_module
from stakactl.adapters.mail.message import safe_filename, to_bytes, wire_message_id
from stakactl.adapters.mail.text import many_lines, one_line
from stakactl.domain.mail import Attachment, Letter
from stakactl.errors import MailRefused
from tests.adapters.mail.hostile import HOSTILE
from tests.contracts.mailer import a_letter

HEADERS = [
    "message-id",
    "date",
    "from",
    "to",
    "subject",
    "auto-submitted",
    "mime-version",
    "content-type",
]


def _read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def _lines(part: EmailMessage) -> str:
    content = part.get_content()
    assert isinstance(content, str)
    return content.replace("\r\n", "\n")


def _shown(content: bytes, header: str) -> str:
    """What a mail program shows; Python's newer parser keeps spaces between encoded words."""
    raw = email.message_from_bytes(content, policy=policy.compat32)[header].replace("\r\n", "")
    if header != "Subject":
        raw = parseaddr(raw)[0]
    return str(make_header(decode_header(raw)))


def _assert_exactly_ours(letter: Letter) -> EmailMessage:
    """Read twice: by Python's parser, and line by line as the crudest server would."""
    content = to_bytes(letter)
    head, _, _ = content.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    starts = [line.split(b":")[0].lower().decode() for line in lines if line[:1] not in b" \t"]
    assert sorted(starts) == sorted(HEADERS)
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    message = _read(content)
    assert sorted(name.lower() for name in message.keys()) == sorted(HEADERS)  # noqa: SIM118
    assert message["To"].addresses[0].addr_spec == "lea.martin@example.com"
    assert message["From"].addresses[0].addr_spec == "factures@example.com"
    assert len(message["To"].addresses) == len(message["From"].addresses) == 1
    return message


def test_a_letter_is_complete() -> None:
    letter = a_letter()
    message = _assert_exactly_ours(letter)
    assert message["Message-ID"] == letter.message_id
    assert message["Date"].datetime == letter.sent_on
    assert message["Subject"] == letter.subject
    assert message["To"] == "Léa Martin <lea.martin@example.com>"
    assert message.get_content_type() == "multipart/mixed"
    alternative, attachment = message.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    assert isinstance(alternative, EmailMessage)
    text, html = alternative.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content_type() == "text/plain"
    assert _lines(text) == letter.text
    assert html.get_content_type() == "text/html"
    assert _lines(html) == letter.html
    assert isinstance(attachment, EmailMessage)
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_filename() == "FACT-2026-000001.pdf"
    assert attachment.get_content() == letter.attachments[0].content


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert to_bytes(a_letter()) == to_bytes(a_letter())


def test_only_ascii_travels() -> None:
    assert to_bytes(a_letter(text="é" * 2000, html="<p>é</p>" * 500)).isascii()


@pytest.mark.parametrize("field", ["sender_name", "recipient_name", "subject"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_stays_a_text(field: str, text: str) -> None:
    letter = a_letter(**{field: text})
    _assert_exactly_ours(letter)
    header = {"sender_name": "From", "recipient_name": "To", "subject": "Subject"}[field]
    shown = _shown(to_bytes(letter), header)
    limit = 200 if field == "subject" else 70
    assert len(shown) <= limit
    assert shown.isprintable() or any(char in shown for char in "\u200b\ufeff\u200d\u00a0\ufffe")
    assert shown == one_line(text, limit)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_body_stays_a_body(text: str) -> None:
    message = _assert_exactly_ours(a_letter(text=text, html=text))
    assert len(list(message.iter_parts())) == 2
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    assert _lines(body).rstrip("\n") == many_lines(text).rstrip("\n")


@given(st.text(), st.text(), st.text())
def test_any_text_stays_a_text(name: str, sender: str, subject: str) -> None:
    _assert_exactly_ours(a_letter(recipient_name=name, sender_name=sender, subject=subject))


@given(
    st.lists(
        st.sampled_from(
            [
                "=?",
                "?=",
                "utf-8",
                "?q?",
                "?b?",
                "=0D=0A",
                "\r\n",
                "Bcc: x",
                " ",
                "a",
                "é",
                ",",
                '"',
                "<",
                "\\",
                "\t",
                "DQo=",
            ]
        )
    )
)
def test_any_mixture_of_dangerous_pieces_stays_a_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    _assert_exactly_ours(a_letter(recipient_name=text, subject=text))


def test_a_planted_bug_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the cleaning a line break would be a second header: the message does not leave. An
    encoded word, which Python 3.11.7 itself would turn into one, is only a text."""
    monkeypatch.setattr(message_module, "one_line", lambda text, _=0: text)
    with pytest.raises(MailRefused):
        to_bytes(a_letter(subject="a\r\nBcc: evil@example.org"))
    with pytest.raises(MailRefused):
        to_bytes(a_letter(recipient_name="a\r\n\r\nbody"))
    hidden = "=?utf-8?q?a=0D=0ABcc:_evil@example.org?="
    assert _shown(to_bytes(a_letter(subject=hidden)), "Subject") == hidden


@pytest.mark.parametrize("field", ["sender", "recipient"])
def test_an_address_is_no_place_for_headers(field: str) -> None:
    with pytest.raises(MailRefused):
        to_bytes(a_letter(**{field: "a@example.com\r\nBcc: evil@example.org"}))


@pytest.mark.parametrize(
    "message_id", ["", "<>", "<a b@c>", "<a@b>\r\nX: y", "a", "<" + "a" * 300 + "@b>"]
)
def test_a_message_id_is_checked(message_id: str) -> None:
    with pytest.raises(MailRefused, match="Message-ID"):
        to_bytes(a_letter(message_id=message_id))


@pytest.mark.parametrize("length", [1, 60, 150])
def test_a_message_id_is_never_folded_away(length: int) -> None:
    message_id = wire_message_id("i" * length + "@stakactl.example")
    assert f"Message-ID: {message_id}\r\n".encode() in to_bytes(a_letter(message_id=message_id))


@pytest.mark.parametrize(
    "name", ["../../x.pdf", "a\r\nX: y.pdf", 'a"; filename="b.exe', "é.pdf", ""]
)
def test_a_file_name_is_harmless(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", safe_filename(name))
    content = to_bytes(a_letter(attachments=(Attachment(name, b"x"),)))
    part = list(_read(content).iter_attachments())[0]  # noqa: RUF015
    assert isinstance(part, EmailMessage)
    assert part.get_filename() == safe_filename(name)


def test_a_date_before_and_after_the_change_of_clocks() -> None:
    content = to_bytes(a_letter(sent_on=datetime(2026, 10, 25, 1, 30, tzinfo=UTC)))
    assert b"Date: Sun, 25 Oct 2026 01:30:00 +0000\r\n" in content
