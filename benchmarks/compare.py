"""Comparing a million orders with Stripe against the loop that a user would write instead.

The loop asks the database for each order's session, PaymentIntent, charges, refunds, disputes and
invoice through an ORM, one row after the other; it is timed on a sample and scaled. Both run on
the same store in the same minutes: absolute times vary from machine to machine, the ratio holds.

    python -m benchmarks.compare [--rows N] [--postgresql URL]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "compare"
ROWS = 1_000_000
SAMPLE = 10_000
TARGET = 100.0
PEAK_MB = 200
POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"


def run(rows: int = ROWS, postgresql: str | None = None) -> bool:
    met = True
    for name, database in (("SQLite", _sqlite()), ("PostgreSQL", _postgresql(postgresql))):
        with database as url:
            if url is None:
                print(f"left out: {name} (no server answers)")
                continue
            met &= _measure(name, url, rows)
    return met


def _measure(name: str, url: str, rows: int) -> bool:
    began = time.perf_counter()
    _child("fill", url, rows)  # on its own: what this process takes counts as a child's peak
    print(f"\n{name}: {rows:,} orders with their chain, made in {_since(began):.0f} s", flush=True)
    sample = min(SAMPLE, rows)
    baseline = _in_child("baseline", url, sample)[0] / sample * rows
    seconds, found, peak = _in_child("compare", url, rows)
    ratio = baseline / seconds
    ok = ratio >= TARGET and peak < PEAK_MB
    print(f"{'one ORM look-up per link and order':<44}{baseline:>9.1f} s  (from {sample:,} orders)")
    print(f"{'stakactl, findings recorded':<44}{seconds:>9.2f} s  {found:,.0f} findings")
    print(f"{'ratio':<44}{ratio:>9.0f} x  >= {TARGET:.0f} x")
    print(f"{'peak memory':<44}{peak:>9.0f} MB < {PEAK_MB} MB  {'met' if ok else 'MISSED'}")
    print("Plans of the longest comparisons:", flush=True)
    _child("plans", url, rows)
    return ok


def _in_child(what: str, url: str, rows: int) -> list[float]:
    """The figures that a process of its own prints; what it takes is then its own."""
    answer = _child(what, url, rows, stdout=subprocess.PIPE).stdout
    return [float(figure) for figure in answer.split()]


def _child(
    what: str, url: str, rows: int, stdout: int | None = None
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks.compare", "--child", what, "--rows", str(rows)]
    environment = {**os.environ, "BENCHMARK_DATABASE_URL": url}
    return subprocess.run(command, env=environment, stdout=stdout, text=True, check=True)


def _since(began: float) -> float:
    return time.perf_counter() - began


def _fill(url: str, rows: int) -> None:
    from benchmarks.compare_data import fill
    from stakactl.adapters.database.schema import init_database
    from stakactl.adapters.database.store import Store

    init_database(url)
    store = Store.open(url)
    fill(store.database, rows)
    store.close()


def _compare(url: str) -> None:
    """Orders and orphans, found, recorded and read back, in a process of its own."""
    from benchmarks.compare_loop import compare_all

    began = time.perf_counter()
    found = compare_all(url)
    seconds = _since(began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(seconds, found, peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def _baseline(url: str, rows: int) -> None:
    from benchmarks.compare_loop import look_up_each

    began = time.perf_counter()
    look_up_each(url, rows)
    print(_since(began))


def _plans(url: str) -> None:
    from benchmarks.compare_loop import plans

    for line in plans(url):
        print(line)


@contextmanager
def _sqlite() -> Iterator[str | None]:
    with tempfile.TemporaryDirectory(prefix="stakactl-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


@contextmanager
def _postgresql(url: str | None) -> Iterator[str | None]:
    """A database of its own on the server; None where there is no server."""
    import psycopg
    from sqlalchemy import make_url

    server = make_url(url or os.environ.get("STAKACTL_TEST_POSTGRESQL_URL", POSTGRESQL))
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    name = f"stakactl_bench_{uuid.uuid4().hex[:12]}"
    try:
        connection = psycopg.connect(plain, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError:
        yield None
        return
    with connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield server.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--postgresql", help="URL of a server that may make a database")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    url = os.environ.get("BENCHMARK_DATABASE_URL", "")
    if given.child == "compare":
        _compare(url)
    elif given.child == "fill":
        _fill(url, given.rows)
    elif given.child == "baseline":
        _baseline(url, given.rows)
    elif given.child == "plans":
        _plans(url)
    else:
        return 0 if run(given.rows, given.postgresql) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
