"""What every EventLog promises, real or fake."""

from datetime import datetime, timedelta
from typing import Any

from stakactl.domain.stripe_objects import Event, StripeKind
from stakactl.operations.ports import EventLog, Mirror
from tests.builders import NOW, ORDERED, a_charge, a_session

MINUTE = timedelta(minutes=1)


def an_event(number: int, /, at: datetime = ORDERED, **fields: Any) -> Event:
    """Event evt_<number>; `fields` name its object."""
    kind = fields.pop("object_kind", StripeKind.CHARGE.value)
    key = fields.pop("object_id", "ch_1")
    return Event(f"evt_{number}", at, True, f"{kind}.updated", kind, key, 0)


def ids(events: list[Event]) -> list[str]:
    return [event.id for event in events]


class EventLogContract:
    """Subclasses bring the fixtures `events` and `mirror` of one store."""

    def test_oldest_first_in_pages(self, events: EventLog, mirror: Mirror) -> None:
        late, early = an_event(1, ORDERED + MINUTE), an_event(3)
        same = an_event(2)
        mirror.upsert([late, early, same])
        assert events.unprocessed() == [same, early, late]
        assert events.unprocessed(limit=1) == [same]
        assert events.unprocessed(after=same, limit=1) == [early]
        assert events.unprocessed(before=ORDERED + MINUTE, after=early) == []
        assert events.unprocessed(after=late) == []

    def test_what_is_processed_stays_so(self, events: EventLog, mirror: Mirror) -> None:
        mirror.upsert([an_event(1), an_event(2)])
        assert not events.is_processed("evt_1")
        events.mark_processed(["evt_1"], NOW)
        events.mark_processed([], NOW)
        mirror.upsert([an_event(1), an_event(2)])
        assert events.is_processed("evt_1")
        assert ids(events.unprocessed()) == ["evt_2"]
        assert events.get("evt_1") == an_event(1)
        assert events.get("evt_9") is None
        assert not events.is_processed("evt_9")

    def test_events_about_objects_read_since(self, events: EventLog, mirror: Mirror) -> None:
        mirror.upsert([a_charge(created_at=ORDERED), a_charge(id="ch_2", created_at=NOW)])
        mirror.upsert(
            [
                an_event(1, NOW, object_id="ch_1"),  # created too early
                an_event(2, NOW, object_id="ch_2"),
                an_event(3, NOW, object_id="ch_3"),  # not held
                an_event(4, NOW + MINUTE, object_id="ch_2"),  # happened too late
                an_event(5, NOW, object_kind="checkout.session", object_id="ch_2"),
            ]
        )
        events.mark_read(StripeKind.CHARGE, ORDERED + MINUTE, NOW + MINUTE, NOW)
        assert ids(events.unprocessed()) == ["evt_1", "evt_3", "evt_5", "evt_4"]

    def test_events_about_what_is_not_mirrored(self, events: EventLog, mirror: Mirror) -> None:
        mirror.upsert(
            [
                a_session(),
                an_event(1, object_kind="price", object_id="price_1"),
                an_event(2, object_kind="invoice", object_id=None),
                an_event(3, object_kind="checkout.session", object_id="cs_live_1"),
            ]
        )
        events.mark_foreign(NOW)
        assert ids(events.unprocessed()) == ["evt_3"]
