"""Every error a person can meet, and the exit code each of them means.

    StakactlError                    70  a bug of ours
    ├── UsageError                    2  a value given on the command line or in a file
    │   └── ImportRejected            2  an order file with bad rows
    ├── ConfigurationError            3  a setting is missing or malformed
    │   ├── StoreMissing              3  no database where we looked
    │   ├── StoreOutdated             3  a migration is pending, or the schema is newer than we are
    │   └── StoreForeign              3  the database, account or mode is somebody else's
    ├── ServiceError                  4  a service failed
    │   ├── StripeError               4  Stripe refused, failed or could not be reached
    │   ├── DatabaseError             4  the database failed or could not be reached
    │   ├── StorageError              4  the PDF store failed or could not be reached
    │   │   └── StorageConflict       4  other bytes stand under this key; nothing was overwritten
    │   ├── MailError                 4  the mail server failed or could not be reached
    │   │   ├── MailRefused           4  a permanent no to one mail (5xx)
    │   │   ├── MailDeferred          4  a passing no to one mail (4xx)
    │   │   ├── MailUncertain         4  the answer was lost: nobody knows whether it arrived
    │   │   └── MailWithdrawn         4  nobody wants this mail any more: what it says has passed
    │   ├── CopyError                 4  the application does not see the maintenance flag
    │   ├── WebhookError              4  the application's or a chat's refused or did not answer
    │   ├── DiskError                 4  the disk is full or not writable
    │   └── WorkerError               4  a process that worked for this one ended
    ├── NotFound                      2  an id that we do not know
    ├── Refused                       5  a guard said no
    │   ├── BackupDamaged             5  a backup is not as it was written
    │   └── Declined                  5  the user said no, or could not be asked
    ├── LockHeld                      7  another run holds the lock
    └── Interrupted                 130  Ctrl-C; what was done is kept

Adapters translate foreign exceptions into these; nothing else is caught at the boundary but
what is written here.
"""

from enum import IntEnum
from typing import Any


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    CONFIGURATION = 3
    INCOMPLETE = 4
    REFUSED = 5
    PARTIAL = 6
    LOCKED = 7
    BUG = 70
    INTERRUPTED = 130


class StakactlError(Exception):
    """Base of all errors with a message and a hint for a person.

    `message` says what happened and where; `hint` says what to type or change next.
    Neither holds a secret.
    """

    exit_code = ExitCode.BUG
    code = "internal"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes, those with further fields too."""
        return _made_again, (type(self), self.message, self.__dict__)


def _made_again(kind: type[StakactlError], message: str, fields: dict[str, Any]) -> StakactlError:
    error = kind.__new__(kind, message)
    error.__dict__.update(fields)
    return error


class UsageError(StakactlError):
    exit_code = ExitCode.USAGE
    code = "usage"


class ImportRejected(UsageError):
    """A file of orders, or of an invoice, of which nothing was taken; `problems` name the place."""

    code = "import_rejected"

    def __init__(self, message: str, problems: tuple[str, ...], *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class ConfigurationError(StakactlError):
    exit_code = ExitCode.CONFIGURATION
    code = "configuration"


class StoreMissing(ConfigurationError):
    code = "store_missing"


class StoreOutdated(ConfigurationError):
    code = "store_outdated"


class StoreForeign(ConfigurationError):
    code = "store_foreign"


class ServiceError(StakactlError):
    exit_code = ExitCode.INCOMPLETE
    code = "service"


class StripeError(ServiceError):
    code = "stripe"


class DatabaseError(ServiceError):
    code = "database"


class StorageError(ServiceError):
    code = "storage"


class StorageConflict(StorageError):
    code = "storage_conflict"


class MailError(ServiceError):
    code = "mail"


class MailRefused(MailError):
    code = "mail_refused"


class MailDeferred(MailError):
    code = "mail_deferred"


class MailUncertain(MailError):
    code = "mail_uncertain"


class MailWithdrawn(MailError):
    code = "mail_withdrawn"


class CopyError(ServiceError):
    code = "maintenance_copy"


class WebhookError(ServiceError):
    code = "webhook"


class DiskError(ServiceError):
    code = "disk"


class WorkerError(ServiceError):
    code = "worker"


class NotFound(StakactlError):
    exit_code = ExitCode.USAGE
    code = "not_found"


class Refused(StakactlError):
    exit_code = ExitCode.REFUSED
    code = "refused"


class BackupDamaged(Refused):
    code = "backup_damaged"


class Declined(Refused):
    code = "declined"


class LockHeld(StakactlError):
    exit_code = ExitCode.LOCKED
    code = "locked"


class Interrupted(StakactlError):
    exit_code = ExitCode.INTERRUPTED
    code = "interrupted"
