"""What each rule reads, from a whole store and a Stripe that can fail."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from stakactl.domain.alerts import Fact, Judged, Turn, Words
from stakactl.domain.mail import MailStatus
from stakactl.domain.stripe_objects import Event
from stakactl.errors import MailDeferred, StorageError, StripeError
from stakactl.operations import facts
from stakactl.operations.alerts import look
from stakactl.operations.nightly import nightly
from stakactl.operations.sync import sync_stripe
from tests.builders import NOW, an_intent
from tests.operations.workshop import Workshop, raises, replaced, sale

HOUR = timedelta(hours=1)


def judged(shop: Workshop, rule_id: str) -> Judged:
    return next(each for each in look(shop) if each.rule.rule_id == rule_id)


def fact(shop: Workshop, rule_id: str) -> Fact:
    return judged(shop, rule_id).fact


def events(count: int, undelivered: int, at: datetime = NOW - 5 * HOUR) -> list[Event]:
    return [
        Event(
            f"evt_{at:%d%H}_{number}",
            at,
            True,
            "charge.succeeded",
            "charge",
            f"ch_{number}",
            1 if number < undelivered else 0,
        )
        for number in range(count)
    ]


def intents(paid: int, failed: int, at: datetime = NOW - 5 * HOUR) -> list[Any]:
    declined = {"status": "requires_payment_method", "failure_message": "declined"}
    return [
        an_intent(id=f"pi_{n}", created_at=at, **(declined if n < failed else {}))
        for n in range(paid + failed)
    ]


def test_an_empty_store_is_no_alarm(shop: Workshop) -> None:
    assert {each.turn for each in look(shop)} <= {Turn.OK, Turn.UNKNOWN}
    assert fact(shop, "nightly.missing") == Fact(None, Words("nothing was run yet"))
    nightly(shop)
    assert {each.turn for each in look(shop)} == {Turn.OK}


def test_events_that_were_not_delivered(shop: Workshop) -> None:
    shop.stripe.put(*events(40, 3), *events(5, 5, NOW - HOUR / 2), *events(2, 2, NOW - 80 * HOUR))
    sync_stripe(shop)
    found = judged(shop, "webhooks.undelivered")
    assert (found.fact.value, found.turn) == (Decimal(3), Turn.DUE)  # the rest too young or old
    share = judged(shop, "webhooks.failing")
    assert (share.fact.value, share.fact.base, str(share.level)) == (Decimal("7.5"), 40, "degraded")
    assert share.turn is Turn.OK  # the health's alone


def test_delivery_is_asked_of_stripe_and_not_of_the_mirror(shop: Workshop) -> None:
    shop.stripe.put(*events(40, 3))
    sync_stripe(shop)
    shop.stripe.put(*events(40, 0))  # delivered since
    assert fact(shop, "webhooks.undelivered") == Fact(Decimal(0))


def test_more_events_than_are_read(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share is that of the time which was read."""
    monkeypatch.setattr(facts, "MOST_EVENTS", 10)
    shop.stripe.put(*events(10, 10), *events(90, 90, NOW - 10 * HOUR))
    sync_stripe(shop)
    assert fact(shop, "webhooks.undelivered").detail.en == "10 or more in 72 h"
    assert fact(shop, "webhooks.failing").value == 100


def test_a_stripe_that_is_down_makes_only_its_own_facts_unknown(shop: Workshop) -> None:
    heal = replaced(shop.stripe, "feed", raises(StripeError("Stripe answered 500")))
    unknown = [each.rule.rule_id for each in look(shop) if each.fact.is_failure]
    heal()
    assert unknown == ["webhooks.undelivered"]


@pytest.mark.parametrize(
    ("paid", "failed", "turn", "value"),
    [
        (0, 1, Turn.OK, "100"),  # 1 of 1
        (95, 5, Turn.OK, "5"),
        (94, 6, Turn.DUE, "6"),
        (10, 9, Turn.OK, "47.4"),
        (10, 10, Turn.DUE, "50"),
    ],
)
def test_payments_that_fail(shop: Workshop, paid: int, failed: int, turn: Turn, value: str) -> None:
    shop.stripe.put(*intents(paid, failed))
    sync_stripe(shop)
    found = judged(shop, "payments.failing")
    assert (found.turn, found.fact.value) == (turn, Decimal(value))
    assert found.fact.detail.en.startswith(f"{failed} of {paid + failed} in 24 h up to ")


def test_the_day_of_payments_ends_where_the_mirror_does(shop: Workshop) -> None:
    shop.stripe.put(*intents(10, 10))
    sync_stripe(shop)
    shop.clock.move(hours=40)
    assert fact(shop, "payments.failing").value == 50


def test_paid_without_invoice(shop: Workshop) -> None:
    shop.take(sale(1, vat_rate=None))
    shop.rules(default_vat_rate=None)
    nightly(shop)
    found = judged(shop, "invoices.missing")
    assert (found.fact.value, found.turn) == (Decimal(1), Turn.DUE)
    shop.rules(default_vat_rate=Decimal(20))
    nightly(shop)
    assert judged(shop, "invoices.missing").turn is Turn.OK


def test_pdfs_that_are_not_stored(shop: Workshop) -> None:
    shop.take(sale(1))
    shop.store.failure = StorageError("the bucket is gone")
    nightly(shop)
    assert fact(shop, "pdfs.waiting").value == 0  # may still happen by itself
    shop.clock.move(hours=2)
    assert judged(shop, "pdfs.waiting").turn is Turn.DUE
    shop.store.failure = None
    nightly(shop)
    assert judged(shop, "pdfs.waiting").turn is Turn.OK


def test_pdfs_that_were_damaged(shop: Workshop) -> None:
    shop.take(sale(1))
    nightly(shop)
    (key,) = shop.store.objects
    shop.store.replace(key, b"something else")
    shop.clock.move(days=1)
    nightly(shop)
    assert judged(shop, "pdfs.damaged").turn is Turn.DUE


def test_a_mail_that_waits_and_one_that_may_have_arrived(shop: Workshop) -> None:
    shop.take(sale(1), sale(2))
    shop.mailer.failures["1@example.com"] = MailDeferred("451 greylisted")
    nightly(shop)
    assert judged(shop, "mail.waiting").turn is Turn.OK
    shop.clock.move(hours=27)
    found = judged(shop, "mail.waiting")
    assert (found.fact.value, found.turn) == (Decimal(27), Turn.DUE)
    (waiting,) = shop.outbox.find(MailStatus.QUEUED)
    assert shop.outbox.claim(shop.clock.now()) is not None
    shop.outbox.settle(waiting.mail_id, MailStatus.UNKNOWN, shop.clock.now())
    assert judged(shop, "mail.waiting").turn is Turn.OK
    assert judged(shop, "mail.unknown").turn is Turn.DUE


def test_a_night_that_did_not_come(shop: Workshop) -> None:
    nightly(shop)
    shop.clock.move(hours=26)
    assert judged(shop, "nightly.missing").turn is Turn.OK
    shop.clock.move(minutes=10)
    found = judged(shop, "nightly.missing")
    assert (found.turn, str(found.level)) == (Turn.DUE, "degraded")
    shop.clock.move(hours=24)
    assert str(judged(shop, "nightly.missing").level) == "critical"


def test_nights_that_never_came(shop: Workshop) -> None:
    shop.runs.start("run_0", "sync", NOW)
    shop.clock.move(hours=27)
    assert judged(shop, "nightly.missing").turn is Turn.DUE


def test_the_machine(shop: Workshop) -> None:
    shop.machine.used_disk, shop.machine.used_memory = Decimal("80.1"), Decimal(86)
    assert [judged(shop, each).turn for each in ("disk.space", "memory.use")] == [Turn.DUE] * 2
    shop.machine.used_memory = None
    assert fact(shop, "memory.use") == Fact(None, Words("this system does not tell"))
    assert not fact(shop, "memory.use").is_failure


def test_a_rule_of_a_person(shop: Workshop) -> None:
    shop.machine.used_disk = Decimal(85)
    shop.alert_rules = tuple(replace(rule, threshold=Decimal(90)) for rule in shop.alert_rules)
    assert judged(shop, "disk.space").turn is Turn.OK
