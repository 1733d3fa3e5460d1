"""One row of an application's table → one order, or what is wrong with the row.

The values are put into the words of the import format and read by the same rules as a file, so
that an order means the same wherever it comes from.
"""

from collections.abc import Mapping as Entries
from datetime import datetime
from decimal import Decimal, InvalidOperation

from stakactl.adapters.orders.application.mapping import Column, Constant, Joined, Mapping
from stakactl.adapters.orders.application.mapping_parts import StatusRule, as_text
from stakactl.adapters.orders.application.schema import Schema, recorded
from stakactl.adapters.orders.fields import shown
from stakactl.adapters.orders.parsing import parse_order
from stakactl.domain.changes import FieldValue
from stakactl.domain.money import exponent
from stakactl.operations.ports import ApplicationRow, Taken

_TIMES = frozenset({"created_at", "updated_at", "paid_at", "due_at"})
_AMOUNTS = {"amount": "amount_minor", "refunded_minor": "refunded_minor"}


class RowReader:
    """Makes orders of rows, whose values stand in the order of `mapping.selected`."""

    def __init__(self, mapping: Mapping, schema: Schema) -> None:
        self._mapping = mapping
        self._schema = schema
        self._places = {entry: number for number, entry in enumerate(mapping.selected)}
        self._tables = {"": mapping.table, **{k: j.table for k, j in mapping.joins.items()}}

    def values(self, row: ApplicationRow) -> dict[str, object]:
        """The columns of the orders' own table by their names."""
        return {
            entry.name: row.values[place] for entry, place in self._places.items() if not entry.join
        }

    def recorded(self, row: ApplicationRow) -> dict[str, FieldValue]:
        """The same as the record of changes holds them; the time of the payment in UTC."""
        values = self.values(row)
        paid_at = self._mapping.writable("paid_at")
        if paid_at is not None:
            values[paid_at] = self._schema.aware(self._mapping.table, paid_at, values[paid_at])
        return {name: recorded(value) for name, value in values.items()}

    def order_of(self, row: ApplicationRow) -> Taken:
        own = self.values(row)
        rule = next((rule for rule in self._mapping.rules if _fits(rule, own)), None)
        if rule is None:
            return Taken(row, None, self._told(row, self._no_rule(own)))
        if rule.status is None:
            return Taken(row, None)
        cells = self._cells(row)
        cells["status"] = rule.status.value
        problems: list[str] = []
        order = parse_order(cells, problems)
        if order is not None:
            return Taken(row, order)
        return Taken(row, None, self._told(row, "; ".join(map(self._renamed, problems))))

    def _cells(self, row: ApplicationRow) -> dict[str, object]:
        cells: dict[str, object] = {}
        for field, source in self._mapping.columns.items():
            cells[field] = self._cell(field, source, row)
        currency = str(cells.get("currency") or "").strip().lower()
        for field, name in _AMOUNTS.items():
            if field in cells:
                value = cells.pop(field)
                cells[name] = self._minor(value, currency) if field == "amount" else whole(value)
        if not cells.get("customer_name"):
            cells["customer_name"] = cells.get("customer_email")
        if row.values[-1] is not None:
            cells["invoice_number"] = row.values[-1]
        # Applications that take any id of Stripe for one of the session are common.
        session = cells.get("stripe_session_id")
        if isinstance(session, str) and session.startswith("pi_"):
            cells["stripe_session_id"] = None
            cells.setdefault("stripe_payment_intent_id", session)
        return cells

    def _cell(self, field: str, source: Column | Constant | Joined, row: ApplicationRow) -> object:
        if isinstance(source, Constant):
            return source.value
        if isinstance(source, Joined):
            parts = (as_text(row.values[self._places[part]]).strip() for part in source.parts)
            return " ".join(filter(None, parts))
        value = row.values[self._places[source]]
        if field in _TIMES:
            return self._schema.aware(self._tables[source.join], source.name, value)
        if isinstance(value, datetime | str | int | Decimal) or value is None:
            return value
        return str(value)

    def _minor(self, value: object, currency: str) -> object:
        """An amount in whole minor units where it can be one; else as it is, to be refused."""
        if not self._mapping.major_units or value is None or len(currency) != 3:
            return whole(value)
        try:
            exact = Decimal(str(value)).scaleb(exponent(currency))
        except InvalidOperation:
            return value
        return int(exact) if exact == exact.to_integral_value() else value

    def _no_rule(self, own: Entries[str, object]) -> str:
        names = dict.fromkeys(name for rule in self._mapping.rules for name in rule.when)
        told = ", ".join(f"column {name}: {shown(as_text(own[name]))}" for name in names)
        return f"{told} is no state that a [[status]] of the mapping knows"

    def _told(self, row: ApplicationRow, reason: str) -> str:
        return f"{self._mapping.table} {row.order_id}: {reason}"

    def _renamed(self, problem: str) -> str:
        """`column amount_minor: …` by the application's own name of the column."""
        place, colon, reason = problem.partition(": ")
        field = place.removeprefix("column ")
        field = "amount" if field == "amount_minor" else field
        source = self._mapping.columns.get(field)
        parts = source.parts if isinstance(source, Joined) else (source,)
        names = [
            f"{part.join}.{part.name}" if part.join else part.name
            for part in parts
            if isinstance(part, Column)
        ]
        return f"column {' + '.join(names) or field}{colon}{reason}"


def whole(value: object) -> object:
    """46800.00 of a NUMERIC column is a whole number of cents."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _fits(rule: StatusRule, own: Entries[str, object]) -> bool:
    return all(as_text(own[name]).strip() in allowed for name, allowed in rule.when.items())
