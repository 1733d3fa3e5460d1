"""Letters from Jinja2 templates, in the language of their content.

Templates get plain texts and numbers, no objects of ours: everything a customer wrote is cleaned
before, escaped by the HTML template, and a template that somebody else wrote runs in a sandbox.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from stakactl.adapters.documents.figures import Figures, figures_for
from stakactl.adapters.mail.addresses import wire_address
from stakactl.adapters.mail.message import MAX_NAME, MAX_SUBJECT, safe_filename
from stakactl.adapters.mail.text import one_line
from stakactl.adapters.mail.values import values_of
from stakactl.domain.invoicing import Company
from stakactl.domain.letters import Language, LetterContent
from stakactl.domain.mail import Letter, QueuedMail
from stakactl.errors import ConfigurationError, MailRefused
from stakactl.operations.ports import Clock


class TemplateLetterWriter:
    """A LetterWriter.

    `templates_dir` is the folder that holds `letters/`. Templates of the same name in `overrides`
    (NOTIFICATION_TEMPLATES_PATH) come first.
    """

    def __init__(
        self,
        templates_dir: Path,
        *,
        company: Company,
        sender: str,
        sender_for_notices: str = "",
        sender_name: str,
        support_email: str,
        clock: Clock,
        overrides: Path | None = None,
    ) -> None:
        self._company = company
        self._sender = _own_address(sender, "sender (INVOICE_EMAIL_FROM or FROM_EMAIL)")
        self._notices = _own_address(sender_for_notices or sender, "sender (FROM_EMAIL)")
        self._sender_name = one_line(sender_name or company.name, MAX_NAME)
        self._support = _own_address(support_email or sender, "support address (SUPPORT_EMAIL)")
        self._clock = clock
        folders = [folder for folder in (overrides, templates_dir / "letters") if folder]
        self._html = _environment(folders, escape=True)
        self._plain = _environment(folders, escape=False)

    def write(self, mail: QueuedMail, content: LetterContent) -> Letter:
        recipient = wire_address(mail.recipient)
        stem = f"{content.template}.{content.language}"
        values = self._values(content)
        subject = one_line(self._render(self._plain, f"{stem}.subject.j2", values), MAX_SUBJECT)
        values["subject"] = subject
        sender = self._sender if content.about_invoices else self._notices
        return Letter(
            message_id=mail.message_id,
            sender=sender,
            sender_name=self._sender_name,
            recipient=recipient,
            recipient_name=one_line(content.name, MAX_NAME),
            subject=subject,
            text=self._render(self._plain, f"{stem}.txt.j2", values).strip() + "\n",
            html=self._render(self._html, f"{stem}.html.j2", values).strip() + "\n",
            sent_on=self._clock.now(),
            reply_to="" if self._support == sender else self._support,
            attachments=tuple(
                replace(attachment, filename=safe_filename(attachment.filename))
                for attachment in content.attachments
            ),
        )

    def _values(self, content: LetterContent) -> dict[str, object]:
        """What the templates of every kind have, and what this kind adds."""
        figures = figures_for(content.language)
        return {
            "language": str(content.language),
            "specimen": content.specimen,
            "name": one_line(content.name, MAX_NAME),
            "support_email": self._support,
            "company": {
                "name": one_line(self._company.name),
                "lines": _identity(self._company, figures, content.language),
            },
            **values_of(content, figures),
        }

    def _render(
        self, environment: ImmutableSandboxedEnvironment, name: str, values: Mapping[str, object]
    ) -> str:
        try:
            return environment.get_template(name).render(values)
        except TemplateNotFound as error:
            raise ConfigurationError(
                f"the letter template {error.name} is missing",
                hint="install stakactl again, or correct NOTIFICATION_TEMPLATES_PATH",
            ) from error
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError) as error:
            line = getattr(error, "lineno", None)
            raise ConfigurationError(
                f"the letter template {name} does not work"
                f"{f' (line {line})' if line else ''}: {one_line(str(error), 300)}",
                hint="correct the template, or leave it out to use the bundled one",
            ) from error


def _environment(folders: list[Path], *, escape: bool) -> ImmutableSandboxedEnvironment:
    """`autoescape` is a fixed yes or no: `select_autoescape()` does not know `.html.j2`."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders), autoescape=escape, undefined=StrictUndefined
    )


def _identity(company: Company, figures: Figures, language: Language) -> list[str]:
    """Who writes, as art. R123-237 of the Code de commerce wants it on a company's letters."""
    french = language is Language.FRENCH
    capital = "au capital de" if french else "with share capital of"
    rcs = company.rcs if company.rcs.upper().startswith("RCS") else f"RCS {company.rcs}"
    form = " ".join(
        piece
        for piece in (company.legal_form, company.capital and f"{capital} {company.capital}")
        if piece
    )
    address = company.address
    town = f"{address.postal_code} {address.city}".strip()
    country = figures.country(address.country) if address.country.upper() != "FR" else ""
    lines = [
        ", ".join(piece for piece in (company.name, form) if piece),
        ", ".join(piece for piece in (address.line1, address.line2, town, country) if piece),
        " · ".join(
            piece
            for piece in (
                company.rcs and rcs,
                company.siret and f"SIRET {company.siret}",
                company.vat_number and f"{'TVA' if french else 'VAT'} {company.vat_number}",
            )
            if piece
        ),
        " · ".join(piece for piece in (company.website, company.phone) if piece),
    ]
    return [one_line(line, 300) for line in lines if line]


def _own_address(address: str, what: str) -> str:
    try:
        return wire_address(address)
    except MailRefused as error:
        raise ConfigurationError(
            f"the {what} cannot be used: {error.message}",
            hint="set INVOICE_EMAIL_FROM=billing@your-company.example, or correct it",
        ) from error
