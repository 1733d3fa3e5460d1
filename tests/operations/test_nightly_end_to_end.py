"""A whole night on the demo world with everything real but the network's other end."""

import email.policy
import hashlib
import uuid
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest

from stakactl.adapters.mail.smtp import SmtpMailer
from stakactl.adapters.mail.smtp_connection import Security
from stakactl.adapters.storage.s3 import S3InvoiceStore
from stakactl.domain.invoicing import Invoice, PdfStatus
from stakactl.domain.mail import MailStatus
from stakactl.operations.nightly import NightlyReport, nightly
from stakactl.operations.ports import InvoiceFilter
from tests.adapters.mail.smtp_servers import Recorder, smtp_server
from tests.contract import ContractError
from tests.operations.nightly_world import NightlyWorld, nightly_world
from tests.operations.workshop import MIRROR, RECORDS, Workshop

EVERYTHING = 100_000
KEYS = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "secret"}
WORKING = MIRROR | RECORDS


@pytest.fixture
def bucket(s3_endpoint: str) -> Iterator[Any]:
    """A bucket of its own, through a client that is not ours."""
    name = f"invoices-{uuid.uuid4().hex[:12]}"
    service = boto3.resource("s3", endpoint_url=s3_endpoint, region_name="us-east-1", **KEYS)
    yield service.create_bucket(Bucket=name)
    service.meta.client.close()


def invoices_of(world: NightlyWorld) -> list[Invoice]:
    found = world.container.invoices.find(InvoiceFilter(limit=EVERYTHING))
    return sorted(found, key=lambda invoice: invoice.number)


def database_of(world: NightlyWorld) -> object:
    """Everything that a second night may not change."""
    return Workshop(world.container._store).contents(without=WORKING)


def check_numbers(found: list[Invoice]) -> None:
    prefix = found[0].number[:-6]
    wanted = [f"{prefix}{n:06d}" for n in range(1, len(found) + 1)]
    assert [invoice.number for invoice in found] == wanted
    assert {invoice.pdf_status for invoice in found} == {PdfStatus.STORED}
    assert len({invoice.order_id for invoice in found}) == len(found)


ADMIN = "admin@librairie-demo.example"


def check_mails(found: list[Invoice], contents: list[bytes], pdfs: dict[str, bytes]) -> None:
    """One mail to each buyer, with the PDF of the invoice as it is stored; beside them one of each
    alert to the administrator, and the reminders of Stripe's invoices, which have none."""
    mails: list[EmailMessage] = [
        message_from_bytes(content, policy=email.policy.default) for content in contents
    ]
    assert len({mail["Message-ID"] for mail in mails}) == len(mails)
    alerts = [mail for mail in mails if ADMIN in str(mail["To"])]
    assert len({str(mail["Subject"]) for mail in alerts}) == len(alerts)
    mails = [mail for mail in mails if mail not in alerts]
    reminders = [mail for mail in mails if not list(mail.iter_attachments())]
    assert all("LDEMO-" in str(mail["Subject"]) for mail in reminders)
    mails = [mail for mail in mails if mail not in reminders]
    attached = {}
    for mail in mails:
        (attachment,) = mail.iter_attachments()
        attached[attachment.get_filename()] = (mail["To"].addresses[0], attachment.get_content())
    assert len(attached) == len(mails) == len(found)
    for invoice in found:
        to, pdf = attached[f"{invoice.number}.pdf"]
        assert to.addr_spec.lower() == invoice.snapshot.buyer.email.lower()
        assert pdf == pdfs[invoice.object_key]


def check_second_night(world: NightlyWorld, first: NightlyReport) -> None:
    before = database_of(world)
    world.clock.move(minutes=5)
    second = nightly(world.container)
    assert database_of(world) == before
    assert second.invoices is not None
    assert second.mail is not None
    assert (second.repaired, second.invoices.issued, second.mail.results) == ((), (), ())
    assert [f.finding_id for f in second.remaining] == [f.finding_id for f in first.remaining]
    assert second.outcome is first.outcome


def test_two_nights_over_http_s3_and_smtp(
    database_url: str, tmp_path: Path, s3_endpoint: str, bucket: Any
) -> None:
    with nightly_world(tmp_path, database_url, seed=1) as world, smtp_server() as (server, port):
        store = S3InvoiceStore(
            bucket.name,
            region="us-east-1",
            endpoint_url=s3_endpoint,
            access_key_id=KEYS["aws_access_key_id"],
            secret_access_key=KEYS["aws_secret_access_key"],
        )
        mailer = SmtpMailer("127.0.0.1", port, security=Security.NONE)
        world.put(store=store, mailer=mailer)
        try:
            check_night(world, bucket, server)
        finally:
            mailer.close()
            store.close()
        world.check_contract()


def check_night(world: NightlyWorld, bucket: Any, server: Recorder) -> None:
    first = nightly(world.container)
    assert world.home.differences(first) == ()
    found = invoices_of(world)
    check_numbers(found)
    pdfs = {entry.key: entry.get()["Body"].read() for entry in bucket.objects.all()}
    assert set(pdfs) == {invoice.object_key for invoice in found}
    for invoice in found:
        pdf = pdfs[invoice.object_key]
        assert pdf.startswith(b"%PDF-")
        assert hashlib.sha256(pdf).hexdigest() == invoice.sha256
    check_mails(found, server.messages, pdfs)
    outbox = world.container.outbox.find(limit=EVERYTHING)
    assert {mail.status for mail in outbox} == {MailStatus.SENT}
    before = {entry.key: entry.last_modified for entry in bucket.objects.all()}
    check_second_night(world, first)
    assert len(server.messages) == len(outbox)
    assert {entry.key: entry.last_modified for entry in bucket.objects.all()} == before


SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in (3, *range(10, 20))]


@pytest.mark.parametrize("seed", [2, *SOAK])
def test_other_worlds(seed: int, sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=seed, orders=80) as world:
        first = nightly(world.container)
        assert world.home.differences(first) == ()
        found = invoices_of(world)
        check_numbers(found)
        root = world.home.path
        pdfs = {invoice.object_key: (root / invoice.object_key).read_bytes() for invoice in found}
        for invoice in found:
            assert hashlib.sha256(pdfs[invoice.object_key]).hexdigest() == invoice.sha256
        mails = [path.read_bytes() for path in (root / "mail").glob("*.eml")]
        check_mails(found, mails, pdfs)
        check_second_night(world, first)


def test_control_a_missed_discrepancy_is_told(sqlite_url: str, tmp_path: Path) -> None:
    """An order that was right is not any more, and a planted one has been put right."""
    with nightly_world(tmp_path, sqlite_url, seed=2, orders=80) as world:
        with world.container._store.database.write() as connection:
            connection.exec_driver_sql(
                "UPDATE orders SET amount_minor = amount_minor + 1 WHERE status = 'paid'"
            )
        assert world.home.differences(nightly(world.container)) != ()


def test_control_a_broken_contract_is_told(sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=2, orders=80) as world:
        world.container.stripe.account()
        world.check_contract()
        request, status, body = world.answers[0]
        world.answers[0] = (request, status, {**body, "surprise": True})
        with pytest.raises(ContractError, match="surprise"):
            world.check_contract()
