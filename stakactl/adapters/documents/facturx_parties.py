"""Who sells and who buys, for machines: BG-4 and BG-7 of the norm."""

from functools import lru_cache

from stakactl.adapters.documents.elements import group, tag
from stakactl.domain.invoicing import Company
from stakactl.domain.orders import Address, Customer


@lru_cache(maxsize=8)
def seller_party(company: Company) -> str:
    """Without a VAT number the SIREN is the tax registration (BT-32), which category E needs."""
    contact = group(
        "TelephoneUniversalCommunication", tag("CompleteNumber", company.phone)
    ) + group("EmailURIUniversalCommunication", tag("URIID", company.email))
    return (
        tag("GlobalID", company.siret, ' schemeID="0009"')
        + tag("Name", company.name)
        + _legal_organisation(company.siren)
        + group("DefinedTradeContact", contact)
        + _address(company.address)
        + _electronic_address(company.siren, company.email)
        + (_tax_number(company.vat_number, "VA") or _tax_number(company.siren, "FC"))
    )


def buyer_party(buyer: Customer) -> str:
    names = [tag("Name", name) for name in (buyer.company, buyer.name, buyer.email)]
    contact = tag("PersonName", buyer.name) if buyer.company else ""
    return (
        next(filter(None, names), "")
        + _legal_organisation(buyer.siren)
        + group("DefinedTradeContact", contact)
        + _address(buyer.address)
        + _electronic_address(buyer.siren, buyer.email)
        + _tax_number(buyer.vat_number, "VA")
    )


def _legal_organisation(siren: str) -> str:
    return group("SpecifiedLegalOrganization", tag("ID", siren, ' schemeID="0002"'))


def _address(address: Address) -> str:
    return group(
        "PostalTradeAddress",
        tag("PostcodeCode", address.postal_code)
        + tag("LineOne", address.line1)
        + tag("LineTwo", address.line2)
        + tag("CityName", address.city)
        + tag("CountryID", address.country),
    )


def _electronic_address(siren: str, email: str) -> str:
    """BT-34 and BT-49: the address in the French directory, else the e-mail."""
    scheme, value = ("0225", siren) if siren else ("EM", email)
    return group("URIUniversalCommunication", tag("URIID", value, f' schemeID="{scheme}"'))


def _tax_number(number: str, scheme: str) -> str:
    return group("SpecifiedTaxRegistration", tag("ID", number, f' schemeID="{scheme}"'))
