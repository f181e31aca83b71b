"""Everything but scoring: thin routes that read a request, give a job its turn, and send the answer."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Path, Request, Response
from msgspec import Struct

from serving import decisions, feedback, senders, wire
from serving.auth import ApiKey
from serving.http import header, read_body
from serving.openapi import IDEMPOTENCY_KEY, answers, takes
from serving.problems import from_request
from serving.service import Service
from serving.turn import Turn
from serving.writing import Answer, ReadJob, WriteJob, idempotency
from torwart.features.catalogue import NAMES, catalogue_hash
from torwart.request import ID_PATTERN, MAX_ID, RequestError, request_error

router = APIRouter(prefix="/v1")

BODY_TYPES = (
    wire.SenderUpdate, wire.ReportRequest, wire.BlockRequest, wire.EventBatch, wire.ReviewRequest,
    wire.TemplateDefinition,
)  # fmt: skip
_DECODERS: dict[type[Struct], msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(kind) for kind in BODY_TYPES}

PathId = Annotated[str, Path(min_length=1, max_length=MAX_ID, pattern=ID_PATTERN)]
Body = TypeVar("Body", bound=Struct)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _caller(request: Request, scope: str) -> ApiKey:
    return _service(request).keys.authorise(header(dict(request.scope), b"x-api-key"), scope)


async def _body(request: Request, kind: type[Body], *, optional: bool = False) -> tuple[Body, bytes]:
    """The decoded body and its bytes."""
    raw = await read_body(dict(request.scope), request.receive, _service(request).settings.max_body)  # type: ignore[arg-type]
    if optional and not raw.strip():
        return kind(), raw
    try:
        return _DECODERS[kind].decode(raw), raw
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise from_request(_with_choices(request_error(error))) from error


def _with_choices(error: RequestError) -> RequestError:
    """The same complaint, with what would be right where only certain values are."""
    choices = wire.CHOICES.get(error.pointer.rpartition("/")[2])
    if choices is None or not error.detail.startswith("Invalid"):
        return error
    return RequestError(error.pointer, f"{error.detail} It should be one of {', '.join(choices)}.")


async def _write(
    request: Request, caller: ApiKey, raw: bytes, change: Callable[[Turn], tuple[int, Struct]]
) -> Response:
    route = f"{request.method} {request.url.path}\n".encode("utf-8", "surrogatepass")
    once = idempotency(caller.id, header(dict(request.scope), b"idempotency-key"), route + raw)
    return _response(await _service(request).worker.submit_durably(WriteJob(change, once)))


async def _read(request: Request, look: Callable[[Turn], Struct]) -> Response:
    return _response(await _service(request).worker.submit(ReadJob(look)))


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type="application/json")


@router.put(
    "/senders/{sender_id}",
    summary="Set a sender's profile",
    tags=["senders"],
    responses=answers({200: wire.SenderAnswer, 201: wire.SenderAnswer}, 400, 409, 413, 422, 503),
    openapi_extra=takes(wire.SenderUpdate),
    response_class=Response,
)
async def put_sender(request: Request, sender_id: PathId) -> Response:
    """The whole profile; what is left out is unknown. An `updated_at` before the stored one is a 409. Scope
    `feedback`."""
    caller = _caller(request, "feedback")
    profile, raw = await _body(request, wire.SenderUpdate)
    scorer = _service(request).scorer
    return await _write(request, caller, raw, lambda turn: senders.put_sender(turn, scorer, sender_id, profile))


@router.get(
    "/senders/{sender_id}",
    summary="Read a sender's profile and standing",
    tags=["senders"],
    responses=answers({200: wire.SenderAnswer}, 404, 422, 503),
    response_class=Response,
)
async def get_sender(request: Request, sender_id: PathId) -> Response:
    """The stored profile, with the quality rating as of now. Scope `read`."""
    _caller(request, "read")
    scorer = _service(request).scorer
    return await _read(request, lambda turn: senders.sender_answer(turn, scorer, sender_id))


@router.post(
    "/reports",
    summary="A person pressed report",
    tags=["feedback"],
    status_code=201,
    responses=answers({201: wire.ReportAnswer}, 400, 409, 413, 422, 503),
    openapi_extra=takes(wire.ReportRequest),
    response_class=Response,
)
async def post_report(request: Request) -> Response:
    """Name the message, or sender and recipient. A report about an unknown message is kept. Scope `feedback`."""
    caller = _caller(request, "feedback")
    report, raw = await _body(request, wire.ReportRequest)
    return await _write(request, caller, raw, lambda turn: feedback.report(turn, report))


@router.post(
    "/events",
    summary="Tell what else happened",
    tags=["feedback"],
    status_code=202,
    responses=answers({202: wire.EventsAnswer}, 400, 409, 413, 422, 503),
    openapi_extra=takes(wire.EventBatch),
    response_class=Response,
)
async def post_events(request: Request) -> Response:
    """Deliveries, reads, replies, consent, opt-outs, in order; labels and enforcements need the scope `moderate` too.
    All of a batch is stored, or nothing. Scope `feedback`."""
    caller = _caller(request, "feedback")
    batch, raw = await _body(request, wire.EventBatch)
    may_moderate = caller.may("moderate")
    return await _write(request, caller, raw, lambda turn: feedback.events(turn, batch, may_moderate=may_moderate))


_BLOCK = "/recipients/{recipient_id}/blocks/{sender_id}"


@router.put(
    _BLOCK,
    summary="A person blocks a sender",
    tags=["feedback"],
    responses=answers({200: wire.BlockAnswer}, 400, 409, 413, 422, 503),
    openapi_extra=takes(wire.BlockRequest, required=False),
    response_class=Response,
)
async def put_block(request: Request, recipient_id: PathId, sender_id: PathId) -> Response:
    """Holds at once, for this person only, until it is taken back. Scope `feedback`."""
    caller = _caller(request, "feedback")
    block, raw = await _body(request, wire.BlockRequest, optional=True)
    return await _write(request, caller, raw, lambda turn: feedback.block(turn, recipient_id, sender_id, block))


@router.delete(
    _BLOCK,
    summary="A person takes a block back",
    tags=["feedback"],
    responses=answers({200: wire.BlockAnswer}, 400, 409, 422, 503),
    openapi_extra={"parameters": [IDEMPOTENCY_KEY]},
    response_class=Response,
)
async def delete_block(request: Request, recipient_id: PathId, sender_id: PathId) -> Response:
    """The sender may write again. Scope `feedback`."""
    caller = _caller(request, "feedback")
    return await _write(request, caller, b"", lambda turn: feedback.unblock(turn, recipient_id, sender_id))


@router.get(
    _BLOCK,
    summary="Whether a person blocks a sender",
    tags=["feedback"],
    responses=answers({200: wire.BlockAnswer}, 422, 503),
    response_class=Response,
)
async def get_block(request: Request, recipient_id: PathId, sender_id: PathId) -> Response:
    """`blocked` and since when. Scope `read`."""
    _caller(request, "read")
    return await _read(request, lambda turn: feedback.block_state(turn, recipient_id, sender_id))


@router.get(
    "/decisions/{decision_id}",
    summary="Read a decision",
    tags=["decisions"],
    responses=answers({200: wire.StoredDecision}, 404, 422, 503),
    response_class=Response,
)
async def get_decision(request: Request, decision_id: PathId) -> Response:
    """As it was made, and what became of the message if it was held. Scope `read`."""
    _caller(request, "read")
    scorer = _service(request).scorer
    return await _read(request, lambda turn: decisions.stored_decision(turn, scorer, decision_id))


@router.post(
    "/decisions/{decision_id}/review",
    summary="Release or reject a held message",
    tags=["decisions"],
    responses=answers({200: wire.StoredDecision}, 400, 404, 409, 413, 422, 503),
    openapi_extra=takes(wire.ReviewRequest),
    response_class=Response,
)
async def post_review(request: Request, decision_id: PathId) -> Response:
    """A 409 unless the message is still held. Scope `moderate`."""
    caller = _caller(request, "moderate")
    review, raw = await _body(request, wire.ReviewRequest)
    scorer = _service(request).scorer
    return await _write(
        request, caller, raw, lambda turn: decisions.review(turn, scorer, decision_id, review, caller.id)
    )


@router.put(
    "/templates/{template_id}",
    summary="Store a template's definition",
    tags=["templates"],
    responses=answers({200: wire.TemplateAnswer, 201: wire.TemplateAnswer}, 400, 409, 413, 422, 503),
    openapi_extra=takes(wire.TemplateDefinition),
    response_class=Response,
)
async def put_template(request: Request, template_id: PathId) -> Response:
    """In the WhatsApp Cloud API's form. Send requests that name it are resolved against it. Scope `feedback`."""
    caller = _caller(request, "feedback")
    known, raw = await _body(request, wire.TemplateDefinition)
    try:
        definition = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise from_request(request_error(error)) from error
    return await _write(request, caller, raw, lambda turn: senders.put_template(turn, template_id, known, definition))


@router.get(
    "/templates/{template_id}",
    summary="Read a template's definition",
    tags=["templates"],
    responses=answers({200: wire.TemplateAnswer}, 404, 422, 503),
    response_class=Response,
)
async def get_template(request: Request, template_id: PathId) -> Response:
    """As it was stored. Scope `read`."""
    _caller(request, "read")
    return await _read(request, lambda turn: senders.template_answer(turn, template_id))


@router.get(
    "/model",
    summary="The model and the policy that answer now",
    tags=["operations"],
    responses=answers({200: wire.ModelAnswer}),
    response_class=Response,
)
async def get_model(request: Request) -> Response:
    """Name, version and the figures it was shipped with. Scope `read`."""
    _caller(request, "read")
    scorer = _service(request).scorer
    manifest = scorer.detector.manifest
    answer = wire.ModelAnswer(
        name=manifest.name,
        version=manifest.version,
        created_at=manifest.created_at.isoformat(),
        catalogue_hash=catalogue_hash(),
        features=len(NAMES),
        text_threshold=scorer.detector.text.threshold,
        policy_version=scorer.policy.version,
        metrics=manifest.metrics,
    )
    return Response(msgspec.json.encode(answer), media_type="application/json")
