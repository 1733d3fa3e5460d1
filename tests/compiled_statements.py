"""Engines of the tests share what SQLAlchemy compiled: each test opens a store of its own, and
compiling the same eighty statements again takes longer than executing them.

SQLAlchemy keeps compiled statements by engine and dialect, so engines of one kind get the dialect
and the statements of the first one that has connected.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event

from stakactl.adapters.database import engine as product


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    firsts: dict[str, Engine] = {}

    def sharing(*args: Any, **options: Any) -> Engine:
        made = create_engine(*args, **options)
        kind = made.dialect.name
        if kind in firsts:
            made.dialect = firsts[kind].dialect
            made._compiled_cache = firsts[kind]._compiled_cache
        else:
            event.listen(made.pool, "connect", lambda *_: firsts.setdefault(kind, made))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product, "create_engine", sharing)
        yield
