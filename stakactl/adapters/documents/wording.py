"""Every label on the invoice, in French and in English.

French is what the law reads; an English invoice keeps the French term where it is the legal one.
Sentences that the law dictates are not here but in stakactl/data/legal_mentions.toml.
"""

from dataclasses import dataclass, replace

from stakactl.domain.orders import Nature


@dataclass(frozen=True, slots=True)
class Words:
    """The labels of one language. Values with {} are filled with text that is already clean."""

    language: str
    invoice: str
    heading: str
    continued: str
    issued_on: str
    supplied_on: dict[Nature, str]
    order: str
    reference_of_invoice: str
    period: str
    nature: str
    natures: dict[Nature, str]
    seller: str
    buyer: str
    attention: str
    vat_number: str
    description: str
    quantity: str
    unit_price: str
    vat: str
    net: str
    gross: str
    unit_net: str
    rate: str
    base: str
    vat_amount: str
    total_net: str
    total_vat: str
    total_gross: str
    paid: str
    reference: str
    unpaid: str
    due: str
    specimen: str
    page: str
    methods: dict[str, str]
    credit_note: str
    credit_heading: str
    credit_continued: str
    credits: str
    because: str


FRENCH = Words(
    language="fr",
    invoice="Facture {number}",
    heading="FACTURE",
    continued="Facture {number} (suite)",
    issued_on="Date d’émission",
    supplied_on={
        Nature.GOODS: "Date de livraison",
        Nature.SERVICES: "Date de la prestation",
        Nature.MIXED: "Date de l’opération",
    },
    order="Commande",
    reference_of_invoice="Référence",
    period="Période",
    nature="Nature de l’opération",
    natures={
        Nature.GOODS: "Livraison de biens",
        Nature.SERVICES: "Prestation de services",
        Nature.MIXED: "Mixte : biens et services",
    },
    seller="Vendeur",
    buyer="Client",
    attention="À l’attention de {name}",
    vat_number="N° TVA {number}",
    description="Désignation",
    quantity="Quantité",
    unit_price="Prix unitaire TTC",
    vat="TVA",
    net="Montant HT",
    gross="Montant TTC",
    unit_net="soit {amount} HT",
    rate="Taux de TVA",
    base="Base HT",
    vat_amount="Montant TVA",
    total_net="Total HT",
    total_vat="Total TVA",
    total_gross="Total TTC",
    paid="Payée le {day} par {method}",
    reference="— réf. {reference}",
    unpaid="En attente de paiement",
    due="À payer au plus tard le {day}",
    specimen="SPÉCIMEN",
    page="page {page}/{pages}",
    methods={
        "card": "carte",
        "card_present": "carte",
        "sepa_debit": "prélèvement SEPA",
        "bacs_debit": "prélèvement Bacs",
        "us_bank_account": "prélèvement ACH",
        "customer_balance": "virement",
        "bank_transfer": "virement",
        "cheque": "chèque",
        "cash": "espèces",
        "paypal": "PayPal",
        "link": "Link",
        "klarna": "Klarna",
        "alma": "Alma",
        "ideal": "iDEAL",
        "bancontact": "Bancontact",
        "eps": "EPS",
        "p24": "Przelewy24",
        "blik": "BLIK",
        "twint": "TWINT",
        "amazon_pay": "Amazon Pay",
        "revolut_pay": "Revolut Pay",
    },
    credit_note="Avoir {number}",
    credit_heading="AVOIR",
    credit_continued="Avoir {number} (suite)",
    credits="Avoir sur la facture {number} du {day}",
    because="— {reason}",
)

ENGLISH = Words(
    language="en",
    invoice="Invoice {number}",
    heading="INVOICE",
    continued="Invoice {number} (continued)",
    issued_on="Date of issue",
    supplied_on={
        Nature.GOODS: "Date of delivery",
        Nature.SERVICES: "Date of supply",
        Nature.MIXED: "Date of supply",
    },
    order="Order",
    reference_of_invoice="Reference",
    period="Period",
    nature="Nature of the supply",
    natures={
        Nature.GOODS: "Supply of goods",
        Nature.SERVICES: "Supply of services",
        Nature.MIXED: "Mixed: goods and services",
    },
    seller="Seller",
    buyer="Billed to",
    attention="Attn. {name}",
    vat_number="VAT no. {number}",
    description="Description",
    quantity="Quantity",
    unit_price="Unit price incl. VAT",
    vat="VAT",
    net="Amount excl. VAT",
    gross="Amount incl. VAT",
    unit_net="{amount} excl. VAT",
    rate="VAT rate",
    base="Net amount",
    vat_amount="VAT amount",
    total_net="Total excl. VAT",
    total_vat="Total VAT",
    total_gross="Total incl. VAT",
    paid="Paid on {day} by {method}",
    reference="— ref. {reference}",
    unpaid="Awaiting payment",
    due="To be paid by {day}",
    specimen="SPECIMEN",
    page="page {page}/{pages}",
    methods={
        **FRENCH.methods,
        "card": "card",
        "card_present": "card",
        "sepa_debit": "SEPA direct debit",
        "bacs_debit": "Bacs direct debit",
        "us_bank_account": "ACH direct debit",
        "customer_balance": "bank transfer",
        "bank_transfer": "bank transfer",
        "cheque": "cheque",
        "cash": "cash",
    },
    credit_note="Credit note {number}",
    credit_heading="CREDIT NOTE",
    credit_continued="Credit note {number} (continued)",
    credits="Credit note on invoice {number} of {day}",
    because="— {reason}",
)


def words_for(locale: str, *, credit_note: bool = False) -> Words:
    """English for "en" and its regions, French for everything else; those of a credit note."""
    words = ENGLISH if locale.lower().replace("_", "-").split("-")[0] == "en" else FRENCH
    if not credit_note:
        return words
    return replace(
        words,
        invoice=words.credit_note,
        heading=words.credit_heading,
        continued=words.credit_continued,
    )


def method_name(words: Words, method: str) -> str:
    """A payment method for a person; a new one of Stripe's is shown as Stripe spells it."""
    return words.methods.get(method, method.replace("_", " "))
