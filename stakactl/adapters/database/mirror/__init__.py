"""The local copy of Stripe's objects, and orders joined with it.

mirror.py    what a sync writes and asks; progress.py how far it got
rows/        Stripe's objects as rows, and back
cases/       orders with their Stripe objects, and payments without orders
narrowing/   which orders may have a finding: SQL drops what agrees
money/       the record of money: balances, bookings, payouts
events.py    Stripe's feed of events; trail/ all that is stored about one id
"""
