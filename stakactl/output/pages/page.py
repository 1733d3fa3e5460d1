"""What a page says, ready to be laid out: texts only, so that a template decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """`template` is a file of `templates/reports`; `values` are what it names, all of it texts,
    whole numbers, and lists and mappings of these. Texts are escaped there."""

    template: str
    values: Mapping[str, object]
