"""Stored PDFs and the sums of invoices: what is found, what is repaired, what is never claimed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from stakactl.adapters.database.documents import SqlDocumentLedger
from stakactl.adapters.database.snapshots import to_json
from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.storage.folder import FolderInvoiceStore
from stakactl.adapters.storage.s3 import S3InvoiceStore
from stakactl.domain.changes import ChangeState, ChangeTarget
from stakactl.domain.findings import Discrepancy as Kind
from stakactl.domain.findings import Finding, FixState
from stakactl.domain.invoicing import Invoice, InvoiceSnapshot
from stakactl.domain.runs import Outcome
from stakactl.errors import ExitCode, StorageError
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.nightly import nightly
from stakactl.operations.ports import InvoiceFilter
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.scope import Scope
from stakactl.operations.sweeps import documents as sweep
from stakactl.operations.sweeps.documents import BATCH, MAX_UNKNOWN, ROTATION
from tests.adapters.storage.scripted_http import Answer, s3_error, scripted
from tests.builders import NOW, eur
from tests.fakes_delivery import FakeInvoiceStore
from tests.operations.workshop import (
    BEGINNING,
    MIRROR,
    RECORDS,
    Cut,
    Workshop,
    classes,
    cut_after,
    cut_before,
    replaced,
    sale,
    workshop_on,
)

DOWN = StorageError("the store answered 503", hint="look at it")


@pytest.fixture
def one(sqlite_url: str) -> Iterator[Workshop]:
    """A workshop on SQLite, for what does not depend on the database."""
    with workshop_on(sqlite_url) as opened:
        yield opened


def sell(shop: Workshop, count: int = 3) -> list[Invoice]:
    """Orders whose whole chain holds, down to the stored PDF."""
    shop.take(*(sale(number) for number in range(1, count + 1)))
    reconcile(shop, ReconcileRequest())
    generate_invoices(shop, GenerateRequest(BEGINNING))
    found = sorted(
        shop.invoices.find(InvoiceFilter(limit=1000)), key=lambda invoice: invoice.number
    )
    assert len(found) == count
    return found


def look(shop: Workshop, *, fix: bool = False, **scope: object) -> ReconcileReport:
    wanted = Scope(**scope)  # type: ignore[arg-type]
    return reconcile(shop, ReconcileRequest(wanted, fix=fix, sync=False))


def repair(shop: Workshop) -> ReconcileReport:
    return look(shop, fix=True)


def only(report: ReconcileReport) -> Finding:
    (finding,) = report.findings
    return finding


def states(shop: Workshop) -> list[ChangeState]:
    """Of all recorded changes of PDFs, oldest first."""
    found = [one for one in shop.changes.find() if one.change.target is ChangeTarget.PDF]
    return [one.state for one in reversed(found)]


def whole(shop: Workshop) -> None:
    """Nothing of the chain differs."""
    report = look(shop)
    assert (report.findings, report.outcome) == ((), Outcome.OK)


# Missing


def test_a_deleted_pdf_is_found_and_put_back(shop: Workshop) -> None:
    first, *_ = sell(shop)
    pdf = shop.store.objects[first.object_key]
    shop.store.delete(first.object_key)
    report = look(shop)
    finding = only(report)
    assert (finding.discrepancy, finding.invoice_number) == (Kind.PDF_MISSING, first.number)
    assert (finding.order_id, finding.refs) == (first.order_id, {"object_key": first.object_key})
    assert (finding.fix, report.outcome) == (FixState.PLANNED, Outcome.FINDINGS)
    assert first.object_key not in shop.store.objects

    report = repair(shop)
    assert only(report).fix is FixState.APPLIED
    assert report.outcome is Outcome.OK
    assert shop.store.objects[first.object_key] == pdf
    (change,) = report.changes
    assert (change.target, change.target_id) == (ChangeTarget.PDF, first.number)
    assert change.after == {"sha256": first.sha256}
    assert states(shop) == [ChangeState.INTENDED, ChangeState.DONE]
    whole(shop)
    assert repair(shop).changes == ()


def test_the_nightly_run_heals_a_deleted_pdf(one: Workshop) -> None:
    first, *_ = sell(one)
    one.store.delete(first.object_key)
    report = nightly(one)
    assert classes(report.repaired) == [Kind.PDF_MISSING]
    assert report.remaining == ()
    one.check_delivery()


def test_bytes_that_are_kept_are_not_rendered(one: Workshop) -> None:
    first, *_ = sell(one)
    one.spool.save(first.invoice_id, one.store.objects.pop(first.object_key))
    one.renderer.rendered.clear()
    repair(one)
    assert one.renderer.rendered == []
    assert one.spool.files == {}
    whole(one)


def test_a_deleted_object_s_older_version_is_put_back(one: Workshop) -> None:
    one.store = FakeInvoiceStore(versioned=True)
    first, *_ = sell(one)
    one.renderer.edition = 2
    one.store.delete(first.object_key)
    assert only(repair(one)).fix is FixState.APPLIED
    assert sha256(one.store.objects[first.object_key]).hexdigest() == first.sha256


def test_bytes_that_are_lost_are_a_recorded_rendition(shop: Workshop) -> None:
    """The renderer is of another version than the one that issued the invoice."""
    first, *_ = sell(shop)
    shop.store.delete(first.object_key)
    shop.renderer.edition = 2
    report = repair(shop)
    assert report.outcome is Outcome.OK
    digest = sha256(shop.store.objects[first.object_key]).hexdigest()
    assert digest != first.sha256
    assert report.changes[0].after == {"sha256": digest}
    pdf = shop.documents.stored_pdf(first.number)
    assert pdf is not None
    assert pdf.accepted == {first.sha256, digest}
    assert shop.invoices.get(first.number) == first, "what was issued stays as it was recorded"
    whole(shop)


def test_other_bytes_that_appear_meanwhile_are_not_overwritten(one: Workshop) -> None:
    first, *_ = sell(one)
    one.store.delete(first.object_key)

    def somebody(snapshot: InvoiceSnapshot) -> None:
        one.store.objects[first.object_key] = b"%PDF-somebody else's"

    one.renderer.before = somebody
    report = repair(one)
    assert one.store.objects[first.object_key] == b"%PDF-somebody else's"
    assert report.changes == ()
    assert classes(report.findings) == [Kind.PDF_CORRUPT]
    assert states(one) == [ChangeState.INTENDED, ChangeState.SKIPPED]


@pytest.mark.parametrize(
    "cut",
    [
        lambda shop: cut_before(shop.store, "put_if_absent"),
        lambda shop: cut_after(shop.store, "put_if_absent"),
        lambda shop: cut_after(shop.documents, "add_rendition"),
        lambda shop: cut_after(shop.changes, "record"),
        lambda shop: cut_before(shop.spool, "discard"),
    ],
    ids=["before the put", "after the put", "after the rendition", "after the intent", "done"],
)
@pytest.mark.parametrize("edition", [1, 2])
def test_a_run_that_dies_is_finished_by_the_next(
    one: Workshop, cut: Callable[[Workshop], Callable[[], None]], edition: int
) -> None:
    first, *_ = sell(one)
    one.store.delete(first.object_key)
    one.renderer.edition = edition
    heal = cut(one)
    try:
        repair(one)
    except Cut:
        pass
    else:
        assert edition == 1, "only a new rendition is recorded"
    heal()
    report = repair(one)
    assert report.outcome is Outcome.OK
    assert len(one.store.puts) <= 3 + 2
    assert one.changes.unfinished(ChangeTarget.PDF) == []
    assert states(one).count(ChangeState.DONE) == 1
    pdf = one.documents.stored_pdf(first.number)
    assert pdf is not None
    assert sha256(one.store.objects[first.object_key]).hexdigest() in pdf.accepted
    assert len(pdf.accepted) == edition
    whole(one)


# Corrupt


@pytest.mark.parametrize("content", [b"", b"<html>", b"%PDF-1\nof somebody else"])
def test_a_pdf_that_is_not_the_issued_one(one: Workshop, content: bytes) -> None:
    """Without older versions a person decides; nothing is written."""
    first, *_ = sell(one)
    look(one)
    one.store.replace(first.object_key, content)
    for report in (look(one), repair(one)):
        finding = only(report)
        assert (finding.discrepancy, finding.fix) == (Kind.PDF_CORRUPT, FixState.NONE)
        assert finding.invoice_number == first.number
        assert "backup" in finding.hint
    assert one.store.objects[first.object_key] == content
    assert report.changes == ()


def test_an_older_version_that_is_whole_is_restored(shop: Workshop) -> None:
    shop.store = FakeInvoiceStore(versioned=True)
    first, *_ = sell(shop)
    pdf = shop.store.objects[first.object_key]
    shop.store.replace(first.object_key, b"broken")
    shop.store.replace(first.object_key, b"")
    assert only(look(shop)).fix is FixState.PLANNED
    report = repair(shop)
    assert only(report).fix is FixState.APPLIED
    assert report.outcome is Outcome.OK
    assert shop.store.objects[first.object_key] == pdf
    assert shop.store.older[first.object_key] == [pdf, b"broken", b""], "nothing is overwritten"
    (change,) = report.changes
    assert change.effect == {
        "sha256": (sha256(b"").hexdigest(), first.sha256),
        "version": (None, "0"),
    }
    assert states(shop) == [ChangeState.INTENDED, ChangeState.DONE]
    whole(shop)


@pytest.mark.parametrize("after", [False, True])
def test_a_restoring_run_that_dies_is_finished_by_the_next(one: Workshop, after: bool) -> None:
    one.store = FakeInvoiceStore(versioned=True)
    first, *_ = sell(one)
    one.store.replace(first.object_key, b"broken")
    heal = (cut_after if after else cut_before)(one.store, "supersede")
    with pytest.raises(Cut):
        repair(one)
    heal()
    assert repair(one).outcome is Outcome.OK
    assert one.changes.unfinished(ChangeTarget.PDF) == []
    assert states(one).count(ChangeState.DONE) == 1
    whole(one)


def test_a_corrupt_pdf_that_changed_meanwhile_is_left_alone(one: Workshop) -> None:
    one.store = FakeInvoiceStore(versioned=True)
    first, *_ = sell(one)
    one.store.replace(first.object_key, b"broken")
    original = one.store.supersede

    def late(*arguments: object) -> bool:
        one.store.replace(first.object_key, b"repaired by somebody")
        return original(*arguments)  # type: ignore[arg-type]

    heal = replaced(one.store, "supersede", late)
    report = repair(one)
    heal()
    assert one.store.objects[first.object_key] == b"repaired by somebody"
    assert report.changes == ()
    assert ChangeState.DONE not in states(one)


def test_a_hundred_flipped_bytes_are_a_hundred_findings(one: Workshop, tmp_path: Path) -> None:
    """Control: the same folder without them has none."""
    found = sell(one, 100)
    folder = FolderInvoiceStore(tmp_path / "pdfs")
    for invoice in found:
        folder.put_if_absent(invoice.object_key, one.store.objects[invoice.object_key])
    one.store = folder  # type: ignore[assignment]
    whole(one)
    chance = random.Random(20261125)
    for invoice in found:
        path = Path(folder.location(invoice.object_key))
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
    report = look(one)
    assert {f.invoice_number for f in report.findings} == {i.number for i in found}
    assert set(classes(report.findings)) == {Kind.PDF_CORRUPT}


# How much is read


def test_bytes_are_read_once_and_again_when_something_changed(one: Workshop) -> None:
    first, second, third = sell(one)
    keys = {invoice.object_key for invoice in (first, second, third)}
    one.store.gets.clear()
    look(one)
    assert set(one.store.gets) == keys
    one.store.gets.clear()
    look(one)
    assert one.store.gets == []
    one.store.replace(second.object_key, b"%PDF-other")
    look(one)
    look(one)
    assert one.store.gets == [second.object_key] * 2, "what was found wrong is read again"
    one.store.gets.clear()
    one.clock.move(days=ROTATION.days + 1)
    look(one)
    assert set(one.store.gets) == keys


def test_a_look_reads_a_part_and_the_next_ones_the_rest(
    one: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sell(one, 7)
    monkeypatch.setattr(sweep, "READ_AT_LEAST", 3)
    one.store.replace(found[0].object_key, b"")
    one.store.gets.clear()
    seen: list[set[str]] = []
    for _ in range(3):
        one.store.gets.clear()
        report = look(one)
        seen.append(set(one.store.gets) - {found[0].object_key})
        assert classes(report.findings) == [Kind.PDF_CORRUPT], "an empty one is read at once"
    assert [len(keys) for keys in seen] == [3, 3, 0]
    assert not seen[0] & seen[1]


def test_an_order_s_own_pdf_is_read_whenever_it_is_asked_for(one: Workshop) -> None:
    first, second, _ = sell(one)
    look(one)
    one.store.delete(second.object_key)
    one.store.gets.clear()
    assert look(one, order_id=first.order_id).findings == ()
    assert one.store.gets == [first.object_key]
    assert only(look(one, order_id=second.order_id)).discrepancy is Kind.PDF_MISSING


def test_a_scope_of_other_classes_asks_the_store_nothing(one: Workshop) -> None:
    sell(one)
    one.store.failure = DOWN
    report = look(one, discrepancies=frozenset({Kind.PAID_NOT_RECORDED, Kind.NUMBER_GAP}))
    assert (report.findings, report.unread) == ((), ())


def test_a_period_knows_the_invoices_that_were_issued_in_it(one: Workshop) -> None:
    first, *_ = sell(one)
    one.store.delete(first.object_key)
    one.store.objects["invoices/u_9/inv_0123456789abcdef0123_FACT-2026-000099.pdf"] = b"%PDF-"
    assert look(one, since=NOW + timedelta(days=1)).findings == ()
    assert classes(look(one, since=BEGINNING).findings) == [Kind.PDF_MISSING]


# Orphans and unfinished work


def test_a_pdf_of_ours_without_invoice_is_an_orphan_and_stays(one: Workshop) -> None:
    sell(one)
    key = "invoices/u_9/inv_0123456789abcdef0123_FACT-2026-000099.pdf"
    one.store.objects[key] = b"%PDF-1\n"
    one.store.objects["invoices/user-1/abc_INV-2026-X_1737216000000.pdf"] = b"the application's"
    report = repair(one)
    finding = only(report)
    assert (finding.discrepancy, finding.refs) == (Kind.PDF_ORPHAN, {"object_key": key})
    assert finding.fix is FixState.NONE
    assert key in one.store.objects


def test_unfinished_invoices_are_neither_missing_nor_orphans(one: Workshop) -> None:
    """Issued a few ahead; one was put, and the run died before it was recorded."""
    sell(one)
    one.take(sale(4), sale(5))
    reconcile(one, ReconcileRequest())
    heal = cut_after(one.store, "put_if_absent")
    with pytest.raises(Cut):
        generate_invoices(one, GenerateRequest(BEGINNING))
    heal()
    assert len(one.invoices.unfinished()) == 2
    assert classes(look(one).findings) == []
    generate_invoices(one, GenerateRequest(BEGINNING))
    whole(one)


def test_an_invoice_issued_while_the_list_is_read_is_neither(one: Workshop) -> None:
    sell(one)
    original = one.store.listing

    def slow(prefix: str) -> Iterator[object]:
        listed = list(original(prefix))
        yield from listed[:1]
        one.take(sale(4))
        reconcile(one, ReconcileRequest(Scope(order_id="A-4")))
        generate_invoices(one, GenerateRequest(BEGINNING))
        yield from list(original(prefix))[1:]

    replaced(one.store, "listing", slow)
    found = classes(look(one).findings)
    assert not {Kind.PDF_ORPHAN, Kind.PDF_MISSING} & set(found)


# A store that does not answer


def broken(shop: Workshop, name: str) -> Callable[[], None]:
    def fail(*_: object) -> object:
        raise DOWN

    return replaced(shop.store, name, fail)


def test_a_store_that_is_down_is_unknown_and_nothing_is_missing(shop: Workshop) -> None:
    sell(shop)
    shop.store.failure = DOWN
    for report in (look(shop), repair(shop)):
        finding = only(report)
        assert (finding.discrepancy, finding.fix) == (Kind.STORAGE_UNKNOWN, FixState.NONE)
        assert (finding.seen, finding.hint) == (DOWN.message, DOWN.hint)
        assert report.outcome is Outcome.INCOMPLETE
        assert DOWN.message in report.unread[0]
    shop.store.failure = None
    whole(shop)


def test_a_store_that_lists_but_does_not_answer_for_one(one: Workshop) -> None:
    """A 403 for a key may mean anything: it is not missing."""
    first, second, third = sell(one)
    for invoice in (first, second):
        one.store.delete(invoice.object_key)
    one.store.failures[first.object_key] = DOWN
    report = repair(one)
    assert report.outcome is Outcome.INCOMPLETE
    by_number = {f.invoice_number: f for f in report.findings}
    assert by_number[first.number].discrepancy is Kind.STORAGE_UNKNOWN
    assert by_number[second.number].discrepancy is Kind.PDF_MISSING
    assert by_number[second.number].fix is FixState.APPLIED
    assert first.object_key not in one.store.objects
    assert third.number not in by_number


@pytest.mark.parametrize("name", ["head", "get"])
def test_a_store_that_answers_nothing_clear_is_soon_left_alone(one: Workshop, name: str) -> None:
    found = sell(one, BATCH + 6)
    if name == "head":
        for invoice in found:
            one.store.delete(invoice.object_key)
    broken(one, name)
    report = look(one)
    assert classes(report.findings) == [Kind.STORAGE_UNKNOWN] * MAX_UNKNOWN
    assert report.outcome is Outcome.INCOMPLETE


def test_a_store_that_dies_between_look_and_repair(one: Workshop) -> None:
    first, *_ = sell(one)
    one.store.delete(first.object_key)
    heal = broken(one, "put_if_absent")
    report = repair(one)
    heal()
    assert report.outcome is Outcome.INCOMPLETE
    assert only(report).fix is FixState.SKIPPED
    assert repair(one).outcome is Outcome.OK
    assert states(one)[-1] is ChangeState.DONE
    assert one.changes.unfinished(ChangeTarget.PDF) == []


def test_without_fix_the_store_is_only_read(one: Workshop) -> None:
    first, *_ = sell(one)
    one.store.delete(first.object_key)
    before = (dict(one.store.objects), one.contents(without=MIRROR | RECORDS))
    puts = list(one.store.puts)
    look(one)
    assert (one.store.objects, one.contents(without=MIRROR | RECORDS)) == before
    assert one.store.puts == puts


@pytest.mark.parametrize(
    "answer",
    [
        s3_error(403, "AccessDenied"),
        s3_error(500, "InternalError"),
        s3_error(503, "SlowDown"),
        s3_error(404, "NoSuchBucket"),
        Answer(200),
        Answer(raw=b""),
        Answer(hang=True),
    ],
    ids=["403", "500", "503", "no bucket", "empty", "reset", "time-out"],
)
def test_a_bucket_that_misbehaves_makes_the_run_incomplete(one: Workshop, answer: Answer) -> None:
    sell(one)
    with scripted(answer) as server:
        bucket = S3InvoiceStore(
            "bucket",
            endpoint_url=server.url,
            access_key_id="a",
            secret_access_key="b",
            connect_timeout=0.5,
            read_timeout=0.3,
            max_attempts=1,
        )
        one.store = bucket  # type: ignore[assignment]
        report = repair(one)
        bucket.close()
    assert classes(report.findings) == [Kind.STORAGE_UNKNOWN]
    assert report.outcome.exit_code is ExitCode.INCOMPLETE
    assert report.changes == ()


# Sums


def edit_snapshot(shop: Workshop, invoice: Invoice, **values: object) -> None:
    """What nobody may do to an issued invoice."""
    text = to_json(replace(invoice.snapshot, **values))  # type: ignore[arg-type]
    with shop.database.database.write() as connection:
        this = invoices.c.invoice_id == invoice.invoice_id
        connection.execute(invoices.update().where(this).values(snapshot=text))


def test_an_invoice_whose_sums_do_not_hold_is_shown_and_never_edited(shop: Workshop) -> None:
    first, *_ = sell(shop)
    edit_snapshot(shop, first, total_vat=first.snapshot.total_vat + eur(1))
    for report in (look(shop), repair(shop)):
        finding = only(report)
        assert (finding.discrepancy, finding.fix) == (Kind.INVOICE_AMOUNT, FixState.NONE)
        assert (finding.order_id, finding.invoice_number) == (first.order_id, first.number)
    assert report.changes == ()


def test_an_invoice_over_another_amount_than_was_paid(one: Workshop) -> None:
    """The order says what the invoice does not; the payment decides who is wrong."""
    first, second, _ = sell(one)
    with one.database.database.write() as connection:
        for invoice, table in ((first, orders), (second, invoices)):
            this = table.c.order_id == invoice.order_id
            column = "amount_minor" if table is orders else "total_minor"
            connection.execute(table.update().where(this).values(**{column: 1}))
    found = {(str(f.discrepancy), f.order_id) for f in look(one).findings}
    assert found == {("AMOUNT_MISMATCH", first.order_id)}
    smaller = replace(second.snapshot.lines[0], amount=eur(100), net=eur(100))
    group = replace(second.snapshot.vat[0], rate=smaller.vat_rate, net=eur(83), vat=eur(17))
    edit_snapshot(
        one,
        second,
        lines=(replace(smaller, net=eur(83)),),
        vat=(group,),
        total=eur(100),
        total_net=eur(83),
        total_vat=eur(17),
    )
    wrong = [f for f in look(one).findings if f.discrepancy is Kind.INVOICE_AMOUNT]
    assert [(f.order_id, f.seen) for f in wrong] == [(second.order_id, "1.00 EUR invoiced")]
    assert wrong[0].expected == f"{second.total} as paid"


def test_of_many_invoices_a_part_is_added_up_and_what_was_wrong_again(one: Workshop) -> None:
    found = sell(one, 12)
    few = SqlDocumentLedger(one.database.database, page=2, audited=4)
    later = NOW + timedelta(days=100)
    seen = [{i.number for i, _ in few.to_audit(later + timedelta(days=n))} for n in range(3)]
    assert [len(part) for part in seen] == [4, 4, 4]
    assert set.union(*seen) == {invoice.number for invoice in found}
    assert {i.number for i, _ in few.to_audit(NOW)} == {i.number for i in found}, "recent ones"
    edit_snapshot(one, found[0], total_vat=eur(1))
    look(one)
    assert all(
        found[0].number in {i.number for i, _ in few.to_audit(later + timedelta(days=n))}
        for n in range(3)
    )


def test_numbers_are_part_of_the_look(one: Workshop) -> None:
    _, second, _ = sell(one)
    with one.database.database.write() as connection:
        connection.execute(invoices.delete().where(invoices.c.number == second.number))
    report = repair(one)
    assert {f.discrepancy for f in report.findings} == {
        Kind.NUMBER_GAP,
        Kind.PDF_ORPHAN,
        Kind.INVOICE_MISSING,
    }
    gap = next(f for f in report.findings if f.discrepancy is Kind.NUMBER_GAP)
    assert gap.invoice_number == second.number
    assert report.changes == ()
