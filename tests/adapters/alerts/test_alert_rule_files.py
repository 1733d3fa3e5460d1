"""The bundled rules, and what a person's own file may change of them."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from stakactl.adapters.alerts.inspection import AlertInspection
from stakactl.adapters.alerts.rules import load_rules
from stakactl.domain.alerts import Measure, Rule
from stakactl.domain.findings import Discrepancy
from stakactl.errors import ConfigurationError
from stakactl.operations.ports.inspection.here import AlertFacts, AlertRuleFacts


def by_id(own: Path | None = None) -> dict[str, Rule]:
    return {rule.rule_id: rule for rule in load_rules(own)}


def written(folder: Path, text: str) -> Path:
    path = folder / "alerts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_rules_are_those_of_the_seeds() -> None:
    rules = by_id()
    assert {rule.measure for rule in rules.values()} == set(Measure)
    thresholds = {name: rule.threshold for name, rule in rules.items()}
    assert thresholds == {
        "webhooks.undelivered": 0,
        "webhooks.failing": None,
        "payments.failing": 5,
        "invoices.missing": 0,
        "pdfs.waiting": 0,
        "pdfs.damaged": 0,
        "mail.waiting": 26,
        "mail.unknown": 0,
        "nightly.missing": 26,
        "disk.space": 80,
        "memory.use": 85,
    }
    payments, webhooks = rules["payments.failing"], rules["webhooks.failing"]
    assert (payments.degraded, payments.critical) == (Decimal(10), Decimal(25))
    assert (webhooks.degraded, webhooks.critical) == (Decimal(5), Decimal(15))
    assert payments.window == timedelta(hours=24)
    assert rules["invoices.missing"].classes == (
        Discrepancy.INVOICE_MISSING,
        Discrepancy.INVOICE_BLOCKED,
    )
    for rule in rules.values():
        assert rule.period < timedelta(hours=24) or rule.period > timedelta(days=6)
        for words in (rule.title, rule.hint):
            assert words.en
            assert words.fr
            assert words.en != words.fr


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    own = written(
        tmp_path,
        "[disk.space]\nthreshold = 90.5\n[memory.use]\nenabled = false\n"
        "[payments.failing]\nat_least = 3\nperiod_hours = 0.5\n",
    )
    rules, bundled = by_id(own), by_id()
    assert rules.keys() == bundled.keys() - {"memory.use"}
    assert rules["disk.space"].threshold == Decimal("90.5")
    assert rules["disk.space"].critical == bundled["disk.space"].critical
    assert rules["payments.failing"].at_least == 3
    assert rules["payments.failing"].period == timedelta(minutes=30)
    assert rules["mail.unknown"] == bundled["mail.unknown"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[disk.full]\nthreshold = 1", "there is no rule disk.full"),
        ("[disk.space]\nmeasure = 'x'", "measure cannot be changed"),
        ("[disk.space]\ntresholt = 1", "tresholt cannot be changed"),
        ("[disk.space]\nthreshold = 'much'", "threshold is no number"),
        ("[disk.space]\nthreshold = true", "threshold is no number"),
        ("[disk.space]\nthreshold = nan", "threshold is no number from 0 on"),
        ("[disk.space]\nthreshold = -1", "threshold is no number from 0 on"),
        ("[disk.space]\nperiod_hours = 0", "every look would tell it again"),
        ("[disk.space]\nperiod_hours = 1e300", "more than ten years"),
        ("[disk.space]\nat_least = 1.5", "at_least is no whole number"),
        ("[disk.space]\nenabled = 0", "enabled is true or false"),
        ("threshold = 1", "threshold is no rule"),
        ("[disk]\nspace = 90", "disk is no rule"),
        ("[disk.space", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    own = written(tmp_path, text)
    with pytest.raises(ConfigurationError, match=said) as caught:
        load_rules(own)
    assert str(own) in caught.value.message


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_rules(written(tmp_path, "[disk.space]\nx = 1\nmargin = 'y'\n[no.rule]\nz = 1\n"))
    assert caught.value.message.count(";") >= 2


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load_rules(tmp_path / "none.toml")
    binary = tmp_path / "b.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_rules(binary)


def test_what_config_validate_sees(tmp_path: Path) -> None:
    url = "https://hooks.slack.com/services/T0/B0/secret"
    own = written(tmp_path, "[memory.use]\nenabled = false\n")
    inspection = AlertInspection("a@example.com", url, own, enabled=True)
    assert inspection.ways() == AlertFacts(True, "a@example.com", "hooks.slack.com")
    assert inspection.rules() == AlertRuleFacts(10, str(own))
    nobody = AlertInspection(None, None, None, enabled=False)
    assert nobody.ways() == AlertFacts(False, None, None)
    assert nobody.rules() == AlertRuleFacts(11, None)
