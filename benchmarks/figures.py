"""`stats` over a million payments; revenue against a program that loads them through an ORM.

Two years of sales in 300 cities and 12 countries, 40 products and 4 levels, one in fifty given
back, half of them invoiced. The baseline loads the balance transactions alone, a sample of them,
scaled: it would know nothing of cities, products and VAT yet. Both run on the same store.

    python -m benchmarks.figures [--rows N]
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAME = "figures"
ROWS = 1_000_000
SAMPLE = 50_000
ROUNDS = 5
TARGET_RATIO = 200.0
TARGET_SECONDS = 1.3
#: Peak memory with all rows against that with a tenth of them.
FLAT = 1.25
#: Over 250,000 customers and 100,000 subscriptions.
PEOPLE = ("subscriptions", "customers")
TIMEFRAMES = (["--timeframe", "30d"], ["--timeframe", "12m"], ["--timeframe", "all"])


def run(rows: int = ROWS) -> bool:
    with tempfile.TemporaryDirectory(prefix="stakactl-bench-") as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        _child("fill", small, rows // 10)
        _child("fill", large, rows)
        baseline = _figures(_child("baseline", large, min(SAMPLE, rows)))[0]
        baseline *= rows / min(SAMPLE, rows)
        added_small, added = (_figures(_child("add-up", home, rows)) for home in (small, large))
        print(f"\n{rows:,} payments over two years, SQLite")
        print(f"{'balance transactions through an ORM':<44}{baseline:>8.1f} s")
        print(f"{'adding up every day, once':<44}{added[0]:>8.1f} s")
        met = _flat("  its peak memory", added_small[1], added[1])
        for arguments in TIMEFRAMES:
            met &= _asked(arguments, small, large, baseline)
        for name in PEOPLE:
            met &= _told(name, large)
        return met


def _told(name: str, large: Path) -> bool:
    """The whole process, the longest of the time frames; once before, to find out who there is."""
    _whole_process(large, name, ["--timeframe", "all"])
    longest = max(
        statistics.median(_whole_process(large, name, arguments) for _ in range(ROUNDS))
        for arguments in TIMEFRAMES
    )
    quick = longest <= TARGET_SECONDS
    title = f"stats {name}, whole process, the longest"
    print(f"{title:<44}{longest:>8.2f} s  <= {TARGET_SECONDS} s  {_verdict(quick)}")
    return quick


def _asked(arguments: list[str], small: Path, large: Path, baseline: float) -> bool:
    name = f"stats revenue {' '.join(arguments)}"
    seconds, peak = _figures(_child("ask", large, 0, *arguments))
    peak_small = _figures(_child("ask", small, 0, *arguments))[1]
    whole = statistics.median(_whole_process(large, "revenue", arguments) for _ in range(ROUNDS))
    ratio = baseline / seconds
    quick = ratio >= TARGET_RATIO and whole <= TARGET_SECONDS
    print(f"{name:<44}{seconds * 1000:>7.0f} ms {ratio:>7.0f} x  >= {TARGET_RATIO:.0f} x")
    print(f"{'  whole process':<44}{whole:>8.2f} s  <= {TARGET_SECONDS} s  {_verdict(quick)}")
    return _flat("  its peak memory", peak_small, peak) and quick


def _flat(name: str, small: float, large: float) -> bool:
    flat = large <= FLAT * small
    print(f"{name:<44}{large:>7.0f} MB  {large / small:.2f} x that of a tenth  {_verdict(flat)}")
    return flat


def _verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def _figures(answer: str) -> list[float]:
    return [float(figure) for figure in answer.split()]


def _child(what: str, home: Path, rows: int, *arguments: str) -> str:
    """What a process of its own prints; what it takes is then its own."""
    command = [sys.executable, "-m", "benchmarks.figures", "--child", what, "--rows", str(rows)]
    return subprocess.run(
        [*command, "--home", str(home), "--", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def _whole_process(home: Path, name: str, arguments: list[str]) -> float:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ},
        "STAKACTL_HOME": str(home),
        "STRIPE_SECRET_KEY": "sk_test_" + "0" * 24,
    }
    command = [sys.executable, "-m", "stakactl", "stats", name, "--by", "month", *arguments]
    began = time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _url(home: Path) -> str:
    return f"sqlite:///{home}/stakactl.db"


def _fill(home: Path, rows: int) -> None:
    from benchmarks.figures_data import fill
    from benchmarks.figures_people import fill_people
    from stakactl.adapters.database.schema import init_database
    from stakactl.adapters.database.store import Store

    home.mkdir()
    (home / ".env").touch()
    init_database(_url(home))
    store = Store.open(_url(home))
    fill(store.database, rows)
    fill_people(store.database, rows)
    store.close()


def _baseline(home: Path, rows: int) -> None:
    """What one would write with SQLModel: all rows as objects, and a sum of them by day."""
    from collections import Counter

    from sqlmodel import Session, create_engine, select

    from stakactl.adapters.database.tables.stripe import BalanceRow

    began = time.perf_counter()
    by_day: Counter[tuple[object, str, str]] = Counter()
    with Session(create_engine(_url(home))) as session:
        for row in session.exec(select(BalanceRow).limit(rows)).all():
            by_day[row.local_day, row.currency, row.reporting_category] += row.amount_minor
    print(time.perf_counter() - began)


def _add_up(home: Path) -> None:
    from stakactl.adapters.database.store import Store

    store = Store.open(_url(home))
    extent = store.figures.extent()
    began = time.perf_counter()
    if extent is not None:
        for _ in store.figures.add_up(*extent):
            pass
    print(time.perf_counter() - began, _peak_mb())
    store.close()


def _ask(home: Path, arguments: list[str]) -> None:
    """The operation on an open store, the best of some rounds."""
    from datetime import date, timedelta
    from types import SimpleNamespace
    from typing import Any

    from stakactl.adapters.database.store import Store
    from stakactl.domain.revenue import Grain
    from stakactl.operations.revenue import revenue
    from stakactl.output.progress import Silent

    store = Store.open(_url(home))
    ports: Any = SimpleNamespace(figures=store.figures, progress=Silent())
    days = {"30d": 30, "12m": 365}.get(arguments[-1])
    until = date.today()  # noqa: DTZ011 (as the command does, to the day)
    since = until - timedelta(days=days - 1) if days else None
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        report = revenue(ports, since, until, Grain.MONTH)
        taken.append(time.perf_counter() - began)
    if not report.totals or any(tie.residual for tie in report.ties):
        raise RuntimeError("nothing was asked, or the figures do not add up")
    print(statistics.median(taken), _peak_mb())
    store.close()


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs="*", help=argparse.SUPPRESS)
    given = parser.parse_args()
    match given.child:
        case "fill":
            _fill(given.home, given.rows)
        case "baseline":
            _baseline(given.home, given.rows)
        case "add-up":
            _add_up(given.home)
        case "ask":
            _ask(given.home, given.arguments)
        case _:
            return 0 if run(given.rows) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
