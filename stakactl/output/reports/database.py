"""Reports of the `db` commands."""

from stakactl.domain.runs import Outcome
from stakactl.output.view import View

#: What to type, by the state of the schema.
_NEXT = {
    "missing": "stakactl db init creates it",
    "empty": "stakactl db init creates the tables",
    "outdated": "stakactl db upgrade brings it up to date",
    "newer": "install the version of stakactl that made it",
    "foreign": "set STAKACTL_DATABASE_URL to a database of its own",
    "current": "stakactl orders import FILE takes orders in",
}


def schema_view(*, url: str, state: str, current: str | None, head: str) -> View:
    """`url` holds no password. Findings where the schema is not the one of this version."""
    return View(
        outcome=Outcome.OK if state == "current" else Outcome.FINDINGS,
        title="Database",
        summary={"database": url, "state": state, "schema": current, "schema_of_version": head},
        notes=(_NEXT[state],),
    )
