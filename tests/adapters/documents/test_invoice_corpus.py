"""Every judge on a varied corpus: 200 invoices in `make soak`, a sample in `make test`."""

import os
import shutil
from pathlib import Path

import pytest

from stakactl.adapters.documents.renderer import PdfInvoiceRenderer
from stakactl.domain.invoicing import InvoiceSnapshot
from tests.adapters.documents.cii import frozen_amounts, read_amounts
from tests.adapters.documents.corpus import corpus
from tests.adapters.documents.pages import read
from tests.adapters.documents.validators import (
    FRENCH_CTC,
    schematron_errors,
    verapdf_verdicts,
    xsd_errors,
)

RENDERER = PdfInvoiceRenderer()


@pytest.mark.skipif(
    shutil.which("java") is None and os.environ.get("STAKACTL_TEST_REQUIRE_SERVICES") != "1",
    reason="veraPDF needs a JDK: apt install default-jdk-headless",
)
@pytest.mark.parametrize(
    "count", [12, pytest.param(250, marks=pytest.mark.soak)], ids=["sample", "all"]
)
def test_every_judge_accepts_every_invoice(count: int, tmp_path: Path) -> None:
    snapshots = corpus(count)
    pdfs = [RENDERER.render(snapshot) for snapshot in snapshots]
    *verdicts, refused = verapdf_verdicts(tmp_path, [*pdfs, _without_output_intent(pdfs[0])])
    assert verdicts == ["OK"] * count
    assert refused.startswith("FAILED [6.2.4.3 DeviceRGB")
    for snapshot, pdf in zip(snapshots, pdfs, strict=True):
        xml = read(pdf).attachments["factur-x.xml"][0]
        assert _complaints(snapshot, xml) == [], snapshot.number
        assert read_amounts(xml) == frozen_amounts(snapshot)
        assert snapshot.total_net + snapshot.total_vat == snapshot.total


def _without_output_intent(pdf: bytes) -> bytes:
    """A file that the judge must refuse, or it judges nothing; Java starts once for all."""
    return pdf.replace(b"GTS_PDFA1", b"GTS_PDFX1")


def _complaints(snapshot: InvoiceSnapshot, xml: bytes) -> list[str]:
    """The French rules are for French businesses."""
    complaints = xsd_errors(xml) + schematron_errors(xml)
    if snapshot.buyer.siren:
        complaints += schematron_errors(xml, FRENCH_CTC)
    return complaints
