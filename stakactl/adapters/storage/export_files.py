"""The files of an export: a table, and an archive of the PDFs with the table and their hashes.

Everything is written to temporary files beside the ones that were named, which take their place
when all is written: nobody ever finds half an archive. The same invoices make the same bytes: the
entries are not compressed (the PDFs are, and how would depend on the zlib build), their times are
the dates of issue. ZIP64 as soon as an archive needs it.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from stakactl.adapters.storage.places import named_file, require_place, translated
from stakactl.domain.invoice_export import ExportedInvoice
from stakactl.errors import Refused, UsageError
from stakactl.operations.ports import InvoiceTable

SUMS = "SHA256SUMS"
_IN_MEMORY_BYTES = 1 << 20
_READABLE_BY_OWNER = 0o600 << 16
_UNIX = 3
_NO_DATE = date(1980, 1, 1)  # the first that a ZIP knows


@contextmanager
def export_files(
    zip_path: Path | None, csv_path: Path | None, table: InvoiceTable, *, overwrite: bool
) -> Iterator["WrittenFiles"]:
    """The files appear when the block ends without an error. Raises Refused where one exists."""
    named = [path for path in (zip_path, csv_path) if path is not None]
    _require_places(named, overwrite=overwrite)
    with ExitStack() as opened:
        zip_file, csv_file = (
            opened.enter_context(named_file(path, overwrite=overwrite))
            if path is not None
            else None
            for path in (zip_path, csv_path)
        )
        archive = None
        if zip_path is not None and zip_file is not None:
            archive = opened.enter_context(_archive(zip_path, zip_file))
        written = WrittenFiles(archive, csv_path, csv_file, table)
        yield written
        written.finish()


class WrittenFiles:
    """`ExportFiles` of an open export."""

    def __init__(
        self,
        archive: "_Archive | None",
        csv_path: Path | None,
        csv_file: BinaryIO | None,
        table: InvoiceTable,
    ) -> None:
        self._archive = archive
        self._csv_path = csv_path
        self._csv_file = csv_file
        self._table = table
        self._last_day = _NO_DATE
        self._write(table.head())

    @property
    def hold_pdfs(self) -> bool:
        return self._archive is not None

    def add(self, exported: ExportedInvoice, pdf: bytes | None) -> None:
        day = exported.invoice.snapshot.issued_on
        self._last_day = max(self._last_day, day)
        self._write(self._table.rows(exported))
        if self._archive is not None and pdf is not None:
            self._archive.add(exported.file_name, pdf, day)

    def finish(self) -> None:
        if self._archive is not None:
            self._archive.finish(self._table.file_name, self._last_day)

    def _write(self, text: str) -> None:
        content = text.encode()
        if self._archive is not None:
            self._archive.add_to_table(content)
        if self._csv_path is not None and self._csv_file is not None:
            with translated(self._csv_path):
                self._csv_file.write(content)


class _Archive:
    """The ZIP file. Its table and its hashes are kept apart until they are whole, because one
    entry is written after the other."""

    def __init__(self, path: Path, zip_: ZipFile, table: IO[bytes], sums: IO[bytes]) -> None:
        self._path = path
        self._zip = zip_
        self._table = table
        self._sums = sums
        self._digest = sha256()

    def add_to_table(self, content: bytes) -> None:
        self._digest.update(content)
        with translated(self._path):
            self._table.write(content)

    def add(self, name: str, content: bytes, day: date) -> None:
        if name in self._zip.NameToInfo:
            raise Refused(
                f"two PDFs would be called {name} in {self._path}",
                hint="export the two series in periods of their own",
            )
        with translated(self._path):
            self._zip.writestr(_entry(name, day), content)
            self._sums.write(f"{sha256(content).hexdigest()}  {name}\n".encode())

    def finish(self, table_name: str, day: date) -> None:
        with translated(self._path):
            self._sums.write(f"{self._digest.hexdigest()}  {table_name}\n".encode())
            self._copy(table_name, self._table, day)
            self._copy(SUMS, self._sums, day)
            self._zip.close()

    def _copy(self, name: str, source: IO[bytes], day: date) -> None:
        entry = _entry(name, day)
        entry.file_size = source.tell()  # so that it is known to need ZIP64
        source.seek(0)
        with self._zip.open(entry, "w") as target:
            shutil.copyfileobj(source, target)


def _entry(name: str, day: date) -> ZipInfo:
    entry = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
    entry.compress_type = ZIP_STORED
    entry.create_system = _UNIX
    entry.external_attr = _READABLE_BY_OWNER
    return entry


def _require_places(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Told before the work and not after it."""
    if len({path.absolute() for path in paths}) < len(paths):
        raise UsageError(f"{paths[0]} cannot be both files", hint="give them different names")
    for path in paths:
        require_place(path, overwrite=overwrite)


@contextmanager
def _archive(path: Path, file: BinaryIO) -> Iterator[_Archive]:
    with (
        translated(path),
        tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as table,
        tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as sums,
        ZipFile(file, "w") as zip_,
    ):
        yield _Archive(path, zip_, table, sums)
