"""The application's own webhook as Stripe meets it: asked, tested, and told of events.

endpoint.py   one HTTP exchange with the one address that was set
failures.py   what went wrong with it → WebhookError with a hint
sender.py     delivers signed events
inspector.py  looks whether it would take Stripe's and refuse those of others
"""
