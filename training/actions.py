"""What the shipped policy would do with judged messages."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from torwart.entities import VERIFICATION_RANK, Action
from torwart.features.catalogue import POSITION
from torwart.features.relationship import CLAIMED_RANK, OPTED_OUT_RANK
from torwart.features.structure import CATEGORIES
from torwart.policy import Circumstances, Policy
from training.dataset import LABELS
from training.intervals import Rate, rate_of

Floats = NDArray[np.float64]


class Actions(Struct, frozen=True):
    """How many messages of one label the default policy treats how, from the model's probabilities alone."""

    label: str
    n: int
    by_action: dict[str, Rate]


def policy_actions(
    score: Floats, fraud_given_unwanted: Floats, matrix: Floats, labels: NDArray[np.str_]
) -> tuple[Actions, ...]:
    """What the shipped policy does with messages (n,) by the probabilities, the recipients' decisions and consent; no
    sender has a standing here. ``matrix`` (n, len(CATALOGUE)) are their features, ``labels`` of ``dataset.LABELS``."""
    policy = Policy.default()
    taken = np.array(
        [policy.decide(one).action.value for one in circumstances(score, fraud_given_unwanted, matrix)],
        dtype=str,
    )
    found = []
    for label in LABELS:
        own = taken[labels == label]
        by_action = {action.value: rate_of(int((own == action.value).sum()), len(own)) for action in Action}
        found.append(Actions(label=label, n=len(own), by_action=by_action))
    return tuple(found)


def circumstances(score: Floats, fraud_given_unwanted: Floats, matrix: Floats) -> Iterator[Circumstances]:
    """What the policy asks of each message, read back from its features (see ``torwart.detector.circumstances``)."""

    def column(name: str) -> Floats:
        return matrix[:, POSITION[name]]

    odds = np.exp([column(f"whole_{name}") for name in ("promo", "spam", "fraud")])
    promotional = np.nan_to_num((odds[0] + odds[1]) / (1.0 + odds.sum(axis=0)))
    worst = np.exp([column(f"worst_{name}") for name in ("promo", "spam", "fraud")])
    fraudulent = np.nan_to_num(worst[2] / (1.0 + worst.sum(axis=0)))
    names = {code: name for name, code in CATEGORIES.items()}
    columns = (
        score,
        score * fraud_given_unwanted,
        column("pair_blocked") == 1.0,
        (column("pair_stopped") == 1.0) | (column("consent_rank") == OPTED_OUT_RANK),
        column("category"),
        promotional,
        fraudulent,
        column("link_imitates_brand") == 1.0,
        column("verification_rank") >= VERIFICATION_RANK["verified"],
        column("consent_rank") >= CLAIMED_RANK,
        column("in_service_window") == 1.0,
    )
    for one, fraud, blocked, stopped, category, promotion, like_fraud, imitates, verified, consent, window in zip(
        *(values.tolist() for values in columns), strict=True
    ):
        yield Circumstances(
            score=one,
            fraud=fraud,
            now_us=0,
            blocked_by_recipient=blocked,
            stopped_by_recipient=stopped,
            category=names.get(category, ""),
            promotional=promotion,
            fraudulent=like_fraud,
            imitates_brand=imitates,
            sender_verified=verified,
            has_consent=consent,
            in_service_window=window,
        )
