"""`store.*`, `orders.*`: stakactl's own store, and the application's database by its mapping."""

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped, unknown
from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError
from stakactl.operations.ports.inspection import Inspection
from stakactl.operations.ports.inspection.databases import (
    Bound,
    OrderSample,
    OrdersInspector,
    StoreSchema,
)
from stakactl.operations.validate.checks import Check, Found, NotWanted, Reading
from stakactl.operations.validate.stripe import ACCOUNT

_OTHER = (
    "use the key of that account and mode, or a database of its own for this one: "
    "STAKACTL_DATABASE_URL, STAKACTL_HOME"
)

# Readings

SCHEMA: Reading[StoreSchema] = Reading(
    "stakactl's store", lambda inspection, found: inspection.store.schema()
)


def _bound(inspection: Inspection, found: Found) -> Bound | None:
    schema = found[SCHEMA]
    if schema.problem:
        raise ConfigurationError(schema.problem, hint=schema.hint)
    return inspection.store.bound()


MODE: Reading[Mode | None] = Reading(
    "the mode of the key", lambda inspection, found: inspection.store.mode, local=True
)
BOUND: Reading[Bound | None] = Reading("whose the store is", _bound, after=(SCHEMA,))


def _orders(inspection: Inspection) -> OrdersInspector:
    if inspection.orders is None:
        raise NotWanted("orders are imported: ORDERS_MAPPING is not set")
    return inspection.orders


MAPPING: Reading[str] = Reading(
    "the mapping of orders", lambda inspection, found: _orders(inspection).mapping(), local=True
)
CONNECTION: Reading[str] = Reading(
    "the application's database", lambda inspection, found: _orders(inspection).connect()
)
FIT: Reading[int] = Reading(
    "the application's tables",
    lambda inspection, found: _orders(inspection).fit(),
    after=(MAPPING, CONNECTION),
)
SAMPLE: Reading[OrderSample] = Reading(
    "some orders", lambda inspection, found: _orders(inspection).sample(), after=(FIT,)
)

# Judgements


def _reachable(found: Found) -> Verdict:
    return passed(found[SCHEMA].where)


def _schema(found: Found) -> Verdict:
    schema = found[SCHEMA]
    if schema.problem:
        return failed(schema.problem, schema.hint)
    return passed(f"schema {schema.version}, up to date")


def _mode(found: Found) -> Verdict:
    """Known without Stripe, which may be down."""
    bound, mode = found[BOUND], found[MODE]
    if mode is None:
        return skipped("STRIPE_SECRET_KEY is not set")
    if bound is None:
        return passed("it has none yet")
    if bound.mode != mode.value:
        return failed(f"it belongs to {bound.mode} mode, the key to {mode.value} mode", _OTHER)
    return passed(f"{bound.mode} mode")


def _binding(found: Found) -> Verdict:
    bound, answer = found[BOUND], found[ACCOUNT]
    if bound is None:
        return passed("it belongs to nobody yet; the first command that asks Stripe binds it")
    theirs = f"it belongs to {bound.account_id}"
    if not answer.account_id:
        return unknown(f"{theirs}; the key does not tell its account")
    if bound.account_id != answer.account_id:
        return failed(f"{theirs}, the key to {answer.account_id}", _OTHER)
    return passed(theirs)


def _tables(found: Found) -> Verdict:
    return passed(f"{found[MAPPING]} fits the {found[FIT]} tables that it names")


def _rows(found: Found) -> Verdict:
    sample = found[SAMPLE]
    if not sample.rows:
        return skipped("there are no orders yet")
    if not sample.problems:
        return passed(f"{sample.rows} orders were read")
    return failed(
        f"{len(sample.problems)} of {sample.rows} orders cannot be taken; {sample.problems[0]}",
        "correct the mapping (docs/mapping.md): `stakactl sync orders` lists every such order",
    )


CHECKS: tuple[Check, ...] = (
    Check("store.reachable", "The store answers", _reachable, (SCHEMA,), answers_for=SCHEMA),
    Check("store.schema", "The store has the schema of this version", _schema, (SCHEMA,)),
    Check("store.mode", "The store has the mode of the key", _mode, (BOUND, MODE)),
    Check(
        "store.binding", "The store belongs to the account of the key", _binding, (BOUND, ACCOUNT)
    ),
    Check(
        "orders.mapping",
        "The mapping of orders can be read",
        lambda found: passed(found[MAPPING]),
        (MAPPING,),
        answers_for=MAPPING,
    ),
    Check(
        "orders.reachable",
        "The application's database answers",
        lambda found: passed(found[CONNECTION]),
        (CONNECTION,),
        answers_for=CONNECTION,
    ),
    Check(
        "orders.tables",
        "The mapping fits the application's tables",
        _tables,
        (MAPPING, FIT),
        answers_for=FIT,
    ),
    Check(
        "orders.rows",
        "Orders can be taken from the rows",
        _rows,
        (SAMPLE,),
        Severity.WARNING,
        answers_for=SAMPLE,
    ),
)
