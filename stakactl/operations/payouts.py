"""What each automatic payout contains, read once.

Stripe tells it payout by payout only (`balance_transactions?payout=po_…`). A payout whose
transactions do not sum to it is read again each time: what Stripe lists may lag behind.
"""

from stakactl.errors import StripeError
from stakactl.operations.ports import Ports, StageProgress

#: Stripe is taken for down after so many payouts that could not be read: the gateway has retried.
MAX_UNREAD = 3


def itemise_payouts(ports: Ports, unread: list[str], stage: StageProgress) -> int:
    """Read the contents of paid automatic payouts; returns of how many. Each is recorded once it
    was read to its end, so that an interrupted run goes on with the next one."""
    done = failed = 0
    for payout_id in ports.money.to_itemise():
        try:
            _itemise(ports, payout_id)
        except StripeError as error:
            unread.append(f"payout {payout_id}: {error.message}")
            failed += 1
            if failed == MAX_UNREAD:
                break
            continue
        done += 1
        stage.advance()
    return done


def _itemise(ports: Ports, payout_id: str) -> None:
    contained: list[str] = []
    for page in ports.stripe.payout_transactions(payout_id):
        ports.mirror.upsert(page)
        contained += [transaction.id for transaction in page]
    ports.money.itemise(payout_id, contained)
