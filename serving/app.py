"""The whole service as one ASGI application: scoring in front, FastAPI behind."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client import REGISTRY as OWN_REGISTRY
from starlette.exceptions import HTTPException

from serving import metrics, openapi, wire
from serving.http import DisconnectedError
from serving.problems import MEDIA_TYPE, Fault, Problem, internal
from serving.routes import router
from serving.scoring_routes import ScoringRoutes
from serving.service import Service

_LOGGER = logging.getLogger("torwart.http")

_CODES = {404: "not_found", 405: "method_not_allowed"}
_DETAILS = {
    404: "There is nothing at this path; /docs shows what there is.",
    405: "This path does not take this method; the Allow header says which it takes.",
}


def create_app(service: Service, *, several_workers: bool = False) -> ScoringRoutes:
    """The application around a service that is ready. ``several_workers``: metrics are summed over processes."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.worker.start()
        yield
        await service.worker.stop()

    app = FastAPIOffline(
        title="Torwart",
        version=version("torwart"),
        summary="Detects spam and abuse in business messages before they are delivered.",
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.service = service
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    app.include_router(router)
    _add_operations(app, service, several_workers=several_workers)
    _add_problems(app)
    return ScoringRoutes(service, app)


def _add_operations(app: FastAPI, service: Service, *, several_workers: bool) -> None:
    health = {200: {"description": "Alive.", "content": openapi.content(openapi.ref(wire.Health))}}
    ready: dict[int | str, dict[str, Any]] = {
        200: {"description": "Ready.", "content": openapi.content(openapi.ref(wire.Health))},
        503: {"description": "The log is out of reach.", "content": openapi.content(openapi.ref(wire.Health))},
    }

    @app.get("/healthz", tags=["operations"], responses=health, response_class=Response)  # type: ignore[arg-type]
    async def healthz() -> Response:
        """Whether the process is alive. Needs no key."""
        return _json(wire.Health("ok", service.worker.memory.seq))

    @app.get("/readyz", tags=["operations"], responses=ready, response_class=Response)
    async def readyz() -> Response:
        """Whether messages are scored with recording: 503 while the log is out of reach. Needs no key."""
        detail = service.worker.trouble()
        if detail:
            return _json(wire.Health("degraded", service.worker.memory.seq, detail), 503)
        return _json(wire.Health("ok", service.worker.memory.seq))

    text = {200: {"description": "Prometheus' text format.", "content": {"text/plain": {"schema": {"type": "string"}}}}}

    @app.get("/metrics", tags=["operations"], responses=text, response_class=Response)  # type: ignore[arg-type]
    async def prometheus() -> Response:
        """Counters and histograms for Prometheus. Needs no key."""
        registry: CollectorRegistry = OWN_REGISTRY
        if several_workers:
            registry = CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _add_problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> Response:
        return _problem(error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        detail = _DETAILS.get(error.status_code, str(error.detail))
        code = _CODES.get(error.status_code, "http_error")
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods_at(request.url.path, app.openapi()["paths"]))
        return _problem(Problem(error.status_code, code, detail, headers=headers))

    @app.exception_handler(RequestValidationError)
    async def validation(_: Request, error: RequestValidationError) -> Response:
        faults = tuple(
            Fault("", f"{fault['loc'][0]} parameter {fault['loc'][-1]}: {fault['msg']}") for fault in error.errors()
        )
        return _problem(Problem(422, "invalid_request", "The request does not fit; see errors.", errors=faults))

    @app.exception_handler(DisconnectedError)
    async def disconnected(_: Request, __: DisconnectedError) -> Response:
        return Response(status_code=400)  # Nobody is there to read it.

    @app.exception_handler(Exception)
    async def fault(_: Request, error: Exception) -> Response:
        _LOGGER.error("a request failed in a way that it must not", exc_info=error)
        return _problem(internal())


def _methods_at(path: str, described: dict[str, Any]) -> list[str]:
    """The methods that a path takes, by the service's own description."""
    methods: set[str] = set()
    for template, operations in described.items():
        if re.fullmatch(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template)), path):
            methods |= {method.upper() for method in operations}
    return sorted(methods)


def _json(answer: msgspec.Struct, status: int = 200) -> Response:
    return Response(msgspec.json.encode(answer), status, media_type="application/json")


def _problem(problem: Problem) -> Response:
    metrics.PROBLEMS.labels(problem.code).inc()
    return Response(problem.body(), problem.status, headers=problem.headers, media_type=MEDIA_TYPE)
