"""What every StripeEndpoints does: run on the SDK's with an offline Stripe, and on the fake."""

from typing import Protocol

import pytest

from stakactl.domain.webhooks.creation import Attempt, Creation
from stakactl.domain.webhooks.endpoints import SECRET_MARK_KEY, EndpointStatus
from stakactl.domain.webhooks.register import EndpointUpdate
from stakactl.errors import NotFound
from stakactl.operations.ports.endpoints import Created, StripeEndpoints

URL = "https://shop.example/webhook"
CREATION = Creation(URL, ("charge.refunded", "invoice.paid"), "2024-06-20", "The shop")


class World(Protocol):
    @property
    def endpoints(self) -> StripeEndpoints: ...

    def wait(self, hours: float) -> None: ...


def created(endpoints: StripeEndpoints, attempt: Attempt) -> Created:
    answer = endpoints.create(attempt)
    assert isinstance(answer, Created)
    return answer


class StripeEndpointsContract:
    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError

    def test_an_endpoint_is_made_listed_and_read(self, world: World) -> None:
        assert world.endpoints.list() == ()
        attempt = Attempt(CREATION)
        answer = created(world.endpoints, attempt)
        made = answer.endpoint
        assert answer.secret.startswith("whsec_")
        assert not answer.replayed
        assert (made.url, made.enabled_events, made.api_version) == (
            URL,
            ("charge.refunded", "invoice.paid"),
            "2024-06-20",
        )
        assert made.is_enabled
        assert made.is_managed
        assert made.metadata == attempt.metadata
        assert world.endpoints.list() == (made,)
        assert world.endpoints.get(made.id) == made
        assert answer.secret not in repr(answer)

    def test_the_same_request_makes_no_second_one_and_tells_the_secret_again(
        self, world: World
    ) -> None:
        first = created(world.endpoints, Attempt(CREATION))
        world.wait(hours=23)
        again = created(world.endpoints, Attempt(CREATION))
        assert again.replayed
        assert (again.endpoint, again.secret) == (first.endpoint, first.secret)
        assert len(world.endpoints.list()) == 1
        second = created(world.endpoints, Attempt(CREATION, 2))
        assert second.endpoint.id != first.endpoint.id

    def test_changes_leave_the_rest_alone(self, world: World) -> None:
        made = created(world.endpoints, Attempt(CREATION)).endpoint
        changed = world.endpoints.update(made.id, EndpointUpdate(enabled=False))
        assert changed.status is EndpointStatus.DISABLED
        assert changed.enabled_events == made.enabled_events
        changed = world.endpoints.update(made.id, EndpointUpdate(events=("*",), description="New"))
        assert (changed.enabled_events, changed.description) == (("*",), "New")
        assert not changed.is_enabled
        assert world.endpoints.update(made.id, EndpointUpdate(enabled=True)).is_enabled
        noted = world.endpoints.note_secret(made.id, "0af3")
        assert noted.metadata == {**made.metadata, SECRET_MARK_KEY: "0af3"}

    def test_what_is_not_there(self, world: World) -> None:
        made = created(world.endpoints, Attempt(CREATION)).endpoint
        world.endpoints.delete(made.id)
        world.endpoints.delete(made.id)
        assert world.endpoints.get(made.id) is None
        assert world.endpoints.list() == ()
        with pytest.raises(NotFound):
            world.endpoints.update(made.id, EndpointUpdate(enabled=True))
