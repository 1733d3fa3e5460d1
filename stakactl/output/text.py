"""The one boundary that foreign text passes before a terminal, a spreadsheet or a log sees it.

A customer's name can hold escape sequences that move the cursor, live links, text that reads
backwards, and spreadsheet formulas. Tables are printed without markup, so brackets need no care
beyond `plain`, which makes a `rich.text.Text` that nobody parses.
"""

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"
#: C0, DEL, C1, bidi marks and overrides, zero-width and invisible characters, tags.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_BLANK = re.compile(f"[{_BLANKS}]+")
_CONTROL = re.compile(f"[{_INVISIBLE}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_IN_JSON = re.compile(f"[{_INVISIBLE}\ud800-\udfff]")
_LONG_ID = re.compile(r"[A-Za-z0-9_]{29,}")
#: What a spreadsheet takes for the start of a formula, full-width forms included. After a `;`
#: too: a French Excel splits a comma-separated file there.
_FORMULA = re.compile("(^|;)([ '\u00a0]*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def clean(text: str) -> str:
    """`text` on one line, without control, bidi and invisible characters."""
    text = _CONTROL.sub("", _BLANK.sub(" ", text))
    return _SURROGATE.sub("\ufffd", text)


def clean_lines(text: str) -> str:
    """The same for a text of several lines, which it stays."""
    return "\n".join(clean(line) for line in text.split("\n"))


def plain(text: str, style: str = "") -> "Text":
    """Clean text for a rich console; markup in it stays text."""
    from rich.text import Text

    return Text(clean(text), style=style)


def spreadsheet(text: str) -> str:
    """A text cell of a CSV file: clean, and with a ' before what would be a formula."""
    cleaned = clean(text)
    if text[:1] in ("\t", "\r", "\n"):
        return "'" + cleaned
    return _FORMULA.sub(lambda found: f"{found[1]}'{found[2]}", cleaned)


def with_short_ids(text: str) -> str:
    """Ids of Stripe's sessions have 66 characters, and would fill three lines of a sentence."""
    return _LONG_ID.sub(lambda found: f"{found[0][:16]}…{found[0][-4:]}", text)


def escape_json(encoded: str) -> str:
    """Encoded JSON whose strings show nothing invisible: \\uXXXX, so that no content is lost."""
    return _IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1], encoded)
