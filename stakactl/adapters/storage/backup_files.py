"""Backups as files: a ZIP of parts and a manifest, and beside it the SHA-256 of all its bytes.

ZIP's own checksums leave its headers out; the hash beside it covers every byte, and `sha256sum -c`
reads it where stakactl is not at hand. Both files are 0600: a backup holds personal data.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from stakactl.adapters.storage import files
from stakactl.domain.backups import FORMAT, Backup, Manifest, Part
from stakactl.domain.runs import Mode
from stakactl.errors import BackupDamaged, DiskError, NotFound

SUFFIX = ".zip"
_HASH = ".sha256"
_MANIFEST = "manifest.json"
_DAMAGED = "restore another backup: stakactl backup list"
_BLOCK = 1 << 20
#: What zipfile and json raise where bytes are not what they should be.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
)


class FileBackupFolder:
    """`BackupFolder` on the files below `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextmanager
    def writing(self, name: str) -> Iterator["ZipWriter"]:
        path = self._root / f"{name}{SUFFIX}"
        with _translated("write", path):
            files.make_folder(self._root)
            with files.replacing_bytes(path) as file:
                writer = ZipWriter(name, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED))
                yield writer
                writer.close()
                file.flush()
                file.seek(0)
                digest = _sha256(file)
                files.replace(_hash_of(path), f"{digest}  {path.name}\n".encode())

    def find(self) -> list[Backup]:
        with _translated("list", self._root):
            paths = sorted(self._root.glob(f"*{SUFFIX}"), reverse=True)
            return [Backup(p.stem, p.stat().st_size, _manifest_or_none(p)) for p in paths]

    @contextmanager
    def reading(self, name: str) -> Iterator["ZipReader"]:
        path = self._root / f"{name.removesuffix(SUFFIX)}{SUFFIX}"
        if not path.is_file():
            path = Path(name).expanduser()
        if not path.is_file():
            raise NotFound(f"no backup {name!r}", hint="stakactl backup list")
        with _translated("read", path), _damage_told(path), zipfile.ZipFile(path) as archive:
            yield ZipReader(path, archive)

    def remove(self, name: str) -> None:
        path = self._root / f"{name}{SUFFIX}"
        with _translated("remove", path):
            files.remove(_hash_of(path))
            files.remove(path)


class ZipWriter:
    """`BackupWriter` of one file."""

    def __init__(self, name: str, archive: zipfile.ZipFile) -> None:
        self._name = name
        self._archive = archive
        self._parts: dict[str, Part] = {}

    def add(self, name: str, lines: Iterable[str]) -> None:
        digest, rows = hashlib.sha256(), 0
        with self._archive.open(name, "w", force_zip64=True) as part:
            for line in lines:
                content = f"{line}\n".encode()
                part.write(content)
                digest.update(content)
                rows += 1
        self._parts[name] = Part(rows, digest.hexdigest())

    def finish(self, manifest: Manifest) -> Backup:
        whole = replace(manifest, parts=dict(self._parts))
        self._archive.writestr(_MANIFEST, _to_json(whole))
        size = sum(info.compress_size for info in self._archive.infolist())
        return Backup(self._name, size, whole)

    def close(self) -> None:
        self._archive.close()


class ZipReader:
    """`BackupReader` of one file."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self.manifest = _read_manifest(archive)

    def check(self) -> None:
        stated = files.read(_hash_of(self._path))
        if stated is None:
            raise BackupDamaged(f"{_hash_of(self._path)} is missing", hint=_DAMAGED)
        with self._path.open("rb") as file:
            digest = _sha256(file)
        if stated != f"{digest}  {self._path.name}\n".encode():
            raise BackupDamaged(f"{self._path} is not as it was written", hint=_DAMAGED)
        for name, part in self.manifest.parts.items():
            if _content_of(self._archive, name) != part:
                raise BackupDamaged(f"{name} in {self._path} is not as it was", hint=_DAMAGED)

    def lines(self, name: str) -> Iterator[str]:
        with self._archive.open(name) as part:
            for line in TextIOWrapper(part, encoding="utf-8", newline="\n"):
                yield line.rstrip("\n")


def _hash_of(path: Path) -> Path:
    return path.with_name(path.name + _HASH)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _content_of(archive: zipfile.ZipFile, name: str) -> Part:
    digest, rows = hashlib.sha256(), 0
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            digest.update(block)
            rows += block.count(b"\n")
    return Part(rows, digest.hexdigest())


def _to_json(manifest: Manifest) -> str:
    fields = asdict(manifest) | {"created_at": manifest.created_at.isoformat()}
    return json.dumps(fields, indent=1, ensure_ascii=False) + "\n"


def _read_manifest(archive: zipfile.ZipFile) -> Manifest:
    found: dict[str, Any] = json.loads(archive.read(_MANIFEST))
    if found["format"] != FORMAT:
        raise BackupDamaged(
            f"the backup has format {found['format']}, this stakactl reads {FORMAT}",
            hint="use the version of stakactl that made it",
        )
    parts = {name: Part(**part) for name, part in found.pop("parts").items()}
    created = datetime.fromisoformat(found.pop("created_at"))
    mode = found.pop("mode")
    warnings = tuple(found.pop("warnings"))
    return Manifest(
        created_at=created,
        mode=Mode(mode) if mode else None,
        parts=parts,
        warnings=warnings,
        **found,
    )


def _manifest_or_none(path: Path) -> Manifest | None:
    try:
        with _damage_told(path), zipfile.ZipFile(path) as archive:
            return _read_manifest(archive)
    except BackupDamaged:
        return None


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """A ZIP that is not one any more fails in many ways."""
    try:
        yield
    except _DAMAGE as error:
        raise BackupDamaged(f"{path} cannot be read: {error}", hint=_DAMAGED) from error


@contextmanager
def _translated(doing: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message, hint = files.explain(error, doing, path)
        raise DiskError(message, hint=hint) from error
