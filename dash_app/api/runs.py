"""Runs: list them, write on them, delete them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from dash_app import library
from dash_app.api.errors import ConflictError, NotFoundError
from dash_app.api.needs import Body, Limit, Offset, Planner, Provided, Viewer, page_of
from twin.jobs.preview import thumbnail
from twin.results.open import open_run

__all__ = ["router"]

router = APIRouter(prefix="/runs", tags=["runs"])
PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "The largest depth."}
}
Text = Annotated[str, Query(max_length=200)]


class Change(Body):
    """What to write on a run; what is left out stays."""

    title: Annotated[str, Field(max_length=200)] | None = None
    tags: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20)] | None = None
    archived: bool | None = None


@router.get("")
def list_runs(
    services: Provided,
    _who: Viewer,
    *,
    state: Literal["finished", "running", "interrupted", "failed"] | None = None,
    archived: bool = False,
    deleted: bool = False,
    text: Text = "",
    tag: Text = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> dict[str, Any]:
    """List runs, newest first: the usual ones, the archived, or those that can be brought back."""
    found = library.list_runs(
        services,
        state=state,
        archived=None if deleted else archived,
        deleted=deleted,
        text=text,
        tag=tag,
    )
    page = page_of(found, limit, offset)
    return {**page, "items": [entry.as_dict() for entry in page["items"]]}


@router.get("/{run_id}")
def get_run(run_id: str, services: Provided, _who: Viewer) -> dict[str, Any]:
    """Return a run: its line of the list, and for a finished one its manifest and summary."""
    entry = library.find_run(services, run_id)
    if entry.state != "finished":
        return entry.as_dict()
    run = open_run(run_id, store=services.store.root)
    return {**entry.as_dict(), "manifest": run.manifest, "summary": run.summary}


@router.get("/{run_id}/kpis")
def get_kpis(run_id: str, services: Provided, _who: Viewer, response: Response) -> dict[str, Any]:
    """Return the key figures of a finished run."""
    entry = library.find_run(services, run_id)
    if entry.state != "finished":
        raise ConflictError(
            "the run is not finished", where=run_id, value=entry.state, remedy="Wait for it."
        )
    run = open_run(run_id, store=services.store.root)
    response.headers["ETag"] = f'"{run.digest}"'
    return run.kpis


@router.get("/{run_id}/thumbnail", response_class=Response, responses=PNG)
def get_thumbnail(run_id: str, services: Provided, _who: Viewer, request: Request) -> Response:
    """Return a small picture of the largest depth of a finished run."""
    entry = library.find_run(services, run_id)
    headers = {"ETag": f'"{entry.digest}-small"', "Cache-Control": "private, max-age=86400"}
    if entry.digest and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    picture = None
    if entry.state == "finished":
        picture = thumbnail(services.store.layout.runs / run_id)
    if picture is None:
        raise NotFoundError("there is no such picture", where=f"run {run_id}")
    return Response(picture, media_type="image/png", headers=headers)


@router.patch("/{run_id}")
def change_run(run_id: str, change: Change, services: Provided, _who: Planner) -> dict[str, Any]:
    """Rename, tag or archive a run."""
    entry = library.change_run(
        services, run_id, title=change.title, tags=change.tags, archived=change.archived
    )
    return entry.as_dict()


@router.delete("/{run_id}")
def delete_run(run_id: str, services: Provided, _who: Planner) -> dict[str, Any]:
    """Delete a run; until ``undo_until_s`` it can be brought back."""
    library.sweep(services)
    return library.delete_run(services, run_id).as_dict()


@router.post("/{run_id}/resume", status_code=202)
def resume_run(run_id: str, services: Provided, who: Planner) -> dict[str, Any]:
    """Go on with a run that stopped, as a job."""
    return {"job": library.resume_run(services, run_id, by=who.user).as_dict()}


@router.post("/{run_id}/restore")
def restore_run(run_id: str, services: Provided, _who: Planner) -> dict[str, Any]:
    """Bring a deleted run back."""
    return library.restore_run(services, run_id).as_dict()
