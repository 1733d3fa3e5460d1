"""The mirror against the offline Stripe over HTTP: killed anywhere, changed meanwhile, while
things are inserted; the mirror always ends as Stripe is."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.database.mirror import progress
from stakactl.demo.offline_stripe.api import Disturbance, Request, Response
from stakactl.demo.world import World
from stakactl.domain.stripe_objects import StripeKind
from stakactl.domain.windows import Window, before, merged, without
from stakactl.operations.ports import Wanted
from stakactl.operations.sync import OVERLAP, lists, sync_stripe
from tests.operations.offline_shop import NOW, OfflineShop, offline_shop, small_world
from tests.operations.workshop import Cut

HOUR = timedelta(hours=1)
SAMPLED = 6
#: An answer in the middle of the lists of a first sync.
MIDDLE = 40


@pytest.fixture(scope="module")
def world() -> World:
    return small_world()


@pytest.fixture
def offline(tmp_path: Path, sqlite_url: str, world: World) -> Iterator[OfflineShop]:
    with offline_shop(tmp_path, sqlite_url, world) as made:
        yield made


def test_the_mirror_holds_what_stripe_holds(
    tmp_path: Path, database_url: str, world: World
) -> None:
    with offline_shop(tmp_path, database_url, world) as offline:
        report = sync_stripe(offline.shop)
        assert report.unread == ()
        assert offline.differences() == []
        assert sum(report.listed.values()) >= offline.shop.mirror.count()


# Killed


@dataclass
class Mortal:
    """A gateway that dies before its N-th answer; `asked` are the parts of lists asked for."""

    gateway: Any
    dies_at: int = 0
    answers: int = 0
    asked: list[Wanted] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.gateway, name)

    def read(self, wanted: Sequence[Wanted]) -> Iterator[Any]:
        self.asked += wanted
        yield from self._counted(self.gateway.read(wanted))

    def retrieve_many(self, wanted: Sequence[Any]) -> Iterator[Any]:
        yield from self._counted(self.gateway.retrieve_many(wanted))

    def payout_transactions(self, payout_id: str) -> Iterator[Any]:
        yield from self._counted(self.gateway.payout_transactions(payout_id))

    def _counted(self, answers: Iterator[Any]) -> Iterator[Any]:
        for answer in answers:
            self.answers += 1
            if self.answers == self.dies_at:
                raise Cut(f"answer {self.answers}")
            yield answer


def synced(offline: OfflineShop, dies_at: int = 0) -> Mortal:
    """A sync that may be killed, and how many answers it had."""
    mortal = Mortal(offline.shop.stripe, dies_at)
    offline.shop.stripe = mortal  # type: ignore[assignment]
    try:
        sync_stripe(offline.shop)
    except Cut:
        assert dies_at
    finally:
        offline.shop.stripe = mortal.gateway
    return mortal


def killed_at(point: int, folder: Path, template: Path, world: World) -> tuple[int, int, Any]:
    """Killed at one answer and run again: the answers of the first run, how many windows it
    covered, and what is held in the end."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(template, folder / "stakactl.db")
    with offline_shop(folder, f"sqlite:///{folder}/stakactl.db", world) as offline:
        first = synced(offline, dies_at=point)
        readings = {kind: offline.shop.mirror.reading(kind) for kind in StripeKind}
        covered = {kind: before(it.covered, NOW - OVERLAP) for kind, it in readings.items() if it}
        second = synced(offline)
        for one in second.asked if covered else ():
            # Nothing that was covered is read again, but for the overlap before the bound.
            asked = Window(one.created.since, min(one.created.until, NOW - OVERLAP))
            assert not covered[one.kind] or without(asked, covered[one.kind]) == merged([asked])
        assert offline.differences() == []
        held = offline.shop.contents(without=["store_info", "stripe_balances"])
        return first.answers, sum(map(len, covered.values())), held


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page is written at once: what was answered is kept."""
    monkeypatch.setattr(lists, "BATCH", 1)


@pytest.mark.usefixtures("small_batches")
def test_a_killed_sync_goes_on_where_it_was(
    tmp_path: Path, sqlite_template: Path, world: World
) -> None:
    whole, _, expected = killed_at(0, tmp_path / "whole", sqlite_template, world)
    kept = []
    for place in range(SAMPLED):
        point = 1 + place * whole // SAMPLED
        _, windows, held = killed_at(point, tmp_path / str(place), sqlite_template, world)
        assert held == expected, f"killed at {point}"
        kept.append(windows)
    assert kept[0] == 0
    assert sum(1 for windows in kept if windows) >= 2


@pytest.mark.soak
@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("shard", range(4))
def test_a_sync_killed_at_every_answer(
    shard: int, tmp_path: Path, sqlite_template: Path, world: World
) -> None:
    whole, _, expected = killed_at(0, tmp_path / "whole", sqlite_template, world)
    for point in range(1 + shard, whole + 1, 4):
        _, _, held = killed_at(point, tmp_path / "killed", sqlite_template, world)
        assert held == expected, f"killed at {point}"
        shutil.rmtree(tmp_path / "killed")


def test_control_a_sync_that_forgets_its_windows_is_never_complete(
    offline: OfflineShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "cover", lambda connection, covered: None)
    report = sync_stripe(offline.shop)
    assert len(report.unread) == len(StripeKind)
    assert offline.shop.mirror.known_until() is None


# Changed


def changes(offline: OfflineShop) -> Iterator[Callable[[], object]]:
    """What people and banks do in Stripe, each on an object that was settled before, or not."""
    post = partial(partial, offline.write, "POST")
    charges = [
        charge
        for charge in offline.living(StripeKind.CHARGE)
        if charge["status"] == "succeeded" and charge["captured"] and not charge["amount_refunded"]
    ]
    for charge in charges[:3]:
        yield post("/v1/refunds", f"charge={charge['id']}&amount={charge['amount'] // 2}")
    for session in offline.living(StripeKind.CHECKOUT_SESSION):
        if session["status"] == "open":
            yield post(f"/v1/checkout/sessions/{session['id']}/expire")
            break
    first, second, *_ = offline.living(StripeKind.CUSTOMER)
    yield post(f"/v1/customers/{first['id']}", "name=Anne")
    yield partial(offline.write, "DELETE", f"/v1/customers/{second['id']}")
    form = "amount=1234&currency=eur&payment_method=pm_card_visa&confirm=true"
    form += "&automatic_payment_methods[enabled]=true"
    form += "&automatic_payment_methods[allow_redirects]=never"
    yield post("/v1/payment_intents", form)


def test_whatever_changes_between_two_syncs_is_seen(offline: OfflineShop) -> None:
    sync_stripe(offline.shop)
    made = 0
    for change in changes(offline):
        offline.shop.clock.move(hours=1)
        change()
        made += 1
    assert made >= 6
    assert offline.differences() != []
    offline.shop.clock.move(hours=1)
    offline.requests.clear()
    report = sync_stripe(offline.shop)
    assert report.complete
    assert offline.differences() == []
    assert report.events > 0
    assert len(offline.requests) < 120


def test_control_without_the_events_an_old_charge_is_stale(
    offline: OfflineShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_stripe(offline.shop)
    offline.shop.clock.move(hours=1)
    next(changes(offline))()
    offline.shop.clock.move(hours=1)
    monkeypatch.setattr("stakactl.operations.sync.process_events", lambda *_: 0)
    sync_stripe(offline.shop)
    assert [line.split()[0] for line in offline.differences()] == ["charge"]


# Inserted


def test_what_is_inserted_while_pages_are_read_is_not_missed(offline: OfflineShop) -> None:
    """Sessions appear during the first sync: new ones, and some that became visible late."""
    handle = offline.server.api.handle
    sample = offline.living(StripeKind.CHECKOUT_SESSION)[0]
    bound = int(offline.shop.clock.now().timestamp())
    inserted: list[str] = []

    def inserting(request: Request, disturbance: Disturbance | None = None) -> Response:
        if request.method == "GET" and request.path == "/v1/checkout/sessions":
            number = len(inserted)
            created = bound + number if number % 3 else bound - 60 * number
            inserted.append(f"cs_live_inserted{number:04}")
            offline.state.put({**sample, "id": inserted[-1], "created": created})
        return handle(request, disturbance)

    offline.server.api.handle = inserting  # type: ignore[method-assign]
    sync_stripe(offline.shop)
    assert len(inserted) >= 6
    offline.server.api.handle = handle  # type: ignore[method-assign]
    offline.shop.clock.move(hours=1)
    assert sync_stripe(offline.shop).complete
    assert offline.differences() == []


def test_an_interrupted_first_sync_sees_what_changed_before_it_goes_on(
    offline: OfflineShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows that were covered days ago hold objects that may have changed since."""
    monkeypatch.setattr(lists, "BATCH", 1)
    assert synced(offline, dies_at=MIDDLE).answers == MIDDLE
    assert offline.shop.mirror.count() > 0
    for change in changes(offline):
        offline.shop.clock.move(hours=1)
        change()
    offline.shop.clock.move(days=2)
    assert sync_stripe(offline.shop).complete
    assert offline.differences() == []
