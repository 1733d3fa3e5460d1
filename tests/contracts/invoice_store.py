"""What every InvoiceStore promises, real or fake."""

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

    def test_the_location_names_the_key(self, store: InvoiceStore) -> None:
        assert store.location(KEY).endswith(KEY)

    @pytest.mark.parametrize("key", ESCAPES, ids=range(len(ESCAPES)))
    def test_a_key_that_is_no_plain_path_is_refused(self, store: InvoiceStore, key: str) -> None:
        with pytest.raises(StorageError, match="not a usable object key"):
            store.put_if_absent(key, PDF)
        with pytest.raises(StorageError, match="not a usable object key"):
            store.get(key)
