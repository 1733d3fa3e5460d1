"""Which process this is, and whether another one still lives.

A pid means something only on the machine, in the boot and in the container it was seen in, and
only together with the time the process started: pids are used again.
"""

import os
import socket
from dataclasses import dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path

_PROC = Path("/proc")


class Fate(Enum):
    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Process:
    """`host` is for people, `machine` for comparison; `started` is empty where no /proc is."""

    host: str
    machine: str
    pid: int
    started: str

    @property
    def fate(self) -> Fate:
        """Whether it runs; unknown for another machine, boot or container."""
        if self.machine != _machine():
            return Fate.UNKNOWN
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return Fate.DEAD
        except PermissionError:
            pass
        return Fate.ALIVE if _started(self.pid) == self.started else Fate.DEAD


def this_process() -> Process:
    pid = os.getpid()
    return Process(socket.gethostname(), _machine(), pid, _started(pid))


@cache
def _machine() -> str:
    parts = [socket.gethostname(), _text(_PROC / "sys/kernel/random/boot_id")]
    try:
        parts.append(str((_PROC / "self/ns/pid").readlink()))
    except OSError:
        parts.append("")
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _started(pid: int) -> str:
    """The start time in clock ticks since boot, empty without /proc; a zombie has none."""
    fields = _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    if not fields:
        return ""
    return "zombie" if fields[0] in {"Z", "X"} else fields[19]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
