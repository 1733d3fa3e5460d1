"""The record of money read from the mirror: what was booked, paid out and held."""
