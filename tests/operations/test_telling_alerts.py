"""Alerts told by mail and in a chat, once, whatever fails on the way."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from stakactl.domain.alerts import Judged, Turn
from stakactl.domain.letters import Language
from stakactl.domain.letters.alert import AlertLetter
from stakactl.domain.mail import MailKind, MailStatus
from stakactl.domain.runs import Outcome
from stakactl.errors import ConfigurationError, DiskError, MailDeferred, MailError, WebhookError
from stakactl.operations.alerts import AlertsReport, alert, look, tell
from stakactl.operations.health import health, health_with_alerts
from stakactl.operations.mail import send_mail
from stakactl.operations.nightly import nightly
from stakactl.operations.ports import AdminMail
from tests.fakes_alerts import FakeChat
from tests.operations.workshop import Cut, Workshop, cut_after, cut_before, raises, replaced, sale

ADMIN = "admin@example.com"
RUN = "run_1"
DISK = "disk.space"
#: What an empty store cannot know is unknown.
USUAL = {Turn.OK, Turn.UNKNOWN}


@pytest.fixture
def told(shop: Workshop) -> Workshop:
    """A store whose administrator has an address and a chat, on a disk that is too full."""
    shop.rules(alert_email=ADMIN, admin=AdminMail(ADMIN, Language.ENGLISH))
    shop.alert_channel = FakeChat()
    shop.machine.used_disk = Decimal("81.5")
    return shop


def chat(shop: Workshop) -> FakeChat:
    assert isinstance(shop.alert_channel, FakeChat)
    return shop.alert_channel


def turns(judged: tuple[Judged, ...]) -> dict[str, Turn]:
    return {each.rule.rule_id: each.turn for each in judged if each.turn not in USUAL}


def mails(shop: Workshop) -> list[tuple[str, int, MailStatus]]:
    found = [mail for mail in reversed(shop.outbox.find()) if mail.kind is MailKind.ALERT]
    return [(mail.subject_id, mail.step, mail.status) for mail in found]


def contents(shop: Workshop) -> list[AlertLetter]:
    return [content for _, content in shop.letters.asked if isinstance(content, AlertLetter)]


def test_a_disk_that_fills_up_is_told_once(told: Workshop) -> None:
    report = alert(told, RUN)
    assert (report.told, report.mails_sent, report.posted_to) == ((DISK,), 1, "chat.example")
    assert report.warnings == ()
    assert mails(told) == [(DISK, 1, MailStatus.SENT)]
    assert [letter.recipient for letter in told.mailer.sent] == [ADMIN]
    (letter,) = contents(told)
    assert (letter.title, letter.value, letter.threshold) == (
        "The disk of STAKACTL_HOME fills up",
        "81.5%",
        "80%",
    )
    assert not letter.is_repeated
    (posted,) = chat(told).posted
    assert posted.splitlines()[0] == "Staka Livres (live): 1 alert"
    assert "81.5% – 60 GiB free at /home" in posted
    told.clock.move(hours=22)
    again = alert(told, RUN)
    assert (again.told, again.mails_sent, again.posted_to) == ((), 0, None)
    assert [each.rule.rule_id for each in again.firing] == [DISK]
    assert len(told.mailer.sent) == len(chat(told).posted) == 1


def test_it_is_told_again_after_the_period_and_after_it_cleared(told: Workshop) -> None:
    alert(told, RUN)
    told.clock.move(hours=23)
    alert(told, RUN)
    assert contents(told)[-1].is_repeated
    told.machine.used_disk = Decimal(50)
    told.clock.move(minutes=1)
    assert turns(alert(told, RUN).judged) == {DISK: Turn.CLEARED}
    told.machine.used_disk = Decimal(90)
    told.clock.move(minutes=1)
    alert(told, RUN)
    assert mails(told) == [(DISK, step, MailStatus.SENT) for step in (1, 2, 3)]
    assert not contents(told)[-1].is_repeated
    assert len(chat(told).posted) == 3


def test_an_administrator_who_reads_french(told: Workshop) -> None:
    told.rules(admin=AdminMail(ADMIN, Language.FRENCH))
    alert(told, RUN)
    (letter,) = contents(told)
    assert (letter.title, letter.value, letter.detail) == (
        "Le disque de STAKACTL_HOME se remplit",
        "81,5\N{NO-BREAK SPACE}%",
        "60 Gio libres sur /home",
    )
    assert chat(told).posted[0].startswith("Staka Livres (live)\N{NO-BREAK SPACE}: 1 alerte\n")


def test_looking_tells_nobody_and_changes_nothing(told: Workshop) -> None:
    before = told.contents()
    assert turns(look(told)) == {DISK: Turn.DUE}
    assert turns(look(told)) == {DISK: Turn.DUE}
    assert told.contents() == before


def test_two_that_look_at_the_same_time_tell_it_once(told: Workshop) -> None:
    one, other = look(told), look(told)
    assert tell(told, one, RUN).told == (DISK,)
    assert tell(told, other, RUN).told == ()
    assert len(told.mailer.sent) == len(chat(told).posted) == 1


def test_a_chat_that_does_not_answer_is_told_by_the_next_look(told: Workshop) -> None:
    chat(told).failure = WebhookError("the chat at chat.example answered 500", hint="wait")
    report = alert(told, RUN)
    assert report.warnings == ("the chat at chat.example answered 500 (wait)",)
    assert (report.mails_sent, report.posted_to) == (1, None)
    chat(told).failure = None
    told.clock.move(hours=1)
    assert alert(told, RUN).posted_to == "chat.example"
    assert alert(told, RUN).posted_to is None
    assert len(told.mailer.sent) == 1


def test_a_chat_is_not_told_of_what_has_cleared(told: Workshop) -> None:
    chat(told).failure = WebhookError("down")
    alert(told, RUN)
    chat(told).failure = None
    told.machine.used_disk = Decimal(10)
    alert(told, RUN)
    assert chat(told).posted == []


def test_a_mail_that_waits_says_that_it_has_cleared(told: Workshop) -> None:
    told.mailer.failures[ADMIN] = MailDeferred("451 later")
    report = alert(told, RUN)
    assert report.warnings == (f"the alert to {ADMIN} was not mailed: 451 later",)
    told.machine.used_disk = Decimal(10)
    told.mailer.failures.clear()
    told.clock.move(hours=5)
    alert(told, RUN)
    assert contents(told)[-1].cleared_at == told.clock.now()
    assert mails(told) == [(DISK, 1, MailStatus.SENT)]


def test_of_several_that_waited_only_the_last_is_sent(told: Workshop) -> None:
    told.mailer.failures[ADMIN] = MailDeferred("451 later")
    alert(told, RUN)
    told.clock.move(hours=24)
    told.mailer.failures.clear()
    alert(told, RUN)
    assert mails(told) == [(DISK, 1, MailStatus.WITHDRAWN), (DISK, 2, MailStatus.SENT)]


def test_mails_of_others_wait_for_their_own_stage(told: Workshop) -> None:
    told.take(sale(1))
    heal = replaced(told.mailer, "send", raises(MailError("the server is down")))
    nightly(told)
    heal()
    alert(told, RUN)
    assert told.mail() == {"1@example.com": MailStatus.QUEUED, ADMIN: MailStatus.SENT}
    send_mail(told)
    assert set(told.mail().values()) == {MailStatus.SENT}


@pytest.mark.parametrize("cut", [cut_before, cut_after])
@pytest.mark.parametrize(
    ("owner", "name"),
    [("alerts", "save"), ("alerts", "mark_posted"), ("mailer", "send"), ("outbox", "settle")],
)
def test_a_crash_loses_no_alert(
    told: Workshop, owner: str, name: str, cut: Callable[[object, str], Callable[[], None]]
) -> None:
    heal = cut(getattr(told, owner), name)
    with pytest.raises(Cut):
        alert(told, RUN)
    heal()
    told.lose_process()
    told.clock.move(hours=1)
    alert(told, RUN)
    assert mails(told) == [(DISK, 1, MailStatus.SENT)]
    assert len({letter.message_id for letter in told.mailer.sent}) == len(told.mailer.sent) == 1
    assert 1 <= len(chat(told).posted) <= 2


# Who is told


def test_without_anybody_the_alert_stands_and_is_told_later(told: Workshop) -> None:
    told.rules(alert_email=None)
    told.alert_channel = None
    report = alert(told, RUN)
    assert "set STRIPE_ALERT_EMAIL" in report.warnings[0]
    assert [each.rule.rule_id for each in report.firing] == [DISK]
    began = told.clock.now()
    told.clock.move(hours=2)
    told.rules(alert_email=ADMIN)
    assert alert(told, RUN).told == (DISK,)
    assert contents(told)[0].since == began


def test_alerts_that_are_switched_off_are_not_sent(told: Workshop) -> None:
    told.rules(alerts_enabled=False)
    report = alert(told, RUN)
    assert (report.told, report.warnings) == ((), ())
    assert len(report.firing) == 1
    assert not told.mailer.sent
    assert not chat(told).posted


def test_only_a_chat(told: Workshop) -> None:
    told.rules(alert_email=None)
    assert alert(told, RUN).told == (DISK,)
    assert alert(told, RUN).told == ()
    assert mails(told) == []
    assert len(chat(told).posted) == 1


def test_a_mail_of_a_rule_that_is_no_longer_in_use(told: Workshop) -> None:
    told.mailer.failures[ADMIN] = MailDeferred("451 later")
    alert(told, RUN)
    told.mailer.failures.clear()
    told.alert_rules = tuple(rule for rule in told.alert_rules if rule.rule_id != DISK)
    told.clock.move(hours=1)
    send_mail(told)
    assert mails(told) == [(DISK, 1, MailStatus.WITHDRAWN)]


# In the night


def test_the_night_ends_as_it_went_and_not_as_its_alerts_went(told: Workshop) -> None:
    chat(told).failure = WebhookError("down")
    told.mailer.failures[ADMIN] = MailDeferred("451 later")
    report = nightly(told)
    assert (report.outcome, report.stages[-1].outcome) == (Outcome.OK, Outcome.PARTIAL)
    assert report.alerts is not None
    assert len(report.alerts.warnings) == 2


@pytest.mark.parametrize(
    "error", [ConfigurationError("bad rules", hint="correct them"), DiskError("no disk")]
)
def test_alerts_that_cannot_be_looked_at_end_no_night(told: Workshop, error: Exception) -> None:
    heal = replaced(told.alerts, "all", raises(error))  # type: ignore[arg-type]
    report = nightly(told)
    heal()
    assert (report.outcome, report.alerts) == (Outcome.OK, None)
    stage = report.stages[-1]
    assert (stage.name, stage.outcome, stage.error) == (
        "alerts",
        Outcome.INCOMPLETE,
        error.message,  # type: ignore[attr-defined]
    )
    assert told.last_run("nightly").outcome is Outcome.OK


def test_a_night_that_is_under_way_is_not_missing(told: Workshop) -> None:
    nightly(told)
    told.clock.move(days=3)
    assert turns(look(told))["nightly.missing"] is Turn.DUE
    report = nightly(told)
    assert report.alerts is not None
    assert "nightly.missing" not in turns(report.alerts.judged)


# Health


def test_health_only_looks_and_with_alerts_it_tells(told: Workshop) -> None:
    nightly(told)
    told.clock.move(days=1)
    before = told.contents()
    report = health(told)
    assert (report.outcome, str(report.level)) == (Outcome.OK, "degraded")
    assert told.contents() == before
    assert health(told, strict=True).outcome is Outcome.FINDINGS
    told.machine.used_disk = Decimal(96)
    report = health_with_alerts(told)
    assert (report.outcome, str(report.level)) == (Outcome.FINDINGS, "critical")
    assert isinstance(report.alerts, AlertsReport)
    assert report.alerts.told == (DISK,)
    assert told.last_run("health").summary == {"firing": 1, "told": 1}
    runs = len(told.runs.find())
    told.clock.move(minutes=15)
    assert health_with_alerts(told).run_id is None
    assert len(told.runs.find()) == runs


def test_a_service_that_does_not_answer_leaves_it_incomplete(told: Workshop) -> None:
    told.machine.failure = DiskError("the disk cannot be looked at")
    report = health(told)
    assert report.outcome is Outcome.INCOMPLETE
    (unknown,) = (each for each in report.judged if each.fact.is_failure)
    assert (unknown.rule.rule_id, unknown.fact.detail.en) == (DISK, "the disk cannot be looked at")


def test_activity_of_the_last_day(told: Workshop) -> None:
    assert not health(told).is_active
    told.take(sale(1, at=told.clock.now() - timedelta(hours=3)))
    nightly(told)
    assert health(told).is_active
    told.clock.move(hours=22)
    assert not health(told).is_active
