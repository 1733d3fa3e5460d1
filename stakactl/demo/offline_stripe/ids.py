"""Ids in the shape of Stripe's, drawn from a seed and a counter.

A seeded world must come out the same on every machine, also what is created in it later: hence no
random numbers, but a digest of (seed, kind, how many ids came before).
"""

import hashlib
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Shape:
    prefix: str
    length: int
    lead: str = ""  # what Stripe puts after the prefix: a generation mark


SHAPES = {
    "balance_transaction": Shape("txn_", 23, "3"),
    "charge": Shape("ch_", 23, "3"),
    "customer": Shape("cus_", 14),
    "event": Shape("evt_", 23, "1"),
    "payment_intent": Shape("pi_", 23, "3"),
    "price": Shape("price_", 23, "1"),
    "product": Shape("prod_", 14),
    "refund": Shape("re_", 23, "3"),
    "request": Shape("req_", 14),
    "secret": Shape("", 24),
    "webhook_endpoint": Shape("we_", 23, "1"),
    "webhook_secret": Shape("whsec_", 32),
    "checkout.session": Shape("cs_", 56, "a1"),
}


def token(length: int, *ingredients: object) -> str:
    """`length` letters and digits that depend on the ingredients alone."""
    text = "\x1f".join(str(part) for part in ingredients)
    number = int.from_bytes(hashlib.sha512(text.encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)


def make_id(kind: str, seed: str, number: int, *, livemode: bool = True) -> str:
    """The `number`-th id of a kind in the world called `seed`."""
    shape = SHAPES[kind]
    mode = ("live_" if livemode else "test_") if kind == "checkout.session" else ""
    return f"{shape.prefix}{mode}{shape.lead}{token(shape.length, seed, kind, number, livemode)}"


def singleton_id(kind: str, *, livemode: bool) -> str:
    """The balance has no id in Stripe, and each mode has its own: what the state calls it."""
    return f"{kind}:{'live' if livemode else 'test'}"
