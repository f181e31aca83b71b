"""From a case to the numbers that the model sees, in the catalogue's order."""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from torwart.entities import Case
from torwart.features import content, links, relationship, structure, verification
from torwart.features.catalogue import MISSING, N_OWN, NAMES, POSITION
from torwart.features.fingerprint import campaign_keys
from torwart.features.rows import NO_CAMPAIGNS
from torwart.text.classifier import Evidence

_IN_SERVICE_WINDOW: Final = POSITION["in_service_window"]
_IMITATES_BRAND: Final = POSITION["link_imitates_brand"]
_SPOKE_BEFORE: Final = POSITION["spoke_before"]


class Prepared(Struct, frozen=True):
    """What a case says by itself, before the folds are asked: its own features and its campaign keys."""

    own: list[float]
    campaigns: tuple[int, ...]
    last_user_message_us: int
    now_us: int
    promotional: float
    """P(promotion or spam) by the text; 0 where it is withheld."""
    fraudulent: float
    """P(fraud) by the worst segment of the text; 0 where it is withheld."""
    imitates_brand: bool
    """Whether a link wears a well-known name that is not its owner."""


def prepare(case: Case, evidence: Evidence | None, now_us: int) -> Prepared:
    """The features of ``case`` that need no history, as of ``now_us``.

    ``evidence`` belongs to ``case.message.text``; it is ``None`` when the text is withheld.
    """
    message, sender = case.message, case.sender
    from_content, promotional, fraudulent = content.read(evidence)
    own = verification.read(sender, message, now_us)
    own += structure.read(message, message.text, evidence, promotional)
    own += from_content
    own += links.read(message, sender)
    own += relationship.consent_features(case.context, message.category, now_us)
    last = case.context.last_user_message_at_us
    return Prepared(
        own=own,
        campaigns=NO_CAMPAIGNS if evidence is None else campaign_keys(message, evidence.codes, sender.id),
        last_user_message_us=-1 if last is None else min(last, now_us),
        now_us=now_us,
        promotional=promotional,
        fraudulent=fraudulent,
        imitates_brand=own[_IMITATES_BRAND] == 1.0,
    )


def vector(prepared: Prepared, folded: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """All features, shape (len(CATALOGUE),). ``folded`` comes from ``FoldState.read``; ``None`` where no history is
    kept, which is not the same as a history in which nothing happened."""
    out = MISSING.copy() if folded is None else np.empty(len(NAMES))
    out[:N_OWN] = prepared.own
    if folded is not None:
        out[N_OWN:] = folded
    elif prepared.last_user_message_us >= 0:
        since = prepared.now_us - prepared.last_user_message_us
        out[_IN_SERVICE_WINDOW] = float(since <= relationship.SERVICE_WINDOW_US)
        out[_SPOKE_BEFORE] = 1.0
    return out
