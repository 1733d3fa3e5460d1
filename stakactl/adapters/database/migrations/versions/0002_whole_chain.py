"""The whole chain: customers, billing, payouts, events; changes of more than orders."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "application_orders",
    "application_reading",
    "stripe_balances",
    "stripe_customers",
    "stripe_events",
    "stripe_invoices",
    "stripe_payouts",
    "stripe_subscriptions",
)


def upgrade() -> None:
    _application_orders()
    _changes()
    _comparison()
    _documents()
    _findings()
    _stripe_balance_transactions()
    _stripe_balances()
    _stripe_charges()
    _stripe_customers()
    _stripe_events()
    _stripe_invoices()
    _stripe_payouts()
    _stripe_subscriptions()
    _sync_progress()


def downgrade() -> None:
    _without_comparison()
    op.drop_column("orders", "deleted_at")
    _undo_sync_progress()
    for table in _TABLES:
        op.drop_table(table)
    _without_documents()
    for name in ("balance_transaction_id", "amount"):
        op.drop_index(f"ix_stripe_charges_{name}")
    for name in ("source", "payout"):
        op.drop_index(f"ix_stripe_balance_transactions_{name}")
    for name in ("payout_id", "balance_type"):
        op.drop_column("stripe_balance_transactions", name)
    for name in ("undoes", "intent_id", "target_id"):
        op.drop_index(f"ix_changes_{name}")
    for name in ("undoes", "intent_id", "target"):
        op.drop_column("changes", name)
    op.execute("ALTER TABLE changes RENAME COLUMN target_id TO order_id")
    op.create_index("ix_changes_order_id", "changes", ["order_id"])
    _without_findings()


def _application_orders() -> None:
    op.add_column("orders", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "application_orders",
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("order_id", name="pk_application_orders"),
    )
    where = sa.text("problem IS NOT NULL")
    op.create_index(
        "ix_application_orders_problem",
        "application_orders",
        ["order_id"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_table(
        "application_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("read_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application_reading"),
    )


def _changes() -> None:
    """Without alembic's batch mode: it would copy the table and forget AUTOINCREMENT."""
    op.drop_index("ix_changes_order_id")
    op.execute("ALTER TABLE changes RENAME COLUMN order_id TO target_id")
    target = sa.Column("target", sa.String(), server_default="order", nullable=False)
    op.add_column("changes", target)
    op.add_column("changes", sa.Column("intent_id", sa.BigInteger(), nullable=True))
    op.add_column("changes", sa.Column("undoes", sa.BigInteger(), nullable=True))
    op.create_index("ix_changes_target_id", "changes", ["target_id"])
    op.create_index("ix_changes_intent_id", "changes", ["intent_id"], unique=True)
    op.create_index("ix_changes_undoes", "changes", ["undoes"], unique=True)


def _documents() -> None:
    """Renditions and checks of PDFs; indexes for the scans of numbers and of object keys."""
    op.create_table(
        "renditions",
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", "sha256", name="pk_renditions"),
    )
    op.create_table(
        "pdf_checks",
        sa.Column("invoice_id", sa.String(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("sound", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", name="pk_pdf_checks"),
    )
    scanned = ["series", "year", "sequence", "issued_on", "number"]
    op.create_index("ix_invoices_scan", "invoices", scanned)
    op.create_index("ix_orders_invoice_number", "orders", ["invoice_number", "settled_at"])
    if op.get_bind().dialect.name == "postgresql":
        # As S3 lists them; SQLite compares bytes anyway.
        op.execute('ALTER TABLE invoices ALTER COLUMN object_key TYPE VARCHAR COLLATE "C"')


def _without_documents() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE invoices ALTER COLUMN object_key TYPE VARCHAR COLLATE "default"')
    op.drop_index("ix_orders_invoice_number")
    op.drop_index("ix_invoices_scan")
    op.drop_table("pdf_checks")
    op.drop_table("renditions")


#: Indexes that hold all that a comparison reads, in the order of one link; each replaces the one
#: of its first column, where there was one.
_COVERING = {
    "orders": {
        "by_id": "order_id stripe_session_id stripe_payment_intent_id amount_minor currency status"
        " refunded_minor invoice_number",
        "by_payment": "stripe_payment_intent_id amount_minor currency status stripe_session_id"
        " order_id",
        "by_session": "stripe_session_id amount_minor currency status stripe_payment_intent_id"
        " order_id",
        "deleted": "deleted_at order_id",
    },
    "stripe_intents": {
        "by_id": "id amount_minor currency status amount_received_minor livemode",
        "by_metadata": "metadata_order_id id",
    },
    "stripe_invoice_payments": {"invoice_id": "invoice_id"},
    "stripe_sessions": {
        "by_client": "client_reference_id id",
        "by_id": "id amount_total_minor currency payment_status payment_intent_id livemode",
        "by_invoice": "invoice_id id",
        "by_metadata": "metadata_order_id id",
        "by_payment": "payment_intent_id payment_status id",
    },
}
_PARTIAL = {"by_invoice": "invoice_id IS NOT NULL"}
_REPLACED = {
    "orders": ("stripe_session_id", "stripe_payment_intent_id"),
    "stripe_intents": ("metadata_order_id",),
    "stripe_sessions": ("payment_intent_id", "client_reference_id", "metadata_order_id"),
}


def _comparison() -> None:
    for table, indexes in _COVERING.items():
        for name, columns in indexes.items():
            where = sa.text(_PARTIAL[name]) if name in _PARTIAL else None
            op.create_index(
                f"ix_{table}_{name}",
                table,
                columns.split(),
                sqlite_where=where,
                postgresql_where=where,
            )
    for table, replaced in _REPLACED.items():
        for column in replaced:
            op.drop_index(f"ix_{table}_{column}")


def _without_comparison() -> None:
    for table, columns in _REPLACED.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
    for table, indexes in _COVERING.items():
        for name in indexes:
            op.drop_index(f"ix_{table}_{name}")


def _findings() -> None:
    """Everything that a report shows, so that a million findings are read back from here."""
    for column in (
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hint", sa.Text(), server_default="", nullable=False),
        sa.Column("historical", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fix", sa.String(), server_default="none", nullable=False),
        sa.Column("last_look", sa.String(), server_default="", nullable=False),
    ):
        op.add_column("findings", column)
    look = ["last_look", "priority", "since", "finding_id"]
    op.create_index("ix_findings_look", "findings", look)
    op.create_index("ix_findings_resolved", "findings", ["resolved_run_id"])


def _without_findings() -> None:
    for name in ("look", "resolved"):
        op.drop_index(f"ix_findings_{name}")
    for name in ("last_look", "fix", "historical", "hint", "priority"):
        op.drop_column("findings", name)


def _stripe_balance_transactions() -> None:
    table = "stripe_balance_transactions"
    op.add_column(table, sa.Column("payout_id", sa.String(), nullable=True))
    payments = sa.Column(
        "balance_type", sa.String(), server_default=sa.text("'payments'"), nullable=False
    )
    op.add_column(table, payments)
    source = ["source_id", "currency", "amount_minor", "reporting_category"]
    op.create_index("ix_stripe_balance_transactions_source", table, source)
    op.create_index("ix_stripe_balance_transactions_payout", table, ["payout_id", "net_minor"])


def _stripe_balances() -> None:
    op.create_table(
        "stripe_balances",
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("residual_since", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("currency", name="pk_stripe_balances"),
    )


def _stripe_charges() -> None:
    table = "stripe_charges"
    named = ["balance_transaction_id"]
    op.create_index("ix_stripe_charges_balance_transaction_id", table, named)
    op.create_index("ix_stripe_charges_amount", table, ["id", "currency", "amount_minor"])


def _stripe_customers() -> None:
    op.create_table(
        "stripe_customers",
        *_common(),
        *(sa.Column(name, sa.String()) for name in ("email", "name", "city", "country")),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_customers"),
    )


def _stripe_events() -> None:
    op.create_table(
        "stripe_events",
        *_common(),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String()),
        sa.Column("pending_webhooks", sa.Integer(), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_events"),
    )
    op.create_index("ix_stripe_events_object", "stripe_events", ["object_id", "created_at"])
    waiting = sa.text("processed_at IS NULL")
    op.create_index(
        "ix_stripe_events_unprocessed",
        "stripe_events",
        ["created_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _stripe_invoices() -> None:
    op.create_table(
        "stripe_invoices",
        *_common(),
        sa.Column("number", sa.String()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.String()),
        sa.Column("subscription_id", sa.String()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("paid_at", sa.DateTime(timezone=True)),
        sa.Column("metadata_order_id", sa.String()),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_invoices"),
    )
    for name in ("metadata_order_id", "number"):
        op.create_index(f"ix_stripe_invoices_{name}", "stripe_invoices", [name])
    _unsettled("stripe_invoices")


def _stripe_payouts() -> None:
    op.create_table(
        "stripe_payouts",
        *_common(),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("balance_transaction_id", sa.String()),
        sa.Column("failure_balance_transaction_id", sa.String()),
        sa.Column("failure_code", sa.String()),
        sa.Column("itemised", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_payouts"),
    )
    _unsettled("stripe_payouts")


def _stripe_subscriptions() -> None:
    op.create_table(
        "stripe_subscriptions",
        *_common(),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("customer_id", sa.String()),
        sa.Column("price_id", sa.String()),
        sa.Column("unit_minor", sa.BigInteger()),
        sa.Column("currency", sa.String()),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("interval", sa.String()),
        sa.Column("interval_count", sa.Integer(), nullable=False),
        sa.Column("current_period_end", sa.DateTime(timezone=True)),
        sa.Column("canceled_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("unsettled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stripe_subscriptions"),
    )
    _unsettled("stripe_subscriptions")


def _sync_progress() -> None:
    """What an interrupted sync has covered, when an absence was noticed, and charges that wait
    for their balance transaction: they are read again like all that can still change."""
    op.create_table(
        "sync_readings",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_sync_readings"),
    )
    op.create_table(
        "sync_windows",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "since", name="pk_sync_windows"),
    )
    op.add_column(
        "stripe_absences", sa.Column("noticed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.execute(
        "UPDATE stripe_charges SET unsettled = true "
        "WHERE status = 'succeeded' AND balance_transaction_id IS NULL"
    )


def _undo_sync_progress() -> None:
    op.drop_column("stripe_absences", "noticed_at")
    op.drop_table("sync_windows")
    op.drop_table("sync_readings")


def _common() -> tuple[sa.Column[str], sa.Column[object], sa.Column[bool]]:
    """What every object of Stripe has."""
    return (
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("livemode", sa.Boolean(), nullable=False),
    )


def _unsettled(table: str) -> None:
    where = sa.text("unsettled")
    op.create_index(
        f"ix_{table}_unsettled", table, ["id"], sqlite_where=where, postgresql_where=where
    )
