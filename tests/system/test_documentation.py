"""What there is, is documented."""

import ast
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import click
import pytest

from tests.system.running import Server

ROOT = Path(__file__).parents[2]
API = (ROOT / "docs" / "api.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")


def test_every_route_stands_in_the_api_page(server: Server) -> None:
    for path, operations in server.client.get("/openapi.json").json()["paths"].items():
        assert path in API, path
        for method in operations:
            assert method.upper() in API


def test_every_code_of_a_problem_stands_in_the_api_page() -> None:
    codes = set()
    for source in (ROOT / "serving").glob("*.py"):
        for call in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Problem":
                codes |= {part.value for part in call.args[1:2] if isinstance(part, ast.Constant)}
    assert len(codes) > 12
    assert not [code for code in sorted(codes) if f"`{code}`" not in API]


@pytest.mark.parametrize("entry", entry_points(group="torwart.commands"), ids=lambda entry: entry.name)
def test_every_command_helps_with_examples_and_stands_in_the_readme(entry: EntryPoint) -> None:
    command = entry.load()
    assert isinstance(command, click.Command)
    assert command.help
    assert "torwart" in (command.epilog or ""), "no examples"
    assert f"torwart {entry.name}" in (ROOT / "README.md").read_text("utf-8")


def test_every_option_of_serve_stands_in_the_operations_page() -> None:
    (entry,) = entry_points(group="torwart.commands", name="serve")
    for parameter in entry.load().params:
        assert parameter.opts[0] in OPERATIONS
