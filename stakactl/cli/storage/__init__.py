"""`stakactl storage …`: one module per kind of command, in the order of the help."""

from stakactl.cli.options import group

app = group("storage")

from stakactl.cli.storage import (  # noqa: E402, F401, I001 - they add their commands to `app`
    looking,
    archiving,
)
