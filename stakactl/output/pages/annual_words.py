"""The words of the yearly summary of a customer, beside those of every page."""

from collections.abc import Mapping
from dataclasses import replace

from stakactl.output.pages.language import Language
from stakactl.output.pages.words import Words, words

_HARD = "\N{NO-BREAK SPACE}"


def annual_words(language: Language, zone: str) -> Words:
    base = words(language, zone)
    own = FRENCH if language is Language.FR else ENGLISH
    return replace(base, texts={**base.texts, **own})


FRENCH: Mapping[str, str] = {
    "annual": "Récapitulatif annuel {}",
    "so_far": f"L’année n’est pas terminée{_HARD}: ces chiffres peuvent encore changer.",
    "no_invoice": "Ce récapitulatif n’est pas une facture. Les factures font foi.",
    "nothing": "Aucun paiement, aucun remboursement et aucune facture cette année.",
    "money_note": (
        "Un paiement compte le jour où il a été crédité, une facture le jour de son émission. "
        "Net = payé − remboursé − litiges perdus."
    ),
    "paid": "Payé",
    "refunded": "Remboursé",
    "disputes_lost": "Litiges perdus",
    "refunds_pending": "Remboursements en cours",
    "disputes_open": "Litiges en cours",
    "invoiced": "Facturé TTC",
    "difference": "Facturé moins net",
    "vat_by_rate": "TVA par taux",
    "rate": "Taux",
    "no_rate": "Taux non connu",
    "with_rate": "Aux taux ci-dessus",
    "percent": f"{{}}{_HARD}%",
    "decimal": ",",
    "documents": "Factures et avoirs",
    "number": "Numéro",
    "issued": "Date",
    "kind": "Nature",
    "status": "État",
    "ht": "HT",
    "ttc": "TTC",
    "invoice": "facture",
    "credit_note": "avoir",
    "by_stripe": "facture (Stripe)",
    "by_application": "facture (application)",
    "vat_id": f"N°{_HARD}TVA {{}}",
    "GENERATED": "émis",
    "SENT": "envoyé",
    "PAID": "payé",
    "OVERDUE": "en retard",
    "CANCELLED": "annulé",
    "open": "à payer",
    "uncollectible": "irrécouvrable",
    "refunded_order": "remboursé",
}
ENGLISH: Mapping[str, str] = {
    "annual": "Summary of the year {}",
    "so_far": "The year is not over: these figures can still change.",
    "no_invoice": "This summary is not an invoice. The invoices are authoritative.",
    "nothing": "Nothing was paid, given back or invoiced in this year.",
    "money_note": (
        "A payment counts on the day on which it was credited, an invoice on the day of its issue. "
        "Net = paid − refunded − disputes lost."
    ),
    "paid": "Paid",
    "refunded": "Refunded",
    "disputes_lost": "Disputes lost",
    "refunds_pending": "Refunds pending",
    "disputes_open": "Disputes open",
    "invoiced": "Invoiced with VAT",
    "difference": "Invoiced less net",
    "vat_by_rate": "VAT by rate",
    "rate": "Rate",
    "no_rate": "No rate known",
    "with_rate": "At these rates",
    "percent": "{}%",
    "decimal": ".",
    "documents": "Invoices and credit notes",
    "number": "Number",
    "issued": "Issued",
    "kind": "Document",
    "status": "Status",
    "ht": "Without VAT",
    "ttc": "With VAT",
    "invoice": "invoice",
    "credit_note": "credit note",
    "by_stripe": "invoice (Stripe)",
    "by_application": "invoice (application)",
    "vat_id": f"VAT{_HARD}ID {{}}",
    "GENERATED": "issued",
    "SENT": "sent",
    "PAID": "paid",
    "OVERDUE": "overdue",
    "CANCELLED": "cancelled",
    "open": "to be paid",
    "uncollectible": "uncollectible",
    "refunded_order": "refunded",
}
#: What Stripe's invoices and the application's orders say, in the words above.
STATUS_WORDS: Mapping[str, str] = {
    "paid": "PAID",
    "refunded": "refunded_order",
    "partially_refunded": "refunded_order",
}
