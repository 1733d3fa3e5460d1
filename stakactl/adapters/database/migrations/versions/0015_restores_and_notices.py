"""Restores, and the documents that were issued after their backup was made; which notices tell of
a maintenance."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("maintenance", sa.Column("notice_id", sa.String(), nullable=True))
    op.create_table(
        "restores",
        sa.Column("restore_id", sa.String(), primary_key=True),
        sa.Column("backup", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thawed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counters", sa.Text(), nullable=False),
    )
    op.create_table(
        "lost_numbers",
        sa.Column("number", sa.String(), primary_key=True),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False, index=True),
        sa.Column("credits", sa.String(), nullable=False, index=True),
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False, index=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("lost_numbers")
    op.drop_table("restores")
    op.drop_column("maintenance", "notice_id")
