"""Torwart as a gate: the same core functions that the server puts together, and a provisional restriction."""

from collections import defaultdict
from typing import Final

from msgspec.structs import replace

from torwart.detector import Detector, circumstances
from torwart.enforcement.quality import quality_rating
from torwart.enforcement.restriction import (
    REFUSED_FROM,
    Judged,
    Lifted,
    Standing,
    advance,
    is_believed,
    is_restricted,
)
from torwart.entities import DELIVERED_ACTIONS, Action, Case, Cause, Message, QualityRating
from torwart.events import Blocked, Body, Enforced, Record, Reported
from torwart.features.relationship import consent_flag
from torwart.features.rows import RECORDED_CONSENT, Rows, id_key, let_through, pair_key, unpack
from torwart.features.state import FoldState
from torwart.features.vector import Prepared
from torwart.policy import Circumstances, Policy, Ruling
from training.loop.gates import Defence, Measure

_MILD: Final = frozenset({Action.LABEL, Action.THROTTLE})
_STOPPED: Final = Ruling(Action.BLOCK, Cause.ENFORCEMENT, "sender_restricted")


class Keeper(Defence):
    """Model, policy, history and restriction together. ``withheld``: as if the messenger could not see the texts."""

    reads_text = True

    def __init__(self, detector: Detector, policy: Policy, *, withheld: bool = False) -> None:
        super().__init__()
        self._detector = detector
        self._policy = policy
        self._withheld = withheld
        self._state = FoldState()
        self._unreported = FoldState()
        """The same without anybody's reports and blocks: a restriction must not rest on them."""
        self._written_to: defaultdict[str, set[str]] = defaultdict(set)
        self._presses: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        self._standings: dict[str, Standing] = {}

    def judge(self, case: Case, record: Record, *, blocked: bool) -> Ruling:
        """What the server would decide, under the restriction that the sender is subject to."""
        sender_id, now_us = case.sender.id, record.received_at_us
        if self._withheld:
            case = replace(case, message=_withheld(case.message))
        prepared = self._detector.prepare(case, now_us)
        given = self._circumstances(self._state, case, prepared, record)
        given = given._replace(blocked_by_recipient=blocked, quality=self._quality(sender_id, now_us))
        waited_us = self._state.waited_us(pair_key(sender_id, case.recipient_id), now_us)
        ruling = self._policy.decide(given._replace(waited_us=waited_us))
        if ruling.cause is not Cause.RECIPIENT:
            fraud = self._circumstances(self._unreported, case, prepared, record).fraud
            self._weigh(sender_id, Judged(now_us, fraud))
            is_asked_for = consent_flag(case) == RECORDED_CONSENT or given.in_service_window
            # The policy would have slowed it down, and may have done so already.
            is_slow = self._policy.decide(given).action is Action.THROTTLE and ruling.action in _MILD
            may_stop = is_slow and fraud >= REFUSED_FROM and not is_asked_for
            if may_stop and is_restricted(self._standing(sender_id), now_us):
                ruling = _STOPPED
        delivered = ruling.action in DELIVERED_ACTIONS
        if delivered:
            self._written_to[sender_id].add(case.recipient_id)
        row = self._row(let_through(record.fold, delivered))
        self._state.advance(row)
        self._unreported.advance(row)
        return ruling

    def follow(self, record: Record, body: Body) -> None:
        """Fold every event into what is known, but for presses of a button that are not believed."""
        sender_id, now_us = record.sender_id, record.received_at_us
        if isinstance(body, Enforced):
            self._standings[sender_id], _ = advance(self._standing(sender_id), Lifted(now_us))
        row, is_press = self._row(record.fold), isinstance(body, Reported | Blocked)
        if not is_press or self._believes(record):
            self._state.advance(row)
        if not is_press:
            self._unreported.advance(row)

    def _circumstances(self, state: FoldState, case: Case, prepared: Prepared, record: Record) -> Circumstances:
        folded = state.read(self._row(record.fold), prepared.last_user_message_us)
        return circumstances(case, prepared, folded, self._detector.judge(prepared, folded, with_reasons=False))

    def _believes(self, record: Record) -> bool:
        """Whether a report or block counts; it is remembered if it does."""
        sender_id, person, now_us = record.sender_id, record.recipient_id, record.received_at_us
        presses = self._presses[sender_id, record.kind]
        if person in presses:
            return True
        recipients = self._state.feedback(id_key(sender_id), now_us).recipients
        if person not in self._written_to[sender_id] or not is_believed(list(presses.values()), now_us, recipients):
            return False
        presses[person] = now_us
        return True

    def _weigh(self, sender_id: str, judged: Judged) -> None:
        """Let the sender's standing follow what the model made of a message."""
        self._standings[sender_id], begun = advance(self._standing(sender_id), judged)
        if begun is not None:
            self.measures.append(Measure(sender_id, begun.cause, begun.start_us, begun.end_us))

    def _standing(self, sender_id: str) -> Standing:
        return self._standings.get(sender_id, _NOBODY)

    def _quality(self, sender_id: str, now_us: int) -> QualityRating:
        feedback = self._state.feedback(id_key(sender_id), now_us)
        return quality_rating(feedback.recipients, feedback.reporters, feedback.blocks)

    def _row(self, fold: bytes) -> Rows:
        """The fold row; without texts there are no fingerprints."""
        row = unpack(fold)
        if self._withheld:
            row = row.copy()
            row["campaigns"] = 0
        return row


_NOBODY: Final = Standing()


def _withheld(message: Message) -> Message:
    """What is left of a message that is encrypted from end to end: its type."""
    return Message(type=message.type, text_withheld=True)
