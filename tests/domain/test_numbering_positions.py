"""Where a number stands, read from the number and from the name of its PDF."""

from hypothesis import given
from hypothesis import strategies as st

from stakactl.domain.invoicing import object_key
from stakactl.domain.numbering import Position, Series, parse_number
from stakactl.domain.restores import Counter, highest, is_of_mode, position_of_key

PREFIXES = st.from_regex(r"[A-Z0-9]{1,6}([-_/+][A-Z0-9]{1,6})?", fullmatch=True)
INVOICE_ID = "inv_0123456789abcdef0123"


@given(PREFIXES, st.integers(1000, 9999), st.integers(1, 10**9))
def test_a_number_says_where_it_stands(prefix: str, year: int, sequence: int) -> None:
    position = Position(prefix, year, sequence)
    assert position.number == Series(prefix).number(year, sequence)
    assert parse_number(position.number) == position
    key = object_key("u_1", INVOICE_ID, position.number)
    assert position_of_key(key, ["OTHER", prefix]) == position


def test_other_texts_are_no_numbers() -> None:
    for text in ("", "FACT-2026-12", "FACT-26-000012", "-2026-000012", "FACT 1-2026-000012", "x"):
        assert parse_number(text) is None
    assert position_of_key(f"invoices/u_1/{INVOICE_ID}_draft.pdf", ["FACT"]) is None


def test_the_highest_of_each_year_above_the_counter() -> None:
    counters = {"FACT": Counter(2026, 10, None)}
    seen = [
        Position("FACT", 2026, 9),
        Position("FACT", 2026, 12),
        Position("FACT", 2026, 11),
        Position("FACT", 2027, 1),
        Position("AVOIR", 2026, 1),
    ]
    assert set(highest(seen, counters)) == {seen[1], seen[3], seen[4]}


def test_test_mode_is_another_store() -> None:
    assert is_of_mode("FACT-2026-000001", test=False)
    assert not is_of_mode("TEST-FACT-2026-000001", test=False)
    assert is_of_mode("TEST-FACT-2026-000001", test=True)
