"""Table 2: spammers whose strategy nothing was fitted or calibrated on."""

import numpy as np
from msgspec import Struct
from tqdm.auto import tqdm

from training.dataset import Dataset
from training.evaluation import LENIENT, STRICT
from training.event_model import EventModel
from training.intervals import Rate
from training.table import table

from ..content_parts.grid import cell
from .figures import share_above
from .fitting import fitted, last_part, unseen
from .ranking import Flags


class Unseen(Struct, frozen=True, kw_only=True):
    """One strategy: how many of its unwanted messages are caught by a model that knew it and by one that did not, and
    how many of all wanted messages that one flags, each at its own thresholds."""

    strategy: str
    senders_left_out: int
    known_strict: Rate
    strict: Rate
    lenient: Rate
    wanted_strict: Rate
    wanted_lenient: Rate


def measure(data: Dataset, model: EventModel) -> list[Unseen]:
    """Fit without the senders of each strategy and judge on the last part; ``model`` knew all of ``data``.

    All their messages are left out, honest ones of hijacked accounts as well. The folds still saw them: what the
    features of others say of recipients and campaigns is what it was.
    """
    strategy = data.about["strategy"].to_numpy(dtype=str)
    sender = data.about["sender_id"].to_numpy(dtype=str)
    judged = last_part(data)
    judged_strategy = judged.about["strategy"].to_numpy(dtype=str)
    known_score = model.unwanted.predict(judged.rows.matrix)
    found = []
    for name in tqdm(sorted(set(strategy.tolist()) - {""}), "Strategies", unit="strategies", disable=None):
        of_it: Flags = judged.unwanted & (judged_strategy == name)
        senders = np.unique(sender[strategy == name])
        other = fitted(unseen(data, np.isin(sender, senders)))
        score = other.unwanted.predict(judged.rows.matrix)
        strict, lenient = other.thresholds[STRICT], other.thresholds[LENIENT]
        found.append(
            Unseen(
                strategy=name,
                senders_left_out=len(senders),
                known_strict=share_above(known_score[of_it], model.thresholds[STRICT]),
                strict=share_above(score[of_it], strict),
                lenient=share_above(score[of_it], lenient),
                wanted_strict=share_above(score[~judged.unwanted], strict),
                wanted_lenient=share_above(score[~judged.unwanted], lenient),
            )
        )
    return found


def text_of(found: list[Unseen]) -> str:
    """The table."""
    rows = [
        (
            one.strategy.replace("_", " "),
            f"{one.senders_left_out:,}",
            f"{one.strict.n:,}",
            cell(one.known_strict),
            cell(one.strict),
            cell(one.lenient),
            cell(one.wanted_strict),
            cell(one.wanted_lenient),
        )
        for one in found
    ]
    header = (
        "", "senders left out", "messages", "caught at 0.1 %, known", "caught at 0.1 %", "at 1 %",
        "wanted flagged at 0.1 %", "at 1 %",
    )  # fmt: skip
    return table("(2) One strategy left out of fitting and calibration, %", header, rows)
