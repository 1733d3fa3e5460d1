"""What is handed over: whole or not at all, as it was issued, and summing up to the invoices."""

import csv
import errno
import io
import os
import random
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from stakactl.adapters.storage.export_files import export_files
from stakactl.domain.invoicing import Invoice
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.orders import OrderLine
from stakactl.domain.runs import Outcome
from stakactl.errors import DiskError, Refused, StorageError, UsageError
from stakactl.operations.credit_notes import CreditRequest, issue_credit
from stakactl.operations.export import ExportReport, export_invoices
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mark_invoice import Mark, mark_invoice
from stakactl.operations.scope import Scope
from stakactl.operations.sync import sync_stripe
from stakactl.operations.upload import upload_pdfs
from stakactl.output.invoice_table import CsvInvoiceTable, Dialect
from tests.builders import NOW, a_customer, eur
from tests.contracts.issuing import issue_for, order
from tests.operations.test_invoice_files import DOWN, issued
from tests.operations.workshop import BEGINNING, PARIS, Workshop, sale, workshop_on

ALL = Scope()


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Workshop]:
    """Files do not depend on the database."""
    with workshop_on(sqlite_url) as opened:
        yield opened


def export(
    shop: Workshop,
    folder: Path,
    scope: Scope = ALL,
    dialect: Dialect = Dialect.PLAIN,
    *,
    zip_name: str | None = "q.zip",
    csv_name: str | None = None,
    overwrite: bool = False,
) -> ExportReport:
    zip_path, csv_path = (name and folder / name for name in (zip_name, csv_name))
    table = CsvInvoiceTable(dialect)
    with export_files(zip_path or None, csv_path or None, table, overwrite=overwrite) as opened:
        return export_invoices(shop, scope, opened)


def rows(text: bytes, **reading: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode(), newline=""), **reading))


def table_in(path: Path) -> list[dict[str, str]]:
    with ZipFile(path) as archive:
        return rows(archive.read("invoices.csv"))


def names_in(path: Path) -> list[str]:
    with ZipFile(path) as archive:
        return archive.namelist()


def credited(shop: Workshop, invoice: Invoice, minor: int | None = None) -> Invoice:
    note = issue_credit(shop, CreditRequest(invoice.number, minor, "returned")).note
    assert note is not None
    return note


def test_the_pdfs_as_they_were_issued_with_hashes_that_a_common_tool_checks(
    shop: Workshop, tmp_path: Path
) -> None:
    invoices = issued(shop, 3)
    note = credited(shop, invoices[1], 100)
    report = export(shop, tmp_path)
    assert (report.invoices, report.credit_notes, report.pdfs) == (3, 1, 4)
    assert (report.outcome, report.left_out) == (Outcome.OK, ())
    pdfs = [f"{one.number}.pdf" for one in (*invoices, note)]
    assert names_in(tmp_path / "q.zip") == [*pdfs, "invoices.csv", "SHA256SUMS"]
    with ZipFile(tmp_path / "q.zip") as archive:
        assert archive.testzip() is None
        for one in (*invoices, note):
            assert archive.read(f"{one.number}.pdf") == shop.store.objects[one.object_key]
        day = invoices[0].snapshot.issued_on
        times = {entry.date_time for entry in archive.infolist()}
        assert times == {(day.year, day.month, day.day, 0, 0, 0)}
        archive.extractall(tmp_path / "unpacked")
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    checked = subprocess.run(check, cwd=tmp_path / "unpacked", capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.count(": OK") == 5
    assert os.stat(tmp_path / "q.zip").st_mode & 0o777 == 0o600


def test_a_row_for_each_rate_and_credit_notes_below_zero(shop: Workshop, tmp_path: Path) -> None:
    (invoice,) = issued(shop)
    note = credited(shop, invoice)
    report = export(shop, tmp_path, csv_name="q.csv")
    first, second = table_in(tmp_path / "q.zip")
    assert first == {
        "number": "FACT-2026-000001",
        "kind": "invoice",
        "issued_on": "2026-03-15",
        "supplied_on": invoice.snapshot.supplied_on.isoformat(),
        "order_id": "A-1",
        "customer": "Léa Martin",
        "siren": "",
        "vat_number": "",
        "country": "FR",
        "vat_rate": "20",
        "net": "390.00",
        "vat": "78.00",
        "total": "468.00",
        "currency": "EUR",
        "paid_on": "2026-03-05",
        "due_on": "",
        "status": "PAID",
        "credits": "",
        "pdf": "FACT-2026-000001.pdf",
        "sha256": invoice.sha256,
    }
    assert (second["number"], second["kind"]) == (note.number, "credit_note")
    assert (second["net"], second["vat"], second["total"]) == ("-390.00", "-78.00", "-468.00")
    assert (second["credits"], second["status"]) == (invoice.number, "GENERATED")
    with ZipFile(tmp_path / "q.zip") as archive:
        assert archive.read("invoices.csv") == (tmp_path / "q.csv").read_bytes()
    (twenty, together) = report.totals
    assert (twenty.rate, twenty.count, twenty.net, twenty.vat) == (Decimal(20), 2, eur(0), eur(0))
    assert (together.rate, together.count, together.total) == (None, 2, eur(0))


def test_the_columns_sum_up_to_the_totals(shop: Workshop, tmp_path: Path) -> None:
    """Several rates on one invoice, currencies of all exponents, partial credit notes."""
    draw = random.Random(3)
    for number in range(12):
        currency = draw.choice(["eur", "eur", "jpy", "kwd"])
        step = smallest_step(currency)
        lines = tuple(
            OrderLine("Book", 1, Money(draw.randrange(100, 10**6) * step, currency), Decimal(rate))
            for rate in draw.sample(["20", "10", "5.5", "2.1", "0"], draw.randrange(1, 4))
        )
        amount = Money.total((line.amount for line in lines), currency)
        issue_for(shop.invoices, replace(order(number), lines=lines, amount=amount))
    upload_pdfs(shop)
    for invoice in shop.invoices.find()[::2]:
        part = draw.choice([None, 1, 99])
        credited(shop, invoice, part and part * smallest_step(invoice.total.currency))
    report = export(shop, tmp_path)
    found = table_in(tmp_path / "q.zip")
    for total in report.totals:
        currency = total.net.currency
        cells = [
            row
            for row in found
            if row["currency"] == currency.upper()
            and total.rate in (None, Decimal(row["vat_rate"]))
        ]
        assert len({row["number"] for row in cells}) == total.count
        for key, amount in (("net", total.net), ("vat", total.vat), ("total", total.total)):
            assert sum(Decimal(row[key]) for row in cells) == amount.to_decimal()
    everything = {t.net.currency: t.total for t in report.totals if t.rate is None}
    expected = {currency: Money.zero(currency) for currency in everything}
    for one in shop.invoices.find():
        signed = -one.total if one.is_credit_note else one.total
        expected[signed.currency] += signed
    assert everything == expected
    counts = {total.net.currency: total.count for total in report.totals if total.rate is None}
    places = [
        (
            -counts[total.net.currency],
            total.net.currency,
            -(Decimal(-1) if total.rate is None else total.rate),
        )
        for total in report.totals
    ]
    assert places == sorted(places)  # the most documents, the highest rate; all together last


def test_what_opens_in_a_french_spreadsheet(shop: Workshop, tmp_path: Path) -> None:
    hostile = a_customer(name="=cmd|' /C calc'!A0;+1", company="", email="x@example.com")
    company = a_customer(name="Ann", company="@Évil\nSARL", siren="732829320")
    shop.take(sale(1, customer=hostile), sale(2, customer=company, vat_rate=Decimal("5.5")))
    sync_stripe(shop)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    mark_invoice(shop, _unpaid(shop), Mark.PAID)
    export(shop, tmp_path, dialect=Dialect.FRENCH, csv_name="q.csv", zip_name=None)
    text = (tmp_path / "q.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbfNum")
    assert text.count(b"\r\n") == text.count(b"\n") == 3
    first, second = rows(text.removeprefix(b"\xef\xbb\xbf"), delimiter=";", strict=True)
    assert first["Client"] == "'=cmd|' /C calc'!A0;'+1"
    assert second["Client"] == "'@Évil SARL"
    assert (first["Type"], first["Statut"], first["SIREN"]) == ("facture", "payée", "")
    assert (first["Date"], first["Payée le"]) == ("15/03/2026", "15/03/2026")
    assert (first["HT"], first["TVA"], first["TTC"]) == ("390,00", "78,00", "468,00")
    assert (second["Taux TVA %"], second["SIREN"]) == ("5,5", "732829320")


def _unpaid(shop: Workshop, due_at: datetime | None = None) -> str:
    """Make the first invoice one that was not paid yet."""
    from sqlalchemy import update

    from stakactl.adapters.database.snapshots import to_json
    from stakactl.adapters.database.tables.invoices import invoices

    invoice = shop.invoices.find()[-1]
    snapshot = to_json(replace(invoice.snapshot, payment=None))
    with shop.database.database.write() as connection:
        this = invoices.c.number == invoice.number
        values = {"paid_at": None, "due_at": due_at, "snapshot": snapshot}
        connection.execute(update(invoices).where(this).values(**values))
    return invoice.number


def test_what_is_to_be_paid_says_until_when(shop: Workshop, tmp_path: Path) -> None:
    """It is due when the last day is over, at midnight in Paris."""
    issued(shop)
    number = _unpaid(shop, due_at=datetime(2026, 3, 31, tzinfo=PARIS))
    for now, status in ((NOW, "GENERATED"), (datetime(2026, 3, 31, tzinfo=PARIS), "OVERDUE")):
        shop.clock.moment = now
        export(shop, tmp_path, overwrite=True)
        (row,) = table_in(tmp_path / "q.zip")
        assert (row["number"], row["due_on"], row["paid_on"]) == (number, "2026-03-30", "")
        assert row["status"] == status


def test_the_table_alone_asks_the_store_for_nothing(shop: Workshop, tmp_path: Path) -> None:
    (invoice,) = issued(shop)
    shop.store.failure = DOWN
    report = export(shop, tmp_path, zip_name=None, csv_name="q.csv")
    assert (report.outcome, report.pdfs) == (Outcome.OK, 0)
    (row,) = rows((tmp_path / "q.csv").read_bytes())
    assert (row["pdf"], row["sha256"]) == ("FACT-2026-000001.pdf", invoice.sha256)


def test_only_the_days_that_were_asked_for(shop: Workshop, tmp_path: Path) -> None:
    issued(shop, 2)
    shop.clock.move(days=1)
    shop.take(sale(3))
    sync_stripe(shop)
    generate_invoices(shop, GenerateRequest(BEGINNING))
    since = NOW + timedelta(hours=12)
    for scope, numbers in ((Scope(since=since), [3]), (Scope(until=since), [1, 2])):
        export(shop, tmp_path, scope, overwrite=True)
        found = [row["order_id"] for row in table_in(tmp_path / "q.zip")]
        assert found == [f"A-{number}" for number in numbers]


def test_a_period_without_invoices_is_an_empty_table(shop: Workshop, tmp_path: Path) -> None:
    report = export(shop, tmp_path)
    assert (report.invoices, report.totals, report.outcome) == (0, (), Outcome.OK)
    assert names_in(tmp_path / "q.zip") == ["invoices.csv", "SHA256SUMS"]
    assert table_in(tmp_path / "q.zip") == []


@pytest.mark.parametrize("batch", [1, 2, 64])
def test_a_pdf_that_is_missing_or_damaged_is_named_and_the_rest_is_there(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("stakactl.operations.export.BATCH", batch)
    invoices = issued(shop, 5)
    missing, damaged, unread = invoices[0], invoices[2], invoices[4]
    shop.store.delete(missing.object_key)
    shop.store.replace(damaged.object_key, b"%PDF-forged")
    shop.store.failures[unread.object_key] = StorageError("403 for this one")
    report = export(shop, tmp_path)
    assert (report.outcome, report.invoices, report.pdfs) == (Outcome.PARTIAL, 5, 2)
    assert [one.invoice.number for one in report.left_out] == [
        missing.number,
        damaged.number,
        unread.number,
    ]
    told = [one.problem.message for one in report.left_out]
    assert "is missing" in told[0]
    assert "not what was issued" in told[1]
    assert told[2] == "403 for this one"
    found = table_in(tmp_path / "q.zip")
    assert [bool(row["pdf"]) for row in found] == [False, True, False, True, False]
    assert [row["sha256"] for row in found] == [one.sha256 for one in invoices]
    kept = [f"{invoices[1].number}.pdf", f"{invoices[3].number}.pdf"]
    assert names_in(tmp_path / "q.zip") == [*kept, "invoices.csv", "SHA256SUMS"]


def test_a_pdf_that_waits_in_the_home_is_handed_over(shop: Workshop, tmp_path: Path) -> None:
    issued(shop, 2, down=True)
    first, second = sorted(shop.invoices.find(), key=lambda one: one.number)
    del shop.spool.files[second.invoice_id]
    report = export(shop, tmp_path)
    assert [one.invoice.number for one in report.left_out] == [second.number]
    with ZipFile(tmp_path / "q.zip") as archive:
        content = archive.read(f"{first.number}.pdf")
    assert content == shop.spool.files[first.invoice_id]


def test_another_rendition_that_is_recorded_has_its_own_hash(
    shop: Workshop, tmp_path: Path
) -> None:
    (invoice,) = issued(shop)
    again = b"%PDF-2 rendered again"
    shop.store.replace(invoice.object_key, again)
    digest = sha256(again).hexdigest()
    shop.documents.add_rendition(invoice.invoice_id, digest, NOW, "run_1")
    assert export(shop, tmp_path).outcome is Outcome.OK
    assert [row["sha256"] for row in table_in(tmp_path / "q.zip")] == [digest]


def test_a_store_that_is_down_leaves_no_archive(shop: Workshop, tmp_path: Path) -> None:
    issued(shop, 5)
    shop.store.failure = DOWN
    with pytest.raises(StorageError, match="503"):
        export(shop, tmp_path, csv_name="q.csv")
    assert _made(tmp_path) == []


def _made(folder: Path) -> list[str]:
    """What an export left in a folder."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("stakactl.db"))


def test_the_same_invoices_make_the_same_bytes(shop: Workshop, tmp_path: Path) -> None:
    issued(shop, 3)
    export(shop, tmp_path, zip_name="one.zip", csv_name="one.csv")
    export(shop, tmp_path, zip_name="two.zip", csv_name="two.csv")
    for kind in ("zip", "csv"):
        one, two = (tmp_path / f"{name}.{kind}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_file_that_exists_is_kept_unless_it_is_forced(shop: Workshop, tmp_path: Path) -> None:
    issued(shop)
    older = tmp_path / "q.zip"
    older.write_bytes(b"older")
    with pytest.raises(Refused, match="exists already"):
        export(shop, tmp_path)
    assert (older.read_bytes(), shop.store.gets) == (b"older", [])
    export(shop, tmp_path, overwrite=True)
    assert len(names_in(older)) == 3
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(Refused, match="exists already"):
        export(shop, tmp_path, zip_name="link")


def test_a_file_that_appears_meanwhile_is_kept(shop: Workshop, tmp_path: Path) -> None:
    issued(shop)
    other = tmp_path / "q.zip"
    get = shop.store.get

    def slow(key: str) -> bytes | None:
        other.write_bytes(b"other")
        return get(key)

    shop.store.get = slow  # type: ignore[method-assign]
    with pytest.raises(Refused, match="exists already"):
        export(shop, tmp_path)
    assert other.read_bytes() == b"other"
    assert _made(tmp_path) == ["q.zip"]


@pytest.mark.parametrize("zip_name", ["q.csv", "none/q.zip", "folder"])
def test_places_that_cannot_be(shop: Workshop, tmp_path: Path, zip_name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError):
        export(shop, tmp_path, zip_name=zip_name, csv_name="q.csv", overwrite=True)
    assert _made(tmp_path) == ["folder"]


def test_a_file_system_without_hard_links(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    issued(shop)
    monkeypatch.setattr(os, "link", no_links)
    export(shop, tmp_path)
    assert _made(tmp_path) == ["q.zip"]
    with pytest.raises(Refused):
        export(shop, tmp_path)


class Interrupt(BaseException):
    """Ctrl-C, somewhere."""


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("failing", ["fsync", "writestr", "_write_end_record"])
@pytest.mark.parametrize(("cause", "told"), [(FULL, DiskError), (Interrupt(), Interrupt)])
def test_nothing_half_written_is_left(
    shop: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    failing: str,
    cause: BaseException,
    told: type[BaseException],
) -> None:
    def fail(*_: object) -> None:
        raise cause

    issued(shop, 2)
    owner: Any = os if failing == "fsync" else ZipFile
    monkeypatch.setattr(owner, failing, fail)
    with pytest.raises(told):
        export(shop, tmp_path, csv_name="q.csv")
    monkeypatch.undo()
    assert _made(tmp_path) == []


def test_many_entries_and_no_limit_of_the_old_format(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limits of ZIP lowered, three PDFs need what 65,536 do."""
    issued(shop, 3)
    monkeypatch.setattr("zipfile.ZIP_FILECOUNT_LIMIT", 2)
    monkeypatch.setattr("zipfile.ZIP64_LIMIT", 100)
    export(shop, tmp_path)
    monkeypatch.undo()
    assert len(names_in(tmp_path / "q.zip")) == 5
    with ZipFile(tmp_path / "q.zip") as archive:
        assert archive.testzip() is None


def test_two_series_that_make_one_file_name_lose_no_pdf(
    shop: Workshop, tmp_path: Path, rename: Callable[[str, str], None]
) -> None:
    issued(shop, 2)
    rename("FACT-2026-000001", "FA/CT-1")
    rename("FACT-2026-000002", "FA-CT-1")
    with pytest.raises(Refused, match=r"two PDFs would be called FA-CT-1\.pdf"):
        export(shop, tmp_path)
    assert _made(tmp_path) == []


@pytest.fixture
def rename(shop: Workshop) -> Callable[[str, str], None]:
    from sqlalchemy import update

    from stakactl.adapters.database.tables.invoices import invoices

    def renamed(number: str, other: str) -> None:
        with shop.database.database.write() as connection:
            this = invoices.c.number == number
            connection.execute(update(invoices).where(this).values(number=other))

    return renamed
