"""The desk that PDFs are made and stored at: renderer, spool and store out of the settings.

`open_desk` is called in worker processes too, so that it takes plain values and needs no container.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.config import StorageProvider

if TYPE_CHECKING:
    from stakactl.config import StorageSettings
    from stakactl.operations.ports import InvoiceRenderer, InvoiceStore, PdfSpool


@dataclass(frozen=True)
class Desk:
    """A `PdfDesk`; each part is built when it is first asked for."""

    home: Path
    storage: StorageSettings

    @cached_property
    def renderer(self) -> InvoiceRenderer:
        from stakactl.adapters.documents.renderer import PdfInvoiceRenderer

        return PdfInvoiceRenderer()

    @cached_property
    def spool(self) -> PdfSpool:
        from stakactl.adapters.storage.spool import FolderPdfSpool

        return FolderPdfSpool(self.home / "spool")

    @cached_property
    def store(self) -> InvoiceStore:
        wanted = self.storage
        if wanted.provider is StorageProvider.LOCAL:
            from stakactl.adapters.storage.folder import FolderInvoiceStore

            return FolderInvoiceStore(self.home)
        from stakactl.adapters.storage.s3 import S3InvoiceStore

        return S3InvoiceStore(
            wanted.bucket,
            region=wanted.region,
            endpoint_url=wanted.endpoint_url,
            access_key_id=wanted.access_key,
            secret_access_key=wanted.secret_key,
            session_token=wanted.session_token,
            object_lock=wanted.object_lock.upper() if wanted.locks else None,
        )

    def close(self) -> None:
        """Give connections back."""
        close = getattr(self.__dict__.get("store"), "close", None)
        if close is not None:
            close()
