"""Where the files lie that are shipped with the code and are no Python."""

from pathlib import Path

import stakactl
from stakactl.errors import ConfigurationError


def data_file(name: str) -> Path:
    """A file of the package's `data/`."""
    return Path(stakactl.__file__).resolve().parent / "data" / name


def templates_dir() -> Path:
    """The folder with the bundled `letters/` and `reports/`.

    They live in `templates/` at the top of the checkout, where people look for them; the wheel
    carries them as `stakactl/templates` (hatch's force-include), because files beside the package
    would land loose in `site-packages`. The place inside the package is asked first: in an
    installation, a folder `templates` beside the package would be somebody else's.
    """
    package = Path(stakactl.__file__).resolve().parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "letters").is_dir():
            return folder
    raise ConfigurationError(
        f"the bundled templates are missing: no {package / 'templates'}",
        hint="install stakactl again",
    )
