"""The status of an invoice follows from what happened to it."""

from datetime import timedelta

import pytest

from stakactl.domain.invoice_status import InvoiceStatus, Moments, status_of
from tests.builders import NOW

PAST, FUTURE = NOW - timedelta(days=1), NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("moments", "status"),
    [
        (Moments(), InvoiceStatus.GENERATED),
        (Moments(due_at=FUTURE), InvoiceStatus.GENERATED),
        (Moments(sent_at=PAST, due_at=FUTURE), InvoiceStatus.SENT),
        (Moments(sent_at=PAST, due_at=NOW), InvoiceStatus.OVERDUE),
        (Moments(due_at=PAST), InvoiceStatus.OVERDUE),
        (Moments(sent_at=PAST, due_at=PAST, paid_at=PAST), InvoiceStatus.PAID),
        (Moments(paid_at=PAST, cancelled_at=NOW), InvoiceStatus.CANCELLED),
    ],
)
def test_the_most_decisive_moment_counts(moments: Moments, status: InvoiceStatus) -> None:
    assert status_of(moments, NOW) is status
