"""Why a score is what it is, in sentences.

The trees credit every step of a row's way through them to the feature that was asked (``Pair.contributions``); here
the credit of each topic's features is added up and put into words. A topic whose words would not make a person expect
the direction in which it counted is left out: better no reason than a puzzling one.
"""

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from torwart.entities import Reason
from torwart.features.catalogue import NAMES
from torwart.model.topics import TOPICS, Facts
from torwart.model.topics.codes import CODES, LOWERS, RAISES

Audience = Literal["moderator", "sender"]

N_TOPICS: Final = len(TOPICS)

_TOPIC_OF: Final = {feature: index for index, topic in enumerate(TOPICS) for feature in topic.features}

GROUPS: Final = np.array([_TOPIC_OF[name] for name in NAMES], dtype=np.int32)
"""The topic of each feature, shape (n_features,): what ``Pair.contributions`` groups by."""
GROUPS.setflags(write=False)

SLIGHT: Final = 0.05
"""A topic that moves the log-odds by less than this is not worth a sentence."""

DIGITS: Final = 3

_PLACE: Final = {topic.name: index for index, topic in enumerate(TOPICS)}
_SILENCES: Final = {
    is_silent: [(index, _PLACE[topic.heir]) for index, topic in enumerate(TOPICS) if topic.silent is is_silent]
    for is_silent in dict.fromkeys(topic.silent for topic in TOPICS if topic.silent is not None)
}
"""By the condition under which topics have nothing to say: who they are, and who speaks for them then."""


def reasons(
    credit: Sequence[float], values: list[float], *, audience: Audience = "moderator", limit: int = 5
) -> tuple[Reason, ...]:
    """The topics that moved a score most, in words, strongest first; at most ``limit``.

    ``credit`` holds what each topic did to the calibrated log-odds, in the order of ``TOPICS``; ``values`` are the
    vector's, in the catalogue's order. A ``sender`` is not told what recipients did.
    """
    facts = Facts(values)
    totals = list(credit)
    for is_silent, heirs in _SILENCES.items():
        if is_silent(facts):
            for index, heir in heirs:
                totals[heir] += totals[index]
                totals[index] = 0.0
    found: list[Reason] = []
    telling = [
        (total if total > 0.0 else -total, -index)
        for index, total in enumerate(totals)
        if total >= SLIGHT or total <= -SLIGHT
    ]
    telling.sort(reverse=True)
    for _, place in telling:
        if len(found) == limit:
            break
        index = -place
        total = totals[index]
        told = TOPICS[index].tell(facts, total > 0.0)
        if told is not None and (audience == "moderator" or CODES[told.code].sender_may_know):
            found.append(Reason(told.code, RAISES if total > 0.0 else LOWERS, round(total, DIGITS), told.detail))
    return tuple(found)


def for_sender(given: Sequence[Reason]) -> tuple[Reason, ...]:
    """Those of some stored reasons that their sender may be told; a code that is not known here is not told."""
    return tuple(reason for reason in given if reason.code in CODES and CODES[reason.code].sender_may_know)
