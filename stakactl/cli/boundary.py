"""The error boundary: every way a command can end becomes a message and an exit code here.

Messages go to stderr, or as the JSON envelope to stdout when JSON was asked for. A traceback is
shown with `--debug` only, and never with the values of variables: they hold secrets.
"""

import errno
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import typer
from typer.exceptions import TyperException

from stakactl.cli.hints import for_demo
from stakactl.cli.invocation import Invocation, Untranslated
from stakactl.domain.runs import Mode
from stakactl.errors import ExitCode, Interrupted, StakactlError
from stakactl.output.errors import Problem, write_problem
from stakactl.output.stream import OutputClosed, Sink, abandon, output_failed
from stakactl.output.text import clean_lines

_BUG_HINT = "Run the same command with --debug and report what it shows."


def guarded(run: Callable[[], object], invocation: Invocation) -> int:
    """Run a command line and return its exit code; nothing but SystemExit gets through."""
    try:
        code = run()
        Sink(sys.stdout).flush()
    except OutputClosed:
        return ExitCode.OK
    except SystemExit as error:
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        abandon(sys.stdout)  # a reader of the help text who has seen enough
        return ExitCode.OK
    except TyperException as error:
        return _report(_usage_problem(error, invocation), invocation)
    except (typer.Abort, KeyboardInterrupt):
        return _report(Problem.of(Interrupted("Interrupted.")), invocation)
    except StakactlError as error:
        if invocation.debug:
            _write_traceback(error, invocation)
        return _report(_as_typed(Problem.of(error), invocation), invocation)
    except Exception as error:
        if invocation.debug:
            _write_traceback(error, invocation)
        return _report(_full_disk(error) or _bug(error), invocation)
    return code if isinstance(code, int) else ExitCode.OK


def _as_typed(problem: Problem, invocation: Invocation) -> Problem:
    if invocation.mode is not Mode.DEMO or problem.hint is None:
        return problem
    return replace(problem, hint=for_demo(problem.hint))


def _without_secrets(problem: Problem, invocation: Invocation) -> Problem:
    """No message should hold one; where the command knows them, this makes sure of it."""
    return replace(
        problem,
        message=invocation.masked(problem.message),
        hint=problem.hint and invocation.masked(problem.hint),
        details=tuple(map(invocation.masked, problem.details)),
    )


def _usage_problem(error: TyperException, invocation: Invocation) -> Problem | None:
    """None when help was shown instead of an error (a group without a subcommand)."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "stakactl"
    invocation.command = path.partition(" ")[2]
    if type(error).__name__ == "NoArgsIsHelpError":
        return None
    return Problem("usage", error.format_message(), f"See: {path} --help", ExitCode.USAGE)


def _bug(error: Exception) -> Problem:
    """Type and place only: the text of a foreign exception may hold a password."""
    if isinstance(error, Untranslated) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}stakactl{os.sep}" in frame.filename] or list(
        frames
    )
    place = f"{os.path.basename(ours[-1].filename)}:{ours[-1].lineno}" if ours else "unknown place"
    message = f"A bug in stakactl: {type(error).__name__} at {place}."
    return Problem(StakactlError.code, message, _BUG_HINT, ExitCode.BUG)


def _full_disk(error: Exception) -> Problem | None:
    """Help and version are printed by Typer: an OSError from there is standard output's."""
    if not isinstance(error, OSError) or error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
        return None
    return Problem.of(output_failed(error, sys.stdout))


def _write_traceback(error: BaseException, invocation: Invocation) -> None:
    lines = traceback.TracebackException.from_exception(error, capture_locals=False).format()
    sys.stderr.write(clean_lines(invocation.masked("".join(lines))))


def _report(problem: Problem | None, invocation: Invocation) -> int:
    if problem is None:
        return ExitCode.USAGE
    problem = _without_secrets(problem, invocation)
    if not invocation.wants_json or invocation.answered or problem.stdout_failed:
        write_problem(problem, sys.stderr)
        return problem.exit_code
    from stakactl.output.jsonfmt import write_error

    try:
        write_error(
            Sink(sys.stdout),
            command=invocation.command,
            mode=invocation.mode,
            run_id=invocation.run_id,
            started_at=invocation.started_at,
            finished_at=datetime.now(UTC),
            error=problem.as_json(),
        )
    except OutputClosed:
        pass
    except StakactlError:
        write_problem(problem, sys.stderr)
    return problem.exit_code
