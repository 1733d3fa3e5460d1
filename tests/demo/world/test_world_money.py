"""The money of a world adds up: charges, refunds, balance transactions, payouts, invoices."""

from collections import defaultdict

import pytest

from stakactl.demo.world.ledger import EXCHANGE_RATES
from tests.demo.world.worlds import SEEDS, Json, objects, world

pytestmark = pytest.mark.parametrize("seed", SEEDS)


def live(transactions: dict[str, Json]) -> list[Json]:
    return [row for row in transactions.values() if row.get("_livemode", True)]


def test_net_is_amount_less_fee(seed: int) -> None:
    for row in objects(seed)["balance_transaction"].values():
        assert row["net"] == row["amount"] - row["fee"]
        assert row["fee"] == sum(detail["amount"] for detail in row["fee_details"])


def test_every_succeeded_charge_is_booked_once(seed: int) -> None:
    booked = [
        row["source"]
        for row in objects(seed)["balance_transaction"].values()
        if row["reporting_category"] == "charge"
    ]
    captured = [
        charge["id"]
        for charge in objects(seed)["charge"].values()
        if charge["status"] == "succeeded" and charge["captured"]
    ]
    assert sorted(booked) == sorted(captured)


def test_settlement(seed: int) -> None:
    charges = objects(seed)["charge"]
    exchanged = set()
    for row in objects(seed)["balance_transaction"].values():
        if row["reporting_category"] != "charge":
            continue
        charge = charges[row["source"]]
        assert charge["balance_transaction"] == row["id"]
        if row["currency"] == charge["currency"]:
            assert row["exchange_rate"] is None
            assert row["amount"] == charge["amount"]
        else:
            assert row["currency"] == "eur"
            assert abs(row["amount"] - charge["amount"] * row["exchange_rate"]) <= 0.5
            exchanged.add(charge["currency"])
    assert exchanged == set(EXCHANGE_RATES)


def test_refunds_and_charges_agree(seed: int) -> None:
    refunded: dict[str, int] = defaultdict(int)
    for refund in objects(seed)["refund"].values():
        if refund["status"] in ("succeeded", "pending"):
            refunded[refund["charge"]] += refund["amount"]
    assert {refund["status"] for refund in objects(seed)["refund"].values()} == {
        "succeeded",
        "pending",
        "failed",
        "canceled",
    }
    for charge in objects(seed)["charge"].values():
        assert charge["amount_refunded"] == refunded[charge["id"]] <= charge["amount"]
        assert charge["refunded"] is (charge["amount_refunded"] == charge["amount"])


def test_refunds_are_booked(seed: int) -> None:
    transactions = objects(seed)["balance_transaction"]
    for refund in objects(seed)["refund"].values():
        booked = refund["status"] in ("succeeded", "failed")
        assert bool(refund["balance_transaction"]) is booked
        if refund["status"] == "failed":
            out = transactions[refund["balance_transaction"]]
            back = transactions[refund["failure_balance_transaction"]]
            assert out["net"] + back["net"] == 0
            assert back["reporting_category"] == "refund_failure"


def test_payouts_are_the_sum_of_their_transactions(seed: int) -> None:
    sums: dict[str, int] = defaultdict(int)
    for row in live(objects(seed)["balance_transaction"]):
        if "_payout" in row and row["type"] != "payout":
            sums[row["_payout"]] += row["net"]
            assert row["available_on"] <= objects(seed)["payout"][row["_payout"]]["created"]
    payouts = objects(seed)["payout"]
    assert len(payouts) > 20
    assert {payout["currency"] for payout in payouts.values()} == {"eur", "usd"}
    for payout in payouts.values():
        own = objects(seed)["balance_transaction"][payout["balance_transaction"]]
        assert payout["amount"] == sums[payout["id"]] == -own["net"] > 0
        assert own["_payout"] == payout["id"] == own["source"]
        assert own["currency"] == payout["currency"]


def test_control_sums(seed: int) -> None:
    rows = live(objects(seed)["balance_transaction"])
    for currency, revenue in world(seed).truth.revenue.items():
        ours = [row for row in rows if row["currency"] == currency]

        def total(*categories: str, ours: list[Json] = ours) -> int:
            return sum(row["amount"] for row in ours if row["reporting_category"] in categories)

        assert revenue.gross == total("charge") > 0
        assert revenue.refunds == -total("refund", "refund_failure")
        assert revenue.disputes == -total("dispute")
        assert revenue.fees == sum(row["fee"] for row in ours)
        balance = sum(row["net"] for row in ours)
        kept = revenue.gross - revenue.refunds - revenue.disputes - revenue.fees
        assert kept + total("payout") == balance
    assert {row["currency"] for row in rows} == world(seed).truth.revenue.keys()


def test_sessions_and_their_payments_agree(seed: int) -> None:
    intents = objects(seed)["payment_intent"]
    for session in objects(seed)["checkout.session"].values():
        details = session["total_details"]
        assert session["amount_subtotal"] - details["amount_discount"] == session["amount_total"]
        items = session["line_items"]["data"]
        assert not items or sum(i["amount_total"] for i in items) == session["amount_total"]
        if session["payment_intent"] is None:
            assert session["status"] != "complete" or session["mode"] == "subscription"
            continue
        intent = intents[session["payment_intent"]]
        assert (session["amount_total"], session["currency"]) == (
            intent["amount"],
            intent["currency"],
        )
        assert (session["payment_status"] == "paid") is (intent["status"] == "succeeded")


def test_stripe_invoices_are_paid_by_their_payments(seed: int) -> None:
    intents, invoices = objects(seed)["payment_intent"], objects(seed)["invoice"]
    links = objects(seed)["invoice_payment"].values()
    assert {link["invoice"] for link in links} == invoices.keys()
    assert {invoice["status"] for invoice in invoices.values()} == {"paid", "open"}
    assert len({invoice["number"] for invoice in invoices.values()}) == len(invoices)
    for link in links:
        intent, invoice = intents[link["payment"]["payment_intent"]], invoices[link["invoice"]]
        assert intent["amount"] == invoice["total"] == link["amount_requested"]
        assert invoice["status"] == link["status"]
        assert (intent["status"] == "succeeded") is (invoice["status"] == "paid")
