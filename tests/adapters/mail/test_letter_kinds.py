"""Every kind of letter with its sample: golden files in both languages, hostile texts, typography.

UPDATE_GOLDEN=1 pytest … writes the golden files anew.
"""

import os
import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from stakactl.adapters.documents.figures import figures_for
from stakactl.adapters.mail.letters import TemplateLetterWriter
from stakactl.adapters.mail.message import to_bytes
from stakactl.adapters.mail.values.times import duration
from stakactl.adapters.resources import templates_dir
from stakactl.domain.letters import Language, LetterContent
from stakactl.domain.letters.invoice import InvoiceLetter
from stakactl.domain.letters.maintenance import MaintenanceNotice
from stakactl.domain.mail import Letter
from stakactl.domain.money import Money
from stakactl.operations.letters import sample_contents
from stakactl.operations.letters.sampling import Sampling
from tests.adapters.mail.test_mail_letters import COMPANY, FixedClock, Skeleton

GOLDEN = Path(__file__).parents[2] / "golden" / "letters"
NOW = datetime(2026, 3, 15, 3, 0, tzinfo=UTC)
FRENCH, ENGLISH = Language.FRENCH, Language.ENGLISH


def sampling(language: Language) -> Sampling:
    return Sampling(COMPANY, language, NOW, date(2026, 3, 15))


def writer(**settings: Any) -> TemplateLetterWriter:
    return TemplateLetterWriter(
        templates_dir(),
        company=COMPANY,
        sender="factures@example.com",
        sender_name="Staka Livres",
        support_email="contact@example.com",
        clock=FixedClock(),
        **settings,
    )


def written(content: LetterContent) -> Letter:
    return writer().write(sampling(content.language).mail(content.kind), content)


SAMPLES = {
    f"{content.template}.{language}": content
    for language in Language
    for content in sample_contents(sampling(language))
}
every_sample = pytest.mark.parametrize("name", SAMPLES)


@every_sample
def test_the_golden_letter(name: str) -> None:
    letter = written(SAMPLES[name])
    found = {
        f"sample-{name}.txt": f"Subject: {letter.subject}\n\n{letter.text}",
        f"sample-{name}.html": letter.html,
    }
    for file, text in found.items():
        if os.environ.get("UPDATE_GOLDEN"):
            (GOLDEN / file).write_text(text, encoding="utf-8")
        assert text == (GOLDEN / file).read_text(encoding="utf-8")


# Other people's texts


def planted(value: Any, text: str) -> Any:
    """`value` with `text` for every text that it holds, however deep."""
    if isinstance(value, str) and type(value) is str:
        return text
    if is_dataclass(value) and not isinstance(value, (Money, type)):
        inner = {field.name: planted(getattr(value, field.name), text) for field in fields(value)}
        return replace(value, **inner)
    if isinstance(value, tuple):
        return tuple(planted(one, text) for one in value)
    if isinstance(value, dict):
        return {key: planted(one, text) for key, one in value.items()}
    return value


ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% include 'base.html.j2' %}",
    "a\r\nBcc: everybody@example.com",
    "=?utf-8?q?a=0D=0ABcc=3A_everybody=40example.com?=",
    "\x1b[2J\u202eevil\u2066\x00\x08",
    "A" * 10_000,
    "’é✓ <" * 2_500,
)


@every_sample
@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
def test_a_hostile_text_anywhere_adds_no_tag_and_no_header(name: str, attack: str) -> None:
    content = SAMPLES[name]
    letter, harmless = written(planted(content, attack)), written(planted(content, "harmless"))
    assert _tags(letter) == _tags(harmless)
    for text in (letter.html, letter.text):
        assert attack.startswith("{{") <= ("{{ 7 * 7 }}" in text), "nothing was evaluated"
        assert not any(char in text for char in "\x00\x1b\x08\u202e\u2066\r")
    assert not set("\r\n\t\0\x1b") & set(letter.subject)
    assert len(letter.subject) <= 200
    assert len(letter.html) < 80_000, "a long text is cut"
    headers = to_bytes(letter).partition(b"\r\n\r\n")[0]
    assert b"\nBcc:" not in headers


def _tags(letter: Letter) -> list[str]:
    return [tag for tag, _ in Skeleton(letter.html).tags]


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://s3.example/a.pdf?X-Amz-Signature=1&X-Amz-Expires=604800", True),
        ("javascript:alert(1)", False),
        ("/var/invoices/a.pdf", False),
        ('https://s3.example/"><script>', False),
        ("https://s3.example/a\nBcc: b", False),
        ("", False),
    ],
)
def test_only_a_web_address_is_a_link(link: str, shown: bool) -> None:
    content = SAMPLES["invoice.en"]
    assert isinstance(content, InvoiceLetter)
    letter = written(replace(content, link=link))
    assert ("Download" in letter.text) is shown
    assert (f'href="{escape(link)}"' in letter.html) is shown


# Typography


class Texts(HTMLParser):
    """What a reader sees of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "style"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(unescape(data))


#: A plain space before ; ? ! : or the sign of the euro, none at all, or within a number.
WRONG = re.compile(r"[ \w][;?!€](?=\s|$)|[ \w]:(?=\s|$)|\d \d{3}\b|'")
#: What we did not write, or what stands for a line of a table.
NOT_OURS = re.compile(r"https?://\S+|O'Brien|^! ", re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.endswith(".fr")])
def test_french_typography(name: str) -> None:
    """A no-break space before : ; ? ! and €, a curly apostrophe, in whatever we wrote."""
    letter = written(SAMPLES[name])
    page = "".join(Texts(letter.html).pieces).partition("SAS")[0]
    for text in (letter.subject, letter.text.partition("\n-- \n")[0], page):
        found = WRONG.search(NOT_OURS.sub("", text).replace("\u00a0", "~").replace("\u202f", "~"))
        assert found is None, f"{found} in {text}"


@pytest.mark.parametrize("wrong", ["Une question ?", "Motif: retour", "12 €", "1 234", "l'avoir"])
def test_wrong_typography_is_noticed(wrong: str) -> None:
    """The control."""
    assert WRONG.search(wrong)


def test_hours_and_durations() -> None:
    summer = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    notice = MaintenanceNotice(language=FRENCH, starts_at=summer, ends_at=summer.replace(minute=30))
    assert "le 2 juillet 2026 de 0\u00a0h\u00a005 à 0\u00a0h\u00a030" in written(notice).text
    over_night = replace(notice, language=ENGLISH, ends_at=summer + timedelta(days=1))
    assert "from 2 July 2026, 00:05, to 3 July 2026 at 00:05" in written(over_night).text
    nobody_knows = replace(notice, ends_at=None)
    assert "le 2 juillet 2026 à partir de 0\u00a0h\u00a005" in written(nobody_knows).text
    told = [duration(seconds, FRENCH) for seconds in (604_800, 172_799, 86_400, 3_600, 60, 1)]
    expected = "7 jours, 1 jour, 1 jour, 1 heure, 1 minute, 1 minute"
    assert ", ".join(told).replace("\u00a0", " ") == expected
    assert duration(7_200, ENGLISH) == "2\u00a0hours"
    assert figures_for("fr").quantity(1_284) == "1\u202f284"


# Who writes


def test_notices_come_from_another_sender_and_answers_go_to_the_support() -> None:
    letters = writer(sender_for_notices="hello@example.com")
    for content in SAMPLES.values():
        letter = letters.write(sampling(FRENCH).mail(content.kind), content)
        sender = "factures@example.com" if content.about_invoices else "hello@example.com"
        assert letter.sender == sender
        assert b"\r\nReply-To: contact@example.com\r\n" in to_bytes(letter)
    assert {content.about_invoices for content in SAMPLES.values()} == {True, False}
