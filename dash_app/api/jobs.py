"""Jobs: have a scenario run, see how far it is, stop it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from dash_app.api.errors import NotFoundError
from dash_app.api.needs import Body, Limit, Offset, Planner, Provided, Viewer, page_of
from dash_app.cities import city_folder
from dash_app.running import start_run
from twin.jobs.preview import preview

__all__ = ["router"]

router = APIRouter(prefix="/jobs", tags=["jobs"])
PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {}}, "description": "The water so far."}
}


class Wish(Body):
    """What to run."""

    scenario: Annotated[str, Field(min_length=1, max_length=1 << 20)]
    """The name of a shipped scenario or a draft, or a scenario as YAML."""
    city: Annotated[str, Field(max_length=64)] | None = None
    """Digest of a city; without it, what the scenario names."""


@router.post("", status_code=202)
def start_job(wish: Wish, services: Provided, who: Planner) -> dict[str, Any]:
    """Have a scenario run."""
    city = None if wish.city is None else city_folder(services.store, wish.city)
    job = start_run(services, wish.scenario, city, by=who.user)
    return {"job": job.as_dict()}


@router.get("")
def list_jobs(
    services: Provided, _who: Viewer, limit: Limit = 50, offset: Offset = 0
) -> dict[str, Any]:
    """List jobs, newest first."""
    return page_of([job.as_dict() for job in services.jobs.list()], limit, offset)


@router.get("/{job_id}")
def get_job(job_id: str, services: Provided, _who: Viewer) -> dict[str, Any]:
    """Return how far a job is."""
    return services.jobs.get(job_id).as_dict()


@router.get("/{job_id}/preview", response_class=Response, responses=PNG)
def get_preview(job_id: str, services: Provided, _who: Viewer) -> Response:
    """Return a picture of the water so far."""
    picture = preview(services.store.root, services.jobs.get(job_id))
    if picture is None:
        raise NotFoundError("there is no such picture yet", where=f"job {job_id}")
    return Response(picture, media_type="image/png", headers={"Cache-Control": "no-store"})


@router.post("/{job_id}/cancel")
def cancel_job(job_id: str, services: Provided, _who: Planner) -> dict[str, Any]:
    """Ask a job to stop at its next exchange."""
    return services.jobs.cancel(job_id).as_dict()


@router.post("/{job_id}/resume", status_code=202)
def resume_job(job_id: str, services: Provided, who: Planner) -> dict[str, Any]:
    """Go on with a job that stopped, as a new one."""
    return {"job": services.jobs.resume(job_id, by=who.user).as_dict()}


@router.delete("/{job_id}", status_code=204)
def remove_job(job_id: str, services: Provided, _who: Planner) -> None:
    """Forget a job that has ended; its run stays."""
    services.jobs.remove(job_id)
