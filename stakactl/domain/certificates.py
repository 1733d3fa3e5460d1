"""How long a TLS certificate still is, and when that is too short."""

from datetime import datetime, timedelta

from stakactl.domain.checks import Verdict, failed, passed

#: Certificates are renewed a month before their end, or at least two weeks; this is in between.
RENEW_WITHIN = timedelta(days=21)


def judge_end(ends_at: datetime, seen_at: datetime, hint: str) -> Verdict:
    """A valid certificate that should have been renewed by now fails, with this hint."""
    left = ends_at - seen_at
    seen = f"it ends in {left.days} days, on {ends_at.date().isoformat()}"
    return passed(seen) if left >= RENEW_WITHIN else failed(seen, hint)
