"""PDFs for people, links that end, and storing what waits."""

from collections.abc import Callable
from datetime import date
from threading import Lock

import pytest

from stakactl.adapters.workers.threads import THREADS
from stakactl.domain.documents import LONGEST_LINK
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.retention import YearEnd
from stakactl.domain.runs import Outcome
from stakactl.errors import DiskError, Refused, StorageConflict, StorageError, UsageError
from stakactl.operations.invoice_files import fetch_pdf, make_link
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.sync import sync_stripe
from stakactl.operations.upload import plan_upload, upload_pdfs
from tests.operations.workshop import BEGINNING, Workshop, raises, replaced, sale

DOWN = StorageError("the store answered 503")


def issued(shop: Workshop, count: int = 1, *, down: bool = False) -> list[Invoice]:
    shop.take(*(sale(number) for number in range(1, count + 1)))
    sync_stripe(shop)
    shop.store.failure = DOWN if down else None
    generate_invoices(shop, GenerateRequest(BEGINNING))
    shop.store.failure = None
    return sorted(shop.invoices.find(), key=lambda invoice: invoice.number)


def test_the_bytes_are_those_that_were_issued(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    assert fetch_pdf(shop, invoice) == shop.store.objects[invoice.object_key]


def test_the_store_is_told_until_when_a_pdf_must_be_kept(shop: Workshop) -> None:
    shop.rules(year_end=YearEnd(2, 28))
    (invoice,) = issued(shop)
    assert invoice.snapshot.issued_on == date(2026, 3, 15)
    assert shop.store.retained == {invoice.object_key: date(2037, 2, 28)}


def test_other_bytes_are_never_given_out(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    shop.store.replace(invoice.object_key, b"%PDF-forged")
    with pytest.raises(StorageError, match="not what was issued"):
        fetch_pdf(shop, invoice)
    shop.store.delete(invoice.object_key)
    with pytest.raises(StorageError, match="is missing"):
        fetch_pdf(shop, invoice)


def test_a_pdf_that_waits_comes_from_the_home(shop: Workshop) -> None:
    (invoice,) = issued(shop, down=True)
    assert fetch_pdf(shop, invoice) == shop.spool.files[invoice.invoice_id]
    shop.spool.files.clear()
    with pytest.raises(Refused, match="no PDF yet"):
        fetch_pdf(shop, invoice)
    with pytest.raises(Refused, match="not stored yet"):
        make_link(shop, invoice, seconds=None, configured=None)


@pytest.mark.parametrize(
    ("seconds", "configured", "works_for", "shortened_from"),
    [
        (None, None, 3600, None),
        (60, 7200, 60, None),
        (None, 7200, 7200, None),
        (None, 2_592_000, LONGEST_LINK, 2_592_000),
    ],
)
def test_how_long_a_link_works(
    shop: Workshop,
    seconds: int | None,
    configured: int | None,
    works_for: int,
    shortened_from: int | None,
) -> None:
    (invoice,) = issued(shop)
    made = make_link(shop, invoice, seconds=seconds, configured=configured)
    assert (made.link.seconds, made.shortened_from) == (works_for, shortened_from)


def test_no_store_signs_for_longer_than_a_week(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    with pytest.raises(UsageError, match="604800") as caught:
        make_link(shop, invoice, seconds=LONGEST_LINK + 1, configured=None)
    assert "7 days" in (caught.value.hint or "")


def test_what_waited_is_stored_once_and_mailed(shop: Workshop) -> None:
    issued(shop, 3, down=True)
    assert len(plan_upload(shop).items) == 3
    report = upload_pdfs(shop)
    assert (report.outcome, len(report.items), report.left) == (Outcome.OK, 3, 0)
    assert {invoice.pdf_status for invoice in shop.invoices.find()} == {PdfStatus.STORED}
    assert shop.spool.files == {}
    assert len(shop.mail()) == 3
    shop.check_delivery()
    assert upload_pdfs(shop).items == ()


def test_one_that_cannot_be_stored_keeps_none_of_the_others(shop: Workshop) -> None:
    first, *_ = issued(shop, 3, down=True)
    shop.store.failures[first.object_key] = StorageConflict("other bytes")
    report = upload_pdfs(shop)
    assert (report.outcome, report.failed) == (Outcome.PARTIAL, 1)
    assert shop.invoices.unfinished() == [shop.invoices.get(first.number)]


def test_a_store_that_is_down_is_asked_once(shop: Workshop) -> None:
    issued(shop, 40, down=True)
    shop.store.puts.clear()
    shop.store.failure = DOWN
    report = upload_pdfs(shop)
    assert (report.outcome, len(report.items), report.left) == (Outcome.PARTIAL, 1, 39)
    assert len(shop.store.puts) == 1


def test_a_store_that_goes_down_meanwhile_is_not_asked_for_the_rest(shop: Workshop) -> None:
    issued(shop, 80, down=True)
    put, lock = shop.store.put_if_absent, Lock()
    tried: list[str] = []

    def put_ten(key: str, pdf: bytes, retain_until: date) -> None:
        with lock:
            tried.append(key)
            shop.store.failure = DOWN if len(tried) > 10 else None
        put(key, pdf, retain_until)

    heal = replaced(shop.store, "put_if_absent", put_ten)
    report = upload_pdfs(shop)
    heal()
    assert 10 < len(tried) <= 10 + 2 * THREADS
    assert (len(report.items), report.left) == (len(tried), 80 - len(tried))
    assert report.failed > 0
    shop.store.failure = None
    assert upload_pdfs(shop).failed == 0
    shop.check_delivery()


def test_a_full_disk_is_a_failed_item(
    shop: Workshop, restore: Callable[[Callable[[], None]], None]
) -> None:
    issued(shop, 1, down=True)
    shop.spool.files.clear()
    restore(replaced(shop.spool, "save", raises(DiskError("no space left"))))
    shop.renderer.edition = 2
    report = upload_pdfs(shop)
    assert report.failed == 1


@pytest.fixture
def restore(request: pytest.FixtureRequest) -> Callable[[Callable[[], None]], None]:
    return request.addfinalizer
