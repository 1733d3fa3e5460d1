"""What every StripeGateway does: run on the SDK's with an offline Stripe, and on the fake."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from stakactl.domain.money import Money
from stakactl.domain.stripe_objects import Absence, StripeKind
from stakactl.errors import StripeError
from stakactl.operations.ports import EventQuery, Page, StripeGateway, Unread, Wanted, Window
from tests.contract import Contract

Json = dict[str, Any]

START = datetime(2026, 11, 1, tzinfo=UTC)
#: Stripe keeps events for a month.
FEED_START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
DAY = Window(START, START + timedelta(days=1))
_IDS = {
    StripeKind.CHECKOUT_SESSION: "cs_live_",
    StripeKind.PAYMENT_INTENT: "pi_",
    StripeKind.CHARGE: "ch_",
    StripeKind.REFUND: "re_",
    StripeKind.DISPUTE: "dp_",
    StripeKind.INVOICE_PAYMENT: "inpay_",
    StripeKind.BALANCE_TRANSACTION: "txn_",
    StripeKind.CUSTOMER: "cus_",
    StripeKind.INVOICE: "in_",
    StripeKind.SUBSCRIPTION: "sub_",
    StripeKind.PRODUCT: "prod_",
    StripeKind.PAYOUT: "po_",
    StripeKind.EVENT: "evt_",
}


class World(Protocol):
    """A Stripe whose account is `acct_contract`, asked with a live key."""

    @property
    def gateway(self) -> StripeGateway: ...

    def put(self, objects: Sequence[Json], *, livemode: bool = True) -> None: ...

    def delete(self, kind: StripeKind, object_id: str) -> None: ...


def sample(kind: StripeKind, number: int, created: datetime) -> Json:
    """An object of Stripe's contract with an id of its own."""
    fields = Contract.load().fixture(kind.value)
    fields |= {"id": object_id(kind, number), "created": int(created.timestamp())}
    if "livemode" in fields:
        fields["livemode"] = True
    return fields


def object_id(kind: StripeKind, number: int) -> str:
    return f"{_IDS[kind]}{number:08d}"


def money(
    number: int, currency: str, amount: int, fee: int, balance_type: str, at: datetime
) -> Json:
    """A balance transaction."""
    fields = sample(StripeKind.BALANCE_TRANSACTION, number, at)
    return fields | {
        "amount": amount,
        "fee": fee,
        "net": amount - fee,
        "currency": currency,
        "balance_type": balance_type,
        "available_on": fields["created"],
    }


def read(gateway: StripeGateway, *wanted: Wanted) -> list[Page]:
    """All pages, after a check that nothing is unread and that they cover what was wanted."""
    pages = []
    for part in gateway.read(wanted):
        assert not isinstance(part, Unread), part.error
        pages.append(part)
    check_coverage(pages, wanted)
    return pages


def check_coverage(parts: Iterable[Page | Unread], wanted: Iterable[Wanted]) -> None:
    """The parts of each kind, in order, touch each other and reach from end to end."""
    done = [
        (part.kind, window)
        for part in parts
        if (window := part.created if isinstance(part, Unread) else part.covered)
    ]
    for each in wanted:
        at, until = each.created.since, each.created.until
        inside = sorted(
            (window.since, window.until)
            for kind, window in done
            if kind is each.kind and at <= window.since and window.until <= until
        )
        for since, part_until in inside:
            assert since == at, f"{each.kind}: nobody tells about {at} to {since}"
            assert since < part_until
            at = part_until
        assert at >= until, f"{each.kind}: nobody tells about {at} to {until}"


def ids(pages: Iterable[Page]) -> list[str]:
    return [found.id for page in pages for found in page.objects]


class StripeGatewayContract:
    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    def test_the_account_of_the_key(self, world: World) -> None:
        account = world.gateway.account()
        assert (account.id, account.livemode) == ("acct_contract", True)

    @pytest.mark.parametrize("kind", list(StripeKind))
    def test_each_kind_is_listed_and_retrieved(self, world: World, kind: StripeKind) -> None:
        world.put([sample(kind, 1, START)])
        ((found,),) = (page.objects for page in read(world.gateway, Wanted(kind, DAY)))
        assert found.id == object_id(kind, 1)
        assert found.created_at == START
        assert world.gateway.retrieve(kind, found.id) == found
        assert list(world.gateway.retrieve_many([(kind, found.id)])) == [(kind, found.id, found)]

    @pytest.mark.parametrize("kind", list(StripeKind))
    def test_a_window_includes_its_beginning_only(self, world: World, kind: StripeKind) -> None:
        second = timedelta(seconds=1)
        times = [DAY.since - second, DAY.since, DAY.until - second, DAY.until]
        world.put([sample(kind, number, at) for number, at in enumerate(times)])
        expected = [object_id(kind, 2), object_id(kind, 1)]
        assert ids(read(world.gateway, Wanted(kind, DAY))) == expected

    def test_parts_of_a_second_count(self, world: World) -> None:
        kind = StripeKind.REFUND
        world.put([sample(kind, 1, START)])
        half = START + timedelta(milliseconds=500)
        before = Window(START - timedelta(days=1), half)
        assert len(ids(read(world.gateway, Wanted(kind, before)))) == 1
        assert ids(read(world.gateway, Wanted(kind, Window(half, DAY.until)))) == []
        within = Window(half, half + timedelta(milliseconds=1))
        assert ids(read(world.gateway, Wanted(kind, within))) == []

    def test_many_objects_come_once(self, world: World) -> None:
        times = [START + timedelta(minutes=number) for number in range(230)]
        world.put([sample(StripeKind.CHARGE, number, at) for number, at in enumerate(times)])
        pages = read(world.gateway, Wanted(StripeKind.CHARGE, DAY))
        assert max(len(page.objects) for page in pages) == 100
        assert sorted(ids(pages)) == [object_id(StripeKind.CHARGE, number) for number in range(230)]

    def test_what_a_page_covers_is_in_it_or_came_before(self, world: World) -> None:
        times = [START + timedelta(minutes=number) for number in range(230)]
        world.put([sample(StripeKind.CHARGE, number, at) for number, at in enumerate(times)])
        came: set[datetime] = set()
        for page in world.gateway.read([Wanted(StripeKind.CHARGE, DAY)]):
            assert isinstance(page, Page)
            came |= {found.created_at for found in page.objects}
            window = page.covered
            assert window is not None
            assert {at for at in times if window.since <= at < window.until} <= came

    def test_objects_of_one_second_come_once(self, world: World) -> None:
        world.put([sample(StripeKind.REFUND, number, START) for number in range(201)])
        found = ids(read(world.gateway, Wanted(StripeKind.REFUND, DAY)))
        assert len(found) == len(set(found)) == 201

    def test_a_full_last_page(self, world: World) -> None:
        world.put([sample(StripeKind.REFUND, number, START) for number in range(100)])
        pages = read(world.gateway, Wanted(StripeKind.REFUND, DAY))
        assert [len(page.objects) for page in pages] == [100]

    def test_an_empty_window_is_covered_without_objects(self, world: World) -> None:
        wanted = Wanted(StripeKind.DISPUTE, DAY)
        assert read(world.gateway, wanted) == [Page(StripeKind.DISPUTE, [], DAY)]

    def test_no_window_is_no_page(self, world: World) -> None:
        world.put([sample(StripeKind.DISPUTE, 1, START)])
        empty = Window(DAY.since, DAY.since)
        assert list(world.gateway.read([Wanted(StripeKind.DISPUTE, empty)])) == []
        assert list(world.gateway.read([])) == []

    def test_many_windows_of_many_kinds_at_once(self, world: World) -> None:
        hours = [START + timedelta(hours=number) for number in range(24)]
        for kind in StripeKind:
            world.put([sample(kind, number, at) for number, at in enumerate(hours)])
        windows = [
            Window(hours[0], hours[7]),
            Window(hours[7], hours[8]),
            Window(hours[9], hours[20]),
        ]
        wanted = [Wanted(kind, window) for window in windows for kind in StripeKind]
        found = ids(read(world.gateway, *wanted))
        numbers = [*range(8), *range(9, 20)]
        expected = [object_id(kind, number) for kind in StripeKind for number in numbers]
        assert sorted(found) == sorted(expected)

    def test_what_comes_in_meanwhile_moves_nothing(self, world: World) -> None:
        world.put([sample(StripeKind.REFUND, number, START) for number in range(150)])
        parts = world.gateway.read([Wanted(StripeKind.REFUND, DAY)])
        first = next(parts)
        assert isinstance(first, Page)
        world.put([sample(StripeKind.REFUND, 900, DAY.until)])
        found = ids([first, *(part for part in parts if isinstance(part, Page))])
        assert len(found) == len(set(found)) == 150

    @pytest.mark.parametrize("kind", list(StripeKind))
    def test_an_unknown_id_is_missing(self, world: World, kind: StripeKind) -> None:
        assert world.gateway.retrieve(kind, object_id(kind, 404)) is Absence.MISSING

    @pytest.mark.parametrize("kind", [StripeKind.CHECKOUT_SESSION, StripeKind.PAYMENT_INTENT])
    def test_an_object_as_stripe_sends_it(self, world: World, kind: StripeKind) -> None:
        world.put([sample(kind, 1, START)])
        found = world.gateway.raw(kind, object_id(kind, 1))
        assert isinstance(found, Mapping)
        assert (found["id"], found["object"]) == (object_id(kind, 1), kind.value)
        assert world.gateway.raw(kind, object_id(kind, 404)) is Absence.MISSING
        assert world.gateway.raw(kind, "../account") is Absence.MISSING

    def test_what_is_no_id_is_missing(self, world: World) -> None:
        for wrong in ("", "order 12", "../account", object_id(StripeKind.REFUND, 1)):
            assert world.gateway.retrieve(StripeKind.CHARGE, wrong) is Absence.MISSING

    def test_the_balance_is_available_and_pending_together(self, world: World) -> None:
        assert [amount for amount in world.gateway.balance() if amount] == []
        movements = [
            ("eur", 468_00, 730, "payments", START),
            ("eur", -100_00, 0, "payments", START - timedelta(days=90)),
            ("jpy", 5_000, 180, "payments", START),
            ("kwd", 12_340, 0, "payments", START),
        ]
        world.put([money(number, *movement) for number, movement in enumerate(movements)])
        expected = (Money(360_70, "eur"), Money(4_820, "jpy"), Money(12_340, "kwd"))
        assert world.gateway.balance() == expected

    def test_what_a_payout_contains(self, world: World) -> None:
        first, second, empty = (object_id(StripeKind.PAYOUT, number) for number in (1, 2, 3))
        world.put([sample(StripeKind.PAYOUT, number, START) for number in (1, 2, 3)])
        rows = [
            {**money(number, "eur", 100, 1, "payments", START), "_payout": first}
            for number in range(130)
        ]
        elsewhere = {**money(900, "eur", 5, 0, "payments", START), "_payout": second}
        world.put([*rows, elsewhere, money(901, "eur", 7, 0, "payments", START)])
        pages = list(world.gateway.payout_transactions(first))
        assert sorted(found.id for page in pages for found in page) == sorted(
            row["id"] for row in rows
        )
        assert {len(page) for page in pages} == {100, 30}
        assert {found.net for page in pages for found in page} == {Money(99, "eur")}
        assert list(world.gateway.payout_transactions(empty)) == []
        with pytest.raises(StripeError, match="No such payout"):
            list(world.gateway.payout_transactions(object_id(StripeKind.PAYOUT, 404)))

    def test_an_object_of_the_other_mode_is_not_ours(self, world: World) -> None:
        kind = StripeKind.PAYMENT_INTENT
        world.put([{**sample(kind, 7, START), "livemode": False}], livemode=False)
        assert world.gateway.retrieve(kind, object_id(kind, 7)) is Absence.OTHER_MODE
        assert ids(read(world.gateway, Wanted(kind, DAY))) == []

    def test_a_deleted_customer(self, world: World) -> None:
        kind = StripeKind.CUSTOMER
        world.put([sample(kind, 1, START)])
        world.delete(kind, object_id(kind, 1))
        assert world.gateway.retrieve(kind, object_id(kind, 1)) is Absence.DELETED
        assert ids(read(world.gateway, Wanted(kind, DAY))) == []

    def test_many_are_retrieved_at_once(self, world: World) -> None:
        kinds = [StripeKind.CHARGE, StripeKind.REFUND, StripeKind.CUSTOMER]
        for kind in kinds:
            world.put([sample(kind, number, START) for number in range(20)])
        world.delete(StripeKind.CUSTOMER, object_id(StripeKind.CUSTOMER, 3))
        wanted = [(kind, object_id(kind, number)) for number in range(21) for kind in kinds]
        found = list(world.gateway.retrieve_many(wanted))
        assert sorted((kind, key) for kind, key, _ in found) == sorted(wanted)
        absent = {(kind, key): what for kind, key, what in found if isinstance(what, Absence)}
        missing = {(kind, object_id(kind, 20)): Absence.MISSING for kind in kinds}
        deleted = {(StripeKind.CUSTOMER, object_id(StripeKind.CUSTOMER, 3)): Absence.DELETED}
        assert absent == missing | deleted
        assert all(
            what.id == key for _, key, what in found if not isinstance(what, Absence | StripeError)
        )

    def test_the_feed_is_newest_first_and_filtered(self, world: World) -> None:
        hour = timedelta(hours=1)
        types = ("charge.succeeded", "charge.refunded", "invoice.paid", "charge.succeeded")
        world.put(
            [
                {
                    **sample(StripeKind.EVENT, number, FEED_START + number * hour),
                    "type": event_type,
                    "pending_webhooks": number % 2,
                }
                for number, event_type in enumerate(types)
            ]
        )

        def numbers(query: EventQuery) -> list[int]:
            pages = world.gateway.feed(query)
            return [int(event.id.removeprefix("evt_")) for page in pages for event in page]

        assert numbers(EventQuery()) == [3, 2, 1, 0]
        assert numbers(EventQuery(type="charge.succeeded")) == [3, 0]
        assert numbers(EventQuery(type="charge.*")) == [3, 1, 0]
        assert numbers(EventQuery(undelivered=True)) == [3, 1]
        assert numbers(EventQuery(since=FEED_START + hour, until=FEED_START + 3 * hour)) == [2, 1]
        assert numbers(EventQuery("charge.*", FEED_START, undelivered=True)) == [3, 1]
        assert numbers(EventQuery(since=FEED_START + 4 * hour)) == []

    def test_a_long_feed_comes_in_pages_and_whole(self, world: World) -> None:
        count = 230
        world.put([sample(StripeKind.EVENT, number, FEED_START) for number in range(count)])
        pages = [list(page) for page in world.gateway.feed(EventQuery())]
        assert len(pages) > 1
        assert [event.id for page in pages for event in page] == [
            object_id(StripeKind.EVENT, number) for number in reversed(range(count))
        ]

    @pytest.mark.parametrize(
        ("kind", "owner"),
        [
            (StripeKind.CHECKOUT_SESSION, StripeKind.CUSTOMER),
            (StripeKind.PAYMENT_INTENT, StripeKind.CUSTOMER),
            (StripeKind.CHARGE, StripeKind.CUSTOMER),
            (StripeKind.INVOICE, StripeKind.CUSTOMER),
            (StripeKind.SUBSCRIPTION, StripeKind.CUSTOMER),
            (StripeKind.REFUND, StripeKind.PAYMENT_INTENT),
            (StripeKind.DISPUTE, StripeKind.PAYMENT_INTENT),
            (StripeKind.INVOICE_PAYMENT, StripeKind.INVOICE),
        ],
    )
    def test_what_belongs_to_another_object(
        self, world: World, kind: StripeKind, owner: StripeKind
    ) -> None:
        """However old, in pages, and nobody else's."""
        ours, theirs = object_id(owner, 1), object_id(owner, 2)
        world.put([sample(owner, number, START) for number in (1, 2)])
        count = 130
        for number in range(count + 1):
            of = ours if number < count else theirs
            world.put(belonging(kind, owner, of, number))
        pages = list(world.gateway.related(kind, owner, ours))
        assert [len(page) for page in pages] == [100, 30]
        found = [one for page in pages for one in page]
        assert [one.id for one in found] == [
            object_id(kind, number) for number in reversed(range(count))
        ]
        assert found[0] == world.gateway.retrieve(kind, found[0].id)
        nobody = object_id(owner, 404)
        assert list(world.gateway.related(kind, owner, nobody)) == []

    def test_subscriptions_that_were_canceled_belong_too(self, world: World) -> None:
        kind, owner = StripeKind.SUBSCRIPTION, object_id(StripeKind.CUSTOMER, 1)
        world.put([sample(StripeKind.CUSTOMER, 1, START)])
        ended = {**sample(kind, 1, START), "customer": owner, "status": "canceled"}
        world.put([ended])
        (page,) = world.gateway.related(kind, StripeKind.CUSTOMER, owner)
        assert [one.id for one in page] == [object_id(kind, 1)]


def belonging(kind: StripeKind, owner: StripeKind, owner_id: str, number: int) -> list[Json]:
    """An object of `owner_id`; a charge with the PaymentIntent by which it is its customer's."""
    fields = sample(kind, number, START + timedelta(minutes=number))
    if kind is StripeKind.INVOICE_PAYMENT:
        return [fields | {"invoice": owner_id}]
    if kind is not StripeKind.CHARGE:
        return [fields | {owner.value: owner_id}]
    intent = sample(StripeKind.PAYMENT_INTENT, number, START) | {"customer": owner_id}
    return [intent, fields | {"customer": owner_id, "payment_intent": intent["id"]}]
