"""Views and a writer that the tests of every format share."""

import io
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from stakactl.domain.money import Money
from stakactl.domain.runs import Mode, Outcome
from stakactl.output.formats import People
from stakactl.output.render import Writer, render
from stakactl.output.view import STATES, Chart, Column, Item, Kind, Section, View

STARTED = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
FINISHED = datetime(2026, 11, 20, 2, 0, 41, 500_000, tzinfo=UTC)

COLUMNS = (
    Column("order_id", "order"),
    Column("created_at", "created", Kind.DATE, priority=1),
    Column("status", "status", style=STATES),
    Column("amount", "amount", Kind.MONEY),
    Column("title", "title", min_width=16, priority=1),
    Column("email", "e-mail", priority=2),
    Column("vat_rate", "VAT", priority=None),
)


def order(number: int) -> Item:
    return {
        "order_id": f"ord_{number:06}",
        "created_at": datetime(2026, 3, 28 + number % 2, 23, 30, tzinfo=UTC),
        "status": ("paid", "pending", "failed")[number % 3],
        "amount": Money(46800 + number * 1_000_001, "eur") if number % 4 else None,
        "title": "Livre broché, 300 pages, couverture souple" if number % 2 else "Abonnement",
        "email": f"client{number}@exemple.fr",
        "vat_rate": Decimal("5.50"),
        "paid_on": date(2026, 3, 29),
        "refs": {"charge": f"ch_{number}"},
        "tags": ["a", "b"],
        "historical": number == 2,
    }


def orders_view(items: Iterable[Item] | None = None, columns: tuple[Column, ...] = COLUMNS) -> View:
    return View(
        command="orders list",
        outcome=Outcome.FINDINGS,
        started_at=STARTED,
        finished_at=FINISHED,
        mode=Mode.TEST,
        run_id="run_20261120_020000",
        summary={"orders": 12345, "paid": Money(1_234_567_89, "eur"), "unread": [], "by": {"a": 1}},
        items=[order(number) for number in range(5)] if items is None else items,
        columns=columns,
        title="Orders",
        charts=(
            Chart(
                "Net per month",
                (
                    ("2026-01", Money(1_200_000, "eur")),
                    ("2026-02", Money(800_050, "eur")),
                    ("2026-03", Money(-50_050, "eur")),
                    ("2026-04", Money(0, "eur")),
                    ("2026-05", Money(1, "eur")),
                ),
            ),
        ),
        sections=(Section("What to do", ("Refund ord_000002", "  → stakactl explain ord_000002")),),
        notes=("stakactl reconcile --fix repairs what is safe",),
        labels={"paid": "paid in all"},
        empty="No orders.",
    )


def written(
    view: View,
    output: str,
    *,
    locale: str = "en",
    encoding: str = "utf-8",
    quiet: bool = False,
    verbose: bool = False,
    writers: dict[str, Writer] | None = None,
) -> str:
    """What `view` looks like in a file of `encoding`."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    render(
        view,
        output,
        stream,
        people=People(locale),
        quiet=quiet,
        verbose=verbose,
        writers=writers,
    )
    stream.flush()
    return raw.getvalue().decode(encoding)
