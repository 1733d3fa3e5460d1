"""Mails that wait for another attempt, and what their letters say beside the store."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("deferrals", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("details", sa.String(), nullable=True),
    ):
        op.add_column("outbox", column)


def downgrade() -> None:
    for name in ("details", "next_attempt_at", "deferrals"):
        op.drop_column("outbox", name)
