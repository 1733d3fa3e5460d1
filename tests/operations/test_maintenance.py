"""While the flag stands nothing changes, and it never stands longer than it was raised for."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from stakactl.domain.maintenance import Maintenance
from stakactl.domain.runs import Outcome
from stakactl.errors import Refused
from stakactl.operations.credit_notes import CreditRequest, issue_credit
from stakactl.operations.import_orders import import_orders
from stakactl.operations.invoice_plan import GenerateRequest
from stakactl.operations.invoices import generate_invoices
from stakactl.operations.mail import send_mail
from stakactl.operations.maintenance import (
    end_maintenance,
    maintenance_status,
    raise_maintenance,
)
from stakactl.operations.nightly import nightly
from stakactl.operations.reconcile import ReconcileRequest, reconcile
from tests.builders import NOW, an_order
from tests.contracts.maintenance import FLAG, OWNED
from tests.fakes_maintenance import FakeMaintenanceCopy
from tests.operations.test_invoice_files import issued
from tests.operations.workshop import BEGINNING, RECORDS, Workshop, sale

HOUR = timedelta(hours=1)
WRITES: dict[str, Callable[[Workshop], object]] = {
    "nightly": nightly,
    "reconcile --fix": lambda shop: reconcile(shop, ReconcileRequest(fix=True)),
    "invoices generate": lambda shop: generate_invoices(shop, GenerateRequest(BEGINNING)),
    "invoices credit": lambda shop: issue_credit(
        shop, CreditRequest(shop.invoices.find()[0].number)
    ),
    "mail send": send_mail,
    "orders import": lambda shop: import_orders(shop, [an_order()], ()),
}


@pytest.mark.parametrize("command", WRITES)
def test_what_changes_something_waits(shop: Workshop, command: str) -> None:
    issued(shop)
    raise_maintenance(shop, "deploying", "ops", HOUR)
    before = shop.contents(without=RECORDS)
    with pytest.raises(Refused, match=r"maintenance is on until .* UTC .deploying."):
        WRITES[command](shop)
    assert shop.contents(without=RECORDS) == before
    shop.clock.move(hours=1)
    WRITES[command](shop)


def test_looking_is_allowed(shop: Workshop) -> None:
    shop.take(sale())
    raise_maintenance(shop, "deploying", "ops", HOUR)
    assert reconcile(shop, ReconcileRequest()).outcome is not Outcome.REFUSED


def test_it_comes_down_by_itself(shop: Workshop) -> None:
    report = raise_maintenance(shop, "deploying", "ops", HOUR)
    assert report.flag == Maintenance("deploying", "ops", NOW, NOW + HOUR)
    assert report.left == HOUR
    shop.clock.move(minutes=59, seconds=59)
    assert maintenance_status(shop).left == timedelta(seconds=1)
    shop.clock.move(seconds=1)
    assert maintenance_status(shop).flag is None


def test_raised_again_it_begins_anew(shop: Workshop) -> None:
    raise_maintenance(shop, "deploying", "ops", HOUR)
    shop.clock.move(minutes=30)
    report = raise_maintenance(shop, "it takes longer", "ops", HOUR)
    assert report.flag is not None
    assert report.flag.reason == "it takes longer"
    assert report.left == HOUR
    assert end_maintenance(shop).flag is None


def test_the_application_is_told(shop: Workshop) -> None:
    shop.maintenance_copy = copy = FakeMaintenanceCopy()
    assert raise_maintenance(shop, "deploying", "ops", HOUR).announced is True
    assert copy.lasts == HOUR
    assert end_maintenance(shop).announced is False


def test_an_application_that_cannot_be_told_is_a_warning(shop: Workshop) -> None:
    shop.maintenance_copy = copy = FakeMaintenanceCopy()
    copy.down = True
    report = raise_maintenance(shop, "deploying", "ops", HOUR)
    assert report.flag is not None
    assert (report.announced, report.warning) == (None, "no answer")
    with pytest.raises(Refused):
        send_mail(shop)
    copy.down = False
    status = maintenance_status(shop)
    assert (status.announced, status.warning) == (False, None)


def test_what_a_rollback_holds_is_its_own(shop: Workshop) -> None:
    shop.maintenance.swap(None, OWNED)
    shop.clock.move(days=30)
    for change in (
        lambda: raise_maintenance(shop, "mine", "ops", HOUR),
        lambda: end_maintenance(shop),
        lambda: send_mail(shop),
    ):
        with pytest.raises(Refused, match=str(OWNED.owner)) as caught:
            change()
        assert "rollback resume" in str(caught.value.hint)
    assert maintenance_status(shop).flag == OWNED


def test_somebody_else_was_faster(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.maintenance, "last", lambda: None)
    shop.maintenance.swap(None, FLAG)
    with pytest.raises(Refused, match="meanwhile"):
        raise_maintenance(shop, "mine", "ops", HOUR)
