"""What is wrong in a world, known because it was put there: the answer sheet for reconciliation."""

import json
from dataclasses import asdict, dataclass, field

from stakactl.demo.world.ids import Json
from stakactl.demo.world.ledger import Revenue
from stakactl.domain.findings import Discrepancy, Finding

#: What a finding is about, where it is not about an order or a payment: a key of its `refs`.
SUBJECTS = {
    Discrepancy.BALANCE_MISSING: "charge",
    Discrepancy.BALANCE_UNCLASSIFIED: "reporting_category",
    Discrepancy.BRIDGE_RESIDUAL: "currency",
    Discrepancy.PAYOUT_MISMATCH: "payout",
    Discrepancy.PAYOUT_FAILED: "payout",
    Discrepancy.PAYOUT_MANUAL: "payout",
    Discrepancy.EVENT_UNPROCESSED: "event",
    Discrepancy.PDF_ORPHAN: "object_key",
}
#: A finding is told by its class and by what it is about.
Key = tuple[str, str]


def key_of(found: "Planted | Finding") -> Key:
    """The same for what was planted and for the finding that tells of it."""
    about = found.refs.get(SUBJECTS.get(found.discrepancy, ""))
    about = about or found.order_id or found.payment_intent_id or found.invoice_number
    return str(found.discrepancy), about or next(iter(found.refs.values()), "")


@dataclass(frozen=True, slots=True)
class Planted:
    """One discrepancy that has to be found, and none other for the same subject.

    `key_of` says how a finding is recognised. `invoiced` says whether the nightly run ends with
    an invoice for it.
    """

    discrepancy: Discrepancy
    order_id: str | None
    session_id: str | None = None
    payment_intent_id: str | None = None
    refs: dict[str, str] = field(default_factory=dict)
    invoice_number: str | None = None
    fixed_by_nightly: bool = False
    pending: bool = False
    invoiced: bool = False

    @property
    def key(self) -> Key:
        """What identifies the finding."""
        return key_of(self)

    def to_json(self) -> Json:
        fields = asdict(self)
        return {"class": str(fields.pop("discrepancy")), **fields}

    @staticmethod
    def from_json(data: Json) -> "Planted":
        fields = dict(data)
        return Planted(discrepancy=Discrepancy[fields.pop("class")], **fields)


@dataclass(frozen=True, slots=True)
class Truth:
    """The planted discrepancies, and the figures after one nightly run.

    `consequences` are what only the invoices of that run bring to light. `revenue` holds the
    control sums of the live balance transactions by settlement currency.
    """

    planted: tuple[Planted, ...]
    expected_invoices: int
    expected_mails: int
    orders_changed: int
    revenue: dict[str, Revenue]
    consequences: tuple[Planted, ...] = ()

    def of(self, discrepancy: Discrepancy) -> tuple[Planted, ...]:
        return tuple(one for one in self.planted if one.discrepancy is discrepancy)

    @property
    def remaining(self) -> tuple[Planted, ...]:
        """What the nightly run leaves to people, or waits for."""
        standing = (one for one in self.planted if not one.fixed_by_nightly)
        return (*standing, *self.consequences)

    def to_json(self) -> str:
        fields = asdict(self)
        fields["planted"] = [one.to_json() for one in self.planted]
        fields["consequences"] = [one.to_json() for one in self.consequences]
        return json.dumps(fields, ensure_ascii=False, indent=1)

    @staticmethod
    def from_json(text: str) -> "Truth":
        fields = json.loads(text)
        for name in ("planted", "consequences"):
            fields[name] = tuple(Planted.from_json(one) for one in fields[name])
        fields["revenue"] = {
            currency: Revenue(**sums) for currency, sums in fields["revenue"].items()
        }
        return Truth(**fields)
