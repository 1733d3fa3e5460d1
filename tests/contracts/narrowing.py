"""What a CaseReader leaves out has no finding: all cases and the doubtful ones tell the same.

Small stores are made of whole chains, some of them clean, and then bent: a few fields of a few
rows are set to values that other rows have, so that links cross, amounts differ and states clash.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stakactl.adapters.orders.files import read_orders
from stakactl.adapters.stripe.objects import parse
from stakactl.demo.world import build_world
from stakactl.domain.case import Case
from stakactl.domain.money import Money
from stakactl.domain.orders import Order, OrderStatus
from stakactl.domain.reconciliation import Context, classify
from stakactl.domain.stripe_objects import Absence, InvoicePayment, StripeKind, StripeObject
from stakactl.operations.ports import CaseReader, InvoiceBook, Mirror, OrderBook
from tests.builders import (
    NOW,
    ORDERED,
    a_charge,
    a_dispute,
    a_refund,
    a_session,
    a_stripe_invoice,
    an_intent,
    an_order,
    eur,
)
from tests.contracts.issuing import issue
from tests.demo.world.worlds import NOW as WORLD_NOW

Emptied = Any
#: Whatever depends on time is looked at early, late, and with Stripe's invoices ignored.
CONTEXTS = (
    Context(NOW, True, Decimal(20), NOW),
    Context(ORDERED + timedelta(minutes=1), True, Decimal(20), NOW, application_invoices=True),
    Context(NOW + timedelta(days=400), True, Decimal(20), NOW, adopt_stripe_invoices=False),
)


def check(cases: CaseReader, contexts: Iterable[Context] = CONTEXTS) -> tuple[int, int]:
    """How many cases there are and how many are doubtful; both tell the same findings.

    What is doubtful does not depend on the time: it is read once for all times."""
    everything = list(cases.cases())
    doubtful: list[Case] = []
    adopting: bool | None = None
    for context in contexts:
        if context.adopt_stripe_invoices is not adopting:
            adopting = context.adopt_stripe_invoices
            doubtful = list(cases.doubtful(context))
        wanted = {f.finding_id: f for case in everything for f in classify(case, context)}
        found = {f.finding_id: f for case in doubtful for f in classify(case, context)}
        assert found == wanted
        assert len({case.order.order_id for case in doubtful}) == len(doubtful)
    return len(everything), len(doubtful)


@dataclass(frozen=True, slots=True)
class Store:
    """What a small store is made of; `objects` and `orders` are bent by name."""

    orders: list[Order]
    objects: list[StripeObject]
    invoiced: set[str]
    absent: dict[str, Absence]


def chain(n: int, kind: str) -> tuple[Order, list[StripeObject]]:
    """One order and its objects, in one of the shapes that hold."""
    session = a_session(id=f"cs_live_{n}", payment_intent_id=f"pi_{n}")
    intent = an_intent(id=f"pi_{n}", latest_charge_id=f"ch_{n}")
    charge = a_charge(id=f"ch_{n}", payment_intent_id=f"pi_{n}")
    order = an_order(order_id=f"A-{n}", stripe_session_id=session.id)
    if kind in {"expired", "cancelled", "failed", "pending"}:
        status = "open" if kind == "pending" else "expired"
        unpaid = replace(session, payment_status="unpaid", status=status, payment_intent_id=None)
        return replace(order, status=OrderStatus(kind), paid_at=None), [unpaid]
    if kind in LINKED:
        order_fields, session_fields, intent_fields = LINKED[kind]
        fields: dict[str, Any] = {name: value and value.format(n=n) for name, value in order_fields}
        order = replace(order, **fields)
        session = replace(session, **{name: value.format(n=n) for name, value in session_fields})
        intent = replace(intent, **{name: value.format(n=n) for name, value in intent_fields})
        alone = kind in {"payment id", "by payment"}
        return order, [intent, charge] if alone else [session, intent, charge]
    if kind == "subscription":
        session = replace(session, payment_intent_id=None, invoice_id=f"in_{n}")
        paid = InvoicePayment(f"inpay_{n}", ORDERED, True, f"in_{n}", intent.id, "paid")
        return order, [session, intent, charge, a_stripe_invoice(id=f"in_{n}"), paid]
    if kind in REFUNDED:
        said, returned = REFUNDED[kind]
        refunds = [
            a_refund(id=f"re_{n}{i}", charge_id=charge.id, payment_intent_id=intent.id, amount=back)
            for i, back in enumerate(returned)
        ]
        return replace(order, **said), [session, intent, charge, *refunds]
    order = replace(order, stripe_session_id=None)
    if kind == "nothing":
        return replace(order, status=OrderStatus.PENDING, paid_at=None), []
    return replace(order, amount=eur(0)), []


Fields = list[tuple[str, Any]]
_BY_NAME: Fields = [("stripe_session_id", None)]
#: How a paid order is linked: fields of the order, of the session and of the PaymentIntent.
LINKED: dict[str, tuple[Fields, Fields, Fields]] = {
    "session id": ([], [], []),
    "both ids": ([("stripe_payment_intent_id", "pi_{n}")], [], []),
    "payment id": ([*_BY_NAME, ("stripe_payment_intent_id", "pi_{n}")], [], []),
    "by name": (_BY_NAME, [("client_reference_id", "A-{n}")], []),
    "by metadata": (
        _BY_NAME,
        [("metadata_order_id", "A-{n}")],
        [("metadata_order_id", "A-{n}")],
    ),
    "by payment": (_BY_NAME, [], [("metadata_order_id", "A-{n}")]),
}
#: What an order says of its refunds, and what was refunded. Our own invoice would wait for its
#: credit note.
REFUNDED: dict[str, tuple[dict[str, Any], list[Money]]] = {
    "refunded": ({"status": OrderStatus.REFUNDED, "invoice_number": "X-1"}, [eur(46800)]),
    "partly refunded": (
        {
            "status": OrderStatus.PARTIALLY_REFUNDED,
            "refunded": eur(300),
            "invoice_number": "X-1",
        },
        [eur(100), eur(200)],
    ),
}
SHAPES = (
    *LINKED,
    *REFUNDED,
    *("expired", "cancelled", "failed", "pending", "nothing", "free", "subscription"),
)
#: Those that SQL alone tells to be clean; the rest is few, or depends on time.
DROPPED = tuple(shape for shape in SHAPES if shape not in {"pending", "subscription"})

_IDS = {
    "order": [None, "A-1", "A-2", "A-3", "u-7"],
    "session": [None, "cs_live_1", "cs_live_2", "cs_live_9", "cs_test_1"],
    "intent": [None, "pi_1", "pi_2", "pi_3", "pi_9"],
    "charge": [None, "ch_1", "ch_2"],
    "invoice": [None, "in_1", "in_2"],
}
_MONEY = [eur(46800), eur(46799), eur(0), Money(46800, "gbp")]
#: What each kind of row may be bent to, by field.
_BENDS: dict[str, dict[str, list[Any]]] = {
    "Order": {
        "status": list(OrderStatus),
        "amount": _MONEY,
        "refunded": [None, eur(0), eur(100), eur(300), eur(46800)],
        "stripe_session_id": _IDS["session"],
        "stripe_payment_intent_id": _IDS["intent"],
        "dispute_status": [None, "lost"],
        "invoice_number": [None, "X-1"],
        "deleted_at": [NOW],
    },
    "CheckoutSession": {
        "livemode": [False],
        "status": ["open", "complete", "expired"],
        "payment_status": ["paid", "unpaid", "no_payment_required"],
        "amount_total": [None, *_MONEY],
        "payment_intent_id": _IDS["intent"],
        "invoice_id": _IDS["invoice"],
        "client_reference_id": _IDS["order"],
        "metadata_order_id": _IDS["order"],
    },
    "PaymentIntent": {
        "livemode": [False],
        "status": ["succeeded", "processing", "requires_capture", "canceled"],
        "amount": _MONEY,
        "amount_received_minor": [0, 46800],
        "metadata_order_id": _IDS["order"],
    },
    "Charge": {"payment_intent_id": _IDS["intent"]},
    "Refund": {
        "status": ["succeeded", "pending", "failed"],
        "amount": [eur(100), eur(300), eur(46800), Money(100, "gbp")],
        "charge_id": _IDS["charge"],
        "payment_intent_id": _IDS["intent"],
    },
    "Dispute": {
        "status": ["needs_response", "won", "lost"],
        "charge_id": _IDS["charge"],
        "payment_intent_id": _IDS["intent"],
    },
    "StripeInvoice": {
        "number": [None, "S-1"],
        "status": ["open", "paid", "void"],
        "metadata_order_id": _IDS["order"],
        "total": _MONEY,
    },
    "InvoicePayment": {
        "invoice_id": ["in_1", "in_2"],
        "payment_intent_id": _IDS["intent"],
        "status": ["paid", "open", "canceled"],
    },
}
_LOOSE: list[StripeObject] = [
    a_session(id="cs_live_9", payment_intent_id="pi_9", client_reference_id="A-1"),
    an_intent(id="pi_9", metadata_order_id="A-2"),
    an_intent(id="pi_9", status="processing"),
    a_refund(id="re_9", amount=eur(100)),
    a_refund(id="re_8", payment_intent_id=None),
    a_dispute(),
    a_dispute(id="du_2", payment_intent_id=None, charge_id="ch_2"),
    a_stripe_invoice(id="in_2", metadata_order_id="A-2"),
    InvoicePayment("inpay_9", ORDERED, True, "in_2", "pi_2", "paid"),
    a_session(id="cs_live_8", invoice_id="in_2", client_reference_id="A-3", payment_intent_id=None),
]


@st.composite
def bent_stores(draw: st.DrawFn) -> Store:
    chains = [chain(n, draw(st.sampled_from(SHAPES))) for n in (1, 2, 3)]
    orders = [order for order, _ in chains]
    objects = [thing for _, things in chains for thing in things]
    objects += draw(st.lists(st.sampled_from(_LOOSE), max_size=3))
    for _ in range(draw(st.integers(0, 4))):
        where = draw(st.sampled_from(["order", "object"]))
        rows: list[Any] = orders if where == "order" or not objects else objects
        at = draw(st.integers(0, len(rows) - 1))
        fields = _BENDS[type(rows[at]).__name__]
        name = draw(st.sampled_from(sorted(fields)))
        rows[at] = replace(rows[at], **{name: draw(st.sampled_from(fields[name]))})
    orders = [order for order in orders if _storable(order)]
    invoiced = draw(st.sets(st.sampled_from(["A-1", "A-2", "A-3"]), max_size=3))
    known = ["cs_live_1", "pi_2", "pi_9"]
    absent = draw(st.dictionaries(st.sampled_from(known), st.sampled_from(Absence), max_size=1))
    return Store(orders, objects, invoiced, absent)


def _storable(order: Order) -> bool:
    return order.refunded is None or order.refunded.currency == order.amount.currency


@cache
def parsed_world(seed: int) -> tuple[list[dict[str, Any]], list[StripeObject]]:
    world = build_world(seed, WORLD_NOW, orders=200)
    kinds = {kind.value: kind for kind in StripeKind}
    objects = [
        parse(kinds[thing["object"]], thing)
        for thing in world.stripe_objects
        if thing["object"] in kinds and not thing.get("_deleted")
    ]
    return world.orders, objects


class NarrowingContract:
    """Subclasses bring `cases`, `orders`, `mirror` and `invoices` of one store, and `emptied`,
    which empties it."""

    @pytest.mark.parametrize(
        "seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 6))]
    )
    def test_a_world(
        self,
        seed: int,
        cases: CaseReader,
        orders: OrderBook,
        mirror: Mirror,
        invoices: InvoiceBook,
        tmp_path: Path,
    ) -> None:
        rows, objects = parsed_world(seed)
        contexts = [
            Context(WORLD_NOW + timedelta(days=days), True, Decimal(20), WORLD_NOW)
            for days in (0, 30)
        ]
        file = tmp_path / "orders.ndjson"
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        with_lines = read_orders(file, "ndjson", skip_bad=False)
        orders.import_orders(with_lines.orders)
        mirror.upsert(objects)
        check(cases, contexts[:1])
        for case in list(cases.to_invoice(WORLD_NOW - timedelta(days=900))):
            issue(invoices, an_order(order_id=case.order.order_id))
        everything, doubtful = check(cases, contexts)
        assert doubtful < everything / 2

    @pytest.mark.parametrize("kind", SHAPES)
    def test_what_is_clean_is_left_out(
        self,
        kind: str,
        cases: CaseReader,
        orders: OrderBook,
        mirror: Mirror,
        invoices: InvoiceBook,
    ) -> None:
        order, objects = chain(1, kind)
        invoiced = set() if order.invoice_number else {"A-1"}
        fill(Store([order], objects, invoiced, {}), orders, mirror, invoices)
        check(cases)
        assert [case.order for case in cases.cases()] == [order]
        left = [case.order for case in cases.doubtful(CONTEXTS[0])]
        assert left == ([] if kind in DROPPED else [order])

    def test_only_orders_of_the_period(self, cases: CaseReader, orders: OrderBook) -> None:
        day = timedelta(days=1)
        orders.import_orders(
            an_order(order_id=f"A-{n}", created_at=ORDERED + n * day) for n in range(12)
        )
        found = cases.doubtful(CONTEXTS[0], ORDERED + day, ORDERED + 8 * day)
        assert [case.order.order_id for case in found] == [f"A-{n}" for n in range(1, 8)]
        assert cases.count(ORDERED + day, ORDERED + 8 * day) == 7
        assert cases.count() == len(list(cases.doubtful(CONTEXTS[0]))) == 12

    def test_the_caller_may_change_orders_while_it_reads(
        self, cases: CaseReader, orders: OrderBook
    ) -> None:
        many = [an_order(order_id=f"A-{n:02}") for n in range(12)]
        orders.import_orders(many)
        found = []
        for case in cases.doubtful(CONTEXTS[0]):
            orders.import_orders([replace(case.order, title="seen", updated_at=NOW)])
            found.append(case.order.order_id)
        assert found == [order.order_id for order in many]

    def test_a_reader_that_stops_early_leaves_nothing_behind(
        self, cases: CaseReader, orders: OrderBook
    ) -> None:
        orders.import_orders(an_order(order_id=f"A-{n}") for n in range(12))
        for _ in range(8):
            reading = cases.doubtful(CONTEXTS[0])
            next(iter(reading))
            del reading
        assert len(list(cases.doubtful(CONTEXTS[0]))) == 12

    def test_an_invoice_of_stripe_that_was_paid_elsewhere(
        self, cases: CaseReader, orders: OrderBook, mirror: Mirror, invoices: InvoiceBook
    ) -> None:
        """Marked as paid in the dashboard, while the order was given up with its session."""
        order, (session,) = chain(1, "expired")
        invoice = a_stripe_invoice(id="in_2", metadata_order_id="A-2")
        things: list[Any] = [replace(session, invoice_id="in_2"), invoice]  # type: ignore[arg-type]
        fill(Store([order], things, set(), {}), orders, mirror, invoices)
        assert check(cases) == (1, 1)

    @pytest.mark.parametrize("by_session", [True, False])
    @pytest.mark.parametrize("by_intent", [True, False])
    def test_a_payment_that_names_one_order_and_is_recorded_by_another(
        self,
        by_session: bool,
        by_intent: bool,
        cases: CaseReader,
        orders: OrderBook,
        mirror: Mirror,
        invoices: InvoiceBook,
    ) -> None:
        """The order that is named has the payment through its session, so it is not missed there:
        the other one is wrong."""
        paid = {"status": OrderStatus.PAID, "stripe_session_id": None}
        recording = an_order(order_id="A-2", stripe_payment_intent_id="pi_3", **paid)
        named = an_order(order_id="A-3", stripe_payment_intent_id=None, **paid)
        session = a_session(
            id="cs_live_3",
            payment_intent_id="pi_3",
            metadata_order_id="A-3" if by_session else None,
        )
        intent = an_intent(
            id="pi_3", latest_charge_id="ch_3", metadata_order_id="A-3" if by_intent else None
        )
        charge = a_charge(id="ch_3", payment_intent_id="pi_3")
        fill(
            Store([recording, named], [session, intent, charge], {"A-2"}, {}),
            orders,
            mirror,
            invoices,
        )
        check(cases)

    @settings(
        max_examples=12,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(made=bent_stores())
    def test_bent_chains(
        self,
        made: Store,
        emptied: Emptied,
        cases: CaseReader,
        orders: OrderBook,
        mirror: Mirror,
        invoices: InvoiceBook,
    ) -> None:
        emptied()
        fill(made, orders, mirror, invoices)
        check(cases)

    @pytest.mark.soak
    @settings(
        max_examples=1500,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(made=bent_stores())
    def test_bent_chains_in_full(
        self,
        made: Store,
        emptied: Emptied,
        cases: CaseReader,
        orders: OrderBook,
        mirror: Mirror,
        invoices: InvoiceBook,
    ) -> None:
        emptied()
        fill(made, orders, mirror, invoices)
        check(cases)


def fill(made: Store, orders: OrderBook, mirror: Mirror, invoices: InvoiceBook) -> None:
    orders.import_orders(made.orders)
    mirror.upsert(made.objects)
    for object_id, absence in made.absent.items():
        session = object_id.startswith("cs_")
        kind = StripeKind.CHECKOUT_SESSION if session else StripeKind.PAYMENT_INTENT
        mirror.mark_absent(kind, object_id, absence)
    for order in made.orders:
        if order.order_id in made.invoiced:
            issue(invoices, an_order(order_id=order.order_id))
