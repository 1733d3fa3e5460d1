"""What the checks of a configuration look like in every format, letter by letter.

`STAKACTL_GOLDEN=write` makes the golden files anew.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from rich.cells import cell_len

from stakactl.domain.checks import CheckResult, Severity, Verdict, failed, passed, skipped, unknown
from stakactl.domain.runs import Mode
from stakactl.operations.validate.configuration import ValidationReport
from stakactl.output.github import write_github
from stakactl.output.junit import write_junit
from stakactl.output.render import Writer
from stakactl.output.reports.validate import validation_view
from stakactl.output.view import View
from tests.output.view_samples import FINISHED, STARTED, written

#: Read here, because tests see no STAKACTL_ setting of the shell.
WRITE = os.environ.get("STAKACTL_GOLDEN") == "write"
GOLDEN = Path(__file__).parents[1] / "golden" / "output"
WRITERS: Mapping[str, Writer] = {"junit": write_junit, "github": write_github}


def result(check_id: str, title: str, verdict: Verdict, *, warning: bool = False) -> CheckResult:
    severity = Severity.WARNING if warning else Severity.ERROR
    return CheckResult(check_id, title, severity, verdict)


RESULTS = (
    result(
        "settings.valid",
        "Settings are well formed and fit together",
        failed('"0.2" would be 0.2 %', "20 means 20 %: write 20", subject="TAX_RATE"),
    ),
    result("settings.valid", "Settings are well formed", passed("is well formed", subject="X")),
    result(
        "env.mode",
        "Only its owner can read the settings file",
        failed("/shop/.env has mode 0644: other users may use it", "chmod 600 /shop/.env"),
        warning=True,
    ),
    result("company.name", "The seller has a name", passed("Éditions de l'Exemple")),
    result(
        "stripe.reachable",
        "Stripe answers",
        failed(
            "Stripe refused the key: 401 from https://api.stripe.com/v1/account, twice in a row",
            "copy the key from https://dashboard.stripe.com/apikeys into STRIPE_SECRET_KEY; "
            "a restricted one needs the permission to read the account",
        ),
    ),
    result("stripe.charges", "The account can take payments", unknown("Stripe refused the key")),
    result(
        "stripe.price",
        "Prices exist",
        failed("a, b: 50 % of them\nare <gone> \x1b[31m& done", "look", subject="price_1"),
    ),
    result("s3.bucket", "The bucket exists", skipped("PDFs go to a folder")),
)
ORIGINS = {"TAX_RATE": "/shop/conf,prod:1/.env:3", "STRIPE_SECRET_KEY": "environment"}


def view(results: tuple[CheckResult, ...] = RESULTS, *, strict: bool = False, **more: Any) -> View:
    report = ValidationReport(results, ORIGINS, strict)
    made = validation_view(report, Mode.TEST, **more)
    return replace(made, command="config validate", started_at=STARTED, finished_at=FINISHED)


def text_of(made: View, output: str, **options: Any) -> str:
    return written(made, output, writers=dict(WRITERS), **options)


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.mark.parametrize(
    ("name", "output", "strict", "verbose"),
    [
        ("checks.txt", "table", False, False),
        ("checks-verbose.txt", "table", False, True),
        ("checks.json", "json", False, False),
        ("checks.csv", "csv", False, False),
        ("checks.xml", "junit", False, False),
        ("checks-strict.xml", "junit", True, False),
        ("checks-github.txt", "github", False, False),
        ("checks-github-strict.txt", "github", True, False),
    ],
)
def test_the_checks_look_as_they_did(
    name: str, output: str, *, strict: bool, verbose: bool
) -> None:
    text = text_of(view(strict=strict, verbose=verbose), output)
    path = GOLDEN / name
    if WRITE:
        path.write_text(text, encoding="utf-8", newline="")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("verbose", [False, True])
def test_the_table_fits_and_names_what_is_wrong_before_all_else(*, verbose: bool) -> None:
    text = text_of(view(verbose=verbose), "table")
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert text.index("settings.valid") < text.index("env.mode") < text.index("stripe.charges")
    assert ("s3.bucket" in text) is verbose


def test_all_in_order_is_said_in_one_line() -> None:
    text = text_of(view((RESULTS[1], RESULTS[3])), "table")
    assert "settings 1 · company 1" in text
    assert "Everything that was looked at is in order." in text


@pytest.mark.parametrize(("strict", "failures", "skipped_count"), [(False, 3, 2), (True, 5, 1)])
def test_junit_counts_what_it_holds(*, strict: bool, failures: int, skipped_count: int) -> None:
    root = Xml.XML(text_of(view(strict=strict), "junit"))
    assert root.get("tests") == str(len(root.findall("*/testcase"))) == str(len(RESULTS))
    assert root.get("failures") == str(len(root.findall("*/testcase/failure"))) == str(failures)
    assert root.get("skipped") == str(len(root.findall("*/testcase/skipped"))) == str(skipped_count)
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
    assert len(root.findall("*/testcase/system-out")) == (0 if strict else 1)


def test_annotations_are_one_line_each_and_escaped_as_github_wants() -> None:
    lines = text_of(view(), "github").splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        "::error",
        "::warning",
        "::error",
        "::notice",
        "::error",
        "::notice",
    ]
    assert lines[0].startswith(
        "::error file=/shop/conf%2Cprod%3A1/.env,line=3,title=settings.valid"
    )
    assert "50 %25 of them%0Aare <gone> [31m& done%0AHint: look" in lines[4]


def test_a_file_inside_the_checkout_is_called_as_the_checkout_calls_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ORIGINS, "TAX_RATE", f"{tmp_path}/conf/.env:3")
    assert text_of(view(), "github").startswith("::error file=conf/.env,line=3,")
