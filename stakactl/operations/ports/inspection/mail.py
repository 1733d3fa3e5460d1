"""What `config validate` asks the mail server. No mail is sent, none is even begun."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MailExpectations:
    """What the settings say. `sender` is "" where none is set; `is_local`: nothing that is sent
    leaves this machine unencrypted."""

    place: str
    sender: str
    encrypted: bool
    is_local: bool
    has_user: bool


class MailHurdle(StrEnum):
    """What stands between us and the first mail, in the order in which one meets it."""

    NETWORK = "network"
    TLS = "tls"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class MailAccess:
    """`hurdle` is None where everything was well; `message` and `hint` are about it.

    `protocol` ("TLSv1.3") and the end of the certificate are those of an encrypted connection;
    `seen_at` is when it was made.
    """

    hurdle: MailHurdle | None
    seen_at: datetime
    message: str = ""
    hint: str = ""
    protocol: str = ""
    certificate_ends_at: datetime | None = None


class MailInspector(Protocol):
    @property
    def expectations(self) -> MailExpectations: ...

    def access(self) -> MailAccess:
        """Connects, encrypts, logs in, says goodbye."""
