"""Decisions after the fact: looking one up, and what becomes of a message that was held for review."""

import msgspec

from serving.decision_ids import DECISION, id_of, seq_of
from serving.problems import Problem
from serving.scoring import Scorer
from serving.turn import Turn
from serving.wire import ReviewRequest, ReviewState, StoredDecision, moment
from torwart.entities import Action
from torwart.events import Decision, MessageScored, Record, Reviewed, decode_body
from torwart.features.rows import campaigns_in

_STATES = {"release": "released", "reject": "rejected"}


def stored_decision(turn: Turn, scorer: Scorer, decision_id: str) -> StoredDecision:
    """A decision as it was made; 404 if there is none of this name."""
    record, scored, decision = _find(turn, decision_id)
    answer = scorer.answer(decision, scored.case.message_id, "new")
    return StoredDecision(
        **msgspec.structs.asdict(answer),
        sender_id=scored.case.sender.id,
        recipient_id=scored.case.recipient_id,
        decided_at=moment(record.received_at_us),
        review=_review(turn, record, decision),
    )


def review(
    turn: Turn, scorer: Scorer, decision_id: str, request: ReviewRequest, reviewer: str
) -> tuple[int, StoredDecision]:
    """A moderator releases or rejects a held message. 409 once that is decided, by whomever."""
    record, scored, decision = _find(turn, decision_id)
    state = _review(turn, record, decision)
    if state is None:
        raise Problem(
            409,
            "not_held",
            f"The action was {decision.action.value}; only a message in review can be released or rejected.",
        )
    if state.state == _STATES[request.outcome] and state.by == reviewer:
        return 200, stored_decision(turn, scorer, decision_id)
    if state.state != "held":
        raise Problem(409, "already_decided", f"The message was {state.state} by {state.by} before.")
    body = Reviewed(scored.case.message_id, decision_id, request.outcome, reviewer, request.note)
    turn.append(
        body,
        turn.now_us,
        sender_id=record.sender_id,
        recipient_id=record.recipient_id,
        campaigns=campaigns_in(record.fold),
    )
    return 200, stored_decision(turn, scorer, decision_id)


def _find(turn: Turn, decision_id: str) -> tuple[Record, MessageScored, Decision]:
    seq = seq_of(decision_id)
    record = turn.log.record(seq) if decision_id == id_of(DECISION, seq) else None
    if record is not None and record.kind == "message":
        body = decode_body(record.body)
        if isinstance(body, MessageScored) and body.decision is not None:
            return record, body, body.decision
    raise Problem(404, "decision_unknown", f"There is no decision {decision_id!r}.")


def _review(turn: Turn, record: Record, decision: Decision) -> ReviewState | None:
    """What became of a held message: a moderator's word, else the policy's once the time is over."""
    if decision.action is not Action.REVIEW or decision.hold_until_us is None:
        return None
    row = turn.log.execute(
        "SELECT outcome, reviewer, at, note FROM reviews WHERE decision_seq = ?", (record.seq,)
    ).fetchone()
    if row is not None:
        outcome, reviewer, at_us, note = row
        return ReviewState(_STATES[outcome], reviewer, moment(at_us), note)  # type: ignore[arg-type]
    if turn.now_us >= decision.hold_until_us:
        outcome = decision.hold_outcome or "reject"
        return ReviewState(_STATES[outcome], "policy", moment(decision.hold_until_us), "Nobody decided in time")  # type: ignore[arg-type]
    return ReviewState("held", None, None, "")
