"""Annotations of GitHub Actions: one line per failed check, at the line of the `.env` it is about.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from pathlib import Path

from stakactl.output.stream import Sink, whole
from stakactl.output.text import clean
from stakactl.output.view import Item, View

_COUNTS = ("errors", "warnings", "unknown", "ok", "skipped")


def write_github(view: View, sink: Sink) -> None:
    """`view.items` are those of `config validate`."""
    strict = bool(view.summary.get("strict"))
    counted = ", ".join(_counted(view.summary[name], name) for name in _COUNTS)
    with whole(sink) as spool:
        for item in view.items:
            if level := _level(item, strict=strict):
                spool.write(_annotation(level, item) + "\n")
        title = _property(f"stakactl {view.command}")
        spool.write(f"::notice title={title}::{_data(counted)}\n")


def _counted(count: object, name: str) -> str:
    return f"{count} {name.removesuffix('s') if count == 1 else name}"


def _level(item: Item, *, strict: bool) -> str:
    """ "" for what needs no annotation."""
    if item["state"] == "failed":
        return "error" if strict or item["severity"] == "error" else "warning"
    if item["state"] == "unknown":
        return "error" if strict else "notice"
    return ""


def _annotation(level: str, item: Item) -> str:
    subject, hint = item.get("subject"), item.get("hint")
    message = f"{subject}: {item['seen']}" if subject else str(item["seen"])
    if hint:
        message += f"\nHint: {hint}"
    properties = {**_place(str(item.get("origin") or "")), "title": f"{item['id']}"}
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _place(origin: str) -> dict[str, str]:
    """Of "FILE:LINE"; the file as the checkout calls it where it is inside."""
    file, _, line = origin.rpartition(":")
    if not (file and line.isdigit()):
        return {}
    path, here = Path(file), Path.cwd()
    return {
        "file": str(path.relative_to(here) if path.is_relative_to(here) else path),
        "line": line,
    }


def _data(text: str) -> str:
    """As the toolkit escapes a message: only these three, `%` first."""
    lines = "\n".join(clean(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """In a property also what would end it."""
    return _data(clean(text)).replace(":", "%3A").replace(",", "%2C")
