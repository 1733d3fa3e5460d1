"""The demo's folder: the offline Stripe's file, the store, PDFs, mails, and the planted truth.

The demo touches nothing outside of it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.errors import Refused, StoreMissing

if TYPE_CHECKING:
    from stakactl.demo.offline_stripe.server import OfflineStripe
    from stakactl.operations.nightly import NightlyReport

#: Only a folder that holds this file is ever emptied.
MARKER = ".stakactl-demo"


@dataclass(frozen=True, slots=True)
class DemoHome:
    path: Path

    @property
    def orders_file(self) -> Path:
        return self.path / "orders.ndjson"

    @property
    def stripe_file(self) -> Path:
        return self.path / "stripe.db"

    def clear(self) -> None:
        """Empty the folder, so that the next world starts from nothing."""
        if self.path.exists() and any(self.path.iterdir()):
            if not (self.path / MARKER).exists():
                raise Refused(
                    f"{self.path} holds files that the demo did not make; it was left alone",
                    hint="move them away, or run the demo in another folder",
                )
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / MARKER).touch()

    def seed(self, seed: int, now: datetime, orders: int) -> None:
        """Make the folder anew with a world of `orders` orders that ends at `now`."""
        from stakactl.demo.seed import seed_demo
        from stakactl.demo.world import build_world

        self.clear()
        seed_demo(self.path, build_world(seed, now, orders=orders))

    def require_world(self) -> None:
        if not self.stripe_file.exists():
            raise StoreMissing(
                f"there is no demo world in {self.path}",
                hint="stakactl demo makes one and runs the night on it",
            )

    @contextmanager
    def stripe(self, port: int = 0) -> Iterator["OfflineStripe"]:
        """The offline Stripe on this folder's objects, on loopback, while the context lasts."""
        self.require_world()
        from stakactl.demo.offline_stripe.server import OfflineStripe
        from stakactl.demo.offline_stripe.state import StripeState

        with (
            StripeState(self.stripe_file) as state,
            OfflineStripe(state, port=port) as server,
        ):
            yield server

    def differences(self, report: "NightlyReport") -> tuple[str, ...]:
        """What differs between the night and what was planted."""
        from stakactl.demo.verdict import differences

        return differences(self.path, report)
