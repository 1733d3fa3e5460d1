"""What reconciliation reports: the classes of discrepancies and a single finding."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Discrepancy(StrEnum):
    """The classes of discrepancies; what each one means is told in docs/reconciliation.md."""

    PAID_NOT_RECORDED = "PAID_NOT_RECORDED"
    PAID_AFTER_CANCEL = "PAID_AFTER_CANCEL"
    RECORDED_NOT_PAID = "RECORDED_NOT_PAID"
    ASYNC_PENDING = "ASYNC_PENDING"
    ASYNC_FAILED = "ASYNC_FAILED"
    SESSION_EXPIRED = "SESSION_EXPIRED"
    LINK_CONFLICT = "LINK_CONFLICT"
    DUPLICATE_PAYMENT = "DUPLICATE_PAYMENT"
    AMOUNT_MISMATCH = "AMOUNT_MISMATCH"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    ORPHAN_PAYMENT = "ORPHAN_PAYMENT"
    ORDER_WITHOUT_STRIPE = "ORDER_WITHOUT_STRIPE"
    MODE_MISMATCH = "MODE_MISMATCH"
    CAPTURE_PENDING = "CAPTURE_PENDING"
    REFUND_NOT_RECORDED = "REFUND_NOT_RECORDED"
    REFUND_FAILED = "REFUND_FAILED"
    REFUND_TOTAL_MISMATCH = "REFUND_TOTAL_MISMATCH"
    DISPUTE_UNKNOWN = "DISPUTE_UNKNOWN"
    DISPUTE_OUTCOME = "DISPUTE_OUTCOME"
    INVOICE_MISSING = "INVOICE_MISSING"
    INVOICE_BLOCKED = "INVOICE_BLOCKED"
    INVOICE_DUPLICATE = "INVOICE_DUPLICATE"
    INVOICE_AMOUNT = "INVOICE_AMOUNT"
    REFUND_NO_CREDIT_NOTE = "REFUND_NO_CREDIT_NOTE"
    NUMBER_GAP = "NUMBER_GAP"
    NUMBER_DUPLICATE = "NUMBER_DUPLICATE"
    NUMBER_ORDER = "NUMBER_ORDER"
    PDF_MISSING = "PDF_MISSING"
    PDF_CORRUPT = "PDF_CORRUPT"
    PDF_CONTENT = "PDF_CONTENT"
    PDF_ORPHAN = "PDF_ORPHAN"
    STORAGE_UNKNOWN = "STORAGE_UNKNOWN"
    BALANCE_MISSING = "BALANCE_MISSING"
    BALANCE_UNCLASSIFIED = "BALANCE_UNCLASSIFIED"
    BRIDGE_RESIDUAL = "BRIDGE_RESIDUAL"
    PAYOUT_MISMATCH = "PAYOUT_MISMATCH"
    PAYOUT_FAILED = "PAYOUT_FAILED"
    PAYOUT_MANUAL = "PAYOUT_MANUAL"
    EVENT_UNPROCESSED = "EVENT_UNPROCESSED"

    @property
    def priority(self) -> int:
        """1 is most urgent, 4 can wait."""
        return next(level for level, names in _BY_PRIORITY.items() if self in names)


_BY_PRIORITY = {
    1: frozenset(
        {
            Discrepancy.PAID_NOT_RECORDED,
            Discrepancy.PAID_AFTER_CANCEL,
            Discrepancy.RECORDED_NOT_PAID,
            Discrepancy.LINK_CONFLICT,
            Discrepancy.DUPLICATE_PAYMENT,
            Discrepancy.AMOUNT_MISMATCH,
            Discrepancy.CURRENCY_MISMATCH,
            Discrepancy.MODE_MISMATCH,
            Discrepancy.REFUND_FAILED,
            Discrepancy.REFUND_TOTAL_MISMATCH,
            Discrepancy.DISPUTE_UNKNOWN,
            Discrepancy.INVOICE_DUPLICATE,
            Discrepancy.INVOICE_AMOUNT,
            Discrepancy.NUMBER_GAP,
            Discrepancy.NUMBER_DUPLICATE,
            Discrepancy.NUMBER_ORDER,
            Discrepancy.PDF_CORRUPT,
            Discrepancy.PDF_CONTENT,
            Discrepancy.BRIDGE_RESIDUAL,
            Discrepancy.PAYOUT_MISMATCH,
            Discrepancy.PAYOUT_FAILED,
        }
    ),
    2: frozenset(
        {
            Discrepancy.ASYNC_FAILED,
            Discrepancy.ORPHAN_PAYMENT,
            Discrepancy.ORDER_WITHOUT_STRIPE,
            Discrepancy.CAPTURE_PENDING,
            Discrepancy.REFUND_NOT_RECORDED,
            Discrepancy.DISPUTE_OUTCOME,
            Discrepancy.INVOICE_MISSING,
            Discrepancy.INVOICE_BLOCKED,
            Discrepancy.REFUND_NO_CREDIT_NOTE,
            Discrepancy.STORAGE_UNKNOWN,
            Discrepancy.BALANCE_UNCLASSIFIED,
            Discrepancy.EVENT_UNPROCESSED,
        }
    ),
    3: frozenset(
        {
            Discrepancy.PDF_MISSING,
            Discrepancy.BALANCE_MISSING,
        }
    ),
    4: frozenset(
        {
            Discrepancy.ASYNC_PENDING,
            Discrepancy.SESSION_EXPIRED,
            Discrepancy.PDF_ORPHAN,
            Discrepancy.PAYOUT_MANUAL,
        }
    ),
}


class FindingState(StrEnum):
    NEW = "new"
    PERSISTING = "persisting"
    HISTORICAL = "historical"


class FixState(StrEnum):
    """What happens to a finding: nothing safe to do, planned, done, or not done after all."""

    NONE = "none"
    PLANNED = "planned"
    APPLIED = "applied"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One discrepancy.

    `expected` and `seen` are short texts or amounts as text; `since` is when the discrepancy
    began, `break_on` (pending findings only) when it stops being something to wait for.
    `refs` holds further ids: charge, refund, dispute, payout, event, object_key. When it was first
    and last seen is known of recorded findings only.
    """

    discrepancy: Discrepancy
    since: datetime
    expected: str
    seen: str
    hint: str
    order_id: str | None = None
    session_id: str | None = None
    payment_intent_id: str | None = None
    invoice_number: str | None = None
    refs: dict[str, str] = field(default_factory=dict)
    break_on: datetime | None = None
    state: FindingState = FindingState.NEW
    fix: FixState = FixState.NONE
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None

    @property
    def finding_id(self) -> str:
        """The same from night to night: a hash of the class and of the ids involved."""
        ids = [self.order_id, self.session_id, self.payment_intent_id, self.invoice_number]
        ids += [f"{key}={self.refs[key]}" for key in sorted(self.refs)]
        text = "\x1f".join([self.discrepancy, *(part or "" for part in ids)])
        return "fnd_" + hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def subject(self) -> str:
        """The id of what it is about, as a person would name it."""
        named = self.order_id or self.payment_intent_id or self.session_id or self.invoice_number
        return named or next(iter(self.refs.values()), "")

    @property
    def is_pending(self) -> bool:
        """Waiting is right: nothing is wrong before `break_on`."""
        return self.break_on is not None


#: While one of these stands, it is not certain what was sold to whom: no invoice is issued.
BLOCKS_INVOICING = frozenset(
    {
        Discrepancy.RECORDED_NOT_PAID,
        Discrepancy.PAID_AFTER_CANCEL,
        Discrepancy.ASYNC_PENDING,
        Discrepancy.LINK_CONFLICT,
        Discrepancy.AMOUNT_MISMATCH,
        Discrepancy.CURRENCY_MISMATCH,
        Discrepancy.ORDER_WITHOUT_STRIPE,
        Discrepancy.MODE_MISMATCH,
        Discrepancy.REFUND_NOT_RECORDED,
        Discrepancy.REFUND_FAILED,
        Discrepancy.REFUND_TOTAL_MISMATCH,
    }
)
