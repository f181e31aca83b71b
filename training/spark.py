"""Feature tables on Spark: the same folds over a log sorted by key, with the state carried through each partition.

One pass a kind of key: senders with their pairs, recipients, campaign keys. Each repartitions the rows by its key,
sorts partitions by (key, seq) and streams them through ``mapInArrow``, so that no key has to fit into memory with
everything that ever happened to it. What a later pass must know of an earlier one travels with the row as its
*effects* (``torwart.features.folds``).
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from torwart.events import MessageScored, decode_body
from torwart.features import campaign
from torwart.features.catalogue import N_OWN, NAMES
from torwart.features.folds import CAMPAIGN_START
from torwart.features.keyed import CampaignPass, RecipientPass, SenderPass, Sweeps
from torwart.features.rows import MESSAGE, TEMPLATE_KEY, Rows, unpack
from torwart.features.state import SWEEP_EVERY
from torwart.model.artifact import load
from training.feature_table import SCHEMA, Preparer, Summary, check_target, last_message_us
from training.log import EVENTS, NAMED_ROWS, WrongRow, WrongRows, count_records, row_problem

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOCAL: Final = "local[2]"
"""The master used unless another is named: two threads of this machine."""

_N_CAMPAIGN: Final = len(campaign.FEATURES)

# Columns of the frames between the passes, as Spark's DDL. Keys are unsigned in Torwart, signed in Spark.
_ABOUT: Final = "seq long, message_id string, sender_id string, recipient_id string, received_at long, fold binary"
_PREPARED: Final = f"{_ABOUT}, sender long, last_user_message long, own array<double>, problem string"
_SENT: Final = f"{_ABOUT}, recipient long, effects long, own array<double>, folded array<double>"
_EXPLODED: Final = "seq long, fold binary, effects long, key long, place long"
_KNOWN: Final = "seq long, place long, known array<double>"

Batches = Iterator[pa.RecordBatch]
Floats = NDArray[np.float64]


def write_features(folder: Path, model: Path, out: Path, wrong: WrongRows, *, master: str = LOCAL) -> Summary:
    """Write the feature table of the log in ``folder`` to the folder of Parquet files ``out``, as
    :func:`training.feature_table.write_features` does to one file; rows are in no particular order.

    ``model`` is the folder of the model whose text classifier is asked; every executor must be able to read it and
    the log. Raises :class:`~training.log.LogError`, :class:`~training.rows.FileError` and what Spark raises.
    """
    from pyspark.sql import functions as f

    check_target(out)
    events = count_records(folder)
    load(model)
    spark = _session(master)
    try:
        log = spark.read.option("basePath", str(folder / EVENTS)).parquet(str(folder / EVENTS)).drop("day")
        prepared = log.mapInArrow(_prepare(str(model.resolve())), _PREPARED).persist()
        _note_wrong(prepared, wrong)
        right = prepared.where("problem is null")
        sweeps = _sweeps(right)
        sent = _sorted(right, "sender").mapInArrow(_senders(sweeps), _SENT)
        sent = sent.where(f.col("own").isNotNull() | (f.col("effects") != 0)).persist()
        met = _sorted(sent, "recipient").mapInArrow(_recipients(sweeps), _SENT)
        keyed = _sorted(sent.mapInArrow(_exploded, _EXPLODED), "key").mapInArrow(_campaigns(sweeps), _KNOWN)
        table = met.join(_largest(keyed), "seq", "left").mapInArrow(_finish, _table_schema())
        table.write.mode("error").parquet(str(out))
        messages = spark.read.parquet(str(out)).count()
    finally:
        spark.stop()
    return Summary(events=events - wrong.count, messages=messages, wrong=wrong.count)


def _session(master: str) -> "SparkSession":
    from pyspark.sql import SparkSession

    # Executors on this machine must run this very Python.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
    }
    if master.startswith("local"):
        settings |= {"spark.sql.shuffle.partitions": "4", "spark.driver.host": "127.0.0.1"}
    builder = SparkSession.builder.appName("torwart features").master(master)
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def _sorted(frame: "DataFrame", key: str) -> "DataFrame":
    return frame.repartition(key).sortWithinPartitions(key, "seq")


def _prepare(model: str) -> Callable[[Batches], Batches]:
    """What every row says by itself: its keys, and a message's own features."""

    def prepare(batches: Batches) -> Batches:
        """Of each batch of rows."""
        prepared_of = Preparer(load(Path(model)).text)
        for batch in batches:
            received = batch["received_at"].cast(pa.int64())
            own: list[list[float] | None] = []
            last: list[int] = []
            problems: list[str | None] = []
            columns = (batch["kind"], received, batch["at"].cast(pa.int64()), batch["body"])
            for kind, arrived, at, body in zip(*(column.to_pylist() for column in columns), strict=True):
                problem = row_problem(kind, arrived, at, body)
                event = None if problem else decode_body(body.encode())
                prepared = prepared_of(event.case, arrived) if isinstance(event, MessageScored) else None
                own.append(None if prepared is None else prepared.own)
                last.append(last_message_us(prepared))
                problems.append(problem or None)
            yield _batch(
                _PREPARED,
                {name: batch[name] for name in ("seq", "message_id", "sender_id", "recipient_id", "fold")},
                received_at=received,
                sender=_rows(batch)["sender"].astype(np.int64),
                last_user_message=last,
                own=own,
                problem=problems,
            )

    return prepare


def _note_wrong(prepared: "DataFrame", wrong: WrongRows) -> None:
    found = prepared.where("problem is not null")
    for row in found.select("seq", "problem").orderBy("seq").limit(NAMED_ROWS).collect():
        wrong.add(WrongRow("record", row["seq"], row["problem"]))
    if wrong.count == NAMED_ROWS:
        wrong.count = found.count()


def _sweeps(prepared: "DataFrame") -> Sweeps:
    from pyspark.sql import functions as f

    sweep = f.floor((f.col("seq") - 1) / SWEEP_EVERY)
    last = prepared.groupBy(sweep.alias("sweep")).agg(f.max("received_at").alias("at")).orderBy("sweep")
    return Sweeps([row["at"] for row in last.collect()])


def _senders(sweeps: Sweeps) -> Callable[[Batches], Batches]:
    """Effects of every row; for messages, what their senders and pairs know."""

    def fold(batches: Batches) -> Batches:
        of_senders = SenderPass(sweeps)
        for batch in batches:
            rows = _rows(batch)
            effects, out = of_senders.fold(rows, _numbers(batch["seq"]), _numbers(batch["last_user_message"]))
            yield _batch(
                _SENT,
                _about(batch) | {"own": batch["own"]},
                recipient=rows["recipient"].astype(np.int64),
                effects=effects,
                folded=_lists(out[:, SenderPass.columns]),
            )

    return fold


def _recipients(sweeps: Sweeps) -> Callable[[Batches], Batches]:
    """Messages alone, with what their recipients' records know besides."""

    def fold(batches: Batches) -> Batches:
        of_recipients = RecipientPass(sweeps)
        for batch in batches:
            rows = _rows(batch)
            out = of_recipients.fold(rows, _numbers(batch["seq"]), _numbers(batch["effects"]))
            out[:, SenderPass.columns] = _matrix(batch["folded"])
            met = batch.set_column(_names(_SENT).index("folded"), "folded", _lists(out[:, :CAMPAIGN_START]))
            yield met.filter(pa.array(rows["kind"] == MESSAGE))

    return fold


def _exploded(batches: Batches) -> Batches:
    """A row for each campaign key that a row carries."""
    for batch in batches:
        keys = _rows(batch)["campaigns"]
        places, which = np.nonzero(keys)
        chosen = batch.take(pa.array(places))
        yield _batch(
            _EXPLODED,
            {name: chosen[name] for name in ("seq", "fold", "effects")},
            key=keys[places, which].astype(np.int64),
            place=which,
        )


def _campaigns(sweeps: Sweeps) -> Callable[[Batches], Batches]:
    """For messages, what each of their keys knows."""

    def fold(batches: Batches) -> Batches:
        """Of each batch, in order of time."""
        of_campaigns = CampaignPass(sweeps)
        for batch in batches:
            rows = _rows(batch)
            known = of_campaigns.fold(
                rows,
                _numbers(batch["seq"]),
                _numbers(batch["effects"]),
                _numbers(batch["key"]).view(np.uint64),
                _numbers(batch["place"]),
            )
            every = _batch(_KNOWN, {name: batch[name] for name in ("seq", "place")}, known=_lists(known))
            yield every.filter(pa.array(rows["kind"] == MESSAGE))

    return fold


def _largest(keyed: "DataFrame") -> "DataFrame":
    """The largest over a message's keys; the last numbers are the template's alone."""
    from pyspark.sql import functions as f

    is_template = f.col("place") == TEMPLATE_KEY
    numbers = [
        f.max(f.col("known")[place] if place < campaign.N_SHARED else f.when(is_template, f.col("known")[place]))
        for place in range(_N_CAMPAIGN)
    ]
    return keyed.groupBy("seq").agg(f.array(*numbers).alias("known"))


def _finish(batches: Batches) -> Batches:
    """Rows of the feature table."""
    nothing = np.empty(_N_CAMPAIGN)
    campaign.begin(nothing, 0)
    for batch in batches:
        matrix = np.empty((batch.num_rows, len(NAMES)))
        matrix[:, :N_OWN] = _matrix(batch["own"])
        matrix[:, N_OWN : N_OWN + CAMPAIGN_START] = _matrix(batch["folded"])
        for row, known in zip(matrix, batch["known"].to_pylist(), strict=True):
            numbers = known or [None] * _N_CAMPAIGN
            row[N_OWN + CAMPAIGN_START :] = [
                least if number is None else number for number, least in zip(numbers, nothing, strict=True)
            ]
            campaign.finish(row, N_OWN + CAMPAIGN_START)
        about = [batch[field.name].cast(field.type) for field in SCHEMA if field.name not in NAMES]
        yield pa.RecordBatch.from_arrays([*about, *map(pa.array, matrix.T)], schema=SCHEMA)


def _table_schema() -> str:
    about = "seq long, message_id string, sender_id string, recipient_id string, received_at timestamp"
    return ", ".join([about, *(f"{name} double" for name in NAMES)])


def _names(ddl: str) -> list[str]:
    return [part.split()[0] for part in ddl.split(", ")]


def _batch(ddl: str, kept: dict[str, pa.Array], **more: Any) -> pa.RecordBatch:
    """A batch of the columns that ``ddl`` names, in its order."""
    columns = kept | more
    types = {"long": pa.int64(), "string": pa.string(), "binary": pa.binary(), "array<double>": pa.list_(pa.float64())}
    arrays, fields = [], []
    for name, kind in (part.split() for part in ddl.split(", ")):
        column = columns[name]
        arrays.append(column.cast(types[kind]) if isinstance(column, pa.Array) else pa.array(column, types[kind]))
        fields.append((name, types[kind]))
    return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _about(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    return {name: batch[name] for name in _names(_ABOUT)}


def _rows(batch: pa.RecordBatch) -> Rows:
    return unpack(b"".join(batch["fold"].to_pylist()))


def _numbers(column: pa.Array) -> NDArray[np.int64]:
    numbers: NDArray[np.int64] = column.to_numpy(zero_copy_only=False)
    return numbers


def _lists(matrix: Floats) -> pa.Array:
    ends = np.arange(0, matrix.size + 1, matrix.shape[1], dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(matrix.ravel()))


def _matrix(column: pa.Array) -> Floats:
    flat: Floats = column.flatten().to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), -1)
