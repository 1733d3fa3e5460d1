"""Stripe, read through its official SDK.

gateway.py   the port: pages by creation window, one object by id, the account of the key
objects.py   Stripe's JSON → domain values
throttle.py  never more requests per second than allowed, overall and per endpoint
retry.py     what passes by itself is tried again, within a budget of seconds
errors.py    the only translator of Stripe's errors
"""
