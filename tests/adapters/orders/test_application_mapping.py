"""Mapping files: what they say, and everything that can be wrong with one."""

from pathlib import Path

import pytest

from stakactl.adapters.orders.application.mapping import Column, Joined, load_mapping
from stakactl.domain.orders import OrderStatus
from stakactl.errors import ConfigurationError, ExitCode

SMALL = """
[orders]
table = "orders"

[columns]
order_id = "id"
created_at = "created"
amount = "total"
currency = { value = "eur" }
title = "title"
customer_email = "email"

[[status]]
is = "paid"
when = { paid = true }
"""


def written(folder: Path, text: str) -> str:
    (folder / "shop.toml").write_text(text, encoding="utf-8")
    return "shop.toml"


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_mapping(written(folder, text), folder)
    assert caught.value.exit_code is ExitCode.CONFIGURATION
    assert "mapping.md" in str(caught.value.hint)
    return caught.value.message


def test_the_bundled_mapping_is_whole(tmp_path: Path) -> None:
    staka = load_mapping("staka", tmp_path)
    assert staka.table == "commandes"
    assert staka.columns["customer_name"] == Joined(
        (Column("users", "prenom"), Column("users", "nom"))
    )
    assert staka.told.statuses >= {OrderStatus.PAID, OrderStatus.REFUNDED, OrderStatus.CANCELLED}
    assert OrderStatus.PARTIALLY_REFUNDED not in staka.told.statuses
    assert staka.told.fields == {"stripe_session_id", "invoice_number"}
    assert set(staka.sets) == {
        OrderStatus.PAID,
        OrderStatus.FAILED,
        OrderStatus.EXPIRED,
        OrderStatus.REFUNDED,
    }


def test_what_a_state_is_set_to_is_read_as_that_state(tmp_path: Path) -> None:
    """Otherwise a repair would be found again each night."""
    staka = load_mapping("staka", tmp_path)
    for status, settings in staka.sets.items():
        row = {"statut": "EN_COURS", "amount": "1", "stripeSessionId": "cs_1"}
        row |= {name: value for name, value in settings.items() if isinstance(value, str)}
        found = next(r for r in staka.rules if all(row[n] in v for n, v in r.when.items()))
        assert found.status is status


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    mapping = load_mapping(written(tmp_path, SMALL), tmp_path)
    assert (mapping.table, mapping.order_id, mapping.updated_at) == ("orders", "id", None)
    assert mapping.rules[0].when == {"paid": frozenset({"true"})}
    assert mapping.invoices is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[orders]\n", "[order]\n"), ["[order]", "did you mean orders?", "[orders] table"]),
        (('order_id = "id"', 'orderid = "id"'), ["[columns] orderid", "order_id: is missing"]),
        (('title = "title"', 'title = "users.title"'), ["[columns] title", "[joins]"]),
        (('title = "title"', "title = 1.5"), ["[columns] title"]),
        (('{ value = "eur" }', '{ constant = "eur" }'), ["[columns] currency", "value"]),
        (('is = "paid"', 'is = "payed"'), ["[status 1] is", "partially_refunded"]),
        (('table = "orders"', 'table = "orders"\ntime_zone = "Mars"'), ["time_zone", "Mars"]),
        (('table = "orders"', 'table = "orders"\namount_unit = "euro"'), ["amount_unit", "major"]),
        (("[[status]]", "[[states]]"), ["[states]", "[status]: is missing"]),
        (("[columns]", '[set.shipped]\nstate = "x"\n[columns]'), ["[set] shipped"]),
        (
            ("[columns]", '[invoices]\ntable = "i"\norder_id = "o"\nnumber = "n"\nstatus = "s"\n'
             "[columns]"),
            ["[invoices] live"],
        ),
        (("[columns]", '[joins.users]\ntable = "u"\non = "id"\n[columns]'), ["[joins.users]"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, change: tuple[str, str], words: list[str]
) -> None:
    assert change[0] in SMALL
    message = refused(tmp_path, SMALL.replace(*change))
    for word in words:
        assert word in message


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    message = refused(tmp_path, SMALL.replace('"orders"', '""').replace("amount =", "ammount ="))
    assert message.count("\n") == 3


def test_a_file_that_is_not_there_or_no_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="neither bundled nor"):
        load_mapping("stake", tmp_path)
    assert "cannot be read" in refused(tmp_path, "[orders\n")
