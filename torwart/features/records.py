"""From an event to its line in the log, fold row included."""

from torwart.entities import DELIVERED_ACTIONS, VERIFICATION_RANK
from torwart.events import (
    KIND_NUMBER,
    Body,
    MessageScored,
    PreferenceChanged,
    Record,
    Reviewed,
    SenderChanged,
    encode_body,
    ids_of,
    kind_of,
)
from torwart.features.relationship import message_flags
from torwart.features.rows import LET_THROUGH, NO_CAMPAIGNS, RANK_SHIFT, STOPPED, pack


def record_of(
    body: Body,
    *,
    seq: int,
    received_at_us: int,
    at_us: int,
    sender_id: str = "",
    recipient_id: str = "",
    campaigns: tuple[int, ...] = NO_CAMPAIGNS,
) -> Record:
    """The log's line for ``body``, which arrived at ``received_at_us`` and happened at ``at_us`` (clamped to arrival).

    ``sender_id`` and ``recipient_id`` stand in where the body has none of its own (feedback that names its message
    only); ``campaigns`` are the keys of the message that the event is, or is about.
    """
    kind = kind_of(body)
    own_sender, own_recipient, message_id = ids_of(body)
    sender_id = own_sender or sender_id
    recipient_id = own_recipient or recipient_id
    fold = pack(
        KIND_NUMBER[kind],
        received_at_us,
        at_us,
        sender_id,
        recipient_id,
        campaigns=campaigns,
        flags=_flags(body),
    )
    return Record(
        seq=seq,
        kind=kind,
        received_at_us=received_at_us,
        at_us=min(at_us, received_at_us),
        sender_id=sender_id,
        recipient_id=recipient_id,
        message_id=message_id,
        fold=fold,
        body=encode_body(body),
    )


def _flags(body: Body) -> int:
    if isinstance(body, MessageScored):
        is_delivered = body.decision is None or body.decision.action in DELIVERED_ACTIONS
        return message_flags(body.case) | (LET_THROUGH if is_delivered else 0)
    if isinstance(body, Reviewed):
        return LET_THROUGH if body.outcome == "release" else 0
    if isinstance(body, PreferenceChanged):
        return STOPPED if body.value == "stop" else 0
    if isinstance(body, SenderChanged):
        status = body.sender.verification_status
        return 0 if status is None else (VERIFICATION_RANK[status] + 1) << RANK_SHIFT
    return 0
