"""The XML inside a PDF of ours, taken out again: the way back from `archive.py`.

Reads what our renderer writes, and nothing more: one cross-reference table, no encryption, no
object streams. What stores and readers understand besides would be 20,000 lines of a library; a
PDF in another shape is not one that we issued, and is said to be unreadable.
"""

import re
import zlib

from stakactl.adapters.documents.archive import ATTACHMENT

#: More than 100 times the longest invoice; what unpacks to more is no invoice.
MAX_XML_BYTES = 16 * 1024 * 1024
_STARTXREF = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF\s*\Z")
_SECTION = re.compile(rb"xref\s+0 (\d{1,7})\s*\n")
_ENTRY_BYTES = 20
_REFERENCE = rb"\s+(\d{1,7}) 0 R\b"
_ROOT = re.compile(rb"/Root" + _REFERENCE)
_EMBEDDED = re.compile(rb"/EmbeddedFiles\s*<<\s*/Names\s*\[\s*\(([^()\\]*)\)" + _REFERENCE)
_FILE = re.compile(rb"/EF\s*<<\s*/F" + _REFERENCE)
_LENGTH = re.compile(rb"/Length (\d{1,9})\b")
_STREAM = re.compile(rb">>\s*stream\r?\n")


class Unreadable(ValueError):
    """It is no PDF of ours; says what is missing."""


def attached_xml(pdf: bytes) -> bytes:
    """The bytes of `factur-x.xml` as they were attached. Raises Unreadable."""
    offsets, trailer = _cross_references(pdf)
    catalog = _object(pdf, offsets, _number(_ROOT, trailer, "root"))
    entry = _EMBEDDED.search(catalog)
    if entry is None:
        raise Unreadable("no list of attachments")
    if entry[1] != ATTACHMENT.encode():
        raise Unreadable(f"no {ATTACHMENT} is attached")
    specification = _object(pdf, offsets, int(entry[2]))
    return _stream(pdf, offsets, _number(_FILE, specification, "attached file"))


def _cross_references(pdf: bytes) -> tuple[list[int], bytes]:
    """Where each object begins, and the trailer."""
    end = _STARTXREF.search(pdf[-64:])
    section = _SECTION.match(pdf, int(end[1])) if end else None
    if section is None:
        raise Unreadable("no cross-reference table")
    first, count = section.end(), int(section[1])
    table = pdf[first : first + count * _ENTRY_BYTES]
    entries = [table[n : n + 10] for n in range(0, len(table), _ENTRY_BYTES)]
    if len(entries) != count or not all(entry.isdigit() for entry in entries):
        raise Unreadable("the cross-reference table is cut")
    return [int(entry) for entry in entries], pdf[first + len(table) :]


def _object(pdf: bytes, offsets: list[int], number: int) -> bytes:
    """The dictionary of an object without a stream."""
    body = _body(pdf, offsets, number)
    end = body.find(b"endobj")
    if end < 0:
        raise Unreadable(f"object {number} has no end")
    return body[:end]


def _stream(pdf: bytes, offsets: list[int], number: int) -> bytes:
    body = _body(pdf, offsets, number)
    begin = _STREAM.search(body)
    length = _LENGTH.search(body, 0, begin.start()) if begin else None
    if begin is None or length is None or b"/FlateDecode" not in body[: begin.start()]:
        raise Unreadable("the attachment is not stored as ours are")
    packed = body[begin.end() : begin.end() + int(length[1])]
    unpack = zlib.decompressobj()
    try:
        xml = unpack.decompress(packed, MAX_XML_BYTES)
    except zlib.error:
        raise Unreadable("the attachment cannot be unpacked") from None
    if not unpack.eof:
        raise Unreadable("the attachment is cut or far too long")
    return xml


def _body(pdf: bytes, offsets: list[int], number: int) -> bytes:
    """The file from behind `number 0 obj` on."""
    head = b"%d 0 obj" % number
    start = offsets[number] if number < len(offsets) else len(pdf)
    if not pdf.startswith(head, start):
        raise Unreadable(f"object {number} is not where the table says")
    return pdf[start + len(head) :]


def _number(pattern: re.Pattern[bytes], text: bytes, what: str) -> int:
    found = pattern.search(text)
    if found is None:
        raise Unreadable(f"no {what}")
    return int(found[1])
