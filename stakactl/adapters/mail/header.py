"""Header fields with other people's texts in them, as RFC 5322 and RFC 2047 write them.

By hand, because the library's parser of headers takes longer than all the rest of a message and
has turned encoded words into headers of their own (CVE-2024-6923). Texts come in as one clean line;
whatever is not plain ASCII travels in base64.
"""

import re
from base64 import b64encode
from collections.abc import Iterator

#: RFC 2047: a line with encoded words has at most 76 characters. So many bytes fit into a word
#: beside the longest of our field names.
_WORD_BYTES = 39
_LINE = 76
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]+")


def text_field(name: str, text: str) -> bytes:
    """`Subject: …`, its end included."""
    plain = text.isascii() and "=?" not in text and len(name) + 2 + len(text) <= _LINE
    return f"{name}: {text if plain else _encoded(text)}\r\n".encode("ascii")


def mailbox_field(name: str, display_name: str, address: str) -> bytes:
    """`To: Name <address>`, its end included; `address` is in ASCII and checked."""
    if not display_name:
        return f"{name}: {address}\r\n".encode("ascii")
    if not display_name.isascii() or "=?" in display_name:
        phrase = _encoded(display_name)
    elif _ATOMS.fullmatch(display_name):
        phrase = display_name
    else:
        quoted = re.sub(r'(["\\])', r"\\\1", display_name)
        phrase = f'"{quoted}"'
    last_line = phrase.rpartition("\n")[2]
    fits = len(name) + len(last_line) + len(address) + 5 <= _LINE
    between = " " if fits else "\r\n "
    return f"{name}: {phrase}{between}<{address}>\r\n".encode("ascii")


def _encoded(text: str) -> str:
    words = (f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in _pieces(text))
    return "\r\n ".join(words)


def _pieces(text: str) -> Iterator[bytes]:
    """Of whole characters, as each word must be readable by itself."""
    piece = b""
    for char in text:
        coded = char.encode()
        if len(piece) + len(coded) > _WORD_BYTES:
            yield piece
            piece = b""
        piece += coded
    yield piece
