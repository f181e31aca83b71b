"""Reading tables of messages from files: CSV, JSON Lines and Parquet, a piece at a time."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct

ENDINGS: Final = (".csv", ".jsonl", ".parquet")

ROWS_AT_ONCE: Final = 2_000

_LONGEST_FIELD: Final = 1 << 24


class FileError(ValueError):
    """A file that cannot be read or written as a table; the message says which, and what would be right."""


class InputRow(Struct, frozen=True):
    """One row: its cells by column, or why it has none; ``place`` is how far into the file it ends, in bytes."""

    cells: Mapping[str, Any]
    problem: str
    place: int


def ending_of(path: Path) -> str:
    """The file's ending, which says how it is read or written; raises :class:`FileError` unless it is known."""
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise FileError(f"{path} must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}: that says how it is written.")
    return ending


def read_rows(path: Path) -> Iterator[InputRow]:
    """The rows of a table, streaming. Raises :class:`FileError` for a file that is missing, empty or not what its
    ending says; a single wrong row of a CSV or JSON Lines file is passed on with its problem instead."""
    ending = ending_of(path)
    if not path.is_file():
        raise FileError(f"There is no file {path}.")
    if path.stat().st_size == 0:
        raise FileError(f"{path} is empty; it should hold a table of messages.")
    reader = {".csv": _read_csv, ".jsonl": _read_jsonl, ".parquet": _read_parquet}[ending]
    return reader(path)


def _read_csv(path: Path) -> Iterator[InputRow]:
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open("rb") as raw:
        lines = _Lines(path, raw)
        reader = csv.reader(lines, strict=True)
        header: list[str] = []
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if not header:
                    raise FileError(f"{path} is no CSV file: {error}.") from error
                yield InputRow({}, f"The row is no CSV: {error}.", lines.place)
                continue
            if not row:
                continue
            if not header:
                header = row
                if len(set(header)) < len(header):
                    raise FileError(f"{path} names a column twice in its first line; every column needs its own name.")
            elif len(row) != len(header):
                yield InputRow({}, f"The row has {len(row)} cells, the header {len(header)}.", lines.place)
            else:
                yield InputRow(dict(zip(header, (cell or None for cell in row), strict=True)), "", lines.place)


class _Lines:
    """The lines of a file in UTF-8, with or without a byte order mark, and how many bytes of them were read."""

    def __init__(self, path: Path, raw: Iterator[bytes]) -> None:
        self._path = path
        self._raw = raw
        self.place = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._raw)
        encoding = "utf-8" if self.place else "utf-8-sig"
        self.place += len(line)
        try:
            return line.decode(encoding)
        except UnicodeDecodeError as error:
            raise FileError(f"{self._path} is not in UTF-8 (byte {self.place - len(line) + error.start}).") from error


def _read_jsonl(path: Path) -> Iterator[InputRow]:
    place = 0
    with path.open("rb") as raw:
        for line in raw:
            place += len(line)
            if not line.strip():
                continue
            try:
                row = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield InputRow({}, f"The line is not JSON: {error}.", place)
                continue
            if isinstance(row, dict):
                yield InputRow(row, "", place)
            else:
                yield InputRow({}, "The line holds JSON that is not an object.", place)


def _read_parquet(path: Path) -> Iterator[InputRow]:
    try:
        with pq.ParquetFile(path) as file:
            size = path.stat().st_size
            total = max(1, file.metadata.num_rows)
            done = 0
            for batch in file.iter_batches(ROWS_AT_ONCE):
                for cells in batch.to_pylist():
                    done += 1
                    yield InputRow(cells, "", size * done // total)
    except (pa.ArrowException, OSError) as error:
        raise FileError(f"{path} is no Parquet file: {' '.join(str(error).split())}") from error
