"""Stripe, read through its official SDK.

gateway.py   the port: many creation windows or objects at once, the account of the key
endpoints.py the webhook endpoints: the only thing that is changed in Stripe
spans.py     one window, read page by page and split while others are free to help
crew.py      the threads, between tasks on one side and one consumer on the other
link.py      one request: limits, tries and connection together
throttle.py  never more requests per second than allowed, overall and per endpoint
retry.py     what passes by itself is tried again, within a budget of seconds
sdk.py       the SDK's transport, with a faster way to JSON; imported by the first request
objects.py   Stripe's JSON → domain values
errors.py    the only translator of Stripe's errors
"""
