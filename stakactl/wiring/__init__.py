"""What builds the real adapters; nothing else constructs them.

`Container` is what every command works with, `Inspectors` what `config validate` looks through.
"""

from stakactl.wiring.container import Container
from stakactl.wiring.inspectors import Inspectors, mode_of, read_leniently

__all__ = ["Container", "Inspectors", "mode_of", "read_leniently"]
