"""A new signing secret: into the `.env` without touching anything else, or into a new file."""

from pathlib import Path

import pytest

from stakactl.config import EnvFileSecret, NewSecretFile, Settings
from stakactl.config.secret_files import with_setting
from stakactl.errors import ConfigurationError, DiskError, Refused

SECRET = "whsec_Sentinel0New"
OLD = """\
# Ours
STRIPE_SECRET_KEY=sk_test_1
export STRIPE_WEBHOOK_SECRET = "whsec_old"  # of the endpoint

PASSWORD='a $b "c" #d'
NOTE="two
lines"
"""


def test_only_the_one_value_changes() -> None:
    changed = with_setting(OLD, "STRIPE_WEBHOOK_SECRET", SECRET)
    assert changed == OLD.replace(' = "whsec_old"', f"={SECRET}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"STRIPE_WEBHOOK_SECRET={SECRET}\n"),
        ("A=1", f"A=1\nSTRIPE_WEBHOOK_SECRET={SECRET}\n"),
        ("A=1\r\n", f"A=1\r\nSTRIPE_WEBHOOK_SECRET={SECRET}\r\n"),
        ("STRIPE_WEBHOOK_SECRET=\nB=2\n", f"STRIPE_WEBHOOK_SECRET={SECRET}\nB=2\n"),
        (
            "#STRIPE_WEBHOOK_SECRET=x\n",
            f"#STRIPE_WEBHOOK_SECRET=x\nSTRIPE_WEBHOOK_SECRET={SECRET}\n",
        ),
        ("\n\nSTRIPE_WEBHOOK_SECRET=a=b", f"\n\nSTRIPE_WEBHOOK_SECRET={SECRET}"),
        ("A=1\n  STRIPE_WEBHOOK_SECRET='x'\r\n", f"A=1\n  STRIPE_WEBHOOK_SECRET={SECRET}\r\n"),
    ],
)
def test_where_it_stands_or_at_the_end(text: str, expected: str) -> None:
    assert with_setting(text, "STRIPE_WEBHOOK_SECRET", SECRET) == expected


def test_the_env_file_is_replaced_whole_for_its_owner_only(tmp_path: Path) -> None:
    env = tmp_path / "shop.env"
    env.write_text(OLD, encoding="utf-8")
    env.chmod(0o644)
    link = tmp_path / ".env"
    link.symlink_to(env)
    sink = EnvFileSecret(link)
    sink.require_room()
    where = sink.keep(SECRET)
    assert str(env) in where
    assert "Sentinel" not in where
    assert link.is_symlink()
    assert env.stat().st_mode & 0o777 == 0o600
    settings = Settings.load(link, environ={})
    assert settings.stripe_webhook_secret is not None
    assert settings.stripe_webhook_secret.get_secret_value() == SECRET
    assert {path.name for path in tmp_path.iterdir()} == {"shop.env", ".env"}
    before = env.stat().st_ino
    sink.keep(SECRET)
    assert env.stat().st_ino == before


def test_a_failure_leaves_the_env_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / ".env"
    env.write_text(OLD, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(DiskError, match="No space left"):
        EnvFileSecret(env).keep(SECRET)
    assert env.read_text(encoding="utf-8") == OLD
    assert list(tmp_path.iterdir()) == [env]


def test_without_an_env_file_there_is_no_room(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        EnvFileSecret(tmp_path / ".env").require_room()


def test_a_secret_file_is_new_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "whsec"
    sink = NewSecretFile(path)
    sink.require_room()
    assert sink.keep(SECRET) == str(path)
    assert path.read_text(encoding="utf-8") == f"{SECRET}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sink.keep(SECRET) == str(path)
    for act in (sink.require_room, lambda: sink.keep("whsec_other")):
        with pytest.raises(Refused, match="exists"):
            act()
    assert path.read_text(encoding="utf-8") == f"{SECRET}\n"
    with pytest.raises(Refused, match="cannot be written"):
        NewSecretFile(tmp_path / "nowhere" / "whsec").require_room()
