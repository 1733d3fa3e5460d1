"""Object keys: only what can neither leave a folder nor confuse a store."""

import unicodedata

from stakactl.errors import StorageError

MAX_KEY_BYTES = 1024
MAX_PART_BYTES = 255


def check_key(key: str) -> tuple[str, ...]:
    """The parts of `key`; StorageError when it is not a plain relative path."""
    parts = tuple(key.split("/"))
    try:
        sizes = [len(part.encode()) for part in parts]
    except UnicodeEncodeError:
        sizes = [MAX_PART_BYTES + 1]
    allowed = (
        all(0 < size <= MAX_PART_BYTES for size in sizes)
        and sum(sizes) + len(parts) - 1 <= MAX_KEY_BYTES
        and not any(part.startswith(".") for part in parts)
        and "\\" not in key
        and not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") for char in key)
    )
    if not allowed:
        raise StorageError(
            f"not a usable object key: {key[:200]!a}",
            hint="keys are made of our own ids and numbers: parts joined by '/', none of them "
            "empty or beginning with a dot",
        )
    return parts
