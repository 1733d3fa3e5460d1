"""This machine as `config validate` sees it: the settings file, the home folder and its disk."""

import os
import shutil
import stat
from pathlib import Path

from stakactl.errors import DiskError
from stakactl.operations.ports.inspection.here import EnvFileFacts, HomeFacts


class MachineInspection:
    """A MachineInspector; it reads what the system says of files and writes none."""

    def __init__(self, env_file: Path | None, home: Path) -> None:
        self._env_file = env_file
        self._home = home

    def env_file(self) -> EnvFileFacts | None:
        path = self._env_file
        if path is None:
            return None
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError as error:
            raise DiskError(f"{path} cannot be looked at: {error.strerror}") from error
        return EnvFileFacts(str(path), mode if os.name == "posix" else None)

    def home(self) -> HomeFacts:
        try:
            place = nearest_folder(self._home)
            usage = shutil.disk_usage(place)
            return HomeFacts(
                path=str(self._home),
                exists=self._home.exists(),
                is_folder=self._home.is_dir(),
                looked_at=str(place),
                writable=os.access(place, os.W_OK | os.X_OK),
                free_bytes=usage.free,
                # As df does: what is kept for root alone counts as in use for nobody.
                used_percent=round(100 * usage.used / max(usage.used + usage.free, 1)),
            )
        except OSError as error:
            raise DiskError(
                f"{self._home} cannot be looked at: {error.strerror}",
                hint="check STAKACTL_HOME and who may enter its folders",
            ) from error


def nearest_folder(path: Path) -> Path:
    """The path itself, or the closest folder above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
