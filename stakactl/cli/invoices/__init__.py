"""`stakactl invoices …`: one module per kind of command, in the order of the help."""

from stakactl.cli.options import group

app = group("invoices")

from stakactl.cli.invoices import (  # noqa: E402, F401, I001 - they add their commands to `app`
    issuing,
    listing,
    documents,
    sending,
    crediting,
    marking,
    verifying,
)
