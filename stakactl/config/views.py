"""What wiring hands to each adapter: the settings of one service, checked and complete."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from stakactl.domain.runs import Mode


class StorageProvider(StrEnum):
    LOCAL = "local"
    S3 = "s3"
    MINIO = "minio"


class StripeInvoices(StrEnum):
    ADOPT = "adopt"
    IGNORE = "ignore"


class MailTransport(StrEnum):
    FOLDER = "folder"
    SMTP = "smtp"


class MailSecurity(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class OrdersWrite(StrEnum):
    """What a repair may do where the application keeps its orders itself."""

    OFF = "off"
    REPOST = "repost"
    SQL = "sql"


@dataclass(frozen=True, slots=True)
class ApplicationAccess:
    """The application's own database and webhook.

    `setting` is the name of the setting that holds `url`; relative paths of the URL count from
    `url_folder`, one of the mapping from `folder`. `api_version` is what its webhook parses.
    """

    url: str = field(repr=False)
    mapping: str
    folder: Path
    url_folder: Path
    setting: str
    write: OrdersWrite
    webhook_url: str
    webhook_secret: str = field(repr=False)
    api_version: str | None


@dataclass(frozen=True, slots=True)
class StripeAccess:
    """`api_base` is None for Stripe itself."""

    secret_key: str = field(repr=False)
    mode: Mode
    api_base: str | None
    requests_per_second: int
    timeout_seconds: int
    retry_seconds: int


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where PDFs go. `bucket` and what follows are empty for a local folder.

    `access_key` is None where the machine's own role is used; `endpoint_url` is None on AWS.
    """

    provider: StorageProvider
    bucket: str = ""
    region: str | None = None
    endpoint_url: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How mails go out, and in whose name. The server's fields are empty for a folder.

    `sender` is a bare address, `sender_for_notices` that of mails about no invoice; `reply_to` is
    None where answers go to the sender.
    """

    transport: MailTransport
    sender: str
    sender_for_notices: str
    sender_name: str
    reply_to: str | None
    host: str = ""
    port: int = 0
    security: MailSecurity = MailSecurity.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
