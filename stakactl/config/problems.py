"""What can be wrong with a setting, said without ever repeating a secret."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Beginnings that tell what kind of credential a value is; nothing after them is ever shown.
_PREFIXES = (
    "sk_live_ sk_test_ sk_org_ rk_live_ rk_test_ pk_live_ pk_test_ whsec_ SG. AKIA ASIA eyJ"
).split()
_USERINFO = re.compile(r"://[^/@\s]*@")


class Invalid(ValueError):
    """A value that a setting cannot take: what is wrong with it, and what to write instead."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Problem:
    """One setting that is wrong. `origin` is "environment", "FILE:LINE" or "" (nowhere set).

    `usable`: no command runs with it, but what it leads to can be looked at.
    """

    setting: str
    origin: str
    reason: str
    hint: str = ""
    usable: bool = False

    def __str__(self) -> str:
        head = " ".join(filter(None, (self.setting, f"({self.origin})" if self.origin else "")))
        return f"{head}: {self.reason}" + (f"; hint: {self.hint}" if self.hint else "")


def as_message(problems: Iterable[Problem]) -> str:
    """All problems as one message, one line each."""
    listed = [str(problem) for problem in problems]
    what = "1 setting is wrong" if len(listed) == 1 else f"{len(listed)} settings are wrong"
    return "\n  ".join([f"{what}:", *listed])


def secret_shape(value: str) -> str:
    """What may be said of a secret: how long it is and the class its beginning tells."""
    prefix = next((known for known in _PREFIXES if value.startswith(known)), None)
    begins = f'begins with "{prefix}"' if prefix else "begins with no known prefix"
    return f"has {len(value)} characters and {begins}"


def shown(value: object) -> str:
    """A value as it may stand in a message: quoted, one line, short, credentials masked."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(value))
    if any(prefix in text for prefix in _PREFIXES) or _USERINFO.search(text):
        return f"a value that holds a credential ({len(text)} characters)"
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
