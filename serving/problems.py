"""Errors as RFC 9457 problem documents: what was wrong, where, and what would be right."""

from typing import Final

import msgspec
from msgspec import Struct

from torwart.request import NotJsonError, RequestError

MEDIA_TYPE: Final = "application/problem+json"

_TITLES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    503: "Service Unavailable",
}
"""The reason phrases of RFC 9110, which Python's own list follows only in later versions."""


class Fault(Struct, frozen=True):
    """One thing that was wrong. ``pointer`` is an RFC 6901 JSON pointer into the request's body."""

    pointer: str
    detail: str


class ProblemDocument(Struct, frozen=True, rename={"kind": "type"}):
    """What every error answers, on every path."""

    kind: str
    title: str
    status: int
    code: str
    detail: str
    errors: tuple[Fault, ...] = ()


class Problem(Exception):  # noqa: N818  (RFC 9457's own word)
    """An answer other than success. Raised anywhere below a route, answered as a :class:`ProblemDocument`."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: tuple[Fault, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status if status in _TITLES else 400
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    def document(self) -> ProblemDocument:
        """What is sent."""
        return ProblemDocument(
            kind="about:blank",
            title=_TITLES[self.status],
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=self.errors,
        )

    def body(self) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(self.document())


def invalid(pointer: str, detail: str) -> Problem:
    """422: the request is JSON but not what it should be."""
    return Problem(422, "invalid_request", "The request does not fit; see errors.", errors=(Fault(pointer, detail),))


def not_json(detail: str) -> Problem:
    """400: the body is not JSON at all."""
    return Problem(400, "invalid_json", f"{detail} Send one JSON object, encoded in UTF-8.")


def from_request(error: RequestError, base: str = "") -> Problem:
    """What the reader of a request complained about: 400 where it is no JSON, else 422 with a pointer."""
    if isinstance(error, NotJsonError):
        return not_json(error.detail)
    return invalid(base + error.pointer, error.detail)


def too_large(limit: int) -> Problem:
    """413: the body is longer than the route takes."""
    return Problem(413, "too_large", f"The body is larger than {limit} bytes. Send less, or split a batch.")


def unreachable(detail: str) -> Problem:
    """503: the log cannot be written, so nothing that must not be lost can be accepted."""
    return Problem(
        503, "log_unreachable", f"The log cannot be written: {detail}. Nothing was stored; try again.",
        headers={"Retry-After": "1"},
    )  # fmt: skip


def internal() -> Problem:
    """503: a fault of ours; the server's own log says more."""
    return Problem(503, "internal_error", "Torwart failed to handle this request; nothing of it was stored.")
