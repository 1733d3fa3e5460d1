"""The bytes: the same in every process, small, self-contained."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from stakactl.adapters.documents.archive import RENDERER as VERSION
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from stakactl.domain.invoicing import InvoiceSnapshot
from tests.adapters.documents.invoice_samples import (
    invoice,
    line,
    reverse_charge,
    sixty_lines,
    two_rates,
)
from tests.adapters.documents.pages import read

ROOT = Path(__file__).parents[3]
RENDERER = PdfInvoiceRenderer()
SAMPLES = [two_rates(), reverse_charge(), sixty_lines(), replace(two_rates(), specimen=True)]
ELSEWHERE = """
import hashlib
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from tests.adapters.documents.invoice_samples import reverse_charge, two_rates
renderer = PdfInvoiceRenderer()
renderer.render(reverse_charge())
print(hashlib.sha256(renderer.render(two_rates())).hexdigest(), end="")
"""
NEIGHBOUR = """
from io import BytesIO
from reportlab.pdfgen.canvas import Canvas

def page():
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    canvas.drawString(10, 10, "of another program")
    canvas.save()
    return buffer.getvalue()

before = page()
from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from tests.adapters.documents.invoice_samples import two_rates
PdfInvoiceRenderer().render(two_rates())
assert page() == before
"""


def test_the_same_snapshot_gives_the_same_bytes_after_any_other_invoice() -> None:
    first = RENDERER.render(two_rates())
    RENDERER.render(sixty_lines())
    assert RENDERER.render(two_rates()) == first
    assert PdfInvoiceRenderer().render(two_rates()) == first


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "77", "SOURCE_DATE_EPOCH": "86400", "TZ": "Asia/Tokyo", "LANG": "C"},
    ],
)
def test_another_process_gives_the_same_bytes(surroundings: dict[str, str]) -> None:
    seen = subprocess.run(
        [sys.executable, "-W", "error", "-c", ELSEWHERE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **surroundings},
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout == hashlib.sha256(RENDERER.render(two_rates())).hexdigest()


def test_threads_share_a_renderer() -> None:
    alphabets = [f"{name} {n}" for n, name in enumerate(("Łukasz", "Ελένη", "Анна", "Zoé") * 4)]
    snapshots = [invoice([line(name, 100 + n)]) for n, name in enumerate(alphabets)]
    expected = [RENDERER.render(snapshot) for snapshot in snapshots]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(RENDERER.render, snapshots)) == expected


def test_other_content_is_the_work_of_another_renderer_version() -> None:
    """Fails when the same snapshot is drawn otherwise: count RENDERER up, note the digest here."""
    seen = hashlib.sha256()
    for snapshot in SAMPLES:
        reader = read(RENDERER.render(snapshot))
        for number in sorted(reader.xref[0]):
            thing = reader.get_object(number)
            if isinstance(thing, StreamObject):  # unpacked, for zlib's bytes vary
                seen.update(thing.get_data())
    assert (VERSION, seen.hexdigest()) == (
        2,
        "12ce4af99b74b623803a8689e3f0afa486c325561dd6d369ade6a9f60798c603",
    )


def test_reportlab_stays_as_it_is_for_the_rest_of_the_process() -> None:
    command = [sys.executable, "-W", "error", "-c", NEIGHBOUR]
    run = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert run.returncode == 0


def test_another_number_gives_another_document_id() -> None:
    ids = set()
    for snapshot in (two_rates(), replace(two_rates(), number="FACT-2026-000124")):
        pair = read(RENDERER.render(snapshot)).trailer["/ID"]
        assert isinstance(pair, ArrayObject)
        ids.add(str(pair[0]))
    assert len(ids) == 2


@pytest.mark.parametrize("snapshot", SAMPLES)
def test_a_pdf_takes_at_most_40_kb(snapshot: InvoiceSnapshot) -> None:
    assert len(RENDERER.render(snapshot)) <= 40_000


@pytest.mark.parametrize("snapshot", SAMPLES)
def test_every_font_is_embedded_and_says_what_its_glyphs_mean(snapshot: InvoiceSnapshot) -> None:
    fonts: dict[str, Any] = {}
    for page in read(RENDERER.render(snapshot)).pages:
        resources = page["/Resources"]
        assert isinstance(resources, DictionaryObject)
        named = resources["/Font"]
        assert isinstance(named, DictionaryObject)
        fonts.update({name: font.get_object() for name, font in named.items()})
    assert {font["/BaseFont"].split("+")[1] for font in fonts.values()} == {
        "Inter-Regular",
        "Inter-SemiBold",
    }
    for font in fonts.values():
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font


def test_the_file_says_what_it_is() -> None:
    reader = read(RENDERER.render(two_rates()))
    about = reader.metadata
    assert about is not None
    assert about.title == "Facture FACT-2026-000123"
    assert about.author == "Staka Éditions"
    assert about.subject == "Commande cmd_clx4k2f9a0001"
    assert about.creation_date is not None
    assert about.creation_date.date() == two_rates().issued_on
    assert str(reader.root_object["/Lang"]) == "fr-FR"
    english = read(RENDERER.render(reverse_charge()))
    assert str(english.root_object["/Lang"]) == "en-GB"
