"""A parent that is killed while its workers hang: `orphaning.py FOLDER`."""

import sys
from functools import partial
from pathlib import Path

from stakactl.adapters.workers.processes import Processes
from tests.adapters.workers.steps import Bench, hang


def main() -> None:
    with Processes(partial(Bench, Path(sys.argv[1])), 2, 1) as executor:
        list(executor.map(hang, range(4), waits=True))


if __name__ == "__main__":
    main()
