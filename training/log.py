"""The offline event log: the records of ``torwart.events`` in Parquet files, one folder a day of arrival.

A finished log is a folder with ``schema.json``, ``events/day=YYYY-MM-DD/part-NNNNN.parquet`` and, where it is known,
``truth.parquet``, what each message truly was, which never enters the events. Every file is written under another name
and renamed when it is whole, ``schema.json`` last of all: without it a log is not finished and is not read. It says how
many records and parts there are; a part with a greater number is not, or not yet, of the log.
"""

import json
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from torwart.events import KINDS, SCHEMA_VERSION, Record, decode_body
from torwart.features.rows import ROW

EVENTS: Final = "events"
MANIFEST: Final = "schema.json"

ROWS_A_PART: Final = 50_000
"""Rows held in memory and written together as one file."""

NAMED_ROWS: Final = 20
"""How many wrong rows are named; all of them are counted."""

_DAY_US: Final = 86_400_000_000
_TIME: Final = pa.timestamp("us", tz="UTC")

SCHEMA: Final = pa.schema(
    [
        ("seq", pa.int64()),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
        ("received_at", _TIME),
        ("at", _TIME),
        ("sender_id", pa.string()),
        ("recipient_id", pa.string()),
        ("message_id", pa.string()),
        ("fold", pa.binary(ROW.itemsize)),
        ("body", pa.string()),
    ],
    metadata={"schema_version": str(SCHEMA_VERSION)},
)
"""The columns of a part: the fields of a record, times in µs since 1970 (UTC), the fold row as bytes, the body as
JSON."""


class LogError(Exception):
    """A log that is missing, unfinished, of another version, or wrong."""


class WrongRow(msgspec.Struct, frozen=True):
    """One row that cannot be read: its file relative to the log, its number in it from 0, and why."""

    file: str
    row: int
    problem: str

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}: {self.problem}"


class WrongRows:
    """Collects the rows that a reading pass had to leave out."""

    def __init__(self) -> None:
        self.count = 0
        """How many there were."""
        self.named: list[WrongRow] = []
        """The first :data:`NAMED_ROWS` of them."""

    def add(self, row: WrongRow) -> None:
        """Count ``row``, and name it while there is room."""
        self.count += 1
        if len(self.named) < NAMED_ROWS:
            self.named.append(row)


class LogWriter:
    """Writes a log, one record at a time; use it as a context manager.

    Memory stays bounded by :data:`ROWS_A_PART` records. A new log is finished when the block ends: if that is with an
    exception, ``schema.json`` is not written and the folder is not a log. Raises :class:`LogError` where ``folder``
    already holds one.

    With ``resume`` a log in ``folder`` is gone on with, or an empty one is begun, and ``schema.json`` is replaced after
    every part: wherever this breaks off, the folder is a finished log of what came before. Raises :class:`LogError`
    for an unfinished log and for one whose parts or last record are not as its ``schema.json`` says. Only one writer
    may resume a log at a time.
    """

    def __init__(self, folder: Path | str, *, resume: bool = False) -> None:
        self._folder = Path(folder)
        self._resume = resume
        self._rows: list[Record] = []
        self._day = -1
        self._part = 0
        self.last: Record | None = None
        """The last record so far, None in an empty log."""
        if resume and (self._folder / MANIFEST).exists():
            self._go_on()
        else:
            self._begin()

    @property
    def records(self) -> int:
        """How many records the log has so far."""
        return self.last.seq if self.last else 0

    def append(self, record: Record) -> None:
        """Add one record; raises :class:`LogError` unless it follows the last one in ``seq`` and arrival."""
        seq, received_us = (self.last.seq, self.last.received_at_us) if self.last else (0, 0)
        if record.seq != seq + 1:
            raise LogError(f"Record {record.seq} was appended after record {seq}; expected the next number.")
        if record.received_at_us < received_us:
            raise LogError(f"Record {record.seq} arrived before record {seq}; the log is in order of arrival.")
        day = record.received_at_us // _DAY_US
        if self._rows and (day != self._day or len(self._rows) >= ROWS_A_PART):
            self._write_part()
        self._day = day
        self._rows.append(record)
        self.last = record

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            return
        if self._rows:
            self._write_part()
        self._write_manifest()

    def _begin(self) -> None:
        for name in (MANIFEST, EVENTS):
            if (self._folder / name).exists():
                raise LogError(f"{self._folder} already holds a log ({name}); name a new folder or remove the old one.")
        if self._resume:
            # Before the first part: parts without a manifest are another writer's, who may be at work right now.
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write_manifest()
        else:
            (self._folder / EVENTS).mkdir(parents=True)

    def _go_on(self) -> None:
        manifest = _checked_manifest(self._folder)
        there = _parts(self._folder)
        parts, leftover = there[: manifest.parts], there[manifest.parts :]
        if len(parts) < manifest.parts:
            raise LogError(
                f"{self._folder} should hold {manifest.parts} parts by its {MANIFEST}; {len(parts)} are there."
            )
        self._part = len(parts)
        self.last = _last_record(self._folder, parts[-1]) if parts else None
        if self.records != manifest.records:
            raise LogError(_wrong_end(self._folder, manifest, self.records))
        for path in [*leftover, *(self._folder / EVENTS).glob("day=*/.part-*.unfinished")]:
            path.unlink()

    def _write_manifest(self) -> None:
        manifest = {
            "schema_version": SCHEMA_VERSION,
            "columns": {field.name: str(field.type) for field in SCHEMA},
            "records": self.records,
            "parts": self._part,
        }
        replace_whole(self._folder / MANIFEST, json.dumps(manifest, indent=2).encode() + b"\n")

    def _write_part(self) -> None:
        columns = columns_of(self._rows, Record)
        date = _date_of(self._day)
        folder = self._folder / EVENTS / f"day={date}"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"part-{self._part:05d}.parquet"
        unfinished = path.with_name(f".{path.name}.unfinished")
        try:
            arrays = [_array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
            table = pa.Table.from_arrays(arrays, schema=SCHEMA)
            pq.write_table(table, unfinished, compression="zstd")
        except pa.ArrowInvalid as error:
            first, last = self._rows[0].seq, self._rows[-1].seq
            raise LogError(f"One of the records {first} to {last} does not fit the log's columns: {error}.") from error
        except OSError as error:
            raise LogError(f"{path} cannot be written: {error}.") from error
        unfinished.rename(path)
        self._part += 1
        self._rows = []
        if self._resume:
            self._write_manifest()


def read_log(folder: Path | str, wrong: WrongRows | None = None) -> Iterator[Record]:
    """The records of a log in order of ``seq``, streaming, one part in memory at a time.

    A row that cannot be read (a null, an unknown kind, a body that does not decode, an event that arrived before it
    happened) raises :class:`LogError` with its file and number, or is left out and added to ``wrong`` if that is
    given. Also raises :class:`LogError` for a folder that is no finished log, another schema version, and a gap or a
    repetition in ``seq`` (a row left out is no gap).
    """
    folder = Path(folder)
    manifest = _checked_manifest(folder)
    last = 0
    received_us = 0
    for path in _parts(folder)[: manifest.parts]:
        name = path.relative_to(folder).as_posix()
        for number, row in enumerate(_rows_of(_table_of(path, name))):
            seq = row[0]
            if seq is None:
                seq = last + 1
            if seq != last + 1:
                fault = "is there twice" if seq <= last else f"follows {last}: something between them is missing"
                raise LogError(f"{name}, row {number}: record {seq} {fault}.")
            last = seq
            problem = _problem(row, received_us)
            if not problem:
                received_us = row[2]
                yield _record(row)
            elif wrong is None:
                raise LogError(f"{WrongRow(name, number, problem)}.")
            else:
                wrong.add(WrongRow(name, number, problem))
    if last != manifest.records:
        raise LogError(_wrong_end(folder, manifest, last))


def count_records(folder: Path | str) -> int:
    """How many records a finished log holds, by its manifest; raises :class:`LogError` where there is none."""
    return _checked_manifest(Path(folder)).records


def replace_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is never seen half written."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(data)
    unfinished.rename(path)


def columns_of(rows: list[Any], kind: type[msgspec.Struct]) -> Iterator[list[Any]]:
    """The values of each field, one column at a time."""
    return (list(map(attrgetter(name), rows)) for name in kind.__struct_fields__)


def _array(values: list[Any], wanted: pa.DataType) -> pa.Array:
    """Values as a column: times come as integers, the body as bytes, the kind as plain strings."""
    if pa.types.is_timestamp(wanted):
        return pa.array(values, pa.int64()).cast(wanted)
    if isinstance(values[0], bytes) and pa.types.is_string(wanted):
        return pa.array(values, pa.binary()).cast(wanted)
    return pa.array(values, wanted)


def _date_of(day: int) -> str:
    return str(pa.scalar(day, pa.date32()))


class _Manifest(msgspec.Struct, frozen=True):
    schema_version: int
    records: int
    parts: int = 0
    """Version 1 did not write it down."""


def _parts(folder: Path) -> list[Path]:
    """Every part that is there, by its number; those that a broken-off writer left are last."""
    return sorted((folder / EVENTS).glob("day=*/part-*.parquet"), key=lambda path: (len(path.name), path.name))


def _last_record(folder: Path, path: Path) -> Record:
    name = path.relative_to(folder).as_posix()
    for row in _rows_of(_table_of(path, name)[-1:]):
        if None not in row:
            return _record(row)
    raise LogError(f"{name} does not end with a whole record, so that nothing can follow it.")


def _wrong_end(folder: Path, manifest: _Manifest, last: int) -> str:
    return f"{folder} should hold {manifest.records} records by its {MANIFEST}, but ends at record {last}."


def _checked_manifest(folder: Path) -> _Manifest:
    if not folder.is_dir():
        raise LogError(f"There is no folder {folder}; name one that holds an event log.")
    path = folder / MANIFEST
    if not path.is_file():
        raise LogError(f"{folder} holds no finished event log: {MANIFEST} is missing.")
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=_Manifest)
    except msgspec.DecodeError as error:
        raise LogError(f"{path} is damaged: it should name schema_version and records.") from error
    if manifest.schema_version != SCHEMA_VERSION:
        raise LogError(
            f"{folder} has schema version {manifest.schema_version}; this program reads version {SCHEMA_VERSION}."
        )
    return manifest


def _table_of(path: Path, name: str) -> pa.Table:
    try:
        table = pq.read_table(path, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise LogError(f"{name} cannot be read: {error}.") from error
    if not table.schema.equals(SCHEMA):
        raise LogError(f"{name} has other columns than schema version {SCHEMA_VERSION} asks for.")
    return table


def _rows_of(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    columns = [
        table.column(field.name).cast(pa.int64()) if pa.types.is_timestamp(field.type) else table.column(field.name)
        for field in SCHEMA
    ]
    return zip(*(column.to_pylist() for column in columns), strict=True)


def _record(row: tuple[Any, ...]) -> Record:
    return Record(*(*row[:8], row[8].encode()))


def _problem(row: tuple[Any, ...], received_us: int) -> str:
    for value, field in zip(row, SCHEMA, strict=True):
        if value is None:
            return f"{field.name} is missing"
    _, kind, arrived, at, *_, body = row
    if arrived < received_us:
        return "it arrived before the row above it"
    return row_problem(kind, arrived, at, body)


def row_problem(kind: str, received_at_us: int, at_us: int, body: str) -> str:
    """What is wrong with a row of the log, whatever stands around it; empty where nothing is."""
    if kind not in KINDS:
        return f"{kind!r} is no kind of event"
    if at_us > received_at_us:
        return "it arrived before it happened"
    try:
        decoded = decode_body(body.encode())
    except msgspec.ValidationError as error:
        return f"the body is wrong: {error}"
    except msgspec.DecodeError as error:
        return f"the body is not JSON: {error}"
    tag = str(decoded.__struct_config__.tag)
    return "" if tag == kind else f"the body is a {tag}, not a {kind}"
