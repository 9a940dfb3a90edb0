"""Errors as programs read them: ``{"what", "where", "value", "remedy"}`` and a fitting status."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from dash_app.context import ForbiddenError
from models.errors import InternalError, InvalidInputError, NumericalError, StoreError, TwinError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

__all__ = ["ConflictError", "NotFoundError", "Problem", "add_error_handlers", "problem"]

_LOG = logging.getLogger("dash_app")
_STATUS = {
    400: "the request cannot be understood",
    401: "nobody is signed in",
    403: "this is not allowed",
    404: "there is nothing at this address",
    405: "this address does not take this method",
    413: "the request is too large",
    415: "the request must be JSON",
}


class NotFoundError(StoreError):
    """What was asked for is not in the store."""


class ConflictError(InvalidInputError):
    """What was asked for does not fit the present state."""


class Problem(BaseModel):
    """What went wrong."""

    what: str
    where: str | None = None
    value: str | None = None
    remedy: str | None = None


def problem(
    status: int,
    what: str,
    *,
    where: str | None = None,
    value: object = None,
    remedy: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error as an answer."""
    shown = None if value is None else str(value)[:200]
    body = Problem(what=what, where=where, value=shown, remedy=remedy)
    return JSONResponse(body.model_dump(), status, headers=dict(headers or {}))


def add_error_handlers(server: FastAPI) -> None:
    """Answer every error of *server* in this one way."""
    server.add_exception_handler(TwinError, _ours)
    server.add_exception_handler(RequestValidationError, _invalid)
    server.add_exception_handler(HTTPException, _plain)
    server.add_exception_handler(Exception, _fault)


def status_of(error: TwinError) -> int:
    """Return the status that fits an error."""
    if isinstance(error, ForbiddenError):
        return 403
    if isinstance(error, ConflictError):
        return 409
    if isinstance(error, NotFoundError) or error.what.startswith("there is no such"):
        return 404
    if isinstance(error, InternalError | NumericalError):
        return 500
    return 503 if isinstance(error, StoreError) else 422


async def _ours(_request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - a TwinError
    status = status_of(error)
    if status >= 500:
        _LOG.error("%s", error)
    return problem(status, error.what, where=error.where, value=error.value, remedy=error.remedy)


async def _invalid(_request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - a RequestValidationError
    faults = error.errors()
    first = faults[0] if faults else {"loc": (), "msg": "invalid"}
    where = ".".join(str(part) for part in first["loc"])
    value = first.get("input")
    shown = value if isinstance(value, str | int | float | bool) else None
    return problem(422, str(first["msg"]), where=where, value=shown)


async def _plain(_request: Request, error: Any) -> JSONResponse:  # noqa: ANN401 - an HTTPException
    what = _STATUS.get(error.status_code, str(error.detail))
    return problem(error.status_code, what, headers=error.headers)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "a fault of ours, not of yours", remedy="Try again, or report it.")
