"""Writing tables to files: CSV, JSON Lines and Parquet, a piece at a time, whole or not at all."""

import csv
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from training.rows import FileError, ending_of


class _Sink(Protocol):
    def write(self, rows: list[dict[str, Any]]) -> None: ...
    def close(self) -> None: ...


class OutputFile:
    """Writes a table under a temporary name and gives it its own when the block ends well; use it as a context
    manager. ``schema`` names the columns and their types."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.unfinished")
        self._ending = ending_of(path)
        self._schema = schema
        self._sink: _Sink | None = None

    def __enter__(self) -> Self:
        if not self._path.parent.is_dir():
            raise FileError(f"There is no folder {self._path.parent} to write {self._path.name} to.")
        self._sink = _sink(self._ending, self._draft, self._schema)
        return self

    def write(self, rows: list[dict[str, Any]]) -> None:
        """Add rows: a value, or None, for every column."""
        if self._sink is not None:
            self._sink.write(rows)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sink is not None:
            self._sink.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)


def _sink(ending: str, path: Path, schema: pa.Schema) -> _Sink:
    if ending == ".csv":
        return _CsvSink(path, schema)
    return _ParquetSink(path, schema) if ending == ".parquet" else _JsonlSink(path)


class _CsvSink:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.DictWriter(self._stream, schema.names, lineterminator="\n")
        self._writer.writeheader()

    def write(self, rows: list[dict[str, Any]]) -> None:
        self._writer.writerows(rows)

    def close(self) -> None:
        self._stream.close()


class _JsonlSink:
    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._encoder = msgspec.json.Encoder()

    def write(self, rows: list[dict[str, Any]]) -> None:
        self._stream.write(self._encoder.encode_lines(rows))

    def close(self) -> None:
        self._stream.close()


class _ParquetSink:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")

    def write(self, rows: list[dict[str, Any]]) -> None:
        self._writer.write_table(pa.Table.from_pylist(rows, schema=self._schema))

    def close(self) -> None:
        self._writer.close()
