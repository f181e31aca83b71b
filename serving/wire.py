"""The API's own words: what requests and answers look like. They are also the schemas of ``/openapi.json``."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from serving.problems import invalid
from torwart.entities import (
    AccountSize,
    Action,
    CanSend,
    Categories,
    Cause,
    QualityRating,
    Reason,
    VerificationStatus,
)
from torwart.request import EPOCH, ConsentGiven, Id, MessageId, RequestError, SenderProfile, Time, microseconds

Text = Annotated[str, Meta(max_length=2_000)]


def micros(time: datetime, pointer: str) -> int:
    """µs since 1970, exactly; a time outside 1970 to 2100 is a problem at ``pointer``."""
    try:
        return microseconds(time, pointer)
    except RequestError as error:
        raise invalid(error.pointer, error.detail) from error


def moment(micros_since_epoch: int) -> datetime:
    """The inverse of :func:`micros`."""
    return EPOCH + timedelta(microseconds=micros_since_epoch)


class SenderStanding(Struct, frozen=True):
    """How the sender stands with its recipients."""

    quality_rating: QualityRating
    can_send_message: CanSend


class ModelVersion(Struct, frozen=True):
    """Which model answered."""

    name: str
    version: str


class DecisionAnswer(Struct, frozen=True, kw_only=True):
    """What to do with a message, and why."""

    decision_id: str | None
    message_id: str
    status: Literal["new", "repeated", "dry_run", "unrecorded"]
    action: Action
    cause: Cause
    score: float
    categories: Categories
    reasons: tuple[Reason, ...]
    sender: SenderStanding
    retry_after_s: int | None
    hold_until: datetime | None
    model: ModelVersion
    policy_version: str
    as_of_seq: int
    degraded: tuple[str, ...]
    features: dict[str, float | None] | UnsetType = UNSET
    """What the model saw, null for what was missing; only where a new decision was asked with ``with_features``."""


class ScoreBatch(Struct, frozen=True):
    """Messages to score in order: each sees the ones before it."""

    items: Annotated[list[Any], Meta(min_length=1, max_length=1_000)]


class ScoreBatchAnswer(Struct, frozen=True):
    """One answer an item, in order: a decision, or a problem where the item was wrong."""

    items: list[Any]


class SenderUpdate(SenderProfile, frozen=True, kw_only=True):
    """A sender's whole profile. Without ``updated_at`` it is the newest there is."""

    updated_at: Time | None = None


class SenderAnswer(Struct, frozen=True, kw_only=True):
    """A stored profile and how the sender stands."""

    id: str
    display_name: str | None
    verification_status: VerificationStatus | None
    verified_at: datetime | None
    account_size: AccountSize | None
    created_at: datetime | None
    website: str | None
    portfolio_id: str | None
    updated_at: datetime | None
    quality_rating: QualityRating
    can_send_message: CanSend


class ReportRequest(Struct, frozen=True, kw_only=True):
    """A person pressed *report*: on a message, or on a sender."""

    message_id: MessageId | None = None
    sender_id: Id | None = None
    recipient_id: Id | None = None
    reason: Text = ""
    reported_at: Time | None = None


class ReportAnswer(Struct, frozen=True, kw_only=True):
    """A report was taken in. ``resolved`` says whether the message it names is known."""

    report_id: str
    resolved: bool
    sender_id: str | None
    recipient_id: str | None


class BlockRequest(Struct, frozen=True, kw_only=True):
    """A person pressed *block*. Everything is optional."""

    reason: Text = ""
    blocked_at: Time | None = None


class BlockAnswer(Struct, frozen=True, kw_only=True):
    """Whether a person blocks a sender."""

    sender_id: str
    recipient_id: str
    blocked: bool
    since: datetime | None


class DeliveryEvent(Struct, frozen=True, tag_field="type", tag="delivery"):
    """The recipient's device has the message."""

    message_id: MessageId
    at: Time | None = None


class ReadEvent(Struct, frozen=True, tag_field="type", tag="read"):
    """The recipient opened the message."""

    message_id: MessageId
    at: Time | None = None


class ReplyEvent(Struct, frozen=True, tag_field="type", tag="reply"):
    """The recipient wrote to the sender: opens the 24 h service window."""

    sender_id: Id
    recipient_id: Id
    message_id: MessageId | None = None
    at: Time | None = None


class PreferenceEvent(Struct, frozen=True, tag_field="type", tag="preference"):
    """The recipient said ``stop`` to the sender's marketing, or ``resume``."""

    sender_id: Id
    recipient_id: Id
    value: Literal["stop", "resume"]
    at: Time | None = None


class ConsentEvent(Struct, frozen=True, tag_field="type", tag="consent"):
    """What the messenger recorded that the recipient agrees to. It serves every later message of this sender to this
    recipient that comes without a consent of its own."""

    sender_id: Id
    recipient_id: Id
    consent: ConsentGiven
    at: Time | None = None


class LabelEvent(Struct, frozen=True, tag_field="type", tag="label"):
    """What a message truly was, said by somebody who knows. Needs the scope ``moderate``."""

    message_id: MessageId
    label: Literal["wanted", "unsolicited", "fraud"]
    by: Literal["moderator", "appeal", "audit"]
    at: Time | None = None


class EnforcementEvent(Struct, frozen=True, tag_field="type", tag="enforcement"):
    """What a sender is subject to from now on. Needs the scope ``moderate``."""

    sender_id: Id
    measure: Literal["suspension", "restriction", "none"]
    cause: Annotated[str, Meta(min_length=1, max_length=2_000)]
    until: Time | None = None
    at: Time | None = None


AnyEvent = DeliveryEvent | ReadEvent | ReplyEvent | PreferenceEvent | ConsentEvent | LabelEvent | EnforcementEvent


class EventBatch(Struct, frozen=True):
    """What else the messenger knows, in order. All of it is stored, or, if anything is wrong, nothing."""

    events: Annotated[list[AnyEvent], Meta(min_length=1, max_length=1_000)]


class EventsAnswer(Struct, frozen=True):
    """How many events were taken in, how many named a message that is not known, and the last one's place."""

    accepted: int
    unresolved: int
    last_seq: int


class ReviewRequest(Struct, frozen=True):
    """What a moderator decides about a held message."""

    outcome: Literal["release", "reject"]
    note: Text = ""


class ReviewState(Struct, frozen=True):
    """A held message: still ``held``, or what became of it; ``by`` is a moderator's key, or ``policy`` on expiry."""

    state: Literal["held", "released", "rejected"]
    by: str | None
    at: datetime | None
    note: str


class StoredDecision(DecisionAnswer, frozen=True, kw_only=True):
    """A decision as it was made, and, if it held the message, what became of it."""

    sender_id: str
    recipient_id: str
    decided_at: datetime
    review: ReviewState | None


class TemplateDefinition(Struct, frozen=True):
    """A template in the WhatsApp Cloud API's own form; unknown members are kept."""

    name: Annotated[str, Meta(min_length=1, max_length=512)]
    language: Annotated[str, Meta(min_length=1, max_length=32)]
    components: list[dict[str, Any]]
    category: str | UnsetType = UNSET


class TemplateAnswer(Struct, frozen=True):
    """A stored template."""

    id: str
    name: str
    language: str
    category: str
    definition: dict[str, Any]


class ModelAnswer(Struct, frozen=True):
    """The model and the policy that answer now."""

    name: str
    version: str
    created_at: str
    catalogue_hash: str
    features: int
    text_threshold: float
    policy_version: str
    metrics: dict[str, Any]


class Health(Struct, frozen=True):
    """Whether the service is alive (``ok``), or ready to score with recording."""

    status: Literal["ok", "degraded"]
    seq: int
    detail: str = ""


def _choices() -> dict[str, tuple[str, ...]]:
    """The values of every member, by its name, that takes only certain ones."""
    found = {"type": tuple(str(kind.__struct_config__.tag) for kind in get_args(AnyEvent))}
    for kind in (*get_args(AnyEvent), ReviewRequest):
        for field in msgspec.structs.fields(kind):
            if get_origin(field.type) is Literal:
                found[field.encode_name] = get_args(field.type)
    return found


CHOICES = _choices()
