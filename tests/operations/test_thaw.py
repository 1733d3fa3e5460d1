"""A restore of yesterday's backup: no number twice, no order invoiced twice, no mail twice."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from stakactl.adapters.database.dump import SqlStoreDump
from stakactl.adapters.database.store import Store
from stakactl.adapters.storage.backup_files import FileBackupFolder
from stakactl.domain.mail import MailStatus
from stakactl.domain.new_invoices import NewInvoice
from stakactl.domain.orders import OrderLine
from stakactl.domain.restores import MAY_BE_SENT, FoundState
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused, StorageError, UsageError
from stakactl.operations.backup import create_backup, restore_backup
from stakactl.operations.create_invoice import create_invoice
from stakactl.operations.credit_notes import CreditRequest, issue_credit
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mail import send_mail
from stakactl.operations.nightly import nightly
from stakactl.operations.ports import InvoiceFilter
from stakactl.operations.scope import Scope
from stakactl.operations.sync import sync_stripe
from stakactl.operations.thaw import ThawReport, ThawRequest, plan_thaw, thaw, thaw_restored
from stakactl.operations.upload import upload_pdfs
from stakactl.operations.verify_invoices import verify_period
from tests.builders import a_customer, eur
from tests.fakes_delivery import FakeMailer
from tests.operations.workshop import (
    BEGINNING,
    Cut,
    Workshop,
    classes,
    cut_after,
    cut_before,
    sale,
)
from tests.sampling import sampled

REQUEST = GenerateRequest(BEGINNING, backfill=True)
FAKES = "stripe renderer reader spool store letters mailer mail_pace clock policy".split()


class Company:
    """One company over a restore: the world outside stays, the store becomes yesterday's."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.backups = FileBackupFolder(folder / "backups")
        self.backups_kept = 9
        self.surroundings: dict[str, Callable[[], list[str]]] = {}
        self.store_dump = SqlStoreDump(url)
        self.shop = Workshop(Store.open(url))
        self.clock, self.progress = self.shop.clock, self.shop.progress

    def backup(self) -> str:
        return create_backup(self).backup.name

    def restore(self, name: str) -> ThawReport:
        self.put_back(name)
        return thaw_restored(self.shop)

    def put_back(self, name: str) -> None:
        """The restore alone, as if it died right behind it."""
        before = self.shop
        before.database.close()
        restore_backup(self, name, replace=True)
        self.shop = Workshop(Store.open(self.url))
        for fake in FAKES:
            setattr(self.shop, fake, getattr(before, fake))

    def issue(self, *numbers: int) -> None:
        """Orders come in, are invoiced, stored and mailed."""
        self.take(*numbers)
        generate_invoices(self.shop, REQUEST)
        send_mail(self.shop)

    def take(self, *numbers: int) -> None:
        self.shop.take(*map(sale, numbers))
        sync_stripe(self.shop)

    def numbers(self) -> list[str]:
        return sorted(i.number for i in self.shop.invoices.find(InvoiceFilter(limit=1000)))

    def check(self) -> None:
        """What the world outside holds, which no restore can change."""
        facts = [self.shop.reader.facts(pdf) for pdf in self.shop.store.objects.values()]
        known = [each for each in facts if each is not None]
        assert max(Counter(each.number for each in known).values(), default=0) <= 1
        invoiced = Counter(each.subject for each in known if not each.credits)
        assert max(invoiced.values(), default=0) <= 1, invoiced
        sent = Counter(letter.message_id for letter in self.shop.mailer.sent)
        assert max(sent.values(), default=0) <= 1
        to = Counter((letter.recipient, letter.subject) for letter in self.shop.mailer.sent)
        assert max(to.values(), default=0) <= 1


@pytest.fixture
def company(database_url: str, tmp_path: Path) -> Iterator[Company]:
    made = Company(database_url, tmp_path)
    made.shop.mailer = FakeMailer(can_tell=False)  # as a mail server
    yield made
    made.shop.database.close()


def test_nothing_issued_since_opens_at_once(company: Company) -> None:
    company.issue(1, 2)
    report = company.restore(company.backup())
    assert (report.frozen, report.outcome, report.compared) == (False, Outcome.OK, 2)
    company.issue(3)
    assert len(company.numbers()) == 3
    company.check()


def test_what_was_issued_since_is_taken_back_from_its_pdf(company: Company) -> None:
    company.issue(1, 2)
    company.take(3, 4)
    name = company.backup()
    company.issue(5)
    issued = company.numbers()
    before = {i.number: i for i in company.shop.invoices.find()}
    report = company.restore(name)
    assert report.frozen  # order 5 came in later: nobody knows it here
    assert [each.state for each in report.found] == [
        FoundState.TAKEN_BACK,
        FoundState.TAKEN_BACK,
        FoundState.OPEN,
    ]
    company.take(5)
    report = thaw(company.shop, ThawRequest())
    assert (report.frozen, report.count(FoundState.TAKEN_BACK)) == (False, 1)
    assert company.numbers() == issued
    for number, invoice in before.items():
        again = company.shop.invoices.get(number)
        assert again is not None
        assert again.snapshot == invoice.snapshot
        assert (again.invoice_id, again.sha256) == (invoice.invoice_id, invoice.sha256)
        assert again.object_key == invoice.object_key
    company.issue(6)
    company.check()
    assert verify_period(company.shop, Scope()).outcome is Outcome.OK


def test_until_then_nothing_gives_a_number(company: Company) -> None:
    company.issue(1)
    name = company.backup()
    company.issue(2)
    company.restore(name)
    company.take(2, 3)
    shop = company.shop
    first = company.numbers()[0]
    for attempt in (
        lambda: generate_invoices(shop, REQUEST),
        lambda: issue_credit(shop, CreditRequest(first)),
        lambda: issue_credit(shop, CreditRequest(first, cancel=True)),
        lambda: upload_pdfs(shop),
    ):
        with pytest.raises(Refused, match="restored") as caught:
            attempt()
        assert "stakactl backup thaw" in str(caught.value.hint)
    report = nightly(shop)
    stages = {stage.name: stage.outcome for stage in report.stages}
    assert (stages["invoices"], stages["reminders"]) == (Outcome.REFUSED, Outcome.REFUSED)
    assert stages["reconcile"] is Outcome.OK
    assert report.outcome is Outcome.REFUSED
    assert len(company.numbers()) == 1


def test_a_worker_that_is_under_way_is_refused_in_its_own_transaction(company: Company) -> None:
    """It looked at the freeze before there was one."""
    company.issue(1)
    name = company.backup()
    company.take(2)
    company.put_back(name)
    company.take(2)
    company.shop.restores.frozen = lambda: None  # type: ignore[method-assign]
    with pytest.raises(Refused, match="restored"):
        generate_invoices(company.shop, REQUEST)
    assert len(company.numbers()) == 1


def test_a_person_goes_on_above_what_does_not_fit(company: Company) -> None:
    company.issue(1)
    name = company.backup()
    company.issue(2, 3)
    company.restore(name)
    changed = sale(2).order
    company.shop.orders.import_orders([replace(changed, title="Another title")])
    company.take(4)
    report = thaw(company.shop, ThawRequest())
    assert report.frozen
    assert {each.state for each in report.found} == {FoundState.OPEN}
    report = thaw(company.shop, ThawRequest(advance=True))
    assert not report.frozen
    assert dict(report.moved or {}) == {"FACT": "FACT-2026-000003"}
    (change,) = company.shop.changes.find()
    assert change.change.summary == "number FACT-2026-000001 → FACT-2026-000003"
    blocked = generate_invoices(company.shop, REQUEST).blocked
    assert [(each.order_id, "FACT-2026-00000" in each.reason) for each in blocked] == [
        ("A-2", True)
    ]
    assert company.numbers() == ["FACT-2026-000001", "FACT-2026-000004"]
    verified = verify_period(company.shop, Scope())
    assert (classes(verified.findings), verified.lost) == ([], 2)
    company.check()
    company.take(3)  # its order is known now, and fits
    later = thaw(company.shop, ThawRequest())
    assert (later.count(FoundState.TAKEN_BACK), later.count(FoundState.HELD)) == (1, 1)
    assert len(company.numbers()) == 3
    assert verify_period(company.shop, Scope()).lost == 1
    company.check()


def test_credit_notes_come_back_behind_their_invoices(company: Company) -> None:
    company.issue(1)
    name = company.backup()
    (number,) = company.numbers()
    issue_credit(company.shop, CreditRequest(number, amount_minor=100))
    send_mail(company.shop)
    report = company.restore(name)
    assert (report.frozen, report.count(FoundState.TAKEN_BACK)) == (False, 1)
    note = company.shop.invoices.credits_of(company.shop.invoices.get(number).invoice_id)  # type: ignore[union-attr]
    assert [each.total.minor for each in note] == [100]


def test_a_credit_note_that_does_not_fit_is_not_given_twice(company: Company) -> None:
    company.issue(1)
    name = company.backup()
    (number,) = company.numbers()
    issue_credit(company.shop, CreditRequest(number, reason="a reason"))
    report = company.restore(name)
    assert report.frozen  # the words on the page are not known
    thaw(company.shop, ThawRequest(advance=True))
    with pytest.raises(Refused, match="AVOIR-2026-000001 credits"):
        issue_credit(company.shop, CreditRequest(number))


def test_invoices_without_an_order_keep_their_reference(company: Company) -> None:
    lines = (OrderLine("Audit", 2, eur(60000), Decimal(20)),)
    wanted = NewInvoice(
        "QUOTE-17", lines, a_customer(company="Librairie des Abbesses", siren="552100554")
    )
    name = company.backup()
    create_invoice(company.shop, wanted)
    company.restore(name)
    thaw(company.shop, ThawRequest(advance=True))
    with pytest.raises(Refused, match="FACT-2026-000001 was issued for"):
        create_invoice(company.shop, wanted)
    company.check()


def test_mails_that_may_have_left_wait_for_a_person(company: Company) -> None:
    company.issue(1)
    company.take(2)
    generate_invoices(company.shop, REQUEST)
    name = company.backup()  # with a mail that waits
    send_mail(company.shop)
    report = company.restore(name)
    assert (report.frozen, report.mails_unknown) == (False, 1)
    (mail,) = company.shop.outbox.find(MailStatus.UNKNOWN)
    assert (mail.error, mail.recipient) == (MAY_BE_SENT, "2@example.com")
    company.issue(3)
    company.check()


def test_a_transport_that_can_tell_is_asked(company: Company) -> None:
    company.shop.mailer = FakeMailer()
    company.take(1)
    generate_invoices(company.shop, REQUEST)
    name = company.backup()
    send_mail(company.shop)
    assert company.restore(name).mails_unknown == 0
    assert company.shop.only_mail().status is MailStatus.SENT


def test_an_unfinished_invoice_that_was_stored_since_is_mailed_once(company: Company) -> None:
    company.take(1)
    heal = company.shop.store
    heal.failure = StorageError("down")
    generate_invoices(company.shop, REQUEST)
    name = company.backup()
    heal.failure = None
    upload_pdfs(company.shop)
    send_mail(company.shop)
    report = company.restore(name)
    assert (report.frozen, report.mails_unknown) == (False, 1)
    upload_pdfs(company.shop)
    send_mail(company.shop)
    company.check()
    assert verify_period(company.shop, Scope()).outcome is Outcome.OK


def test_a_pdf_that_waits_in_the_home_counts(company: Company) -> None:
    company.issue(1)
    company.take(2)
    name = company.backup()
    company.shop.store.failure = StorageError("down")
    generate_invoices(company.shop, REQUEST)
    company.shop.store.failure = None
    report = company.restore(name)
    assert (report.frozen, report.count(FoundState.TAKEN_BACK)) == (False, 1)
    upload_pdfs(company.shop)
    send_mail(company.shop)
    assert len(company.shop.mailer.sent) == 2
    company.check()


def test_a_hole_between_the_numbers_needs_a_person(company: Company) -> None:
    company.issue(1)
    company.take(2, 3)
    name = company.backup()
    company.issue()
    lost = next(key for key in company.shop.store.objects if "000002" in key)
    company.shop.store.delete(lost)
    report = company.restore(name)
    assert (report.frozen, report.missing) == (True, ("FACT-2026-000002",))
    report = thaw(company.shop, ThawRequest(advance=True))
    assert not report.frozen
    assert classes(verify_period(company.shop, Scope()).findings) == []
    company.issue(4)
    assert "FACT-2026-000002" not in company.numbers()
    company.check()


def test_the_wrong_bucket_is_no_empty_one(company: Company) -> None:
    company.issue(1)
    name = company.backup()
    company.issue(2)
    kept, company.shop.store.objects = company.shop.store.objects, {}
    report = company.restore(name)
    assert (report.frozen, report.outcome) == (True, Outcome.INCOMPLETE)
    assert "right bucket" in str(report.hint)
    assert thaw(company.shop, ThawRequest(advance=True)).frozen
    with pytest.raises(UsageError):
        thaw(company.shop, ThawRequest(last=("2026/7",)))
    assert not thaw(company.shop, ThawRequest(last=("FACT-2026-000007",))).frozen
    company.shop.store.objects = kept
    company.issue(8)
    assert company.numbers()[-1] == "FACT-2026-000008"
    company.check()


def test_a_store_that_does_not_answer_leaves_it_frozen(company: Company) -> None:
    company.issue(1)
    name = company.backup()
    company.shop.store.failure = StorageError("down")
    report = company.restore(name)
    assert (report.frozen, report.outcome, report.problem) == (True, Outcome.INCOMPLETE, "down")
    company.shop.store.failure = None
    assert not thaw(company.shop, ThawRequest()).frozen


def test_a_look_changes_nothing(company: Company) -> None:
    company.issue(1)
    company.take(2)
    name = company.backup()
    company.issue()
    company.put_back(name)
    before = company.shop.contents()
    plan = plan_thaw(company.shop)
    assert company.shop.contents() == before
    assert [each.state for each in plan.found] == [FoundState.FITS]
    assert plan_thaw(company.shop).frozen


def test_pdfs_of_test_mode_are_another_stores(company: Company) -> None:
    company.issue(1)
    key = next(iter(company.shop.store.objects))
    invoice_id = "inv_" + "0" * 20
    company.shop.store.objects[f"invoices/u_9/{invoice_id}_TEST-FACT-2026-000077.pdf"] = b"%PDF-"
    company.shop.store.objects[f"invoices/u_9/report_{key[-8:]}"] = b"%PDF-"
    assert not company.restore(company.backup()).frozen


PLACES = [
    (owner, method, cut)
    for owner, method in (("restores", "take_back"), ("restores", "thaw"), ("outbox", "settle"))
    for cut in (cut_before, cut_after)
]


@pytest.mark.parametrize(("owner", "method", "cut"), sampled(PLACES, every=3))
def test_a_thaw_that_dies_leaves_it_frozen_or_right(
    company: Company, owner: str, method: str, cut: Callable[[object, str], Callable[[], None]]
) -> None:
    company.shop.mailer = FakeMailer()
    company.issue(1)
    company.take(2, 3)
    generate_invoices(company.shop, GenerateRequest(BEGINNING, sale(2).order.paid_at))
    name = company.backup()
    company.issue()
    company.put_back(name)
    heal = cut(getattr(company.shop, owner), method)
    with suppress(Cut):
        thaw(company.shop, ThawRequest())
    heal()
    thaw(company.shop, ThawRequest())
    company.issue(4)
    company.check()
    assert verify_period(company.shop, Scope()).outcome is Outcome.OK


@pytest.mark.parametrize(("seed", "rounds"), sampled([(n, 6) for n in range(40)], every=40))
def test_whatever_happened_between_backup_and_restore(
    company: Company, seed: int, rounds: int
) -> None:
    """Orders, nights, failures of the store, backups and restores in any order."""
    draw, orders, backups = random.Random(seed), iter(range(1, 1000)), [company.backup()]
    issued: set[int] = set()

    def work() -> None:
        new = [next(orders) for _ in range(draw.randrange(3))]
        issued.update(new)
        company.take(*new)
        company.shop.store.failure = draw.choice([None, None, StorageError("down")])
        with suppress(Refused):
            generate_invoices(company.shop, REQUEST)
        company.shop.store.failure = None
        if draw.random() < 0.7:
            send_mail(company.shop)

    for _ in range(rounds):
        for _ in range(draw.randrange(1, 4)):
            work()
        backups.append(company.backup())
        work()
        if draw.random() < 0.5:
            company.put_back(draw.choice(backups))
            company.take(*draw.sample(sorted(issued), draw.randrange(len(issued) + 1)))
            if draw.random() < 0.7:
                thaw(company.shop, ThawRequest(advance=draw.random() < 0.5))
        company.check()
        company.clock.move(hours=1)
    company.take(*issued)
    thaw(company.shop, ThawRequest(advance=True))
    work()
    thaw(company.shop, ThawRequest())  # what was held fits by now
    upload_pdfs(company.shop)
    company.check()
    verified = verify_period(company.shop, Scope())
    assert (classes(verified.findings), verified.lost) == ([], 0)
    facts = map(company.shop.reader.facts, company.shop.store.objects.values())
    assert {each.subject for each in facts if each} == {f"A-{number}" for number in issued}
