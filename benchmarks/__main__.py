"""`python -m benchmarks [NAME …]`: run all benchmarks, or those named.

A benchmark is a module of this package with `NAME` and `run() -> bool` (every target met). Each
runs in a process of its own: the peak memory of a child counts that of its parent too.
"""

import subprocess
import sys

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
    return max([_in_a_process(name) for name in names or BENCHMARKS])


def _in_a_process(name: str) -> int:
    program = f"import sys; from benchmarks import {name}; sys.exit(not {name}.run())"
    return subprocess.run([sys.executable, "-c", program], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
