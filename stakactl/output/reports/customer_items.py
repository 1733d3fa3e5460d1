"""Parts of a customer for programs, and how a customer is named to people."""

import shlex

from stakactl.domain.customer_money import MoneyTotals
from stakactl.domain.customer_record import CustomerIdentity, CustomerKind
from stakactl.domain.stripe_objects import Absence, StripeCustomer, Subscription
from stakactl.domain.trail import OutgoingMail
from stakactl.output.view import Cell


def called(identity: CustomerIdentity) -> str:
    """How they are named on a command line."""
    guest = " --guest" if identity.kind is CustomerKind.GUEST else ""
    return f"{shlex.quote(identity.name)}{guest}"


def totals_item(one: MoneyTotals) -> dict[str, Cell]:
    return {
        "currency": one.currency,
        "payments": one.payments,
        "paid": one.paid,
        "refunded": one.refunded,
        "disputes_lost": one.disputes_lost,
        "net": one.net,
        "refunds_pending": one.refunds_pending,
        "disputes_open": one.disputes_open,
    }


def subscription_item(one: Subscription) -> dict[str, Cell]:
    return {
        "id": one.id,
        "status": one.status,
        "created_at": one.created_at,
        "price": one.price_id,
        "unit_amount": one.unit_amount,
        "quantity": one.quantity,
        "interval": one.interval,
        "interval_count": one.interval_count,
        "current_period_end": one.current_period_end,
        "canceled_at": one.canceled_at,
        "ended_at": one.ended_at,
    }


def mail_item(mail: OutgoingMail) -> dict[str, Cell]:
    return {
        "mail_id": mail.mail_id,
        "kind": mail.kind,
        "order_id": mail.order_id,
        "status": mail.status,
        "queued_at": mail.queued_at,
        "sent_at": mail.sent_at,
        "error": mail.error,
    }


def live_customer(stripe_id: str, found: StripeCustomer | Absence) -> dict[str, Cell]:
    known = found if isinstance(found, StripeCustomer) else None
    return {
        "id": stripe_id,
        "absent": found if isinstance(found, Absence) else None,
        "name": known.name if known else None,
        "email": known.email if known else None,
        "city": known.city if known else None,
        "country": known.country if known else None,
        "created_at": known.created_at if known else None,
    }
