"""Scoring one message: the job that a score request becomes, and the answer that its decision becomes."""

import math
from functools import cache

import msgspec
import xxhash
from msgspec import UNSET, UnsetType
from prometheus_client import Counter

from serving import metrics
from serving.decision_ids import DECISION, id_of
from serving.problems import Problem
from serving.registers import Registers, merged
from serving.turn import Memory, Turn
from serving.wire import DecisionAnswer, ModelVersion, SenderStanding, moment
from torwart.detector import Detector
from torwart.enforcement.quality import quality_rating
from torwart.entities import (
    DELIVERED_ACTIONS,
    Action,
    CanSend,
    Case,
    Categories,
    Cause,
    Consent,
    ConsentSource,
    ConsentState,
    Context,
    QualityRating,
    Reason,
    Sender,
    Verdict,
)
from torwart.events import Decision, MessageScored, Record, SenderChanged, decode_body
from torwart.features.catalogue import NAMES
from torwart.features.relationship import message_flags
from torwart.features.rows import MESSAGE, id_key, pack, pair_key, unpack
from torwart.features.vector import Prepared, vector
from torwart.policy import RESTRICTION, SUSPENSION, Circumstances, Policy, Ruling
from torwart.request import ScoreRequest, case_of

_REQUEST = msgspec.json.Encoder(order="deterministic")

_DIGITS = 6
"""How many decimals of a probability are told; the log keeps all."""

LOG_DEGRADED = "log_unreachable"
"""Named in an answer's ``degraded``: nothing was recorded."""

RULE_SENTENCES = {
    "recipient_blocked_sender": "The recipient blocks this sender",
    "recipient_opted_out": "The recipient does not want this sender's marketing",
    "sender_suspended": "The sender is suspended",
    "sender_restricted": "The sender may only answer people who wrote to it",
    "quality_red": "Too many recipients reported or blocked this sender in the last 7 days",
    "quality_yellow": "Many recipients reported or blocked this sender in the last 7 days",
    "quality_unknown": "Too few people know this sender yet",
    "quality_green": "The policy treats every sender so",
    "promotion_without_consent": "A promotion, and nobody knows that the recipient agreed to it",
    "link_imitates_brand": "A link wears a well-known name that is not its owner, in a text that reads like fraud",
    "log_out_of_reach": "The message cannot be held for review now; it may be sent again later",
}
"""What a rule's name means, for a person."""


def request_hash(request: ScoreRequest) -> str:
    """The same for two requests exactly if they say the same, however their JSON was written."""
    asks_more = request.dry_run or request.with_features
    said = msgspec.structs.replace(request, dry_run=False, with_features=False) if asks_more else request
    return xxhash.xxh3_128_hexdigest(_REQUEST.encode(said))


def weightier(given: Consent | None, recorded: Consent | None) -> Consent | None:
    """Of what the caller said and what the messenger recorded before, what counts: a record of the messenger's is not
    undone by a sender's claim, nor by somebody who does not know."""
    if given is None or recorded is None:
        return given or recorded
    is_record = recorded.source is ConsentSource.MESSENGER and recorded.state is not ConsentState.UNKNOWN
    says_nothing = given.source is not ConsentSource.MESSENGER or given.state is ConsentState.UNKNOWN
    return recorded if is_record and says_nothing else given


@cache
def _count(action: Action, cause: Cause) -> Counter:
    return metrics.DECISIONS.labels(action.value, cause.value)


class Scorer:
    """Model and policy together: from a case and what is in memory to a decision."""

    def __init__(self, detector: Detector, policy: Policy) -> None:
        self.detector = detector
        self.policy = policy
        self.model = ModelVersion(detector.name, detector.version)

    def complete(self, given: Case, registers: Registers) -> Case:
        """``given`` with the stored profile and the recorded consent where the caller said nothing."""
        stored = registers.senders.get(given.sender.id)
        consent = weightier(
            given.context.consent, registers.consents.get(pair_key(given.sender.id, given.recipient_id))
        )
        if stored is None and consent is given.context.consent:
            return given
        context = Context(consent=consent, last_user_message_at_us=given.context.last_user_message_at_us)
        return Case(
            message_id=given.message_id,
            sent_at_us=given.sent_at_us,
            sender=merged(given.sender, stored),
            recipient_id=given.recipient_id,
            message=given.message,
            context=context,
        )

    def standing(self, memory: Memory, sender_id: str, now_us: int) -> tuple[QualityRating, str, CanSend]:
        """Quality rating, measure in force (or empty) and whether the sender can send."""
        feedback = memory.state.feedback(id_key(sender_id), now_us)
        quality = quality_rating(feedback.recipients, feedback.reporters, feedback.blocks)
        enforced = memory.registers.enforcements.get(sender_id)
        measure = ""
        if enforced is not None and (enforced.until_us is None or enforced.until_us > now_us):
            measure = enforced.measure
        if measure == SUSPENSION:
            return quality, measure, CanSend.BLOCKED
        limited = measure == RESTRICTION or quality is QualityRating.RED
        return quality, measure, CanSend.LIMITED if limited else CanSend.AVAILABLE

    def decide(
        self,
        case: Case,
        prepared: Prepared,
        memory: Memory,
        now_us: int,
        *,
        decision_id: str = "",
        recorded: bool = True,
    ) -> tuple[Decision, bytes]:
        """The decision on a case as of what is in memory, and the message's fold row. ``recorded``: whether there is a
        log to hold messages in."""
        fold = pack(
            MESSAGE,
            now_us,
            case.sent_at_us,
            case.sender.id,
            case.recipient_id,
            campaigns=prepared.campaigns,
            flags=message_flags(case),
        )
        folded = memory.state.read(unpack(fold), prepared.last_user_message_us)
        in_service_window = bool(folded[0])
        verdict = self.detector.judge(prepared, folded)
        quality, measure, can_send = self.standing(memory, case.sender.id, now_us)
        pair = pair_key(case.sender.id, case.recipient_id)
        consent = case.consent_state
        ruling = self.policy.decide(
            Circumstances(
                score=verdict.score,
                fraud=verdict.score * verdict.fraud_given_unwanted,
                now_us=now_us,
                blocked_by_recipient=pair in memory.registers.blocked,
                stopped_by_recipient=pair in memory.registers.stopped or consent is ConsentState.OPTED_OUT,
                category=case.message.category,
                promotional=prepared.promotional,
                fraudulent=prepared.fraudulent,
                imitates_brand=prepared.imitates_brand,
                sender_verified=case.sender.is_verified,
                has_consent=consent is ConsentState.OPTED_IN,
                in_service_window=in_service_window,
                waited_us=memory.state.waited_us(pair, now_us),
                measure=measure,
                quality=quality,
            )
        )
        degraded: tuple[str, ...] = ()
        if not recorded:
            ruling = self.policy.without_log(ruling, now_us)
            degraded = (LOG_DEGRADED,)
        return self._decision(decision_id, ruling, verdict, quality, can_send, memory.seq, degraded), fold

    def features(self, case: Case, prepared: Prepared, memory: Memory, now_us: int) -> dict[str, float | None]:
        """Every feature of a case by its name as of what is in memory, None where it is missing."""
        fold = pack(MESSAGE, now_us, case.sent_at_us, case.sender.id, case.recipient_id, campaigns=prepared.campaigns)
        values = vector(prepared, memory.state.read(unpack(fold), prepared.last_user_message_us)).tolist()
        return {name: None if math.isnan(value) else value for name, value in zip(NAMES, values, strict=True)}

    def _decision(
        self,
        decision_id: str,
        ruling: Ruling,
        verdict: Verdict,
        quality: QualityRating,
        can_send: CanSend,
        as_of_seq: int,
        degraded: tuple[str, ...],
    ) -> Decision:
        reasons = verdict.reasons
        if ruling.rule:
            reasons = (Reason(ruling.rule, "raises", 0.0, RULE_SENTENCES[ruling.rule]), *reasons)
        return Decision(
            decision_id=decision_id,
            score=verdict.score,
            fraud_given_unwanted=verdict.fraud_given_unwanted,
            action=ruling.action,
            cause=ruling.cause,
            reasons=reasons,
            model_version=self.model.version,
            policy_version=self.policy.version,
            as_of_seq=as_of_seq,
            quality_rating=quality,
            can_send_message=can_send,
            retry_after_s=ruling.retry_after_s,
            hold_until_us=ruling.hold_until_us,
            hold_outcome=ruling.hold_outcome,
            degraded=degraded,
        )

    def answer(
        self,
        decision: Decision,
        message_id: str,
        status: str,
        features: dict[str, float | None] | UnsetType = UNSET,
    ) -> DecisionAnswer:
        """What the caller is told of a decision."""
        fraud = round(decision.score * decision.fraud_given_unwanted, _DIGITS)
        score = round(decision.score, _DIGITS)
        return DecisionAnswer(
            decision_id=decision.decision_id or None,
            message_id=message_id,
            status=status,  # type: ignore[arg-type]
            action=decision.action,
            cause=decision.cause,
            score=score,
            categories=Categories(round(1.0 - score, _DIGITS), round(score - fraud, _DIGITS), fraud),
            reasons=decision.reasons,
            sender=SenderStanding(decision.quality_rating, CanSend(decision.can_send_message)),
            retry_after_s=decision.retry_after_s,
            hold_until=None if decision.hold_until_us is None else moment(decision.hold_until_us),
            model=ModelVersion(self.model.name, decision.model_version),
            policy_version=decision.policy_version,
            as_of_seq=decision.as_of_seq,
            degraded=decision.degraded,
            features=features,
        )


class ScoreJob:
    """One score request at the log."""

    __slots__ = (
        "_case",
        "_consent",
        "_dry_run",
        "_given",
        "_hash",
        "_pair",
        "_prepared",
        "_scorer",
        "_sender",
        "_with_features",
        "message_id",
    )

    def __init__(self, scorer: Scorer, request: ScoreRequest, registers: Registers, now_us: int) -> None:
        """Do everything that needs no turn at the log. Raises ``PayloadError``."""
        self._scorer = scorer
        self._given = case_of(request, registers.template)
        self._hash = request_hash(request)
        self._dry_run = request.dry_run
        self._with_features = request.with_features
        self.message_id = request.message_id
        self._pair = pair_key(self._given.sender.id, self._given.recipient_id)
        self._prepare(registers, now_us)

    def _prepare(self, registers: Registers, now_us: int) -> None:
        self._sender = registers.senders.get(self._given.sender.id)
        self._consent = registers.consents.get(self._pair)
        self._case = self._scorer.complete(self._given, registers)
        self._prepared = self._scorer.detector.prepare(self._case, now_us)

    def _is_stale(self, registers: Registers, now_us: int) -> bool:
        """Whether something that the preparation read has changed since."""
        return (
            self._prepared.now_us != now_us
            or registers.senders.get(self._given.sender.id) is not self._sender
            or registers.consents.get(self._pair) is not self._consent
        )

    def run(self, turn: Turn) -> DecisionAnswer:
        """Decide and record, or repeat what was decided for this message before."""
        earlier = turn.message(self.message_id)
        if earlier is not None:
            return self._repeat(earlier)
        memory = turn.memory
        now_us = turn.arrive(self._prepared.now_us)
        if self._is_stale(memory.registers, now_us):
            self._prepare(memory.registers, now_us)
        if self._dry_run:
            features = self._features(memory, now_us)
            decision, _ = self._scorer.decide(self._case, self._prepared, memory, now_us)
            return self._scorer.answer(decision, self.message_id, "dry_run", features)
        if self._sender is None and has_profile(self._given.sender):
            turn.append(SenderChanged(self._given.sender), now_us)
        features = self._features(memory, now_us)
        decision_id = id_of(DECISION, memory.seq + 1)
        decision, fold = self._scorer.decide(self._case, self._prepared, memory, now_us, decision_id=decision_id)
        turn.append_message(MessageScored(self._case, decision, self._hash), fold, decision.action in DELIVERED_ACTIONS)
        _count(decision.action, decision.cause).inc()
        return self._scorer.answer(decision, self.message_id, "new", features)

    def _features(self, memory: Memory, now_us: int) -> dict[str, float | None] | UnsetType:
        return self._scorer.features(self._case, self._prepared, memory, now_us) if self._with_features else UNSET

    def run_degraded(self, memory: Memory, now_us: int, trouble: str) -> DecisionAnswer:  # noqa: ARG002
        """Decide from memory, without recording."""
        decision, _ = self._scorer.decide(self._case, self._prepared, memory, now_us, recorded=False)
        return self._scorer.answer(decision, self.message_id, "unrecorded")

    def _repeat(self, earlier: Record) -> DecisionAnswer:
        body = decode_body(earlier.body)
        if not isinstance(body, MessageScored) or body.decision is None or body.request_hash != self._hash:
            raise Problem(
                409,
                "message_id_reused",
                f"Message {self.message_id!r} was scored before with another body. "
                "Repeat the very same request, or give a new message its own message_id.",
            )
        return self._scorer.answer(body.decision, self.message_id, "repeated")


def has_profile(sender: Sender) -> bool:
    """Whether anything but the id is known."""
    return any(value is not None for name, value in msgspec.structs.asdict(sender).items() if name != "id")
