"""The service's description of itself: one ``/openapi.json`` for the plain routes and FastAPI's."""

from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serving import wire
from serving.problems import MEDIA_TYPE, ProblemDocument
from serving.scoring_routes import BATCH, SCORE
from torwart.request import ScoreRequest

_TYPES: Final = (
    ProblemDocument,
    ScoreRequest,
    wire.DecisionAnswer,
    wire.ScoreBatch,
    wire.ScoreBatchAnswer,
    wire.SenderUpdate,
    wire.SenderAnswer,
    wire.ReportRequest,
    wire.ReportAnswer,
    wire.BlockRequest,
    wire.BlockAnswer,
    wire.EventBatch,
    wire.EventsAnswer,
    wire.ReviewRequest,
    wire.StoredDecision,
    wire.TemplateDefinition,
    wire.TemplateAnswer,
    wire.ModelAnswer,
    wire.Health,
)

_PROBLEMS: Final = {
    400: "The body is not JSON, or a header is malformed.",
    401: "No API key, or one that does not work.",
    403: "The key lacks a scope.",
    404: "There is nothing of this name.",
    409: "It contradicts what is already stored.",
    413: "The body is too large.",
    422: "The request does not fit; see `errors`.",
    503: "The log is out of reach; nothing was stored. Try again after `Retry-After` seconds.",
}

IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A retry with the same key and request gets the first answer and changes nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def ref(kind: type[msgspec.Struct]) -> dict[str, str]:
    """A reference to a schema by the struct's name."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def content(schema: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """A ``content`` object of one media type."""
    return {media_type: {"schema": schema}}


def answers(success: dict[int, type[msgspec.Struct]], *problems: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of an operation: what it answers when all is well, and which problems it knows."""
    return {
        **{
            status: {"description": _first_line(kind), "content": content(ref(kind))}
            for status, kind in success.items()
        },
        **{
            status: {"description": _PROBLEMS[status], "content": content(ref(ProblemDocument), MEDIA_TYPE)}
            for status in sorted({401, 403, *problems})
        },
    }


def takes(kind: type[msgspec.Struct], *, required: bool = True) -> dict[str, Any]:
    """The part of an operation that FastAPI cannot know: a body that a compiled decoder reads."""
    return {"requestBody": {"required": required, "content": content(ref(kind))}, "parameters": [IDEMPOTENCY_KEY]}


def _first_line(kind: type[msgspec.Struct]) -> str:
    return (kind.__doc__ or kind.__name__).strip().splitlines()[0]


def _scoring_paths() -> dict[str, Any]:
    return {
        SCORE: {
            "post": {
                "summary": "Score a message before it is delivered",
                "description": "What to do with the message, and why. `message_id` is the key: a repeat gets the "
                "stored decision (`status: repeated`), another body under it is a 409. Needs the scope `score`.",
                "operationId": "score",
                "tags": ["scoring"],
                "requestBody": {"required": True, "content": content(ref(ScoreRequest))},
                "responses": _with_text_status(answers({200: wire.DecisionAnswer}, 400, 409, 413, 422, 503)),
            }
        },
        BATCH: {
            "post": {
                "summary": "Score up to 1,000 messages in order",
                "description": "Each item sees the ones before it. An item that is wrong gets a problem in its place "
                "and does not stop the rest. Needs the scope `score`.",
                "operationId": "score_batch",
                "tags": ["scoring"],
                "requestBody": {"required": True, "content": content(ref(wire.ScoreBatch))},
                "responses": _with_text_status(answers({200: wire.ScoreBatchAnswer}, 400, 413, 422, 503)),
            }
        },
    }


def _with_text_status(responses: dict[int | str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(status): response for status, response in responses.items()}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole description, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
        )
        document["paths"] = {**_scoring_paths(), **document["paths"]}
        _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
        # An item of a batch is read by itself, so that one wrong item is one problem.
        schemas["ScoreBatch"]["properties"]["items"]["items"] = ref(ScoreRequest)
        schemas["ReportRequest"]["anyOf"] = [{"required": ["message_id"]}, {"required": ["sender_id", "recipient_id"]}]
        schemas["ScoreBatchAnswer"]["properties"]["items"]["items"] = {
            "anyOf": [ref(wire.DecisionAnswer), ref(ProblemDocument)]
        }
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas)
        components["securitySchemes"] = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
        for path, operations in document["paths"].items():
            for operation in operations.values():
                operation["security"] = [{"ApiKey": []}] if path.startswith("/v1/") else []
                if operation["security"] and "422" in operation["responses"]:
                    # FastAPI announces its own error body for path parameters; ours is a problem like every other.
                    operation["responses"]["422"]["content"] = content(ref(ProblemDocument), MEDIA_TYPE)
        components["schemas"].pop("HTTPValidationError", None)
        components["schemas"].pop("ValidationError", None)
        app.openapi_schema = document
    return app.openapi_schema
