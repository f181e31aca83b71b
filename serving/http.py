"""The few pieces of HTTP that the plain ASGI routes and FastAPI's share."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from serving import metrics
from serving.problems import MEDIA_TYPE, Problem, too_large

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

JSON: Final = b"application/json"


class DisconnectedError(Exception):
    """The caller hung up before its request was complete; there is nobody to answer."""


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a request header (lower-case name), or ``None``."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return None


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body of at most ``limit`` bytes. Raises ``Problem`` beyond it, whatever the headers claimed."""
    length = header(scope, b"content-length")
    if length is not None and length.isdecimal() and int(length) > limit:
        raise too_large(limit)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise DisconnectedError
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > limit:
            raise too_large(limit)
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
    return b"".join(parts)


async def answer(
    send: Send, status: int, body: bytes, media_type: bytes = JSON, headers: Iterable[tuple[bytes, bytes]] = ()
) -> None:
    """One complete response."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", media_type), (b"content-length", b"%d" % len(body)), *headers],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def answer_problem(send: Send, problem: Problem) -> None:
    """A problem as a response."""
    metrics.PROBLEMS.labels(problem.code).inc()
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in problem.headers.items()]
    await answer(send, problem.status, problem.body(), MEDIA_TYPE.encode("ascii"), headers)
