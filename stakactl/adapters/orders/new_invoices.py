"""An invoice as a person asks for it: a JSON object, options of the command line, or both.

Names and rules are those of files of orders. Every problem is told at once, with the field or the
option that has it.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from stakactl.adapters.orders import fields
from stakactl.adapters.orders.fields import BadCell, shown
from stakactl.adapters.orders.parsing import (
    LINE_FIELDS,
    Cells,
    address_of,
    nature_of,
    quantity_of,
    stripe_customer,
)
from stakactl.adapters.orders.readers import Row, Unreadable, json_object, unknown_name
from stakactl.domain.invoicing import ServicePeriod
from stakactl.domain.money import Money, exponent
from stakactl.domain.new_invoices import METHODS, NewInvoice, PaidByHand
from stakactl.domain.orders import Customer, Nature, OrderLine
from stakactl.errors import ImportRejected, UsageError

NAMES = (
    "reference lines currency nature since until paid paid_on due_days customer_of "
    "customer_id stripe_customer_id customer_email customer_name customer_company customer_siren "
    "customer_vat_number address_line1 address_line2 postal_code city country locale"
).split()
MAX_BYTES = 4 * 1024 * 1024
MAX_LINES = 1000
MAX_REFERENCE = 60
MAX_DUE_DAYS = 365
_AMOUNT = re.compile(r"(-?)([0-9]{1,12})(?:[.,]([0-9]{1,3}))?")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_LINE_HINT = 'write it as "TITLE;QUANTITY;UNIT PRICE;VAT RATE", such as "Conseil;2;120.00;20"'


def read_new_invoice(
    source: Path | None,
    options: Mapping[str, object],
    labels: Mapping[str, str],
    lines: Sequence[str],
    *,
    today: date,
    currency: str,
) -> NewInvoice:
    """The invoice of a file (`-` is standard input) and of options, which win.

    `options` are named as the file's fields, `labels` says what they are on the command line;
    `lines` are TITLE;QUANTITY;UNIT PRICE;RATE. `today` is when it was paid and `currency` what it
    is in where nothing else is said. Raises UsageError with every problem.
    """
    row = {} if source is None else _object(source)
    problems = [unknown_name(name, NAMES) for name in row if name not in NAMES]
    said = {name: value for name, value in options.items() if value not in (None, "")}
    named = labels if source is None else {name: labels[name] for name in said}
    cells = _Fields({**row, **said}, problems, named)
    money = cells.optional("currency", fields.currency, currency)
    if lines and row.get("lines") is not None:
        problems.append("--line: the file has lines too; name them in one place")
    wanted = (
        _lines_of_options(lines, money, problems)
        if lines
        else _lines_of_file(row.get("lines"), money, problems)
    )
    if not wanted:
        problems.append(f"lines: there are none; hint: --line: {_LINE_HINT}")
    reference = cells.required("reference", _reference)
    found = NewInvoice(
        reference=reference,
        lines=wanted,
        customer=_customer(cells),
        customer_of=cells.optional("customer_of", fields.text, ""),
        nature=cells.optional("nature", nature_of, Nature.SERVICES),
        period=_period(cells, problems),
        paid=_paid(cells, problems, today),
        due_days=cells.optional("due_days", _due_days, None),
    )
    if found.paid is not None and found.due_days is not None:
        problems.append(f"{cells.label('due_days')}: what is paid is not due; leave one out")
    if problems:
        raise _refused("the options" if source is None else _name(source), problems)
    return found


class _Fields(Cells):
    """Cells of the file, or of options that stand in their place."""

    def __init__(
        self, row: Mapping[str, object], problems: list[str], options: Mapping[str, str]
    ) -> None:
        super().__init__(row, problems, "field ")
        self._options = options

    def label(self, column: str) -> str:
        return self._options.get(column) or super().label(column)


def _object(source: Path) -> Row:
    name = _name(source)
    stream: BinaryIO
    try:
        with nullcontext(sys.stdin.buffer) if source == Path("-") else source.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{name} cannot be read: {error.strerror}", hint="use - to read standard input"
        ) from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{name} is longer than {MAX_BYTES} bytes", hint="one invoice per file")
    try:
        return json_object(content.splitlines(keepends=True))
    except Unreadable as error:
        raise UsageError(
            f"{name}:{error.line}: {error.reason}",
            hint='the file holds one object: {"reference": …, "lines": […], …}',
        ) from error


def _name(source: Path) -> str:
    return "standard input" if source == Path("-") else source.name


def _refused(name: str, problems: Sequence[str]) -> ImportRejected:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    more = [f"… and {len(problems) - 50} more"] if len(problems) > 50 else []
    listed = "\n  ".join([f"{name}: {count}, nothing was issued:", *problems[:50], *more])
    hint = "stakactl invoices create --help has an example"
    return ImportRejected(listed, tuple(problems), hint=hint)


def _reference(value: object) -> str:
    reference = fields.text(value)
    if len(reference) > MAX_REFERENCE:
        raise BadCell(f"has {len(reference)} characters, at most {MAX_REFERENCE} are allowed")
    return reference


def _customer(cells: Cells) -> Customer:
    """As far as it is said; `locale` is empty where it is not."""
    customer_id = cells.optional("customer_id", fields.text, None)
    stripe_id = cells.optional("stripe_customer_id", stripe_customer, None)
    return Customer(
        email=cells.optional("customer_email", fields.email, ""),
        name=cells.optional("customer_name", fields.text, ""),
        customer_id=customer_id,
        stripe_customer_id=stripe_id,
        company=cells.optional("customer_company", fields.text, ""),
        siren=cells.optional("customer_siren", fields.siren, ""),
        vat_number=cells.optional("customer_vat_number", fields.vat_number, ""),
        address=address_of(cells),
        locale=cells.optional("locale", fields.locale, ""),
    )


def _period(cells: Cells, problems: list[str]) -> ServicePeriod | None:
    before = len(problems)
    first, last = cells.optional("since", _day, None), cells.optional("until", _day, None)
    if (first is None and last is None) or len(problems) > before:
        return None
    if first is None or last is None:
        missing = cells.label("since" if first is None else "until")
        problems.append(f"{missing}: is empty; hint: a period has a first and a last day")
        return None
    if last < first:
        problems.append(f"{cells.label('until')}: {last} is before {first}")
    return ServicePeriod(first, last)


def _paid(cells: Cells, problems: list[str], today: date) -> PaidByHand | None:
    method = cells.optional("paid", lambda value: fields.choice(value, METHODS), None)
    on = cells.optional("paid_on", _day, None)
    if method is None:
        if on is not None:
            problems.append(f"{cells.label('paid_on')}: says when, but not how; hint: add paid")
        return None
    return PaidByHand(on or today, method)


def _day(value: object) -> date:
    written = fields.text(value)
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise BadCell(f"{shown(value)} is no day", "write it as 2026-03-31")


def _due_days(value: object) -> int:
    written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch("[0-9]{1,3}", written) or int(written) > MAX_DUE_DAYS:
        raise BadCell(f"{shown(value)} is no number of days", f"write 0 to {MAX_DUE_DAYS}")
    return int(written)


# Lines


def _lines_of_options(
    texts: Sequence[str], currency: str, problems: list[str]
) -> tuple[OrderLine, ...]:
    return tuple(
        _line(_split(text, currency, number, problems), f"--line {number} ", currency, problems)
        for number, text in enumerate(texts, 1)
    )


def _lines_of_file(value: object, currency: str, problems: list[str]) -> tuple[OrderLine, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_LINES:
        problems.append(f"field lines: is no list of at most {MAX_LINES} lines")
        return ()
    found = []
    for number, item in enumerate(value, 1):
        if isinstance(item, Mapping):
            found.append(_line(item, f"field lines[{number}].", currency, problems))
        else:
            problems.append(f"field lines[{number}]: is not an object")
    return tuple(found)


def _line(row: Row, prefix: str, currency: str, problems: list[str]) -> OrderLine:
    for name in row:
        if name not in LINE_FIELDS:
            known = ", ".join(LINE_FIELDS)
            problems.append(f"{prefix}{shown(name)}: is unknown; hint: the fields are {known}")
    cells = Cells(row, problems, prefix)
    title = cells.required("title", fields.text)
    count = cells.optional("quantity", quantity_of, 1)
    unit = cells.required("unit_amount_minor", lambda cell: _signed(cell, currency))
    rate: Decimal | None = cells.optional("vat_rate", fields.rate, None)
    return OrderLine(title, count, Money(unit or 0, currency), rate)


def _split(text: str, currency: str, number: int, problems: list[str]) -> Row:
    """A line of the command line as the file would say it."""
    parts = [part.strip() for part in text.split(";")]
    if len(parts) not in (3, 4):
        problems.append(
            f"--line {number}: {shown(text)} has {len(parts)} parts; hint: {_LINE_HINT}"
        )
        return {"title": "?", "unit_amount_minor": 0}
    title, count, unit, *rate = parts
    try:
        minor = _minor(unit, currency)
    except BadCell as error:
        problems.append(f"--line {number}: {error}")
        minor = 0
    return dict(zip(LINE_FIELDS, (title, count, minor, *rate), strict=False))


def _minor(written: str, currency: str) -> int:
    """120.00 as whole minor units; below zero for a discount."""
    places = exponent(currency)
    match = _AMOUNT.fullmatch(written)
    if match is None or len(match[3] or "") > places:
        example = "120" if not places else f"120.{'0' * places}"
        raise BadCell(
            f"{shown(written)} is no amount in {currency.upper()}", f"write it as {example}"
        )
    minor = int(match[2] + (match[3] or "").ljust(places, "0"))
    return -minor if match[1] else minor


def _signed(value: object, currency: str) -> int:
    """Whole minor units, below zero for a discount."""
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return -fields.amount(-value, currency)
    if isinstance(value, str) and value.startswith("-"):
        return -fields.amount(value[1:], currency)
    return fields.amount(value, currency)
