"""The copy of the maintenance flag that the application reads in Redis.

The key and its value are those that applications look for; with a time to live it comes down by
itself even where nobody can reach Redis any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stakactl.errors import ConfigurationError, CopyError

if TYPE_CHECKING:
    from redis import Redis

KEY = "stripe:maintenance"
_VALUE = "true"
_SECONDS = 5.0


class RedisMaintenanceCopy:
    """A MaintenanceCopy. No answer within five seconds is a CopyError."""

    def __init__(self, url: str) -> None:
        self._where = urlsplit(url).hostname or "its socket"
        self._redis = _open(url)

    def __repr__(self) -> str:
        return f"RedisMaintenanceCopy({self._where})"

    def announce(self, lasts: timedelta | None) -> None:
        with self._translated("set"):
            self._redis.set(KEY, _VALUE, px=lasts)

    def withdraw(self) -> None:
        with self._translated("remove"):
            self._redis.delete(KEY)

    def is_announced(self) -> bool:
        with self._translated("read"):
            return bool(self._redis.exists(KEY))

    def close(self) -> None:
        self._redis.close()

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        """The only translator of Redis's errors."""
        from redis.exceptions import AuthenticationError, RedisError

        try:
            yield
        except AuthenticationError as error:
            raise self._error(doing, "it refuses the password") from error
        except RedisError as error:
            raise self._error(doing, str(error).partition("\n")[0]) from error

    def _error(self, doing: str, reason: str) -> CopyError:
        return CopyError(
            f"cannot {doing} {KEY} in Redis at {self._where}: {reason}",
            hint="check REDIS_URL, then type it again",
        )


def _open(url: str) -> "Redis":
    try:
        from redis import Redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise ConfigurationError(
            "REDIS_URL is set and the package that speaks to Redis is missing",
            hint="pip install 'stakactl[redis]'",
        ) from error
    return Redis.from_url(
        url,
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
