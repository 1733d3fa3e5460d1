"""One function per kind of Stripe object, complete as Stripe sends it.

Shapes are those of API version 2026-10-28.endive; tests hold them against Stripe's contract. What
never varies is built once and shared by all objects of a world: a world is read and stored, and
whoever wants to change an object copies it.
"""

API_VERSION = "2026-10-28.endive"
