"""Damage to our own store, PDFs and balance, which no world can plant, with its own answer sheet.

Every function damages two different things after a clean night and returns what must be found
then. `Victims` hands out invoices that nothing else is wrong with, each once.
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, delete, select, update

from stakactl.adapters.database.tables.invoices import invoices
from stakactl.adapters.database.tables.orders import orders
from stakactl.adapters.database.tables.stripe import events
from stakactl.demo.offline_stripe.ids import singleton_id
from stakactl.demo.world.truth import Key
from stakactl.domain.findings import Discrepancy
from stakactl.domain.invoicing import Invoice
from stakactl.operations.ports import InvoiceFilter
from tests.operations.nightly_world import NightlyWorld

EVERYTHING = 100_000
Expected = Counter[Key]
Sabotage = Callable[["Victims"], Expected]


class Victims:
    """Sound invoices of a running world, in the order of their numbers, none of them twice."""

    def __init__(self, running: NightlyWorld, spared: set[str]) -> None:
        self.running = running
        found = running.container.invoices.find(InvoiceFilter(limit=EVERYTHING))
        found = sorted(found, key=lambda invoice: invoice.number)[1:-1]  # the ends are special
        self._free = iter([one for one in found if one.order_id not in spared])

    def two(self) -> tuple[Invoice, Invoice]:
        """With a number between them and the next ones, so that gaps do not meet."""
        return next(self), next(self)

    def __next__(self) -> Invoice:
        victim = next(self._free)
        next(self._free)
        return victim

    def path(self, invoice: Invoice) -> Path:
        return self.running.home.path / invoice.object_key

    def write(self, work: Callable[[Connection], object]) -> None:
        with self.running.container._store.database.write() as connection:
            work(connection)


def expect(discrepancy: Discrepancy, *subjects: str) -> Expected:
    return Counter((str(discrepancy), subject) for subject in subjects)


# -- invoices and their numbers


def lost_invoices(victims: Victims) -> Expected:
    """The rows and their PDFs are gone: the numbers are missing, and the orders' invoices."""
    found = Expected()
    for invoice in victims.two():
        victims.write(
            lambda c, i=invoice: c.execute(  # type: ignore[misc]
                delete(invoices).where(invoices.c.invoice_id == i.invoice_id)
            )
        )
        victims.path(invoice).unlink()
        found += expect(Discrepancy.NUMBER_GAP, invoice.number)
        found += expect(Discrepancy.INVOICE_MISSING, invoice.order_id)
    return found


def backdated_invoices(victims: Victims) -> Expected:
    found = Expected()
    for invoice in victims.two():
        day = invoice.snapshot.issued_on - timedelta(days=1)
        _change(victims, invoice, issued_on=day)
        found += expect(Discrepancy.NUMBER_ORDER, invoice.number)
    return found


def borrowed_numbers(victims: Victims) -> Expected:
    """The application writes our numbers on invoices of its own, of other orders."""
    query = (
        select(orders.c.order_id)
        .where(orders.c.status == "cancelled", orders.c.invoice_number.is_(None))
        .order_by(orders.c.order_id)
    )
    with victims.running.container._store.database.read() as connection:
        others = list(connection.execute(query).scalars())
    found = Expected()
    for invoice, other in zip(victims.two(), others, strict=False):
        _change_order(victims, other, invoice_number=invoice.number)
        found += expect(Discrepancy.NUMBER_DUPLICATE, invoice.number)
    assert len(found) == 2
    return found


def second_invoices(victims: Victims) -> Expected:
    """The application issued one too."""
    found = Expected()
    for invoice in victims.two():
        _change_order(victims, invoice.order_id, invoice_number=f"APP-{invoice.order_id}")
        found += expect(Discrepancy.INVOICE_DUPLICATE, invoice.order_id)
    return found


def edited_amounts(victims: Victims) -> Expected:
    """HT + TVA is no longer TTC: a cent more of tax in one, of the total in the other."""
    first, second = victims.two()
    _edit(victims, first, {"total_vat": 1})
    _edit(victims, second, {"total": 1})
    return expect(Discrepancy.INVOICE_AMOUNT, first.order_id, second.order_id)


# -- stored PDFs


def deleted_pdfs(victims: Victims) -> Expected:
    """Their bytes are nowhere any more; the snapshots are."""
    found = Expected()
    for invoice in victims.two():
        victims.path(invoice).unlink()
        found += expect(Discrepancy.PDF_MISSING, invoice.order_id)
    return found


def damaged_pdfs(victims: Victims) -> Expected:
    """One byte is flipped in one, nothing is left of the other."""
    flipped, emptied = victims.two()
    path = victims.path(flipped)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    _overwrite(path, bytes(content))
    _overwrite(victims.path(emptied), b"")
    return expect(Discrepancy.PDF_CORRUPT, flipped.order_id, emptied.order_id)


def stray_pdfs(victims: Victims) -> Expected:
    """PDFs of invoices that nobody knows; a note of the application's below the same prefix."""
    found = Expected()
    model = next(victims)
    for number in (1, 2):
        key = f"invoices/nobody/inv_{number:020x}_FACT-2020-{number:06d}.pdf"
        path = victims.running.home.path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(victims.path(model).read_bytes())
        found += expect(Discrepancy.PDF_ORPHAN, key)
    (victims.running.home.path / "invoices" / "nobody" / "read me.txt").write_text("not ours")
    return found


# -- Stripe's side, and what we noted of it


def other_balances(victims: Victims) -> Expected:
    """Stripe says that it holds more than the record of money makes."""
    state, now = victims.running.stripe.state, victims.running.clock.now()
    sums = state.balance_sums(int(now.timestamp()), livemode=True)
    currencies = sorted({currency for currency, _ in sums})

    def held(available: bool) -> list[dict[str, object]]:
        extra = 31 if available else 0
        return [
            {"amount": sums.get((currency, available), 0) + extra, "currency": currency}
            for currency in currencies
        ]

    state.put(
        {
            "id": singleton_id("balance", livemode=True),
            "object": "balance",
            "available": held(True),
            "livemode": True,
            "pending": held(False),
        }
    )
    assert len(currencies) == 2
    return expect(Discrepancy.BRIDGE_RESIDUAL, *currencies)


def forgotten_events(victims: Victims) -> Expected:
    """As if the sync that brought them had died before it came to them."""
    query = select(events.c.id).order_by(events.c.created_at).limit(2)
    with victims.running.container._store.database.read() as connection:
        found = list(connection.execute(query).scalars())
    victims.write(
        lambda c: c.execute(update(events).where(events.c.id.in_(found)).values(processed_at=None))
    )
    return expect(Discrepancy.EVENT_UNPROCESSED, *found)


#: What a sync would put right by itself is damaged after it.
BEFORE_SYNC: tuple[Sabotage, ...] = (
    lost_invoices,
    backdated_invoices,
    borrowed_numbers,
    second_invoices,
    edited_amounts,
    deleted_pdfs,
    damaged_pdfs,
    stray_pdfs,
    other_balances,
)
AFTER_SYNC: tuple[Sabotage, ...] = (forgotten_events,)
#: What `reconcile --fix` puts right.
REPAIRED = frozenset({Discrepancy.PDF_MISSING, Discrepancy.EVENT_UNPROCESSED})


def _change(victims: Victims, invoice: Invoice, **values: object) -> None:
    this = invoices.c.invoice_id == invoice.invoice_id
    victims.write(lambda c: c.execute(update(invoices).where(this).values(**values)))


def _change_order(victims: Victims, order_id: str, **values: object) -> None:
    this = orders.c.order_id == order_id
    victims.write(lambda c: c.execute(update(orders).where(this).values(**values)))


def _edit(victims: Victims, invoice: Invoice, differences: dict[str, int]) -> None:
    """Add to amounts of the frozen snapshot."""
    this = invoices.c.invoice_id == invoice.invoice_id
    with victims.running.container._store.database.read() as connection:
        snapshot = json.loads(connection.scalar(select(invoices.c.snapshot).where(this)) or "")
    for name, difference in differences.items():
        _add(snapshot, name, difference)
    _change(victims, invoice, snapshot=json.dumps(snapshot))


def _add(snapshot: dict[str, object], name: str, difference: int) -> None:
    amount = snapshot[name]
    assert isinstance(amount, list | dict), amount
    if isinstance(amount, list):
        amount[0] += difference
    else:
        amount["minor"] += difference


def _overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)
