"""What is known about this invocation before, while and after its command runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.runs import Mode


class Untranslated(Exception):
    """An OSError of a command body, which an adapter should have translated: a bug of ours.

    It is wrapped so that the boundary cannot take it for a failure of standard output.
    """


@dataclass(slots=True)
class Invocation:
    """Filled in by the command as it learns more; the boundary reads it when something fails.

    `answered` is true once the result is on standard output: a second object must not follow.
    `masked` takes the secrets out of a text, as soon as the command knows them.
    """

    argv: Sequence[str]
    started_at: datetime
    command: str = ""
    mode: Mode | None = None
    run_id: str | None = None
    answered: bool = False
    masked: Callable[[str], str] = str

    @property
    def debug(self) -> bool:
        return "--debug" in _options(self.argv)

    @property
    def wants_json(self) -> bool:
        """Whether JSON was asked for, read from the raw arguments: a usage error comes before
        anything is parsed. The last `--output` wins, as it does for the parser."""
        wanted = ""
        arguments = _options(self.argv)
        for index, argument in enumerate(arguments):
            following = arguments[index + 1] if index + 1 < len(arguments) else ""
            if argument in ("--output", "-o"):
                wanted = following
            elif argument.startswith("--output="):
                wanted = argument.removeprefix("--output=")
            elif argument[:1] == "-" and argument[1:2] != "-" and "o" in argument:
                flags, _, value = argument[1:].partition("o")
                if set(flags) <= set("qv"):
                    wanted = value or following
        return wanted == "json"


def _options(argv: Sequence[str]) -> Sequence[str]:
    return argv[: argv.index("--")] if "--" in argv else argv
