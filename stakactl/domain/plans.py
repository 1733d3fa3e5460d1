"""A plan of repairs that one person reviews and another applies."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.changes import Change
from stakactl.domain.findings import Finding
from stakactl.domain.runs import Mode

#: What is older says too little about today: it is looked at anew instead.
MAX_AGE = timedelta(days=7)
#: Clocks of two machines may differ by so much.
CLOCK_DRIFT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StoreIdentity:
    """Which store this is, and the Stripe account it is bound to; None before first contact."""

    store_id: str
    account_id: str | None


@dataclass(frozen=True, slots=True)
class PlannedRepair:
    """A finding and the change that repairs it."""

    finding: Finding
    change: Change


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """What a run of `reconcile` would repair, for which store."""

    store: StoreIdentity
    mode: Mode
    created_at: datetime
    run_id: str
    repairs: tuple[PlannedRepair, ...]

    def misfit(self, store: StoreIdentity, mode: Mode, now: datetime) -> str | None:
        """Why the plan must not be applied to this store now; None when it may."""
        if self.store.store_id != store.store_id:
            return "it was made for another database"
        if (self.store.account_id, self.mode) != (store.account_id, mode):
            ours, its = (
                f"account {a} in {m} mode"
                for a, m in ((store.account_id, mode), (self.store.account_id, self.mode))
            )
            return f"it was made for Stripe {its}, this is {ours}"
        if self.created_at > now + CLOCK_DRIFT:
            return f"it says it was made at {self.created_at:%Y-%m-%d %H:%M} UTC, which is to come"
        if now - self.created_at > MAX_AGE:
            made = f"{self.created_at:%Y-%m-%d %H:%M} UTC"
            return f"it was made at {made}; after {MAX_AGE.days} days a plan is too old"
        return None
