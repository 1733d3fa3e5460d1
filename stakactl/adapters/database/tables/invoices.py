"""Issued invoices, the counter their numbers come from, and what is known of their PDFs."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from stakactl.adapters.database.columns import Bytewise, Row, UtcTime, table_of

_LIVE = text("live")
_STANDING_APART = text("reference <> '' AND cancelled_at IS NULL AND credits_id IS NULL")
_DUE = text("due_at IS NOT NULL")


class InvoiceRow(Row, table=True):
    """Invoices, and the credit notes that name one in `credits_id`.

    `snapshot` is the frozen content (JSON); the columns beside it are there to be searched.

    `live` until an order's invoice is cancelled; an order has at most one that is. No foreign key
    to the order: an invoice outlives it. One that belongs to no order has a `reference`, an empty
    `order_id`, which no order has, and is never `live`; a reference has at most one that stands.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        Index(
            "ux_invoices_live_order",
            "order_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ux_invoices_reference",
            "reference",
            unique=True,
            sqlite_where=_STANDING_APART,
            postgresql_where=_STANDING_APART,
        ),
        Index("ix_invoices_issued", "issued_at"),
        Index("ix_invoices_customer", "customer_id"),
        Index("ix_invoices_pdf_status", "pdf_status"),
        Index("ix_invoices_scan", "series", "year", "sequence", "issued_on", "number"),
        Index(
            "ix_invoices_due",
            "due_at",
            "invoice_id",
            "paid_at",
            sqlite_where=_DUE,
            postgresql_where=_DUE,
        ),
        Index("ux_invoices_sequence", "series", "year", "sequence", unique=True),
    )

    invoice_id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    series: str
    year: int
    sequence: int = Field(sa_type=BigInteger)
    order_id: str = Field(index=True)
    customer_id: str
    issued_at: datetime = Field(sa_type=UtcTime)
    issued_on: date
    live: bool
    total_minor: int = Field(sa_type=BigInteger)
    currency: str
    snapshot: str = Field(sa_type=Text)
    search_text: str
    pdf_status: str
    object_key: str = Field(unique=True, sa_type=Bytewise)
    sha256: str | None
    stored_at: datetime | None = Field(sa_type=UtcTime)
    run_id: str
    due_at: datetime | None = Field(sa_type=UtcTime)
    paid_at: datetime | None = Field(sa_type=UtcTime)
    cancelled_at: datetime | None = Field(sa_type=UtcTime)
    credits_id: str | None = Field(index=True)
    reference: str = Field(sa_column_kwargs={"server_default": ""})
    by_mail: bool = Field(sa_column_kwargs={"server_default": text("true")})


class NumberSeriesRow(Row, table=True):
    """The last number of a series. One row per series, because its lock also keeps the issue
    date, and so the year, from going back."""

    __tablename__ = "number_series"

    series: str = Field(primary_key=True)
    year: int
    sequence: int = Field(sa_type=BigInteger)
    last_issued_on: date | None


class RenditionRow(Row, table=True):
    """A further PDF of the frozen content, made where the bytes of the first were lost. The
    SHA-256 of the first stays in the invoice's own row."""

    __tablename__ = "renditions"

    invoice_id: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    recorded_at: datetime = Field(sa_type=UtcTime)
    run_id: str


class PdfCheckRow(Row, table=True):
    """When the bytes of a stored PDF were last compared, how the store described the object then
    (`fingerprint`), and whether they were the recorded ones."""

    __tablename__ = "pdf_checks"

    invoice_id: str = Field(primary_key=True)
    checked_at: datetime = Field(sa_type=UtcTime)
    fingerprint: str
    sound: bool


invoices = table_of(InvoiceRow)
number_series = table_of(NumberSeriesRow)
renditions = table_of(RenditionRow)
pdf_checks = table_of(PdfCheckRow)
