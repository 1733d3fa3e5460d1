"""The spool: rendered PDFs wait in the home until they are stored."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.storage.spool import FolderPdfSpool
from stakactl.errors import DiskError
from stakactl.operations.ports import PdfSpool
from tests.fakes_delivery import FakeSpool

PDF = b"%PDF-1.7\n"


@pytest.fixture(params=["folder", "fake"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> PdfSpool:
    return FakeSpool() if request.param == "fake" else FolderPdfSpool(tmp_path / "spool")


def test_saved_loaded_discarded(spool: PdfSpool) -> None:
    assert spool.load("inv_1") is None
    spool.save("inv_1", PDF)
    spool.save("inv_1", PDF)
    spool.save("inv_2", b"two")
    assert (spool.load("inv_1"), spool.load("inv_2")) == (PDF, b"two")
    spool.discard("inv_1")
    spool.discard("inv_1")
    assert (spool.load("inv_1"), spool.load("inv_2")) == (None, b"two")


def test_the_file_is_private(tmp_path: Path) -> None:
    FolderPdfSpool(tmp_path / "spool").save("inv_1", PDF)
    assert stat.S_IMODE((tmp_path / "spool" / "inv_1.pdf").stat().st_mode) == 0o600
    assert os.listdir(tmp_path / "spool") == ["inv_1.pdf"]


@pytest.mark.parametrize("invoice_id", ["", "..", "../x", "a/b", "a\x00b", ".x", "é", "a" * 300])
def test_an_id_is_no_path(tmp_path: Path, invoice_id: str) -> None:
    with pytest.raises(DiskError, match="not a usable invoice id"):
        FolderPdfSpool(tmp_path).save(invoice_id, PDF)


def test_a_full_disk_is_a_disk_error_and_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = FolderPdfSpool(tmp_path)
    spool.save("inv_1", PDF)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskError, match="No space left") as caught:
            spool.save("inv_1", b"other")
    assert "nothing is lost" in (caught.value.hint or "")
    assert spool.load("inv_1") == PDF
    assert os.listdir(tmp_path) == ["inv_1.pdf"]
