"""Cron and a person start the night at the same moment: one works, the other is told and goes.

Real processes on the store of the project, SQLite or PostgreSQL. Stripe's first answer waits until
the loser has gone, so that the two always meet.
"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from subprocess import CompletedProcess

import pytest

from stakactl.demo.offline_stripe.faults import meanwhile
from tests.cli.homes import Project, expected_invoices, finish, start
from tests.sampling import sampled
from tests.services import BOTH

NIGHT = ("nightly", "--yes", "-o", "json")
PAIRS = [(BOTH[number % 2], number) for number in range(50)]
LIMIT = 120.0


@pytest.fixture
def company(store: str, project: Project, request: pytest.FixtureRequest) -> Project:
    """The project on the store that the test names, with its orders."""
    project.set(STRIPE_TIMEOUT_SECONDS="60")
    if store == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        project.set(STAKACTL_DATABASE_URL=url.replace("postgresql+psycopg", "postgresql"))
        imported = project.run("orders", "import", "orders.ndjson")
        assert imported.exit_code == 0, imported.output
    return project


@contextmanager
def held_at_stripe(project: Project) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Set when a night asks Stripe for the first time; and to let that answer go."""
    reached, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        go_on.wait(LIMIT)

    project.stripe.faults.add(meanwhile(hold))
    try:
        yield reached, go_on
    finally:
        go_on.set()


def night(project: Project) -> CompletedProcess[str]:
    return finish(start(project.folder, *NIGHT), LIMIT)


@pytest.mark.parametrize(("store", "pair"), sampled(PAIRS, every=25))
def test_of_two_nights_one_runs_and_the_other_is_told(company: Project, pair: int) -> None:
    with held_at_stripe(company) as (_, go_on), ThreadPoolExecutor(2) as pool:
        both = [pool.submit(night, company) for _ in range(2)]
        done, going = wait(both, LIMIT, FIRST_COMPLETED)
        go_on.set()
        (loser,), (winner,) = done, going
        ended = winner.result()
    assert loser.result().returncode == 7, loser.result().stderr
    assert "holds the lock since" in loser.result().stdout
    assert ended.returncode == 1, ended.stderr  # findings, as every night in that world
    listed = company.run("invoices", "list", "--limit", "500", "-o", "json")
    assert listed.stdout.count('"number":') == expected_invoices()


@pytest.mark.parametrize(("store", "pair"), sampled(PAIRS[:2], every=2))
def test_the_lock_of_a_killed_night_does_not_block_the_next(company: Project, pair: int) -> None:
    with held_at_stripe(company) as (reached, go_on):
        killed = start(company.folder, *NIGHT)
        assert reached.wait(LIMIT)
        assert night(company).returncode == 7
        killed.kill()
        killed.communicate()
        go_on.set()
        after = night(company)
    assert after.returncode == 1, after.stderr


@pytest.mark.soak
@pytest.mark.parametrize("store", BOTH)
def test_the_loser_is_told_within_two_seconds(company: Project) -> None:
    """The quickest of five: the machine may have something else to do."""
    with held_at_stripe(company) as (reached, go_on):
        first = start(company.folder, *NIGHT)
        assert reached.wait(LIMIT)
        taken = []
        for _ in range(5):
            began = time.monotonic()
            assert night(company).returncode == 7
            taken.append(time.monotonic() - began)
        go_on.set()
        assert finish(first, LIMIT).returncode == 1
    assert min(taken) < 2, taken
