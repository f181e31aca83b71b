"""What the offline program's commands have in common: options, examples, output."""

import json
from pathlib import Path
from typing import Final

import click

CHAMPION: Final = Path(__file__).resolve().parent.parent / "models" / "champion"
FOLDER: Final = click.Path(file_okay=False, path_type=Path)
FILE: Final = click.Path(dir_okay=False, path_type=Path)
SEED: Final = click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=1, show_default=True, help="Same seed, same result."
)
WORLD: Final = click.option("--world", type=FILE, help="Another file of rates than the shipped one.")
TEXTS: Final = click.option(
    "--texts",
    type=FILE,
    help="A CSV file of texts to send in place of the templates: columns text and label (wanted, promo, spam, fraud), "
    "and if you like lang and kind.",
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")


def examples(*commands: str) -> str:
    """Example calls for the end of a help text, which click must not wrap."""
    return "\b\nExamples:\n" + "\n".join(f"  {command}" for command in commands)


def print_json(document: object) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(document, ensure_ascii=False))
