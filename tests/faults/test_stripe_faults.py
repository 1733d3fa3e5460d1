"""Every fault of Stripe × every endpoint × the commands that read it: never green, nothing made up.

What could not be read is named and ends in exit code 4 within the time that settings allow. Nothing
is concluded from what is missing: each order is either as it was or as a night without the fault
leaves it. One rerun without the fault ends as that night did.
"""

import shutil
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from stakactl.demo.offline_stripe import faults
from stakactl.demo.offline_stripe.faults import Fault
from tests.cli.homes import Project, envelope, make_project, opened_project

#: Settings that keep a failing run short, and how long it may take then on a busy machine.
SHORT = {"STRIPE_TIMEOUT_SECONDS": "1", "STRIPE_RETRY_SECONDS": "1"}
BUDGET = 90.0

FAULTS: dict[str, Callable[[], Fault]] = {
    "429 storm": faults.rate_limited,
    "429 lock": lambda: faults.rate_limited(None),
    "500s": lambda: faults.status(500),
    "503s": lambda: faults.status(503),
    "reset": faults.reset,
    "truncated body": faults.truncated,
    "garbage": faults.garbage,
    "hang": lambda: faults.hang(30),
}
#: One page of a list is never answered, the others are.
PAGE_MISSING = "one page missing"

LISTS = (
    *("/v1/checkout/sessions", "/v1/payment_intents", "/v1/charges", "/v1/refunds"),
    *("/v1/disputes", "/v1/invoice_payments", "/v1/balance_transactions", "/v1/customers"),
    *("/v1/invoices", "/v1/subscriptions", "/v1/payouts", "/v1/events"),
    "/v1/products",
)
SINGLE = (
    *("/v1/account", "/v1/balance", "/v1/checkout/sessions/*", "/v1/payment_intents/*"),
    *("/v1/charges/*", "/v1/refunds/*", "/v1/disputes/*", "/v1/invoices/*", "/v1/customers/*"),
    *("/v1/subscriptions/*", "/v1/payouts/*", "/v1/balance_transactions/*", "/v1/events/*"),
    *("/v1/invoice_payments/*", "/v1/products/*"),
)
COMMANDS: dict[str, list[str]] = {
    "sync": ["sync"],
    "reconcile": ["reconcile"],
    "reconcile --fix": ["reconcile", "--fix"],
    "nightly": ["nightly", "--yes"],
}
ORDER_STATE = (
    "order_id, status, refunded_minor, dispute_status, stripe_session_id, stripe_payment_intent_id"
)


@dataclass(frozen=True)
class Books:
    """What counts in the end: the orders' states, and which of them have an invoice."""

    orders: dict[str, tuple[Any, ...]]
    invoiced: frozenset[str]
    numbers: tuple[str, ...]


def books(project: Project) -> Books:
    with closing(sqlite3.connect(project.database)) as connection:
        rows = connection.execute(f"SELECT {ORDER_STATE} FROM orders").fetchall()
        invoices = connection.execute("SELECT order_id, number FROM invoices").fetchall()
    return Books(
        {row[0]: tuple(row[1:]) for row in rows},
        frozenset(order_id for order_id, _ in invoices),
        tuple(sorted(number for _, number in invoices)),
    )


@dataclass(frozen=True)
class Baseline:
    """Runs without a fault: exit code and requests of each command, the books before and after."""

    codes: dict[str, int]
    queries: dict[str, dict[str, set[str]]]
    before: Books
    after: dict[str, Books]


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    make_project(folder)
    return folder


@pytest.fixture
def project(company: Path, tmp_path: Path) -> Iterator[Project]:
    with opened_project(company, tmp_path / "company") as opened:
        opened.set(**SHORT)
        yield opened


@pytest.fixture(scope="session")
def baseline(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Baseline:
    codes, queries, after = {}, {}, {}
    for name, command in COMMANDS.items():
        folder = tmp_path_factory.mktemp("baseline") / "company"
        with opened_project(company, folder) as project:
            before = books(project)
            codes[name] = project.run(*command).exit_code
            queries[name] = _queries(project)
            after[name] = books(project)
        shutil.rmtree(folder)
    return Baseline(codes, queries, before, after)


def _queries(project: Project) -> dict[str, set[str]]:
    """The distinct questions that were asked of each endpoint."""
    found: dict[str, set[str]] = defaultdict(set)
    for request in project.stripe.requests:
        endpoint = next(
            (known for known in (*LISTS, *SINGLE) if fnmatchcase(request.path, known)), request.path
        )
        found[endpoint].add(f"{request.path} {request.params}")
    return found


CASES = [
    *product(FAULTS, (*LISTS, *SINGLE), COMMANDS),
    *product((PAGE_MISSING,), LISTS, COMMANDS),
]
#: Each kind of fault and each command, the endpoints that decide about orders first.
SAMPLE = [
    ("429 storm", "/v1/checkout/sessions", "nightly"),
    ("429 lock", "/v1/subscriptions", "sync"),
    ("500s", "/v1/charges/*", "reconcile --fix"),
    ("reset", "/v1/refunds", "nightly"),
    ("truncated body", "/v1/balance_transactions", "sync"),
    ("garbage", "/v1/account", "reconcile"),
    ("hang", "/v1/events", "reconcile"),
    (PAGE_MISSING, "/v1/checkout/sessions", "reconcile --fix"),
]
assert set(SAMPLE) <= set(CASES)
REST = [pytest.param(*case, marks=pytest.mark.soak) for case in CASES if case not in SAMPLE]


@pytest.mark.parametrize(("fault", "endpoint", "command"), [*SAMPLE, *REST])
def test_never_green_and_nothing_made_up(
    fault: str, endpoint: str, command: str, project: Project, baseline: Baseline
) -> None:
    _inject(project, fault, endpoint, baseline, command)
    began = time.monotonic()
    result = project.run(*COMMANDS[command], "-o", "json")
    assert time.monotonic() - began < BUDGET
    met = any(request.fault is not None for request in project.stripe.requests)
    assert met is bool(baseline.queries[command].get(endpoint)), "the fault was not met"
    assert "Traceback" not in result.stdout + result.stderr
    found = envelope(result)
    if met:
        assert result.exit_code == 4, result.stdout[-2000:]
        assert found["outcome"] == ("error" if "error" in found else "incomplete")
        assert _names(endpoint) in result.stdout + result.stderr
    else:
        assert result.exit_code == baseline.codes[command]
    _check_books(books(project), baseline, command)
    _check_rerun(project, baseline, command)


def _inject(project: Project, fault: str, endpoint: str, baseline: Baseline, command: str) -> None:
    if fault == PAGE_MISSING:
        page = min(2, len(baseline.queries[command].get(endpoint, ())) or 1)
        project.stripe.faults.add(faults.status(500), path=endpoint, page=page, times=None)
    else:
        project.stripe.faults.add(FAULTS[fault](), path=endpoint, times=None)


def _names(endpoint: str) -> str:
    """What messages call the objects of an endpoint."""
    name = endpoint.removesuffix("/*").rpartition("/")[2]
    return name.removesuffix("s")


def _check_books(now: Books, baseline: Baseline, command: str) -> None:
    """Every order is as it was, or as the command leaves it without a fault."""
    before, after = baseline.before, baseline.after[command]
    for order_id, state in now.orders.items():
        assert state in (before.orders[order_id], after.orders[order_id]), order_id
    assert now.invoiced <= after.invoiced


def _check_rerun(project: Project, baseline: Baseline, command: str) -> None:
    project.stripe.faults.clear()
    again = project.run(*COMMANDS[command], "-o", "json")
    assert again.exit_code == baseline.codes[command], again.stdout[-2000:]
    finished = books(project)
    assert finished.orders == baseline.after[command].orders
    assert finished.invoiced == baseline.after[command].invoiced
    assert finished.numbers == baseline.after[command].numbers


def test_every_endpoint_that_is_read_has_its_faults(baseline: Baseline) -> None:
    asked = {endpoint for queries in baseline.queries.values() for endpoint in queries}
    assert asked <= {*LISTS, *SINGLE}
    assert asked >= {*LISTS, "/v1/account", "/v1/checkout/sessions/*"}


def test_control_a_change_out_of_ignorance_is_noticed(project: Project, baseline: Baseline) -> None:
    """An order that is expired because its payment was not read would not pass."""
    with closing(sqlite3.connect(project.database)) as connection, connection:
        connection.execute("UPDATE orders SET status = 'expired' WHERE status = 'paid'")
    with pytest.raises(AssertionError):
        _check_books(books(project), baseline, "nightly")
