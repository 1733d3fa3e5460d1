"""Inspectors over facts that a test makes up."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from stakactl.domain.stripe_account import AccountState, ClockReading, Price
from stakactl.domain.stripe_objects import Absence
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
            return AccountAnswer(self._account, "", self._clock)
        return AccountAnswer(None, "the key may not do this", self._clock)

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
