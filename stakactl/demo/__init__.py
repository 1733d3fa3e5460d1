"""The demo: an offline Stripe, a seeded world with planted discrepancies, and the folder of both.

home.py             the demo's folder: made anew, never anything outside of it
seed.py             a world written into that folder
world/              the generator: orders, Stripe objects and the planted truth, pure data
offline_stripe/     the HTTP server that answers as Stripe does
verdict.py          whether a night ended exactly as it was planted
"""
