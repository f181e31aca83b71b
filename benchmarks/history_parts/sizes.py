"""Table d: what the state takes, a key, as the layouts of its records say and as its tables hold it."""

from typing import Any, Final

import numpy as np

from torwart.features.state import KINDS, FoldState
from torwart.features.tables import capacity_for
from training.table import table

from .batch import SEED
from .made_up import SENDERS_A_MESSAGE, made_up
from .process import alone

MESSAGES: Final = 200_000


def measure() -> dict[str, Any]:
    """Bytes of a record, and of a table by the records in it, after a log of :data:`MESSAGES`."""
    return alone(_measure)


def text_of(found: dict[str, Any]) -> str:
    """The table as plain text."""
    rows = [
        (name, f"{one['bytes']:,}", f"{one['records']:,}", f"{one['bytes_in_table']:,.0f}")
        for name, one in found["tables"].items()
    ]
    title = f"(d) The state after {found['messages']:,} messages"
    return table(title, ("table", "bytes a record", "records", "bytes a record, empty places included"), rows)


def _measure() -> dict[str, Any]:
    rows = made_up(MESSAGES, int(MESSAGES * SENDERS_A_MESSAGE), SEED).rows
    state = FoldState()
    state.advance(rows)
    records = {name: len(array) for name, array in state.arrays().items()}
    return {
        "messages": MESSAGES,
        "tables": {
            name: {
                "bytes": np.dtype(dtype).itemsize,
                "records": records[name],
                "bytes_in_table": np.dtype(dtype).itemsize * capacity_for(records[name]) / records[name],
            }
            for name, dtype, *_ in KINDS
        },
    }
