"""Mails per second: `mail send` beside raw smtplib on one connection to the same server.

smtplib gets the finished messages of the same invoices and hands them over one after the other.
`mail send` claims each mail in the outbox, reads invoice and PDF, writes the letter, sends it and
records that it was sent. Both take turns; the median of the rounds counts.
"""

import smtplib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from benchmarks.mail_server import MailServer
from stakactl.adapters.mail.message import to_bytes
from stakactl.domain.mail import MailStatus
from stakactl.operations.letters import read_content
from stakactl.operations.mail import send_mail
from stakactl.operations.pdfs import customer_mail
from stakactl.output.progress import Silent
from stakactl.wiring import Container
from tests.builders import a_customer, an_order
from tests.cli.homes import SETTINGS, write_env
from tests.contracts.issuing import issue_for

NAME = "mailing"
ROUNDS, MAILS = 5, 200
TARGET_RATIO = 0.7
SENDER = "factures@exemple.example"


@dataclass(frozen=True)
class Measured:
    """Mails per second of both, and the bytes of a message."""

    raw: float
    ours: float
    size: int
    complete: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.raw


def run() -> bool:
    durable = _measure(spooled=True)
    forgetful = _measure(spooled=False)
    met = durable.complete and forgetful.complete and durable.ratio >= TARGET_RATIO
    print(
        f"\nMails with a PDF, {durable.size // 1000} kB each, {ROUNDS} rounds of {MAILS}, medians"
    )
    print(f"{'server':<36}{'smtplib':>10}{'stakactl':>10}{'ratio':>8}")
    for name, measured in (("has it on disk", durable), ("keeps nothing", forgetful)):
        print(f"{name:<36}{measured.raw:>8.0f}/s{measured.ours:>8.0f}/s{measured.ratio:>8.2f}")
    print(f"the first, target {TARGET_RATIO:g}: {'met' if met else 'MISSED'}")
    return met


def _measure(*, spooled: bool) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder) / "spool"
        spool.mkdir()
        with (
            MailServer(spool if spooled else None) as server,
            _office(Path(folder), server.port) as container,
        ):
            ours: list[float] = []
            raw: list[float] = []
            complete = True
            pdf = _pdf(container)
            for number in range(ROUNDS + 1):
                messages = _queue(container, number, pdf)
                theirs = _smtplib(server.port, messages)
                start = time.perf_counter()
                report = send_mail(container)
                mine = MAILS / (time.perf_counter() - start)
                complete &= report.count(MailStatus.SENT) == MAILS
                if number > 0:  # the first is for imports, templates and caches
                    raw.append(theirs)
                    ours.append(mine)
            complete &= server.taken() == 2 * MAILS * (ROUNDS + 1)
    size = sum(map(len, messages)) // len(messages)
    return Measured(statistics.median(raw), statistics.median(ours), size, complete)


@contextmanager
def _office(folder: Path, port: int) -> Iterator[Container]:
    smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
    write_env(folder, SETTINGS | smtp)
    container = Container.open(env_file=folder / ".env", demo=False, progress=Silent())
    try:
        container.init_database()
        yield container
    finally:
        container.close()


def _pdf(container: Container) -> bytes:
    from tests.adapters.documents.invoice_samples import two_rates

    return container.renderer.render(two_rates())


def _queue(container: Container, round_number: int, pdf: bytes) -> Sequence[bytes]:
    """Invoices with stored PDFs and queued mails; the messages that they will be."""
    messages = []
    for number in range(MAILS):
        name = f"{round_number}-{number}"
        customer = a_customer(email=f"{name}@example.com")
        invoice = issue_for(container.invoices, an_order(order_id=f"A-{name}", customer=customer))
        container.store.put_if_absent(invoice.object_key, pdf)
        container.invoices.mark_rendered(invoice.invoice_id, sha256(pdf).hexdigest())
        mail = customer_mail(invoice)
        container.invoices.mark_stored(invoice.invoice_id, container.clock.now(), mail)
        (queued,) = container.outbox.about(mail.kind, mail.subject_id)
        messages.append(to_bytes(container.letters.write(queued, read_content(container, queued))))
    return messages


def _smtplib(port: int, messages: Sequence[bytes]) -> float:
    """Mails per second."""
    with smtplib.SMTP("127.0.0.1", port) as connection:
        connection.ehlo()
        start = time.perf_counter()
        for message in messages:
            connection.sendmail(SENDER, "customer@example.com", message)
        return len(messages) / (time.perf_counter() - start)
