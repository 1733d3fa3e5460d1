"""Whom a person means by an id or an e-mail."""

from stakactl.domain.customer_record import CustomerIdentity, CustomerKind
from stakactl.errors import NotFound, UsageError
from stakactl.operations.ports import OrderFilter, Ports
from stakactl.operations.secrets import refuse_secrets

#: So many of the customers that share an e-mail are told.
_TOLD = 10


def known_customer(ports: Ports, name: str, *, guest: bool = False) -> CustomerIdentity:
    """The one customer of that name; `guest` is whoever ordered by that e-mail without an id.

    Raises NotFound with where to look next, also where several share an e-mail.
    """
    name = name.strip()
    refuse_secrets(name)
    if guest and "@" not in name:
        raise UsageError(f"--guest goes with an e-mail, not with {name!r}", hint="leave it out")
    found = ports.customers.find(name)
    if guest:
        found = [one for one in found if one.kind is CustomerKind.GUEST]
    if not found:
        raise _unknown(ports, name)
    if len(found) > 1:
        raise _ambiguous(name, found)
    return found[0]


def found_again(ports: Ports, identity: CustomerIdentity) -> CustomerIdentity:
    """The same customer after more was read; as before where that is told no more."""
    found = ports.customers.find(identity.name)
    if identity.kind is CustomerKind.GUEST:
        found = [one for one in found if one.kind is CustomerKind.GUEST]
    return found[0] if len(found) == 1 else identity


def _ambiguous(name: str, found: list[CustomerIdentity]) -> NotFound:
    lines = [f"{_label(one)}, {_count(one.orders)}" for one in found[:_TOLD]]
    if len(found) > _TOLD:
        lines.append(f"and {len(found) - _TOLD} more")
    message = f"{len(found)} customers have the e-mail {name!r}:\n" + "\n".join(lines)
    guests = any(one.kind is CustomerKind.GUEST for one in found)
    hint = "name one of them by its id" + (", or add --guest to the e-mail" if guests else "")
    return NotFound(message, hint=hint)


def _label(one: CustomerIdentity) -> str:
    if one.kind is CustomerKind.GUEST:
        return "orders that name no customer (--guest)"
    others = f" ({', '.join(one.stripe_ids[:3])})" if one.stripe_ids else ""
    return one.name if one.kind is CustomerKind.STRIPE else f"{one.name}{others}"


def _count(orders: int) -> str:
    return "1 order" if orders == 1 else f"{orders} orders"


def _unknown(ports: Ports, name: str) -> NotFound:
    until = ports.mirror.known_until()
    reach = f"read until {until:%Y-%m-%d %H:%M} UTC" if until else "not read completely yet"
    places = (
        f"{ports.orders.count()} orders by customer_id, stripe_customer_id and e-mail",
        f"{ports.mirror.count()} objects of Stripe, {reach}",
    )
    message = f"no customer is called {name!r}; looked at:\n" + "\n".join(places)
    if until is None:
        return NotFound(message, hint="stakactl sync reads Stripe; then ask again")
    alike = ports.orders.find(OrderFilter(search=name, limit=3))
    if alike:
        names = (
            order.customer.customer_id or order.customer.stripe_customer_id or order.customer.email
            for order in alike
        )
        return NotFound(message, hint=f"did you mean {', '.join(dict.fromkeys(names))}?")
    if name.startswith("cus_"):
        return NotFound(message, hint="is it newer? stakactl sync reads all that is new")
    return NotFound(message, hint="stakactl orders list --search TEXT")
