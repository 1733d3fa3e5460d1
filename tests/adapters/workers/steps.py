"""Steps and a desk that worker processes can import."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stakactl.errors import StakactlError, StorageError
from stakactl.operations.ports import PdfDesk
from tests.cli.homes import wait_until


@dataclass(frozen=True)
class Bench:
    """A desk where nothing is rendered or stored; steps leave files in `folder`."""

    folder: Path
    secret: str = ""
    renderer: Any = None
    spool: Any = None
    store: Any = None


class Unopenable:
    def __init__(self) -> None:
        raise StorageError("no such bucket", hint="create it")


def double(_: PdfDesk, number: int) -> int:
    return 2 * number


def meet(desk: Any, number: int) -> int:
    """Which process this is, once another one is here too."""
    (desk.folder / f"pid-{os.getpid()}").touch()
    wait_until(lambda: len(list(desk.folder.glob("pid-*"))) == 2)
    return os.getpid()


def fail_at_five(_: PdfDesk, number: int) -> int:
    if number == 5:
        raise StorageError("five", hint="take six")
    return number


def raise_it(_: PdfDesk, error: StakactlError) -> None:
    raise error


def same(_: PdfDesk, number: int) -> int:
    return number


def die_at_five(_: PdfDesk, number: int) -> int:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def hang(desk: Any, number: int) -> int:
    """Longer than any test lasts."""
    (desk.folder / f"pid-{os.getpid()}").touch()
    time.sleep(600)
    return number


def is_three(number: int) -> bool:
    return number == 3


def always(_: int) -> bool:
    return True
