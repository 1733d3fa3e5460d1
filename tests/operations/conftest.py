"""A workshop of its own for each test, on SQLite and on PostgreSQL.

Both databases pass the same contract tests (tests/contracts), so in `make test` each test of an
operation takes one of the two, by its name and parameters; `make soak` takes the other half.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from tests.operations.workshop import Workshop, workshop_on
from tests.services import BOTH

HERE = Path(__file__).parent


def _draw(nodeid: str) -> int:
    """0 or 1, the same for both twins of a test."""
    return crc32(nodeid.replace("sqlite", "").replace("postgresql", "").encode()) % 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, pytest.Function) or HERE not in item.path.parents:
            continue
        database = getattr(item, "callspec", None) and item.callspec.params.get("database_url")
        if database and database != BOTH[_draw(item.nodeid)]:
            item.add_marker(pytest.mark.soak)


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
