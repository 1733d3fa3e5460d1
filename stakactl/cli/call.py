"""What a command body gets: its container, its flags and the way back to the person."""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stakactl.cli.hints import view_for_demo
from stakactl.cli.invocation import Invocation
from stakactl.domain.runs import Mode
from stakactl.errors import ConfigurationError, Declined
from stakactl.output.errors import write_labelled
from stakactl.output.progress import ConsoleProgress, Silent
from stakactl.output.text import clean
from stakactl.output.view import View

if TYPE_CHECKING:
    from stakactl.wiring import Container

_YES = frozenset("y yes o oui".split())


@dataclass(frozen=True)
class Call:
    """One invocation of one command. `interactive`: a person sits at a terminal."""

    invocation: Invocation
    output: str = "table"
    quiet: bool = False
    verbose: bool = False
    demo: bool = False
    env_file: Path | None = None
    interactive: bool = field(
        default_factory=lambda: sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    )

    _derived: "list[Call]" = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def command(self) -> str:
        """As in the JSON: `orders list`."""
        return self.invocation.command

    @property
    def started_at(self) -> datetime:
        return self.invocation.started_at

    @cached_property
    def progress(self) -> ConsoleProgress | Silent:
        return Silent() if self.quiet else ConsoleProgress(sys.stderr)

    @cached_property
    def container(self) -> "Container":
        """Opened on first use, closed after the result is written."""
        from stakactl.wiring import Container

        return Container.open(env_file=self.env_file, demo=self.demo, progress=self.progress)

    def in_demo(self) -> "Call":
        """The same call in the demo world, closed together with this one."""
        return self if self.demo else self._derive(replace(self, demo=True))

    def with_env_file(self, path: Path) -> "Call":
        """The same call with the settings of another file, closed together with this one."""
        return self._derive(replace(self, env_file=path))

    def _derive(self, call: "Call") -> "Call":
        self._derived.append(call)
        return call

    def close(self) -> None:
        for call in self._derived:
            call.close()
        if "container" in self.__dict__:
            self.container.close()

    def remember_mode(self) -> None:
        """So that an error can name it."""
        self.invocation.mode = self._mode()

    def warn(self, text: str) -> None:
        """A line on stderr that does not change the outcome."""
        write_labelled(sys.stderr, "Warning", text, "1;33")

    def confirm(self, question: str, yes: bool) -> None:
        """Ask unless `--yes`. Raises Declined when the answer is no or nobody can be asked."""
        if yes:
            return
        if not self.interactive:
            raise Declined(
                f"This needs a yes and there is no terminal to ask: {question}",
                hint=f"Add --yes: stakactl {self.command} --yes …",
            )
        sys.stderr.write(f"{clean(question)} [y/N] ")
        sys.stderr.flush()
        try:
            answer = sys.stdin.readline()
        except KeyboardInterrupt:
            sys.stderr.write("\n")
            raise
        if not answer:
            sys.stderr.write("\n")
        if answer.strip().lower() not in _YES:
            raise Declined("Not confirmed, so nothing was done.")

    def show(self, view: View) -> None:
        """What is about to happen, on stderr, for the person who is asked about it next."""
        from stakactl.output.formats import People
        from stakactl.output.render import render

        people = People.from_environment(os.environ, view.zone)
        render(self.complete(view), "table", sys.stderr, people=people)
        sys.stderr.write("\n")

    def complete(self, view: View) -> View:
        """`view` with what only the command line knows."""
        return replace(
            view_for_demo(view) if self.demo else view,
            command=self.command,
            started_at=view.started_at or self.started_at,
            finished_at=view.finished_at or datetime.now(UTC),
            mode=view.mode or self._mode(),
            run_id=view.run_id or self.invocation.run_id,
        )

    def starts_run(self, run_id: str) -> None:
        """Remember the run, so that an error names it."""
        self.invocation.run_id = run_id

    def _mode(self) -> Mode | None:
        """None where the settings do not tell (no key yet)."""
        if "container" in self.__dict__:
            with suppress(ConfigurationError):
                return self.container.mode
        derived = (call._mode() for call in self._derived)
        return Mode.DEMO if self.demo else next(derived, None)
