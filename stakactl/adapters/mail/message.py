"""Letter → RFC 5322 message: the same letter always gives the same bytes."""

import hashlib
import re
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32

from stakactl.adapters.mail.addresses import wire_address
from stakactl.adapters.mail.text import many_lines, one_line
from stakactl.domain.mail import Letter
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


def to_message(letter: Letter) -> EmailMessage:
    """The letter with text and HTML as alternatives, then its attachments."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = wire_message_id(letter.message_id)
    message["Date"] = letter.sent_on
    message["From"] = _mailbox(letter.sender_name, letter.sender)
    message["To"] = _mailbox(letter.recipient_name, letter.recipient)
    if letter.reply_to:
        message["Reply-To"] = Address(addr_spec=wire_address(letter.reply_to))
    message["Subject"] = one_line(letter.subject, MAX_SUBJECT)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies, please
    message.set_content(many_lines(letter.text), cte="quoted-printable")
    message.add_alternative(many_lines(letter.html), subtype="html", cte="quoted-printable")
    for attachment in letter.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(
            attachment.content,
            maintype=main,
            subtype=sub,
            filename=safe_filename(attachment.filename),
        )
    _set_boundaries(message, letter.message_id)
    return message


def to_bytes(letter: Letter) -> bytes:
    """The message for the wire and for an .eml file, lines ending in CRLF.

    It is read back before it is let out: whatever a text made of the e-mail library, a message
    whose headers are not exactly ours is refused.
    """
    try:
        content = to_message(letter).as_bytes()
    except (MessageError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise MailRefused(f"the mail cannot be written: {one_line(str(error))}") from error
    read = BytesHeaderParser(policy=compat32).parsebytes(content)
    names = [name for name in read.keys() if name != "Content-Transfer-Encoding"]  # noqa: SIM118
    wanted = [name for name in _HEADERS if name != "Reply-To" or letter.reply_to]
    if sorted(names) != sorted(wanted) or read.defects:
        raise MailRefused(
            "the mail would have other headers than ours; it is not sent",
            hint="look at the customer's name and the subject for hidden characters",
        )
    return content


def safe_filename(name: str) -> str:
    """A file name that every mail program and file system takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:100] or "attachment"


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=one_line(name, MAX_NAME), addr_spec=wire_address(address))


def _set_boundaries(message: EmailMessage, seed: str) -> None:
    """Boundaries from the Message-ID instead of chance. `=_` cannot occur in a coded part."""
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        digest = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()[:24]
        part.set_boundary(f"=_{digest}")
