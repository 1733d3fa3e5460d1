"""Letter → RFC 5322 message: the same letter always gives the same bytes."""

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import format_datetime

from stakactl.adapters.mail.addresses import wire_address
from stakactl.adapters.mail.header import mailbox_field, text_field
from stakactl.adapters.mail.text import many_lines, one_line
from stakactl.domain.mail import Attachment, Letter
from stakactl.errors import MailRefused

MAX_NAME, MAX_SUBJECT = 70, 200

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]{1,150}@[A-Za-z0-9.-]{1,80}>")
_HEADERS = [
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "Reply-To",
    "MIME-Version",
    "Content-Type",
]


def wire_message_id(message_id: str) -> str:
    """The Message-ID with its angle brackets."""
    bare = message_id.strip()
    result = bare if bare.startswith("<") else f"<{bare}>"
    if not _MESSAGE_ID.fullmatch(result):
        raise MailRefused(f"not a usable Message-ID: {message_id[:80]!a}")
    return result


def to_bytes(letter: Letter) -> bytes:
    """The message for the wire and for an .eml file, lines ending in CRLF: text and HTML as
    alternatives, then the attachments.

    Its header is read back before it is let out: whatever a text did to it, a message
    whose headers are not exactly ours is refused.
    """
    try:
        head, body = _head(letter), _body(letter)
    except ValueError as error:
        raise MailRefused(f"the mail cannot be written: {one_line(str(error))}") from error
    read = BytesHeaderParser(policy=compat32).parsebytes(head)
    wanted = [name for name in _HEADERS if name != "Reply-To" or letter.reply_to]
    if sorted(read.keys()) != sorted(wanted) or read.defects or read.get_payload():
        raise MailRefused(
            "the mail would have other headers than ours; it is not sent",
            hint="look at the customer's name and the subject for hidden characters",
        )
    return head + b"\r\n" + body


def _head(letter: Letter) -> bytes:
    kind = "mixed" if letter.attachments else "alternative"
    ours = (
        f"Message-ID: {wire_message_id(letter.message_id)}\r\n"
        f"Date: {format_datetime(letter.sent_on)}\r\n"
        "Auto-Submitted: auto-generated\r\n"  # RFC 3834: no holiday replies, please
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/{kind}; boundary="{_boundary(letter, 0)}"\r\n'
    )
    sender = _mailbox("From", letter.sender_name, letter.sender)
    answers = _mailbox("Reply-To", "", letter.reply_to) if letter.reply_to else b""
    return b"".join(
        (
            ours.encode("ascii"),
            sender,
            answers,
            _mailbox("To", letter.recipient_name, letter.recipient),
            text_field("Subject", one_line(letter.subject, MAX_SUBJECT)),
        )
    )


def _mailbox(header: str, name: str, address: str) -> bytes:
    return mailbox_field(header, one_line(name, MAX_NAME), wire_address(address))


def _body(letter: Letter) -> bytes:
    """Put together by hand: the library's objects would take longer than the mail server does."""
    alternatives = [_text("plain", letter.text), _text("html", letter.html)]
    if not letter.attachments:
        return _joined(_boundary(letter, 0), alternatives)
    inner = _boundary(letter, 1)
    first = f'Content-Type: multipart/alternative; boundary="{inner}"\r\n\r\n'.encode()
    parts = [first + _joined(inner, alternatives), *map(_attached, letter.attachments)]
    return _joined(_boundary(letter, 0), parts)


def _joined(boundary: str, parts: list[bytes]) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(b"%s\r\n%s\r\n" % (mark, part) for part in parts) + mark + b"--\r\n"


def _text(subtype: str, text: str) -> bytes:
    head = (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    coded = b2a_qp(many_lines(text).encode(), istext=True, quotetabs=False)
    return head.encode() + coded.replace(b"\n", b"\r\n")


def _attached(attachment: Attachment) -> bytes:
    head = (
        f"Content-Type: {attachment.media_type}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{safe_filename(attachment.filename)}"\r\n\r\n'
    )
    return head.encode("ascii") + encodebytes(attachment.content).replace(b"\n", b"\r\n")


def safe_filename(name: str) -> str:
    """A file name that every mail program and file system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:100] or "attachment"


def _boundary(letter: Letter, number: int) -> str:
    """From the Message-ID instead of chance. `=_` cannot occur in a coded part."""
    digest = hashlib.sha256(f"{letter.message_id}/{number}".encode()).hexdigest()[:24]
    return f"=_{digest}"
