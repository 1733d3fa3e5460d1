"""A seeded demo world, made once per worker and copied by each test."""

import pytest

from tests.faults.demos import Demo

ORDERS = 80


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    demo = Demo(tmp_path_factory.mktemp("seeded"))
    result = demo.run("demo", "seed", "--orders", str(ORDERS))
    assert result.returncode == 0, result.stderr
    return demo
