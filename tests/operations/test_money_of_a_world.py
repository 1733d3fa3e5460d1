"""On a seeded world, over HTTP: the bridge is that of the world's own books, to the unit."""

from collections import defaultdict
from pathlib import Path

import pytest

from stakactl.demo.offline_stripe.state import StripeState
from stakactl.demo.seed import load_truth
from stakactl.domain.findings import Discrepancy
from stakactl.operations.bridge import bridge
from stakactl.operations.reconcile import ReconcileReport, ReconcileRequest, reconcile
from stakactl.operations.scope import Scope
from stakactl.operations.sync import sync_stripe
from tests.operations.nightly_world import NightlyWorld, nightly_world

SOAK = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(30, 40)]


def payouts_of(state: StripeState) -> dict[str, list[int]]:
    """Amounts of the automatic payouts by currency."""
    found = defaultdict(list)
    for payout in state.list("payout", limit=100_000).objects:
        found[payout["currency"]].append(payout["amount"])
    return dict(found)


@pytest.mark.parametrize("seed", [1, 2, *SOAK])
def test_the_books_of_a_world(seed: int, sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=seed, orders=100) as world:
        assert sync_stripe(world.container).complete
        report = bridge(world.container, Scope())
        books = load_truth(world.home.path).revenue
        assert [one.currency for one in report.bridges] == sorted(books)
        with StripeState(world.home.stripe_file) as state:
            paid_out = payouts_of(state)
            held = state.balance_sums(2**40, livemode=True)
        for one in report.bridges:
            revenue = books[one.currency]
            figures = (one.gross, one.refunds, one.disputes, one.fees)
            assert tuple(amount.minor for amount in figures) == (
                revenue.gross,
                revenue.refunds,
                revenue.disputes,
                revenue.fees,
            )
            assert one.payouts.minor == sum(paid_out[one.currency]) > 0
            assert one.closing.minor == held[one.currency, True]
            assert (one.opening.minor, one.other.minor, one.residual.minor) == (0, 0, 0)
        euro = next(one for one in report.bridges if one.currency == "eur")
        assert {one.gross.currency for one in euro.presentment} <= {"chf", "jpy", "kwd"}
        assert money_findings(reconcile(world.container, ReconcileRequest(sync=False))) == []
        assert world.container.money.to_itemise() == []
        world.check_contract()


MONEY = ("BALANCE_", "PAYOUT_", "BRIDGE_")


def money_findings(report: ReconcileReport) -> list[Discrepancy]:
    return [
        finding.discrepancy
        for finding in report.findings
        if finding.discrepancy.value.startswith(MONEY)
    ]


def spoil(world: NightlyWorld) -> None:
    """Stripe's balance stays, a movement of the record goes."""
    with StripeState(world.home.stripe_file) as state:
        sums = state.balance_sums(2**40, livemode=True)
        amounts = [{"amount": minor, "currency": currency} for (currency, _), minor in sums.items()]
        nothing = [{"amount": 0, "currency": currency} for currency, _ in sums]
        state.put({"object": "balance", "livemode": True, "available": amounts, "pending": nothing})
        lost = state.list("balance_transaction", {"type": "charge"}, limit=1).objects[0]
        state.delete("balance_transaction", lost["id"])


def test_control_a_movement_that_is_gone_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    with nightly_world(tmp_path, sqlite_url, seed=2, orders=80) as world:
        spoil(world)
        report = reconcile(world.container, ReconcileRequest())
        assert Discrepancy.BRIDGE_RESIDUAL in money_findings(report)
        assert Discrepancy.BALANCE_MISSING in money_findings(report)
