"""Mails as files: durable, private, once."""

import email
import errno
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.mail.folder import FolderMailer
from stakactl.errors import MailDeferred, MailError, MailRefused, MailUncertain
from stakactl.operations.ports import Mailer
from tests.contracts.mailer import MailerContract, a_letter
from tests.fakes_delivery import FakeMailer


class TestFakeMailer(MailerContract):
    @pytest.fixture(params=[True, False])
    def mailer(self, request: pytest.FixtureRequest) -> Mailer:
        return FakeMailer(can_tell=request.param)

    def arrived(self, mailer: Mailer) -> int:
        assert isinstance(mailer, FakeMailer)
        return len(mailer.sent)


class TestFolderMailer(MailerContract):
    @pytest.fixture
    def mailer(self, tmp_path: Path) -> Mailer:
        self.root = tmp_path / "home" / "mail"
        return FolderMailer(self.root)

    def arrived(self, mailer: Mailer) -> int:
        return len(list(self.root.glob("*.eml"))) if self.root.exists() else 0


def test_the_file_is_the_mail(tmp_path: Path) -> None:
    FolderMailer(tmp_path).send(a_letter())
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("invoice.inv_1.0-")
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert email.message_from_bytes(file.read_bytes())["Message-ID"] == a_letter().message_id


def test_whether_it_was_delivered_is_known_for_certain(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail")
    bare = a_letter().message_id.strip("<>")
    assert mailer.was_delivered(a_letter().message_id) is False
    mailer.send(a_letter())
    assert mailer.was_delivered(a_letter().message_id) is True
    assert mailer.was_delivered(bare) is True
    assert mailer.was_delivered("<invoice.inv_2.0@stakactl.example>") is False


def test_the_same_mail_again_changes_nothing(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    mailer.send(a_letter())
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    mailer.send(a_letter(subject="another"))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_ids_that_look_alike_are_different_files(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path)
    ids = [f"<{'a' * 100}{end}@stakactl.example>" for end in ("x", "y")] + [
        "<A@stakactl.example>",
        "<a@stakactl.example>",
        "<a@stakactl.test>",
    ]
    for message_id in ids:
        mailer.send(a_letter(message_id=message_id))
    assert len(list(tmp_path.iterdir())) == len(ids)


def test_a_full_disk_stops_the_sending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    mailer = FolderMailer(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(MailError, match="No space left") as caught:
            mailer.send(a_letter())
    assert not isinstance(caught.value, MailRefused | MailDeferred | MailUncertain)
    assert mailer.was_delivered(a_letter().message_id) is False
    assert list(tmp_path.iterdir()) == []
