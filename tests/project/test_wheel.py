"""The built wheel, installed into an empty environment elsewhere, runs the whole demo."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel.

    The libraries are borrowed from this environment by a path entry, because tests reach no
    package index; stakactl itself can only come from the wheel.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "wheel", *options, "--wheel-dir", str(folder), str(ROOT)], check=True)
    (wheel,) = folder.glob("stakactl-*.whl")
    home = folder / "elsewhere"
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    target = ["--python", str(home / "bin" / "python")]
    subprocess.run([*pip, *target, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    return home / "bin"


def test_the_wheel_holds_all_that_the_demo_needs(installed: Path, tmp_path: Path) -> None:
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
    }
    where = subprocess.run(
        [installed / "python", "-c", "import stakactl; print(stakactl.__file__)"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert Path(where).is_relative_to(installed.parent)
    demo = subprocess.run(
        [installed / "stakactl", "demo", "--orders", "80"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "exactly what was planted" in demo.stdout
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"var"}
    assert {path.name for path in (tmp_path / "var").iterdir()} == {"demo"}
