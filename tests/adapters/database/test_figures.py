"""The figures of a period: equal to a plain computation, and forgotten when anything changes."""

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stakactl.adapters.database.bulk import upsert
from stakactl.adapters.database.figures import adding, book, months
from stakactl.adapters.database.figures.forgetting import forget_all, forget_objects
from stakactl.adapters.database.mirror.rows import table_and_values
from stakactl.adapters.database.store import Store
from stakactl.domain.money import Money
from stakactl.domain.revenue import Split
from stakactl.domain.revenue_days import EDITION
from stakactl.domain.stripe_objects import Absence, CheckoutSession, StripeKind
from stakactl.operations.ports import RevenueAnswer, RevenueQuestion
from tests.adapters.database.revenue_worlds import Sold, expected, sales, told
from tests.builders import a_charge, a_transaction, an_intent, an_order, eur
from tests.contracts.issuing import issue_for

FIRST, LAST = date(2024, 1, 1), date(2025, 12, 31)
ALL = RevenueQuestion(FIRST, LAST, None, 100)
NOON = datetime(2024, 3, 5, 11, tzinfo=UTC)


@contextmanager
def new_store(template: Path, folder: Path, zone: str = "Europe/Paris") -> Iterator[Store]:
    path = folder / "stakactl.db"
    for left in folder.glob("stakactl.db*"):
        left.unlink()
    shutil.copyfile(template, path)
    store = Store.open(f"sqlite:///{path}", time_zone=zone)
    try:
        yield store
    finally:
        store.close()


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.reuse, Phase.generate],  # a store for every step of shrinking takes minutes
)
@given(sales(), st.integers(0, 9999))
def test_figures_are_those_of_a_plain_computation(
    sqlite_template: Path, tmp_path: Path, world: list[Sold], seed: int
) -> None:
    """Whatever comes first, and however often somebody asks meanwhile."""
    rng = random.Random(seed)
    orders = [one.order for one in world]
    objects = [thing for one in world for thing in one.objects]
    rng.shuffle(orders)
    rng.shuffle(objects)
    with new_store(sqlite_template, tmp_path) as store:
        while orders or objects:
            some, more = rng.randint(0, len(orders)), rng.randint(0, len(objects))
            store.orders.import_orders(orders[:some])
            store.mirror.upsert(objects[:more])
            del orders[:some], objects[:more]
            if rng.random() < 0.5:
                told(store, FIRST, LAST)
        assert told(store, FIRST, LAST) == expected(world)
        check_sums(store)


def check_sums(store: Store) -> RevenueAnswer:
    """Every split sums to all of it, and the days to the record of money."""
    answer = store.figures.revenue(ALL)
    for currency in answer.moved:
        days = [one.figures for one in answer.days if one.currency == currency]
        assert sum(figures.explained for figures in days) == answer.moved[currency]
        for split in Split:
            shares = [s.figures for s in answer.shares[split] if s.currency == currency]
            for name in ("gross", "refunds", "net", "vat", "vat_unknown", "payments"):
                whole = sum(getattr(figures, name) for figures in days)
                assert sum(getattr(figures, name) for figures in shares) == whole, (split, name)
    return answer


def sale(number: int = 1, **fields: object) -> Sold:
    default = Sold(
        number, NOON, "eur", ((12_000, Decimal(20)),), "payment", "Paris", "Pro", (), None, 200
    )
    return replace(default, **fields)  # type: ignore[arg-type]


def put(store: Store, *sold: Sold) -> None:
    store.orders.import_orders([one.order for one in sold])
    store.mirror.upsert([thing for one in sold for thing in one.objects])


def fresh(store: Store) -> RevenueAnswer:
    """The same from nothing: whatever was kept is thrown away."""
    with store.database.write() as connection:
        forget_all(connection)
    return store.figures.revenue(ALL)


def names(answer: RevenueAnswer, split: Split) -> dict[str, int]:
    return {share.name: share.figures.gross for share in answer.shares[split]}


def test_splits_and_their_unknown(store: Store) -> None:
    put(store, sale(1), sale(2, city="PARIS"), sale(3, link="none"), sale(4, city="Lyon"))
    answer = check_sums(store)
    assert names(answer, Split.CITY) == {"Paris": 24_000, "Lyon": 12_000, "": 12_000}
    assert names(answer, Split.COUNTRY) == {"FR": 36_000, "": 12_000}
    assert names(answer, Split.LEVEL) == {"Pro": 36_000, "": 12_000}
    assert answer.shares[Split.CITY][0].detail == "FR"
    assert answer.shares[Split.PRODUCT][0].detail == "services"
    few = store.figures.revenue(replace(ALL, most=1))
    (named, unknown) = few.shares[Split.CITY]
    assert (named.name, named.among, unknown.name) == ("Paris", 2, "")


def test_vat_of_the_invoice_comes_before_that_of_the_order(store: Store) -> None:
    put(store, sale(1, lines=((12_000, None),)))
    assert told(store, FIRST, LAST)[NOON.date(), "eur"]["vat_unknown"] == 12_000
    invoice = issue_for(store.invoices, store.orders.get("A-1") or an_order())
    assert told(store, FIRST, LAST)[NOON.date(), "eur"]["vat"] == 2_000
    order = replace(sale(1).order, vat_rate=Decimal("5.5"))
    store.orders.import_orders([order])
    assert told(store, FIRST, LAST)[NOON.date(), "eur"]["vat"] == 2_000
    assert invoice.snapshot.total_vat == eur(2_000)
    assert fresh(store) == store.figures.revenue(ALL)


def test_vat_of_another_settlement_currency_is_its_share(store: Store) -> None:
    """Sold in yen, settled in euro."""
    one = sale(1, currency="jpy")
    put(store, one)
    settled = a_transaction(id="txn_1", created_at=NOON, amount=eur(6_543), source_id="ch_1")
    store.mirror.upsert([settled])
    assert told(store, FIRST, LAST)[NOON.date(), "eur"]["vat"] == 1_091  # 6543 / 6 = 1090.5


def test_stripes_own_tax_is_the_last_that_is_asked(store: Store) -> None:
    one = sale(1, lines=((12_000, None),))
    session = next(thing for thing in one.objects if isinstance(thing, CheckoutSession))
    put(store, one)
    store.mirror.upsert([replace(session, amount_tax_minor=0, customer_country="CH")])
    assert told(store, FIRST, LAST)[NOON.date(), "eur"]["vat_unknown"] == 0


CHANGES: dict[str, Callable[[Store], object]] = {
    "a transaction": lambda s: s.mirror.upsert(
        [a_transaction(id="txn_9", created_at=NOON, amount=eur(5), source_id=None)]
    ),
    "a transaction that is gone": lambda s: s.mirror.mark_absent(
        StripeKind.BALANCE_TRANSACTION, "txn_1", Absence.MISSING
    ),
    "a charge of another payment": lambda s: s.mirror.upsert(
        [a_charge(id="ch_1", payment_intent_id="pi_2")]
    ),
    "an intent that names an order": lambda s: s.mirror.upsert(
        [an_intent(id="pi_3", metadata_order_id="A-1")]
    ),
    "a payment that an order records": lambda s: s.orders.import_orders(
        [replace(sale(2, city="Lyon").order, stripe_payment_intent_id="pi_3")]
    ),
    "a buyer who moves": lambda s: s.orders.import_orders([sale(1, city="Brest").order]),
    "an invoice": lambda s: issue_for(s.invoices, sale(4).order),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_told_anew(store: Store, change: str) -> None:
    nine = ((999, None),)
    put(
        store,
        sale(1),
        sale(2, city="Lyon"),
        sale(3, link="none", lines=((5, Decimal(20)),)),
        sale(4, lines=nine),
    )
    before = store.figures.revenue(ALL)
    CHANGES[change](store)
    after = store.figures.revenue(ALL)
    assert after != before
    assert after == fresh(store)


def test_a_new_edition_of_the_rules_adds_up_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, sale(1))
    assert list(store.figures.add_up(FIRST, LAST)) == [1, 1]
    assert list(store.figures.add_up(FIRST, LAST)) == [0]
    for module in (adding, book, months):
        monkeypatch.setattr(module, "EDITION", EDITION + 1)
    assert list(store.figures.add_up(FIRST, LAST)) == [1, 1]


def test_an_empty_record(store: Store) -> None:
    assert store.figures.extent() is None
    answer = store.figures.revenue(ALL)
    assert (answer.days, answer.moved, answer.earlier) == ([], {}, ())
    assert not any(answer.shares.values())


def test_a_changed_time_zone_moves_money_to_its_new_day(
    sqlite_template: Path, tmp_path: Path
) -> None:
    late = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    with new_store(sqlite_template, tmp_path) as store:
        store.mirror.upsert([a_transaction(created_at=late)])
        assert store.figures.extent() == (date(2026, 3, 29), date(2026, 3, 29))
        assert len(told(store, date(2026, 3, 29), date(2026, 3, 29))) == 1
    with contextmanager(_reopened)(tmp_path) as moved:
        assert moved.figures.extent() == (date(2026, 3, 28), date(2026, 3, 28))
        assert len(told(moved, date(2026, 3, 28), date(2026, 3, 28))) == 1
        moved.mirror.upsert([a_transaction(id="txn_2", created_at=late)])
        days = told(moved, date(2026, 3, 28), date(2026, 3, 29))
        assert [day["payments"] for day in days.values()] == [2]


def _reopened(folder: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{folder}/stakactl.db", time_zone="UTC")
    yield store
    store.close()


def test_nobody_keeps_a_day_that_somebody_is_changing(postgresql_url: str) -> None:
    """The change is written and not yet committed while the day is added up."""
    with closing(Store.open(postgresql_url)) as store, closing(Store.open(postgresql_url)) as other:
        ask_while_changing(store, other)


def ask_while_changing(store: Store, other: Store) -> None:
    put(store, sale(1), sale(2, at=NOON + timedelta(days=1)))
    told(store, NOON.date(), NOON.date())
    late = a_transaction(id="txn_9", created_at=NOON + timedelta(days=1), amount=Money(77, "eur"))
    table, values = table_and_values(late, UTC)
    answers: list[RevenueAnswer] = []
    asking = threading.Thread(target=lambda: answers.append(other.figures.revenue(ALL)))
    with store.database.write() as connection:
        upsert(connection, table, [values])
        forget_objects(connection, StripeKind.BALANCE_TRANSACTION, ["txn_9"])
        asking.start()
        asking.join(0.3)
        assert not answers, "it waits for the change"
    asking.join(20)
    assert answers[0].moved == {"eur": sum(day.figures.explained for day in answers[0].days)}
    assert answers[0] == store.figures.revenue(ALL) == fresh(store)
