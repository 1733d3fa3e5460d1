"""The inspector of Stripe on an offline Stripe, on a machine whose clock may be wrong."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from stakactl.adapters.stripe.inspector import SdkStripeInspector
from stakactl.adapters.system import SystemClock
from stakactl.operations.ports.inspection.stripe import StripeExpectations
from tests.demo.offline import Offline

KEY = "sk_live_SentinelOfTheInspector00000000000"
RESTRICTED = "rk_live_SentinelOfTheInspector00000000000"
EXPECTED = StripeExpectations(
    livemode=True,
    restricted=False,
    production=False,
    publishable_livemode=None,
    monthly=None,
    yearly=None,
)


@dataclass
class Ahead:
    """The machine's clock, ahead of the real one."""

    seconds: float = 0.0
    _real: SystemClock = field(default_factory=lambda: SystemClock("Europe/Paris"))

    def now(self) -> datetime:
        return self._real.now() + timedelta(seconds=self.seconds)

    def local_date(self, moment: datetime) -> date:
        return self._real.local_date(moment)


def an_inspector(
    server: Offline, key: str, ahead: float = 0.0, expected: StripeExpectations = EXPECTED
) -> SdkStripeInspector:
    return SdkStripeInspector(
        key,
        server.server.base_url,
        expected,
        Ahead(ahead),
        requests_per_second=1e6,
        timeout_seconds=5,
        retry_seconds=0,
    )
