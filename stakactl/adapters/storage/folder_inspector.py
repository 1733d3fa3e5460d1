"""PdfFolderInspector: whether PDFs can be written where they go on this machine."""

import os
from pathlib import Path

from stakactl.adapters.machine import nearest_folder
from stakactl.errors import StorageError
from stakactl.operations.ports.inspection.storage import PdfFolder


class LocalPdfFolderInspector:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def look(self) -> PdfFolder:
        try:
            place = nearest_folder(self._folder)
            return PdfFolder(
                str(self._folder),
                exists=place == self._folder,
                is_folder=place.is_dir(),
                writable=os.access(place, os.W_OK | os.X_OK),
            )
        except OSError as error:
            raise StorageError(
                f"{self._folder} cannot be looked at: {error.strerror}",
                hint="check who may enter the folders above it",
            ) from error
