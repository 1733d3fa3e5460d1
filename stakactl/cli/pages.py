"""Options of the commands that write a page, and what surrounds its figures."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.output.pages.language import Language

if TYPE_CHECKING:
    from stakactl.output.pages.revenue import Frame

HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", help="Write a page to look at or print here.", show_default=False),
]
LanguageOption = Annotated[
    Language, typer.Option("--language", "--lang", help="Language of the page.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Take the place of a page that exists.")]


def page_frame(call: Call, language: Language) -> "Frame":
    """Whose page it is, and when it is made."""
    from stakactl.output.pages.revenue import Frame

    container = call.container
    return Frame(
        language,
        container.settings.stakactl_time_zone,
        container.policy.company.name,
        str(container.mode),
        container.clock.now(),
    )
