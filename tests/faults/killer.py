"""Run stakactl and `kill -9` it at the N-th message to the world: `killer.py N ARGUMENTS…`.

A message is a database commit, a request to Stripe, a command to a mail server or its answer, or a
file that appears, is replaced or removed (PDFs, mails, reports). The process dies right before
message (N + 1) // 2 when N is odd and right after it when N is even. With N = 0 nothing is killed
and the number of such points goes to stderr as `points: N`. Worker processes are killed likewise at
point KILL_WORKER_AT of each, where files are all they touch. Nothing in the product knows of this:
the libraries underneath are patched.
"""

import os
import signal
import smtplib
import sys
from collections.abc import Callable
from typing import Any

import sqlalchemy.engine.default
import stripe


class Killer:
    def __init__(self, point: int) -> None:
        self.point = point
        self.passed = 0

    def wrap(self, owner: Any, name: str) -> None:
        """Count the calls of `owner.name` and die before or after the chosen one."""
        original: Callable[..., Any] = getattr(owner, name)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._pass()
            result = original(*args, **kwargs)
            self._pass()
            return result

        setattr(owner, name, wrapped)

    def wrap_files(self) -> None:
        for name in ("link", "replace", "unlink", "fsync"):
            self.wrap(os, name)

    def _pass(self) -> None:
        self.passed += 1
        if self.passed == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    point, *arguments = sys.argv[1:]
    killer = Killer(int(point))
    killer.wrap(sqlalchemy.engine.default.DefaultDialect, "do_commit")
    killer.wrap(stripe.StripeClient, "raw_request")
    killer.wrap(smtplib.SMTP, "send")
    killer.wrap(smtplib.SMTP, "getreply")
    killer.wrap_files()
    from stakactl.__main__ import main as stakactl

    sys.argv = ["stakactl", *arguments]
    try:
        stakactl()
    finally:
        sys.stderr.write(f"points: {killer.passed}\n")


if __name__ == "__mp_main__":  # a worker process, before it begins
    Killer(int(os.environ["KILL_WORKER_AT"])).wrap_files()

if __name__ == "__main__":
    main()
