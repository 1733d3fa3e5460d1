"""The folder store: durable, private, never overwriting, never outside its root."""

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.storage import files
from stakactl.adapters.storage.folder import FolderInvoiceStore
from stakactl.errors import StorageError
from stakactl.operations.ports import InvoiceStore
from tests.contracts.invoice_store import (
    KEY,
    PDF,
    ClassedStoreContract,
    InvoiceStoreContract,
    VersionedStoreContract,
)
from tests.fakes_delivery import FakeInvoiceStore


class TestFakeInvoiceStore(InvoiceStoreContract):
    @pytest.fixture
    def store(self) -> InvoiceStore:
        return FakeInvoiceStore()


class TestFakeVersionedStore(VersionedStoreContract):
    @pytest.fixture
    def store(self) -> FakeInvoiceStore:
        return FakeInvoiceStore(versioned=True)

    def replace(self, store: InvoiceStore, key: str, content: bytes) -> None:
        assert isinstance(store, FakeInvoiceStore)
        store.replace(key, content)

    def delete(self, store: InvoiceStore, key: str) -> None:
        assert isinstance(store, FakeInvoiceStore)
        store.delete(key)


class TestFakeClassedStore(ClassedStoreContract):
    @pytest.fixture
    def store(self) -> FakeInvoiceStore:
        return FakeInvoiceStore()

    def replace(self, store: InvoiceStore, key: str, content: bytes) -> None:
        assert isinstance(store, FakeInvoiceStore)
        store.replace(key, content)


class TestFolderInvoiceStore(InvoiceStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> InvoiceStore:
        return FolderInvoiceStore(tmp_path / "home" / "invoices")


def test_a_folder_has_no_storage_classes(tmp_path: Path) -> None:
    store = FolderInvoiceStore(tmp_path)
    store.put_if_absent(KEY, PDF)
    (current,) = store.listing("")
    assert (store.has_classes, current.storage_class) == (False, "")
    with pytest.raises(StorageError, match="no storage classes"):
        store.change_class(current, "GLACIER_IR")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _temporary_files(root: Path) -> list[Path]:
    return list(root.rglob(".tmp-*"))


def test_files_and_folders_are_private(tmp_path: Path) -> None:
    root = tmp_path / "invoices"
    FolderInvoiceStore(root).put_if_absent(KEY, PDF)
    assert _mode(root / KEY) == 0o600
    assert [_mode(folder) for folder in (root, root / "invoices", root / "invoices/c1")] == [
        0o700
    ] * 3
    assert _temporary_files(root) == []


def test_the_file_is_synced_before_it_gets_its_name_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def recorded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if name == "link":
                steps.append("link")
            elif stat.S_ISDIR(os.fstat(args[0]).st_mode):
                steps.append("sync folder")
            else:
                steps.append("sync file")
            return function(*args, **kwargs)

        return call

    (tmp_path / "a").mkdir()
    monkeypatch.setattr(os, "fsync", recorded("fsync", os.fsync))
    monkeypatch.setattr(os, "link", recorded("link", os.link))
    FolderInvoiceStore(tmp_path).put_if_absent("a/b.pdf", PDF)
    assert steps == ["sync file", "link", "sync folder"]


def test_twenty_writers_make_one_file(tmp_path: Path) -> None:
    store = FolderInvoiceStore(tmp_path)
    barrier = threading.Barrier(20)
    refused: list[StorageError] = []

    def write(number: int) -> None:
        barrier.wait()
        try:
            store.put_if_absent(KEY, b"%d" % number)
        except StorageError as error:
            refused.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 19
    assert store.get(KEY) in {b"%d" % number for number in range(20)}
    assert _temporary_files(tmp_path) == []


def test_a_symbolic_link_does_not_lead_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.pdf").write_bytes(b"secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to(outside)
    (root / "file.pdf").symlink_to(outside / "secret.pdf")
    (root / "dangling.pdf").symlink_to(outside / "new.pdf")
    store = FolderInvoiceStore(root)
    for key in ("folder/secret.pdf", "folder/new.pdf", "file.pdf", "dangling.pdf"):
        with pytest.raises(StorageError):
            store.put_if_absent(key, PDF)
        with pytest.raises(StorageError):
            store.get(key)
    assert sorted(outside.iterdir()) == [outside / "secret.pdf"]


@pytest.mark.parametrize(
    ("call", "number", "hint"),
    [
        ("write", errno.ENOSPC, "free some disk space"),
        ("open", errno.EROFS, "read-only"),
        ("open", errno.EACCES, "let this user write"),
        ("link", errno.EPERM, "hard links"),
        ("fsync", errno.EIO, "the disk reports errors"),
    ],
)
def test_a_sick_disk_is_a_storage_error_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, hint: str
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(number, os.strerror(number))

    root = tmp_path / "root"
    root.mkdir()
    with monkeypatch.context() as patch:
        # "write": the content reaches the disk when the file is flushed for fsync
        patch.setattr(os, {"write": "fsync"}.get(call, call), fail)
        with pytest.raises(StorageError) as caught:
            FolderInvoiceStore(root).put_if_absent("a.pdf", PDF)
    assert str(root / "a.pdf") in caught.value.message
    assert os.strerror(number) in caught.value.message
    assert hint in (caught.value.hint or "")
    assert list(root.iterdir()) == []


def test_a_file_in_the_way_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "invoices").write_text("I am a file")
    with pytest.raises(StorageError, match="cannot store"):
        FolderInvoiceStore(tmp_path).put_if_absent(KEY, PDF)


def test_a_folder_in_the_place_of_a_pdf(tmp_path: Path) -> None:
    (tmp_path / KEY).mkdir(parents=True)
    store = FolderInvoiceStore(tmp_path)
    with pytest.raises(StorageError):
        store.put_if_absent(KEY, PDF)
    with pytest.raises(StorageError):
        store.get(KEY)


def test_what_a_killed_process_left_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".tmp-0123456789abcdef").write_bytes(PDF[:10])
    store = FolderInvoiceStore(tmp_path)
    store.put_if_absent("a/b.pdf", PDF)
    assert store.get("a/b.pdf") == PDF


def test_a_file_system_that_cannot_sync_folders_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    assert files.create(tmp_path / "a", PDF)
    assert not files.create(tmp_path / "a", PDF)


def test_links_and_half_written_files_are_not_listed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.pdf").write_bytes(b"secret")
    root = tmp_path / "root"
    store = FolderInvoiceStore(root)
    store.put_if_absent(KEY, PDF)
    folder = (root / KEY).parent
    (folder / ".tmp-0123").write_bytes(b"half")
    (folder / "link.pdf").symlink_to(outside / "secret.pdf")
    (root / "invoices" / "folder").symlink_to(outside)
    assert [seen.key for seen in store.listing("invoices/")] == [KEY]
    for key in ("invoices/folder/secret.pdf", "invoices/c1/link.pdf", "invoices/c1"):
        with pytest.raises(StorageError):
            store.head(key)


def test_a_change_that_hides_its_time_is_seen(tmp_path: Path) -> None:
    """Same size, same time of modification: the time of change cannot be set."""
    store = FolderInvoiceStore(tmp_path)
    store.put_if_absent(KEY, PDF)
    before = store.head(KEY)
    path = tmp_path / KEY
    times = path.stat()
    path.write_bytes(PDF[:-1] + b"!")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = store.head(KEY)
    assert before is not None
    assert after is not None
    assert before.size == after.size
    assert before.fingerprint != after.fingerprint


def test_a_folder_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderInvoiceStore(tmp_path)
    store.put_if_absent(KEY, PDF)

    def denied(*_: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(StorageError, match="cannot look into"):
        list(store.listing("invoices/"))
