"""Ids in Stripe's shapes, one stream of chance for each kind of object.

Streams of their own keep a session's id what it is when the number of payouts changes with the
date; and they never meet the ids that the offline Stripe gives to objects created later.
"""

import random
from base64 import b64encode
from typing import Any

#: A JSON object, as it travels.
Json = dict[str, Any]

#: kind → what the id starts with, and how many letters and digits follow.
SHAPES: dict[str, tuple[str, int]] = {
    "account": ("acct_1Demo", 12),
    "bank_account": ("ba_1", 23),
    "balance_transaction": ("txn_3", 23),
    "charge": ("ch_3", 23),
    "charge.sepa_debit": ("py_3", 23),
    "checkout.session": ("cs_live_a1", 56),
    "coupon": ("", 8),
    "customer": ("cus_", 14),
    "discount": ("di_1", 23),
    "dispute": ("du_1", 23),
    "event": ("evt_1", 23),
    "fingerprint": ("", 16),
    "invoice": ("in_1", 23),
    "invoice_payment": ("inpay_1", 23),
    "item": ("li_1", 23),
    "line_item": ("il_1", 23),
    "mandate": ("mandate_1", 23),
    "payment_intent": ("pi_3", 23),
    "payment_method": ("pm_1", 23),
    "payout": ("po_1", 23),
    "payout_transaction": ("txn_1", 23),
    "planted.payout": ("po_1", 23),
    "price": ("price_1", 23),
    "product": ("prod_", 14),
    "refund": ("re_3", 23),
    "secret": ("", 25),
    "subscription": ("sub_1", 23),
    "subscription_item": ("si_", 14),
    "tax_rate": ("txr_1", 23),
    "test.checkout.session": ("cs_test_a1", 56),
    "webhook_endpoint": ("we_1", 23),
}


class Ids:
    """The same seed gives the same ids, in the order in which they are asked for, kind by kind."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._streams: dict[str, random.Random] = {}

    def new(self, kind: str) -> str:
        prefix, length = SHAPES[kind]
        stream = self._streams.get(kind)
        if stream is None:
            stream = self._streams[kind] = random.Random(f"{self._seed}/{kind}")
        letters = b64encode(stream.randbytes(length), altchars=b"xY")  # letters and digits only
        return prefix + letters[:length].decode()
