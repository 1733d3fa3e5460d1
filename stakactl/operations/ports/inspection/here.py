"""What `config validate` learns without asking a service: settings, folders, the user's files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from stakactl.domain.invoicing import Company


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """A setting (or a line of the `.env`) that cannot be as it is.

    `usable`: its value works all the same, so that whatever needs it can still be looked at.
    """

    setting: str
    reason: str
    hint: str
    usable: bool = False


@dataclass(frozen=True, slots=True)
class SettingWarning:
    """What is allowed but should be looked at; `setting` is "" where it is about no single one."""

    setting: str
    text: str


@dataclass(frozen=True, slots=True)
class SettingsFacts:
    """The settings as far as they are good, and what is wrong with the others.

    `given` are the names of those that are set and good, in the order of `.env.example`. `origins`
    says where a name stands: "FILE:LINE", "environment" or "demo"; it lacks what is not set.
    """

    given: tuple[str, ...]
    origins: Mapping[str, str]
    problems: tuple[SettingProblem, ...]
    warnings: tuple[SettingWarning, ...]
    demo: bool
    production: bool
    company: Company
    tax_rate: Decimal | None
    invoices_since: datetime | None
    now: datetime

    @property
    def wrong(self) -> frozenset[str]:
        """The settings with a problem."""
        return frozenset(problem.setting for problem in self.problems)

    @property
    def unusable(self) -> frozenset[str]:
        """Those whose service cannot be looked at."""
        return frozenset(problem.setting for problem in self.problems if not problem.usable)


class SettingsInspector(Protocol):
    def facts(self) -> SettingsFacts: ...

    def masked(self, text: str) -> str:
        """`text` without any of the secrets that are set."""


@dataclass(frozen=True, slots=True)
class EnvFileFacts:
    """`mode` are the permission bits; None where the system has none."""

    path: str
    mode: int | None


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """`writable` is about the nearest folder that exists (`looked_at`), as is the space."""

    path: str
    exists: bool
    is_folder: bool
    looked_at: str
    writable: bool
    free_bytes: int
    used_percent: int


class MachineInspector(Protocol):
    def env_file(self) -> EnvFileFacts | None:
        """None where the settings come from the environment only."""

    def home(self) -> HomeFacts: ...


@dataclass(frozen=True, slots=True)
class LetterSample:
    """One letter with sample data; `problem` is "" when it could be written."""

    name: str
    problem: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """`folder` is the user's own (NOTIFICATION_TEMPLATES_PATH), None where none is set.

    `own` are its templates, `taken` those of them that have the name of a bundled one.
    """

    samples: tuple[LetterSample, ...]
    folder: str | None = None
    folder_exists: bool = False
    own: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """Who gets alerts; `chat_host` is all that may be shown of the chat's address."""

    enabled: bool
    email: str | None
    chat_host: str | None


@dataclass(frozen=True, slots=True)
class AlertRuleFacts:
    """How many rules are in use; `own` is the user's file, None where none is set."""

    in_use: int
    own: str | None


class AlertInspector(Protocol):
    def ways(self) -> AlertFacts: ...

    def rules(self) -> AlertRuleFacts:
        """Raises ConfigurationError for a file of the user's that cannot be used."""


@dataclass(frozen=True, slots=True)
class ChecklistFacts:
    """How many checklists and items there are; `own` is the user's file, None where none is set."""

    lists: int
    items: int
    own: str | None


class ChecklistInspector(Protocol):
    def lists(self) -> ChecklistFacts:
        """Raises ConfigurationError for a file of the user's that cannot be used."""


class LetterInspector(Protocol):
    def letters(self) -> LetterFacts:
        """Every letter in every language, made of sample data; nothing is sent."""
