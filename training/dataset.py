"""From an event log to the rows that the event classifier learns from: the folds' features, as of just before.

The log is read once, in its order, through the functions of ``torwart.features`` that the server calls. A message's
features are what was known before it was applied, so nothing of its own fate can leak into them.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from torwart.entities import Sender
from torwart.events import Labelled, decode_body
from torwart.features import verification
from torwart.features.catalogue import NAMES, POSITION
from torwart.features.rows import id_key
from torwart.text.classifier import TextClassifier
from training.feature_table import chunks
from training.log import count_records, read_log
from training.masks import Rows
from training.truth import TRUTH, read_truth

MAX_ROWS: Final = 3_000_000
"""Messages kept of one log, about 2.6 GB; of a longer log an even sample by a hash of the message's id. The folds see
every event all the same."""

LABELS: Final = ("wanted", "unsolicited", "fraud")

_NOBODY: Final = Sender(id="")
_BORROWS: Final = POSITION["text_borrows_brand"]


class LabelError(ValueError):
    """A log whose messages nobody labelled, or whose labels do not fit it."""


@dataclass(frozen=True)
class Dataset:
    """Labelled messages of a log, in its order.

    ``unwanted`` and ``fraud`` (n,) bool; ``received_at_us`` (n,) int64; ``about``: a frame of n rows with what the
    figures are divided by (``message_id``, ``sender_id``, ``label``, ``text_class``, ``kind``, ``family``,
    ``language``, ``strategy``, ``sender_kind``, ``opted_in``, ``verification``, ``size``), empty where unknown;
    ``simulated`` says that labels come from a simulated world's truth.
    """

    rows: Rows
    unwanted: NDArray[np.bool_]
    fraud: NDArray[np.bool_]
    received_at_us: NDArray[np.int64]
    about: pd.DataFrame
    simulated: bool

    def __len__(self) -> int:
        return len(self.unwanted)

    def part(self, rows: slice) -> "Dataset":
        """Some consecutive rows."""
        return Dataset(
            rows=self.rows.part(rows),
            unwanted=self.unwanted[rows],
            fraud=self.fraud[rows],
            received_at_us=self.received_at_us[rows],
            about=self.about.iloc[rows].reset_index(drop=True),
            simulated=self.simulated,
        )


def read_dataset(folder: Path, text: TextClassifier, max_rows: int = MAX_ROWS) -> Dataset:
    """Read the log in ``folder``; the evidence of ``text`` is computed for every kept message.

    Labels come from ``truth.parquet``, else from the log's own label events; messages without a label are left out.
    Raises :class:`~training.log.LogError` for a log that cannot be read, :class:`LabelError` when it has no labels.
    """
    simulated = (folder / TRUTH).is_file()
    about = _labels(folder, simulated)
    kept = about if len(about) <= max_rows else about[_sampled(about.index, max_rows / len(about))]
    matrix = np.empty((len(kept), len(NAMES)))
    opens = np.zeros(len(kept), dtype=bool)
    since = np.full(len(kept), np.nan)
    received = np.zeros(len(kept), dtype=np.int64)
    senders: list[tuple[str, str, str]] = []
    order: list[str] = []
    for chunk in chunks(folder, text, set(kept.index)):
        matrix[len(order) : len(order) + len(chunk.records)] = chunk.matrix
        for record, case in zip(chunk.records, chunk.cases, strict=True):
            place = len(order)
            opens[place] = verification.read(_NOBODY, case.message, record.received_at_us)[_BORROWS]
            if case.context.last_user_message_at_us is not None:
                since[place] = max(0, record.received_at_us - case.context.last_user_message_at_us)
            received[place] = record.received_at_us
            senders.append((record.sender_id, _text(case.sender.verification_status), _text(case.sender.account_size)))
            order.append(record.message_id)
    if len(order) != len(kept):
        raise LabelError(f"{folder} labels {len(kept) - len(order)} messages that its events do not hold.")
    kept = kept.loc[order].reset_index()
    kept[["sender_id", "verification", "size"]] = pd.DataFrame(senders, columns=["sender_id", "verification", "size"])
    return Dataset(
        rows=Rows(matrix, opens, since),
        unwanted=(kept["label"] != "wanted").to_numpy(),
        fraud=(kept["label"] == "fraud").to_numpy(),
        received_at_us=received,
        about=kept,
        simulated=simulated,
    )


def fingerprint(folder: Path) -> str:
    """SHA-256 (hex) over the names and contents of a log's Parquet files: the same for the same data, wherever it
    lies."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.parquet")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _labels(folder: Path, simulated: bool) -> pd.DataFrame:
    """What is known of each labelled message, by its id, in the order of the log."""
    count_records(folder)
    if simulated:
        about = read_truth(folder).set_index("message_id")
    else:
        found = {}
        for record in read_log(folder):
            if record.kind == "label" and isinstance(body := decode_body(record.body), Labelled):
                found[body.message_id] = body.label
        about = pd.DataFrame({"label": pd.Series(found, dtype=str)})
        about[["text_class", "kind", "family", "language", "strategy", "sender_kind"]] = ""
        about = about.rename_axis("message_id").assign(opted_in=False)
    if about.empty:
        raise LabelError(f"{folder} says of no message what it truly was: there is no {TRUTH} and no label event.")
    unknown = set(about["label"].unique()) - set(LABELS)
    if unknown:
        raise LabelError(f"{folder} uses the label {sorted(unknown)[0]!r}; the labels are {', '.join(LABELS)}.")
    return about


def _sampled(ids: pd.Index, share: float) -> NDArray[np.bool_]:
    limit = int(share * 2**64)
    return np.fromiter((id_key(identifier) < limit for identifier in ids), dtype=bool)


def _text(value: object) -> str:
    return "" if value is None else str(value)
