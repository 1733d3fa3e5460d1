"""Recording fakes of the ports that deliver: store, spool, letters, mail."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256

from stakactl.adapters.mail.addresses import wire_address
from stakactl.adapters.storage.keys import check_key
from stakactl.domain.letters import LetterContent
from stakactl.domain.mail import Letter, QueuedMail
from stakactl.errors import DiskError, MailError, ServiceError, StorageConflict, StorageError
from stakactl.operations.ports import SignedLink, StoredObject
from stakactl.operations.ports.mail import nothing


class FakeInvoiceStore:
    """`failure` is raised by every call while it is set, those of `failures` by calls for their
    key, those of `moves_fail` by change_class. `classes` holds storage classes other than the
    standard one. `older` holds, where it is `versioned`, what lay under a key before, oldest
    first."""

    def __init__(self, *, versioned: bool = False) -> None:
        self.objects: dict[str, bytes] = {}
        self.older: dict[str, list[bytes]] = {}
        self.puts: list[str] = []
        self.gets: list[str] = []
        self.classes: dict[str, str] = {}
        self.moves_fail: dict[str, StorageError] = {}
        self.retained: dict[str, date | None] = {}
        self.failure: StorageError | None = None
        self.failures: dict[str, StorageError] = {}
        self._versioned = versioned

    def put_if_absent(self, key: str, pdf: bytes, retain_until: date | None = None) -> None:
        check_key(key)
        self.retained[key] = retain_until
        self.puts.append(key)
        self._asked(key)
        if self.objects.setdefault(key, pdf) != pdf:
            raise StorageConflict(f"{key} holds other bytes")

    def get(self, key: str) -> bytes | None:
        self._asked(key)
        self.gets.append(key)
        return self.objects.get(key)

    def head(self, key: str) -> StoredObject | None:
        self._asked(key)
        return self._described(key) if key in self.objects else None

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        self._asked(f"{prefix}x")
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield self._described(key)

    def older_versions(self, key: str) -> list[str]:
        self._asked(key)
        return [str(number) for number in reversed(range(len(self.older.get(key, []))))]

    def get_version(self, key: str, version: str) -> bytes | None:
        self._asked(key)
        known = version in self.older_versions(key)
        return self.older[key][int(version)] if known else None

    def supersede(
        self, key: str, pdf: bytes, current: StoredObject, retain_until: date | None = None
    ) -> bool:
        self._asked(key)
        self.retained[key] = retain_until
        if not self._versioned:
            return False
        if self.head(key) != current:
            raise StorageConflict(f"{key} was changed meanwhile")
        self.replace(key, pdf)
        return True

    @property
    def has_classes(self) -> bool:
        return True

    def change_class(self, current: StoredObject, storage_class: str) -> None:
        seen = self.head(current.key)
        if seen is None or seen.fingerprint != current.fingerprint:
            raise StorageConflict(f"{current.key} was changed meanwhile")
        if current.key in self.moves_fail:
            raise self.moves_fail[current.key]
        self.classes[current.key] = storage_class

    def link(self, key: str, seconds: int) -> SignedLink:
        self._asked(key)
        return SignedLink(f"fake://{key}?seconds={seconds}", seconds)

    def location(self, key: str) -> str:
        return f"fake://{key}"

    def replace(self, key: str, content: bytes) -> None:
        """What somebody else does to an object."""
        self.delete(key)
        self.objects[key] = content

    def delete(self, key: str) -> None:
        content = self.objects.pop(key)
        if self._versioned:
            self.older.setdefault(key, []).append(content)

    def _asked(self, key: str) -> None:
        check_key(key)
        failure = self.failure or self.failures.get(key)
        if failure is not None:
            raise failure

    def _described(self, key: str) -> StoredObject:
        content = self.objects[key]
        digest = sha256(content).hexdigest()
        storage_class = self.classes.get(key, "STANDARD")
        return StoredObject(key, len(content), digest[:16], storage_class=storage_class)


class FakeSpool:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.discarded: list[str] = []
        self.failure: ServiceError | None = None

    def save(self, invoice_id: str, pdf: bytes) -> None:
        if self.failure is not None:
            raise self.failure
        self.files[invoice_id] = pdf

    def load(self, invoice_id: str) -> bytes | None:
        return self.files.get(invoice_id)

    def discard(self, invoice_id: str) -> None:
        self.discarded.append(invoice_id)
        self.files.pop(invoice_id, None)

    def waiting(self) -> list[str]:
        return sorted(self.files)


class FakeMailer:
    """`failures` are raised by recipient; `can_tell` is whether was_delivered() knows."""

    def __init__(self, *, can_tell: bool = True) -> None:
        self.sent: list[Letter] = []
        self.attempts: list[str] = []
        self.failures: dict[str, MailError] = {}
        self.closed = 0
        self._can_tell = can_tell

    def prepare(self, letter: Letter) -> None:
        """Nothing to do."""

    def send(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> None:
        recipient = wire_address(letter.recipient)
        self.attempts.append(recipient)
        meanwhile()
        if recipient in self.failures:
            raise self.failures[recipient]
        self.sent.append(letter)

    def was_delivered(self, message_id: str) -> bool | None:
        if not self._can_tell:
            return None
        return any(letter.message_id == message_id for letter in self.sent)

    def close(self) -> None:
        self.closed += 1


class FakeReports:
    """`failure` is raised by a read while it is set."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.failure: DiskError | None = None

    def read(self, name: str) -> bytes | None:
        if self.failure is not None:
            raise self.failure
        return self.kept.get(name)


class FakePace:
    """Time passes for nobody; how often somebody waited is in `waited`."""

    def __init__(self, ahead: int = 1) -> None:
        self.ahead = ahead
        self.waited = 0

    def wait(self) -> None:
        self.waited += 1


class FakeLetterWriter:
    """Letters without any wording; what was asked for is in `asked`."""

    def __init__(self, sent_on: datetime = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)) -> None:
        self.asked: list[tuple[QueuedMail, LetterContent]] = []
        self._sent_on = sent_on

    def write(self, mail: QueuedMail, content: LetterContent) -> Letter:
        self.asked.append((mail, content))
        title = f"{content.template}.{content.language} about {mail.subject_id}"
        return Letter(
            message_id=mail.message_id,
            sender="invoices@example.com",
            sender_name="Company",
            recipient=wire_address(mail.recipient),
            recipient_name=content.name,
            subject=title,
            text=f"{title}\n",
            html=f"<p>{title}</p>\n",
            sent_on=self._sent_on,
            attachments=content.attachments,
        )
