"""The fits of the benchmark: all of them by ``training.event_model.fit``, on data that differ in one thing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from torwart.features.catalogue import GROUPS, MISSING, columns_of
from training.dataset import Dataset
from training.event_model import CALIBRATE_UNTIL, EventModel, fit, parts_of
from training.masks import Rows

SEED: Final = 1

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def fitted(data: Dataset) -> EventModel:
    """A model of ``data``, with the one seed of the benchmark.

    By one thread: where other programs run, scikit-learn's threads mostly wait for each other.
    """
    with threadpool_limits(1, user_api="openmp"):
        return fit(data, SEED)


def last_part(data: Dataset) -> Dataset:
    """The messages that neither fitting nor calibration saw."""
    return data.part(parts_of(len(data)).test)


def without(data: Dataset, groups: Iterable[str]) -> Dataset:
    """The same messages with the columns of ``groups`` at the catalogue's missing values, and nothing beside the matrix
    that could bring them back when rows are masked.

    (Masking writes what an empty history says into the campaign's columns of rows that lose their text, whether or not
    they were known. That tells which rows were masked, at random, and nothing else.)
    """
    gone = frozenset(groups)
    columns = [column for group in gone for column in columns_of(group)]
    matrix = data.rows.matrix.copy()
    matrix[:, columns] = MISSING[columns]
    opens, since = data.rows.opens_with_brand, data.rows.since_user_message
    return replace(
        data,
        rows=Rows(
            matrix,
            np.zeros_like(opens) if "verification" in gone else opens,
            np.full_like(since, np.nan) if "relationship" in gone else since,
        ),
    )


def alone(data: Dataset, group: str) -> Dataset:
    """The same messages with the columns of ``group`` only."""
    return without(data, (other for other in GROUPS if other != group))


def unseen(data: Dataset, hidden: Flags) -> Dataset:
    """What to fit on where the messages ``hidden`` (n,) must be seen in neither fitting nor calibration.

    The parts keep their shares: what is left of the first four fifths is four fifths of the result again, and the rest,
    which :func:`fitted` does not look at, is as much of the last part as that takes.
    """
    end = parts_of(len(data)).calibrate.stop
    kept = np.flatnonzero(~hidden[:end])
    rest = int(len(kept) * (1 / CALIBRATE_UNTIL - 1))
    chosen = np.concatenate([kept, np.arange(end, end + rest)])
    return Dataset(
        rows=Rows(data.rows.matrix[chosen], data.rows.opens_with_brand[chosen], data.rows.since_user_message[chosen]),
        unwanted=data.unwanted[chosen],
        fraud=data.fraud[chosen],
        received_at_us=data.received_at_us[chosen],
        about=data.about.iloc[chosen].reset_index(drop=True),
        simulated=data.simulated,
    )
