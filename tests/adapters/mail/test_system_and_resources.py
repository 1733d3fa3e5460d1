"""The clock of the machine and the bundled templates."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from freezegun import freeze_time

import stakactl
from stakactl.adapters.resources import templates_dir
from stakactl.adapters.system import SystemClock
from stakactl.errors import ConfigurationError
from stakactl.operations.ports import Clock


def test_now_is_utc() -> None:
    clock: Clock = SystemClock("Europe/Paris")
    with freeze_time("2026-12-31 23:30:00"):
        assert clock.now() == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Paris", datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2026, 12, 31)),
        ("Europe/Paris", datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
        ("Europe/Paris", datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),
        ("America/New_York", datetime(2027, 1, 1, 4, 59, tzinfo=UTC), date(2026, 12, 31)),
    ],
)
def test_civil_dates_follow_the_zone(zone: str, moment: datetime, day: date) -> None:
    assert SystemClock(zone).local_date(moment) == day


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../etc/passwd", "/etc/passwd", "\x00"])
def test_an_unknown_time_zone_is_a_setting(name: str) -> None:
    with pytest.raises(ConfigurationError, match="unknown time zone"):
        SystemClock(name)


def test_the_templates_of_the_checkout() -> None:
    assert (templates_dir() / "letters" / "invoice.fr.html.j2").is_file()


def test_the_templates_of_an_installation_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "stakactl"
    (package / "templates" / "letters").mkdir(parents=True)
    (package.parent / "templates" / "letters").mkdir(parents=True)
    monkeypatch.setattr(stakactl, "__file__", str(package / "__init__.py"))
    assert templates_dir() == package / "templates"


def test_no_templates_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stakactl, "__file__", str(tmp_path / "stakactl" / "__init__.py"))
    with pytest.raises(ConfigurationError, match="templates are missing"):
        templates_dir()
