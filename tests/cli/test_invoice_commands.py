"""`invoices export`, `stats` and `list` as a person meets them: exit codes, files, hints."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli.homes import assert_clear, envelope, invoke

EXPORT = ("invoices", "export", "--demo", "--zip", "q.zip")


def test_what_is_missing_is_named_and_exported_once_it_is_back(demo_home: Path) -> None:
    (pdf, *_) = demo_home.glob("var/demo/invoices/*/*_FACT-*-000001.pdf")
    content = pdf.read_bytes()
    pdf.unlink()
    partial = invoke(demo_home, *EXPORT)
    assert_clear(partial, 6, "PDFs that are not in the ZIP: 1", "-000001 is missing", "--force")
    assert_clear(invoke(demo_home, *EXPORT), 5, "exists already", "--force")
    pdf.write_bytes(content)
    assert_clear(invoke(demo_home, *EXPORT, "--force"), 0, "sha256sum -c SHA256SUMS")
    with ZipFile(demo_home / "q.zip") as archive:
        names = archive.namelist()
        assert archive.read(names[0]) == content
        table = archive.read("factures.csv").decode("utf-8-sig").splitlines()
    assert names[-2:] == ["factures.csv", "SHA256SUMS"]
    assert table[0].startswith("Numéro;Type;Date;")
    assert {row.split(";")[0] for row in table[1:]} == {name[:-4] for name in names[:-2]}


def test_without_a_file_there_is_nothing_to_write(demo_home: Path) -> None:
    assert_clear(invoke(demo_home, "invoices", "export", "--demo"), 2, "--zip FILE")


def test_key_figures_in_french(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    shown = invoke(demo_home, "invoices", "stats", "--demo", "-o", "json")
    issued = next(item for item in envelope(shown)["items"] if item["figure"] == "issued")
    minor, currency = issued["total"]["minor"], issued["total"]["currency"]
    assert currency == "eur"
    euros = f"{minor // 100:,}".replace(",", "\u202f") + f",{minor % 100:02d}\u00a0€"
    assert euros in invoke(demo_home, "invoices", "stats", "--demo").stdout
    clash = ("--timeframe", "7d", "--since", "2026-01-01")
    assert_clear(invoke(demo_home, "invoices", "stats", "--demo", *clash), 2, "exclude")
    wrong = invoke(demo_home, "invoices", "stats", "--demo", "--timeframe", "8d")
    assert_clear(wrong, 2, "12m")


def test_a_list_says_where_more_is(demo_home: Path) -> None:
    listed = ("invoices", "list", "--demo", "--limit", "2")
    first = envelope(invoke(demo_home, *listed, "-o", "json"))["summary"]
    pages = first["pages"]
    assert first["matching"] == first["issued_in_all"] > 4
    assert pages == -(-first["matching"] // 2)
    assert_clear(invoke(demo_home, *listed), 0, f"--page 2 shows the next of {pages} pages")
    assert "shows the next" not in invoke(demo_home, *listed, "--page", str(pages)).stdout
    beyond = invoke(demo_home, *listed, "--page", str(pages + 1))
    assert_clear(beyond, 0, "Nothing is on this page", f"--page {pages} is the last one")
    nobody = invoke(demo_home, *listed, "--search", "nobody is called like this")
    assert_clear(nobody, 0, "No invoice matches")
    assert "generate" not in nobody.stdout
