"""Inspectors over facts that a test makes up."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from stakactl.domain.runs import Mode
from stakactl.domain.stripe_account import AccountState, ClockReading, Price
from stakactl.domain.stripe_objects import Absence
from stakactl.errors import ConfigurationError, DatabaseError
from stakactl.operations.ports.inspection.databases import Bound, OrderSample, StoreSchema
from stakactl.operations.ports.inspection.mail import MailAccess, MailExpectations, MailHurdle
from stakactl.operations.ports.inspection.storage import (
    BucketAccess,
    BucketExpectations,
    Hurdle,
    ObjectLock,
    RoundTrip,
)
from stakactl.operations.ports.inspection.stripe import (
    AccountAnswer,
    Refusal,
    StripeArea,
    StripeExpectations,
)
from tests.contracts.bucket_inspector import ALL_BLOCKS, Bucket
from tests.contracts.mail_inspector import Server

#: The permission of each list, as Stripe calls it.
_RIGHTS = {
    StripeArea.BALANCE: "balance",
    StripeArea.BALANCE_TRANSACTIONS: "balance_transaction_source",
    StripeArea.CHARGES: "charge",
    StripeArea.CHECKOUT_SESSIONS: "checkout_session",
    StripeArea.CUSTOMERS: "customer",
    StripeArea.DISPUTES: "dispute",
    StripeArea.EVENTS: "event",
    StripeArea.INVOICE_PAYMENTS: "invoice",
    StripeArea.INVOICES: "invoice",
    StripeArea.PAYMENT_INTENTS: "payment_intent",
    StripeArea.PAYOUTS: "payout",
    StripeArea.PRODUCTS: "product",
    StripeArea.REFUNDS: "charge",
    StripeArea.SUBSCRIPTIONS: "subscription",
    StripeArea.WEBHOOK_ENDPOINTS: "webhook",
}


class FakeStripeInspector:
    """`permissions` of a restricted key; None allows everything. `prices` has those of the key's
    mode, `other_mode` the ids of the other one's."""

    def __init__(
        self,
        expectations: StripeExpectations,
        account: AccountState,
        clock: ClockReading,
        *,
        prices: Mapping[str, Price] | None = None,
        other_mode: Iterable[str] = (),
        permissions: frozenset[str] | None = None,
    ) -> None:
        self.expectations = expectations
        self._account = account
        self._clock = clock
        self._prices = dict(prices or {})
        self._other_mode = frozenset(other_mode)
        self._permissions = permissions

    def account(self) -> AccountAnswer:
        if self._allows("rak_accounts_kyc_basic_read"):
            return AccountAnswer(self._account.id, self._account, "", self._clock)
        return AccountAnswer(self._account.id, None, "the key may not do this", self._clock)

    def price(self, price_id: str) -> Price | Absence:
        other = Absence.OTHER_MODE if price_id in self._other_mode else Absence.MISSING
        return self._prices.get(price_id, other)

    def may_read(self, area: StripeArea) -> Refusal | None:
        permission = f"rak_{_RIGHTS[area]}_read"
        return None if self._allows(permission) else Refusal(area, permission)

    def may_write_endpoints(self) -> Refusal | None:
        permission = "rak_webhook_write"
        if self._allows(permission):
            return None
        return Refusal(StripeArea.WEBHOOK_ENDPOINTS, permission)

    def _allows(self, permission: str) -> bool:
        return self._permissions is None or permission in self._permissions


class FakeBucketInspector:
    """Of a bucket as a test describes it."""

    def __init__(self, bucket: Bucket, expectations: BucketExpectations) -> None:
        self.expectations = expectations
        self._bucket = bucket

    def access(self) -> BucketAccess:
        if not self._bucket.exists:
            name = self.expectations.bucket
            return BucketAccess(Hurdle.BUCKET, f"the bucket {name!r} does not exist", "create it")
        return BucketAccess(region=self._bucket.region, wanted_region="us-east-1")

    def missing_blocks(self) -> tuple[str, ...]:
        return tuple(name for name in ALL_BLOCKS if name not in self._bucket.blocks)

    def has_public_policy(self) -> bool:
        return self._bucket.public_policy

    def public_grants(self) -> tuple[str, ...]:
        return ("READ to everybody",) if self._bucket.public_acl else ()

    def versioning(self) -> str:
        return self._bucket.versioning

    def object_lock(self) -> ObjectLock:
        return self._bucket.lock

    def encryption(self) -> str:
        return self._bucket.encryption

    def round_trip(self) -> RoundTrip:
        return RoundTrip("invoices/stakactl-probe-fake.pdf", True, True, 403)


class FakeMailInspector:
    """Of a server as a test describes it, seen 90 days before its certificate ends."""

    def __init__(self, server: Server, expectations: MailExpectations, now: datetime) -> None:
        self.expectations = expectations
        self._server = server
        self._now = now

    def access(self) -> MailAccess:
        hurdle = self._hurdle()
        if hurdle is not None:
            return MailAccess(hurdle, self._now, f"it ended at {hurdle}", "look there")
        if self._server.security == "none":
            return MailAccess(None, self._now)
        ends_at = self._now + timedelta(days=89, hours=23)
        return MailAccess(None, self._now, protocol="TLSv1.3", certificate_ends_at=ends_at)

    def _hurdle(self) -> MailHurdle | None:
        if not self._server.up:
            return MailHurdle.NETWORK
        if self._server.security != "none" and self._server.certificate != "good":
            return MailHurdle.TLS
        return MailHurdle.LOGIN if self._server.password == "wrong" else None


class FakeStoreInspector:
    """A store that is in order unless it is missing; the key is a live one."""

    mode: Mode | None = Mode.LIVE

    def __init__(self, *, initialised: bool = True, bound: Bound | None = None) -> None:
        self._initialised = initialised
        self._bound = bound

    def schema(self) -> StoreSchema:
        where = "postgresql://db.example.com:5432/stakactl"
        if self._initialised:
            return StoreSchema(where, "0002")
        return StoreSchema(
            where, "", f"there is no database of stakactl at {where}", "type stakactl db init"
        )

    def bound(self) -> Bound | None:
        return self._bound


class FakeOrdersInspector:
    """An application with `rows` orders, the last `unreadable` of which cannot be taken."""

    def __init__(
        self,
        *,
        rows: int = 2,
        unreadable: int = 0,
        missing_column: bool = False,
        mapping_exists: bool = True,
        up: bool = True,
    ) -> None:
        self._rows = rows
        self._unreadable = unreadable
        self._missing_column = missing_column
        self._mapping_exists = mapping_exists
        self._up = up

    def mapping(self) -> str:
        if not self._mapping_exists:
            raise ConfigurationError("ORDERS_MAPPING: there is no such mapping", hint="write one")
        return "mapping shop"

    def connect(self) -> str:
        if not self._up:
            raise DatabaseError("the application's database cannot be reached", hint="start it")
        return "mysql://db.example.com:3306/shop"

    def fit(self) -> int:
        if self._missing_column:
            raise ConfigurationError("mapping shop does not fit", hint="correct it")
        return 1

    def sample(self) -> OrderSample:
        last = range(self._rows - self._unreadable + 1, self._rows + 1)
        return OrderSample(self._rows, tuple(f"order {number}: no amount" for number in last))
