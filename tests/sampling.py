"""Which of many similar tests `make test` runs; `make soak` runs the rest.

Both databases pass the same contract tests (tests/contracts), so a test of what stands above them
takes one of the two, by its name and parameters. A long table of cases is sampled with `sampled`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tests.services import BOTH

HERE = Path(__file__).parent
#: Tests of these take one database of the two.
ABOVE_THE_DATABASE = (HERE / "operations", HERE / "worlds")


def _drawn(nodeid: str) -> str:
    """The database of both twins of a test."""
    name = nodeid.replace("sqlite", "").replace("postgresql", "")
    return BOTH[crc32(name.encode()) % len(BOTH)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
            continue
        if not any(item.path.is_relative_to(place) for place in ABOVE_THE_DATABASE):
            continue
        database = item.callspec.params.get("database_url")
        if database and database != _drawn(item.nodeid):
            item.add_marker(pytest.mark.soak)


def sampled(cases: Sequence[tuple[Any, ...]], every: int) -> list[Any]:
    """The cases as parameters; all but every n-th are left to the soak."""
    return [
        case if number % every == 0 else pytest.param(*case, marks=pytest.mark.soak)
        for number, case in enumerate(cases)
    ]
