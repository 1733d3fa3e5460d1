"""`stakactl db …`."""

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.output.view import View

app = group("db")


@command(app, name="init", example="stakactl db init")
def init_database(call: Call) -> View:
    """Create stakactl's own database; nothing happens where it exists already.

    A database that holds tables of somebody else is refused.
    """
    call.container.init_database()
    return _status(call)


@command(app, name="upgrade", example="stakactl db upgrade")
def upgrade_database(call: Call) -> View:
    """Bring the database's schema up to this version, after a backup of it as it is."""
    from stakactl.operations.backup import create_backup

    if call.container.schema_status().is_outdated:
        report = create_backup(call.container)
        for warning in report.warnings:
            call.warn(warning)
    call.container.upgrade_database()
    return _status(call)


@command(app, name="status", example="stakactl db status")
def database_status(call: Call) -> View:
    """Show where the database is and whether its schema is this version's."""
    return _status(call)


def _status(call: Call) -> View:
    from stakactl.output.reports.database import schema_view

    status = call.container.schema_status()
    return schema_view(url=status.url, state=status.state, current=status.current, head=status.head)
