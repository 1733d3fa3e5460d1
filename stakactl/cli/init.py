"""`stakactl init`: the settings file and the database, by questions or from an existing file."""

import getpass
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.cli.options import command, group
from stakactl.errors import Refused, UsageError
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.output.reports.init import Explained

app = group("init")


@dataclass(frozen=True, slots=True)
class Question:
    """`secret` answers are not echoed; an empty answer takes `default` or leaves the name out."""

    name: str
    text: str
    default: str = ""
    secret: bool = False


QUESTIONS = (
    Question("STRIPE_SECRET_KEY", "Secret or restricted key of Stripe (sk_… or rk_…)", secret=True),
    Question("PDF_COMPANY_NAME", "Name of the company that sells"),
    Question("PDF_COMPANY_ADDRESS", "Its street and number"),
    Question("PDF_COMPANY_POSTAL_CODE", "Its postal code"),
    Question("PDF_COMPANY_CITY", "Its city"),
    Question("PDF_COMPANY_SIRET", "Its SIRET (14 digits)"),
    Question("PDF_COMPANY_VAT_NUMBER", "Its VAT number (empty without one)"),
    Question("TAX_RATE", "VAT in percent where an order states none", default="20"),
    Question("FROM_EMAIL", "Sender of the invoices"),
    Question("INVOICES_SINCE", "First day that stakactl issues invoices for, as 2026-12-31"),
)


@command(app, example=["stakactl init", "stakactl init --from ../shop/.env"])
def init(
    call: Call,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Take what is known from this .env.", show_default=False),
    ] = None,
) -> View:
    """Write a commented .env and create stakactl's database.

    Nothing is written unless every value is good; an existing .env is never overwritten.
    """
    from stakactl.config import Reading, env_file_text, read_settings, write_env_file
    from stakactl.output.reports.init import init_view

    target = (call.env_file or Path(".env")).absolute()
    if target.exists():
        raise Refused(
            f"{target} exists; it was left as it is",
            hint="stakactl db init creates the database with it; or name another with --env-file",
        )
    explained: tuple[Explained, ...] = ()
    if source is not None:
        values, explained, origins = _translated(source)
    else:
        values, origins = _answers(call), {}
    reading = read_settings(environ=values, folder=target.parent)
    problems = tuple(replace(p, origin=origins.get(p.setting, "")) for p in reading.problems)
    Reading(reading.settings, problems).checked()
    write_env_file(target, env_file_text(values))
    written = call.with_env_file(target)
    written.container.init_database()
    return init_view(target, written.container.schema_status().url, explained)


def _translated(source: Path) -> "tuple[dict[str, str], tuple[Explained, ...], dict[str, str]]":
    """What an existing application's .env says, in our words, and the line of each name."""
    from stakactl.config import translate_env
    from stakactl.output.reports.init import Explained

    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--from {source} cannot be read: {error}") from None
    translation = translate_env(text, label=str(source))
    explained = tuple(
        Explained(entry.name, entry.taken, entry.meaning) for entry in translation.explained
    )
    origins = {entry.name: f"{source}:{entry.line}" for entry in translation.explained}
    return dict(translation.values), explained, origins


def _answers(call: Call) -> dict[str, str]:
    if not call.interactive:
        raise UsageError(
            "there is no terminal to ask the questions on",
            hint="stakactl init --from FILE, or write .env by hand from .env.example",
        )
    sys.stderr.write("Empty answers leave a setting out; all can be changed in .env later.\n")
    answers = {question.name: _good_answer(question) for question in QUESTIONS}
    return {name: answer for name, answer in answers.items() if answer}


def _good_answer(question: Question) -> str:
    """Asks again while the answer is wrong by itself."""
    from stakactl.config import read_settings

    while answer := _ask(question):
        found = read_settings(environ={question.name: answer}, folder=Path("/nonexistent")).problems
        wrong = [problem for problem in found if problem.setting == question.name]
        if not wrong:
            break
        for problem in wrong:
            sys.stderr.write(f"  {replace(problem, origin='')}\n")
    return answer


def _ask(question: Question) -> str:
    shown = f" [{question.default}]" if question.default else ""
    prompt = f"{question.text}{shown}: "
    if question.secret:
        return getpass.getpass(prompt, stream=sys.stderr).strip()
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip() or question.default
