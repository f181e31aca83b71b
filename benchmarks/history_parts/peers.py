"""The fourteen counts as NumPy, pandas, Polars and DuckDB compute them, each in its own fastest way that was found.

Each side takes its own form of the log, which is made before the clock starts, and gives a row a message in the log's
order. Cumulative counts and their value at a window's start give Torwart's numbers exactly; the rolling windows that
Polars brings end at the microsecond, so that their numbers differ. The modules are loaded where they are used: not
every one is installed everywhere.
"""

import os
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from torwart.features.rows import MESSAGE
from torwart.features.windows import WINDOWS

from .counts import COLUMNS, COUNTS, KINDS, NAMES, SPANS, WIDTHS, Counts, Events

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl


def of_numpy(events: Events) -> Counts:
    """By sender with one stable sort; cumulative counts, and a binary search for the start of each window."""
    order = np.argsort(events.sender, kind="stable")
    sender, kind, at = events.sender[order], events.kind[order], events.arrived[order]
    group = np.concatenate([[0], np.cumsum(sender[1:] != sender[:-1])])
    before = [np.cumsum(kind == one, dtype=np.int32) - (kind == one) for one in KINDS]
    messages = np.flatnonzero(kind == MESSAGE)
    place = (np.cumsum(events.kind == MESSAGE) - 1)[order[messages]]
    out = np.empty((len(messages), len(COUNTS)), dtype=np.int32)
    for window, (width, span) in enumerate(zip(WIDTHS, SPANS, strict=True)):
        bucket = at // width - events.arrived[0] // width + span
        key = group * (bucket.max() + 1) + bucket
        start = np.searchsorted(key, key[messages] - span + 1)
        for column, (counted, over) in enumerate(COUNTS):
            if over == window:
                out[place, column] = before[counted][messages] - before[counted][start]
    return out


def for_pandas(events: Events) -> "pd.DataFrame":
    """The log as pandas holds it."""
    import pandas as pd

    return pd.DataFrame(events._asdict())


def of_pandas(log: "pd.DataFrame") -> "pd.DataFrame":
    """Cumulative counts by sender, and ``merge_asof`` with the first event of each window."""
    import pandas as pd

    is_kind = pd.DataFrame(
        {name: (log["kind"] == kind).astype("int32") for name, kind in zip(NAMES, KINDS, strict=True)}
    )
    before = is_kind.groupby(log["sender"], sort=False).cumsum() - is_kind
    events = before.assign(sender=log["sender"], arrived=log["arrived"])
    messages = events[log["kind"] == MESSAGE].reset_index(drop=True)
    found = {}
    for window, (width, span) in enumerate(zip(WIDTHS, SPANS, strict=True)):
        counted = [NAMES[kind] for kind, over in COUNTS if over == window]
        asked = messages[["sender"]].assign(arrived=(messages["arrived"] // width - (span - 1)) * width)
        starts = events[["sender", "arrived", *counted]]
        start = pd.merge_asof(asked, starts, on="arrived", by="sender", direction="forward")
        for name in counted:
            found[f"{name}_{WINDOWS[window]}"] = messages[name] - start[name]
    return pd.DataFrame(found)[list(COLUMNS)]


def for_polars(events: Events) -> "pl.DataFrame":
    """The log as Polars holds it, knowing that it is in order."""
    import polars as pl

    return pl.DataFrame(events._asdict()).with_columns(pl.col("arrived").set_sorted())


def of_polars(log: "pl.DataFrame") -> "pl.DataFrame":
    """Cumulative counts by sender, and ``join_asof`` with the first event of each window."""
    import polars as pl

    is_kind = {name: (pl.col("kind") == kind).cast(pl.Int32) for name, kind in zip(NAMES, KINDS, strict=True)}
    events = log.with_columns((one.cum_sum().over("sender") - one).alias(name) for name, one in is_kind.items())
    messages = events.filter(pl.col("kind") == MESSAGE)
    found = []
    for window, (width, span) in enumerate(zip(WIDTHS, SPANS, strict=True)):
        counted = [NAMES[kind] for kind, over in COUNTS if over == window]
        start = (pl.col("arrived") // width - (span - 1)) * width
        joined = messages.select("sender", start.set_sorted(), *counted).join_asof(
            events.select("sender", "arrived", *counted),
            on="arrived",
            by="sender",
            strategy="forward",
            suffix="_start",
            check_sortedness=False,
        )
        found.append(
            joined.select(
                (pl.col(name) - pl.col(f"{name}_start")).alias(f"{name}_{WINDOWS[window]}") for name in counted
            )
        )
    return pl.concat(found, how="horizontal").select(COLUMNS)


def of_polars_rolling(log: "pl.DataFrame") -> "pl.DataFrame":
    """Its rolling groups, a pass a window. The windows are exact: the last hour, not the last six buckets."""
    import polars as pl

    is_kind = [(pl.col("kind") == kind).cast(pl.Int32).alias(name) for name, kind in zip(NAMES, KINDS, strict=True)]
    events = log.with_columns(*is_kind, time=pl.from_epoch("arrived", time_unit="us"))
    events = events.sort("sender", maintain_order=True)
    found = [events.select("arrived", "kind")]
    for window, period in enumerate(WINDOWS):
        counted = [NAMES[kind] for kind, over in COUNTS if over == window]
        sums = [pl.col(name).sum().alias(f"{name}_{period}") for name in counted]
        rolled = events.rolling("time", period=period, group_by="sender", closed="left").agg(sums)
        found.append(rolled.drop("sender", "time"))
    return pl.concat(found, how="horizontal").filter(pl.col("kind") == MESSAGE).sort("arrived").select(COLUMNS)


def for_duckdb(events: Events) -> "duckdb.DuckDBPyConnection":
    """The log as a table in DuckDB's memory; it takes as many threads as this process may use cores."""
    import duckdb

    log = duckdb.connect(config={"threads": len(os.sched_getaffinity(0))})
    arrays = events._asdict()
    log.register("arrays", arrays)
    log.execute("CREATE TABLE log AS SELECT * FROM arrays")
    log.unregister("arrays")
    return log


def of_duckdb(log: "duckdb.DuckDBPyConnection") -> dict[str, NDArray[np.int32]]:
    """Cumulative counts by sender, and ``ASOF JOIN`` with the first event of each window, in SQL."""
    before = ", ".join(
        f"(sum((kind = {kind})::INTEGER) OVER so_far)::INTEGER - (kind = {kind})::INTEGER AS {name}"
        for name, kind in zip(NAMES, KINDS, strict=True)
    )
    joins = " ".join(
        f"ASOF JOIN events AS w{window} ON m.sender = w{window}.sender "
        f"AND w{window}.arrived >= (m.arrived // {width} - {span - 1}) * {width}"
        for window, (width, span) in enumerate(zip(WIDTHS, SPANS, strict=True))
    )
    counts = ", ".join(
        f'm.{NAMES[kind]} - w{window}.{NAMES[kind]} AS "{NAMES[kind]}_{WINDOWS[window]}"' for kind, window in COUNTS
    )
    found = log.execute(
        f"WITH events AS MATERIALIZED (SELECT *, {before} FROM log WINDOW so_far AS "
        "(PARTITION BY sender ORDER BY arrived ROWS UNBOUNDED PRECEDING)) "
        f"SELECT {counts} FROM events AS m {joins} WHERE m.kind = {MESSAGE} ORDER BY m.arrived"
    )
    return {name: np.asarray(values) for name, values in found.fetchnumpy().items()}
