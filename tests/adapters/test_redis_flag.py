"""The application's copy of the maintenance flag, in a real Redis."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from redis import Redis

from stakactl.adapters.redis_flag import KEY, RedisMaintenanceCopy
from stakactl.errors import CopyError
from tests.contracts.maintenance import MaintenanceCopyContract
from tests.fakes_maintenance import FakeMaintenanceCopy

_NOBODY = 9  # the discard port


class TestFakeCopy(MaintenanceCopyContract):
    @pytest.fixture
    def copy(self) -> FakeMaintenanceCopy:
        return FakeMaintenanceCopy()


class TestRedisCopy(MaintenanceCopyContract):
    @pytest.fixture
    def copy(self, redis_url: str) -> Iterator[RedisMaintenanceCopy]:
        with closing(RedisMaintenanceCopy(redis_url)) as copy:
            yield copy

    def test_as_applications_look_for_it(self, copy: RedisMaintenanceCopy, redis_url: str) -> None:
        with Redis.from_url(redis_url) as redis:
            copy.announce(timedelta(seconds=1800))
            assert redis.get("stripe:maintenance") == b"true"
            assert 1795 <= int(redis.ttl(KEY)) <= 1800
            copy.announce(None)
            assert redis.ttl(KEY) == -1


def test_nobody_listens() -> None:
    url = f"redis://:Sentinel@127.0.0.1:{_NOBODY}/0"
    with closing(RedisMaintenanceCopy(url)) as copy, pytest.raises(CopyError) as caught:
        copy.announce(None)
    assert "127.0.0.1" in caught.value.message
    assert "Sentinel" not in caught.value.message + repr(copy)


def test_a_password_that_is_wrong(redis_url: str) -> None:
    url = redis_url.replace("redis://", "redis://nobody:Sentinel@")
    with closing(RedisMaintenanceCopy(url)) as copy, pytest.raises(CopyError) as caught:
        copy.is_announced()
    assert "password" in caught.value.message
    assert "Sentinel" not in caught.value.message
