"""The bridge of a period, and Stripe's own balance that it has to meet.

Stripe tells its balance of now only, and the account goes on moving while it is read. Where the
record does not make the balance, the newest balance transactions are read and the balance is asked
for once more: when it says the same twice, the record holds whatever makes this balance, and what
is apart is apart. Everything else is drawn from what was remembered then, without asking Stripe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stakactl.domain.bridge import Bridge, draw
from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import StripeKind
from stakactl.errors import StripeError
from stakactl.operations.ports import Ports, StageProgress, Unread, Wanted, Window
from stakactl.operations.scope import Scope

_RECORD = StripeKind.BALANCE_TRANSACTION
#: A busy account moves within the second that it takes to look at it.
TRIES = 5
#: Transactions may become visible in lists a little after they were created.
OVERLAP = timedelta(minutes=15)
#: Stripe's clock may be ahead of ours.
AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class BridgeReport:
    """`missing` says why there is no bridge: then `bridges` is empty."""

    bridges: tuple[Bridge, ...]
    missing: str | None = None


def observe_balance(ports: Ports, unread: list[str], stage: StageProgress) -> bool:
    """Remember Stripe's balance together with the transactions that make it.

    False when the record was not read to its end, or the balance moved all the time: then the
    bridge ends with the balance that was remembered before.
    """
    read = ports.mirror.synced_until(_RECORD)
    if read is None or ports.mirror.reading(_RECORD) is not None:
        return False
    try:
        before = ports.stripe.balance()
        for _ in range(TRIES):
            if _held(before) == _held(ports.money.total()):
                ports.money.observe(before, ports.clock.now())
                return True
            failed = _read_newest(ports, read - OVERLAP, stage)
            if failed is not None:
                _add(unread, f"{_RECORD}: {failed.message}")
                return False
            after = ports.stripe.balance()
            if after == before:
                ports.money.observe(after, ports.clock.now())
                return True
            before = after
    except StripeError as error:
        _add(unread, f"balance: {error.message}")
    return False


def _read_newest(ports: Ports, since: datetime, stage: StageProgress) -> StripeError | None:
    newest = Wanted(_RECORD, Window(since, ports.clock.now() + AHEAD))
    failed = None
    for part in ports.stripe.read([newest]):
        if isinstance(part, Unread):
            failed = part.error
            continue
        ports.mirror.upsert(part.objects)
        stage.advance(len(part.objects))
    return failed


def _held(amounts: Sequence[Money]) -> dict[str, int]:
    return {amount.currency: amount.minor for amount in amounts if amount}


def _add(unread: list[str], entry: str) -> None:
    """A service that is down is told once."""
    if entry not in unread:
        unread.append(entry)


def bridge(ports: Ports, scope: Scope, *, beside: bool = True) -> BridgeReport:
    """The bridge of the period of `scope`, up to the last known balance at most; `beside` adds
    what was sold in other currencies."""
    balances = ports.money.balances()
    if ports.mirror.synced_until(_RECORD) is None or not balances:
        return BridgeReport((), "the record of money was not read to its end; run stakactl sync")
    observed_at = min(balance.observed_at for balance in balances)
    if scope.since is not None and scope.since >= observed_at:
        return BridgeReport(
            (), f"the record of money ends at {observed_at:%Y-%m-%d %H:%M} UTC; run stakactl sync"
        )
    through = min(balance.through for balance in balances)
    # Up to the balance itself no clock decides what belongs to it: `through` is Stripe's own.
    ends_before = scope.until is not None and scope.until < observed_at
    until = scope.until if ends_before else None
    movements = ports.money.movements(scope.since, until, through)
    presentments = ports.money.presentments(scope.since, until, through) if beside else []
    drawn = draw(movements, balances, presentments, scope.since, until or observed_at)
    return BridgeReport(drawn)
