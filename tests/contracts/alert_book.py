"""What every AlertBook promises."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from stakactl.domain.alerts import AlertState, Words
from stakactl.domain.mail import MailKind, MailStatus, NewMail
from stakactl.operations.ports import AlertBook, Outbox
from tests.builders import NOW

HOUR = timedelta(hours=1)
FIRST = AlertState("disk.space", NOW, Decimal("81.5"), Words("of 8 GiB", "de 8 Gio"), NOW, 1, NOW)


def mail(step: int) -> NewMail:
    return NewMail(MailKind.ALERT, "disk.space", "admin@example.com", step)


class AlertBookContract:
    """Subclasses bring the fixtures `alerts` and `outbox` of one store."""

    def test_a_notice_is_kept_with_its_mail(self, alerts: AlertBook, outbox: Outbox) -> None:
        assert alerts.all() == {}
        assert alerts.save(None, FIRST, mail(1), NOW)
        assert alerts.all() == {"disk.space": FIRST}
        (queued,) = outbox.find()
        assert (queued.kind, queued.subject_id, queued.step) == ("alert", "disk.space", 1)
        assert queued.status is MailStatus.QUEUED

    def test_only_one_of_two_wins(self, alerts: AlertBook, outbox: Outbox) -> None:
        assert alerts.save(None, FIRST, mail(1), NOW)
        assert not alerts.save(None, replace(FIRST, since=NOW + HOUR), mail(1), NOW)
        second = replace(FIRST, notices=2, noticed_at=NOW + HOUR)
        assert alerts.save(FIRST, second, mail(2), NOW)
        assert not alerts.save(FIRST, second, mail(2), NOW)
        assert alerts.all() == {"disk.space": second}
        assert [queued.step for queued in outbox.find()] == [2, 1]

    def test_clearing_and_firing_again(self, alerts: AlertBook, outbox: Outbox) -> None:
        alerts.save(None, FIRST, None, NOW)
        cleared = replace(FIRST, cleared_at=NOW + HOUR)
        assert alerts.save(FIRST, cleared, None, NOW)
        assert not alerts.save(FIRST, cleared, None, NOW)
        again = replace(FIRST, since=NOW + 2 * HOUR, notices=2, noticed_at=NOW + 2 * HOUR)
        assert alerts.save(cleared, again, mail(2), NOW)
        assert alerts.all() == {"disk.space": again}
        assert outbox.waiting(NOW) == 1

    def test_a_later_look_at_the_same(self, alerts: AlertBook) -> None:
        alerts.save(None, FIRST, None, NOW)
        seen = replace(FIRST, value=Decimal(83), detail=Words("of 4 GiB"), seen_at=NOW + HOUR)
        assert alerts.save(FIRST, seen, None, NOW)
        assert alerts.save(FIRST, seen, None, NOW), "what was told did not change meanwhile"
        assert alerts.all()["disk.space"].value == Decimal(83)

    def test_what_the_chat_has_never_goes_back(self, alerts: AlertBook) -> None:
        alerts.save(None, FIRST, None, NOW)
        alerts.mark_posted("disk.space", 1)
        second = replace(FIRST, notices=2)
        assert alerts.save(FIRST, second, None, NOW)
        assert alerts.all()["disk.space"].posted == 1
        alerts.mark_posted("disk.space", 2)
        alerts.mark_posted("disk.space", 1)
        alerts.mark_posted("no.rule", 1)
        assert alerts.all()["disk.space"].posted == 2
