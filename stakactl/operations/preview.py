"""A letter as it would be sent, for a person to look at; nothing is queued."""

from dataclasses import dataclass

from stakactl.domain.letters import Language
from stakactl.domain.mail import Letter, MailKind, not_queued
from stakactl.errors import UsageError
from stakactl.operations.letters import mail_of_order, read_content, sample_contents
from stakactl.operations.letters.sampling import Sampling
from stakactl.operations.ports import Ports


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """`sample`: made of invented data. `language` is the one it was written in."""

    kind: MailKind
    letter: Letter
    language: Language
    sample: bool


def preview_letter(
    ports: Ports,
    kind: MailKind,
    *,
    order: str | None = None,
    language: Language = Language.FRENCH,
    wording: int = 1,
) -> LetterPreview:
    """The letter about an order, in its own language, or one of invented data in `language`.

    `wording` counts from 1 the wordings of a kind that has several. Raises UsageError, NotFound.
    """
    now = ports.clock.now()
    if order is not None:
        mail = not_queued(mail_of_order(ports, kind, order), now)
        content = read_content(ports, mail)
        return LetterPreview(kind, ports.letters.write(mail, content), content.language, False)
    sampling = Sampling(ports.policy.company, language, now, ports.clock.local_date(now))
    samples = list(sample_contents(sampling, kind))
    if not 1 <= wording <= len(samples):
        raise UsageError(
            f"--wording {wording}: {kind} has {len(samples)}", hint="leave it out for the first"
        )
    letter = ports.letters.write(sampling.mail(kind), samples[wording - 1])
    return LetterPreview(kind, letter, language, True)
