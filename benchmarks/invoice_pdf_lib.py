"""pdf-lib, the engine of the former back office, where there are node and npm: a row to compare
with, no target. It draws our page with Helvetica; fonts, PDF/A and XML are left out."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from stakactl.adapters.documents.fonts import Fonts
from stakactl.adapters.documents.layout import lay_out
from stakactl.adapters.documents.page import HEIGHT, WIDTH, Panel, Rule, Text, Weight
from stakactl.domain.invoicing import InvoiceSnapshot

PROGRAM = Path(__file__).with_name("invoice_pdf_lib.mjs")
VERSION = "1.17.1"


def pdf_lib(snapshot: InvoiceSnapshot, rounds: int) -> Iterator[str]:
    name = "pdf-lib: Helvetica, no PDF/A, no XML"
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        yield f"left out: {name} (no npm)"
        return
    with tempfile.TemporaryDirectory(prefix="stakactl-bench-") as folder:
        program = Path(folder) / PROGRAM.name
        program.write_bytes(PROGRAM.read_bytes())
        install = [npm, "install", "--silent", "--no-save", "--prefix", folder]
        try:
            subprocess.run(
                [*install, f"pdf-lib@{VERSION}"], check=True, capture_output=True, timeout=120
            )
        except (subprocess.SubprocessError, OSError) as error:
            yield f"left out: {name} (npm: {type(error).__name__})"
            return
        run = subprocess.run(
            [node, str(program)],
            input=json.dumps(_page(snapshot) | {"rounds": rounds}),
            check=True,
            capture_output=True,
            text=True,
        )
    result = json.loads(run.stdout)
    yield f"{name:<44}{result['ms']:>8.2f} ms{result['bytes']:>9} bytes"


def _page(snapshot: InvoiceSnapshot) -> dict[str, object]:
    """What stands on our first page, in the characters that Helvetica has."""
    page = lay_out(snapshot, Fonts()).pages[0]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "texts": [
            [item.x, HEIGHT - item.y, item.style.size, int(item.style.weight is Weight.BOLD), text]
            for item in page
            if isinstance(item, Text)
            and (
                text := item.text.replace("\u202f", " ")
                .encode("cp1252", "replace")
                .decode("cp1252")
            )
        ],
        "rules": [
            [item.x, HEIGHT - item.y, item.width, getattr(item, "thickness", 1.0)]
            for item in page
            if isinstance(item, Rule | Panel)
        ],
    }
