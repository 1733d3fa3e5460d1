"""`checklists.*`: the lists of a deployment can be gone through."""

from stakactl.domain.checks import Verdict, passed
from stakactl.operations.ports.inspection.here import ChecklistFacts
from stakactl.operations.validate.checks import Check, Found, Reading

LISTS: Reading[ChecklistFacts] = Reading(
    "the checklists", lambda inspection, found: inspection.checklists.lists(), local=True
)


def _judge(found: Found) -> Verdict:
    facts = found[LISTS]
    seen = f"{facts.lists} lists of {facts.items} items"
    if facts.own is None:
        return passed(f"{seen}, as bundled")
    return passed(f"{seen}, with {facts.own}", subject="CHECKLISTS_PATH")


CHECKS: tuple[Check, ...] = (
    Check("checklists.lists", "The checklists can be used", _judge, (LISTS,), answers_for=LISTS),
)
