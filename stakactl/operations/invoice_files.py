"""The PDF of an issued invoice for a person: its bytes, checked, or a link that ends."""

from dataclasses import dataclass

from stakactl.domain.documents import LONGEST_LINK, pdf_problem
from stakactl.domain.invoicing import Invoice
from stakactl.errors import NotFound, Refused, StorageError, UsageError
from stakactl.operations.ports import Ports, SignedLink

DEFAULT_LINK_SECONDS = 3600
_PERMANENT = (
    "S3 signs for 7 days at most; what has to work for longer is a permanent address that makes "
    "a short link whenever it is opened"
)


@dataclass(frozen=True, slots=True)
class InvoiceLink:
    """`shortened_from` is a configured life that no store signs for."""

    invoice: Invoice
    link: SignedLink
    shortened_from: int | None = None


def known_invoice(ports: Ports, number_or_id: str) -> Invoice:
    invoice = ports.invoices.get(number_or_id)
    if invoice is None:
        raise NotFound(f"no invoice {number_or_id!r}", hint="stakactl invoices list --search TEXT")
    return invoice


def fetch_pdf(ports: Ports, invoice: Invoice) -> bytes:
    """The bytes that were issued, from the store or from where they wait for it; never others."""
    stored = ports.documents.stored_pdf(invoice.invoice_id)
    if stored is None:
        pdf, accepted = ports.spool.load(invoice.invoice_id), frozenset({invoice.sha256 or ""})
        where = "the home"
    else:
        pdf, accepted = ports.store.get(stored.object_key), stored.accepted
        where = ports.store.location(stored.object_key)
    if pdf is None:
        raise _without_pdf(invoice, where, stored=stored is not None)
    problem = pdf_problem(pdf, accepted)
    if problem is not None:
        raise StorageError(
            f"the PDF of {invoice.number} in {where} is not what was issued: {problem}",
            hint=f"stakactl reconcile{_scope(invoice)} says whether it can be restored",
        )
    return pdf


def _without_pdf(invoice: Invoice, where: str, *, stored: bool) -> Refused | StorageError:
    if stored:
        return StorageError(
            f"the PDF of {invoice.number} is missing: {where}",
            hint=f"stakactl reconcile --fix{_scope(invoice)} puts it back",
        )
    return Refused(
        f"{invoice.number} has no PDF yet", hint="stakactl invoices upload makes and stores it"
    )


def _scope(invoice: Invoice) -> str:
    """What narrows a reconciliation to the invoice; nothing does where it has no order."""
    return f" --order {invoice.order_id}" if invoice.order_id else ""


def make_link(
    ports: Ports, invoice: Invoice, *, seconds: int | None, configured: int | None
) -> InvoiceLink:
    """A link for `seconds`, or else for the configured time as far as a store signs for it."""
    if seconds is not None and seconds > LONGEST_LINK:
        raise UsageError(f"--ttl {seconds} is longer than {LONGEST_LINK} seconds", hint=_PERMANENT)
    if ports.documents.stored_pdf(invoice.invoice_id) is None:
        raise Refused(
            f"the PDF of {invoice.number} is not stored yet", hint="stakactl invoices upload"
        )
    wanted = seconds or configured or DEFAULT_LINK_SECONDS
    link = ports.store.link(invoice.object_key, min(wanted, LONGEST_LINK))
    cut = wanted > LONGEST_LINK and link.seconds is not None
    return InvoiceLink(invoice, link, wanted if cut else None)
