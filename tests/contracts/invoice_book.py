"""What every InvoiceBook promises, real or fake."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from stakactl.domain.invoice_status import InvoiceSort, InvoiceStatus, Moments, status_of
from stakactl.domain.invoicing import Credited, Invoice, InvoiceSnapshot, PdfStatus, object_key
from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.domain.numbering import Series
from stakactl.errors import NotFound, Refused
from stakactl.operations.ports import InvoiceBook, InvoiceFilter, Outbox
from tests.builders import NOW, a_customer, an_order, eur
from tests.contracts.issuing import (
    AVOIR,
    FACT,
    TODAY,
    issue,
    issue_apart,
    issue_for,
    order,
    snapshot_of,
)


class InvoiceBookContract:
    """Subclasses bring the fixtures `invoices` and `outbox` of one store."""

    def test_an_invoice_comes_back_as_it_was_issued(self, invoices: InvoiceBook) -> None:
        invoice = issue_for(invoices, an_order())
        assert invoice == Invoice(
            invoice_id=invoice.invoice_id,
            number="FACT-2026-000001",
            series="FACT",
            order_id="A-1",
            customer_id="u_1",
            issued_at=datetime(2026, 3, 15, 12, tzinfo=UTC),
            snapshot=snapshot_of(an_order(), "FACT-2026-000001", TODAY),
            pdf_status=PdfStatus.RESERVED,
            object_key=object_key("u_1", invoice.invoice_id, "FACT-2026-000001"),
            sha256=None,
            run_id="run_1",
            moments=Moments(paid_at=an_order().paid_at),
        )
        assert invoice.invoice_id.startswith("inv_")
        assert len(invoice.invoice_id) == 24
        assert invoices.get(invoice.number) == invoice
        assert invoices.get(invoice.invoice_id) == invoice
        assert invoices.for_order("A-1") == invoice
        assert invoices.get("FACT-2026-000002") is None
        assert invoices.for_order("A-2") is None

    def test_an_order_has_one_live_invoice_and_losing_costs_no_number(
        self, invoices: InvoiceBook
    ) -> None:
        issue_for(invoices, order(1))
        assert issue(invoices, order(1)) is None
        assert issue(invoices, order(1), series=Series("TEST-FACT")) is None
        assert issue_for(invoices, order(2)).number == "FACT-2026-000002"
        other = issue_for(invoices, order(3), series=Series("TEST-FACT"))
        assert other.number == "TEST-FACT-2026-000001"
        assert invoices.count() == 3

    def test_an_invoice_of_no_order_has_its_reference_for_itself(
        self, invoices: InvoiceBook
    ) -> None:
        first = issue_apart(invoices, "QUOTE-1")
        assert first is not None
        assert (first.number, first.order_id, first.subject) == ("FACT-2026-000001", "", "QUOTE-1")
        assert first.moments == Moments(due_at=datetime(2026, 4, 14, 22, tzinfo=UTC))  # Paris
        assert invoices.get(first.number) == first
        assert issue_apart(invoices, "QUOTE-1") is None
        assert issue_apart(invoices, "QUOTE-1", series=Series("TEST-FACT")) is None
        second = issue_apart(invoices, "QUOTE-2", by_mail=False)
        assert second is not None
        assert (second.number, second.by_mail) == ("FACT-2026-000002", False)
        assert invoices.for_reference("QUOTE-1") == first
        assert invoices.for_reference("") is None
        assert invoices.for_order("") is None
        assert invoices.for_order("QUOTE-1") is None
        assert issue_for(invoices, order(1)).number == "FACT-2026-000003"
        assert invoices.find(InvoiceFilter("quote-2")) == [second]
        later = datetime(2026, 4, 14, 22, tzinfo=UTC)
        for moment, status in (
            (later - timedelta(seconds=1), InvoiceStatus.GENERATED),
            (later, InvoiceStatus.OVERDUE),
        ):
            unpaid = invoices.find(InvoiceFilter(status=(status, moment), sort=InvoiceSort.NUMBER))
            assert unpaid == [first, second]

    def test_a_cancelled_reference_makes_way_for_another(self, invoices: InvoiceBook) -> None:
        first = issue_apart(invoices, "QUOTE-1")
        assert first is not None

        def whole(number: str, issued_on: date, *_: object) -> InvoiceSnapshot:
            cited = Credited(first.number, first.snapshot.issued_on)
            changed = {"number": number, "issued_on": issued_on, "credited": cited, "due_on": None}
            return replace(first.snapshot, **changed)  # type: ignore[arg-type]

        note = invoices.credit(first.invoice_id, AVOIR, NOW, TODAY, "r", whole, cancel=True)
        assert note is not None
        assert (note.reference, note.moments) == ("QUOTE-1", Moments())
        assert invoices.for_reference("QUOTE-1") is None
        again = issue_apart(invoices, "QUOTE-1")
        assert again is not None
        assert invoices.for_reference("QUOTE-1") == again

    def test_numbers_begin_anew_each_year_and_dates_never_go_back(
        self, invoices: InvoiceBook
    ) -> None:
        days = [date(2026, 12, 31), date(2027, 1, 1), date(2026, 12, 31), date(2027, 1, 2)]
        issued = [issue_for(invoices, order(n), today=day) for n, day in enumerate(days)]
        assert [invoice.number for invoice in issued] == [
            "FACT-2026-000001",
            "FACT-2027-000001",
            "FACT-2027-000002",
            "FACT-2027-000003",
        ]
        dates = [invoice.snapshot.issued_on for invoice in issued]
        assert dates == [days[0], days[1], days[1], days[3]]

    def test_a_snapshot_that_cannot_be_made_costs_no_number(self, invoices: InvoiceBook) -> None:
        def refuse(number: str, issued_on: date) -> InvoiceSnapshot:
            raise LookupError("no address")

        with pytest.raises(LookupError):
            invoices.issue("A-1", "u_1", FACT, NOW, TODAY, "run_1", refuse)
        assert invoices.count() == 0
        assert issue_for(invoices, order(2)).number == "FACT-2026-000001"

    def test_a_snapshot_with_another_number_is_refused(self, invoices: InvoiceBook) -> None:
        def lie(number: str, issued_on: date) -> InvoiceSnapshot:
            return snapshot_of(an_order(), "FACT-2026-000099", issued_on)

        with pytest.raises(ValueError, match="FACT-2026-000001"):
            invoices.issue("A-1", "u_1", FACT, NOW, TODAY, "run_1", lie)
        assert invoices.count() == 0

    def test_the_way_of_a_pdf(self, invoices: InvoiceBook, outbox: Outbox) -> None:
        first, second = issue_for(invoices, order(1)), issue_for(invoices, order(2))
        assert invoices.unfinished() == [first, second]
        invoices.mark_rendered(first.invoice_id, "a" * 64)
        rendered = replace(first, pdf_status=PdfStatus.RENDERED, sha256="a" * 64)
        assert invoices.unfinished() == [rendered, second]
        mail = NewMail(MailKind.INVOICE, first.invoice_id, "lea.martin@example.com")
        for _ in range(2):
            invoices.mark_stored(first.invoice_id, NOW, mail)
        assert invoices.unfinished() == [second]
        assert invoices.get(first.number) == replace(rendered, pdf_status=PdfStatus.STORED)
        assert [queued.subject_id for queued in outbox.find()] == [first.invoice_id]
        invoices.mark_rendered(second.invoice_id, "b" * 64)
        invoices.mark_stored(second.invoice_id, NOW)
        assert outbox.waiting(NOW) == 1

    def test_many_are_recorded_together_or_not_at_all(
        self, invoices: InvoiceBook, outbox: Outbox
    ) -> None:
        made = [issue_for(invoices, order(number)) for number in (1, 2, 3)]
        mails: dict[str, Sequence[NewMail]] = {
            each.invoice_id: [NewMail(MailKind.INVOICE, each.invoice_id, f"{n}@x.fr")]
            for n, each in enumerate(made)
        }
        with pytest.raises(Refused, match="no checksum"):
            invoices.mark_all_stored(mails, NOW)
        checksums = {each.invoice_id: "a" * 64 for each in made}
        with pytest.raises(NotFound):
            invoices.mark_all_rendered({**checksums, "inv_x": "b" * 64})
        assert invoices.unfinished() == made
        invoices.mark_all_rendered(checksums)
        with pytest.raises(NotFound):
            invoices.mark_all_stored({**mails, "inv_x": ()}, NOW)
        assert len(invoices.unfinished()) == 3
        assert outbox.find() == []
        invoices.mark_all_stored(mails, NOW)
        invoices.mark_all_stored(mails, NOW)
        assert invoices.unfinished() == []
        queued = [mail.recipient for mail in reversed(outbox.find())]
        assert queued == ["0@x.fr", "1@x.fr", "2@x.fr"], "in the order of the numbers"

    def test_the_checksum_of_a_stored_pdf_never_changes(self, invoices: InvoiceBook) -> None:
        invoice = issue_for(invoices, order(1))
        with pytest.raises(Refused):
            invoices.mark_stored(invoice.invoice_id, NOW)
        invoices.mark_rendered(invoice.invoice_id, "a" * 64)
        invoices.mark_stored(invoice.invoice_id, NOW)
        invoices.mark_rendered(invoice.invoice_id, "a" * 64)
        with pytest.raises(Refused):
            invoices.mark_rendered(invoice.invoice_id, "b" * 64)

    def test_an_unknown_invoice(self, invoices: InvoiceBook) -> None:
        with pytest.raises(NotFound):
            invoices.mark_rendered("inv_x", "a" * 64)
        with pytest.raises(NotFound):
            invoices.mark_stored("inv_x", NOW)

    def test_find(self, invoices: InvoiceBook) -> None:
        buyer = a_customer(name="Élodie", email="e@x.fr")
        first = issue_for(invoices, replace(order(1), customer=buyer, title="Œuvres"))
        second = issue_for(invoices, order(2))
        third = issue_for(invoices, order(3), today=TODAY + timedelta(days=1))
        assert invoices.find() == [third, second, first]
        assert invoices.find(InvoiceFilter(limit=1, offset=1)) == [second]
        for search in ("ÉLODIE", "E@x", "000001", "a-1", "œuv"):
            assert invoices.find(InvoiceFilter(search)) == [first], search
        assert invoices.find(InvoiceFilter("%")) == []
        tomorrow = datetime(2026, 3, 16, tzinfo=UTC)
        assert invoices.find(InvoiceFilter(since=tomorrow)) == [third]
        assert invoices.find(InvoiceFilter(until=tomorrow)) == [second, first]
        assert len(invoices.find(InvoiceFilter(customer_id="u_1"))) == 3
        assert invoices.find(InvoiceFilter(customer_id="u_2")) == []

    @pytest.mark.parametrize(
        ("sort", "numbers"),
        [
            (InvoiceSort.NEWEST, [3, 2, 1]),
            (InvoiceSort.OLDEST, [1, 2, 3]),
            (InvoiceSort.NUMBER_BACKWARDS, [3, 2, 1]),
            (InvoiceSort.LOWEST, [2, 3, 1]),
            (InvoiceSort.HIGHEST, [1, 3, 2]),
            (InvoiceSort.DUE, [1, 2, 3]),
        ],
    )
    def test_sorted(self, invoices: InvoiceBook, sort: InvoiceSort, numbers: list[int]) -> None:
        for number, amount in enumerate([900, 100, 500], 1):
            issue_for(invoices, replace(order(number), amount=eur(amount)))
        found = invoices.find(InvoiceFilter(sort=sort))
        assert [invoice.order_id for invoice in found] == [f"A-{n}" for n in numbers]

    def test_the_status_in_a_search_is_the_derived_one(
        self, invoices: InvoiceBook, outbox: Outbox
    ) -> None:
        paid = issue_for(invoices, order(1))
        invoices.mark_rendered(paid.invoice_id, "a" * 64)
        mail = NewMail(MailKind.INVOICE, paid.invoice_id, "ann@example.com")
        invoices.mark_stored(paid.invoice_id, NOW, mail)
        queued = outbox.claim(NOW)
        assert queued is not None
        outbox.settle(queued.mail_id, MailStatus.SENT, NOW)
        (found,) = invoices.find()
        assert found.moments == Moments(sent_at=NOW, paid_at=an_order().paid_at)
        for status in InvoiceStatus:
            matching = invoices.find(InvoiceFilter(status=(status, NOW)))
            assert matching == ([found] if status is status_of(found.moments, NOW) else [])

    def test_a_credit_note_is_numbered_apart_and_is_not_the_orders_invoice(
        self, invoices: InvoiceBook
    ) -> None:
        invoice = issue_for(invoices, order(1))
        seen: list[int] = []

        def freeze(
            number: str, issued_on: date, credited: Invoice, earlier: list[Invoice]
        ) -> InvoiceSnapshot:
            assert credited == invoice
            seen.append(len(earlier))
            cited = Credited(invoice.number, invoice.snapshot.issued_on)
            return replace(
                invoice.snapshot,
                number=number,
                issued_on=issued_on,
                payment=None,
                credited=cited,
            )

        def note() -> Invoice | None:
            return invoices.credit(invoice.invoice_id, AVOIR, NOW, TODAY, "run_2", freeze)

        notes = [note(), note()]
        assert seen == [0, 1]
        assert [one.number for one in notes if one] == ["AVOIR-2026-000001", "AVOIR-2026-000002"]
        assert invoices.credits_of(invoice.invoice_id) == notes
        assert invoices.for_order("A-1") == invoice
        assert len(invoices.unfinished()) == 3
        assert issue_for(invoices, order(2)).number == "FACT-2026-000002"

    def test_a_refused_credit_leaves_everything_as_it_was(self, invoices: InvoiceBook) -> None:
        invoice = issue_for(invoices, order(1))

        def refuse(*_: object) -> InvoiceSnapshot:
            raise Refused("too much")

        with pytest.raises(Refused):
            invoices.credit(invoice.invoice_id, AVOIR, NOW, TODAY, "run_2", refuse, cancel=True)
        assert invoices.find() == [invoice]
        with pytest.raises(NotFound):
            invoices.credit("inv_x", AVOIR, NOW, TODAY, "run_2", refuse)

    def test_a_cancelled_invoice_makes_way_for_another(self, invoices: InvoiceBook) -> None:
        invoice = issue_for(invoices, order(1))

        def nothing(*_: object) -> None:
            return None

        credit = invoices.credit
        assert credit(invoice.invoice_id, AVOIR, NOW, TODAY, "r", nothing, cancel=True) is None
        assert invoices.for_order("A-1") is None
        found = invoices.get(invoice.number)
        assert found == replace(invoice, moments=replace(invoice.moments, cancelled_at=NOW))
        cancelled = InvoiceFilter(status=(InvoiceStatus.CANCELLED, NOW))
        assert invoices.find(cancelled) == [found]
        assert issue_for(invoices, order(1)).number == "FACT-2026-000002"
