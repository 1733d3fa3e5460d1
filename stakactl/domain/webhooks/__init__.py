"""Webhook endpoints registered in Stripe: what is there, what is wanted, and the way between.

endpoints.py   an endpoint, the wanted one, and when two URLs are the same
events.py      the events that are asked for unless a setting says otherwise
creation.py    making an endpoint so that a lost answer makes no second one
register.py    the plan of `webhooks register`
rotation.py    the plan of `webhooks rotate-secret`
"""
