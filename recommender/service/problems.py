"""Errors as answers: JSON in plain words; 503, to be tried again, if the graph is away or slow."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Final, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from kg.errors import GraphError, GraphUnavailableError, TooLargeError, UnknownKeyError
from recommender.service.models import Problem

logger = logging.getLogger(__name__)

RETRY_AFTER: Final = 2
"""Seconds after which a caller may try again when the graph was away, or slow."""


class RefusedError(Exception):
    """A request that is not answered; says why."""

    def __init__(
        self, status: HTTPStatus, error: str, remedy: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.problem = Problem(error=error, remedy=remedy)
        self.headers = dict(headers or {})

    @classmethod
    def too_often(cls, seconds: float) -> RefusedError:
        """Return the answer to somebody who asks too often."""
        return cls(
            HTTPStatus.TOO_MANY_REQUESTS,
            "Too many requests.",
            f"Try again in {ceil(seconds)} s; kgrec serve --rate says how many are allowed.",
            {"Retry-After": str(ceil(seconds))},
        )

    @classmethod
    def too_slow(cls, seconds: float) -> RefusedError:
        """Return the answer to somebody whose answer took too long."""
        return cls(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"There was no answer within {seconds:g} seconds.",
            f"Try again in {RETRY_AFTER} s, or ask for less.",
            {"Retry-After": str(RETRY_AFTER)},
        )


def answer_errors(app: FastAPI) -> None:
    """Let the application answer every error in the same form."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(UnknownKeyError, _unknown)
    app.add_exception_handler(GraphError, _away)
    app.add_exception_handler(TooLargeError, _too_large)
    app.add_exception_handler(RequestValidationError, _wrong_input)
    app.add_exception_handler(HTTPException, _no_such_page)
    app.add_exception_handler(Exception, _defect)


def told(
    status: HTTPStatus, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a problem as a response."""
    return Response(
        problem.model_dump_json(), status, headers=headers, media_type="application/json"
    )


async def _refused(_request: Request, error: Exception) -> Response:
    refused = cast(RefusedError, error)
    return told(refused.status, refused.problem, refused.headers)


async def _unknown(_request: Request, error: Exception) -> Response:
    message = cast(UnknownKeyError, error).message
    return told(
        HTTPStatus.NOT_FOUND,
        Problem(error=message, remedy="Keys are the ones of the data that was loaded."),
    )


async def _away(_request: Request, error: Exception) -> Response:
    if not isinstance(error, GraphUnavailableError):
        logger.warning("the graph refused: %s", error)
    problem = Problem(
        error="The graph does not answer at the moment.", remedy=f"Try again in {RETRY_AFTER} s."
    )
    return told(HTTPStatus.SERVICE_UNAVAILABLE, problem, {"Retry-After": str(RETRY_AFTER)})


async def _too_large(_request: Request, error: Exception) -> Response:
    logger.warning("the graph gave up: %s", error)
    problem = Problem(
        error="The graph has not the time or the memory for this.", remedy="Ask for less."
    )
    return told(HTTPStatus.SERVICE_UNAVAILABLE, problem, {"Retry-After": str(RETRY_AFTER)})


async def _wrong_input(_request: Request, error: Exception) -> Response:
    mistakes = "; ".join(
        f"{'.'.join(str(part) for part in each['loc'][1:])}: {each['msg']}"
        for each in cast(RequestValidationError, error).errors()
    )
    return told(HTTPStatus.UNPROCESSABLE_ENTITY, Problem(error=mistakes, remedy="See /docs."))


async def _no_such_page(request: Request, error: Exception) -> Response:
    refused = cast(HTTPException, error)
    status = HTTPStatus(refused.status_code)
    got = f"{request.method} {request.url.path[:200]}: {status.phrase.lower()}."
    problem = Problem(error=got, remedy="/docs shows what can be asked; all of it with GET.")
    return told(status, problem, refused.headers)


async def _defect(_request: Request, error: Exception) -> Response:
    logger.error("a request failed", exc_info=error)
    problem = Problem(error="This is a defect in kgrec.", remedy="The service's log has more.")
    return told(HTTPStatus.INTERNAL_SERVER_ERROR, problem)
