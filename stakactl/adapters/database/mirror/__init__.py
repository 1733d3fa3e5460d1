"""The local copy of Stripe's objects, and orders joined with it."""
