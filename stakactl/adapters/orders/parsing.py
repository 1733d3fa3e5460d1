"""One row of a file → one Order, or everything that is wrong with the row."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar, cast

from stakactl.adapters.orders import fields
from stakactl.adapters.orders.fields import BadCell
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature, Order, OrderLine, OrderStatus

REQUIRED = (
    "order_id created_at status amount_minor currency title customer_email customer_name"
).split()
OPTIONAL = (
    "customer_id customer_company customer_siren customer_vat_number address_line1 address_line2 "
    "postal_code city country locale stripe_session_id stripe_payment_intent_id "
    "stripe_customer_id vat_rate nature level paid_at updated_at due_at invoice_number "
    "refunded_minor"
).split()
COLUMNS = (*REQUIRED, *OPTIONAL)
LINE_FIELDS = ("title", "quantity", "unit_amount_minor", "vat_rate")
MAX_QUANTITY = 1_000_000

_STATUSES = [status.value for status in OrderStatus]
_NATURES = [nature.value for nature in Nature]

T = TypeVar("T")


class Cells:
    """The cells of one row; what is wrong with them is collected in `problems`."""

    def __init__(self, row: Mapping[str, object], problems: list[str], prefix: str) -> None:
        self._row = row
        self._problems = problems
        self._prefix = prefix

    def label(self, column: str) -> str:
        """What messages call a cell."""
        return f"{self._prefix}{column}"

    def optional(self, column: str, parse: Callable[[object], T], default: T) -> T:
        """The value of `column`, `default` where the cell is empty or bad."""
        value = self._row.get(column)
        if value is None or value == "":
            return default
        if isinstance(value, str):
            value = fields.clean(value)
            if not value:
                return default
        try:
            return parse(value)
        except BadCell as error:
            self._problems.append(f"{self.label(column)}: {error}")
            return default

    def required(self, column: str, parse: Callable[[object], T]) -> T:
        """The value of `column`; None stands in where it is missing or bad, and no order is made
        of a row with problems."""
        before = len(self._problems)
        value = self.optional(column, parse, cast(T, None))
        if value is None and len(self._problems) == before:
            self._problems.append(f"{self.label(column)}: is empty")
        return value


def parse_order(
    row: Mapping[str, object], problems: list[str], noun: str = "column"
) -> Order | None:
    """The order of `row`, or None with the reasons added to `problems`.

    Cells are text (CSV) or what JSON holds; None and "" are empty. `noun` is what messages call a
    cell. Unknown names are not looked at.
    """
    cells = Cells(row, problems, f"{noun} ")
    order_id = cells.required("order_id", fields.text)
    created_at = cells.required("created_at", fields.moment)
    status = cells.required("status", _status)
    currency = cells.required("currency", fields.currency) or "eur"
    amount = cells.required("amount_minor", lambda value: _money(value, currency))
    refunded = cells.optional("refunded_minor", lambda value: _money(value, currency), None)
    title = cells.required("title", fields.text)
    customer = _customer(cells)
    session_id = cells.optional("stripe_session_id", _session_id, None)
    intent_id = cells.optional("stripe_payment_intent_id", _payment_intent_id, None)
    vat_rate = cells.optional("vat_rate", fields.rate, None)
    nature = cells.optional("nature", nature_of, Nature.SERVICES)
    level = cells.optional("level", fields.text, "")
    paid_at = cells.optional("paid_at", fields.moment, None)
    updated_at = cells.optional("updated_at", fields.moment, None)
    due_at = cells.optional("due_at", fields.moment, None)
    invoice_number = cells.optional("invoice_number", fields.text, None)
    lines = _lines(row.get("lines"), currency, problems)
    if refunded is not None and amount is not None and amount < refunded:
        problems.append(f"{noun} refunded_minor: is more than amount_minor")
    if problems:
        return None
    return Order(
        order_id,
        created_at,
        status,
        amount,
        title,
        customer,
        lines,
        session_id,
        intent_id,
        vat_rate,
        nature,
        level,
        paid_at,
        updated_at,
        due_at,
        invoice_number,
        refunded,
    )


def _customer(cells: Cells) -> Customer:
    return Customer(
        email=cells.required("customer_email", fields.email),
        name=cells.required("customer_name", fields.text),
        customer_id=cells.optional("customer_id", fields.text, None),
        stripe_customer_id=cells.optional("stripe_customer_id", stripe_customer, None),
        company=cells.optional("customer_company", fields.text, ""),
        siren=cells.optional("customer_siren", fields.siren, ""),
        vat_number=cells.optional("customer_vat_number", fields.vat_number, ""),
        address=address_of(cells),
        locale=cells.optional("locale", fields.locale, "fr"),
    )


def address_of(cells: Cells) -> Address:
    return Address(
        cells.optional("address_line1", fields.text, ""),
        cells.optional("address_line2", fields.text, ""),
        cells.optional("postal_code", fields.text, ""),
        cells.optional("city", fields.text, ""),
        cells.optional("country", fields.country, ""),
    )


def _lines(value: object, currency: str, problems: list[str]) -> tuple[OrderLine, ...]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        problems.append("field lines: is not a list")
        return ()
    lines = []
    for number, item in enumerate(value, 1):
        prefix = f"field lines[{number}]"
        if not isinstance(item, Mapping):
            problems.append(f"{prefix}: is not an object")
            continue
        unknown = [name for name in item if name not in LINE_FIELDS]
        if unknown:
            known = ", ".join(LINE_FIELDS)
            problems.append(
                f"{prefix}: unknown field {fields.shown(unknown[0])}; hint: the fields are {known}"
            )
        cells = Cells(item, problems, f"{prefix}.")
        title = cells.required("title", fields.text)
        quantity = cells.required("quantity", quantity_of)
        unit = cells.required("unit_amount_minor", lambda cell: _money(cell, currency))
        vat_rate: Decimal | None = cells.optional("vat_rate", fields.rate, None)
        lines.append(OrderLine(title, quantity, unit, vat_rate))
    return tuple(lines)


def _money(value: object, currency: str) -> Money:
    return Money(fields.amount(value, currency), currency)


def quantity_of(value: object) -> int:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:10]) <= MAX_QUANTITY:
        raise BadCell(f"{fields.shown(value)} is no quantity", "write a whole number from 1")
    return int(text)


def _status(value: object) -> OrderStatus:
    return OrderStatus(fields.choice(value, _STATUSES))


def nature_of(value: object) -> Nature:
    return Nature(fields.choice(value, _NATURES))


def _session_id(value: object) -> str:
    return fields.stripe_id(value, "cs_")


def _payment_intent_id(value: object) -> str:
    return fields.stripe_id(value, "pi_")


def stripe_customer(value: object) -> str:
    return fields.stripe_id(value, "cus_")
