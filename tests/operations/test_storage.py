"""What lies in the store, how much of it is whose, and moving old PDFs to a colder class."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stakactl.adapters.storage.folder import FolderInvoiceStore
from stakactl.domain.checks import CheckState, Severity
from stakactl.domain.documents import StoredPdf
from stakactl.domain.invoicing import Invoice
from stakactl.domain.runs import Outcome
from stakactl.domain.storage_classes import LEAST_BILLED_BYTES, StorageClass, wanted_class
from stakactl.errors import Refused, StorageConflict, StorageError, UsageError
from stakactl.operations.ports import Ports, StoredObject
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.storage import PdfFolder
from stakactl.operations.storage.archive import (
    MAX_FAILED,
    ArchiveRequest,
    archive_pdfs,
    plan_archive,
)
from stakactl.operations.storage.check import check_storage
from stakactl.operations.storage.stats import Share, StorageStats, storage_stats
from stakactl.operations.sync import sync_stripe
from stakactl.operations.validate.running import Running
from stakactl.output.progress import Silent
from tests.builders import NOW
from tests.operations.test_invoice_files import issued
from tests.operations.workshop import RECORDS, Workshop, sale

COLD = StorageClass.GLACIER_IR
OURS = "invoices/u_9/inv_00000000000000000000_FACT-2026-000099.pdf"


def everything(cold: StorageClass = COLD) -> ArchiveRequest:
    return ArchiveRequest(NOW + timedelta(days=1), cold)


def size_of(shop: Workshop, *invoices: Invoice) -> int:
    return sum(len(shop.store.objects[each.object_key]) for each in invoices)


# -- stats


def test_what_lies_there_against_what_is_recorded(shop: Workshop) -> None:
    first, second, third = issued(shop, 3)
    shop.store.delete(second.object_key)
    shop.store.objects |= {OURS: b"12345", "invoices/backup.zip": b"1234567"}
    shop.store.classes[third.object_key] = "GLACIER_IR"
    before = shop.contents()
    stats = storage_stats(shop, customers=10)
    here = size_of(shop, first, third)
    assert stats.everything == Share(4, here + 12)
    assert stats.ours == Share(2, here)
    assert (stats.unrecorded, stats.foreign) == (Share(1, 5), Share(1, 7))
    assert (stats.missing, stats.waiting, stats.customers) == (1, 0, 2)
    assert dict(stats.by_class) == {
        "GLACIER_IR": Share(1, size_of(shop, third)),
        "STANDARD": Share(3, size_of(shop, first) + 12),
    }
    assert stats.oldest is not None
    assert stats.oldest.number == first.number
    assert shop.contents() == before
    assert shop.store.gets == [], "the list says it all"


def test_customers_by_size_and_by_name(shop: Workshop) -> None:
    shop.take(
        sale(1),
        sale(2),
        replace(sale(3), order=replace(sale(3).order, customer=sale(1).order.customer)),
    )
    sync_stripe(shop)
    one, two, three = issued(shop, 0)
    stats = storage_stats(shop, customers=1)
    (largest,) = stats.largest_customers
    assert (largest.customer_id, largest.name) == ("u_1", one.snapshot.buyer.name)
    assert largest.share == Share(2, size_of(shop, one, three))
    both = storage_stats(shop, customers=2)
    assert [each.customer_id for each in both.largest_customers] == ["u_1", "u_2"]
    assert both.largest_customers[1].share.size == size_of(shop, two)
    assert storage_stats(shop, customers=0).largest_customers == ()
    assert stats.customers == both.customers == 2


def test_pdfs_that_wait_are_neither_missing_nor_there(shop: Workshop) -> None:
    issued(shop, 2, down=True)
    stats = storage_stats(shop, customers=5)
    assert (stats.everything, stats.missing, stats.waiting) == (Share(), 0, 2)
    assert (stats.largest, stats.oldest) == (None, None)


def test_what_is_stored_meanwhile_is_neither_missing_nor_unknown(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = issued(shop, 2)
    listed = list(shop.store.listing("invoices/"))
    recorded = [pdf for pdf in shop.documents.stored() if pdf.number == first.number]
    monkeypatch.setattr(shop.store, "listing", lambda _: iter(listed[1:]))
    monkeypatch.setattr(shop.documents, "stored", lambda: iter(recorded))
    assert [each.key for each in listed] == [first.object_key, second.object_key]
    stats = storage_stats(shop, customers=5)
    assert (stats.ours.count, stats.missing, stats.unrecorded.count) == (2, 0, 0)


def test_a_store_that_does_not_answer_has_no_figures(shop: Workshop) -> None:
    issued(shop)
    shop.store.failure = StorageError("the store answered 503")
    with pytest.raises(StorageError, match="503"):
        storage_stats(shop, customers=5)


class _Endless:
    """A store and a database of so many PDFs, made up as they are read."""

    def __init__(self, count: int) -> None:
        self._count = count

    def stored(self, **_: Any) -> Iterator[StoredPdf]:
        for key in self._keys():
            yield StoredPdf("i", "n", "o", NOW, key, "", frozenset(), None, None, sound=True)

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        for key in self._keys():
            yield StoredObject(key, 40_000, "e", storage_class="STANDARD")

    def _keys(self) -> Iterator[str]:
        return (f"invoices/c{n:07}/inv.pdf" for n in range(self._count))

    def ports(self) -> Ports:
        store = SimpleNamespace(listing=self.listing, location=str, has_classes=True)
        invoices = SimpleNamespace(count=lambda: self._count, unfinished=list, find=lambda _: [])
        documents = SimpleNamespace(stored=self.stored)
        clock = SimpleNamespace(now=lambda: NOW)
        found = SimpleNamespace(
            store=store, invoices=invoices, documents=documents, clock=clock, progress=Silent()
        )
        return cast(Ports, found)


def _peak(count: int) -> tuple[StorageStats, int]:
    tracemalloc.start()
    try:
        stats = storage_stats(_Endless(count).ports(), customers=20)
        return stats, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_store() -> None:
    _peak(10)  # what is imported and cached once
    few, little = _peak(500)
    many, much = _peak(10_000)
    assert (few.customers, many.customers) == (500, 10_000)
    assert much < little + 20_000


# -- archive


def test_old_pdfs_move_and_nothing_else_changes(shop: Workshop) -> None:
    (old,) = issued(shop)
    shop.clock.move(days=40)
    shop.take(sale(2, at=NOW + timedelta(days=39)))
    sync_stripe(shop)
    old, young = issued(shop, 0)
    objects = dict(shop.store.objects)
    before = shop.contents(without=RECORDS)
    request = ArchiveRequest(NOW + timedelta(days=20), COLD)
    plan = plan_archive(shop, request)
    assert (plan.moving, plan.staying) == (Share(1, size_of(shop, old)), Share())
    assert plan.small == 1
    assert shop.store.classes == {}, "a plan moves nothing"
    report = archive_pdfs(shop, plan)
    assert (report.outcome, report.moved, report.left) == (Outcome.OK, plan.moving, 0)
    assert shop.store.classes == {old.object_key: "GLACIER_IR"}
    assert shop.store.objects == objects
    assert shop.contents(without=RECORDS) == before
    assert young.object_key in objects


def test_again_there_is_nothing_to_move_and_nothing_gets_warmer(shop: Workshop) -> None:
    issued(shop, 2)
    archive_pdfs(shop, plan_archive(shop, everything()))
    for cold in StorageClass:
        plan = plan_archive(shop, everything(cold))
        assert (plan.moving.count, plan.staying.count) == (0, 2)


@pytest.mark.parametrize("place", ["GLACIER", "DEEP_ARCHIVE", "ONEZONE_IA", "EXPRESS"])
def test_what_is_colder_or_unknown_stays(shop: Workshop, place: str) -> None:
    (invoice,) = issued(shop)
    shop.store.classes[invoice.object_key] = place
    assert plan_archive(shop, everything()).staying.count == 1


def test_from_infrequent_access_it_gets_colder_still(shop: Workshop) -> None:
    (invoice,) = issued(shop)
    shop.store.classes[invoice.object_key] = "STANDARD_IA"
    assert plan_archive(shop, everything()).moving.count == 1


def test_what_is_not_an_invoices_pdf_is_left_alone(shop: Workshop) -> None:
    shop.store.objects |= {OURS: b"1", "invoices/backup.zip": b"1"}
    report = archive_pdfs(shop, plan_archive(shop, everything()))
    assert (report.moved.count, shop.store.classes) == (0, {})


def test_one_that_somebody_changed_is_told_and_the_others_move(shop: Workshop) -> None:
    first, second = issued(shop, 2)
    plan = plan_archive(shop, everything())
    shop.store.moves_fail[first.object_key] = StorageConflict("changed meanwhile")
    report = archive_pdfs(shop, plan)
    assert (report.outcome, report.moved.count, report.left) == (Outcome.PARTIAL, 1, 0)
    assert [each.number for each in report.failed] == [first.number]
    shop.store.moves_fail.clear()
    again = archive_pdfs(shop, plan_archive(shop, everything()))
    assert (again.outcome, again.moved.count) == (Outcome.OK, 1)
    assert shop.store.classes.keys() == {first.object_key, second.object_key}


def test_a_store_that_fails_is_not_asked_for_ever(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stakactl.operations.storage.archive.BATCH", MAX_FAILED)
    invoices = issued(shop, MAX_FAILED + 2)
    plan = plan_archive(shop, everything())
    shop.store.moves_fail = {one.object_key: StorageError("503") for one in invoices}
    report = archive_pdfs(shop, plan)
    assert (report.moved.count, len(report.failed), report.left) == (0, MAX_FAILED, 2)
    run = shop.runs.get(report.run_id)
    assert run is not None
    assert (run.outcome, run.summary["left"]) == (Outcome.PARTIAL, 2)


def test_a_folder_is_refused_with_the_reason(shop: Workshop, tmp_path: Path) -> None:
    shop.store = FolderInvoiceStore(tmp_path)  # type: ignore[assignment]
    with pytest.raises(Refused, match="a folder has no storage classes"):
        plan_archive(shop, everything())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("glacier", "takes hours"),
        ("DEEP_ARCHIVE", "takes hours"),
        ("ONEZONE_IA", "one data centre"),
        ("INTELLIGENT_TIERING", "128 KB"),
        ("STANDARD", "warmest"),
        ("COLD", "no class that is known"),
    ],
)
def test_other_classes_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        wanted_class(text)
    assert "GLACIER_IR" in (caught.value.hint or "")


def test_classes_are_named_in_any_case() -> None:
    assert wanted_class(" glacier_ir ") is StorageClass.GLACIER_IR
    assert LEAST_BILLED_BYTES == 131_072


# -- check


def _inspection(**folder: Any) -> Inspection:
    well = {"path": "/pdfs", "exists": True, "is_folder": True, "writable": True}
    seen = PdfFolder(**{**well, **folder})
    found = SimpleNamespace(bucket=None, pdf_folder=SimpleNamespace(look=lambda: seen))
    return cast(Inspection, found)


def test_the_folder_is_well_and_nothing_waits(shop: Workshop) -> None:
    issued(shop)
    health = check_storage(shop, _inspection(), Running(5))
    assert [each.id for each in health.results] == ["storage.folder", "storage.waiting"]
    assert {each.verdict.state for each in health.results} == {CheckState.OK}


def test_what_waits_is_a_warning_with_the_way_out(shop: Workshop) -> None:
    first, second = issued(shop, 2, down=True)
    shop.spool.discard(second.invoice_id)
    health = check_storage(shop, _inspection(writable=False), Running(5))
    folder, waiting = health.results
    assert (folder.verdict.state, folder.severity) == (CheckState.FAILED, Severity.ERROR)
    assert (waiting.verdict.state, waiting.severity) == (CheckState.FAILED, Severity.WARNING)
    assert health.waiting == 2
    assert "2 invoices wait for the store, 1 of them as PDF" in waiting.verdict.seen
    assert first.number in waiting.verdict.seen
    assert waiting.verdict.hint == "stakactl invoices upload"
