"""Pages in a real browser: what its console says, and what it asks the network for.

Debian's chromium, headless, without any name server. Where it is missing, its tests are skipped
aloud, or fail when STAKACTL_TEST_REQUIRE_SERVICES=1.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: What the browser itself asks for, whatever page it shows.
_ITS_OWN = re.compile(r"https?://[a-z0-9.-]+\.(google|googleapis|gstatic)\.com[/:]")
_CONSOLE = re.compile(r":CONSOLE[:(]\d+\)?\] (.*)")
_URL = re.compile(r'"url":"((?:https?|wss?|ftp):[^"]*)"')
_OPTIONS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-sync --disable-extensions "
    "--disable-background-networking --disable-component-update --enable-logging=stderr"
).split()


@dataclass(frozen=True)
class Seen:
    """`console` holds every line of the page's console, `requests` every URL outside it."""

    dom: str
    console: list[str]
    requests: list[str]


def browser() -> str:
    """The browser's command; skips or fails where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    reason = "NO BROWSER, pages are not looked at: apt install chromium"
    if os.environ.get("STAKACTL_TEST_REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def open_page(page: Path, folder: Path, *options: str) -> Seen:
    """Load the page and run what it has to run."""
    log = folder / "network.json"
    answer = subprocess.run(
        [
            browser(),
            *_OPTIONS,
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder / 'profile'}",
            f"--log-net-log={log}",
            *options,
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    urls = _URL.findall(log.read_text(encoding="utf-8", errors="replace"))
    return Seen(
        answer.stdout,
        _CONSOLE.findall(answer.stderr),
        sorted({url for url in urls if not _ITS_OWN.match(url)}),
    )
