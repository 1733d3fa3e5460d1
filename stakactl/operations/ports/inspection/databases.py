"""What `config validate` asks stakactl's own store and the application's database."""

from dataclasses import dataclass
from typing import Protocol

from stakactl.domain.runs import Mode


@dataclass(frozen=True, slots=True)
class StoreSchema:
    """`where` holds no password. `problem` is why the store cannot be used as it is, "" when it
    can; `version` is that of its schema."""

    where: str
    version: str
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """The account and the mode that a store belongs to."""

    account_id: str
    mode: str


class StoreInspector(Protocol):
    """Raises DatabaseError where the store cannot be reached."""

    @property
    def mode(self) -> Mode | None:
        """That of the key; None without one."""

    def schema(self) -> StoreSchema: ...

    def bound(self) -> Bound | None:
        """Of a store whose schema is in order; None where it belongs to nobody yet."""


@dataclass(frozen=True, slots=True)
class OrderSample:
    """Rows that were read; `problems` say which of them cannot be taken, and why."""

    rows: int
    problems: tuple[str, ...]


class OrdersInspector(Protocol):
    """The application's database, read only. Raises DatabaseError, and ConfigurationError where
    the URL, the mapping, or what it says about the tables is wrong."""

    def mapping(self) -> str:
        """Reads the mapping; how it is called."""

    def connect(self) -> str:
        """Asks for nothing but an answer; where the database is, without its password."""

    def fit(self) -> int:
        """Holds the mapping against the tables; how many it names."""

    def sample(self) -> OrderSample:
        """Reads some orders by the mapping."""
