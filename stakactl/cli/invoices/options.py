"""Options that several commands of `invoices` share."""

from typing import Annotated

import typer

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=64,
        help="Processes that render and store; one per core unless set. Few PDFs need one.",
        show_default=False,
    ),
]
