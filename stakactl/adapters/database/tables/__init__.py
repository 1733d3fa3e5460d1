"""The tables, one module per feature, so that a command loads only those it touches."""

import importlib

from sqlalchemy import MetaData

from stakactl.adapters.database.columns import Row

_MODULES = (
    "orders",
    "application",
    "stripe",
    "invoices",
    "mail",
    "records",
    "alerts",
    "store",
    "rollbacks",
    "checklists",
    "restores",
    "figures",
)


def all_tables() -> MetaData:
    """The metadata with every table loaded, for migrations and tests."""
    for module in _MODULES:
        importlib.import_module(f"{__name__}.{module}")
    return Row.metadata
