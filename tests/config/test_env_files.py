"""`.env` files: read strictly, written for their owner only, and `.env.example` kept true."""

import io
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stakactl.config import (
    RECOGNISED,
    Settings,
    Use,
    env_file_text,
    field_names,
    render_env_example,
    translate_env,
    write_env_file,
)
from stakactl.config.env_file import parse_env, read_env_file
from stakactl.config.names import ALIASES
from stakactl.errors import ConfigurationError, DiskError, Refused

ROOT = Path(__file__).parents[2]


def test_the_example_is_generated_from_the_fields() -> None:
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == render_env_example(), (
        "type: .venv/bin/python -c 'from stakactl.config import render_env_example; "
        'print(render_env_example(), end="")\' > .env.example'
    )


def test_the_example_names_every_field_and_sets_none() -> None:
    text = render_env_example()
    assert parse_env(text, "x").entries == ()
    bare = "".join(
        line.removeprefix("#") for line in io.StringIO(text) if not line.startswith(("# ", "##"))
    )
    assert tuple(entry.name for entry in parse_env(bare, "x").entries) == field_names()
    assert all(len(line) <= 100 for line in text.splitlines())


def test_every_field_is_documented() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_names_are_not_both_ours_and_others() -> None:
    assert not set(field_names()) & {*RECOGNISED, *ALIASES}
    assert set(ALIASES.values()) <= set(field_names())


def test_entries_know_their_lines() -> None:
    text = "\ufeff# c\r\n\r\nA=1\r\nexport B='two # 2' # c\r\n\n\nC=\"x\ny\"\nD=a#b\n".removeprefix(
        "\ufeff"
    )
    file = parse_env(text, "f")
    assert [(e.name, e.value, e.line) for e in file.entries] == [
        ("A", "1", 3),
        ("B", "two # 2", 4),
        ("C", "x\ny", 7),
        ("D", "a#b", 9),
    ]
    assert file.problems == ()


@pytest.mark.parametrize("line", ["foo bar", "FOO", "=x", "-x-=1", 'A="open', "A='x' y"])
def test_malformed_lines_are_named(line: str) -> None:
    (problem,) = parse_env(f"\n\n{line}\n", "f").problems
    assert problem.origin == "f:3"


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfA=1\n")
    assert read_env_file(path).entries[0].name == "A"


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("A=1\nB=é\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"\.env:2: is not UTF-8"):
        read_env_file(path)


values = st.dictionaries(
    st.sampled_from(field_names()),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    max_size=6,
)


@settings(deadline=None)
@given(values)
def test_what_is_written_is_read_back(wanted: dict[str, str]) -> None:
    file = parse_env(env_file_text(wanted), "f")
    assert file.problems == ()
    assert {entry.name: entry.value for entry in file.entries} == wanted


def test_only_settings_are_written() -> None:
    with pytest.raises(ValueError, match="FOO"):
        env_file_text({"FOO": "1"})


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    before = os.umask(0)
    try:
        write_env_file(path, "A=é\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == "A=é\n".encode()


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    for taken in (path, link):
        with pytest.raises(Refused) as caught:
            write_env_file(taken, "B=2\n")
        assert caught.value.hint
    assert path.read_text() == "A=1\n"
    assert not (tmp_path / "nowhere").exists()


def test_a_disk_that_fails_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(DiskError, match="No space left"):
        write_env_file(tmp_path / ".env", "A=1\n")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DiskError):
        write_env_file(tmp_path / "absent" / ".env", "A=1\n")


SEED = """\
STRIPE_SECRET_KEY=sk_live_abc123
STRIPE_WEBHOOK_SECRET=whsec_abc
S3_BUCKET_NAME=staka-livres-files
FROM_NAME="Staka Livres"
ADMIN_EMAIL=contact@staka.fr          # Notifications
APP_URL=https://app.example.com
TAX_RATE=
DATABASE_URL=mysql://user:pass@host:3306/stakalivres
JWT_SECRET=x
VITE_API_URL=https://api.example.com
"""


def test_an_applications_file_is_translated() -> None:
    translation = translate_env(SEED)
    assert translation.values == {
        "STRIPE_SECRET_KEY": "sk_live_abc123",
        "STRIPE_WEBHOOK_SECRET": "whsec_abc",
        "AWS_S3_BUCKET": "staka-livres-files",
        "FROM_NAME": "Staka Livres",
        "ADMIN_EMAIL": "contact@staka.fr",
        "DATABASE_URL": "mysql://user:pass@host:3306/stakalivres",
    }
    explained = {e.name: e for e in translation.explained}
    assert explained["S3_BUCKET_NAME"].meaning.startswith("AWS_S3_BUCKET here: ")
    assert explained["TAX_RATE"].meaning == "empty, left out"
    assert "ORDERS_MAPPING" in explained["DATABASE_URL"].meaning
    assert Use.LATER in explained["APP_URL"].meaning
    assert Use.APPLICATION in explained["JWT_SECRET"].meaning
    assert explained["ADMIN_EMAIL"].line == 5
    assert translation.ignored == ("VITE_API_URL",)
    assert "JWT_SECRET" not in env_file_text(translation.values)


def test_a_malformed_application_file_names_its_lines() -> None:
    with pytest.raises(ConfigurationError, match=r"app\.env:1"):
        translate_env("foo bar\n", "app.env")
