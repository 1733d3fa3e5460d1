"""Issued invoices that add up and those that do not; PDFs that are what was issued."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.documents import amount_problem, checksum, is_our_key, pdf_problem
from stakactl.domain.invoicing import InvoiceSnapshot, object_key
from stakactl.domain.money import Money, smallest_step
from stakactl.domain.orders import OrderLine
from stakactl.domain.vat import VatSplit
from tests.builders import an_order, eur
from tests.contracts.issuing import TODAY, snapshot_of

PDF = b"%PDF-1.7 content"
RATES = [Decimal(rate) for rate in ("0", "2.1", "5.5", "10", "20")]


def snapshot() -> InvoiceSnapshot:
    """Two rates, one of them on two lines."""
    lines = (
        OrderLine("Correction", 3, eur(3333), Decimal(20)),
        OrderLine("Livre", 2, eur(1990), Decimal("5.5")),
        OrderLine("Relecture", 1, eur(101), Decimal(20)),
    )
    order = an_order(lines=lines, amount=eur(3 * 3333 + 2 * 1990 + 101))
    return snapshot_of(order, "FACT-2026-000001", TODAY)


@given(
    st.lists(
        st.tuples(st.integers(1, 10**7), st.integers(1, 20), st.sampled_from(RATES)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["eur", "jpy", "kwd"]),
)
def test_what_is_issued_adds_up(lines: list[tuple[int, int, Decimal]], currency: str) -> None:
    step = smallest_step(currency)
    told = tuple(OrderLine("x", n, Money(unit * step, currency), rate) for unit, n, rate in lines)
    total = Money.total((line.amount for line in told), currency)
    issued = snapshot_of(an_order(lines=told, amount=total), "FACT-2026-000001", TODAY)
    assert amount_problem(issued) is None
    said = [issued.total_net, issued.total_vat, *(line.net for line in issued.lines)]
    assert not any(money.minor % step for money in said)


def test_dinars_issued_with_thousandths_stay_sound() -> None:
    """VAT was rounded to the thousandth once; what is issued never changes."""
    price = Money(12340, "kwd")
    issued = snapshot_of(
        an_order(lines=(OrderLine("x", 1, price, Decimal(20)),), amount=price), "FACT-1", TODAY
    )
    net, vat = Money(10283, "kwd"), Money(2057, "kwd")
    old = replace(
        issued,
        lines=(replace(issued.lines[0], net=net),),
        vat=(replace(issued.vat[0], net=net, vat=vat),),
        total_net=net,
        total_vat=vat,
    )
    assert amount_problem(old) is None


def changed(**values: object) -> InvoiceSnapshot:
    return replace(snapshot(), **values)  # type: ignore[arg-type]


def with_group(**values: object) -> InvoiceSnapshot:
    first, *others = snapshot().vat
    return changed(vat=(replace(first, **values), *others))  # type: ignore[arg-type]


def with_line(**values: object) -> InvoiceSnapshot:
    first, *others = snapshot().lines
    return changed(lines=(replace(first, **values), *others))  # type: ignore[arg-type]


WRONG = {
    "total": lambda: changed(total=snapshot().total + eur(1)),
    "net": lambda: changed(total_net=snapshot().total_net + eur(1)),
    "VAT": lambda: changed(total_vat=snapshot().total_vat + eur(1)),
    "total and net": lambda: changed(
        total=snapshot().total + eur(1), total_net=snapshot().total_net + eur(1)
    ),
    "net and VAT": lambda: changed(
        total_net=snapshot().total_net + eur(1), total_vat=snapshot().total_vat - eur(1)
    ),
    "a line": lambda: with_line(amount=eur(9998)),
    "a line's net": lambda: with_line(net=eur(1)),
    "a line's rate": lambda: with_line(vat_rate=Decimal(10)),
    "a group's net": lambda: with_group(net=eur(1)),
    "a group's VAT": lambda: with_group(vat=eur(1)),
    "a group's rate": lambda: with_group(rate=Decimal(10)),
    "a group too many": lambda: changed(
        vat=(*snapshot().vat, VatSplit(Decimal(10), eur(0), eur(0)))
    ),
    "no groups": lambda: changed(vat=()),
    "no lines": lambda: changed(lines=()),
    "a currency": lambda: with_line(amount=Money(9999, "usd")),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_add_up_is_told(name: str) -> None:
    assert amount_problem(snapshot()) is None
    assert amount_problem(WRONG[name]())


def test_a_rate_that_is_not_the_one_stated() -> None:
    """Everything adds up, but 20 % was printed and 19 taken."""
    (group,) = snapshot_of(an_order(), "FACT-2026-000001", TODAY).vat
    (line,) = snapshot_of(an_order(), "FACT-2026-000001", TODAY).lines
    shift = eur(400)
    wrong = replace(
        snapshot_of(an_order(), "FACT-2026-000001", TODAY),
        vat=(replace(group, net=group.net + shift, vat=group.vat - shift),),
        lines=(replace(line, net=line.net + shift),),
        total_net=group.net + shift,
        total_vat=group.vat - shift,
    )
    assert "VAT on" in (amount_problem(wrong) or "")


def test_a_pdf_is_one_of_its_recorded_renditions() -> None:
    accepted = frozenset({checksum(PDF), checksum(PDF + b"2")})
    assert pdf_problem(PDF, accepted) is None
    assert pdf_problem(PDF + b"2", accepted) is None
    assert pdf_problem(PDF + b"3", accepted) == f"SHA-256 {checksum(PDF + b'3')}"
    assert pdf_problem(b"", accepted) == "an empty object"
    assert pdf_problem(b"<html>", frozenset({checksum(b"<html>")})) == "no PDF"


def test_our_keys_are_told_from_those_of_an_application() -> None:
    key = object_key("u_1", "inv_0123456789abcdef0123", "FACT-2026-000001")
    assert is_our_key(key)
    for foreign in (
        "invoices/8c6b1a.pdf",
        "invoices/user-123/abc-def-456_INV-2026-XYZ_1737216000000.pdf",
        f"copy/{key}",
        key + ".bak",
        key.replace("u_1", "u/1"),
    ):
        assert not is_our_key(foreign)
