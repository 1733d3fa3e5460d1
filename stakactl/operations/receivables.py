"""A last look at one claim: the application and Stripe are asked again for all that is around it.

What is read goes into the order book and the mirror as any sync would put it there; the claim is
then judged by them.
"""

from collections.abc import Iterator

from stakactl.domain.case import Case
from stakactl.domain.receivables import Receivable, Source
from stakactl.domain.stripe_links import Reference
from stakactl.domain.stripe_objects import StripeKind
from stakactl.domain.trail import Payments
from stakactl.operations.events import Sought, read_chain
from stakactl.operations.ports import Ports
from stakactl.operations.sync import connect
from stakactl.operations.sync_orders import refresh_order


def look_again(ports: Ports, subject_id: str) -> Receivable | None:
    """The claim as the application and Stripe know it at this moment.

    Raises StripeError or DatabaseError where one of them cannot be asked: then nothing is known.
    """
    claim = ports.receivables.get(subject_id)
    if claim is None:
        return None
    if claim.order_id:
        refresh_order(ports, claim.order_id)
        claim = ports.receivables.get(subject_id) or claim
    wanted = list(_objects(claim))
    if wanted:
        connect(ports)  # objects of another account would be taken for deleted ones
        sought = Sought(frozenset(StripeKind) - {StripeKind.BALANCE_TRANSACTION})
        read_chain(ports, wanted, sought)
        if sought.errors:
            raise sought.errors[0]
    return ports.receivables.get(subject_id)


def _objects(claim: Receivable) -> Iterator[Reference]:
    if claim.source is Source.STRIPE_INVOICE:
        yield StripeKind.INVOICE, claim.subject_id
    yield from _of_payments(claim.payments)
    case = claim.case
    if case is None:
        return
    order = case.order
    if order.stripe_session_id:
        yield StripeKind.CHECKOUT_SESSION, order.stripe_session_id
    if order.stripe_payment_intent_id:
        yield StripeKind.PAYMENT_INTENT, order.stripe_payment_intent_id
    yield from ((StripeKind.INVOICE, invoice.id) for invoice in case.stripe_invoices)
    yield from ((StripeKind.INVOICE_PAYMENT, paid.id) for paid in case.invoice_payments)
    yield from _of_payments(case)


def _of_payments(group: Payments | Case) -> Iterator[Reference]:
    yield from ((StripeKind.CHECKOUT_SESSION, session.id) for session in group.sessions)
    yield from ((StripeKind.PAYMENT_INTENT, intent.id) for intent in group.intents)
    yield from ((StripeKind.CHARGE, charge.id) for charge in group.charges)
    yield from ((StripeKind.REFUND, refund.id) for refund in group.refunds)
    yield from ((StripeKind.DISPUTE, dispute.id) for dispute in group.disputes)
