"""Options that several commands of `invoices` share."""

from typing import Annotated

import typer

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=64,
        help="Processes that render and store. Default: one per core, for few PDFs one.",
        show_default=False,
    ),
]
