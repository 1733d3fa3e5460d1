"""`mail send` killed at any place, against a mail server with moods of its own.

Whatever happened, no mail reaches the server twice, what is `sent` is there, and what may be there
without our knowing is `unknown` and stays with a person.
"""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.database.store import Store
from stakactl.domain.letters import Language
from stakactl.domain.letters.maintenance import MaintenanceNotice
from stakactl.domain.mail import MailKind, MailStatus, NewMail, QueuedMail
from tests.adapters.mail.smtp_servers import Recorder, smtp_server
from tests.cli.homes import SETTINGS, invoke, write_env

ROOT = Path(__file__).parents[2]
#: Change it to kill at other places.
SEED = 20261126
#: How far a run gets before it dies, in points of the killer: about twenty for each mail.
REACH = 200
SENT, FAILED, UNKNOWN = MailStatus.SENT, MailStatus.FAILED, MailStatus.UNKNOWN


class Moody(Recorder):
    """By the recipient's name: greylists at the first try, refuses for good, takes the mail and
    hangs up without an answer, hangs up before it has it, or just takes it. With `awaits` it
    takes nothing before so many senders have a mail to give."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[str] = Counter()
        self.awaits = 1
        self._all_here = asyncio.Event()

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        self._seen[address] += 1
        if address.startswith("grey") and self._seen[address] == 1:
            return "451 4.7.1 greylisted, try again in five minutes"
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("cut") and self._seen[address] == 1:
            server.transport.abort()
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if len(self.connections) >= self.awaits:
            self._all_here.set()
        await asyncio.wait_for(self._all_here.wait(), 60)
        answer = await super().handle_DATA(server, session, envelope)
        if envelope.rcpt_tos[0].startswith("mute"):
            server.transport.abort()
        return answer

    @property
    def arrived(self) -> Counter[str]:
        """How often the server got each Message-ID."""
        return Counter(str(message_from_bytes(one)["Message-ID"]) for one in self.messages)


@dataclass(frozen=True)
class Office:
    """A folder with an outbox, and the server that its mails go to."""

    folder: Path
    server: Moody

    def start(self, kill_at: int = 0) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.killer", str(kill_at), "mail", "send", "--yes"],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, *kill_at: int) -> list[int]:
        """The exit codes of senders that run at the same time; 0 lets one come to its end."""
        started = [self.start(point) for point in kill_at]
        for process in started:
            _, told = process.communicate(timeout=120)
            assert process.returncode in {0, 4, 6, -9}, told
        return [process.returncode for process in started]

    @contextmanager
    def store(self) -> Iterator[Store]:
        store = Store.open(f"sqlite:///{self.folder / 'var' / 'stakactl.db'}")
        try:
            yield store
        finally:
            store.close()

    def queue(self, names: list[str]) -> None:
        now = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
        notice = MaintenanceNotice(language=Language.FRENCH, starts_at=now)
        with self.store() as store:
            for name in names:
                mail = NewMail(
                    MailKind.MAINTENANCE, name, f"{name}@example.com", details=notice.details()
                )
                assert store.outbox.add(mail, now)

    def outbox(self) -> list[QueuedMail]:
        with self.store() as store:
            return store.outbox.find(limit=10_000)

    def let_time_pass(self) -> None:
        """What was deferred is due."""
        database = self.folder / "var" / "stakactl.db"
        with closing(sqlite3.connect(database, timeout=30)) as connection, connection:
            connection.execute("UPDATE outbox SET next_attempt_at = NULL")

    def check(self, *, at_the_end: bool = False) -> Counter[MailStatus]:
        arrived = self.server.arrived
        assert not [key for key, times in arrived.items() if times > 1], "a mail was sent twice"
        mails = self.outbox()
        for mail in mails:
            times = arrived[mail.message_id]
            told = f"{mail.recipient} is {mail.status}, arrived {times} times: {mail.error}"
            assert times == 1 or mail.status is not SENT, told
            assert times == 0 or mail.status not in {FAILED, MailStatus.QUEUED}, told
            assert (mail.status is FAILED) <= mail.recipient.startswith("nobody"), told
        found = Counter(mail.status for mail in mails)
        if at_the_end:
            assert set(found) <= {SENT, FAILED, UNKNOWN}, found
        return found


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    with smtp_server(recorder=Moody()) as (server, port):
        assert isinstance(server, Moody)
        folder.mkdir(exist_ok=True)
        smtp = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none"}
        write_env(folder, SETTINGS | smtp)
        assert invoke(folder, "db", "init").exit_code == 0
        yield Office(folder, server)


def names(count: int, chance: random.Random) -> list[str]:
    moods = ("plain", "plain", "plain", "plain", "grey", "nobody", "mute", "cut")
    return [f"{chance.choice(moods)}{number}" for number in range(count)]


def killed_again_and_again(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    with opened(folder) as office:
        done, batch = 0, 0
        while done < kills:
            if not any(mail.status is MailStatus.QUEUED for mail in office.outbox()):
                batch += 1
                office.queue([f"{name}x{batch}" for name in names(20, chance)])
            senders = chance.choice((1, 1, 1, 2))
            codes = office.send(*(chance.randint(1, REACH) for _ in range(senders)))
            done += codes.count(-9)
            office.check()
            office.let_time_pass()
        for _ in range(3):
            office.send(0)
            office.let_time_pass()
        found = office.check(at_the_end=True)
        assert found[SENT] > found[UNKNOWN] > 0, "the moods and the kills were seen"


@pytest.mark.parametrize("seed", [SEED])
def test_nothing_is_sent_twice_whenever_the_sender_is_killed(seed: int, tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, 8, seed)


@pytest.mark.soak
@pytest.mark.parametrize("shard", range(10))
def test_nothing_is_sent_twice_over_500_kills(shard: int, tmp_path: Path) -> None:
    killed_again_and_again(tmp_path, 50, SEED + 1 + shard)


def test_two_senders_at_once_send_each_mail_once(tmp_path: Path) -> None:
    with opened(tmp_path) as office:
        office.queue([f"plain{number}" for number in range(40)])
        office.server.awaits = 2
        assert office.send(0, 0) == [0, 0]
        assert office.check(at_the_end=True) == {SENT: 40}
        assert len(office.server.connections) == 2, "both had a share, each on one connection"


def test_the_check_notices_a_mail_that_was_sent_twice(tmp_path: Path) -> None:
    """The control."""
    with opened(tmp_path) as office:
        office.queue(["plain1"])
        office.send(0)
        office.check(at_the_end=True)
        office.server.messages *= 2
        with pytest.raises(AssertionError, match="sent twice"):
            office.check()
