"""What happens to an invoice after it was issued: due, paid, cancelled, credited."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PAGE = 1000
_invoices = sa.table(
    "invoices",
    sa.column("invoice_id", sa.String()),
    sa.column("snapshot", sa.Text()),
    sa.column("search_text", sa.String()),
    sa.column("paid_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    for name in ("due_at", "paid_at", "cancelled_at"):
        op.add_column("invoices", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("invoices", sa.Column("credits_id", sa.String(), nullable=True))
    op.create_index("ix_invoices_credits_id", "invoices", ["credits_id"])
    _read_snapshots(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_invoices_credits_id")
    for name in ("credits_id", "cancelled_at", "paid_at", "due_at"):
        op.drop_column("invoices", name)


def _read_snapshots(connection: sa.Connection) -> None:
    """Payment and titles stand in the frozen content of what was issued before."""
    columns = (_invoices.c.invoice_id, _invoices.c.snapshot, _invoices.c.search_text)
    ordered = sa.select(*columns).order_by(_invoices.c.invoice_id).limit(_PAGE)
    page = ordered
    changed = (
        _invoices.update()
        .where(_invoices.c.invoice_id == sa.bindparam("this"))
        .values(paid_at=sa.bindparam("paid"), search_text=sa.bindparam("words"))
    )
    while rows := connection.execute(page).all():
        connection.execute(changed, [_values(*row) for row in rows])
        page = ordered.where(_invoices.c.invoice_id > rows[-1][0])


def _values(invoice_id: str, snapshot: str, words: str) -> dict[str, Any]:
    frozen = json.loads(snapshot)
    payment = frozen["payment"]
    paid_at = datetime.fromisoformat(payment["paid_at"]).astimezone(UTC) if payment else None
    titles = [line["title"].casefold() for line in frozen["lines"]]
    return {
        "this": invoice_id,
        "paid": paid_at,
        "words": "\n".join([words, *titles]),
    }
