"""What must be found in a seeded world: the planted truth, and the invoices that are not made yet.

Derived from the answer sheet and the orders alone; nothing here looks at what was found.
"""

from collections import Counter
from collections.abc import Iterable

from stakactl.demo.world import Truth, World
from stakactl.demo.world.truth import Key, key_of
from stakactl.domain.findings import BLOCKS_INVOICING, Discrepancy, Finding

Keys = Counter[Key]


def keys(findings: Iterable[Finding]) -> Keys:
    """What was found, by class and by what it is about."""
    return Counter(map(key_of, findings))


def at_first(world: World) -> Keys:
    """What a first look finds: everything planted, and each order that waits for its invoice."""
    return Counter(one.key for one in world.truth.planted) + _invoices(_waiting(world))


def after_fixes(world: World) -> Keys:
    """What stands once the safe ones are repaired: those that were repaired wait for an invoice."""
    repaired = {
        one.order_id
        for one in world.truth.planted
        if one.fixed_by_nightly and one.invoiced and one.order_id
    }
    standing = Counter(one.key for one in world.truth.planted if not one.fixed_by_nightly)
    return standing + _invoices(_waiting(world) | repaired)


def fixed(truth: Truth) -> Keys:
    """What a run with `--fix` repairs."""
    return Counter(one.key for one in truth.planted if one.fixed_by_nightly)


def _waiting(world: World) -> set[str]:
    """Paid orders without an invoice, about which nothing is uncertain."""
    uncertain = {
        name
        for one in world.truth.planted
        if one.discrepancy in BLOCKS_INVOICING | {Discrepancy.INVOICE_BLOCKED}
        for name in (one.order_id, one.refs.get("other_order"))
    }
    billed = {
        obj["id"]
        for obj in world.stripe_objects
        if obj["object"] == "checkout.session" and obj["invoice"]
    }
    return {
        row["order_id"]
        for row in world.orders
        if row["status"] in ("paid", "partially_refunded")
        and row["amount_minor"] > 0
        and "invoice_number" not in row
        and row["order_id"] not in uncertain
        and row.get("stripe_session_id") not in billed
    }


def _invoices(order_ids: Iterable[str]) -> Keys:
    return Counter((str(Discrepancy.INVOICE_MISSING), order_id) for order_id in order_ids)
