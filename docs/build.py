"""Make the README's pictures and its command reference: `make docs`.

Everything is made by running the product itself: a night on the demo world becomes an SVG, one of
its invoices a PNG, and every `--help` a section of docs/commands.md.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.testing import CliRunner

from stakactl.cli.app import build, load
from stakactl.cli.catalogue import COMMANDS as CATALOGUE

DOCS = Path(__file__).parent
ROOT = DOCS.parent
COMMANDS = DOCS / "commands.md"
README = ROOT / "README.md"
WIDTH = 80
BEGIN, END = "<!-- commands: begin (make docs) -->", "<!-- commands: end -->"


def main() -> None:
    COMMANDS.write_text(command_reference(), encoding="utf-8")
    README.write_text(with_command_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        night = run("demo", folder=Path(folder), terminal=True)
        (DOCS / "nightly.svg").write_text(picture_of(night), encoding="utf-8")
        invoices = sorted(Path(folder).glob("var/demo/invoices/*/*.pdf"))
        draw_invoice(largest(invoices), DOCS / "invoice.png")


def run(*arguments: str, folder: Path = ROOT, terminal: bool = False) -> str:
    """What a command prints; with `terminal` in colours, as on a terminal of 80 columns."""
    environment = {"PATH": os.environ["PATH"], "COLUMNS": str(WIDTH), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "stakactl", *arguments]
    if terminal:  # script(1) gives it a real terminal
        line = " ".join(command)
        environment |= {"TERM": "xterm-256color"}
        command = ["script", "-qec", f"stty cols {WIDTH} rows 50; {line} 2>/dev/null", os.devnull]
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return result.stdout.replace("\r\n", "\n")


def command_reference() -> str:
    """Every command's --help, in the order of the root's."""
    parts = [
        "# Commands\n\nMade from `--help` by `make docs`; a test keeps it true. "
        "Options of every command: see any of them.\n"
    ]
    root = build()
    for path in command_paths():
        title = " ".join(("stakactl", *path))
        parts.append(f"## {title}\n\n```text\n{help_text(root, path)}\n```\n")
    return "\n".join(parts)


def help_text(root: typer.Typer, path: tuple[str, ...]) -> str:
    """In this process: starting one for each command takes ten times as long."""
    environment = {"COLUMNS": str(WIDTH), "LC_ALL": "C.UTF-8"}
    result = CliRunner(env=environment).invoke(root, [*path, "--help"], prog_name="stakactl")
    lines = result.stdout.splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def command_paths() -> Iterator[tuple[str, ...]]:
    """Every command that can be typed: `("db", "init")`; groups before what they hold."""
    for name, entry in CATALOGUE.items():
        yield (name,)
        for child in getattr(load(name, entry), "commands", {}):
            yield (name, child)


def command_table() -> str:
    rows = ["| command | does |", "|---|---|"]
    for name, entry in CATALOGUE.items():
        children = [path[1] for path in command_paths() if path[0] == name and len(path) > 1]
        shown = f"`{name}`" + (f" {' · '.join(children)}" if children else "")
        rows.append(f"| {shown} | {entry.help} |")
    return "\n".join(rows)


def with_command_table(readme: str) -> str:
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{command_table()}\n{END}{tail}"


def picture_of(text: str) -> str:
    """Terminal output as an SVG."""
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi(text))
    return console.export_svg(title="stakactl demo", unique_id="stakactl")


def largest(paths: list[Path]) -> Path:
    return max(paths, key=lambda path: (path.stat().st_size, path.name))


def draw_invoice(pdf: Path, target: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    document[0].render(scale=1.3).to_pil().convert("P", palette=1, colors=64).save(
        target, optimize=True
    )


if __name__ == "__main__":
    main()
