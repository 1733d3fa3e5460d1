"""What every ChecklistLog promises, real or fake."""

from dataclasses import replace
from datetime import timedelta

from stakactl.domain.checklists import (
    ChecklistRecord,
    ItemKind,
    ItemRecord,
    ItemState,
    ListName,
    Reply,
)
from stakactl.operations.ports.checklists import ChecklistLog
from tests.builders import NOW

TESTS = ItemRecord("tests", "Tests pass é", ItemKind.MANUAL, hint="make test")
KEYS = ItemRecord("keys", "Keys are valid", ItemKind.AUTOMATIC)
RECORD = ChecklistRecord(
    "20261126T080000Z-aaaaaa", ListName.PRE_DEPLOY, "Before", "ops", NOW, None, (TESTS, KEYS)
)
ANSWERED = replace(
    TESTS,
    state=ItemState.NOT_APPLICABLE,
    answer=Reply.SKIP,
    comment="nothing | to test\x1b[31m ✗",
    by="Zoë",
    noted_at=NOW,
)
SEEN = replace(KEYS, state=ItemState.FAILED, noted_at=NOW, detail="x" * 5000, hint="set it")


class ChecklistLogContract:
    """Subclasses bring the fixture `checklists`."""

    def test_begun_noted_and_ended(self, checklists: ChecklistLog) -> None:
        assert checklists.last() is None
        assert checklists.get(RECORD.record_id) is None
        checklists.begin(RECORD)
        assert checklists.get(RECORD.record_id) == checklists.last() == RECORD
        checklists.note(RECORD.record_id, ANSWERED)
        checklists.note(RECORD.record_id, SEEN)
        noted = replace(RECORD, items=(ANSWERED, SEEN))
        assert checklists.last(ListName.PRE_DEPLOY) == noted
        ended = replace(noted, finished_at=NOW + timedelta(hours=1))
        checklists.end(ended)
        assert checklists.get(RECORD.record_id) == ended

    def test_arranged_anew(self, checklists: ChecklistLog) -> None:
        checklists.begin(RECORD)
        other = replace(KEYS, item_id="other")
        arranged = replace(RECORD, items=(SEEN, other))
        checklists.arrange(arranged)
        assert checklists.last() == arranged
        checklists.note(RECORD.record_id, replace(TESTS, comment="it is not in it any more"))
        assert checklists.last() == arranged

    def test_the_last_of_a_list_or_of_any(self, checklists: ChecklistLog) -> None:
        later = replace(RECORD, record_id="b", started_at=NOW + timedelta(days=1))
        deploy = replace(
            RECORD, record_id="c", name=ListName.DEPLOY, started_at=NOW + timedelta(hours=1)
        )
        for record in (later, RECORD, deploy):
            checklists.begin(record)
        assert checklists.last() == checklists.last(ListName.PRE_DEPLOY) == later
        assert checklists.last(ListName.DEPLOY) == deploy
        assert checklists.last(ListName.ROLLBACK) is None
        checklists.note("c", ANSWERED)
        assert checklists.get("b") == later
