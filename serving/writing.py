"""Requests that change state: jobs whose answer is kept under an Idempotency-Key, so that a retry changes nothing."""

from collections.abc import Callable
from typing import Final

import msgspec
import xxhash
from msgspec import Struct

from serving.problems import Problem, unreachable
from serving.turn import Memory, Turn

LONGEST_KEY: Final = 255


class Answer(Struct, frozen=True):
    """A status and a JSON body."""

    status: int
    body: bytes


class Idempotency(Struct, frozen=True):
    """The caller's promise that two requests with this key are the same one."""

    api_key_id: str
    key: str
    request_hash: str


def idempotency(api_key_id: str, key: str | None, request: bytes) -> Idempotency | None:
    """What a request's ``Idempotency-Key`` header means; ``request`` is everything that tells two requests apart."""
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Problem(400, "invalid_idempotency_key", f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
    return Idempotency(api_key_id, key, xxhash.xxh3_128_hexdigest(request))


class WriteJob:
    """A change at the log. ``change`` returns the status and the answer; it raises ``Problem`` before writing."""

    message_id = ""

    def __init__(self, change: Callable[[Turn], tuple[int, Struct]], once: Idempotency | None = None) -> None:
        self._change = change
        self._once = once

    def run(self, turn: Turn) -> Answer:
        """Make the change, unless the same request made it before."""
        once = self._once
        if once is not None:
            row = turn.log.execute(
                "SELECT request_hash, status, body FROM answers WHERE api_key_id = ? AND idempotency_key = ?",
                (once.api_key_id, once.key),
            ).fetchone()
            if row is not None:
                request_hash, status, body = row
                if request_hash != once.request_hash:
                    raise Problem(
                        409,
                        "idempotency_key_reused",
                        "This Idempotency-Key was used for another request. Choose a new key for a new request.",
                    )
                return Answer(status, body)
        status, result = self._change(turn)
        answer = Answer(status, msgspec.json.encode(result))
        if once is not None:
            turn.log.execute(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                (once.api_key_id, once.key, once.request_hash, turn.now_us, answer.status, answer.body),
            )
        return answer

    def run_degraded(self, memory: Memory, now_us: int, trouble: str) -> Answer:  # noqa: ARG002
        """Nothing can be promised without the log."""
        raise unreachable(trouble)


class ReadJob:
    """A look at what is committed; ``look`` gets the turn and changes nothing."""

    message_id = ""

    def __init__(self, look: Callable[[Turn], Struct]) -> None:
        self._look = look

    def run(self, turn: Turn) -> Answer:
        """Look."""
        return Answer(200, msgspec.json.encode(self._look(turn)))

    def run_degraded(self, memory: Memory, now_us: int, trouble: str) -> Answer:  # noqa: ARG002
        """Nothing can be read without the log."""
        raise unreachable(trouble)
