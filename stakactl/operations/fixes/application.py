"""Changes of orders that live in the application's own database.

Two databases cannot be changed in one transaction. So the change is recorded as intended in ours,
made in the application's, and recorded as done in ours together with the order as it is then.
What a crash leaves in between, the next run that may repair ends: it looks at the application's
order, which alone knows whether the change was made.
"""

from stakactl.domain.changes import Change, ChangeState, FieldValue, RecordedChange
from stakactl.domain.orders import SETTLED, OrderStatus
from stakactl.errors import ServiceError
from stakactl.operations.ports import Application, Holding, Ports


def lives_in_application(ports: Ports, change: Change) -> bool:
    """Whether a change has to be made there. What the application has no place for, as a dispute,
    is recorded in our own store alone."""
    application = ports.application
    return (
        application is not None
        and ports.ledger.holds(change.target_id)
        and application.reaches(change)
    )


def obstacle_to(ports: Ports, change: Change) -> str | None:
    """Why a change of an order cannot be made by us, and what to do; None when it can."""
    if ports.application is None or not lives_in_application(ports, change):
        return None
    return ports.application.writer.obstacle(change)


def live_columns(ports: Ports, change: Change) -> dict[str, FieldValue]:
    """What the application's own columns that the change names hold now."""
    application = ports.application
    named = {name for name in change.before if "." in name}
    if application is None or not named:
        return {}
    rows = application.find([change.target_id])
    found = application.columns_of(rows[0]) if rows else {}
    return {name: value for name, value in found.items() if name in named}


def write_to_application(
    ports: Ports, change: Change, run_id: str, *, undoes: int | None = None
) -> Change | None:
    """The change as it was made; None when the order holds something else, or did not become
    what was wanted. `undoes` is the change that this one takes back.

    Raises ServiceError when the application failed; what then became of the order, the record
    of changes tells as soon as it is known.
    """
    application = ports.application
    if application is None or application.writer.obstacle(change) is not None:
        return None
    if undoes is None and _turns_unpaid(change):
        return None
    prepared = application.writer.prepare(change)
    if prepared is None:
        return None
    now = ports.clock.now()
    intent_id = ports.changes.record(prepared, run_id, now, ChangeState.INTENDED)
    failure: ServiceError | None = None
    made = False
    try:
        made = application.writer.write(prepared)
    except ServiceError as error:
        failure = error
    if made or application.writer.holding(prepared) is Holding.AFTER:
        _done(ports, application, prepared, run_id, intent_id, undoes)
        return prepared
    ports.changes.record(prepared, run_id, ports.clock.now(), ChangeState.SKIPPED, intent_id)
    if failure is not None:
        raise failure
    return None


def _turns_unpaid(change: Change) -> bool:
    before, after = change.effect.get("status", (None, None))
    paid = {str(status) for status in SETTLED}
    return before in paid and after not in paid


def end_interrupted_writes(ports: Ports) -> list[str]:
    """End what an interrupted run began; returns what a person has to look at. Under the lock."""
    begun = ports.ledger.open_intents()
    if not begun:
        return []
    if ports.application is None:
        orders = ", ".join(recorded.change.target_id for recorded in begun)
        return [f"changes of {orders} were interrupted; set ORDERS_MAPPING to have them ended"]
    told = []
    for recorded in begun:
        try:
            told += _end(ports, ports.application, recorded)
        except ServiceError as error:
            told.append(f"order {recorded.change.target_id}: {error.message}")
            break
    return told


def _end(ports: Ports, application: Application, recorded: RecordedChange) -> list[str]:
    change = recorded.change
    holding = application.writer.holding(change)
    if holding is Holding.AFTER:
        undoes = ports.ledger.undone_by(change)
        _done(ports, application, change, recorded.run_id, recorded.change_id, undoes)
        return []
    now = ports.clock.now()
    ports.changes.record(change, recorded.run_id, now, ChangeState.SKIPPED, recorded.change_id)
    if holding is Holding.BEFORE:
        return []
    wanted = OrderStatus(str(change.after["status"])) if "status" in change.after else "changed"
    what = "is gone" if holding is Holding.GONE else "holds something else now"
    return [
        f"order {change.target_id}: run {recorded.run_id} was interrupted while it was made "
        f"{wanted}; it {what}: compare it with stakactl changes list"
    ]


def _done(
    ports: Ports,
    application: Application,
    change: Change,
    run_id: str,
    intent_id: int,
    undoes: int | None,
) -> None:
    """Record it, with the order as it is now. One that vanished since was changed all the same."""
    now = ports.clock.now()
    for row in application.find([change.target_id]):
        taken = application.order_of(row)
        ports.ledger.settle(change, taken, application.told, run_id, now, intent_id, undoes)
        return
    ports.changes.record(change, run_id, now, ChangeState.DONE, intent_id)
    ports.ledger.mark_deleted([change.target_id], now)
