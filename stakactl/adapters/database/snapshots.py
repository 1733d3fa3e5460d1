"""Frozen invoices as JSON and back, exactly.

The text is what the company must be able to read for ten years, so its shape is written down
here and carries a version: a reader that does not know the version refuses it.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from stakactl.domain.invoicing import (
    Company,
    Credited,
    InvoiceLine,
    InvoiceSnapshot,
    Payment,
    ServicePeriod,
)
from stakactl.domain.money import Money
from stakactl.domain.orders import Address, Customer, Nature
from stakactl.domain.vat import VatSplit
from stakactl.errors import StoreOutdated

#: Invoices are written as format 1; format 2 names the invoice that a credit note is about, so
#: that nobody who reads format 1 alone takes a credit note for an invoice. Format 3 belongs to no
#: order and may be to be paid, which a reader of the others would not see.
FORMAT = 1
CREDIT_FORMAT = 2
APART_FORMAT = 3
FORMATS = (FORMAT, CREDIT_FORMAT, APART_FORMAT)
_ADDRESS = ("line1", "line2", "postal_code", "city", "country")
_COMPANY = "name siret vat_number legal_form capital rcs email phone website".split()
_CUSTOMER = "email name customer_id stripe_customer_id company siren vat_number locale".split()


def to_json(snapshot: InvoiceSnapshot) -> str:
    """The snapshot as text, ASCII only: no character of it can be refused by a database."""
    return json.dumps(
        {
            "format": _format(snapshot),
            "number": snapshot.number,
            "issued_on": snapshot.issued_on.isoformat(),
            "supplied_on": snapshot.supplied_on.isoformat(),
            "order_id": snapshot.order_id,
            "seller": _party(snapshot.seller, _COMPANY),
            "buyer": _party(snapshot.buyer, _CUSTOMER),
            "nature": snapshot.nature.value,
            "lines": [_line(line) for line in snapshot.lines],
            "vat": [
                {"rate": str(group.rate), "net": _money(group.net), "vat": _money(group.vat)}
                for group in snapshot.vat
            ],
            "total_net": _money(snapshot.total_net),
            "total_vat": _money(snapshot.total_vat),
            "total": _money(snapshot.total),
            "payment": None if snapshot.payment is None else _payment(snapshot.payment),
            "legal_mentions": list(snapshot.legal_mentions),
            "locale": snapshot.locale,
            "specimen": snapshot.specimen,
            **({} if snapshot.credited is None else {"credited": _credited(snapshot.credited)}),
            **(_apart(snapshot) if _format(snapshot) == APART_FORMAT else {}),
        }
    )


def _format(snapshot: InvoiceSnapshot) -> int:
    if snapshot.reference or snapshot.period or snapshot.due_on:
        return APART_FORMAT
    return FORMAT if snapshot.credited is None else CREDIT_FORMAT


def _apart(snapshot: InvoiceSnapshot) -> dict[str, Any]:
    period, due_on = snapshot.period, snapshot.due_on
    return {
        "reference": snapshot.reference,
        "period": period and [period.first.isoformat(), period.last.isoformat()],
        "due_on": due_on and due_on.isoformat(),
    }


def from_json(text: str) -> InvoiceSnapshot:
    """The snapshot of a stored text."""
    data = json.loads(text)
    if data["format"] not in FORMATS:
        raise StoreOutdated(
            f"invoice {data.get('number')} was frozen in format {data['format']}, "
            f"this stakactl reads {FORMATS[0]} to {FORMATS[-1]}",
            hint="upgrade stakactl: pip install --upgrade stakactl",
        )
    return InvoiceSnapshot(
        number=data["number"],
        issued_on=date.fromisoformat(data["issued_on"]),
        supplied_on=date.fromisoformat(data["supplied_on"]),
        order_id=data["order_id"],
        seller=Company(**_read_party(data["seller"], _COMPANY)),
        buyer=Customer(**_read_party(data["buyer"], _CUSTOMER)),
        nature=Nature(data["nature"]),
        lines=tuple(_read_line(line) for line in data["lines"]),
        vat=tuple(
            VatSplit(Decimal(group["rate"]), _read_money(group["net"]), _read_money(group["vat"]))
            for group in data["vat"]
        ),
        total_net=_read_money(data["total_net"]),
        total_vat=_read_money(data["total_vat"]),
        total=_read_money(data["total"]),
        payment=None if data["payment"] is None else _read_payment(data["payment"]),
        legal_mentions=tuple(data["legal_mentions"]),
        locale=data["locale"],
        specimen=data["specimen"],
        credited=_read_credited(data["credited"]) if "credited" in data else None,
        reference=data.get("reference", ""),
        period=_read_period(data.get("period")),
        due_on=_read_day(data.get("due_on")),
    )


def _read_period(days: list[str] | None) -> ServicePeriod | None:
    return None if days is None else ServicePeriod(*map(date.fromisoformat, days))


def _read_day(day: str | None) -> date | None:
    return None if day is None else date.fromisoformat(day)


def _money(amount: Money) -> dict[str, Any]:
    return {"minor": amount.minor, "currency": amount.currency}


def _read_money(data: dict[str, Any]) -> Money:
    return Money(data["minor"], data["currency"])


def _party(party: Company | Customer, fields: list[str]) -> dict[str, Any]:
    address = {name: getattr(party.address, name) for name in _ADDRESS}
    return {**{name: getattr(party, name) for name in fields}, "address": address}


def _read_party(data: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    address = Address(**{name: data["address"][name] for name in _ADDRESS})
    return {**{name: data[name] for name in fields}, "address": address}


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "title": line.title,
        "quantity": line.quantity,
        "unit_amount": _money(line.unit_amount),
        "amount": _money(line.amount),
        "net": _money(line.net),
        "vat_rate": str(line.vat_rate),
    }


def _read_line(data: dict[str, Any]) -> InvoiceLine:
    return InvoiceLine(
        title=data["title"],
        quantity=data["quantity"],
        unit_amount=_read_money(data["unit_amount"]),
        amount=_read_money(data["amount"]),
        net=_read_money(data["net"]),
        vat_rate=Decimal(data["vat_rate"]),
    )


def _payment(payment: Payment) -> dict[str, Any]:
    return {
        "paid_at": payment.paid_at.isoformat(),
        "method": payment.method,
        "reference": payment.reference,
    }


def _read_payment(data: dict[str, Any]) -> Payment:
    paid_at = datetime.fromisoformat(data["paid_at"])
    return Payment(paid_at, data["method"], data["reference"])


def _credited(credited: Credited) -> dict[str, Any]:
    return {
        "number": credited.number,
        "issued_on": credited.issued_on.isoformat(),
        "reason": credited.reason,
    }


def _read_credited(data: dict[str, Any]) -> Credited:
    return Credited(data["number"], date.fromisoformat(data["issued_on"]), data["reason"])
