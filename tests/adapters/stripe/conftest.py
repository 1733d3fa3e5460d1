from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.stripe.gateway_setup import Setup
from tests.adapters.stripe.offline_world import OfflineWorld


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    setup = Setup()
    yield setup
    setup.close()


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineWorld]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    world = OfflineWorld(tmp_path)
    yield world
    world.close()
