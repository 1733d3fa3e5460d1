"""Folders for the tests of the command line: made once per worker, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.homes import ORDERS, Project, invoke, make_project, opened_project


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `stakactl demo` was typed."""
    folder = tmp_path_factory.mktemp("demo")
    result = invoke(folder, "demo", "--orders", str(ORDERS), "-q")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def demo_home(demo_template: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(demo_template, tmp_path / "demo"))


@pytest.fixture(scope="session")
def project_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    make_project(folder)
    return folder


@pytest.fixture
def project(project_template: Path, tmp_path: Path) -> Iterator[Project]:
    """A company's folder with its own running Stripe; nothing was reconciled yet."""
    with opened_project(project_template, tmp_path / "company") as opened:
        yield opened
