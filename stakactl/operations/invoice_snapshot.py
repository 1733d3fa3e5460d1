"""Everything that stands on the page of an order's invoice, frozen when its number is taken."""

from datetime import date, datetime

from stakactl.domain.case import Case
from stakactl.domain.invoicing import Draft, InvoiceSnapshot, Payment, totals
from stakactl.domain.legal import legal_mentions
from stakactl.domain.runs import Mode
from stakactl.operations.ports import Ports


def freeze_snapshot(
    ports: Ports, case: Case, content: Draft, number: str, issued_on: date
) -> InvoiceSnapshot:
    """Everything that will stand on the page, taken from what is known now."""
    order, policy = case.order, ports.policy
    paid_at = order.paid_at or (case.payments[0].created_at if case.payments else order.created_at)
    net, vat, total = totals(content.vat)
    locale = order.customer.locale
    return InvoiceSnapshot(
        number=number,
        issued_on=issued_on,
        supplied_on=ports.clock.local_date(paid_at),
        order_id=order.order_id,
        seller=policy.company,
        buyer=order.customer,
        nature=order.nature,
        lines=content.lines,
        vat=content.vat,
        total_net=net,
        total_vat=vat,
        total=total,
        payment=_payment(case, paid_at),
        legal_mentions=legal_mentions(
            policy.legal_texts,
            company=policy.company,
            buyer=order.customer,
            vat_rates=tuple(group.rate for group in content.vat),
            locale=locale,
            issued_on=issued_on,
            nature=order.nature,
        ),
        locale=locale,
        specimen=policy.mode is not Mode.LIVE,
    )


def _payment(case: Case, paid_at: datetime) -> Payment | None:
    if not case.payments:
        return None
    intent = case.payments[0]
    charge = next((c for c in case.charges if c.id == intent.latest_charge_id), None)
    method = (charge.payment_method_type if charge else None) or intent.payment_method_type
    return Payment(paid_at, method or "card", intent.id)
