"""A store on SQLite alone, for what does not depend on the database."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    path = tmp_path / "stakactl.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"
