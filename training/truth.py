"""What each message of a log truly was, where it is known: ``truth.parquet``, which lies beside the events."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from training.log import ROWS_A_PART, LogError, columns_of

TRUTH: Final = "truth.parquet"


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What a simulated message truly was.

    ``label`` is ``wanted``, ``unsolicited`` or ``fraud``; ``text_class`` (``wanted``, ``promo``, ``spam``, ``fraud``),
    ``kind``, ``family`` and ``language`` are those of its text; ``brand`` is the name it was written in; ``strategy``
    is the spammer's, else empty; ``opted_in`` says whether the recipient agreed to this sender's promotions when it
    was sent, whoever knew.
    """

    message_id: str
    label: str
    text_class: str
    kind: str
    family: str
    brand: str
    language: str
    strategy: str
    campaign_id: str
    sender_kind: str
    opted_in: bool


TRUTH_SCHEMA: Final = pa.schema(
    [(name, pa.bool_() if name == "opted_in" else pa.string()) for name in Truth.__struct_fields__]
)
"""The columns of ``truth.parquet``, one row a message, in the order of the log."""


class TruthWriter:
    """Writes ``truth.parquet`` beside a log, one row at a time; use it as a context manager.

    Raises :class:`LogError` where the folder already has one. Nothing is left behind if the block ends with an
    exception.
    """

    def __init__(self, folder: Path | str) -> None:
        self._path = Path(folder) / TRUTH
        if self._path.exists():
            raise LogError(f"{self._path} exists already; name a new folder or remove the old one.")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._unfinished = self._path.with_name(f".{TRUTH}.unfinished")
        self._file = pq.ParquetWriter(self._unfinished, TRUTH_SCHEMA, compression="zstd")
        self._rows: list[Truth] = []

    def append(self, truth: Truth) -> None:
        """Add one message's truth."""
        self._rows.append(truth)
        if len(self._rows) >= ROWS_A_PART:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._rows:
            self._flush()
        self._file.close()
        if kind is None:
            self._unfinished.rename(self._path)
        else:
            self._unfinished.unlink()

    def _flush(self) -> None:
        columns = columns_of(self._rows, Truth)
        arrays = [pa.array(values, field.type) for values, field in zip(columns, TRUTH_SCHEMA, strict=True)]
        self._file.write_table(pa.Table.from_arrays(arrays, schema=TRUTH_SCHEMA))
        self._rows = []


def read_truth(folder: Path | str) -> pd.DataFrame:
    """``truth.parquet`` as a frame with the columns of :class:`Truth`, in the order of the log's messages.

    Raises :class:`LogError` where it is missing or has other columns.
    """
    path = Path(folder) / TRUTH
    if not path.is_file():
        raise LogError(f"{path} is missing: nobody wrote down what the messages of this log truly were.")
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise LogError(f"{path} cannot be read: {error}.") from error
    if not table.schema.equals(TRUTH_SCHEMA):
        raise LogError(f"{path} has other columns than {', '.join(TRUTH_SCHEMA.names)}.")
    frame: pd.DataFrame = table.to_pandas()
    return frame
