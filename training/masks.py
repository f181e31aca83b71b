"""Taking knowledge away from rows, so that every mode in which the detector must work is trained and measured.

A masked row equals, number for number, what ``torwart.features`` gives for the same message when the text is withheld,
no history is kept or the sender's profile is unknown; a test compares the two.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from torwart.entities import Case, Message, Sender
from torwart.features.catalogue import MISSING, N_OWN, NAMES, POSITION, columns_of
from torwart.features.relationship import SERVICE_WINDOW_US
from torwart.features.rows import MESSAGE, pack, unpack
from torwart.features.state import FoldState
from torwart.features.vector import prepare, vector

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]

EVERYTHING_KNOWN: Final = "everything known"
TEXT_WITHHELD: Final = "text withheld"
HISTORY_MISSING: Final = "history missing"
PROFILE_MISSING: Final = "profile missing"
MODES: Final = (EVERYTHING_KNOWN, TEXT_WITHHELD, HISTORY_MISSING, PROFILE_MISSING)
"""What a deployment may lack; the first is the usual case."""

TEXT_SHARE: Final = 0.15
TYPE_SHARE: Final = 0.5
HISTORY_SHARE: Final = 0.10
PROFILE_SHARE: Final = 0.10
"""How often rows lose their text (and of those, how often even the type of the message), history and profile."""


def _bare_row() -> Matrix:
    """The vector of a message of which nothing is known, read by a state in which nothing has happened."""
    case = Case(
        message_id="",
        sent_at_us=0,
        sender=Sender(id=""),
        recipient_id="",
        message=Message(type="unknown", text_withheld=True),
    )
    row = unpack(pack(MESSAGE, 0, 0, "", ""))
    return vector(prepare(case, None, 0), FoldState().read(row))


_BARE: Final = _bare_row()
_TYPE: Final = POSITION["type"]
_TEXT_COLUMNS: Final = np.array(
    [
        *(column for column in columns_of("structure") if column != _TYPE),
        *columns_of("content"),
        *columns_of("links"),
        POSITION["text_borrows_brand"],
        *columns_of("campaign"),
    ]
)
_PROFILE_COLUMNS: Final = np.array([*columns_of("verification"), POSITION["link_imitates_sender"]])
_HISTORY_COLUMNS: Final = np.arange(N_OWN, len(NAMES))


@dataclass(frozen=True)
class Rows:
    """Messages as the model sees them, and what masking needs to know besides.

    ``matrix`` (n, len(CATALOGUE)) float64; ``opens_with_brand`` (n,) bool: the message opens with a well-known name,
    which an unknown sender can only borrow; ``since_user_message`` (n,) float64: µs since the recipient last wrote to
    the sender as far as the caller knew, NaN where it did not say.
    """

    matrix: Matrix
    opens_with_brand: Flags
    since_user_message: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.matrix)

    def part(self, rows: slice | Flags) -> "Rows":
        """Some of the rows: a view for a slice, a copy for flags."""
        return Rows(self.matrix[rows], self.opens_with_brand[rows], self.since_user_message[rows])


def in_mode(rows: Rows, mode: str) -> Matrix:
    """A copy of the matrix with every row in one of :data:`MODES`; the type of a withheld message stays known.

    Raises ``ValueError`` for another mode.
    """
    masked = rows.matrix.copy()
    every = np.ones(len(rows), dtype=bool)
    if mode == TEXT_WITHHELD:
        _withhold_text(masked, every, ~every)
    elif mode == HISTORY_MISSING:
        _drop_history(masked, every, rows)
    elif mode == PROFILE_MISSING:
        _forget_profile(masked, every, rows)
    elif mode != EVERYTHING_KNOWN:
        raise ValueError(f"{mode!r} is no mode; the modes are {', '.join(MODES)}.")
    return masked


def at_random(rows: Rows, rng: np.random.Generator) -> Matrix:
    """A copy of the matrix in which each row has lost its profile, text and history independently, with the shares
    above."""
    masked = rows.matrix.copy()
    draws = rng.random((4, len(rows)))
    _forget_profile(masked, draws[0] < PROFILE_SHARE, rows)
    _withhold_text(masked, draws[1] < TEXT_SHARE, draws[2] < TYPE_SHARE)
    _drop_history(masked, draws[3] < HISTORY_SHARE, rows)
    return masked


def _forget_profile(matrix: Matrix, chosen: Flags, rows: Rows) -> None:
    """Only the sender's id is known. Before the text is withheld: a link or a name in the text says more now."""
    matrix[np.ix_(chosen, _PROFILE_COLUMNS)] = _BARE[_PROFILE_COLUMNS]
    matrix[chosen, POSITION["text_borrows_brand"]] = rows.opens_with_brand[chosen]
    matrix[chosen, POSITION["link_foreign"]] = matrix[chosen, POSITION["link_count"]] > 0


def _withhold_text(matrix: Matrix, chosen: Flags, forget_type: Flags) -> None:
    """The messenger may not see the text; where ``forget_type``, not even the type (``message: null``)."""
    matrix[np.ix_(chosen, _TEXT_COLUMNS)] = _BARE[_TEXT_COLUMNS]
    matrix[chosen & forget_type, _TYPE] = _BARE[_TYPE]


def _drop_history(matrix: Matrix, chosen: Flags, rows: Rows) -> None:
    """No folds are kept; what the caller says of the recipient's last message is all that is known of the pair."""
    matrix[np.ix_(chosen, _HISTORY_COLUMNS)] = MISSING[_HISTORY_COLUMNS]
    since = rows.since_user_message[chosen]
    matrix[chosen, POSITION["in_service_window"]] = since <= SERVICE_WINDOW_US
    matrix[chosen, POSITION["spoke_before"]] = ~np.isnan(since)
