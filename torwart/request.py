"""What is asked of Torwart: one message to judge, as JSON or as a row of a table.

The structs are the schema of ``POST /v1/score``. Enumerations are open-ended: a value that is not known here is read as
*unknown*, so that a messenger may add one without being refused.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from torwart.entities import (
    AccountSize,
    Case,
    Consent,
    ConsentSource,
    ConsentState,
    Context,
    Sender,
    VerificationStatus,
)
from torwart.payload import PayloadError, TemplateLookup, parse_message

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

MAX_ID: Final = 256
"""Characters that an id may have."""


class RequestError(ValueError):
    """A request that cannot be understood.

    ``pointer`` is an RFC 6901 JSON pointer to what is wrong (empty: the whole), ``detail`` a sentence about it.
    """

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(pointer, detail)
        self.pointer = pointer
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


class NotJsonError(RequestError):
    """A body that is not JSON at all."""


ID_PATTERN: Final = r"^[^/\x00-\x1f\x7f\ufffd]+$"
"""Ids of senders and recipients stand in paths and are joined to keys: no slash, no control characters."""

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID, pattern=ID_PATTERN)]
MessageId = Annotated[str, Meta(min_length=1, max_length=MAX_ID, pattern=r"^[^\x00-\x1f\x7f]+$")]
Time = Annotated[
    datetime,
    Meta(tz=True, description="RFC 3339 with a zone, from 1970 to 2100.", examples=["2026-11-22T10:00:00Z"]),
]


class SenderProfile(Struct, frozen=True, kw_only=True):
    """What the messenger knows about a business account. Leave out, or send null for, what is not known."""

    display_name: Annotated[str, Meta(max_length=512, examples=["Lufthansa"])] | None = None
    verification_status: (
        Annotated[
            str,
            Meta(
                max_length=64,
                description="not_verified, pending, verified, official or revoked; anything else counts as unknown.",
                examples=["verified"],
            ),
        ]
        | None
    ) = None
    verified_at: Time | None = None
    account_size: (
        Annotated[
            str,
            Meta(max_length=64, description="small or medium; anything else counts as unknown.", examples=["medium"]),
        ]
        | None
    ) = None
    created_at: Time | None = None
    website: Annotated[str, Meta(max_length=2048, examples=["https://www.lufthansa.com"])] | None = None
    portfolio_id: Annotated[str, Meta(max_length=MAX_ID, description="Whose accounts belong together.")] | None = None


class SenderGiven(SenderProfile, frozen=True, kw_only=True):
    """Who sends. The profile serves this decision; it is stored only if the sender is not known yet."""

    id: Annotated[Id, Meta(description="The business account.", examples=["biz_4711"])]


class ConsentGiven(Struct, frozen=True, kw_only=True):
    """What the recipient agreed to, as far as the caller knows."""

    state: Annotated[
        str,
        Meta(
            max_length=64,
            description="opted_in, opted_out or unknown; anything else counts as unknown.",
            examples=["opted_in"],
        ),
    ]
    source: Annotated[
        str,
        Meta(
            max_length=64,
            description="messenger: its own record; sender: the sender's claim, which is weaker. "
            "Anything else counts as a claim.",
            examples=["messenger"],
        ),
    ] = "sender"
    at: Time | None = None
    category: (
        Annotated[
            str,
            Meta(max_length=64, description="The message category agreed to; none: all.", examples=["MARKETING"]),
        ]
        | None
    ) = None


class ContextGiven(Struct, frozen=True, kw_only=True):
    """What the caller knows about sender and recipient."""

    consent: ConsentGiven | None = None
    last_user_message_at: Annotated[Time, Meta(description="When the recipient last wrote to the sender.")] | None = (
        None
    )


class ScoreRequest(Struct, frozen=True, kw_only=True):
    """One message to judge before it is delivered."""

    message_id: Annotated[
        MessageId, Meta(description="The key of the decision: a repeat gets the same answer.", examples=["wamid.HBgM"])
    ]
    sent_at: Time
    sender: SenderGiven
    recipient_id: Annotated[Id, Meta(description="The person written to.", examples=["u_9b1c"])]
    message: Annotated[
        dict[str, Any] | None,
        Meta(
            description="A message of the WhatsApp Cloud API: a template's definition, a send request, or a webhook's "
            "message. null where the messenger may not see it.",
            examples=[{"type": "text", "text": {"body": "Your parcel arrives today between 2 and 4 pm."}}],
        ),
    ]
    context: ContextGiven | None = None
    dry_run: Annotated[bool, Meta(description="Judge, but record nothing.")] = False
    with_features: Annotated[bool, Meta(description="Also answer with what the model saw: every feature by name.")] = (
        False
    )


_DECODER: Final = msgspec.json.Decoder(ScoreRequest)


def decode_request(body: bytes | bytearray | memoryview) -> ScoreRequest:
    """Read the body of ``POST /v1/score``. Raises :class:`RequestError`."""
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise request_error(error) from error


def convert_request(document: object, *, strict: bool = True) -> ScoreRequest:
    """Read a decoded request; without ``strict``, texts may stand for numbers, booleans and null.

    Raises :class:`RequestError`.
    """
    try:
        return msgspec.convert(document, ScoreRequest, strict=strict)
    except (msgspec.ValidationError, RecursionError) as error:
        raise request_error(error) from error


def request_error(error: Exception) -> RequestError:
    """What msgspec says about a document, with a JSON pointer to the place and in a whole sentence."""
    if isinstance(error, RecursionError):
        return RequestError("", "The document is nested too deeply to be read.")
    if not isinstance(error, msgspec.ValidationError):
        return NotJsonError("", f"The body is not JSON in UTF-8: {str(error).rstrip('.')}.")
    said, _, path = str(error).partition(" - at `")
    pointer = _pointer(path.rstrip("`"))
    if missing := _MISSING.match(said):
        return RequestError(f"{pointer}/{missing[1]}", "This member is missing.")
    if "RFC3339" in said or "timezone" in said:
        return RequestError(pointer, "This should be a time in RFC 3339 with a zone, such as 2026-11-22T10:00:00Z.")
    detail = said.replace("Expected", "This should be", 1).replace(", got", ", not", 1).replace("`", "")
    return RequestError(pointer, f"{_PYTHONS_WORD.sub(lambda word: _JSONS_WORDS[word[0]], detail)}.")


_MISSING: Final = re.compile(r"Object missing required field `(\w+)`")
_JSONS_WORDS: Final = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "datetime": "time"}
_PYTHONS_WORD: Final = re.compile(rf"\b(?:{'|'.join(_JSONS_WORDS)})\b")


def case_of(request: ScoreRequest, templates: TemplateLookup | None = None) -> Case:
    """The case that a request describes. ``templates`` finds a stored template, see ``payload.parse_message``.

    Raises :class:`RequestError` for a time out of range and for a message that cannot be one.
    """
    try:
        message = parse_message(request.message, templates)
    except PayloadError as error:
        raise RequestError("/message" + error.pointer, error.detail) from error
    given = request.context
    return Case(
        message_id=request.message_id,
        sent_at_us=microseconds(request.sent_at, "/sent_at"),
        sender=sender_of(request.sender.id, request.sender, "/sender"),
        recipient_id=request.recipient_id,
        message=message,
        context=Context() if given is None else _context(given),
    )


def sender_of(sender_id: str, profile: SenderProfile, at: str = "") -> Sender:
    """The sender that a profile describes. ``at`` is the profile's own JSON pointer.

    Raises :class:`RequestError` for a time out of range.
    """
    return Sender(
        id=sender_id,
        display_name=profile.display_name or None,
        verification_status=_STATUSES.get(profile.verification_status or ""),
        verified_at_us=_optional(profile.verified_at, at, "verified_at"),
        account_size=_SIZES.get(profile.account_size or ""),
        created_at_us=_optional(profile.created_at, at, "created_at"),
        website=profile.website or None,
        portfolio_id=profile.portfolio_id or None,
    )


def consent_of(given: ConsentGiven, at: str = "") -> Consent:
    """The consent that was given. ``at`` is its own JSON pointer.

    Raises :class:`RequestError` for a time out of range.
    """
    return Consent(
        state=_STATES.get(given.state, ConsentState.UNKNOWN),
        source=ConsentSource.MESSENGER if given.source == ConsentSource.MESSENGER else ConsentSource.SENDER,
        at_us=_optional(given.at, at, "at"),
        category=(given.category or "").upper(),
    )


def microseconds(time: datetime, pointer: str) -> int:
    """A time with a zone as whole microseconds since 1970, exactly. Raises :class:`RequestError` out of range."""
    if not EPOCH <= time < LATEST:
        raise RequestError(pointer, f"A time must lie between 1970 and 2100; this one is in the year {time.year}.")
    since = time - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_STATUSES: Final[dict[str, VerificationStatus]] = {status.value: status for status in VerificationStatus}
_SIZES: Final[dict[str, AccountSize]] = {size.value: size for size in AccountSize}
_STATES: Final[dict[str, ConsentState]] = {state.value: state for state in ConsentState}


def _optional(time: datetime | None, at: str, name: str) -> int | None:
    return None if time is None else microseconds(time, f"{at}/{name}")


def _context(given: ContextGiven) -> Context:
    return Context(
        consent=None if given.consent is None else consent_of(given.consent, "/context/consent"),
        last_user_message_at_us=_optional(given.last_user_message_at, "/context", "last_user_message_at"),
    )


_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


def _pointer(path: str) -> str:
    """``$.sender.id`` as ``/sender/id``. Where msgspec writes ``[...]`` for a key, the pointer ends."""
    steps = []
    for name, index in _STEP.findall(path):
        if index == "...":
            break
        steps.append(name or index)
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
