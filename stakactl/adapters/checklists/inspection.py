"""Whether the checklists can be used, as `config validate` sees it."""

from pathlib import Path

from stakactl.adapters.checklists.lists import load_checklists
from stakactl.operations.ports.inspection.here import ChecklistFacts


class ChecklistInspection:
    """A ChecklistInspector. `own` is the file that CHECKLISTS_PATH names."""

    def __init__(self, own: Path | None) -> None:
        self._own = own

    def lists(self) -> ChecklistFacts:
        lists = load_checklists(self._own)
        items = sum(len(checklist.items) for checklist in lists.values())
        return ChecklistFacts(len(lists), items, None if self._own is None else str(self._own))
