"""Reads the dated legal sentences from the package's data into what the domain decides with."""

import tomllib
from importlib.resources import files

from stakactl.domain.legal import Clause, LegalText, LegalTexts


def load_legal_texts() -> LegalTexts:
    """All wordings of stakactl/data/legal_mentions.toml; a key that no clause has is a KeyError
    or ValueError: the file is ours, a test reads it."""
    source = files("stakactl").joinpath("data", "legal_mentions.toml")
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    return LegalTexts(
        tuple(
            LegalText(Clause(key), wording["valid_from"], wording["fr"], wording["en"])
            for key, wordings in tables.items()
            for wording in wordings
        )
    )
