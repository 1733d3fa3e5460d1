"""A process of its own that works in a store until it is told to stop, or dies in the middle.

    python -m tests.adapters.database.store_worker MODE URL [NAME COUNT]

It says `ready`, waits for a line on standard input and then does what MODE says.
"""

import os
import signal
import sys
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import event

from stakactl.adapters.database.store import Store
from stakactl.domain.invoicing import InvoiceSnapshot
from stakactl.errors import Refused
from tests.builders import NOW, an_order
from tests.contracts.issuing import FACT, TODAY, credit, issue, snapshot_of


def issue_many(store: Store, name: str, count: int) -> None:
    """`count` orders of our own, and five that every process wants. Every fourth of our own
    invoices is credited a little at once, and of the five the whole by whoever is first."""
    for number in range(count):
        invoice = issue(store.invoices, an_order(order_id=f"{name}-{number}"))
        if invoice is not None and number % 4 == 0:
            credit(store.invoices, invoice.invoice_id, 100)
    for number in range(5):
        order = an_order(order_id=f"shared-{number}")
        invoice = issue(store.invoices, order) or store.invoices.for_order(order.order_id)
        if invoice is not None:
            with suppress(Refused):
                credit(store.invoices, invoice.invoice_id, order.amount.minor)


def die_before_commit(store: Store) -> None:
    """Everything is written, the commit is never sent."""

    @event.listens_for(store.database.engine, "commit")
    def _die(connection: Any) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    issue(store.invoices, an_order())


def die_while_freezing(store: Store) -> None:
    def freeze(number: str, issued_on: date) -> InvoiceSnapshot:
        os.kill(os.getpid(), signal.SIGKILL)
        return snapshot_of(an_order(), number, issued_on)

    store.invoices.issue("A-1", "u_1", FACT, NOW, TODAY, "run_1", freeze)


def hold_lock(store: Store) -> None:
    with store.lock.hold("run_of_the_dead", "nightly"):
        say("held")
        sys.stdin.readline()


def claim_mail(store: Store) -> None:
    store.outbox.claim(NOW)
    say("claimed")
    sys.stdin.readline()


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main(mode: str, url: str, *arguments: str) -> None:
    store = Store.open(url)
    say("ready")
    sys.stdin.readline()
    if mode == "issue":
        issue_many(store, arguments[0], int(arguments[1]))
    else:
        globals()[mode](store)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
