"""Customers: whom a name means, and everything that is theirs."""
