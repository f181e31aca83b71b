"""``POST /v1/score`` and ``/v1/score/batch`` as plain ASGI, in front of everything else: this is the hot path."""

import asyncio
import logging
from typing import Final

import msgspec

from serving.http import DisconnectedError, Receive, Scope, Send, answer, answer_problem, header, read_body
from serving.problems import Problem, ProblemDocument, from_request, internal, invalid
from serving.scoring import ScoreJob
from serving.service import Service
from serving.wire import DecisionAnswer, ScoreBatchAnswer
from serving.worker import now_us
from torwart.request import RequestError, decode_request, request_error

SCORE: Final = "/v1/score"
BATCH: Final = "/v1/score/batch"
MAX_ITEMS: Final = 1_000
_LOGGER = logging.getLogger("torwart.http")
_TOGETHER: Final = 50
"""Items of a batch that share a transaction; between two of them other requests get their turn."""


class _Batch(msgspec.Struct):
    items: list[msgspec.Raw]


_ENCODER: Final = msgspec.json.Encoder()
_BATCH: Final = msgspec.json.Decoder(_Batch)


class ScoringRoutes:
    """An ASGI application that answers the scoring routes and hands everything else on."""

    def __init__(self, service: Service, rest: object) -> None:
        self._service = service
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection's request."""
        if scope["type"] != "http" or scope["path"] not in (SCORE, BATCH):
            await self._rest(scope, receive, send)  # type: ignore[operator]
            return
        try:
            if scope["method"] != "POST":
                raise Problem(405, "method_not_allowed", f"{scope['path']} takes POST only.", headers={"Allow": "POST"})
            self._service.keys.authorise(header(scope, b"x-api-key"), "score")
            if scope["path"] == SCORE:
                body = await self._score(scope, receive)
            else:
                body = await self._score_batch(scope, receive)
        except Problem as problem:
            await answer_problem(send, problem)
        except DisconnectedError:
            return
        except Exception:
            _LOGGER.exception("a score request failed in a way that it must not")
            await answer_problem(send, internal())
        else:
            await answer(send, 200, body)

    async def _score(self, scope: Scope, receive: Receive) -> bytes:
        job = self._job(await read_body(scope, receive, self._service.settings.max_body))
        return _ENCODER.encode(await self._service.worker.submit(job))

    async def _score_batch(self, scope: Scope, receive: Receive) -> bytes:
        body = await read_body(scope, receive, self._service.settings.max_batch_body)
        try:
            items = _BATCH.decode(body).items
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise from_request(request_error(error)) from error
        if not 1 <= len(items) <= MAX_ITEMS:
            raise invalid("/items", f"A batch has 1 to {MAX_ITEMS} items; this one has {len(items)}.")
        answers: list[DecisionAnswer | ProblemDocument] = []
        for first in range(0, len(items), _TOGETHER):
            # Everything is submitted before anything is awaited, so that the items share a turn, in order.
            submitted = [self._submit(item) for item in items[first : first + _TOGETHER]]
            answers += [await _settled(outcome) for outcome in submitted]
        return _ENCODER.encode(ScoreBatchAnswer(answers))

    def _submit(self, item: msgspec.Raw) -> "asyncio.Future[DecisionAnswer] | Problem":
        try:
            return self._service.worker.submit(self._job(item))
        except Problem as problem:
            return problem
        except Exception:
            _LOGGER.exception("an item of a batch failed in a way that it must not")
            return internal()

    def _job(self, body: bytes | msgspec.Raw) -> ScoreJob:
        try:
            request = decode_request(body)
            return ScoreJob(self._service.scorer, request, self._service.worker.memory.registers, now_us())
        except RequestError as error:
            raise from_request(error) from error
        except RecursionError as error:
            raise from_request(request_error(error)) from error


async def _settled(outcome: "asyncio.Future[DecisionAnswer] | Problem") -> DecisionAnswer | ProblemDocument:
    """What stands in a batch's answer for one item."""
    try:
        return outcome.document() if isinstance(outcome, Problem) else await outcome
    except Problem as problem:
        return problem.document()
