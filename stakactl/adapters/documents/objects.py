"""PDF objects as finished bytes, for reportlab to number and to file.

reportlab would put each together from dictionaries anew for every invoice; nearly all of them are
the same, or differ in one text. Streams end as PDF/A demands: reportlab's own leave out the line
end before `endstream`.
"""

import zlib
from itertools import count

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject

#: Four bytes beyond ASCII say that the file is not text.
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_ESCAPED = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\", "\n": r"\n", "\r": r"\r"})


class Written(PDFObject):  # type: ignore[misc]
    """An object whose bytes are known already. reportlab marks its objects with the name they
    have in a document, so each document takes a fresh one."""

    __RefOnly__ = 1

    def __init__(self, content: bytes) -> None:
        self.content = content

    def format(self, _: PDFDocument) -> bytes:
        return self.content


class PageTree(PDFObject):  # type: ignore[misc]
    """All pages under one node."""

    __RefOnly__ = 1

    def __init__(self) -> None:
        self._pages: list[Written] = []

    def addPage(self, page: Written) -> None:  # noqa: N802 reportlab's name
        self._pages.append(page)

    def format(self, document: PDFDocument) -> bytes:
        kids = " ".join(reference(document, page) for page in self._pages)
        return f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>".encode("ascii")


def dictionary(entries: str) -> Written:
    return Written(f"<< {entries} >>".encode("ascii"))


def stream(content: bytes, entries: str = "", level: int = 6) -> Written:
    """`content` with its length; `entries` are the others of its dictionary. `level` is zlib's, 0
    leaves the content as it is."""
    if level:
        content, entries = zlib.compress(content, level), f"/Filter /FlateDecode {entries}"
    head = f"<< {entries} /Length {len(content)} >>\nstream\n".encode("ascii")
    return Written(head + content + b"\nendstream")


def reference(document: PDFDocument, written: PDFObject) -> str:
    """Give `written` the next number of `document`, and say how others refer to it."""
    name = document.Reference(written).name
    return f"{document.idToObjectNumberAndVersion[name][0]} 0 R"


def written_file(document: PDFDocument, identifier: str) -> bytes:
    """All objects of `document` under their numbers, and where each of them begins. `identifier`
    is hexadecimal and tells one file from another.

    reportlab would send every object through its formatting once more.
    """
    root, about = reference(document, document.Catalog), reference(document, document.info)
    parts = [HEADER]
    size, places = len(HEADER), [f"{0:010} 65535 f \n"]
    for number in count(1):
        if number not in document.numberToId:
            break
        content = document.idToObject[document.numberToId[number]].format(document)
        head = b"%d 0 obj\n" % number
        places.append(f"{size:010} 00000 n \n")
        parts += (head, content, b"\nendobj\n")
        size += len(head) + len(content) + 8
    index = f"xref\n0 {len(places)}\n{''.join(places)}"
    trailer = (
        f"trailer\n<< /Size {len(places)} /Root {root} /Info {about}"
        f" /ID [<{identifier}><{identifier}>] >>\nstartxref\n{size}\n%%EOF\n"
    )
    return b"".join([*parts, (index + trailer).encode("ascii")])


def text(value: str) -> str:
    """A PDF string: as it is read where it is ASCII, else in UTF-16."""
    if value.isascii():
        return f"({value.translate(_ESCAPED)})"
    return f"<FEFF{value.encode('utf-16-be').hex().upper()}>"
