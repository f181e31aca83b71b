"""The event log's vocabulary: everything that happens is one of these, in one order.

An event is stored as a :class:`Record`: its place in the log (``seq``), the two times, the ids it is looked up by, the
fold row (what the folds need, see ``features/rows.py``) and the body, one of the structs below as JSON. The server's
log and the offline Parquet files hold the same records, so that both are read by the same code.
"""

from typing import Final

import msgspec
from msgspec import Struct

from torwart.entities import Action, Case, Cause, Consent, JsonObject, QualityRating, Reason, Sender

SCHEMA_VERSION: Final = 3
"""Raised when a body changes in a way that old readers would misread; new optional fields do not raise it."""


class Decision(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was answered for one message, with everything needed to understand it later."""

    decision_id: str
    score: float
    fraud_given_unwanted: float
    action: Action
    cause: Cause
    reasons: tuple[Reason, ...]
    model_version: str
    policy_version: str
    as_of_seq: int
    quality_rating: QualityRating = QualityRating.UNKNOWN
    can_send_message: str = "AVAILABLE"
    retry_after_s: int | None = None
    hold_until_us: int | None = None
    hold_outcome: str | None = None
    degraded: tuple[str, ...] = ()


class SenderChanged(Struct, frozen=True, tag="sender"):
    """A sender's profile was set; ``sender`` is the whole new profile."""

    sender: Sender


class MessageScored(Struct, frozen=True, tag="message", omit_defaults=True):
    """A message was attempted. ``case.sender`` is the profile that served the decision; without a ``decision`` nobody
    judged it (a simulated or imported log). ``request_hash`` tells a repeat from a conflict."""

    case: Case
    decision: Decision | None = None
    request_hash: str = ""


class Delivered(Struct, frozen=True, tag="delivery"):
    """The messenger handed the message to the recipient's device."""

    message_id: str


class Read(Struct, frozen=True, tag="read"):
    """The recipient opened the message."""

    message_id: str


class Replied(Struct, frozen=True, tag="reply"):
    """The recipient wrote to the sender (in answer to ``message_id``, if it is known which)."""

    sender_id: str
    recipient_id: str
    message_id: str = ""


class Reported(Struct, frozen=True, tag="report", omit_defaults=True):
    """The recipient pressed *report*. Sender and recipient are empty when only an unknown message was named."""

    sender_id: str
    recipient_id: str
    message_id: str = ""
    reason: str = ""


class Blocked(Struct, frozen=True, tag="block", omit_defaults=True):
    """The recipient pressed *block*."""

    sender_id: str
    recipient_id: str
    reason: str = ""


class Unblocked(Struct, frozen=True, tag="unblock"):
    """The recipient took a block back."""

    sender_id: str
    recipient_id: str


class PreferenceChanged(Struct, frozen=True, tag="preference"):
    """The recipient said ``stop`` to a sender's marketing, or ``resume``."""

    sender_id: str
    recipient_id: str
    value: str


class ConsentChanged(Struct, frozen=True, tag="consent"):
    """The messenger recorded what the recipient agrees to."""

    sender_id: str
    recipient_id: str
    consent: Consent


class Labelled(Struct, frozen=True, tag="label", omit_defaults=True):
    """Somebody who knows said what a message truly was: ``wanted``, ``unsolicited`` or ``fraud``."""

    message_id: str
    label: str
    by: str


class Enforced(Struct, frozen=True, tag="enforcement", omit_defaults=True):
    """What a sender is subject to from now on: ``suspension``, ``restriction`` or ``none``, until a time or lifted."""

    sender_id: str
    measure: str
    cause: str
    until_us: int | None = None


class Reviewed(Struct, frozen=True, tag="review", omit_defaults=True):
    """A held message was released or rejected, by a moderator."""

    message_id: str
    decision_id: str
    outcome: str
    by: str
    note: str = ""


class TemplateChanged(Struct, frozen=True, tag="template"):
    """A template definition was set, in the wire's own form."""

    template_id: str
    name: str
    language: str
    definition: JsonObject


Body = (
    SenderChanged
    | MessageScored
    | Delivered
    | Read
    | Replied
    | Reported
    | Blocked
    | Unblocked
    | PreferenceChanged
    | ConsentChanged
    | Labelled
    | Enforced
    | Reviewed
    | TemplateChanged
)

KINDS: Final[tuple[str, ...]] = (
    "sender",
    "message",
    "delivery",
    "read",
    "reply",
    "report",
    "block",
    "unblock",
    "preference",
    "consent",
    "label",
    "enforcement",
    "review",
    "template",
)
"""Every kind of event. The position + 1 is the kind's number in a fold row and never changes."""

KIND_NUMBER: Final[dict[str, int]] = {kind: number for number, kind in enumerate(KINDS, start=1)}


class Record(Struct, frozen=True):
    """One line of the log. ``seq`` counts from 1 in order of commit; ``received_at_us`` never decreases with it;
    ``at_us`` is the event's own time, at most ``received_at_us``. Ids are empty where the event has none."""

    seq: int
    kind: str
    received_at_us: int
    at_us: int
    sender_id: str
    recipient_id: str
    message_id: str
    fold: bytes
    body: bytes


_BODY_ENCODER = msgspec.json.Encoder()
_BODY_DECODER: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)


def encode_body(body: Body) -> bytes:
    """The body as JSON with its kind under ``type``."""
    return _BODY_ENCODER.encode(body)


def decode_body(data: bytes) -> Body:
    """The inverse of :func:`encode_body`; raises ``msgspec.ValidationError`` for anything else."""
    return _BODY_DECODER.decode(data)


def kind_of(body: Body) -> str:
    """The event's kind, one of :data:`KINDS`."""
    return str(body.__struct_config__.tag)


def ids_of(body: Body) -> tuple[str, str, str]:
    """Sender, recipient and message id of an event, empty where it has none."""
    if isinstance(body, MessageScored):
        return body.case.sender.id, body.case.recipient_id, body.case.message_id
    if isinstance(body, SenderChanged):
        return body.sender.id, "", ""
    return getattr(body, "sender_id", ""), getattr(body, "recipient_id", ""), getattr(body, "message_id", "")
