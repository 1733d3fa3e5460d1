"""What `init` says: the file it wrote and what each name of the old one means here."""

from dataclasses import dataclass
from pathlib import Path

from stakactl.output.view import Column, View


@dataclass(frozen=True, slots=True)
class Explained:
    """A name of the old file, whether its value was taken, and what it means to stakactl."""

    name: str
    taken: bool
    meaning: str


def init_view(env_file: Path, database: str, explained: tuple[Explained, ...]) -> View:
    """`database` is a URL without password."""
    return View(
        summary={"settings": str(env_file), "database": database},
        items=[
            {"name": entry.name, "taken": entry.taken, "meaning": entry.meaning}
            for entry in explained
        ],
        columns=(
            Column("name", "name", min_width=16),
            Column("taken", "taken", min_width=5),
            Column("meaning", "what it means here", min_width=24, max_width=70),
        ),
        title="What the names mean here" if explained else "",
        notes=(
            "stakactl orders import FILE takes your orders in",
            "stakactl reconcile compares them with Stripe; it changes no order",
            "stakactl nightly --dry-run shows what a night would find",
        ),
    )
