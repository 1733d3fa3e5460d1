"""Receivables: read from four tables and the mirror, with their reminders from the outbox."""
