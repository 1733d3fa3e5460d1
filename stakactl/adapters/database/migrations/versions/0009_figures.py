"""Revenue added up by day. The tables begin empty and are filled when somebody asks."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SUMS = "payments gross refunds disputes fees vat vat_unknown other payouts".split()


def upgrade() -> None:
    bytewise = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "figures",
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("key", bytewise, nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("name", bytewise, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint(
            "split", "local_day", "currency", "key", "detail", name="pk_figures"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure_days",
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("local_day", name="pk_figure_days"),
    )
    op.create_table(
        "figure_months",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_figure_months"),
    )


def downgrade() -> None:
    op.drop_table("figure_months")
    op.drop_table("figure_days")
    op.drop_table("figures")
