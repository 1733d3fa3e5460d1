"""Orders of the application's own database, by settings and the command line alone."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.homes import PASSWORD, Project, assert_clear, envelope
from tests.staka import SECRET, Staka, staka_server

#: A payment that one order alone, which is imported as paid, accounts for.
PAID = """
    SELECT s.id, s.amount_total_minor, o.order_id FROM stripe_sessions s
    JOIN stripe_intents i ON i.id = s.payment_intent_id AND i.status = 'succeeded'
    JOIN orders o ON o.stripe_session_id = s.id
    WHERE s.payment_status = 'paid' AND o.status = 'paid' AND o.currency = 'eur'
      AND o.amount_minor = s.amount_total_minor AND coalesce(o.refunded_minor, 0) = 0
      AND i.amount_received_minor = i.amount_minor
      AND NOT EXISTS (SELECT 1 FROM orders x WHERE x.order_id != o.order_id
        AND (x.stripe_session_id = s.id OR x.stripe_payment_intent_id = i.id))
      AND NOT EXISTS (SELECT 1 FROM stripe_refunds r WHERE r.payment_intent_id = i.id)
      AND NOT EXISTS (SELECT 1 FROM stripe_disputes d WHERE d.payment_intent_id = i.id)
    ORDER BY s.created_at, s.id LIMIT 1
"""


@pytest.fixture
def shop(project: Project, staka: Staka) -> Project:
    project.set(ORDERS_DATABASE_URL=staka.url, ORDERS_MAPPING="staka")
    return project


def paid_session(project: Project, staka: Staka) -> str:
    """An order that the application does not know to be paid; its id."""
    assert project.run("sync", "stripe").exit_code == 0
    with sqlite3.connect(project.home / "stakactl.db") as connection:
        (row,) = connection.execute(PAID)
    connection.close()
    session_id, amount, order_id = row
    staka.order(id=order_id, stripeSessionId=session_id, amount=amount)
    return str(order_id)


def test_sync_orders_tells_what_it_took_and_what_not(shop: Project, staka: Staka) -> None:
    staka.order()
    staka.order(id="A-2", stripeSessionId=None, paymentStatus="what")
    found = shop.run("sync", "orders", "-o", "json")
    assert found.exit_code == 4
    summary = envelope(found)["summary"]
    assert (summary["read"], summary["created"]) == (2, 1)
    assert 'commandes A-2: column paymentStatus: "what"' in summary["unread"][0]
    assert_clear(shop.run("sync"), 4, "Orders that could not be taken", "commandes A-2")
    staka.run("DELETE FROM commandes")
    assert_clear(shop.run("sync", "orders", "--full"), 0, "No longer in the application", "A-1")
    assert_clear(shop.run("sync", "stripe", "--full"), 2, "stakactl sync orders --full")


def test_a_repair_over_the_applications_own_webhook(shop: Project, staka: Staka) -> None:
    order_id = paid_session(shop, staka)
    only = ("--order", order_id, "-o", "json")
    shown = envelope(shop.run("reconcile", *only))
    assert [item["fix"] for item in shown["items"]] == ["none"]
    assert "ORDERS_WRITE" in shown["items"][0]["hint"]
    with staka_server(staka) as server:
        shop.set(ORDERS_WRITE="repost", STRIPE_WEBHOOK_URL=server.url, STRIPE_WEBHOOK_SECRET=SECRET)
        fixed = shop.run("reconcile", "--fix", *only)
        assert envelope(fixed)["items"][0]["fix"] == "applied", fixed.output
        assert SECRET not in fixed.output
    (event,) = server.received
    assert event["data"]["object"]["object"] == "checkout.session"
    assert event["livemode"] is False
    assert staka.state(order_id) == ("EN_COURS", "paid")


def test_a_repair_by_sql_and_its_undo(shop: Project, staka: Staka) -> None:
    order_id = paid_session(shop, staka)
    shop.set(ORDERS_WRITE="sql")
    fixed = envelope(shop.run("reconcile", "--fix", "--order", order_id, "-o", "json"))
    assert staka.state(order_id) == ("EN_COURS", "paid")
    undone = shop.run("undo", fixed["run_id"], "--yes")
    assert undone.exit_code == 0, undone.output
    assert staka.state(order_id) == ("EN_ATTENTE", "unpaid")


def test_a_mapping_that_is_wrong_is_told_before_anything_is_read(
    shop: Project, staka: Staka, tmp_path: Path
) -> None:
    shop.set(ORDERS_MAPPING="mapping.toml")
    assert_clear(shop.run("sync", "orders"), 3, "mapping.toml", "neither bundled nor")
    text = '[orders]\ntable = "commande"\n'
    (shop.folder / "mapping.toml").write_text(text, encoding="utf-8")
    assert_clear(shop.run("sync", "orders"), 3, "[columns] order_id: is missing")
    assert_clear(shop.run("reconcile"), 3, "mapping.toml is wrong")


def test_a_database_that_is_away_is_told_without_its_password(shop: Project) -> None:
    shop.set(ORDERS_DATABASE_URL=f"mysql://root:{PASSWORD}@127.0.0.1:1/shop")
    assert_clear(shop.run("sync", "orders"), 4, "cannot be reached", "ORDERS_DATABASE_URL")
    assert_clear(shop.run("reconcile"), 4)


def test_without_a_mapping_the_application_is_not_looked_at(project: Project) -> None:
    project.set(DATABASE_URL="mysql://root@127.0.0.1:1/shop")
    assert_clear(project.run("sync", "orders"), 0, "stakactl orders import")
