"""What is found about stored PDFs, and the changes that are safe: what is missing is put back,
what is wrong gets its older version on top. Nothing is overwritten or deleted."""

from datetime import datetime

from stakactl.domain.changes import Change, ChangeTarget
from stakactl.domain.documents import StoredPdf, checksum
from stakactl.domain.findings import Discrepancy, Finding

#: So many differences of one document are told one by one.
_SHOWN = 3


def missing(pdf: StoredPdf) -> Finding:
    return _finding(
        Discrepancy.PDF_MISSING,
        pdf,
        expected="a stored PDF",
        seen="no such object",
        hint="stakactl reconcile --fix puts it back",
    )


def corrupt(pdf: StoredPdf, problem: str, *, restorable: bool) -> Finding:
    return _finding(
        Discrepancy.PDF_CORRUPT,
        pdf,
        expected=f"SHA-256 {pdf.sha256}",
        seen=problem,
        hint="stakactl reconcile --fix restores the older version that is whole"
        if restorable
        else "restore the object from a backup; the store has no older version that is whole",
    )


def altered(pdf: StoredPdf, differences: tuple[str, ...]) -> Finding:
    """The bytes are those that were recorded; what they say is not what was frozen."""
    shown = "; ".join(differences[:_SHOWN])
    more = len(differences) - _SHOWN
    return _finding(
        Discrepancy.PDF_CONTENT,
        pdf,
        expected="the XML of the frozen invoice",
        seen=f"{shown}; and {more} more" if more > 0 else shown,
        hint="compare the invoice with a backup of the database: its frozen content or its PDF "
        "was changed after it was issued",
    )


def orphan(key: str, now: datetime) -> Finding:
    return Finding(
        Discrepancy.PDF_ORPHAN,
        since=now,
        expected="an invoice for each PDF",
        seen=f"{key} belongs to none",
        hint="compare the store with a backup of the database: an invoice may be lost there",
        refs={"object_key": key},
    )


def unknown(
    key: str, message: str, hint: str | None, now: datetime, pdf: StoredPdf | None
) -> Finding:
    """Of one PDF, or of the store as a whole."""
    return Finding(
        Discrepancy.STORAGE_UNKNOWN,
        since=now,
        expected="an answer of the PDF store",
        seen=message,
        hint=hint or "run the command again later",
        order_id=pdf.order_id if pdf else None,
        invoice_number=pdf.number if pdf else None,
        refs={"object_key": key},
    )


def put_back(finding: Finding, pdf: StoredPdf) -> Change:
    """The same PDF where its bytes are kept or made again; another rendition is told as such when
    it is made."""
    return _change(finding, pdf, {"sha256": None}, {"sha256": pdf.sha256})


def restored(finding: Finding, pdf: StoredPdf, content: bytes, version: str, kept: bytes) -> Change:
    return _change(
        finding,
        pdf,
        {"sha256": checksum(content), "version": None},
        {"sha256": checksum(kept), "version": version},
    )


def _change(
    finding: Finding,
    pdf: StoredPdf,
    before: dict[str, str | int | None],
    after: dict[str, str | int | None],
) -> Change:
    return Change(
        pdf.number,
        finding.finding_id,
        str(finding.discrepancy),
        before,
        after,
        target=ChangeTarget.PDF,
    )


def _finding(
    discrepancy: Discrepancy, pdf: StoredPdf, *, expected: str, seen: str, hint: str
) -> Finding:
    return Finding(
        discrepancy,
        since=pdf.issued_at,
        expected=expected,
        seen=seen,
        hint=hint,
        order_id=pdf.order_id,
        invoice_number=pdf.number,
        refs={"object_key": pdf.object_key},
    )
