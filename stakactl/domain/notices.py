"""Who is told of a maintenance, and which mails told them."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

#: Customers who were here within this time are told, where nothing else is said.
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A customer's address, and how they are greeted; `locale` is that of their last order."""

    email: str
    name: str
    locale: str


def notice_subject(notice_id: str, email: str) -> str:
    """What a notice is about: a maintenance, and one person once, however they write themselves."""
    person = sha256(email.strip().casefold().encode()).hexdigest()[:16]
    return f"{notice_id}/{person}"


def notice_of(subject_id: str) -> str:
    """The maintenance of a notice."""
    return subject_id.rpartition("/")[0]
