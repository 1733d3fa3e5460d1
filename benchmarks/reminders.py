"""Planning and queueing 10,000 reminders, against a loop of look-ups through the ORM.

The claims are of all three kinds: unpaid orders with a Checkout Session and a failed payment,
open invoices of Stripe's with a customer and a payment each, and invoices of ours with their
order, among orders that owe nothing. Beside it, what a program of one's own would do: for each
claim one look-up after the other with SQLModel, and a row added for each reminder; it gets fewer
claims, scaled. Each measurement is a process of its own, so that its peak memory is its own.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

NAME = "reminders"

CLAIMS = 10_000
FEW = 1_000
PAID = 50_000
ROUNDS = 3
TARGET_RATIO = 10.0
TARGET_MEMORY = 1.25


def run() -> bool:
    with tempfile.TemporaryDirectory(prefix="stakactl-bench-") as folder:
        stores = {count: Path(folder) / f"{count}.db" for count in (FEW, CLAIMS)}
        for count, path in stores.items():
            _child("fill", path, count)
        rounds = [_round(stores) for _ in range(ROUNDS)]
    ours = min(found["ours"]["seconds"] for found in rounds)
    orm = min(found["orm"]["seconds"] for found in rounds) * CLAIMS / FEW
    peak = max(found["ours"]["peak_mb"] for found in rounds)
    small = max(found["few"]["peak_mb"] for found in rounds)
    ratio, growth = float(orm / ours), float(peak / small)
    print(f"\n{CLAIMS:,} reminders planned and queued on SQLite, {PAID:,} paid orders beside them")
    print(f"the best of {ROUNDS} rounds; the look-ups were made for {FEW:,} and scaled")
    print(f"stakactl {ours:6.2f} s   {CLAIMS / ours:8,.0f} a second")
    print(f"ORM      {orm:6.2f} s   {CLAIMS / orm:8,.0f} a second")
    met = ratio >= TARGET_RATIO
    print(f"ratio    {ratio:6.1f} x   target >= {TARGET_RATIO:g} x {'met' if met else 'MISSED'}")
    flat = growth <= TARGET_MEMORY
    print(
        f"peak memory {small:.0f} MB for {FEW:,} and {peak:.0f} MB for {CLAIMS:,}: {growth:.2f} x"
        f"   target <= {TARGET_MEMORY:g} x {'met' if flat else 'MISSED'}"
    )
    return met and flat


def _round(stores: dict[int, Path]) -> dict[str, Any]:
    found = {}
    for name, what, count in (("few", "ours", FEW), ("orm", "orm", FEW), ("ours", "ours", CLAIMS)):
        copy = stores[count].with_suffix(f".{name}")
        shutil.copyfile(stores[count], copy)
        found[name] = _child(what, copy, count)
    return found


def _child(what: str, path: Path, count: int) -> Any:
    command = [sys.executable, "-m", "benchmarks.reminders_work", what, str(path), str(count)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(result.stderr)
    return json.loads(result.stdout)


if __name__ == "__main__":
    sys.exit(0 if run() else 1)
