"""How full the disk and the memory of this machine are, read from what Linux says of itself.

Two small files instead of a library: psutil would be a compiled dependency for two figures, and
what it says of memory is the machine's, also inside a container that may use a tenth of it. The
limits of cgroup v2 are honoured, those of version 1 (gone from current systems) are not. A system
without /proc has no figure for memory, which is no alarm.
"""

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from stakactl.adapters.machine import nearest_folder
from stakactl.domain.alerts import Words, percent
from stakactl.errors import DiskError
from stakactl.operations.ports.alerts import Usage

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_GIB = 1024**3


class MachineUsage:
    """A `Machine`. `proc` and `cgroups` are where Linux has its files."""

    def __init__(self, home: Path, proc: Path = _PROC, cgroups: Path = _CGROUPS) -> None:
        self._home = home
        self._proc = proc
        self._cgroups = cgroups

    def disk(self) -> Usage:
        try:
            place = nearest_folder(self._home)
            usage = shutil.disk_usage(place)
        except OSError as error:
            raise DiskError(
                f"the disk of {self._home} cannot be looked at: {error.strerror}",
                hint="check STAKACTL_HOME and who may enter its folders",
            ) from error
        used = percent(usage.used, usage.used + usage.free)
        free = _gib(usage.free)
        return Usage(
            used, Words(f"{free} GiB free at {place}", f"{_french(free)} Gio libres sur {place}")
        )

    def memory(self) -> Usage | None:
        """The fullest of the machine and of every limit that this process lives under."""
        return max(
            (*self._of_machine(), *self._of_limits()),
            key=lambda usage: usage.percent,
            default=None,
        )

    def _of_machine(self) -> Iterator[Usage]:
        """`MemAvailable` counts what the kernel would give back, such as its cache of files."""
        found = _numbers(self._proc / "meminfo")
        total, available = found.get("MemTotal:"), found.get("MemAvailable:")
        if total and available is not None:
            kib = max(total - available, 0)
            size = _gib(total * 1024)
            of = Words(f"of {size} GiB of this machine", f"de {_french(size)} Gio de cette machine")
            yield Usage(percent(kib, total), of)

    def _of_limits(self) -> Iterator[Usage]:
        """Every group from ours up to the root: the limit of one counts for all below it."""
        for group in self._groups():
            limit = _number(group / "memory.max")
            used = _number(group / "memory.current")
            if limit and used is not None:
                # Cached files that nobody uses are given back before anything fails.
                cache = _numbers(group / "memory.stat").get("inactive_file", 0)
                share = percent(max(used - cache, 0), limit)
                size = _gib(limit)
                of = Words(
                    f"of the limit of {size} GiB of this container or service",
                    f"de la limite de {_french(size)} Gio de ce conteneur ou service",
                )
                yield Usage(share, of)

    def _groups(self) -> Iterator[Path]:
        """Inside a container its own group looks like the root."""
        line = next((e for e in _lines(self._proc / "self" / "cgroup") if e.startswith("0::")), "")
        path = Path(line.removeprefix("0::").strip().lstrip("/"))
        if ".." in path.parts:
            path = Path()
        yield from (self._cgroups / part for part in (path, *path.parents))


def _gib(size: int) -> Decimal:
    return (Decimal(size) / _GIB).quantize(Decimal("0.1"))


def _french(number: Decimal) -> str:
    return str(number).replace(".", ",")


def _lines(path: Path) -> list[str]:
    """Nothing of a file that does not exist here, or that this user may not read."""
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _numbers(path: Path) -> dict[str, int]:
    """First word → second word, of lines that have a number there."""
    words = (line.split() for line in _lines(path))
    return {pair[0]: int(pair[1]) for pair in words if len(pair) > 1 and pair[1].isdecimal()}


def _number(path: Path) -> int | None:
    """None for a limit that is `max`, which is none."""
    text = "".join(_lines(path)).strip()
    return int(text) if text.isdecimal() else None
