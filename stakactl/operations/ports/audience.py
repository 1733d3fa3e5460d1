"""Customers who are told when the service is closed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from stakactl.domain.notices import Recipient


class Audience(Protocol):
    def lately(self, since: datetime) -> Iterator[Recipient]:
        """Whoever made or paid an order since then, whose order or invoice is open, or who has a
        subscription that runs; each address once, as it was written last."""
