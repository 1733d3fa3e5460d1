"""What this machine says of the settings file and the home folder."""

import os
from pathlib import Path

import pytest

from stakactl.adapters.machine import MachineInspection
from stakactl.errors import DiskError
from stakactl.operations.ports.inspection.here import EnvFileFacts


def test_the_settings_file_and_its_mode(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.touch()
    path.chmod(0o640)
    assert MachineInspection(path, tmp_path).env_file() == EnvFileFacts(str(path), 0o640)
    assert MachineInspection(None, tmp_path).env_file() is None


def test_a_settings_file_that_went_away(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be looked at"):
        MachineInspection(tmp_path / ".env", tmp_path).env_file()


def test_the_home_and_the_disk_that_it_is_on(tmp_path: Path) -> None:
    home = MachineInspection(None, tmp_path).home()
    assert (home.path, home.looked_at) == (str(tmp_path), str(tmp_path))
    assert home.exists
    assert home.is_folder
    assert home.writable
    assert home.free_bytes > 0
    assert 0 <= home.used_percent <= 100


def test_a_home_that_is_to_be_made_is_looked_at_where_it_will_be(tmp_path: Path) -> None:
    home = MachineInspection(None, tmp_path / "var" / "stakactl").home()
    assert not home.exists
    assert home.looked_at == str(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_home_should_be(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    home = MachineInspection(None, tmp_path / "var").home()
    assert home.exists
    assert not home.is_folder


def test_a_home_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the system's answer is made up."""
    asked: dict[Path, int] = {}

    def refuse(path: Path, mode: int) -> bool:
        asked[path] = mode
        return False

    monkeypatch.setattr(os, "access", refuse)
    assert not MachineInspection(None, tmp_path / "var").home().writable
    assert asked == {tmp_path: os.W_OK | os.X_OK}
