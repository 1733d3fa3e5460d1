"""The option that names classes of discrepancies."""

from typing import Annotated

import typer

from stakactl.domain.findings import Discrepancy
from stakactl.errors import UsageError

ClassOption = Annotated[
    list[str] | None,
    typer.Option("--class", help="Only this class; may be repeated.", show_default=False),
]


def wanted_discrepancies(names: list[str] | None) -> frozenset[Discrepancy]:
    """Raises UsageError for a name that is no class."""
    return frozenset(_discrepancy(name) for name in names or ())


def _discrepancy(name: str) -> Discrepancy:
    try:
        return Discrepancy(name.upper().replace("-", "_"))
    except ValueError:
        raise UsageError(
            f"--class {name!r} is no class of discrepancies",
            hint="one of " + ", ".join(Discrepancy),
        ) from None
