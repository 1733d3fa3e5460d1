"""What was told of each alert rule that fired; events by time, which the rules count."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "alerts",
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("notices", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("noticed_at", moment, nullable=True),
        sa.Column("posted", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("cleared_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("rule_id", name="pk_alerts"),
    )
    op.create_index("ix_stripe_events_created", "stripe_events", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_stripe_events_created", "stripe_events")
    op.execute("DELETE FROM outbox WHERE kind = 'alert'")
    op.drop_table("alerts")
