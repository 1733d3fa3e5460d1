"""The units in docs/systemd are what systemd takes, and no more than the night needs."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "docs" / "systemd"
NAMES = sorted(path.name for path in UNITS.iterdir())
#: Of 10, which is a service that may do everything. Only the network keeps it from less.
EXPOSURE = 30


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        missing = "systemd-analyze is missing. Type: apt install systemd"
        if os.environ.get("STAKACTL_TEST_REQUIRE_SERVICES"):
            pytest.fail(missing)
        pytest.skip(missing)
    command = [program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Copies in which stakactl is installed: systemd looks for the program."""
    program = tmp_path / "billing" / ".venv" / "bin" / "stakactl"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in NAMES:
        text = (UNITS / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("/srv/billing", str(tmp_path / "billing")))
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_systemd_understands_every_line(units: Path, name: str) -> None:
    result = analyze("verify", "--man=no", str(units / name))
    about_ours = [line for line in result.stderr.splitlines() if "stakactl" in line]
    assert (about_ours, result.returncode) == ([], 0), result.stderr


def test_the_check_sees_a_mistake(units: Path) -> None:
    timer = units / "stakactl-nightly.timer"
    timer.write_text(timer.read_text().replace("03:15:00", "25:15:00"))
    result = analyze("verify", "--man=no", str(timer))
    assert "calendar" in result.stderr


def test_the_sandbox_is_tight(units: Path) -> None:
    service = str(units / "stakactl-nightly.service")
    result = analyze("security", "--offline=yes", f"--threshold={EXPOSURE}", "--no-pager", service)
    assert result.returncode == 0, result.stdout[-400:] + result.stderr


def test_findings_are_no_failure_and_a_failure_is_told() -> None:
    service = (UNITS / "stakactl-nightly.service").read_text(encoding="utf-8")
    assert "\nSuccessExitStatus=1\n" in service
    assert "\nOnFailure=stakactl-failure@%n.service\n" in service
    assert "\nPersistent=true\n" in (UNITS / "stakactl-nightly.timer").read_text(encoding="utf-8")
