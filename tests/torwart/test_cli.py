import re
import subprocess
import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner

from torwart import cli
from torwart.cli import main
from torwart.payload import PayloadError


class OwnError(Exception):
    """Not a ValueError, but ours by the module it is from."""


OwnError.__module__ = "training.log"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Registered commands by name; tests put in what they need."""
    registered: dict[str, Any] = {}

    class Entry:
        def __init__(self, name: str) -> None:
            self.name = name
            self.module = "training.cli"

        def load(self) -> object:
            if isinstance(registered[self.name], Exception):
                raise registered[self.name]
            return registered[self.name]

    class Entries(list[Entry]):
        @property
        def names(self) -> set[str]:
            return {entry.name for entry in self}

    def entry_points(*, group: str, name: str | None = None) -> Entries:
        assert group == cli.COMMANDS
        return Entries(Entry(known) for known in registered if name in (None, known))

    monkeypatch.setattr(cli, "entry_points", entry_points)
    return registered


def raising(error: BaseException) -> click.Command:
    def fail() -> None:
        raise error

    return click.Command("fail", callback=fail)


def test_registered_commands_are_those_of_the_programs() -> None:
    names = set(main.list_commands(click.Context(main)))
    assert {"simulate", "train", "evaluate", "score", "serve", "keys"} <= names
    for name in names:
        assert isinstance(main.get_command(click.Context(main), name), click.Command)


def test_only_the_called_command_is_loaded() -> None:
    code = (
        "import sys; from torwart.cli import main\n"
        "try: main(['score', '--help'])\n"
        "except SystemExit: pass\n"
        "print('LOADED', sorted({'serving.cli', 'training.cli', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED ['training.cli']"


def test_version() -> None:
    result = CliRunner().invoke(main, ["--version"], prog_name="torwart")
    assert (result.exit_code, result.output.split()[0]) == (0, "torwart")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("The world\nis empty."), "error: The world is empty."),
        (PayloadError("/text", "A text is needed."), "error: /text: A text is needed."),
        (FileNotFoundError(2, "No such file or directory", "in.csv"), "error: in.csv: No such file or directory"),
        (OwnError("The log is damaged."), "error: The log is damaged."),
        (ModuleNotFoundError("No module", name="sklearn"), "error: The package 'sklearn' is not installed."),
    ],
)
def test_an_error_is_one_line_and_exit_code_1(commands: dict[str, Any], error: Exception, line: str) -> None:
    commands["fail"] = raising(error)
    result = CliRunner().invoke(main, ["fail"])
    assert result.exit_code == 1
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_mistake_of_ours_is_not_dressed_up_as_the_users(commands: dict[str, Any]) -> None:
    commands["fail"] = raising(TypeError("a bug"))
    result = CliRunner().invoke(main, ["fail"])
    assert isinstance(result.exception, TypeError)


def test_interrupting_exits_with_130(commands: dict[str, Any]) -> None:
    commands["fail"] = raising(KeyboardInterrupt())
    assert CliRunner().invoke(main, ["fail"]).exit_code == 130


@pytest.mark.parametrize(
    ("arguments", "line"),
    [(["nonsense"], "error: No such command 'nonsense'."), (["ok", "--wrong"], "error: No such option '--wrong'.")],
)
def test_wrong_usage_exits_with_2(commands: dict[str, Any], arguments: list[str], line: str) -> None:
    commands["ok"] = click.Command("ok", callback=lambda: None)
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert line in result.stderr
    assert result.stderr.startswith("Usage: ")


def test_a_command_gives_its_own_exit_code(commands: dict[str, Any]) -> None:
    commands["three"] = click.Command("three", callback=lambda: click.get_current_context().exit(3))
    assert CliRunner().invoke(main, ["three"]).exit_code == 3


def test_a_command_that_cannot_be_loaded_says_what_to_install(commands: dict[str, Any]) -> None:
    commands["train"] = ModuleNotFoundError("No module", name="training")
    assert "(not installed: needs training)" in CliRunner().invoke(main, ["--help"]).output
    result = CliRunner().invoke(main, ["train", "--events", "data"])
    assert result.exit_code == 1
    assert "pip install 'torwart[training]'" in result.stderr


def test_the_entry_points_are_plain() -> None:
    for entry in cli.entry_points(group=cli.COMMANDS):
        assert re.fullmatch(r"(training(\.\w+)?|serving)\.cli", entry.value.partition(":")[0])
