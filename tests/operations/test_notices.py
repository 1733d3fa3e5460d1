"""Customers hear of a maintenance once, and of its end if they heard of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.domain.orders import OrderStatus
from stakactl.domain.rollback import WAY_OUT, Step, StepState
from stakactl.domain.runs import Outcome
from stakactl.domain.stripe_objects import StripeCustomer, Subscription
from stakactl.errors import MailError, Refused
from stakactl.operations.mail import send_mail
from stakactl.operations.maintenance import end_maintenance, plan_maintenance, raise_maintenance
from stakactl.operations.resume import resume_rollback
from stakactl.operations.rollback import plan_rollback, run_rollback
from tests.builders import NOW, a_customer, an_order
from tests.operations.rollback_bench import REQUEST, RollbackBench
from tests.operations.workshop import Cut, Workshop, cut_after

HOUR, SINCE = timedelta(hours=1), NOW - timedelta(days=30)
LONG_AGO = NOW - timedelta(days=200)


def sent(shop: Workshop) -> list[tuple[str, MailKind]]:
    """In the order in which they left."""
    kinds = {mail.message_id: mail.kind for mail in shop.outbox.find(limit=1000)}
    return [(letter.recipient, kinds[letter.message_id]) for letter in shop.mailer.sent]


def put(shop: Workshop, *mails: str) -> None:
    orders = [
        an_order(order_id=f"A-{n}", customer=a_customer(email=email), created_at=NOW - HOUR)
        for n, email in enumerate(mails)
    ]
    shop.orders.import_orders(orders)


def test_whoever_was_here_lately_and_each_once(shop: Workshop) -> None:
    put(shop, "a@example.com", "b@example.com", "A@example.com", "")
    old = an_order(order_id="O-1", customer=a_customer(email="old@example.com"))
    unpaid = replace(
        an_order(order_id="O-2", customer=a_customer(email="owes@example.com")),
        status=OrderStatus.PENDING,
        due_at=LONG_AGO,
    )
    for order in (old, unpaid):
        shop.orders.import_orders([replace(order, created_at=LONG_AGO, paid_at=None)])
    shop.mirror.upsert(
        [
            StripeCustomer("cus_1", LONG_AGO, True, "sub@example.com", "Sub", "", "DE"),
            StripeCustomer("cus_2", LONG_AGO, True, "gone@example.com", "Gone", "", "FR"),
            _subscription("sub_1", "cus_1", "active"),
            _subscription("sub_2", "cus_2", "canceled"),
        ]
    )
    found = {each.email.casefold(): each.locale for each in shop.audience.lately(SINCE)}
    assert found.keys() == {"a@example.com", "b@example.com", "owes@example.com", "sub@example.com"}
    assert found["sub@example.com"] == "en"


def _subscription(id: str, customer: str, status: str) -> Subscription:
    return Subscription(
        id,
        LONG_AGO,
        True,
        status,
        customer,
        None,
        None,
        1,
        None,
        1,
        None,
        None,
        None,
        LONG_AGO,
        None,
    )


def test_the_notice_leaves_at_once_and_everything_else_waits(shop: Workshop) -> None:
    put(shop, "a@example.com", "b@example.com")
    shop.outbox.add(NewMail(MailKind.INVOICE, "inv_1", "waits@example.com"), NOW)
    assert plan_maintenance(shop, SINCE).told == 2
    assert sent(shop) == []
    report = raise_maintenance(shop, "internal words", "ops", HOUR, SINCE)
    assert (report.outcome, report.told) == (Outcome.OK, 2)
    assert {to for to, _ in sent(shop)} == {"a@example.com", "b@example.com"}
    assert all("internal" not in letter.text for letter in shop.mailer.sent)
    (notice, *_) = shop.outbox.notices(str(shop.maintenance.last().notice_id))  # type: ignore[union-attr]
    assert notice.details["ends_at"] == (NOW + HOUR).isoformat()


def test_raised_anew_nobody_hears_of_it_twice(shop: Workshop) -> None:
    put(shop, "a@example.com")
    raise_maintenance(shop, "deploying", "ops", HOUR, SINCE)
    put(shop, "a@example.com", "late@example.com")
    raise_maintenance(shop, "takes longer", "ops", 2 * HOUR, SINCE)
    raise_maintenance(shop, "without a notice", "ops", 2 * HOUR)
    assert sorted(to for to, _ in sent(shop)) == ["a@example.com", "late@example.com"]
    report = end_maintenance(shop)
    assert (report.told, len(sent(shop))) == (2, 4)
    shop.clock.move(days=1)
    raise_maintenance(shop, "another one", "ops", HOUR, SINCE)
    assert max(Counter(sent(shop)).values()) == 2  # it is another maintenance


def test_the_end_is_told_to_those_who_may_have_heard(shop: Workshop) -> None:
    put(shop, "a@example.com", "no@example.com")
    shop.mailer.failures["no@example.com"] = MailError("down")
    report = raise_maintenance(shop, "deploying", "ops", HOUR, SINCE)
    assert report.outcome is Outcome.INCOMPLETE
    told = [to for to, _ in sent(shop)]
    shop.mailer.failures.clear()
    report = end_maintenance(shop)
    assert report.told == len(told)
    send_mail(shop)
    ends = [to for to, kind in sent(shop) if kind is MailKind.MAINTENANCE_END]
    assert ends == told
    assert {m.status for m in shop.outbox.find()} <= {MailStatus.SENT, MailStatus.WITHDRAWN}


def test_what_could_not_leave_is_sent_while_it_lasts(shop: Workshop) -> None:
    put(shop, "a@example.com")
    shop.outbox.add(NewMail(MailKind.INVOICE, "inv_1", "waits@example.com"), NOW)
    shop.mailer.failures["a@example.com"] = MailError("down")
    raise_maintenance(shop, "deploying", "ops", HOUR, SINCE)
    shop.mailer.failures.clear()
    send_mail(shop)
    assert sent(shop) == [("a@example.com", MailKind.MAINTENANCE)]
    with pytest.raises(Refused, match="maintenance is on"):
        send_mail(shop)


def test_too_many_are_refused_before_the_flag_is_up(shop: Workshop) -> None:
    put(shop, "a@example.com", "b@example.com")
    shop.rules(nightly_max_mails=1)
    with pytest.raises(Refused, match="2 customers would be told"):
        raise_maintenance(shop, "deploying", "ops", HOUR, SINCE)
    assert shop.maintenance.last() is None


def test_one_that_ran_out_ends_when_it_is_taken_down(shop: Workshop) -> None:
    put(shop, "a@example.com")
    raise_maintenance(shop, "deploying", "ops", HOUR, SINCE)
    shop.clock.move(hours=2)
    assert end_maintenance(shop).told == 1


def test_nobody_from_before_mail_since(shop: Workshop) -> None:
    put(shop, "a@example.com")
    shop.rules(mail_since=NOW)
    assert plan_maintenance(shop, SINCE).told == 0


# In a rollback


@pytest.fixture
def bench(database_url: str, tmp_path: Path) -> Iterator[RollbackBench]:
    made = RollbackBench(database_url, tmp_path / "backups")
    put(made, "a@example.com", "b@example.com")
    yield made
    made.close()


WITH_NOTICE = replace(REQUEST, steps=(*WAY_OUT, Step.NOTICE), notify_since=SINCE)


def test_a_rollback_tells_and_its_resume_tells_the_end(bench: RollbackBench) -> None:
    plan = plan_rollback(bench, WITH_NOTICE).rollback
    assert plan is not None
    assert plan.steps[-1].note == "2 customers would be told"
    report = run_rollback(bench, WITH_NOTICE)
    assert report.outcome is Outcome.OK
    assert len(sent(bench)) == 2
    run_rollback(bench, WITH_NOTICE)
    assert len(sent(bench)) == 2
    assert resume_rollback(bench).outcome in {Outcome.OK, Outcome.FINDINGS}
    assert Counter(kind for _, kind in sent(bench)) == {
        MailKind.MAINTENANCE: 2,
        MailKind.MAINTENANCE_END: 2,
    }


def test_a_mail_server_that_is_down_stops_nothing_else(bench: RollbackBench) -> None:
    bench.mailer.failures["a@example.com"] = MailError("down")
    bench.mailer.failures["b@example.com"] = MailError("down")
    report = run_rollback(bench, WITH_NOTICE)
    assert report.outcome is Outcome.PARTIAL
    assert report.rollback is not None
    assert [s.step for s in report.rollback.steps if s.state is StepState.FAILED] == [Step.NOTICE]
    bench.mailer.failures.clear()
    assert run_rollback(bench, WITH_NOTICE).outcome is Outcome.OK
    assert len(sent(bench)) == 2


def test_the_notice_may_be_asked_for_later(bench: RollbackBench) -> None:
    run_rollback(bench, REQUEST)
    assert sent(bench) == []
    run_rollback(bench, WITH_NOTICE)
    assert len(sent(bench)) == 2


def test_whoever_heard_of_a_maintenance_before_hears_its_end_after(bench: RollbackBench) -> None:
    raise_maintenance(bench, "deploying", "ops", HOUR, SINCE)
    run_rollback(bench, WITH_NOTICE)
    assert len(sent(bench)) == 2
    resume_rollback(bench)
    assert len(sent(bench)) == 4


@pytest.mark.parametrize("method", ["maintenance.swap", "outbox.add_all", "outbox.settle"])
def test_a_way_back_that_dies_tells_nobody_twice(bench: RollbackBench, method: str) -> None:
    run_rollback(bench, WITH_NOTICE)
    owner, name = method.split(".")
    heal = cut_after(getattr(bench, owner), name)
    with pytest.raises(Cut):
        resume_rollback(bench)
    heal()
    bench.lose_process()
    resume_rollback(bench)
    send_mail(bench)
    assert max(Counter(sent(bench)).values()) == 1
    assert len(sent(bench)) == 4
