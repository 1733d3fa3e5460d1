"""The letters from the settings; both the commands and `config validate` write them so."""

from stakactl.config import Settings
from stakactl.operations.ports import Clock, LetterWriter


def open_letters(settings: Settings, clock: Clock) -> LetterWriter:
    """Raises ConfigurationError where an address of ours cannot be used."""
    from stakactl.adapters.mail.letters import TemplateLetterWriter
    from stakactl.adapters.resources import templates_dir

    mail = settings.mail()
    return TemplateLetterWriter(
        templates_dir(),
        company=settings.company(),
        sender=mail.sender,
        sender_for_notices=mail.sender_for_notices,
        sender_name=mail.sender_name,
        support_email=mail.reply_to or mail.sender,
        clock=clock,
        overrides=settings.templates,
    )
