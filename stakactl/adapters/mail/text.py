"""Other people's text made harmless for mails: no line breaks in headers, no control characters."""

import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header

_ENCODED_WORD = re.compile(r"=\?[^?\s]*\?[bBqQ]\?[^?\s]*\?=")
#: What `_hidden` says of characters, but for the line break.
_HIDDEN_IN_A_BODY = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str, limit: int = 200) -> str:
    """`text` as one printable line of at most `limit` characters.

    Encoded words of RFC 2047 are decoded first, so that what is cleaned is what a mail program
    would show: `=?utf-8?q?a=0D=0AX?=` hides a line break (CVE-2024-6923: Python 3.11.7 writes it
    out as a real header). What still looks like the beginning of one is broken up.
    """
    text = text[: limit * 10]
    if len(text) <= limit and text.isprintable() and "=?" not in text and "  " not in text:
        return text.strip()  # most texts
    for _ in range(5):
        cleaned = _printable(text)
        text = _ENCODED_WORD.sub(_decoded, cleaned)
        if text == cleaned:
            break
    text = _printable(text).replace("=?", "= ?")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def many_lines(text: str) -> str:
    """A body: control characters other than line breaks are dropped, lines end in `\\n`."""
    return _HIDDEN_IN_A_BODY.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _printable(text: str) -> str:
    spaced = (" " if _breaks(char) else char for char in text)
    return re.sub(" {2,}", " ", "".join(char for char in spaced if not _hidden(char))).strip()


def _breaks(char: str) -> bool:
    return char in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85" or unicodedata.category(char) in ("Zl", "Zp")


def _hidden(char: str) -> bool:
    """Control characters, halves of surrogate pairs, noncharacters, changes of direction."""
    return char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _decoded(word: re.Match[str]) -> str:
    try:
        (content, charset), *_ = decode_header(word[0])
        return content if isinstance(content, str) else content.decode(charset or "ascii")
    except (HeaderParseError, LookupError, ValueError):
        return word[0].replace("=?", "= ?")
