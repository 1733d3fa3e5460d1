"""The commands of the root: name, module, help line. Modules are imported when one is invoked."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """`module` has `app`, a Typer made by `options.group`; `is_group` when it has subcommands."""

    module: str
    help: str
    panel: str
    is_group: bool = False


_START = "First steps"
_NIGHT = "Every night"
_LOOK = "Look and act"
_STORE = "Housekeeping"

COMMANDS: Mapping[str, Entry] = {
    "demo": Entry(
        "stakactl.cli.demo",
        "Try everything on an offline Stripe with a seeded world.",
        _START,
        True,
    ),
    "init": Entry("stakactl.cli.init", "Write the settings and create the database.", _START),
    "config": Entry(
        "stakactl.cli.config", "Prove that the settings work; show them.", _START, True
    ),
    "nightly": Entry(
        "stakactl.cli.nightly", "Do the whole night's work, with one exit code.", _NIGHT
    ),
    "sync": Entry("stakactl.cli.sync", "Fill the local copy of Stripe and the orders.", _NIGHT),
    "reconcile": Entry(
        "stakactl.cli.reconcile", "Compare orders with Stripe; repair what is safe.", _NIGHT
    ),
    "health": Entry(
        "stakactl.cli.health", "Healthy, degraded or critical; tell what is wrong.", _NIGHT
    ),
    "explain": Entry("stakactl.cli.explain", "The time line of one id across the chain.", _LOOK),
    "undo": Entry("stakactl.cli.undo", "Take back the changes of a run that still stand.", _LOOK),
    "webhooks": Entry(
        "stakactl.cli.webhooks", "Endpoints in Stripe, our URL, and the event feed.", _LOOK, True
    ),
    "orders": Entry("stakactl.cli.orders", "List, show and import orders.", _LOOK, True),
    "customers": Entry(
        "stakactl.cli.customers", "One customer: all there is, read again, by year.", _LOOK, True
    ),
    "invoices": Entry("stakactl.cli.invoices", "Issue, store and look up invoices.", _LOOK, True),
    "reminders": Entry(
        "stakactl.cli.reminders", "Who owes money, and the letters about it.", _LOOK, True
    ),
    "mail": Entry("stakactl.cli.mail", "Send and look through the outbox.", _LOOK, True),
    "stats": Entry("stakactl.cli.stats", "Revenue and other figures of a period.", _LOOK, True),
    "runs": Entry("stakactl.cli.runs", "What was done by which run.", _LOOK, True),
    "changes": Entry("stakactl.cli.changes", "The record of every change.", _LOOK, True),
    "maintenance": Entry(
        "stakactl.cli.maintenance", "Hold everything that changes something.", _STORE, True
    ),
    "checklist": Entry(
        "stakactl.cli.checklist", "Go through a deployment, and keep its record.", _STORE, True
    ),
    "rollback": Entry("stakactl.cli.rollback", "Hold everything, and bring it back.", _STORE, True),
    "backup": Entry("stakactl.cli.backup", "Back up the store and bring it back.", _STORE, True),
    "storage": Entry(
        "stakactl.cli.storage", "Where the PDFs are: health, size, colder classes.", _STORE, True
    ),
    "db": Entry("stakactl.cli.db", "Create, upgrade and inspect the database.", _STORE, True),
}
