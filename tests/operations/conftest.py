"""A workshop of its own for each test, on SQLite or PostgreSQL (tests/sampling.py draws which)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.workshop import Workshop, workshop_on


@pytest.fixture
def shop(database_url: str) -> Iterator[Workshop]:
    with workshop_on(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A store on SQLite alone, for what does not depend on the database."""
    path = tmp_path / "stakactl.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"
