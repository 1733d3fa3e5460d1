"""What every MaintenanceFlag and MaintenanceCopy promises, real or fake."""

from dataclasses import replace
from datetime import timedelta

from stakactl.domain.maintenance import Maintenance
from stakactl.operations.ports import MaintenanceCopy, MaintenanceFlag
from tests.builders import NOW

FLAG = Maintenance("deploying é", "ops", NOW, NOW + timedelta(hours=1))
OWNED = replace(FLAG, until=None, owner="20261121T031502Z-9f86d0")


class MaintenanceFlagContract:
    """Subclasses bring the fixture `flag`."""

    def test_raised_replaced_and_taken_down(self, flag: MaintenanceFlag) -> None:
        assert flag.last() is None
        assert flag.swap(None, FLAG)
        assert flag.last() == FLAG
        assert flag.swap(FLAG, OWNED)
        assert flag.last() == OWNED
        assert flag.swap(OWNED, None)
        assert flag.last() is None
        assert flag.swap(None, None)

    def test_only_by_whoever_saw_it_as_it_is(self, flag: MaintenanceFlag) -> None:
        flag.swap(None, FLAG)
        assert not flag.swap(None, OWNED)
        assert not flag.swap(OWNED, None)
        assert flag.last() == FLAG


class MaintenanceCopyContract:
    """Subclasses bring the fixture `copy`."""

    def test_announced_and_withdrawn(self, copy: MaintenanceCopy) -> None:
        assert not copy.is_announced()
        copy.withdraw()
        copy.announce(timedelta(minutes=1))
        copy.announce(None)
        assert copy.is_announced()
        copy.withdraw()
        assert not copy.is_announced()
