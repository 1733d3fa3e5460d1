"""Orders of the application's own database in our order book, over time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from stakactl.adapters.orders.application.application import MappedApplication
from stakactl.domain.findings import Discrepancy
from stakactl.domain.orders import OrderStatus
from stakactl.domain.runs import Outcome
from stakactl.errors import ConfigurationError, DatabaseError, ExitCode
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.nightly import nightly
from stakactl.operations.ports import OrderFilter
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from stakactl.operations.sync_orders import OVERLAP, sync_orders
from tests.builders import NOW, ORDERED, an_order, eur
from tests.operations.workshop import BEGINNING, Workshop, classes, raises, replaced, sale
from tests.staka import Staka, mapped, naive

LATER = NOW + timedelta(days=30)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """What depends on our database has its tests in tests/adapters/database."""
    return sqlite_url


@pytest.fixture
def application(shop: Workshop, staka: Staka) -> Iterator[MappedApplication]:
    shop.application = opened = mapped(staka.url, page=2)
    yield opened
    opened.close()


pytestmark = pytest.mark.usefixtures("application")


def many(staka: Staka, count: int = 7, **values: Any) -> None:
    for number in range(1, count + 1):
        session = f"cs_live_{number}"
        staka.order(**{"id": f"A-{number}", "stripeSessionId": session, **values})


def touched(staka: Staka, order_id: str = "A-1", **values: Any) -> None:
    """Changed by the application's own code, which says when."""
    staka.change(order_id, updatedAt=naive(NOW), **values)


def statuses(shop: Workshop) -> dict[str, OrderStatus]:
    return {order.order_id: order.status for order in shop.orders.find(OrderFilter())}


def test_an_order_is_read_as_the_application_means_it(shop: Workshop, staka: Staka) -> None:
    staka.order(paymentStatus="paid", statut="EN_COURS", dateEcheance=naive(NOW))
    staka.invoice(status="CANCELLED", id="f_0", number="FACT-2026-1")
    staka.invoice(number="FACT-2026-2")
    report = sync_orders(shop)
    assert (report.whole, report.read, report.created, report.outcome) == (True, 1, 1, Outcome.OK)
    order = shop.orders.get("A-1")
    assert order is not None
    assert (order.status, order.amount) == (OrderStatus.PAID, eur(46800))
    assert (order.created_at, order.updated_at, order.due_at) == (ORDERED, ORDERED, NOW)
    assert (order.customer.name, order.customer.email, order.customer.customer_id) == (
        "Léa Martin 🖋",
        "lea.martin@example.com",
        "u_1",
    )
    assert order.title == "Correction complète"
    assert order.stripe_session_id == "cs_live_1"
    assert order.invoice_number == "FACT-2026-2"


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        ({"paymentStatus": None}, OrderStatus.PENDING),
        ({"paymentStatus": "pending"}, OrderStatus.PENDING),
        ({"paymentStatus": "succeeded", "statut": "TERMINE"}, OrderStatus.PAID),
        ({"paymentStatus": "failed"}, OrderStatus.FAILED),
        ({"paymentStatus": "paid", "statut": "ANNULEE"}, OrderStatus.CANCELLED),
        ({"paymentStatus": "refunded", "statut": "ANNULEE"}, OrderStatus.REFUNDED),
    ],
)
def test_the_state_of_an_order(
    shop: Workshop, staka: Staka, columns: dict[str, Any], status: OrderStatus
) -> None:
    staka.order(**columns)
    sync_orders(shop)
    assert shop.status() is status


def test_many_pages_and_the_second_time_nothing(shop: Workshop, staka: Staka) -> None:
    many(staka, 7)
    assert sync_orders(shop).created == 7
    again = sync_orders(shop, full=True)
    assert (again.read, again.created, again.updated) == (7, 0, 0)


def test_what_says_that_it_changed_is_read_the_next_time(shop: Workshop, staka: Staka) -> None:
    many(staka)
    sync_orders(shop)
    touched(staka, "A-3", paymentStatus="paid")
    staka.order(id="B-1", stripeSessionId=None, updatedAt=naive(NOW), createdAt=naive(NOW))
    report = sync_orders(shop)
    assert (report.whole, report.created, report.updated) == (False, 1, 1)
    assert statuses(shop)["A-3"] is OrderStatus.PAID


def test_ties_at_the_end_of_a_page_are_all_read(shop: Workshop, staka: Staka) -> None:
    staka.order(id="Z-0", stripeSessionId=None)
    sync_orders(shop)
    many(staka, 9, updatedAt=naive(NOW))
    assert sync_orders(shop).created == 9


def test_what_became_visible_late_is_read_by_the_overlap(shop: Workshop, staka: Staka) -> None:
    staka.order(updatedAt=naive(NOW))
    sync_orders(shop)
    late = NOW - OVERLAP + timedelta(minutes=1)
    staka.order(id="A-2", stripeSessionId=None, updatedAt=naive(late))
    assert sync_orders(shop).created == 1


def test_a_row_dated_in_the_future_hides_nothing(shop: Workshop, staka: Staka) -> None:
    staka.order(updatedAt=naive(LATER))
    sync_orders(shop)
    shop.clock.move(days=1)
    staka.order(id="A-2", stripeSessionId=None, updatedAt=naive(shop.clock.now()))
    assert sync_orders(shop).created == 1


def test_what_plain_sql_changed_is_found_by_the_whole_comparison(
    shop: Workshop, staka: Staka
) -> None:
    many(staka)
    touched(staka, "A-7")
    sync_orders(shop)
    staka.change("A-3", paymentStatus="paid")
    assert sync_orders(shop).updated == 0
    assert sync_orders(shop, full=True).updated == 1
    assert statuses(shop)["A-3"] is OrderStatus.PAID


def test_an_invoice_that_the_application_issued_later_is_seen(shop: Workshop, staka: Staka) -> None:
    staka.order(paymentStatus="paid")
    sync_orders(shop)
    staka.invoice(updatedAt=naive(NOW))
    sync_orders(shop)
    order = shop.orders.get("A-1")
    assert order is not None
    assert order.invoice_number == "FACT-2026-1700000000000"


def test_another_mapping_or_database_is_read_as_a_whole(
    shop: Workshop, staka: Staka, application: MappedApplication
) -> None:
    staka.order()
    sync_orders(shop)
    reading = shop.ledger.reading()
    assert reading is not None
    assert reading.source == application.source
    shop.application = other = mapped(staka.url.replace("127.0.0.1", "localhost"))
    assert sync_orders(shop).whole
    other.close()


# --- the application is right about what it tells ---


def test_a_paid_order_that_the_application_calls_unpaid_is_a_finding(
    shop: Workshop, staka: Staka
) -> None:
    staka.order(paymentStatus="paid", statut="EN_COURS")
    staka.invoice()
    shop.stripe.put(*sale().objects)
    assert reconcile(shop, ReconcileRequest()).outcome is Outcome.OK
    touched(staka, paymentStatus="unpaid")
    report = reconcile(shop, ReconcileRequest())
    assert classes(report.findings) == [Discrepancy.PAID_NOT_RECORDED]


def test_an_older_stamp_does_not_hide_a_change(shop: Workshop, staka: Staka) -> None:
    """A restored backup takes `updatedAt` back as well."""
    staka.order(paymentStatus="paid", updatedAt=naive(NOW))
    sync_orders(shop)
    staka.change(paymentStatus="failed", updatedAt=naive(ORDERED))
    sync_orders(shop, full=True)
    assert shop.status() is OrderStatus.FAILED


# --- deleted ---


def test_a_deleted_order_is_told_and_kept(shop: Workshop, staka: Staka) -> None:
    many(staka, 3)
    sync_orders(shop)
    staka.run("DELETE FROM commandes WHERE id = 'A-2'")
    assert sync_orders(shop).deleted == ()
    report = sync_orders(shop, full=True)
    assert report.deleted == ("A-2",)
    order = shop.orders.get("A-2")
    assert order is not None
    assert order.deleted_at == NOW
    assert sync_orders(shop, full=True).deleted == ()


def test_the_payment_of_a_deleted_order_has_no_order(shop: Workshop, staka: Staka) -> None:
    staka.order(paymentStatus="paid")
    shop.stripe.put(*sale().objects)
    sync_orders(shop)
    staka.run("DELETE FROM commandes")
    sync_orders(shop, full=True)
    report = reconcile(shop, ReconcileRequest(fix=True))
    assert classes(report.findings) == [Discrepancy.ORPHAN_PAYMENT]
    (finding,) = report.findings
    assert finding.order_id == "A-1"
    assert "deleted" in finding.seen


def test_a_deleted_order_that_was_never_paid_is_no_finding(shop: Workshop, staka: Staka) -> None:
    staka.order()
    sync_orders(shop)
    staka.run("DELETE FROM commandes")
    sync_orders(shop, full=True)
    assert reconcile(shop, ReconcileRequest()).outcome is Outcome.OK


def test_a_deleted_order_gets_no_invoice(shop: Workshop, staka: Staka) -> None:
    staka.order(paymentStatus="paid")
    shop.stripe.put(*sale().objects)
    reconcile(shop, ReconcileRequest())
    shop.clock.move(days=5)
    staka.run("DELETE FROM commandes")
    assert generate_invoices(shop, GenerateRequest(BEGINNING)).issued == ()


def test_an_order_that_comes_back_is_as_before(shop: Workshop, staka: Staka) -> None:
    staka.order()
    sync_orders(shop)
    staka.run("DELETE FROM commandes")
    sync_orders(shop, full=True)
    staka.order()
    sync_orders(shop, full=True)
    order = shop.orders.get("A-1")
    assert order is not None
    assert order.deleted_at is None


# --- rows that cannot be taken ---


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"paymentStatus": "whatever"}, ['column paymentStatus: "whatever"', "[[status]]"]),
        ({"amount": None}, ["column amount: is empty"]),
        ({"amount": -5}, ["column amount:", "negative"]),
        ({"stripeSessionId": "seti_1"}, ["column stripeSessionId:", "cs_"]),
    ],
)
def test_a_bad_row_is_told_and_the_rest_is_taken(
    shop: Workshop, staka: Staka, columns: dict[str, Any], words: list[str]
) -> None:
    many(staka, 3)
    staka.change("A-2", **columns)
    report = sync_orders(shop)
    assert (report.created, report.outcome) == (2, Outcome.INCOMPLETE)
    (problem,) = report.unread
    for word in ["commandes A-2: ", *words]:
        assert word in problem
    assert reconcile(shop, ReconcileRequest()).outcome is Outcome.INCOMPLETE


def test_a_bad_row_is_told_until_it_is_good(shop: Workshop, staka: Staka) -> None:
    staka.order(amount=None)
    staka.order(id="A-2", stripeSessionId=None, updatedAt=naive(NOW))
    sync_orders(shop)
    shop.clock.move(days=3)
    assert len(sync_orders(shop).unread) == 1
    staka.change(amount=46800)
    report = sync_orders(shop)
    assert (report.unread, report.created) == ((), 1)


def test_a_project_without_price_and_session_is_no_order(shop: Workshop, staka: Staka) -> None:
    staka.order(amount=None, stripeSessionId=None)
    report = sync_orders(shop)
    assert (report.unread, report.created) == ((), 0)
    touched(staka, amount=46800)
    assert sync_orders(shop).created == 1


def test_a_payment_id_in_the_column_of_the_session_is_understood(
    shop: Workshop, staka: Staka
) -> None:
    staka.order(stripeSessionId="pi_1")
    sync_orders(shop)
    order = shop.orders.get("A-1")
    assert order is not None
    assert (order.stripe_session_id, order.stripe_payment_intent_id) == (None, "pi_1")


# --- invoices that the application issues itself ---


def test_the_applications_invoices_are_waited_for_and_never_issued_twice(
    shop: Workshop, staka: Staka
) -> None:
    staka.order(paymentStatus="paid")
    recent = NOW - timedelta(hours=1)
    chain = sale(at=recent)
    shop.stripe.put(*chain.objects)
    report = reconcile(shop, ReconcileRequest())
    assert report.outcome is Outcome.PENDING
    (finding,) = report.findings
    assert finding.discrepancy is Discrepancy.INVOICE_MISSING
    assert finding.break_on == recent + timedelta(hours=72)
    assert generate_invoices(shop, GenerateRequest(BEGINNING)).issued == ()

    shop.clock.move(hours=73)
    staka.invoice(updatedAt=naive(shop.clock.now()))
    assert generate_invoices(shop, GenerateRequest(BEGINNING)).issued == ()
    staka.run("DELETE FROM invoices")
    sync_orders(shop, full=True)
    assert len(generate_invoices(shop, GenerateRequest(BEGINNING)).issued) == 1


def test_an_invoice_that_appears_while_we_issue_is_seen(shop: Workshop, staka: Staka) -> None:
    staka.order(paymentStatus="paid")
    shop.stripe.put(*sale().objects)
    reconcile(shop, ReconcileRequest())
    shop.clock.move(days=5)
    unfinished = shop.invoices.unfinished

    def issued_meanwhile() -> Any:
        staka.invoice(updatedAt=naive(shop.clock.now()))
        return unfinished()

    heal = replaced(shop.invoices, "unfinished", issued_meanwhile)
    assert generate_invoices(shop, GenerateRequest(BEGINNING)).issued == ()
    heal()


# --- failures ---


def test_without_a_mapping_the_command_says_what_to_set(shop: Workshop) -> None:
    shop.application = None
    with pytest.raises(ConfigurationError) as caught:
        sync_orders(shop)
    assert "ORDERS_MAPPING" in str(caught.value.hint)


def test_a_database_that_fails_leaves_the_run_incomplete(
    shop: Workshop, staka: Staka, application: MappedApplication
) -> None:
    staka.order()
    sync_orders(shop)
    away = DatabaseError("the application's database is away")
    for name in ("changed_since", "everything", "find"):
        replaced(application, name, raises(away))
    with pytest.raises(DatabaseError) as caught:
        sync_orders(shop)
    assert caught.value.exit_code is ExitCode.INCOMPLETE
    report = reconcile(shop, ReconcileRequest())
    assert report.outcome is Outcome.INCOMPLETE
    assert report.unread == ("the application's database is away",)


def test_a_night_reads_every_row_and_issues_nothing_where_it_cannot(
    shop: Workshop, staka: Staka, application: MappedApplication
) -> None:
    staka.order(paymentStatus="paid", updatedAt=naive(ORDERED))
    shop.stripe.put(*sale().objects)
    first = nightly(shop)
    assert [stage.name for stage in first.stages][:2] == ["orders", "sync"]
    assert len(shop.numbers()) == 1
    staka.order(id="A-2", stripeSessionId="cs_live_2", paymentStatus="paid")
    shop.stripe.put(*sale(2).objects)
    heal = replaced(application, "everything", raises(DatabaseError("away")))
    second = nightly(shop)
    outcomes = {stage.name: stage.outcome for stage in second.stages}
    assert outcomes["orders"] is Outcome.INCOMPLETE
    assert outcomes["invoices"] is Outcome.REFUSED
    assert second.outcome is Outcome.INCOMPLETE
    heal()
    assert nightly(shop).outcome is Outcome.OK
    assert len(shop.numbers()) == 2


def test_orders_that_were_imported_live_beside_them(shop: Workshop, staka: Staka) -> None:
    staka.order()
    shop.orders.import_orders([an_order(order_id="imported")])
    sync_orders(shop, full=True)
    order = shop.orders.get("imported")
    assert order is not None
    assert order.deleted_at is None
