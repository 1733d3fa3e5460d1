"""What is planted is there, is meant, and is all there is."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pytest

from stakactl.demo.world import Planted, Truth
from stakactl.domain.findings import BLOCKS_INVOICING
from stakactl.domain.findings import Discrepancy as Kind
from tests.demo.world.worlds import NOW, SEEDS, Json, objects, orders, world

pytestmark = pytest.mark.parametrize("seed", SEEDS)

#: Found in other ways than by looking for something that was planted.
NOT_PLANTED = {
    Kind.DISPUTE_OUTCOME,
    Kind.INVOICE_MISSING,
    *list(Kind)[list(Kind).index(Kind.INVOICE_DUPLICATE) :],
}
FIXED = {
    Kind.PAID_NOT_RECORDED,
    Kind.ASYNC_FAILED,
    Kind.SESSION_EXPIRED,
    Kind.REFUND_NOT_RECORDED,
    Kind.DISPUTE_UNKNOWN,
}
#: field of an object → kind of what it names
REFERENCES = {
    "payment_intent": "payment_intent",
    "customer": "customer",
    "latest_charge": "charge",
    "charge": "charge",
    "balance_transaction": "balance_transaction",
    "failure_balance_transaction": "balance_transaction",
    "invoice": "invoice",
    "subscription": "subscription",
    "latest_invoice": "invoice",
    "product": "product",
    "default_price": "price",
}


def planted(seed: int, kind: Kind) -> tuple[Planted, ...]:
    return world(seed).truth.of(kind)


def test_every_class_is_planted_at_least_twice(seed: int) -> None:
    counts = Counter(one.discrepancy for one in world(seed).truth.planted)
    assert {kind for kind in Kind if counts[kind] < 2} == NOT_PLANTED
    assert max(counts.values()) <= 6


def test_an_order_has_one_finding_at_most(seed: int) -> None:
    keys = Counter(one.order_id or one.payment_intent_id for one in world(seed).truth.planted)
    assert max(keys.values()) == 1
    assert None not in keys


def test_truth_survives_json(seed: int) -> None:
    truth = world(seed).truth
    assert Truth.from_json(truth.to_json()) == truth


def test_planted_ids_exist_unless_that_is_the_point(seed: int) -> None:
    for one in world(seed).truth.planted:
        if one.order_id:
            row = orders(seed)[one.order_id]
            recorded = row.get("stripe_session_id")
            assert recorded in (None, one.session_id)
        if one.payment_intent_id:
            assert one.payment_intent_id in objects(seed)["payment_intent"]
        known = one.session_id is None or one.session_id in objects(seed)["checkout.session"]
        assert known is (one.discrepancy is not Kind.ORDER_WITHOUT_STRIPE)
        for kind in ("refund", "dispute", "charge"):
            assert kind not in one.refs or one.refs[kind] in objects(seed)[kind]


def test_references_resolve(seed: int) -> None:
    for kind, found in objects(seed).items():
        if kind == "event":
            continue
        for obj in found.values():
            for field, target in REFERENCES.items():
                name = obj.get(field)
                assert name is None or name in objects(seed)[target], (kind, obj["id"], field)
    for row in world(seed).orders:
        name = row.get("stripe_customer_id")
        assert name is None or name in objects(seed)["customer"]
        name = row.get("stripe_payment_intent_id")
        assert name is None or name in objects(seed)["payment_intent"]
    for row in objects(seed)["balance_transaction"].values():
        kinds = ("charge", "refund", "dispute", "payout")
        assert any(row["source"] in objects(seed)[kind] for kind in kinds)


def test_what_is_fixed_and_what_is_invoiced(seed: int) -> None:
    truth = world(seed).truth
    for one in truth.planted:
        backlink = "relinked_session" in one.refs
        assert one.fixed_by_nightly is (one.discrepancy in FIXED or backlink)
        assert one.pending is (one.discrepancy is Kind.ASYNC_PENDING)
        if one.invoiced and not one.fixed_by_nightly:
            assert one.discrepancy not in BLOCKS_INVOICING
    assert truth.orders_changed == sum(one.fixed_by_nightly for one in truth.planted)
    assert len(truth.remaining) == len(truth.planted) - truth.orders_changed


def test_expected_invoices(seed: int) -> None:
    """Counted once more, from what the orders will say after the fixes."""
    truth = world(seed).truth
    by_order = {one.order_id: one for one in truth.planted}
    others = {one.refs.get("other_order") for one in truth.planted}
    count = 0
    for order_id, row in orders(seed).items():
        if order_id in by_order:
            count += by_order[order_id].invoiced
        elif row["status"] in ("paid", "partially_refunded") and order_id not in others:
            count += row["amount_minor"] > 0 and "invoice_number" not in row
    assert truth.expected_invoices == truth.expected_mails == count
    assert count > 200


def payments(seed: int) -> Iterator[Json]:
    for intent in objects(seed)["payment_intent"].values():
        if intent["status"] == "succeeded" and intent["livemode"]:
            yield intent


def owners(seed: int) -> dict[str, set[str]]:
    """PaymentIntent → the orders that it belongs to, by every kind of reference."""
    known = orders(seed)
    sessions = objects(seed)["checkout.session"]
    found: dict[str, set[str]] = defaultdict(set)
    for row in known.values():
        if "stripe_payment_intent_id" in row:
            found[row["stripe_payment_intent_id"]].add(row["order_id"])
        session = sessions.get(row.get("stripe_session_id", ""))
        if session and session["payment_intent"]:
            found[session["payment_intent"]].add(row["order_id"])
    for session in sessions.values():
        names = {session["client_reference_id"], session["metadata"].get("orderId")}
        if session["payment_intent"]:
            found[session["payment_intent"]] |= names & known.keys()
    for intent in objects(seed)["payment_intent"].values():
        found[intent["id"]] |= {intent["metadata"].get("order_id")} & known.keys()
    return found


def test_every_payment_has_one_order_or_is_planted(seed: int) -> None:
    renewals = {
        link["payment"]["payment_intent"] for link in objects(seed)["invoice_payment"].values()
    }
    orphans = {one.payment_intent_id for one in planted(seed, Kind.ORPHAN_PAYMENT)}
    conflicts = {one.payment_intent_id for one in planted(seed, Kind.LINK_CONFLICT)}
    owned = owners(seed)
    traps = 0
    for intent in payments(seed):
        count = len(owned[intent["id"]])
        if intent["id"] in renewals:
            traps += 1
            assert count == 0
        elif intent["id"] in orphans:
            assert count == 0
        else:
            assert count == (2 if intent["id"] in conflicts else 1)
    assert traps >= 10


def test_clean_orders_are_paid_exactly_once(seed: int) -> None:
    wrong = {one.order_id for one in world(seed).truth.planted}
    wrong |= {one.refs.get("other_order") for one in world(seed).truth.planted}
    paid: dict[str, list[Json]] = defaultdict(list)
    owned = owners(seed)
    for intent in payments(seed):
        for order_id in owned[intent["id"]]:
            paid[order_id].append(intent)
    for order_id, row in orders(seed).items():
        if order_id in wrong:
            continue
        settled = row["status"] in ("paid", "refunded", "partially_refunded")
        wanted = [(row["amount_minor"], row["currency"])]
        if not settled or not row["amount_minor"]:
            wanted = []
        got = [(intent["amount_received"], intent["currency"]) for intent in paid[order_id]]
        assert got == wanted, order_id


def test_all_states_and_references_occur(seed: int) -> None:
    wrong = {one.order_id for one in world(seed).truth.planted}
    clean = [row for row in world(seed).orders if row["order_id"] not in wrong]
    assert {row["status"] for row in clean} == {
        "pending",
        "paid",
        "failed",
        "cancelled",
        "expired",
        "refunded",
        "partially_refunded",
    }
    paid = [row for row in clean if row["status"] == "paid" and row["amount_minor"]]
    recorded = {("stripe_session_id" in row, "stripe_payment_intent_id" in row) for row in paid}
    assert len(recorded) == 4
    assert any("invoice_number" in row for row in paid)
    assert any(row["amount_minor"] == 0 and row["level"] == "Simple" for row in clean)
    assert any("country" not in row for row in clean)


def test_timely_cases(seed: int) -> None:
    now = int(NOW.timestamp())
    charges = objects(seed)["charge"]
    intents = objects(seed)["payment_intent"]
    for one in planted(seed, Kind.CAPTURE_PENDING):
        charge = charges[intents[one.payment_intent_id or ""]["latest_charge"]]
        limit = charge["payment_method_details"]["card"]["capture_before"]
        assert 0 < limit - now <= timedelta(hours=36).total_seconds()
        assert not charge["captured"]
    for one in planted(seed, Kind.ASYNC_PENDING):
        age = now - intents[one.payment_intent_id or ""]["created"]
        assert timedelta(days=1) <= timedelta(seconds=age) <= timedelta(days=5)
    for one in planted(seed, Kind.RECORDED_NOT_PAID):
        paid_at = orders(seed)[one.order_id or ""]["paid_at"]
        assert paid_at < (NOW - timedelta(days=3)).isoformat()
    for session in objects(seed)["checkout.session"].values():
        assert session["status"] != "open" or session["expires_at"] > now
        assert session["status"] != "expired" or session["expires_at"] <= now


def test_refund_totals_cannot_be_explained(seed: int) -> None:
    for one in planted(seed, Kind.REFUND_TOTAL_MISMATCH):
        known = orders(seed)[one.order_id or ""]["refunded_minor"]
        sums = [0]
        for refund in objects(seed)["refund"].values():
            if refund["payment_intent"] == one.payment_intent_id:
                sums.append(sums[-1] + refund["amount"])
        assert known not in sums
        assert known < orders(seed)[one.order_id or ""]["amount_minor"]


def test_events_tell_of_the_last_thirty_days(seed: int) -> None:
    events = list(objects(seed)["event"].values())
    types = {event["type"] for event in events}
    assert types >= {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.refunded",
        "charge.dispute.created",
        "invoice.paid",
        "payout.paid",
    }
    oldest = (NOW - timedelta(days=30)).timestamp()
    assert all(event["created"] > oldest for event in events)
    for event in events:
        if event["type"] == "charge.succeeded":
            assert event["data"]["object"]["amount_refunded"] == 0
