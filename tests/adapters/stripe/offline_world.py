"""The gateway on an offline Stripe, with a time that only sleeping moves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stakactl.adapters.stripe.gateway import SdkStripeGateway
from stakactl.demo.offline_stripe.faults import RateLimits
from stakactl.demo.offline_stripe.server import DEMO_KEY, OfflineStripe
from stakactl.demo.offline_stripe.state import StripeState
from stakactl.domain.stripe_objects import StripeKind
from stakactl.operations.ports import StripeGateway
from tests.adapters.stripe.scripted_server import FakeTime
from tests.contract import Contract

Json = dict[str, Any]


class OfflineWorld:
    def __init__(self, folder: Path) -> None:
        self.time = FakeTime()
        self.state = StripeState(folder / "stripe.sqlite")
        self.state.put({**Contract.load().fixture("account"), "id": "acct_contract"})
        self.server = OfflineStripe(
            self.state, ticks=self.time.clock, rate_limits=RateLimits(100, 25)
        )
        self.server.start()
        self._sdk = SdkStripeGateway(
            DEMO_KEY,
            self.server.base_url,
            100,
            timeout_seconds=0.5,
            retry_budget_seconds=10,
            clock=self.time.clock,
            sleep=self.time.sleep,
        )

    @property
    def gateway(self) -> StripeGateway:
        return self._sdk

    def put(self, objects: Sequence[Json], *, livemode: bool = True) -> None:
        self.state.put_many({**fields, "_livemode": livemode} for fields in objects)

    def delete(self, kind: StripeKind, object_id: str) -> None:
        assert self.state.delete(kind.value, object_id)

    def close(self) -> None:
        """What was asked must be a request that Stripe knows, and no bug of the double's."""
        self._sdk.close()
        self.server.stop()
        self.state.close()
        assert self.server.errors == []
