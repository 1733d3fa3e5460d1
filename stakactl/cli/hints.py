"""Commands in hints, as the person has to type them."""

import re
from dataclasses import replace

from stakactl.cli.catalogue import COMMANDS
from stakactl.output.view import View

_ALONE = frozenset({"demo", "init", "db"})  # they make a home, or are of the demo already
_NAMED = (f"{name} [a-z]+" if entry.is_group else name for name, entry in COMMANDS.items())
_COMMAND = re.compile(
    r"\bstakactl (?:"
    + "|".join(name for name in _NAMED if name.partition(" ")[0] not in _ALONE)
    + r")(?![\w-])"
)


def for_demo(text: str) -> str:
    """In the demo every command needs --demo: without it, it would look for a real home."""
    return text if "--demo" in text else _COMMAND.sub(r"\g<0> --demo", text)


def view_for_demo(view: View) -> View:
    """`view` with the commands of its notes and sections."""
    sections = (replace(s, lines=tuple(map(for_demo, s.lines))) for s in view.sections)
    return replace(
        view,
        notes=tuple(map(for_demo, view.notes)),
        sections=tuple(sections),
        empty=for_demo(view.empty),
    )
