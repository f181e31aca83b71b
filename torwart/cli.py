"""The program ``torwart``: finds the commands that the installed programs register and reports their errors.

A command is loaded when it is called, not before, so that serving never imports what only training needs.
"""

import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points, metadata
from typing import Any, NoReturn

import click

COMMANDS = "torwart.commands"
"""The entry point group in which a program registers its commands."""

PROGRAMS = ("torwart", "training", "serving")
"""Packages whose own exceptions are sentences for whoever called the program."""

FAILED = 1
MISUSED = 2
INTERRUPTED = 130


class Program(click.Group):
    """A group whose commands come from entry points, and whose errors are one line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all registered commands, sorted."""
        return sorted(entry_points(group=COMMANDS).names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load one command; one whose packages are not installed becomes a command that says so."""
        for entry in entry_points(group=COMMANDS, name=cmd_name):
            try:
                command = entry.load()
            except ModuleNotFoundError as error:
                return _unavailable(entry, error)
            return command if isinstance(command, click.Command) else None
        return None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the program and leave with its exit code: 0, 1 for a failure, 2 for wrong usage, 130 after Ctrl-C,
        or what the command gave."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            sys.exit(MISUSED)
        except click.UsageError as error:
            if error.ctx is not None:
                click.echo(error.ctx.get_usage(), err=True)
            _leave(error.format_message(), MISUSED)
        except click.ClickException as error:
            _leave(error.format_message(), error.exit_code)
        except click.Abort:
            sys.exit(INTERRUPTED)
        except ModuleNotFoundError as error:
            _leave(_what_to_install(error), FAILED)
        except Exception as error:
            if not _is_about_the_input(error):
                raise
            _leave(_sentence(error), FAILED)
        sys.exit(result if isinstance(result, int) else 0)


def _leave(message: str, code: int) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    sys.exit(code)


def _is_about_the_input(error: Exception) -> bool:
    """Whether an error says what is wrong with what was given, and not with the program."""
    return isinstance(error, ValueError | OSError) or type(error).__module__.partition(".")[0] in PROGRAMS


def _sentence(error: Exception) -> str:
    """The error's message on one line; for the operating system's errors, what happened to which file."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def _what_to_install(error: ModuleNotFoundError, extra: str = "training") -> str:
    return f"The package {error.name!r} is not installed. Install it with: pip install 'torwart[{extra}]'"


def _unavailable(entry: EntryPoint, error: ModuleNotFoundError) -> click.Command:
    """A stand-in for a command that cannot be loaded: shown in the help, and refused when called."""
    program = entry.module.split(".", maxsplit=1)[0]
    extra = program if program in (metadata("torwart").get_all("Provides-Extra") or []) else "training"
    message = _what_to_install(error, extra)

    def refuse() -> NoReturn:
        raise click.ClickException(message)

    return click.Command(
        entry.name,
        callback=refuse,
        short_help=f"(not installed: needs {error.name})",
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    )


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Each command explains itself: torwart COMMAND --help",
)
@click.version_option(package_name="torwart", message="%(prog)s %(version)s")
def main() -> None:
    """Detect spam and abuse in business messages inside a messenger, before they are delivered."""
