"""The money of a world adds up: charges, refunds, balance transactions, payouts, invoices."""

from collections import Counter, defaultdict

import pytest

from stakactl.demo.world.ledger import EXCHANGE_RATES, NEW_CATEGORIES
from stakactl.domain.findings import Discrepancy
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
    late = {one.refs["charge"] for one in world(seed).truth.of(Discrepancy.BALANCE_MISSING)}
    assert len(booked) == len(set(booked))
    assert set(captured) - set(booked) == late


def test_settlement(seed: int) -> None:
    charges = objects(seed)["charge"]
    planted = world(seed).truth.of(Discrepancy.BRIDGE_RESIDUAL)
    misbooked = {one.refs.get("charge") for one in planted}
    exchanged = set()
    for row in objects(seed)["balance_transaction"].values():
        if row["reporting_category"] != "charge":
            continue
        charge = charges[row["source"]]
        assert charge["balance_transaction"] == row["id"]
        if row["currency"] == charge["currency"]:
            assert row["exchange_rate"] is None
            assert (row["amount"] == charge["amount"]) is (charge["id"] not in misbooked)
        else:
            assert row["currency"] == "eur"
            assert abs(row["amount"] - charge["amount"] * row["exchange_rate"]) <= 0.5
            exchanged.add(charge["currency"])
    assert exchanged == set(EXCHANGE_RATES)


def test_refunds_and_charges_agree(seed: int) -> None:
    refunded: dict[str, int] = defaultdict(int)
    assert pieces(seed) >= 3
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


def pieces(seed: int) -> int:
    """The most succeeded refunds that one charge has."""
    refunds = objects(seed)["refund"].values()
    return max(Counter(r["charge"] for r in refunds if r["status"] == "succeeded").values())


def test_payouts_are_the_sum_of_their_transactions(seed: int) -> None:
    sums: dict[str, int] = defaultdict(int)
    for row in live(objects(seed)["balance_transaction"]):
        if "_payout" in row and row["type"] != "payout":
            sums[row["_payout"]] += row["net"]
            assert row["available_on"] <= objects(seed)["payout"][row["_payout"]]["created"]
    payouts = objects(seed)["payout"]
    assert len(payouts) > 20
    assert {payout["currency"] for payout in payouts.values()} == {"eur", "usd"}
    truth = world(seed).truth
    short = {one.refs["payout"] for one in truth.of(Discrepancy.PAYOUT_MISMATCH)}
    for payout in payouts.values():
        own = objects(seed)["balance_transaction"][payout["balance_transaction"]]
        assert payout["amount"] == -own["net"] > 0
        assert own["source"] == payout["id"]
        assert own["currency"] == payout["currency"]
        if payout["automatic"]:
            assert own["_payout"] == payout["id"]
            assert (payout["amount"] == sums[payout["id"]]) is (payout["id"] not in short)
        else:
            assert payout["id"] not in sums


def test_payouts_that_did_not_arrive_are_in_the_balance_again(seed: int) -> None:
    truth, payouts = world(seed).truth, objects(seed)["payout"]
    failed = {one.refs["payout"] for one in truth.of(Discrepancy.PAYOUT_FAILED)}
    assert {payouts[key]["status"] for key in failed} == {"failed", "canceled"}
    returned = {key for key, payout in payouts.items() if payout["failure_balance_transaction"]}
    assert failed < returned, "one was called back on its way, which is nobody's mistake"
    for key in returned:
        payout = payouts[key]
        back = objects(seed)["balance_transaction"][payout["failure_balance_transaction"]]
        assert back["net"] == payout["amount"]
        assert back.get("_payout") != key
    manual = {one.refs["payout"] for one in truth.of(Discrepancy.PAYOUT_MANUAL)}
    assert manual == {key for key, payout in payouts.items() if not payout["automatic"]}


def test_control_sums(seed: int) -> None:
    rows = live(objects(seed)["balance_transaction"])
    for currency, revenue in world(seed).truth.revenue.items():
        ours = [row for row in rows if row["currency"] == currency]

        def total(*categories: str, ours: list[Json] = ours) -> int:
            return sum(row["amount"] for row in ours if row["reporting_category"] in categories)

        assert revenue.gross == total("charge") > 0
        assert revenue.refunds == -total("refund", "refund_failure")
        assert revenue.disputes == -total("dispute", "dispute_reversal")
        assert revenue.fees == sum(row["fee"] for row in ours)
        balance = sum(row["net"] for row in ours)
        kept = revenue.gross - revenue.refunds - revenue.disputes - revenue.fees
        other = total("payout", "payout_reversal", *NEW_CATEGORIES)
        assert kept + other == balance
    assert {row["currency"] for row in rows} == world(seed).truth.revenue.keys()


def test_sessions_and_their_payments_agree(seed: int) -> None:
    intents = objects(seed)["payment_intent"]
    for session in objects(seed)["checkout.session"].values():
        details = session["total_details"]
        assert session["amount_subtotal"] - details["amount_discount"] == session["amount_total"]
        items = session["line_items"]["data"]
        assert not items or sum(i["amount_total"] for i in items) == session["amount_total"]
        if session["payment_intent"] is None:
            free = session["payment_status"] == "no_payment_required"
            assert session["status"] != "complete" or session["mode"] == "subscription" or free
            continue
        intent = intents[session["payment_intent"]]
        assert (session["amount_total"], session["currency"]) == (
            intent["amount"],
            intent["currency"],
        )
        assert session.get("presentment_details") == intent.get("presentment_details")
        assert (session["payment_status"] == "paid") is (intent["status"] == "succeeded")


def test_customers_pay_in_currencies_of_their_own(seed: int) -> None:
    """Adaptive Pricing in its old and its new shape; the orders are in euro."""
    sessions = objects(seed)["checkout.session"]
    owner = {row.get("stripe_session_id"): row for row in world(seed).orders}
    old = [session for session in sessions.values() if session["currency_conversion"]]
    new = [session for session in sessions.values() if "presentment_details" in session]
    assert {session["currency"] for session in old} == {"jpy", "chf"}
    assert {s["presentment_details"]["presentment_currency"] for s in new} == {"jpy", "kwd"}
    for session in old:
        ours = session["currency_conversion"]
        assert owner[session["id"]]["amount_minor"] == ours["amount_total"]
        assert owner[session["id"]]["currency"] == ours["source_currency"] == "eur"
    for session in new:
        assert owner[session["id"]]["amount_minor"] == session["amount_total"]
        assert owner[session["id"]]["currency"] == session["currency"] == "eur"


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
