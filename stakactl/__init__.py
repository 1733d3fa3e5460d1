"""Billing operations for companies that sell through Stripe."""

__version__ = "0.1.0"
