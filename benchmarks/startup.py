"""How long a command takes before it does anything.

Absolute times vary from machine to machine and from minute to minute, ratios hold: all commands
run in turn, one after the other in every round, and the medians are compared.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROUNDS = 21


@dataclass(frozen=True)
class Timed:
    """`target` is how many times the baseline it may take, or seconds when `absolute`."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    target: float | None = None
    absolute: bool = False


def run() -> bool:
    with tempfile.TemporaryDirectory(prefix="stakactl-bench-") as folder:
        home = Path(folder)
        baseline = Timed("python -c 'import typer'", [sys.executable, "-c", "import typer"])
        timed = [baseline, *_commands(), *_local_store(home), *_stripe_cli(home)]
        medians = _measure(timed, home)
    print(f"\nStart-up, median of {ROUNDS} interleaved runs each")
    print(f"{'':<44}{'ms':>7}{'ratio':>8}  target")
    results = [_line(each, medians[each.name], medians[baseline.name]) for each in timed]
    for text, _ in results:
        print(text)
    return all(met for _, met in results)


def _line(timed: Timed, seconds: float, baseline: float) -> tuple[str, bool]:
    ratio = seconds / baseline
    text = f"{timed.name:<44}{seconds * 1000:>7.0f}{ratio:>8.2f}"
    if timed.target is None:
        return text, True
    met = (seconds if timed.absolute else ratio) <= timed.target
    limit = f"{timed.target:g} s" if timed.absolute else f"{timed.target:g} x"
    return f"{text}  <= {limit} {'met' if met else 'MISSED'}", met


def _commands() -> list[Timed]:
    stakactl = _stakactl()
    bash = {
        "_STAKACTL_COMPLETE": "complete_bash",
        "COMP_WORDS": "stakactl ",
        "COMP_CWORD": "1",
    }
    zsh = {"_STAKACTL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "stakactl "}
    return [
        Timed("stakactl --version", [*stakactl, "--version"], target=1.6),
        Timed("stakactl <TAB> in bash", stakactl, bash, target=1.6),
        Timed("stakactl <TAB> in zsh, with descriptions", stakactl, zsh, target=1.6),
        Timed("stakactl --help", [*stakactl, "--help"], target=3.2),
        Timed("stakactl invoices --help", [*stakactl, "invoices", "--help"], target=3.2),
    ]


def _local_store(home: Path) -> list[Timed]:
    """`runs list` and `orders list` on a fresh SQLite store."""
    (home / ".env").touch(0o600)
    stakactl = [*_stakactl()]
    environment = {
        "STAKACTL_HOME": str(home / "var"),
        "STRIPE_SECRET_KEY": "sk_test_" + "0" * 24,
    }
    made = subprocess.run(
        [*stakactl, "db", "init"],
        cwd=home,
        env=_clean(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        print(f"left out: lists of a store ({made.stderr.strip().splitlines()[:1]})")
        return []
    return [
        Timed(f"stakactl {group} list", [*stakactl, group, "list"], environment, 0.5, absolute=True)
        for group in ("runs", "orders")
    ]


def _stripe_cli(home: Path) -> list[Timed]:
    """Stripe's own command line, written in Go, when npm can fetch it."""
    npm = shutil.which("npm")
    if npm is None:
        print("left out: Stripe's CLI (no npm)")
        return []
    try:
        subprocess.run(
            [npm, "install", "--silent", "--no-save", "--prefix", str(home), "@stripe/cli"],
            cwd=home,
            capture_output=True,
            check=True,
            timeout=180,
        )
    except (subprocess.SubprocessError, OSError) as error:
        print(f"left out: Stripe's CLI (npm: {type(error).__name__})")
        return []
    binary = next((path for path in home.rglob("stripe") if _is_binary(path)), None)
    if binary is None:
        print("left out: Stripe's CLI (the npm package holds no binary for this machine)")
        return []
    return [Timed("stripe --help (Go)", [str(binary), "--help"])]


def _is_binary(path: Path) -> bool:
    if not path.is_file() or not os.access(path, os.X_OK):
        return False
    with path.open("rb") as file:
        return file.read(4) in (b"\x7fELF", b"\xcf\xfa\xed\xfe")


def _stakactl() -> list[str]:
    """The console script beside this Python: what people type."""
    script = Path(sys.executable).with_name("stakactl")
    return [str(script)] if script.exists() else [sys.executable, "-m", "stakactl"]


def _clean(extra: dict[str, str]) -> dict[str, str]:
    """Nothing of the caller's settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, **extra}


def _measure(timed: list[Timed], folder: Path) -> dict[str, float]:
    seconds: dict[str, list[float]] = {each.name: [] for each in timed}
    for round_number in range(ROUNDS + 1):
        for each in timed:
            started = time.perf_counter()
            subprocess.run(
                each.command,
                cwd=folder,
                env=_clean(each.environment),
                capture_output=True,
                check=False,
            )
            if round_number:  # the first round warms the disk's cache
                seconds[each.name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}
