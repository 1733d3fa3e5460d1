"""A world is the same for the same seed, and Stripe and the importer would know its parts."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stakactl.adapters.orders.files import read_orders
from stakactl.demo.offline_stripe.state import StripeState
from stakactl.demo.seed import ORDERS, STRIPE_DB, load_truth, seed_demo
from stakactl.demo.world import SMALLEST, World, build_world
from stakactl.demo.world.people import ODD_NAMES, fictional_siren, slug, vat_number
from stakactl.demo.world.rhythm import Rhythm
from stakactl.demo.world.traps import LONG_AGO
from tests.contract import Contract
from tests.demo.world.worlds import NOW, SEEDS, Json, objects, orders, world

#: Kinds that are sampled where there are many: a schema costs milliseconds.
SAMPLED = 120
PER_DATE = {"payout", "event", "balance_transaction"}


def test_the_same_seed_gives_the_same_world() -> None:
    assert build_world(7, NOW) == build_world(7, NOW)
    assert build_world(7, NOW) != build_world(8, NOW)


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(days=100, hours=7)])
def test_the_date_moves_the_world_and_changes_nothing_else(later: timedelta) -> None:
    def timeless(built: World) -> tuple[object, ...]:
        ids = {o["id"] for o in built.stripe_objects if o["object"] not in PER_DATE}
        rows = {
            row["order_id"]: {
                name: value for name, value in row.items() if not name.endswith("_at")
            }
            for row in built.orders
        }
        return ids, rows, built.truth

    here, there = world(1), build_world(1, NOW + later)
    assert timeless(here) == timeless(there)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_object_fits_the_contract(seed: int) -> None:
    contract = Contract.load()
    chance = random.Random(seed)
    for kind, found in objects(seed).items():
        sample = list(found.values())
        for obj in chance.sample(sample, min(SAMPLED, len(sample))):
            assert obj["object"] == kind
            contract.check_object({k: v for k, v in obj.items() if not k.startswith("_")})


@pytest.mark.parametrize("seed", SEEDS)
def test_ids_are_unique_and_look_like_stripes(seed: int) -> None:
    counts = Counter(obj["id"] for obj in world(seed).stripe_objects)
    assert counts.most_common(1)[0][1] == 1
    for session in objects(seed)["checkout.session"].values():
        assert session["id"].startswith("cs_live_" if session["livemode"] else "cs_test_")
    for charge in objects(seed)["charge"].values():
        sepa = charge["payment_method_details"]["type"] == "sepa_debit"
        assert charge["id"].startswith("py_" if sepa else "ch_")


@pytest.mark.parametrize("seed", SEEDS)
def test_times_lie_in_the_period(seed: int) -> None:
    now = NOW.timestamp()
    created = [obj.get("created") or obj["start"] for obj in world(seed).stripe_objects]
    assert created == sorted(created)
    assert max(created) <= now
    moments = [datetime.fromisoformat(row["created_at"]) for row in world(seed).orders]
    assert moments == sorted(moments)
    recent = [moment for moment in moments if moment >= NOW - timedelta(days=60)]
    assert NOW - timedelta(days=60 + LONG_AGO) <= moments[0]
    assert 2 <= len(moments) - len(recent) < 10
    assert all(
        datetime.fromisoformat(row[name]) <= NOW
        for row in world(seed).orders
        for name in ("paid_at", "updated_at")
        if name in row
    )


def test_people_buy_in_the_evening_and_on_weekdays() -> None:
    rhythm = Rhythm(NOW, 60)
    chance = random.Random(0)
    moments = [
        datetime.fromtimestamp(rhythm.moment(chance.random(), 60, 0), UTC) for _ in range(5000)
    ]
    nights = sum(moment.hour in (1, 2, 3) for moment in moments)
    evenings = sum(moment.hour in (18, 19, 20) for moment in moments)
    assert nights * 5 < evenings
    assert sum(moment.weekday() > 4 for moment in moments) < 5000 * 2 / 7 * 0.85


@pytest.mark.parametrize("seed", SEEDS)
def test_orders_have_the_import_format(seed: int, tmp_path: Path) -> None:
    seed_demo(tmp_path, world(seed))
    imported = read_orders(tmp_path / ORDERS)
    assert not imported.problems
    read = {order.order_id: order for order in imported.orders}
    assert read.keys() == orders(seed).keys()
    assert len(read) == 400
    for order in read.values():
        if order.lines and order.amount:
            assert sum(line.amount.minor for line in order.lines) == order.amount.minor


def test_the_folder_of_the_demo(tmp_path: Path) -> None:
    built = world(1)
    seed_demo(tmp_path / "demo", built)
    assert load_truth(tmp_path / "demo") == built.truth
    gone = [obj["id"] for obj in built.stripe_objects if obj.get("_deleted")]
    assert len(gone) >= 2
    with StripeState(tmp_path / "demo" / STRIPE_DB) as state:
        for kind, found in objects(1).items():
            live = [o for o in found.values() if o.get("livemode", o.get("_livemode", True))]
            deleted = sum(obj.get("_deleted", False) for obj in live)
            assert state.count(kind) == len(live) - deleted, kind
        assert state.get("customer", gone[0]) == {
            "id": gone[0],
            "object": "customer",
            "deleted": True,
        }
        payout = next(iter(objects(1)["payout"]))
        rows = state.list("balance_transaction", {"_payout": payout}, limit=100).objects
        assert sum(row["net"] for row in rows) == 0
        assert "_payout" not in rows[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_buyers_are_odd_and_fictional(seed: int) -> None:
    rows = world(seed).orders
    assert set(ODD_NAMES) <= {row["customer_name"] for row in rows}
    assert {row.get("country") for row in rows} >= {"FR", "BE", "DE", "US", "JP", "KW"}
    assert {row["currency"] for row in rows} == {"eur", "usd", "chf", "jpy", "kwd"}
    assert {row["locale"] for row in rows} == {"fr", "en"}
    for row in rows:
        domain = row["customer_email"].partition("@")[2]
        assert domain in ("example.com", "example.org") or domain.endswith(".example")
        assert row["currency"] != "kwd" or row["amount_minor"] % 10 == 0
    companies = [row for row in rows if "customer_siren" in row]
    assert len(companies) >= 5
    for row in companies:
        assert luhn(row["customer_siren"])
        assert row["customer_siren"].startswith("000")


def luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def test_check_digits() -> None:
    assert all(luhn(fictional_siren(number)) for number in range(1, 2000, 7))
    assert vat_number("BE", 123_456)[2:].isdigit()
    assert len(vat_number("DE", 5)) == len("DE123456789")
    assert vat_number("US", 5) == ""
    assert slug("Ștefan Țăndărică-Ðorđević") == "stefan.tandarica.dordevic"


@pytest.mark.parametrize("seed", SEEDS)
def test_books_state_their_rate(seed: int) -> None:
    """Only services of French customers may rely on the company's default rate."""
    blocked = {one.order_id for one in world(seed).truth.planted if "INVOICE" in one.discrepancy}
    sessions = objects(seed)["checkout.session"]
    silent = [row for row in world(seed).orders if row["order_id"] not in blocked]
    silent = [row for row in silent if row["amount_minor"] and not states_rate(row)]
    assert silent
    for row in silent:
        if row.get("country", "FR") == "FR":
            assert row["nature"] == "services"
        else:
            session = sessions[row["stripe_session_id"]]
            assert session["automatic_tax"]["status"] == "complete"
            assert session["total_details"]["amount_tax"] == 0


def states_rate(row: Json) -> bool:
    lines = row.get("lines", [])
    return "vat_rate" in row or (bool(lines) and all("vat_rate" in line for line in lines))


def test_other_sizes() -> None:
    assert len(build_world(1, NOW, orders=SMALLEST, days=14).orders) == SMALLEST
    assert len(build_world(1, NOW, orders=1000, days=365).orders) == 1000
    with pytest.raises(ValueError, match="at least"):
        build_world(1, NOW, orders=SMALLEST - 1)
    with pytest.raises(ValueError, match="at least"):
        build_world(1, NOW, days=5)
    with pytest.raises(ValueError, match="aware"):
        build_world(1, datetime(2026, 11, 20))  # noqa: DTZ001 - that is the point


def test_a_world_is_json() -> None:
    built = world(1)
    assert json.loads(json.dumps(built.stripe_objects)) == built.stripe_objects
    assert json.loads(json.dumps(built.orders)) == built.orders
