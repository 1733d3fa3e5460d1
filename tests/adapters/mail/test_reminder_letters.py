"""The letters of reminders: golden files of the three tones in both languages, hostile texts.

UPDATE_GOLDEN=1 pytest … writes the golden files anew.
"""

import os
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from stakactl.adapters.documents.legal_texts import load_legal_texts
from stakactl.adapters.mail.message import to_bytes
from stakactl.adapters.mail.values.reminder import safe_url
from stakactl.domain.legal import Clause
from stakactl.domain.letters import Language
from stakactl.domain.letters.reminder import ReminderLetter
from stakactl.domain.mail import Letter, MailKind
from stakactl.domain.money import Money
from stakactl.domain.receivables import Source
from stakactl.domain.reminders import Tone
from tests.adapters.mail.hostile import HOSTILE
from tests.adapters.mail.test_mail_letters import (
    GOLDEN,
    PDF,
    QUEUED,
    Skeleton,
    a_writer,
)

DUE = date(2026, 3, 1)
PAY = "https://invoice.stripe.com/i/acct_1/live_abc?s=ap&x=1"


def sentences(language: Language, *clauses: Clause) -> tuple[str, ...]:
    texts = load_legal_texts()
    return tuple(texts.sentence(clause, str(language), DUE) for clause in clauses)


PENALTIES = (Clause.LATE_PENALTIES, Clause.RECOVERY_INDEMNITY)


def a_reminder(tone: Tone, language: Language = Language.FRENCH, **fields: Any) -> ReminderLetter:
    """Friendly about an order, firm about Stripe's invoice to a business, formal about ours."""
    values: dict[Tone, dict[str, Any]] = {
        Tone.FRIENDLY: {
            "source": Source.ORDER,
            "number": "A-1042",
            "title": "Correction complète",
            "days_late": 7,
        },
        Tone.FIRM: {
            "source": Source.STRIPE_INVOICE,
            "number": "ABC-0042",
            "days_late": 15,
            "outstanding": Money(100_000, "eur"),
            "pay_url": PAY,
            "legal": sentences(language, *PENALTIES),
        },
        Tone.FORMAL: {
            "source": Source.INVOICE,
            "number": "FACT-2026-000042",
            "days_late": 30,
            "issued_on": date(2026, 2, 1),
            "answer_by": date(2026, 4, 8),
            "pdf": PDF,
            "legal": sentences(language, Clause.FORMAL_NOTICE, *PENALTIES),
        },
    }
    default: dict[str, Any] = {
        "language": language,
        "name": "Léa Martin",
        "tone": tone,
        "total": Money(153_456, "eur"),
        "outstanding": Money(153_456, "eur"),
        "due_on": DUE,
    }
    return ReminderLetter(**(default | values[tone] | fields))


def written(content: ReminderLetter) -> Letter:
    return a_writer().write(replace(QUEUED, kind=MailKind.REMINDER), content)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("tone", Tone)
def test_golden_reminders(tone: Tone, language: Language) -> None:
    letter = written(a_reminder(tone, language))
    assert to_bytes(letter)
    name = f"reminder-{tone}.{language}"
    found = {
        f"{name}.txt": f"Subject: {letter.subject}\n\n{letter.text}",
        f"{name}.html": letter.html,
    }
    for file, expected in found.items():
        if os.environ.get("UPDATE_GOLDEN"):
            (GOLDEN / file).write_text(expected, encoding="utf-8")
        assert expected == (GOLDEN / file).read_text(encoding="utf-8")


def test_what_is_attached_and_what_can_be_paid_at_once() -> None:
    formal = written(a_reminder(Tone.FORMAL))
    assert [each.filename for each in formal.attachments] == ["FACT-2026-000042.pdf"]
    assert "FACT-2026-000042.pdf" in formal.text
    firm = written(a_reminder(Tone.FIRM))
    assert firm.attachments == ()
    assert PAY in firm.text
    assert PAY.replace("&", "&amp;") in firm.html
    assert "1\u202f000,00\u00a0€" in firm.text
    assert "1\u202f534,56\u00a0€" in firm.text  # what was invoiced in all
    friendly = written(a_reminder(Tone.FRIENDLY))
    assert "répondez simplement" in friendly.text
    assert "répondez simplement" not in firm.text + formal.text


def test_a_day_is_one_day() -> None:
    assert "depuis 1 jour." in written(a_reminder(Tone.FIRM, days_late=1)).text
    assert "1 day late" in written(a_reminder(Tone.FIRM, Language.ENGLISH, days_late=1)).html


@pytest.mark.parametrize(
    "url",
    [
        "http://invoice.stripe.com/i/1",
        "javascript:alert(1)",
        "https://",
        "https://user:secret@invoice.stripe.com/",
        'https://invoice.stripe.com/"onmouseover="alert(1)',
        "https://invoice.stripe.com/ x",
        "https://invoice.stripe.com/\nBcc: x",
        "https://invoice.stripe.com:x/",
        "https://exämple.com/",
        "https://[/",
        f"https://invoice.stripe.com/{'x' * 1000}",
        "",
    ],
)
def test_a_link_that_is_no_plain_https_address_is_left_out(url: str) -> None:
    assert safe_url(url) == ""
    letter = written(a_reminder(Tone.FIRM, pay_url=url))
    assert "Régler maintenant" not in letter.html + letter.text
    assert safe_url(PAY) == PAY


def _skeleton(text: str, tone: Tone) -> list[Any]:
    letter = written(
        a_reminder(tone, name=text, number=f"N {text}", title=f"T {text}", legal=(text,))
    )
    assert to_bytes(letter)
    assert not any(char in letter.html + letter.text for char in "\x00\x1b\u202e\u2066\r")
    assert "\n" not in letter.subject + letter.recipient_name
    return Skeleton(letter.html).tags


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_adds_no_tag_to_a_reminder(text: str) -> None:
    for tone in Tone:
        assert _skeleton(text, tone) == _skeleton("harmless", tone)
