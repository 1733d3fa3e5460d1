"""Why discrepancies come about, in plain words, and the command that leads on from each."""

import shlex

from stakactl.domain.findings import Discrepancy, Finding

CAUSES: dict[Discrepancy, str] = {
    Discrepancy.PAID_NOT_RECORDED: "The customer paid, but the application never learned of it: "
    "Stripe's webhook was lost, or failed.",
    Discrepancy.PAID_AFTER_CANCEL: "The customer paid after the order had been given up: the "
    "checkout page stayed open.",
    Discrepancy.RECORDED_NOT_PAID: "The application says paid, and Stripe knows of no money: it "
    "was paid another way, or marked paid by mistake.",
    Discrepancy.ASYNC_PENDING: "A bank debit or transfer takes days; until it settles nobody knows "
    "whether it succeeds.",
    Discrepancy.ASYNC_FAILED: "The bank refused the debit days after the checkout, and the order "
    "still waits for it.",
    Discrepancy.SESSION_EXPIRED: "The customer left the checkout page, and it expired.",
    Discrepancy.LINK_CONFLICT: "One checkout or payment is claimed by two orders: one of the two "
    "recorded the wrong id.",
    Discrepancy.DUPLICATE_PAYMENT: "The customer paid twice, in two tabs perhaps: one payment is "
    "too many.",
    Discrepancy.AMOUNT_MISMATCH: "What Stripe took is not what the order says: a discount, a "
    "shipping fee or a later edit is missing on one side.",
    Discrepancy.CURRENCY_MISMATCH: "The order is in one currency, the payment in another.",
    Discrepancy.ORPHAN_PAYMENT: "Stripe took money that no order accounts for: the order was "
    "deleted, never saved, or not imported yet.",
    Discrepancy.ORDER_WITHOUT_STRIPE: "The id that the order records does not exist in this Stripe "
    "account.",
    Discrepancy.MODE_MISMATCH: "The order records an object of Stripe's other mode: test and live "
    "were mixed up.",
    Discrepancy.CAPTURE_PENDING: "The money is only reserved; unless it is captured the "
    "reservation lapses.",
    Discrepancy.REFUND_NOT_RECORDED: "Money was given back in Stripe's dashboard, and the "
    "application was not told.",
    Discrepancy.REFUND_FAILED: "The customer's bank sent the refund back: the money is still here, "
    "though the order says refunded.",
    Discrepancy.REFUND_TOTAL_MISMATCH: "The refunds in Stripe and what the order says do not sum "
    "to the same.",
    Discrepancy.DISPUTE_UNKNOWN: "The customer contests the payment at the bank, and the "
    "application does not know; Stripe waits for an answer.",
    Discrepancy.DISPUTE_OUTCOME: "The bank has decided the dispute, and the order says otherwise.",
    Discrepancy.INVOICE_MISSING: "The order is paid and was not invoiced yet.",
    Discrepancy.INVOICE_BLOCKED: "The invoice waits because its VAT cannot be known from what the "
    "order says, or not be stated as an invoice must.",
    Discrepancy.INVOICE_DUPLICATE: "More than one side issued an invoice for this order.",
    Discrepancy.INVOICE_AMOUNT: "The invoice's figures do not fit together, or not the payment.",
    Discrepancy.REFUND_NO_CREDIT_NOTE: "An invoiced order was refunded, and no credit note says "
    "so.",
    Discrepancy.NUMBER_GAP: "A number of the series is missing: an invoice was deleted, or never "
    "came here.",
    Discrepancy.NUMBER_DUPLICATE: "Two invoices bear the same number.",
    Discrepancy.NUMBER_ORDER: "Numbers and dates of issue do not run in the same order.",
    Discrepancy.PDF_MISSING: "The invoice was issued, but its PDF is not where it was stored.",
    Discrepancy.PDF_CORRUPT: "The stored PDF is not the one that was issued: it was changed, cut "
    "or replaced.",
    Discrepancy.PDF_CONTENT: "The stored PDF says something else to machines than what was frozen "
    "when the invoice was issued.",
    Discrepancy.PDF_ORPHAN: "A file lies among the invoices that no invoice knows.",
    Discrepancy.STORAGE_UNKNOWN: "The PDF store does not answer, so nobody knows what is there.",
    Discrepancy.BALANCE_MISSING: "The charge succeeded and is not in the balance yet.",
    Discrepancy.BALANCE_UNCLASSIFIED: "A line of the balance is of a category that is not known "
    "here.",
    Discrepancy.BRIDGE_RESIDUAL: "Opening balance and movements do not make the closing balance: "
    "a line is missing or counted twice.",
    Discrepancy.PAYOUT_MISMATCH: "The lines of the payout do not sum to what was paid out.",
    Discrepancy.PAYOUT_FAILED: "The bank refused the payout; the money is back in the balance.",
    Discrepancy.PAYOUT_MANUAL: "It was paid out by hand, and Stripe does not say what it contains.",
    Discrepancy.EVENT_UNPROCESSED: "Something happened in Stripe that had no effect here yet.",
}

#: What is found by looking at one order and its objects: an older record of it says nothing once
#: the order was looked at again.
OF_ORDERS = frozenset(
    {
        Discrepancy.PAID_NOT_RECORDED,
        Discrepancy.PAID_AFTER_CANCEL,
        Discrepancy.RECORDED_NOT_PAID,
        Discrepancy.ASYNC_PENDING,
        Discrepancy.ASYNC_FAILED,
        Discrepancy.SESSION_EXPIRED,
        Discrepancy.LINK_CONFLICT,
        Discrepancy.DUPLICATE_PAYMENT,
        Discrepancy.AMOUNT_MISMATCH,
        Discrepancy.CURRENCY_MISMATCH,
        Discrepancy.ORDER_WITHOUT_STRIPE,
        Discrepancy.MODE_MISMATCH,
        Discrepancy.CAPTURE_PENDING,
        Discrepancy.REFUND_NOT_RECORDED,
        Discrepancy.REFUND_FAILED,
        Discrepancy.REFUND_TOTAL_MISMATCH,
        Discrepancy.DISPUTE_UNKNOWN,
        Discrepancy.DISPUTE_OUTCOME,
        Discrepancy.INVOICE_MISSING,
        Discrepancy.INVOICE_BLOCKED,
        Discrepancy.INVOICE_DUPLICATE,
        Discrepancy.REFUND_NO_CREDIT_NOTE,
        Discrepancy.ORPHAN_PAYMENT,  # of a deleted order; others name no order
    }
)
_IMPORT = "stakactl orders import FILE"
_COMMANDS = {
    Discrepancy.INVOICE_MISSING: "stakactl invoices generate --dry-run",
    Discrepancy.INVOICE_BLOCKED: _IMPORT,
    Discrepancy.ORPHAN_PAYMENT: _IMPORT,
    Discrepancy.MODE_MISMATCH: _IMPORT,
    Discrepancy.EVENT_UNPROCESSED: "stakactl reconcile --fix",
    Discrepancy.STORAGE_UNKNOWN: "stakactl reconcile",
}
#: What a person does where the hint of the finding was not kept.
LOOK_AGAIN = "stakactl reconcile looks again and says what to do"


def command_for(finding: Finding, *, repairable: bool, imported: bool) -> str | None:
    """What to type next; None where the next step is not one of ours. Orders are `imported` from
    files, or read from the application's database."""
    order = None if finding.order_id is None else shlex.quote(finding.order_id)
    if repairable:
        part = f"--class {finding.discrepancy}" if order is None else f"--order {order}"
        return f"stakactl reconcile {part} --fix"
    other = finding.refs.get("other_order")
    if other is not None:
        return f"stakactl explain {shlex.quote(other)}"
    command = _COMMANDS.get(finding.discrepancy)
    return "stakactl sync orders" if command == _IMPORT and not imported else command
