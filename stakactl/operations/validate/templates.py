"""`templates.*`: every letter can be written in every language, from the templates in use."""

from stakactl.domain.checks import Severity, Verdict, failed, passed, skipped
from stakactl.operations.ports.inspection.here import LetterFacts
from stakactl.operations.validate.checks import Check, Found, Reading

_PATH = "NOTIFICATION_TEMPLATES_PATH"

LETTERS: Reading[LetterFacts] = Reading(
    "the letters", lambda inspection, found: inspection.letters.letters(), local=True
)


def _render(found: Found) -> list[Verdict]:
    return [
        failed(sample.problem, sample.hint, subject=sample.name)
        if sample.problem
        else passed("was written with sample data", subject=sample.name)
        for sample in found[LETTERS].samples
    ]


def _folder(found: Found) -> Verdict:
    facts = found[LETTERS]
    if facts.folder is None:
        return skipped("no folder of your own is set: the bundled letters are used", subject=_PATH)
    bundled = "the bundled letters are used"
    leave_out = f"leave {_PATH} out, or set it to a folder with Jinja2 templates (*.j2)"
    if not facts.folder_exists:
        return failed(f"{facts.folder} is no folder: {bundled}", leave_out, subject=_PATH)
    if not facts.own:
        return failed(f"{facts.folder} holds no .j2 files: {bundled}", leave_out, subject=_PATH)
    if not facts.taken:
        return failed(
            f"no file in {facts.folder} has the name of a letter: {bundled}",
            "call it as the letter that it replaces, such as invoice.fr.html.j2",
            subject=_PATH,
        )
    return passed(f"{', '.join(facts.taken)} from {facts.folder}", subject=_PATH)


CHECKS: tuple[Check, ...] = (
    Check(
        "templates.render",
        "Every letter can be written",
        _render,
        (LETTERS,),
        answers_for=LETTERS,
    ),
    Check(
        "templates.folder",
        "Your own templates are used",
        _folder,
        (LETTERS,),
        severity=Severity.WARNING,
    ),
)
