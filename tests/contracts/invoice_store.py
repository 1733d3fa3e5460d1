"""What every InvoiceStore promises, real or fake."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from stakactl.errors import StorageConflict, StorageError
from stakactl.operations.ports import InvoiceStore

KEY = "invoices/c1/inv_1_FACT-2026-000001.pdf"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40

ESCAPES = [
    "",
    "/etc/passwd",
    "invoices//a.pdf",
    "invoices/",
    "../a.pdf",
    "invoices/../../a.pdf",
    "invoices/./a.pdf",
    "invoices/.hidden",
    "invoices\\..\\a.pdf",
    "invoices/a\x00.pdf",
    "invoices/a\nb.pdf",
    "invoices/a\u202eb.pdf",
    "invoices/\ud800.pdf",
    "invoices/" + "a" * 256,
    "/".join(["a" * 200] * 6),
]


class InvoiceStoreContract:
    """Subclasses bring the fixture `store`."""

    def test_what_is_put_can_be_got(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        assert store.get(KEY) == PDF

    def test_an_unknown_key_is_none(self, store: InvoiceStore) -> None:
        assert store.get(KEY) is None

    def test_the_same_bytes_again_are_fine(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        store.put_if_absent(KEY, PDF)
        assert store.get(KEY) == PDF

    def test_other_bytes_are_refused_and_change_nothing(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        with pytest.raises(StorageConflict, match="other bytes"):
            store.put_if_absent(KEY, PDF + b"!")
        assert store.get(KEY) == PDF

    def test_keys_do_not_mix(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        store.put_if_absent(KEY + ".2", b"two")
        store.put_if_absent("invoices/c2/x.pdf", b"three")
        assert [store.get(k) for k in (KEY, KEY + ".2", "invoices/c2/x.pdf")] == [
            PDF,
            b"two",
            b"three",
        ]

    def test_what_is_there_is_described_without_its_bytes(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        seen = store.head(KEY)
        assert seen is not None
        assert (seen.key, seen.size, seen.archived) == (KEY, len(PDF), False)
        assert seen.sha256 in (None, sha256(PDF).hexdigest())
        assert store.head(KEY) == seen
        assert store.head("invoices/c1/other.pdf") is None
        assert store.head(KEY + ".2") is None

    def test_the_listing_is_sorted_by_bytes_and_agrees_with_head(self, store: InvoiceStore) -> None:
        keys = [
            "invoices/A/1.pdf",
            "invoices/a-b/1.pdf",
            "invoices/a.pdf",
            "invoices/a/1.pdf",
            "invoices/a/1.pdf.2",
            "invoices/a/10.pdf",
            "invoices/a0/1.pdf",
            "invoices/b/c/1.pdf",
        ]
        for number, key in enumerate(reversed(keys)):
            store.put_if_absent(key, PDF + b"%d" % number)
        store.put_if_absent("reports/1.pdf", PDF)
        listed = list(store.listing("invoices/"))
        assert [seen.key for seen in listed] == sorted(keys)
        for seen in listed:
            found = store.head(seen.key)
            assert found is not None
            assert (found.size, found.fingerprint) == (seen.size, seen.fingerprint)
        assert [seen.key for seen in store.listing("invoices/a/1")] == keys[3:6]
        assert list(store.listing("none/")) == []

    def test_an_empty_store_lists_nothing(self, store: InvoiceStore) -> None:
        assert list(store.listing("invoices/")) == []

    def test_without_versions_nothing_is_superseded(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        current = store.head(KEY)
        assert current is not None
        assert store.older_versions(KEY) == []
        assert not store.supersede(KEY, PDF + b"!", current)
        assert store.get(KEY) == PDF

    def test_a_link_names_the_key_and_ends_or_is_a_path(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        link = store.link(KEY, 60)
        assert KEY in link.url
        if link.seconds is None:
            assert Path(link.url).read_bytes() == PDF
        else:
            assert link.seconds == 60
            assert "60" in link.url

    def test_the_location_names_the_key(self, store: InvoiceStore) -> None:
        assert store.location(KEY).endswith(KEY)

    @pytest.mark.parametrize("key", ESCAPES, ids=range(len(ESCAPES)))
    def test_a_key_that_is_no_plain_path_is_refused(self, store: InvoiceStore, key: str) -> None:
        with pytest.raises(StorageError, match="not a usable object key"):
            store.put_if_absent(key, PDF)
        with pytest.raises(StorageError, match="not a usable object key"):
            store.get(key)
        with pytest.raises(StorageError, match="not a usable object key"):
            store.head(key)


class ClassedStoreContract:
    """What a store with storage classes promises besides. Subclasses bring the fixture `store`,
    and `replace`: what others do to an object."""

    def replace(self, store: InvoiceStore, key: str, content: bytes) -> None:
        raise NotImplementedError

    def test_an_object_moves_where_it_lies(self, store: InvoiceStore) -> None:
        assert store.has_classes
        store.put_if_absent(KEY, PDF, date(2036, 12, 31))
        (current,) = store.listing("invoices/")
        assert current.storage_class == "STANDARD"
        for _ in range(2):
            store.change_class(current, "GLACIER_IR")
        (moved,) = store.listing("invoices/")
        assert (moved.storage_class, moved.archived) == ("GLACIER_IR", False)
        assert (moved.size, moved.fingerprint) == (current.size, current.fingerprint)
        assert store.get(KEY) == PDF
        seen = store.head(KEY)
        assert seen is not None
        assert seen.storage_class == "GLACIER_IR"
        assert seen.sha256 in (None, sha256(PDF).hexdigest())

    def test_an_object_that_changed_meanwhile_is_not_moved(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        (current,) = store.listing("invoices/")
        self.replace(store, KEY, b"of somebody else")
        with pytest.raises(StorageConflict, match="changed meanwhile"):
            store.change_class(current, "GLACIER_IR")
        (seen,) = store.listing("invoices/")
        assert seen.storage_class == "STANDARD"
        assert store.get(KEY) == b"of somebody else"


class VersionedStoreContract:
    """What a store that keeps older versions promises besides. Subclasses bring the fixture
    `store`, and `replace` and `delete`: what others do to an object."""

    def replace(self, store: InvoiceStore, key: str, content: bytes) -> None:
        raise NotImplementedError

    def delete(self, store: InvoiceStore, key: str) -> None:
        raise NotImplementedError

    def test_an_older_version_can_be_put_on_top(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        self.replace(store, KEY, b"broken")
        self.replace(store, KEY, b"broken again")
        older = [store.get_version(KEY, version) for version in store.older_versions(KEY)]
        assert older == [b"broken", PDF]
        current = store.head(KEY)
        assert current is not None
        assert store.supersede(KEY, PDF, current)
        assert store.get(KEY) == PDF
        kept = [store.get_version(KEY, version) for version in store.older_versions(KEY)]
        assert kept == [b"broken again", b"broken", PDF], "nothing was overwritten"

    def test_an_object_that_changed_meanwhile_is_not_superseded(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, b"broken")
        current = store.head(KEY)
        assert current is not None
        self.replace(store, KEY, b"repaired by somebody")
        with pytest.raises(StorageConflict, match="changed meanwhile"):
            store.supersede(KEY, PDF, current)
        assert store.get(KEY) == b"repaired by somebody"

    def test_a_deleted_object_is_missing_and_keeps_its_versions(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        store.put_if_absent(KEY + ".2", b"of another key")
        self.delete(store, KEY)
        assert store.head(KEY) is None
        assert store.get(KEY) is None
        assert [seen.key for seen in store.listing("invoices/")] == [KEY + ".2"]
        (version,) = store.older_versions(KEY)
        assert store.get_version(KEY, version) == PDF
        store.put_if_absent(KEY, PDF)
        assert store.get(KEY) == PDF

    def test_an_unknown_version_is_none(self, store: InvoiceStore) -> None:
        store.put_if_absent(KEY, PDF)
        self.replace(store, KEY, b"other")
        (version,) = store.older_versions(KEY)
        self.delete(store, KEY)
        assert store.get_version(KEY + ".2", version) is None
