"""`python -m benchmarks [NAME …]`: run all benchmarks, or those named.

A benchmark is a module of this package with `NAME` and `run() -> bool` (every target met).
"""

import sys
from importlib import import_module

BENCHMARKS = (
    "startup",
    "reading",
    "mirror",
    "compare",
    "invoices",
    "upload",
    "mailing",
    "reminders",
    "figures",
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
        return 2
    met = [import_module(f"benchmarks.{name}").run() for name in names or BENCHMARKS]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
