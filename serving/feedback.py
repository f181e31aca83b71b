"""What recipients and the messenger say back: reports, blocks, and everything else that happens."""

from serving import metrics
from serving.decision_ids import REPORT, id_of
from serving.problems import Fault, Problem, invalid
from serving.turn import Turn
from serving.wire import (
    AnyEvent,
    BlockAnswer,
    BlockRequest,
    ConsentEvent,
    DeliveryEvent,
    EnforcementEvent,
    EventBatch,
    EventsAnswer,
    LabelEvent,
    PreferenceEvent,
    ReadEvent,
    ReplyEvent,
    ReportAnswer,
    ReportRequest,
    micros,
    moment,
)
from torwart.events import (
    Blocked,
    Body,
    ConsentChanged,
    Delivered,
    Enforced,
    Labelled,
    PreferenceChanged,
    Read,
    Replied,
    Reported,
    Unblocked,
)
from torwart.features.rows import pair_key
from torwart.request import RequestError, consent_of


def report(turn: Turn, request: ReportRequest) -> tuple[int, ReportAnswer]:
    """Take in one press of the report button. A report about a message nobody knows is kept all the same."""
    sender_id, recipient_id = request.sender_id or "", request.recipient_id or ""
    if request.message_id is None and not (sender_id and recipient_id):
        raise invalid("", "expected message_id, or sender_id and recipient_id")
    message = turn.message(request.message_id) if request.message_id else None
    if message is not None:
        for name, given, known in (
            ("sender_id", sender_id, message.sender_id),
            ("recipient_id", recipient_id, message.recipient_id),
        ):
            if given and given != known:
                raise invalid(f"/{name}", f"this message has another {name}; leave it out, or name the right message")
        sender_id, recipient_id = message.sender_id, message.recipient_id
    at_us = turn.now_us if request.reported_at is None else micros(request.reported_at, "/reported_at")
    body = Reported(sender_id, recipient_id, request.message_id or "", request.reason)
    record = turn.append(body, at_us, campaigns=turn.campaigns_of(message))
    metrics.EVENTS.labels("report").inc()
    return 201, ReportAnswer(
        report_id=id_of(REPORT, record.seq),
        resolved=message is not None,
        sender_id=sender_id or None,
        recipient_id=recipient_id or None,
    )


def block(turn: Turn, recipient_id: str, sender_id: str, request: BlockRequest) -> tuple[int, BlockAnswer]:
    """The recipient blocks the sender; blocking twice changes nothing."""
    if pair_key(sender_id, recipient_id) not in turn.memory.registers.blocked:
        at_us = turn.now_us if request.blocked_at is None else micros(request.blocked_at, "/blocked_at")
        turn.append(Blocked(sender_id, recipient_id, request.reason), at_us)
        metrics.EVENTS.labels("block").inc()
    return 200, block_state(turn, recipient_id, sender_id)


def unblock(turn: Turn, recipient_id: str, sender_id: str) -> tuple[int, BlockAnswer]:
    """The recipient takes a block back; doing so twice changes nothing."""
    if pair_key(sender_id, recipient_id) in turn.memory.registers.blocked:
        turn.append(Unblocked(sender_id, recipient_id), turn.now_us)
        metrics.EVENTS.labels("unblock").inc()
    return 200, block_state(turn, recipient_id, sender_id)


def block_state(turn: Turn, recipient_id: str, sender_id: str) -> BlockAnswer:
    """Whether the recipient blocks the sender, and since when."""
    row = turn.log.execute(
        "SELECT since FROM blocks WHERE sender_id = ? AND recipient_id = ?", (sender_id, recipient_id)
    ).fetchone()
    return BlockAnswer(
        sender_id=sender_id,
        recipient_id=recipient_id,
        blocked=row is not None,
        since=None if row is None else moment(row[0]),
    )


def events(turn: Turn, batch: EventBatch, *, may_moderate: bool) -> tuple[int, EventsAnswer]:
    """Take in a batch of events, in order: all of them, or none."""
    refused = tuple(
        Fault(f"/events/{index}/type", "this kind of event needs a key with the scope moderate")
        for index, event in enumerate(batch.events)
        if isinstance(event, LabelEvent | EnforcementEvent) and not may_moderate
    )
    if refused:
        raise Problem(403, "missing_scope", "The key lacks the scope moderate; see errors.", errors=refused)
    bodies = [
        (
            _body_of(event, f"/events/{index}"),
            turn.now_us if event.at is None else micros(event.at, f"/events/{index}/at"),
        )
        for index, event in enumerate(batch.events)
    ]
    strangers = tuple(
        Fault(f"/events/{index}/message_id", "this message passed between other people; name the right one, or none")
        for index, event in enumerate(batch.events)
        if isinstance(event, ReplyEvent)
        and event.message_id
        and (message := turn.message(event.message_id)) is not None
        and (message.sender_id, message.recipient_id) != (event.sender_id, event.recipient_id)
    )
    if strangers:
        raise Problem(422, "invalid_request", "The request does not fit; see errors.", errors=strangers)
    unresolved = 0
    for event, (body, at_us) in zip(batch.events, bodies, strict=True):
        message_id = getattr(event, "message_id", None)
        message = turn.message(message_id) if message_id else None
        if message_id and message is None:
            unresolved += 1
        turn.append(
            body,
            at_us,
            sender_id="" if message is None else message.sender_id,
            recipient_id="" if message is None else message.recipient_id,
            campaigns=turn.campaigns_of(message),
        )
        metrics.EVENTS.labels(str(event.__struct_config__.tag)).inc()
    return 202, EventsAnswer(accepted=len(batch.events), unresolved=unresolved, last_seq=turn.memory.seq)


def _body_of(event: AnyEvent, pointer: str) -> Body:
    match event:
        case DeliveryEvent():
            return Delivered(event.message_id)
        case ReadEvent():
            return Read(event.message_id)
        case ReplyEvent():
            return Replied(event.sender_id, event.recipient_id, event.message_id or "")
        case PreferenceEvent():
            return PreferenceChanged(event.sender_id, event.recipient_id, event.value)
        case ConsentEvent():
            try:
                consent = consent_of(event.consent, f"{pointer}/consent")
            except RequestError as error:
                raise invalid(error.pointer, error.detail) from error
            return ConsentChanged(event.sender_id, event.recipient_id, consent)
        case LabelEvent():
            return Labelled(event.message_id, event.label, event.by)
        case EnforcementEvent():
            until_us = None if event.until is None else micros(event.until, f"{pointer}/until")
            return Enforced(event.sender_id, event.measure, event.cause, until_us)
