"""The routes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import unquote

import numpy as np
from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from numpy.typing import NDArray
from pydantic import BaseModel

from etl.sources.base import MAX_KEY
from kg.errors import ConfigError, GraphError, ModelError
from kg.store import Store
from recommender.search import search
from recommender.service.access import Access
from recommender.service.answers import explained, recommended
from recommender.service.figures import Figures, Measured
from recommender.service.live_graph import LiveGraph
from recommender.service.models import Found, Health, Hit, Problem, Recommended, Why
from recommender.service.problems import RefusedError, answer_errors
from recommender.service.rate import Buckets
from recommender.service.versions import Version, matches

Encode: TypeAlias = Callable[[str, str | None], NDArray[np.float32]]
"""A text and the published run → the text's vector."""

MAX_TEXT: Final = 1_000
MAX_LIKES: Final = 50
ABOUT: Final = """Recommendations, their reasons and search, out of the graph that `kgrec` keeps.

Answers carry an **ETag** of the run that they rest on; send it as `If-None-Match`, and where
nothing has changed the answer is 304 without a body. While a run writes to the graph there is none.
While the graph is away, and where the answer is not there in time, it is 503 with `Retry-After`."""


@dataclass(frozen=True)
class Service:
    """What the routes answer with.

    Attributes:
        glance: seconds for which /health and /metrics wait for the graph.
    """

    graph: LiveGraph
    encode: Encode
    access: Access
    buckets: Buckets
    figures: Figures = field(default_factory=Figures)
    glance: float = 5.0


def make_app(service: Service) -> FastAPI:
    """Return the application; it closes the graph when it is shut down."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        service.graph.close()

    app = FastAPI(title="kgrec", description=ABOUT, lifespan=lifespan, redoc_url=None)
    app.state.service = service
    app.include_router(_open)
    app.include_router(_guarded)
    answer_errors(app)
    app.add_middleware(Measured, figures=service.figures)
    return app


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served: TypeAlias = Annotated[Service, Depends(_service)]
_bearer = HTTPBearer(auto_error=False, description="The key of KGREC_API_KEY or --key-file.")


async def _guard(
    request: Request,
    service: Served,
    sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> None:
    """Let pass who asks this machine by its name, not too often, and knows the key."""
    if not service.access.meant_for_us(request.headers.get("host", "")):
        raise RefusedError(
            HTTPStatus.FORBIDDEN,
            "This service answers to the name of this machine's loopback only.",
            "Ask at http://127.0.0.1, or let it have a key.",
        )
    client = request.client.host if request.client else ""
    if waiting := service.buckets.wait(client, time.monotonic()):
        raise RefusedError.too_often(waiting)
    if not service.access.knows(sent.credentials if sent else ""):
        raise RefusedError(
            HTTPStatus.UNAUTHORIZED,
            "Wrong or no API key.",
            "Send the header Authorization: Bearer KEY.",
            {"WWW-Authenticate": "Bearer"},
        )


def _problems(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    return {int(status): {"model": Problem} for status in statuses}


_open = APIRouter(tags=["operation"])
_guarded = APIRouter(
    dependencies=[Depends(_guard)],
    responses=_problems(
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)

Key: TypeAlias = Annotated[str, Path(min_length=1, max_length=MAX_KEY)]
Top: TypeAlias = Annotated[int, Query(ge=1, le=100, description="How many items.")]


@_open.get(
    "/health",
    response_model=Health,
    responses=_problems(HTTPStatus.SERVICE_UNAVAILABLE),
)
async def health(service: Served) -> Response:
    """Tell whether the graph answers; for load balancers, without a key."""
    await service.graph.ask(Version.of, within=service.glance)
    return _json(Health(status="ok"))


@_guarded.get("/metrics", tags=["operation"], response_class=Response)
async def metrics(service: Served) -> Response:
    """Return requests by route and status, how long they took, and whether the graph is up."""
    try:
        await service.graph.ask(Version.of, within=service.glance)
        up = True
    except (GraphError, RefusedError):
        up = False
    return Response(service.figures.text(graph_up=up), media_type="text/plain; version=0.0.4")


@_guarded.get("/recommend/{user:path}", tags=["ask"], response_model=Recommended)
async def recommend(
    request: Request,
    service: Served,
    user: Key,
    likes: Annotated[
        list[Annotated[str, Query(max_length=MAX_KEY)]],
        Query(max_length=MAX_LIKES, description="Items liked, for users without a list."),
    ] = [],  # noqa: B006 - FastAPI copies it
    top: Top = 10,
    words: Annotated[
        bool, Query(description="Also the strongest reason of each place in words; slower.")
    ] = False,
) -> Response:
    """Return the user's published list, best first; never nothing, also for somebody unknown.

    Who has no list gets what is similar to `likes`, or what most people like; `basis` says which.
    """

    def question(store: Store, version: Version) -> Recommended:
        return recommended(store, version, user, likes=likes, top=top, words=words)

    return await _answer(request, service, question, user)


@_guarded.get(
    "/explain/{user:path}/{item:path}",
    tags=["ask"],
    response_model=Why,
    responses=_problems(HTTPStatus.NOT_FOUND),
)
async def explain(
    request: Request,
    service: Served,
    user: str,
    item: str,
    top: Annotated[
        int, Query(ge=1, le=20, description="Most paths, for an item not on the user's list.")
    ] = 3,
) -> Response:
    """Say why an item is for a user: in words, as rows, and by what people wrote.

    A key may hold a slash; that of a user must have it as %2F.
    """
    sent = request.scope["raw_path"].decode("ascii", "replace").split("/", 3)
    if sent[1:2] == ["explain"] and len(sent) == 4:  # else a slash of the route was sent as %2F
        user, item = unquote(sent[2]), unquote(sent[3])
    if max(len(user), len(item)) > MAX_KEY:
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"A key has at most {MAX_KEY:,} characters.",
            "See /docs.",
        )

    def question(store: Store, version: Version) -> Why:
        return explained(store, version, user, item, top=top)

    return await _answer(request, service, question, user, item)


@_guarded.get(
    "/search",
    tags=["ask"],
    response_model=Found,
    responses=_problems(HTTPStatus.NOT_FOUND),
)
async def search_items(
    request: Request,
    service: Served,
    q: Annotated[str, Query(min_length=1, max_length=MAX_TEXT, description="In plain words.")],
    user: Annotated[
        str | None, Query(max_length=MAX_KEY, description="Whose list counts, too.")
    ] = None,
    top: Top = 10,
) -> Response:
    """Find items by what people write about them: by meaning and by words."""

    def question(store: Store, version: Version) -> Found:
        try:
            vector = service.encode(q, version.run)
        except (ConfigError, ModelError) as error:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                "This service cannot search: it has no text encoder of the published run.",
                "Start it where the folders of runs are (kgrec serve --runs-dir).",
            ) from error
        hits = search(store, vector, q, user=user, top=top)
        return Found(query=q, items=[Hit.model_validate(hit) for hit in hits])

    return await _answer(request, service, question, user)


async def _answer(
    request: Request,
    service: Service,
    question: Callable[[Store, Version], BaseModel],
    user: str | None,
    item: str | None = None,
) -> Response:
    """Return what the question says, or 304 if the caller has it already.

    Args:
        item: where one is asked for; then both must be there still.
    """
    had = request.headers.get("if-none-match", "")

    def asked(store: Store) -> tuple[Version, BaseModel | None]:
        version = Version.of(store, user, item)
        there = item is None or (version.user and version.item)
        if there and matches(had, version.etag):
            return version, None
        return version, question(store, version)

    version, answer = await service.graph.ask(asked)
    headers = {"Cache-Control": "private, no-cache"}
    if version.etag:
        headers["ETag"] = version.etag
    if answer is None:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return _json(answer, headers)


def _json(answer: BaseModel, headers: dict[str, str] | None = None) -> Response:
    return Response(answer.model_dump_json(), headers=headers, media_type="application/json")
