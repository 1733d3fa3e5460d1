"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _changes()
    _findings()
    _invoices()
    _number_series()
    _orders()
    _outbox()
    _run_lock()
    _runs()
    _store_info()
    _stripe_absences()
    _stripe_balance_transactions()
    _stripe_charges()
    _stripe_disputes()
    _stripe_intents()
    _stripe_invoice_payments()
    _stripe_refunds()
    _stripe_sessions()
    _sync_cursors()
    _order_lines()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column(
            "change_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_order_id", "changes", ["order_id"], unique=False)
    op.create_index("ix_changes_run_id", "changes", ["run_id"], unique=False)


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("finding_id", sa.String(), nullable=False),
        sa.Column("discrepancy", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("seen", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("invoice_number", sa.String(), nullable=True),
        sa.Column("refs", sa.Text(), nullable=False),
        sa.Column("break_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_run_id", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_run_id", sa.String(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_run_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("finding_id", name="pk_findings"),
    )
    op.create_index("ix_findings_open", "findings", ["resolved_at", "last_run_id"], unique=False)
    op.create_index("ix_findings_order_id", "findings", ["order_id"], unique=False)


def _invoices() -> None:
    op.create_table(
        "invoices",
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("pdf_status", sa.String(), nullable=False),
        sa.Column("object_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", name="pk_invoices"),
        sa.UniqueConstraint("number", name="uq_invoices_number"),
        sa.UniqueConstraint("object_key", name="uq_invoices_object_key"),
    )
    op.create_index("ix_invoices_issued", "invoices", ["issued_at"], unique=False)
    op.create_index("ix_invoices_order_id", "invoices", ["order_id"], unique=False)
    op.create_index("ix_invoices_pdf_status", "invoices", ["pdf_status"], unique=False)
    op.create_index(
        "ux_invoices_live_order",
        "invoices",
        ["order_id"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_index("ux_invoices_sequence", "invoices", ["series", "year", "sequence"], unique=True)


def _number_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_issued_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("series", name="pk_number_series"),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("customer_email", sa.String(), nullable=False),
        sa.Column("customer_name", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("stripe_customer_id", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("siren", sa.String(), nullable=False),
        sa.Column("vat_number", sa.String(), nullable=False),
        sa.Column("line1", sa.String(), nullable=False),
        sa.Column("line2", sa.String(), nullable=False),
        sa.Column("postal_code", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("stripe_session_id", sa.String(), nullable=True),
        sa.Column("stripe_payment_intent_id", sa.String(), nullable=True),
        sa.Column("vat_rate", sa.String(), nullable=True),
        sa.Column("nature", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invoice_number", sa.String(), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=True),
        sa.Column("dispute_status", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_orders"),
    )
    op.create_index("ix_orders_created", "orders", ["created_at", "order_id"], unique=False)
    op.create_index("ix_orders_settled", "orders", ["settled_at", "order_id"], unique=False)
    op.create_index(
        "ix_orders_status", "orders", ["status", "created_at", "order_id"], unique=False
    )
    op.create_index(
        "ix_orders_stripe_payment_intent_id", "orders", ["stripe_payment_intent_id"], unique=False
    )
    op.create_index("ix_orders_stripe_session_id", "orders", ["stripe_session_id"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "mail_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(), nullable=True),
        sa.Column("machine", sa.String(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("process_started", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("mail_id", name="pk_outbox"),
        sa.UniqueConstraint("kind", "subject_id", "step", name="uq_outbox_kind_subject_id_step"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_status", "outbox", ["status", "mail_id"], unique=False)


def _run_lock() -> None:
    op.create_table(
        "run_lock",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.String(), nullable=True),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_run_lock"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("command", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"], unique=False)


def _store_info() -> None:
    op.create_table(
        "store_info",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_store_info"),
    )


def _stripe_absences() -> None:
    op.create_table(
        "stripe_absences",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("absence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "object_id", name="pk_stripe_absences"),
    )


def _stripe_balance_transactions() -> None:
    op.create_table(
        "stripe_balance_transactions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("available_on", sa.DateTime(timezone=True), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("reporting_category", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=True),
        sa.Column("local_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_balance_transactions"),
    )
    op.create_index(
        "ix_stripe_balance_transactions_revenue",
        "stripe_balance_transactions",
        ["local_day", "currency", "reporting_category", "amount_minor", "fee_minor"],
        unique=False,
    )


def _stripe_charges() -> None:
    op.create_table(
        "stripe_charges",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("balance_transaction_id", sa.String(), nullable=True),
        sa.Column("payment_method_type", sa.String(), nullable=True),
        sa.Column("captured", sa.Boolean(), nullable=False),
        sa.Column("capture_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_charges"),
    )
    op.create_index(
        "ix_stripe_charges_payment_intent_id", "stripe_charges", ["payment_intent_id"], unique=False
    )
    op.create_index(
        "ix_stripe_charges_unsettled",
        "stripe_charges",
        ["id"],
        unique=False,
        sqlite_where=sa.text("unsettled"),
        postgresql_where=sa.text("unsettled"),
    )


def _stripe_disputes() -> None:
    op.create_table(
        "stripe_disputes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("charge_id", sa.String(), nullable=True),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_disputes"),
    )
    op.create_index("ix_stripe_disputes_charge_id", "stripe_disputes", ["charge_id"], unique=False)
    op.create_index(
        "ix_stripe_disputes_payment_intent_id",
        "stripe_disputes",
        ["payment_intent_id"],
        unique=False,
    )
    op.create_index(
        "ix_stripe_disputes_unsettled",
        "stripe_disputes",
        ["id"],
        unique=False,
        sqlite_where=sa.text("unsettled"),
        postgresql_where=sa.text("unsettled"),
    )


def _stripe_intents() -> None:
    op.create_table(
        "stripe_intents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_received_minor", sa.BigInteger(), nullable=False),
        sa.Column("latest_charge_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("payment_method_type", sa.String(), nullable=True),
        sa.Column("failure_message", sa.String(), nullable=True),
        sa.Column("metadata_order_id", sa.String(), nullable=True),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_intents"),
    )
    op.create_index(
        "ix_stripe_intents_created", "stripe_intents", ["created_at", "id"], unique=False
    )
    op.create_index(
        "ix_stripe_intents_metadata_order_id", "stripe_intents", ["metadata_order_id"], unique=False
    )
    op.create_index(
        "ix_stripe_intents_unsettled",
        "stripe_intents",
        ["id"],
        unique=False,
        sqlite_where=sa.text("unsettled"),
        postgresql_where=sa.text("unsettled"),
    )


def _stripe_invoice_payments() -> None:
    op.create_table(
        "stripe_invoice_payments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_invoice_payments"),
    )
    op.create_index(
        "ix_stripe_invoice_payments_payment_intent_id",
        "stripe_invoice_payments",
        ["payment_intent_id"],
        unique=False,
    )


def _stripe_refunds() -> None:
    op.create_table(
        "stripe_refunds",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("charge_id", sa.String(), nullable=True),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_refunds"),
    )
    op.create_index("ix_stripe_refunds_charge_id", "stripe_refunds", ["charge_id"], unique=False)
    op.create_index(
        "ix_stripe_refunds_payment_intent_id", "stripe_refunds", ["payment_intent_id"], unique=False
    )
    op.create_index(
        "ix_stripe_refunds_unsettled",
        "stripe_refunds",
        ["id"],
        unique=False,
        sqlite_where=sa.text("unsettled"),
        postgresql_where=sa.text("unsettled"),
    )


def _stripe_sessions() -> None:
    op.create_table(
        "stripe_sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment_status", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("amount_total_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("amount_tax_minor", sa.BigInteger(), nullable=True),
        sa.Column("payment_intent_id", sa.String(), nullable=True),
        sa.Column("invoice_id", sa.String(), nullable=True),
        sa.Column("customer_id", sa.String(), nullable=True),
        sa.Column("customer_country", sa.String(), nullable=True),
        sa.Column("client_reference_id", sa.String(), nullable=True),
        sa.Column("metadata_order_id", sa.String(), nullable=True),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_sessions"),
    )
    op.create_index(
        "ix_stripe_sessions_client_reference_id",
        "stripe_sessions",
        ["client_reference_id"],
        unique=False,
    )
    op.create_index(
        "ix_stripe_sessions_metadata_order_id",
        "stripe_sessions",
        ["metadata_order_id"],
        unique=False,
    )
    op.create_index(
        "ix_stripe_sessions_payment_intent_id",
        "stripe_sessions",
        ["payment_intent_id"],
        unique=False,
    )
    op.create_index(
        "ix_stripe_sessions_unsettled",
        "stripe_sessions",
        ["id"],
        unique=False,
        sqlite_where=sa.text("unsettled"),
        postgresql_where=sa.text("unsettled"),
    )


def _sync_cursors() -> None:
    op.create_table(
        "sync_cursors",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("synced_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_sync_cursors"),
    )


def _order_lines() -> None:
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("vat_rate", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.order_id"], name="fk_order_lines_order_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("order_id", "position", name="pk_order_lines"),
    )


_TABLES = (
    "changes",
    "findings",
    "invoices",
    "number_series",
    "orders",
    "outbox",
    "run_lock",
    "runs",
    "store_info",
    "stripe_absences",
    "stripe_balance_transactions",
    "stripe_charges",
    "stripe_disputes",
    "stripe_intents",
    "stripe_invoice_payments",
    "stripe_refunds",
    "stripe_sessions",
    "sync_cursors",
    "order_lines",
)
