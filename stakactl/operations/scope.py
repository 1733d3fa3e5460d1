"""What a reconciliation looks at."""

from dataclasses import dataclass
from datetime import datetime

from stakactl.domain.findings import Discrepancy


@dataclass(frozen=True, slots=True)
class Scope:
    """Which orders to look at; times are aware UTC, `until` is not included.

    `read_at` is when all that the order names was read again, which may be later than the last
    whole sync; only with an `order_id`."""

    since: datetime | None = None
    until: datetime | None = None
    order_id: str | None = None
    discrepancies: frozenset[Discrepancy] = frozenset()
    read_at: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies in the period."""
        after = self.since is None or moment >= self.since
        return after and (self.until is None or moment < self.until)

    def wants(self, classes: frozenset[Discrepancy]) -> bool:
        """Whether any of the classes is asked for."""
        return not self.discrepancies or bool(self.discrepancies & classes)

    @property
    def is_whole(self) -> bool:
        return not (self.since or self.until or self.order_id or self.discrepancies)
