"""The record of checklists, on SQLite, on PostgreSQL and in memory."""

import pytest

from stakactl.adapters.database.store import Store
from stakactl.operations.ports.checklists import ChecklistLog
from tests.contracts.checklist_log import ChecklistLogContract
from tests.fakes_checklists import FakeChecklistLog


class TestSqlChecklistLog(ChecklistLogContract):
    @pytest.fixture
    def checklists(self, store: Store) -> ChecklistLog:
        return store.checklists


class TestFakeChecklistLog(ChecklistLogContract):
    @pytest.fixture
    def checklists(self) -> ChecklistLog:
        return FakeChecklistLog()
