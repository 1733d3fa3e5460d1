"""What the commands on webhook endpoints share: which endpoint is wanted, and where a new signing
secret goes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stakactl.cli.call import Call
from stakactl.domain.runs import Mode
from stakactl.domain.webhooks.endpoints import WantedEndpoint
from stakactl.errors import ConfigurationError, Refused, UsageError
from stakactl.output.text import clean

if TYPE_CHECKING:
    from stakactl.operations.ports.endpoints import SecretSink

UrlOption = Annotated[
    str | None,
    typer.Option("--url", help="Another URL than STRIPE_WEBHOOK_URL.", show_default=False),
]
WriteEnvOption = Annotated[
    bool,
    typer.Option("--write-env", help="Put the signing secret into the .env in use (then 0600)."),
]
SecretFileOption = Annotated[
    Path | None,
    typer.Option(
        "--secret-file",
        help="Put the signing secret into this new file (0600).",
        show_default=False,
    ),
]
ShowSecretOption = Annotated[
    bool, typer.Option("--show-secret", help="Show the signing secret on this terminal.")
]


def wanted_endpoint(call: Call, url: str | None) -> WantedEndpoint:
    """Raises ConfigurationError where no URL is known, UsageError for one that is none."""
    wanted = call.container.settings.wanted_endpoint(None if url is None else checked_url(url))
    if wanted is None:
        raise ConfigurationError(
            "STRIPE_WEBHOOK_URL is not set",
            hint="set it to the address that takes the application's events, or name it with --url",
        )
    return wanted


def checked_url(url: str) -> str:
    """Raises UsageError for one that is none."""
    from stakactl.config.problems import Invalid
    from stakactl.config.validators.addresses import parse_webhook_url

    try:
        return parse_webhook_url(url)
    except Invalid as wrong:
        raise UsageError(f"--url {wrong.reason}", hint=wrong.hint) from None


def known_secret(call: Call, url: str | None) -> str | None:
    """The mark of STRIPE_WEBHOOK_SECRET, which belongs to STRIPE_WEBHOOK_URL and to no other."""
    return None if url is not None else call.container.settings.webhook_secret_mark()


def secret_sink(
    call: Call, *, write_env: bool, secret_file: Path | None, show_secret: bool
) -> "SecretSink | None":
    """None where no place was named."""
    from stakactl.config import EnvFileSecret, NewSecretFile

    if write_env + (secret_file is not None) + show_secret > 1:
        raise UsageError("--write-env, --secret-file and --show-secret exclude each other.")
    if secret_file is not None:
        return NewSecretFile(secret_file)
    if show_secret:
        return _Terminal(call)
    if not write_env:
        return None
    settings = call.container.settings
    if settings.env_file is None:
        raise Refused(
            "there is no .env in use that the signing secret could be put into",
            hint="name one with --env-file, or a new file with --secret-file",
        )
    if settings.origin("STRIPE_WEBHOOK_SECRET") == "environment":
        call.warn(
            f"STRIPE_WEBHOOK_SECRET of the environment counts more than that in "
            f"{settings.env_file}: change it there too"
        )
    return EnvFileSecret(settings.env_file)


class _Terminal:
    """A person reads it. Standard output stays free of it: that may go anywhere."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def require_room(self) -> None:
        if not self._call.interactive:
            raise Refused(
                "--show-secret shows the signing secret on a terminal, and there is none",
                hint="--write-env or --secret-file FILE",
            )

    def keep(self, secret: str) -> str:
        self.require_room()
        sys.stderr.write(f"Signing secret, shown only now: {clean(secret)}\n")
        return "shown on the terminal"


def mode_words(call: Call) -> str:
    """For a question: what is about to change is real, or not."""
    return {Mode.LIVE: "in LIVE mode", Mode.TEST: "in test mode", Mode.DEMO: "in the demo"}[
        call.container.mode
    ]
