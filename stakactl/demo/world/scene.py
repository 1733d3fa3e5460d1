"""The stage of one order: its number, buyer, cart and moment, and what scenarios do with them."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from stakactl.demo.world.catalogue import Cart, draw_cart
from stakactl.demo.world.ids import Json
from stakactl.demo.world.people import COUNTRIES, ODD_NAMES, Person, draw_person
from stakactl.demo.world.purchase import Payment, Purchase, References
from stakactl.demo.world.rhythm import DAY, iso
from stakactl.demo.world.shapes import checkout
from stakactl.demo.world.till import Till
from stakactl.demo.world.truth import Planted
from stakactl.domain.findings import Discrepancy

FIRST_ORDER = 10_001
#: Every so many customers, one asked to be deleted.
DELETED_EVERY = 50


@dataclass(frozen=True, slots=True)
class Link:
    """Where an order and its payment name each other."""

    records_session: bool = False
    records_intent: bool = False
    client_reference: bool = False
    session_metadata: bool = False
    intent_metadata: bool = False
    checkout: bool = True  # False: a form of the application's own, without a Checkout Session


LINKS = {
    "session": Link(records_session=True),
    "both": Link(records_session=True, records_intent=True, client_reference=True),
    "intent": Link(records_intent=True, checkout=False),
    "intent_of_session": Link(records_intent=True),
    "client_reference_id": Link(client_reference=True),
    "session_metadata": Link(session_metadata=True),
    "intent_metadata": Link(intent_metadata=True),
    "intent_metadata_only": Link(intent_metadata=True, checkout=False),
}


class Cast:
    """The buyers so far; some come back."""

    RETURNING = 0.2
    REGULARS = 5  # so many must be known before one of them comes back

    def __init__(self, till: Till, rng: random.Random) -> None:
        self._till = till
        self._rng = rng
        self._known: dict[str, list[tuple[Person, str | None]]] = {}
        self._people = self._customers = 0
        self._odd_names = iter(ODD_NAMES)

    def someone(self, country: str, at: int) -> tuple[Person, str | None]:
        """A person and their Stripe customer; guests have none."""
        known = self._known.setdefault(country, [])
        if self._rng.random() < self.RETURNING and len(known) >= self.REGULARS:
            return self._rng.choice(known)
        self._people += 1
        person = draw_person(
            self._rng,
            self._people,
            country,
            next(self._odd_names, None) if country == "FR" else None,
        )
        customer_id = self._register(person, at) if self._rng.random() < 0.7 else None
        known.append((person, customer_id))
        return person, customer_id

    def customer(self, country: str, at: int) -> tuple[Person, str]:
        """Somebody who is a customer of Stripe's too."""
        while True:
            person, customer_id = self.someone(country, at)
            if customer_id is not None:
                return person, customer_id

    def _register(self, person: Person, at: int) -> str:
        self._customers += 1
        customer = checkout.customer(self._till.ids.new("customer"), person, at - 2 * DAY)
        if self._customers % DELETED_EVERY == 7:
            customer["_deleted"] = True  # stored as Stripe does: only the id survives
        self._till.objects.append(customer)
        return str(customer["id"])


@dataclass(slots=True)
class Scene:
    """One order in the making. Times are Unix times; `at` is when it is placed."""

    till: Till
    rng: random.Random
    cast: Cast
    at: int
    country: str
    numbers: Callable[[], str]
    stripe_tax: bool = False
    rows: list[Json] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    billed_elsewhere: set[str] = field(default_factory=set)
    person: Person = field(init=False)
    customer_id: str | None = field(init=False)
    cart: Cart = field(init=False)
    order_id: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.person, self.customer_id = self.cast.someone(self.country, self.at)
        land = COUNTRIES[self.country]
        self.cart = draw_cart(
            self.rng, self.country, land.currency, land.locale, stripe_tax=self.stripe_tax
        )

    @property
    def now(self) -> int:
        return self.till.now

    def number(self) -> str:
        """Take an order number; the first one is this scene's."""
        number = self.numbers()
        self.order_id = self.order_id or number
        return number

    def between(self, start: int, share_of_rest: float) -> int:
        """A moment after `start`, at that share of the time until now."""
        return start + int((self.now - start) * share_of_rest)

    # -- in Stripe

    @staticmethod
    def naming(name: str, link: Link) -> References:
        """The references to order `name` that the objects of such a link carry."""
        return References(
            client_reference_id=name if link.client_reference else None,
            session_metadata={"orderId": name} if link.session_metadata else {},
            intent_metadata={"order_id": name} if link.intent_metadata else {},
        )

    def purchase(self, link: Link | None = None, **changes: object) -> Purchase:
        """The cart being bought; with a link, its objects name this order."""
        base = Purchase(
            self.person,
            self.cart,
            self.cart.amount,
            self.cart.currency,
            self.customer_id,
            self.naming(self.order_id or self.number(), link) if link else References(),
        )
        return replace(base, **changes) if changes else base  # type: ignore[arg-type]

    def pay(self, link: Link, settles_after: int = 0, **changes: object) -> Payment:
        """The cart is paid, through Checkout or not, as the link says."""
        purchase = self.purchase(link, **changes)
        if link.checkout:
            return self.till.checkout(purchase, self.at, settles_after=settles_after)
        return self.till.pay(purchase, self.at + 60, settles_after=settles_after)

    # -- in the application

    def order(
        self,
        status: str,
        link: Link | None = None,
        payment: Payment | None = None,
        **fields: object,
    ) -> Json:
        """A row of the import format. The link tells which ids of the payment the order records.

        `fields` are further columns, or other values; None leaves a column out.
        """
        number = self.order_id or self.number()
        recorded: Json = {}
        if payment is not None and link is not None:
            if link.records_session and payment.session:
                recorded["stripe_session_id"] = payment.session["id"]
            if link.records_intent:
                recorded["stripe_payment_intent_id"] = payment.intent["id"]
            if payment.paid_at is not None and status not in ("pending", "failed", "expired"):
                recorded["paid_at"] = iso(payment.paid_at)
        person = self.person
        row: Json = {
            "order_id": number,
            "created_at": iso(self.at),
            "status": status,
            "amount_minor": self.cart.amount,
            "currency": self.cart.currency,
            "title": self.cart.title,
            "customer_email": person.email,
            "customer_name": person.name,
            "customer_id": person.customer_id,
            "customer_company": person.company,
            "customer_siren": person.siren,
            "customer_vat_number": person.vat_number,
            "address_line1": person.line1,
            "postal_code": person.postal_code,
            "city": person.city,
            "country": person.country,
            "locale": person.locale,
            "stripe_customer_id": self.customer_id,
            **self.cart.order_fields(),
            "updated_at": recorded.get("paid_at", iso(self.at)),
            **recorded,
            **fields,
        }
        row = {name: value for name, value in row.items() if value not in (None, "")}
        self.rows.append(row)
        return row

    def plant(
        self,
        discrepancy: Discrepancy,
        payment: Payment | None = None,
        *,
        fixed: bool = False,
        pending: bool = False,
        invoiced: bool = False,
        orphan: bool = False,
        order_id: str | None = None,
        session_id: str | None = None,
        invoice_number: str | None = None,
        **refs: str,
    ) -> None:
        """Note what was planted for the scene's order, another one or (`orphan`) none; `refs`
        are further ids (refund, dispute, …)."""
        session = payment.session if payment else None
        self.planted.append(
            Planted(
                discrepancy,
                None if orphan else order_id or self.order_id,
                session_id or (session["id"] if session else None),
                payment.intent["id"] if payment else None,
                refs,
                invoice_number,
                fixed_by_nightly=fixed,
                pending=pending,
                invoiced=invoiced,
            )
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """What can happen to an order; `play` makes it happen.

    `share` is a share of 100 clean orders, or the number of times it is planted. `ages` are the
    oldest and youngest number of days ago that orders are placed. `orders` counts the rows made.
    """

    name: str
    share: int
    play: Callable[[Scene], None]
    ages: tuple[float, float] = (60, 0.05)
    orders: int = 1
    stripe_tax: bool = False
    country: str | None = "FR"  # None: whatever comes next

    def age(self, chance: float, days: int) -> float:
        """Days before now, before the rhythm of the week moves it a little."""
        oldest, youngest = self.ages_within(days)
        return oldest - chance * (oldest - youngest)

    def ages_within(self, days: int) -> tuple[float, float]:
        """`ages` in a world of so many days."""
        oldest = min(self.ages[0], days)
        return oldest, min(self.ages[1], oldest / 2)
