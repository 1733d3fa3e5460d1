"""`stakactl invoices …`: one module per kind of command."""

from stakactl.cli.options import group

app = group("invoices")

from stakactl.cli.invoices import crediting, documents, issuing, listing, verifying  # noqa: E402, F401 - they add to `app`
