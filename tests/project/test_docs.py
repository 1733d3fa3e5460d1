"""The documentation is what the product says of itself."""

import re
from pathlib import Path

from docs import build
from stakactl.cli.catalogue import COMMANDS
from stakactl.domain.findings import Discrepancy

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_command_reference_is_what_help_says() -> None:
    assert build.COMMANDS.read_text(encoding="utf-8") == build.command_reference(), "make docs"


def test_the_command_table_is_the_catalogue() -> None:
    assert build.with_command_table(README) == README, "make docs"


def test_the_readme_names_the_two_commands_and_only_files_that_exist() -> None:
    assert "make demo" in README
    assert "make test" in README
    links = re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", README)
    files = [path or source for path, source in links if "://" not in (path or source)]
    assert [path for path in files if not (ROOT / path).exists()] == []


def test_commands_in_the_readme_exist() -> None:
    typed = set(re.findall(r"(?m)^(?:\.venv/bin/)?stakactl ([a-z]+)", README))
    assert typed <= set(COMMANDS)


def test_every_class_of_findings_is_explained() -> None:
    explained = (ROOT / "docs" / "reconciliation.md").read_text(encoding="utf-8")
    for discrepancy in Discrepancy:
        row = re.search(rf"(?m)^\| .*`{discrepancy}`.* \| (\d) \|", explained)
        assert row is not None, discrepancy
        assert int(row[1]) == discrepancy.priority
