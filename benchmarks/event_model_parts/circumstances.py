"""Table 3: what is not known of a message, and who sends it."""

from typing import Final

import numpy as np

from training.dataset import Dataset
from training.event_model import EventModel
from training.masks import MODES, in_mode

from .figures import Figures, figures_of, text_of
from .fitting import last_part

FIRST_MESSAGES: Final = 5


def measure(data: Dataset, model: EventModel) -> dict[str, list[Figures]]:
    """The last part in every mode, and its parts by how new, large and verified their senders are."""
    judged = last_part(data)
    score = model.unwanted.predict(judged.rows.matrix)
    number = data.about.groupby("sender_id").cumcount().to_numpy()[len(data) - len(judged) :]
    dividers = {
        "sender": np.where(number < FIRST_MESSAGES, f"its first {FIRST_MESSAGES} messages", "later ones"),
        "size": judged.about["size"].to_numpy(dtype=str),
        "verification": judged.about["verification"].to_numpy(dtype=str),
    }
    found = {
        "mode": [
            figures_of(mode, model.unwanted.predict(in_mode(judged.rows, mode)), judged.unwanted, model.thresholds)
            for mode in MODES
        ]
    }
    for by, values in dividers.items():
        found[by] = [
            figures_of(value or "unknown", score[values == value], judged.unwanted[values == value], model.thresholds)
            for value in sorted(set(values.tolist()))
        ]
    return found


def all_text(found: dict[str, list[Figures]]) -> str:
    """The tables."""
    return "\n\n".join(text_of(f"(3) By {by}", lines) for by, lines in found.items())
