"""Look up the record of a checklist."""

from stakactl.domain.checklists import ListName
from stakactl.errors import NotFound
from stakactl.operations.checklists.run import ChecklistReport
from stakactl.operations.ports.checklists import ChecklistPorts


def show_checklist(
    ports: ChecklistPorts, name: ListName | None, record_id: str | None = None
) -> ChecklistReport:
    """The record of this id; else the last one of this list, or of any. Raises NotFound."""
    log = ports.checklists
    record = log.last(name) if record_id is None else log.get(record_id)
    if record is not None:
        return ChecklistReport(record)
    if record_id is not None:
        raise NotFound(
            f"there is no record {record_id!r} of a checklist",
            hint="stakactl checklist show NAME shows the last one of a list, and its id",
        )
    wanted = name or ListName.PRE_DEPLOY
    raise NotFound(
        f"the checklist {name} was not begun yet" if name else "no checklist was begun yet",
        hint=f"stakactl checklist run {wanted}",
    )
