"""How the command ends: one clear line and an exit code, never a traceback.

0: done; 2: bad input; 3: a ``--fail-if`` or ``--fail-on`` holds; 130: interrupted.
"""

import sys
import warnings
from contextlib import contextmanager

import click

__all__ = [
    "CONDITION_HOLDS",
    "BadInput",
    "OneLineGroup",
    "bad_input_in_one_line",
    "interruption_tells_what_is_kept",
    "say",
    "warnings_in_one_line",
]

BAD_INPUT = 2
CONDITION_HOLDS = 3
INTERRUPTED = 130


class BadInput(click.ClickException):
    """Something that the user can mend; told in one line, with exit code 2."""

    exit_code = BAD_INPUT


class OneLineGroup(click.Group):
    """A group of commands whose every error is one line on stderr."""

    def main(self, *args, standalone_mode=True, **extra):
        """Run a command and leave with its exit code."""
        if not standalone_mode:
            return super().main(*args, standalone_mode=False, **extra)
        try:
            with warnings_in_one_line():
                code = super().main(*args, standalone_mode=False, **extra)
        except click.ClickException as error:
            say("error", error.format_message())
            sys.exit(error.exit_code)
        except click.Abort:
            say("interrupted", "nothing more was done.")
            sys.exit(INTERRUPTED)
        sys.exit(code if isinstance(code, int) else 0)


def say(kind: str, message: object) -> None:
    """Print one line to stderr, line breaks in the message turned into spaces."""
    click.echo(f"skprivacy: {kind}: {' '.join(str(message).split())}", err=True)


@contextmanager
def bad_input_in_one_line():
    """Turn what bad input raises into an error of one line.

    Other exceptions pass: they are faults of the program, and a traceback helps to
    mend those.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise BadInput(_of_file(error)) from error
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise BadInput(str(error) or type(error).__name__) from error


def _of_file(error):
    """Leave out the number of the error, which tells users nothing."""
    if error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


@contextmanager
def interruption_tells_what_is_kept(memory, what="shadow models that were finished"):
    """On Ctrl-C, say what a next run can use, and leave with code 130."""
    try:
        yield
    except KeyboardInterrupt:
        kept = (
            f"the {what} are kept in {memory}; the same command goes on from there."
            if memory
            else "nothing is kept; with --memory DIR, the next run goes on from here."
        )
        say("interrupted", kept)
        raise click.exceptions.Exit(INTERRUPTED) from None


@contextmanager
def warnings_in_one_line():
    """Print warnings without the line of code that they came from, each once."""
    told = set()

    def show(message, category, filename, lineno, file=None, line=None):
        if str(message) not in told:
            told.add(str(message))
            say("warning", message)

    with warnings.catch_warnings():
        # Deprecations speak to developers, not to whoever runs a command.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.showwarning = show
        yield
