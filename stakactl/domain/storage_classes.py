"""The storage classes of S3 in which an invoice can wait for its ten years and still be read.

An auditor, a customer and the nightly reconciliation read a PDF at any time, so that a class which
answers in hours is no place for one.
"""

from enum import StrEnum

from stakactl.errors import UsageError


class StorageClass(StrEnum):
    """Where PDFs may be moved to: cheaper to keep, dearer to read, read at once."""

    STANDARD_IA = "STANDARD_IA"
    GLACIER_IR = "GLACIER_IR"

    @property
    def least_days(self) -> int:
        """For so many days an object is billed at least."""
        return 30 if self is StorageClass.STANDARD_IA else 90


STANDARD = "STANDARD"
#: Below this size an object is billed as if it had it, in both classes.
LEAST_BILLED_BYTES = 128 * 1024
#: From the warmest to the coldest; a move only ever goes forward.
_COLDNESS = (STANDARD, *StorageClass, "GLACIER", "DEEP_ARCHIVE")
_RESTORED_FIRST = "an object there must be restored before it can be read, which takes hours"
_REASONS = {
    "GLACIER": _RESTORED_FIRST,
    "DEEP_ARCHIVE": _RESTORED_FIRST,
    "ONEZONE_IA": "it keeps one copy in one data centre; an invoice must last ten years",
    "REDUCED_REDUNDANCY": "it loses objects; an invoice must last ten years",
    "INTELLIGENT_TIERING": "it leaves objects below 128 KB, as invoices are, where they are",
    "STANDARD": "it is the warmest class; PDFs are stored there to begin with",
}


def wanted_class(text: str) -> StorageClass:
    """The class of that name. Raises UsageError, with the reason where it is one of S3's."""
    name = text.strip().upper()
    try:
        return StorageClass(name)
    except ValueError:
        reason = _REASONS.get(name, "it is no class that is known here")
    raise UsageError(
        f"PDFs are not moved to {name}: {reason}",
        hint=f"use one that is read at once: {' or '.join(StorageClass)}",
    )


def is_warmer(current: str, wanted: StorageClass) -> bool:
    """Whether an object of class `current` would get colder; of a class that is not known here
    nothing is concluded."""
    if current not in _COLDNESS:
        return False
    return _COLDNESS.index(current) < _COLDNESS.index(wanted)
