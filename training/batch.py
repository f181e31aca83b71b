"""Scoring a file of messages into another file."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa
from msgspec import Struct
from tqdm.auto import tqdm

from torwart.detector import COLUMNS, Detector
from training.output import OutputFile
from training.rows import ROWS_AT_ONCE, FileError, InputRow, ending_of, read_rows

SCHEMA: Final = pa.schema(
    [
        ("row", pa.int64()),
        ("message_id", pa.string()),
        *((name, pa.string() if name in ("action", "error") else pa.float64()) for name in COLUMNS),
    ]
)
"""The columns written: the number of the row, counted from 1, its message's id if it has one, and what
``Detector.score`` says of it."""

_NO_MESSAGE: Final = "There is no message: name a column message, columns message.…, or a column text"


class Summary(Struct, frozen=True):
    """How a file was scored: rows read, rows that were wrong, and how many of the others got each action."""

    rows: int
    wrong: int
    actions: dict[str, int]


def score_file(detector: Detector, source: Path, target: Path) -> Summary:
    """Score every row of ``source`` into a row of ``target``, in order; the endings say how they are written.

    A wrong row is named on standard error and in the column ``error``, and does not stop the rest. Raises
    :class:`~training.rows.FileError` for a file that is no table of messages; ``target`` is not written then.
    """
    ending_of(target)
    rows = read_rows(source)
    wrong = 0
    count = 0
    actions: Counter[str] = Counter()
    size = source.stat().st_size
    with (
        OutputFile(target, SCHEMA) as output,
        tqdm(total=size, desc="Scoring", unit="B", unit_scale=True, disable=None) as bar,
    ):
        for batch in _batches(rows):
            if count == 0 and ending_of(source) != ".jsonl" and batch[0].cells and not _names_message(batch[0].cells):
                raise FileError(f"{source}: {_NO_MESSAGE} (its columns: {', '.join(map(str, batch[0].cells))}).")
            results = list(_score(detector, batch, count))
            output.write(results)
            for result in results:
                if result["error"] is not None:
                    wrong += 1
                    tqdm.write(f"row {result['row']}: {result['error']}", file=sys.stderr)
                else:
                    actions[result["action"]] += 1
            count += len(batch)
            bar.update(batch[-1].place - bar.n)
        if count == 0:
            raise FileError(f"{source} has no row; it should hold a table of messages.")
    return Summary(rows=count, wrong=wrong, actions=dict(sorted(actions.items())))


def _batches(rows: Iterator[InputRow]) -> Iterator[tuple[InputRow, ...]]:
    while batch := tuple(islice(rows, ROWS_AT_ONCE)):
        yield batch


def _score(detector: Detector, batch: tuple[InputRow, ...], before: int) -> Iterator[dict[str, Any]]:
    """The results of consecutive rows, the first of which is number ``before`` + 1."""
    problems = [row.problem or ("" if _names_message(row.cells) else f"{_NO_MESSAGE}.") for row in batch]
    right = [row.cells for row, problem in zip(batch, problems, strict=True) if not problem]
    scored = iter(detector.score(pd.DataFrame(right, dtype=object)).itertuples(index=False, name=None))
    for number, (row, problem) in enumerate(zip(batch, problems, strict=True), before + 1):
        found: dict[str, Any] = dict.fromkeys(COLUMNS)
        if problem:
            found["error"] = problem
        else:
            values = zip(COLUMNS, next(scored), strict=True)
            found = {name: None if pd.isna(value) else value for name, value in values}
        message_id = row.cells.get("message_id")
        yield {"row": number, "message_id": None if message_id is None else str(message_id), **found}


def _names_message(cells: Mapping[str, Any]) -> bool:
    return any(name == "text" or name.partition(".")[0] == "message" for name in cells)
