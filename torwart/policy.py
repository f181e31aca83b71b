"""From probability and circumstances to an action, by costs written in a file."""

import tomllib
from importlib import resources
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from torwart.entities import HARSHNESS, Action, Cause, QualityRating

_SECOND_US: Final = 1_000_000
_HOUR_US: Final = 3_600_000_000
_DAY_US: Final = 24 * _HOUR_US
_MARKETING: Final = "MARKETING"

SUSPENSION: Final = "suspension"
RESTRICTION: Final = "restriction"
"""What a sender can be subject to: nothing may be sent; only replies may be sent."""


class PolicyError(ValueError):
    """A policy file that cannot be used; the message says what is wrong and what would be right."""


class Cost(Struct, frozen=True, forbid_unknown_fields=True):
    """What one action costs if the message truly is this."""

    wanted: float
    unsolicited: float
    fraud: float


class _Promotion(Struct, frozen=True, forbid_unknown_fields=True):
    without_consent: Action
    text_probability: float


class _Imitation(Struct, frozen=True, forbid_unknown_fields=True):
    action: Action
    text_probability: float
    fraud_probability: float


class _Throttle(Struct, frozen=True, forbid_unknown_fields=True):
    retry_after_s: int


class _Review(Struct, frozen=True, forbid_unknown_fields=True):
    hold_hours: float
    outcome: str


class _Fallback(Struct, frozen=True, forbid_unknown_fields=True):
    review: Action


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    costs: dict[Action, Cost]
    quality: dict[QualityRating, Action]
    promotion: _Promotion
    imitation: _Imitation
    throttle: _Throttle
    review: _Review
    fallback: _Fallback


class Circumstances(NamedTuple):
    """Everything that decides about one message."""

    score: float
    fraud: float
    """P(unwanted) and P(fraud), calibrated."""
    now_us: int
    blocked_by_recipient: bool = False
    stopped_by_recipient: bool = False
    """The recipient said stop to the sender's marketing, or the messenger says they opted out."""
    category: str = ""
    """The template's category, empty outside templates."""
    promotional: float = 0.0
    """P(promotion or spam) by the text."""
    fraudulent: float = 0.0
    """P(fraud) by the text's worst segment."""
    imitates_brand: bool = False
    """Whether a link wears a well-known name that is not its owner."""
    sender_verified: bool = False
    has_consent: bool = False
    """Whether anybody knows that the recipient opted in."""
    in_service_window: bool = False
    waited_us: int = -1
    """How long ago the sender last tried to write to this person in vain, -1 if it has not since it got through."""
    measure: str = ""
    """What the sender is subject to, suspension, restriction, or nothing that binds."""
    quality: QualityRating = QualityRating.UNKNOWN


class Ruling(NamedTuple):
    """What to do, and who decided. ``rule`` names the rule where no model decided, else it is empty."""

    action: Action
    cause: Cause
    rule: str = ""
    retry_after_s: int | None = None
    hold_until_us: int | None = None
    hold_outcome: str | None = None


class Policy:
    """A policy file, read and checked."""

    def __init__(self, file: _File) -> None:
        self._file = file
        self.version = file.version
        self._costs = [(action, file.costs[action]) for action in Action]

    @classmethod
    def from_toml(cls, text: str) -> "Policy":
        """Read a policy; raises :class:`PolicyError` for anything but a complete, sensible one."""
        try:
            file = msgspec.convert(tomllib.loads(text), _File)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"the policy is not TOML: {error}") from error
        except msgspec.ValidationError as error:
            raise PolicyError(f"the policy is incomplete or has a wrong value: {error}") from error
        absent = [action.value for action in Action if action not in file.costs]
        if absent:
            raise PolicyError(f"the policy's [costs] lack {', '.join(absent)}; every action needs a cost")
        if any(not 0.0 <= value < 1e9 for cost in file.costs.values() for value in msgspec.structs.astuple(cost)):
            raise PolicyError("the policy's [costs] must be numbers from 0 to 1e9")
        unrated = [rating.value for rating in QualityRating if rating not in file.quality]
        if unrated:
            raise PolicyError(f"the policy's [quality] lacks {', '.join(unrated)}; every rating needs an action")
        if file.review.outcome not in ("release", "reject"):
            raise PolicyError(f'[review] outcome is "{file.review.outcome}"; it must be "release" or "reject"')
        if not (0 <= file.promotion.text_probability <= 1 and 0 <= file.imitation.text_probability <= 1):
            raise PolicyError("the text_probability of [promotion] and [imitation] must be numbers from 0 to 1")
        if not 0 <= file.imitation.fraud_probability <= 1:
            raise PolicyError("the fraud_probability of [imitation] must be a number from 0 to 1")
        if not 0 < file.review.hold_hours <= 24 * 30 or not 0 < file.throttle.retry_after_s <= 86_400:
            raise PolicyError("[review] hold_hours must be from 0 to 720 and [throttle] retry_after_s from 1 to 86400")
        if file.fallback.review is Action.REVIEW:
            raise PolicyError("[fallback] review must not be review: without a log nothing can be held")
        return cls(file)

    @classmethod
    def default(cls) -> "Policy":
        """The policy that Torwart ships."""
        return cls.from_toml(resources.files("torwart").joinpath("policy.toml").read_text("utf-8"))

    def decide(self, given: Circumstances) -> Ruling:
        """What to do about a message: the recipient's word first, then the sender's standing, then the model's."""
        if given.blocked_by_recipient:
            return Ruling(Action.BLOCK, Cause.RECIPIENT, "recipient_blocked_sender")
        is_promotion = given.category == _MARKETING or (
            not given.category and given.promotional >= self._file.promotion.text_probability
        )
        if given.stopped_by_recipient and is_promotion:
            return Ruling(Action.BLOCK, Cause.RECIPIENT, "recipient_opted_out")
        if given.measure == SUSPENSION:
            return Ruling(Action.BLOCK, Cause.ENFORCEMENT, "sender_suspended")
        if given.measure == RESTRICTION and not given.in_service_window:
            return Ruling(Action.BLOCK, Cause.ENFORCEMENT, "sender_restricted")
        action, cause, rule = self._cheapest(given), Cause.MODEL, ""
        unasked = is_promotion and not given.has_consent and not given.in_service_window
        if unasked and HARSHNESS[self._file.promotion.without_consent] > HARSHNESS[action]:
            action, cause, rule = self._file.promotion.without_consent, Cause.POLICY, "promotion_without_consent"
        imitation = self._file.imitation
        imitates = (
            given.imitates_brand
            and not given.sender_verified
            and given.fraudulent >= imitation.text_probability
            and given.fraud >= imitation.fraud_probability
        )
        if imitates and imitation.action is not Action.ALLOW and HARSHNESS[imitation.action] >= HARSHNESS[action]:
            action, cause, rule = imitation.action, Cause.POLICY, "link_imitates_brand"
        mildest = self._file.quality[given.quality]
        if HARSHNESS[mildest] > HARSHNESS[action]:
            action, cause, rule = mildest, Cause.ENFORCEMENT, f"quality_{given.quality.lower()}"
        return self._ruling(action, cause, rule, given.now_us)

    def without_log(self, ruling: Ruling, now_us: int) -> Ruling:
        """The same ruling where nothing can be recorded: a message cannot be held in a log that is out of reach."""
        if ruling.action is not Action.REVIEW:
            return ruling
        return self._ruling(self._file.fallback.review, Cause.POLICY, "log_out_of_reach", now_us)

    def _cheapest(self, given: Circumstances) -> Action:
        wanted = 1.0 - given.score
        unsolicited = given.score - given.fraud
        best = Action.ALLOW
        least = float("inf")
        for action, cost in self._costs:
            if action is Action.THROTTLE and (given.in_service_window or self._has_waited(given)):
                continue
            expected = wanted * cost.wanted + unsolicited * cost.unsolicited + given.fraud * cost.fraud
            if expected < least:
                best, least = action, expected
        return best

    def _has_waited(self, given: Circumstances) -> bool:
        """Whether the message was slowed down already: it is not slowed down twice."""
        return self._file.throttle.retry_after_s * _SECOND_US <= given.waited_us <= _DAY_US

    def _ruling(self, action: Action, cause: Cause, rule: str, now_us: int) -> Ruling:
        if action is Action.THROTTLE:
            return Ruling(action, cause, rule, retry_after_s=self._file.throttle.retry_after_s)
        if action is Action.REVIEW:
            until = now_us + int(self._file.review.hold_hours * _HOUR_US)
            return Ruling(action, cause, rule, hold_until_us=until, hold_outcome=self._file.review.outcome)
        return Ruling(action, cause, rule)
