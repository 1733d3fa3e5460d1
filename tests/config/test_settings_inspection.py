"""Settings that may be wrong, as the checks see them: facts without a secret."""

from datetime import UTC, date, datetime
from pathlib import Path

from stakactl.config.inspection import SettingsInspection
from stakactl.config.reading import Reading, read_settings
from stakactl.config.settings import Settings
from stakactl.operations.ports.inspection.here import SettingsFacts

NOW = datetime(2026, 9, 15, tzinfo=UTC)
KEY = "sk_test_" + "51Sentinel0KeyThatIsNeverShown"


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def local_date(self, moment: datetime) -> date:
        return moment.date()


def inspection(folder: Path, text: str = "", **environ: str) -> SettingsInspection:
    (folder / ".env").write_text(text, encoding="utf-8")
    return SettingsInspection(read_settings(None, environ, folder), FixedClock())


def facts(folder: Path, text: str = "", **environ: str) -> SettingsFacts:
    return inspection(folder, text, **environ).facts()


def test_what_is_given_and_where_it_stands(tmp_path: Path) -> None:
    found = facts(tmp_path, f"TAX_RATE=20\nSTRIPE_SECRET_KEY={KEY}\nCURRENCY=\n", FROM_NAME="X")
    assert found.given == ("STRIPE_SECRET_KEY", "FROM_NAME", "TAX_RATE")
    assert found.origins == {
        "TAX_RATE": f"{tmp_path}/.env:1",
        "STRIPE_SECRET_KEY": f"{tmp_path}/.env:2",
        "FROM_NAME": "environment",
    }
    assert found.now == NOW
    assert not found.demo
    assert found.problems == ()


def test_everything_that_is_wrong_at_once_each_with_its_place(tmp_path: Path) -> None:
    found = facts(tmp_path, "TAX_RATE=0.2\nSTAKACTL_HOM=x\nnonsense\nSTRIPE_SECRET_KEY=pk_test_x\n")
    assert {problem.setting: found.origins[problem.setting] for problem in found.problems} == {
        "TAX_RATE": f"{tmp_path}/.env:1",
        "STAKACTL_HOM": f"{tmp_path}/.env:2",
        "line 3": f"{tmp_path}/.env:3",
        "STRIPE_SECRET_KEY": f"{tmp_path}/.env:4",
    }
    assert found.given == ()


def test_a_test_key_in_production_is_wrong_but_can_be_looked_at(tmp_path: Path) -> None:
    found = facts(tmp_path, f"STRIPE_SECRET_KEY={KEY}\nAPP_ENV=production\n")
    assert found.wrong == {"STRIPE_SECRET_KEY"}
    assert found.unusable == frozenset()
    assert found.production


def test_a_live_key_is_sent_nowhere_but_to_stripe(tmp_path: Path) -> None:
    key = "sk_live_" + "51Sentinel0LiveKeyNeverShown"
    found = facts(tmp_path, f"STRIPE_SECRET_KEY={key}\nSTRIPE_API_BASE=http://localhost:1\n")
    assert found.unusable == {"STRIPE_API_BASE"}


def test_a_remark_names_its_setting(tmp_path: Path) -> None:
    (warning,) = facts(tmp_path, "AWS_S3_BUCKET=invoices\n").warnings
    assert warning.setting == "AWS_S3_BUCKET"


def test_secrets_are_masked_also_the_password_of_a_url_alone(tmp_path: Path) -> None:
    found = inspection(
        tmp_path,
        f"STRIPE_SECRET_KEY={KEY}\n"
        "STAKACTL_DATABASE_URL=postgresql://me:pass%2Fw0rd@db/x\n"
        "DATABASE_URL=mysql://[broken\n"
        "SMTP_PASS=abc\n",
    )
    text = f"{KEY} and pass%2Fw0rd and pass/w0rd, abc of mysql://[broken"
    assert found.masked(text) == "••• and ••• and •••, abc of •••"


def test_the_demo_says_so(tmp_path: Path) -> None:
    found = SettingsInspection(Reading(Settings.for_demo(tmp_path), ()), FixedClock()).facts()
    assert found.demo
    assert set(found.origins.values()) == {"demo"}
