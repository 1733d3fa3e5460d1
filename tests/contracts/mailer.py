"""What every Mailer promises, real or fake."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stakactl.domain.mail import Attachment, Letter
from stakactl.errors import MailRefused
from stakactl.operations.ports import Mailer


def a_letter(**fields: Any) -> Letter:
    default = Letter(
        message_id="<invoice.inv_1.0@stakactl.example>",
        sender="factures@example.com",
        sender_name="Staka Livres",
        recipient="lea.martin@example.com",
        recipient_name="Léa Martin",
        subject="Votre facture FACT-2026-000001 – Staka Livres",
        text="Bonjour Léa,\n.\n..\nune ligne\n",
        html="<p>Bonjour Léa,</p>\n",
        sent_on=datetime(2026, 3, 15, 3, 0, tzinfo=UTC),
        attachments=(Attachment("FACT-2026-000001.pdf", b"%PDF-1.7\n.\r\n\r\n.\r\n\x00\xff"),),
    )
    return replace(default, **fields)


def numbered_letter(number: int) -> Letter:
    return a_letter(message_id=f"<invoice.inv_{number}.0@stakactl.example>")


class MailerContract:
    """Subclasses bring the fixture `mailer`, and say in `arrived` how many mails there are."""

    def arrived(self, mailer: Mailer) -> int:
        raise NotImplementedError

    def test_a_sent_mail_arrives_once(self, mailer: Mailer) -> None:
        mailer.send(a_letter())
        assert self.arrived(mailer) == 1

    def test_many_mails_arrive(self, mailer: Mailer) -> None:
        for number in range(5):
            mailer.send(numbered_letter(number))
        assert self.arrived(mailer) == 5

    def test_it_never_errs_about_what_was_delivered(self, mailer: Mailer) -> None:
        letter = a_letter()
        assert mailer.was_delivered(letter.message_id) is not True
        mailer.send(letter)
        assert mailer.was_delivered(letter.message_id) is not False

    @pytest.mark.parametrize(
        "recipient",
        ["", "no address", "a@example.com,b@example.com", "a@example.com\r\nBcc: b@c.d"],
    )
    def test_an_impossible_recipient_is_refused(self, mailer: Mailer, recipient: str) -> None:
        with pytest.raises(MailRefused):
            mailer.send(a_letter(recipient=recipient))
        assert self.arrived(mailer) == 0

    def test_a_refused_mail_does_not_stop_the_next(self, mailer: Mailer) -> None:
        with pytest.raises(MailRefused):
            mailer.send(a_letter(recipient="nobody"))
        mailer.send(a_letter())
        assert self.arrived(mailer) == 1

    def test_closing_is_harmless(self, mailer: Mailer) -> None:
        mailer.close()
        mailer.send(a_letter())
        mailer.close()
        mailer.close()
        assert self.arrived(mailer) == 1
