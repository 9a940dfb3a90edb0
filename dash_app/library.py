"""The runs as people see them: the catalogue joined with what was written on each."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dash_app.api.errors import ConflictError, NotFoundError
from dash_app.labels import UNDO_S, Label
from models.errors import StoreError
from twin.store import files
from twin.store.layout import CHECKSUMS, MANIFEST

if TYPE_CHECKING:
    from pathlib import Path

    from dash_app.services import Services
    from twin.jobs import Job
    from twin.store.catalogue import RunRecord

__all__ = [
    "RunEntry",
    "change_run",
    "delete_run",
    "find_run",
    "list_runs",
    "restore_run",
    "resume_run",
    "sweep",
]

_SHOWN = ("flooded_area_m2", "max_depth_m", "incidents", "served", "unserved", "wall_s")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """
    One line of the list of runs.

    Parameters
    ----------
    run_id, scenario, city, city_title, city_digest, created, state, digest, reason
        As the store has them.
    title, tags, archived
        As people wrote them; the title of the scenario by language where nobody did.
    deleted_s, undo_until_s
        When it was deleted, and until when it can be brought back, s since 1970; 0 if it was not.
    duration_s, cell_size_m
        Of the scenario, and of the grid; None where it has none.
    size_bytes
        On the disk.
    figures
        A few key figures of a finished run.
    """

    run_id: str
    scenario: str
    city: str
    city_title: dict[str, str]
    city_digest: str
    created: str
    state: str
    title: dict[str, str]
    tags: tuple[str, ...]
    archived: bool
    deleted_s: float
    undo_until_s: float
    duration_s: float
    cell_size_m: float | None
    size_bytes: int
    digest: str
    reason: str
    figures: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return asdict(self)

    @property
    def flooded_area_m2(self) -> float | None:
        """Area under more than 0.1 m of water (or the least depth there is), m²; None if dry."""
        areas = self.figures.get("flooded_area_m2") or {}
        return next((float(area) for _, area in sorted(areas.items())), None)

    @property
    def has_flood(self) -> bool:
        """Whether the run is finished and computed a flood."""
        return self.state == "finished" and self.flooded_area_m2 is not None

    def city_in(self, language: str) -> str:
        """Return what the city is called in *language*, or its name."""
        return self.city_title.get(language) or self.city.replace("-", " ")

    def title_in(self, language: str) -> str:
        """Return the title in *language*, or in another where it has none."""
        named = self.title.get(language) or next(iter(self.title.values()), "")
        return named or self.scenario.replace("_", " ")


def list_runs(
    services: Services,
    *,
    state: str | None = None,
    archived: bool | None = False,
    deleted: bool = False,
    text: str = "",
    tag: str = "",
) -> list[RunEntry]:
    """
    Return runs, newest first.

    Parameters
    ----------
    state, archived, text, tag
        Which; None takes all. *text* is looked for in title, scenario, city and tags.
    deleted
        Those that can still be brought back instead.
    """
    labels = services.labels.all()
    found = []
    for record in reversed(services.store.runs()):
        label = labels.get(record.run_id, Label())
        if bool(label.deleted_s) != deleted or state not in {None, record.state}:
            continue
        if archived not in {None, label.archived} or (tag and tag not in label.tags):
            continue
        entry = _entry(record, label)
        words = " ".join(
            [entry.run_id, entry.scenario, entry.city, *entry.title.values(), *entry.tags]
        )
        if text.casefold() in words.casefold():
            found.append(entry)
    return found


def find_run(services: Services, run_id: str) -> RunEntry:
    """
    Return a run by its whole name.

    Raises
    ------
    NotFoundError
        If there is none, or it was deleted.
    """
    return _entry(*_find(services, run_id))


def change_run(
    services: Services,
    run_id: str,
    *,
    title: str | None = None,
    tags: list[str] | None = None,
    archived: bool | None = None,
) -> RunEntry:
    """
    Write on a run; None leaves a field as it is.

    Raises
    ------
    NotFoundError
        As :func:`find_run`.
    """
    record, label = _find(services, run_id)
    if title is not None:
        label = replace(label, title=" ".join(title.split())[:200])
    if tags is not None:
        words = {" ".join(tag.split())[:40] for tag in tags}
        label = replace(label, tags=tuple(sorted(words - {""})))
    if archived is not None:
        label = replace(label, archived=archived)
    services.labels.put(run_id, label)
    return _entry(record, label)


def delete_run(services: Services, run_id: str) -> RunEntry:
    """
    Delete a run; for ``UNDO_S`` it can be brought back.

    Raises
    ------
    NotFoundError
        As :func:`find_run`.
    ConflictError
        If it is being computed.
    """
    record, label = _find(services, run_id)
    if record.state == "running":
        raise ConflictError(
            "the run is being computed", where=run_id, remedy="Cancel its job first."
        )
    label = replace(label, deleted_s=time.time())
    services.labels.put(run_id, label)
    return _entry(record, label)


def resume_run(services: Services, run_id: str, *, by: str = "") -> Job:
    """
    Go on with a run that stopped, and return its job.

    Raises
    ------
    NotFoundError
        As :func:`find_run`.
    ConflictError
        If it is finished, or being computed, or too many jobs are waiting.
    """
    record, _ = _find(services, run_id)
    if record.state not in {"interrupted", "failed"}:
        raise ConflictError(
            "only a run that stopped can be resumed", where=run_id, value=record.state
        )
    if services.jobs.is_full():
        raise ConflictError(
            "too many runs are computing or waiting already",
            where="jobs",
            remedy="Wait for one to end, or cancel one.",
        )
    return services.jobs.take_up(run_id, by=by)


def restore_run(services: Services, run_id: str) -> RunEntry:
    """
    Bring a deleted run back.

    Raises
    ------
    NotFoundError
        If it is gone for good, or was not deleted.
    """
    label = services.labels.get(run_id)
    if not label.deleted_s:
        raise NotFoundError("there is no such deleted run", where="runs", value=run_id)
    services.labels.put(run_id, replace(label, deleted_s=0.0))
    return find_run(services, run_id)


def sweep(services: Services) -> None:
    """Delete for good what can no longer be brought back."""
    for run_id, label in services.labels.all().items():
        if label.deleted_s and time.time() - label.deleted_s > UNDO_S:
            if any(record.run_id == run_id for record in services.store.runs()):
                services.store.delete(run_id)
            services.labels.drop(run_id)


def _find(services: Services, run_id: str) -> tuple[RunRecord, Label]:
    label = services.labels.get(run_id)
    record = next((r for r in services.store.runs() if r.run_id == run_id), None)
    if record is None or label.deleted_s:
        raise NotFoundError(
            "there is no such run",
            where="runs",
            value=run_id,
            remedy="It may have been deleted; list the runs that there are.",
        )
    return record, label


def _entry(record: RunRecord, label: Label) -> RunEntry:
    if record.state == "finished":
        manifest, size_bytes = _finished(record.folder, record.digest)
    else:
        manifest, size_bytes = _manifest(record.folder), _size(record.folder)
    scenario, city = manifest.get("scenario"), manifest.get("city")
    scenario = scenario if isinstance(scenario, dict) else {}
    city = city if isinstance(city, dict) else {}
    named = {"vi": label.title, "en": label.title} if label.title else scenario.get("title") or {}
    size = manifest.get("cell_size_m")
    return RunEntry(
        run_id=record.run_id,
        scenario=record.scenario,
        city=record.city,
        city_title={key: str(value) for key, value in (city.get("title") or {}).items()},
        city_digest=str(city.get("digest", "")),
        created=record.created,
        state=record.state,
        title={key: str(value) for key, value in named.items()},
        tags=label.tags,
        archived=label.archived,
        deleted_s=label.deleted_s,
        undo_until_s=label.deleted_s + UNDO_S if label.deleted_s else 0.0,
        duration_s=float(scenario.get("duration_s", 0.0)),
        cell_size_m=None if size is None else float(size),
        size_bytes=size_bytes,
        digest=record.digest,
        reason=record.reason,
        figures={key: record.summary[key] for key in _SHOWN if key in record.summary},
    )


@lru_cache(maxsize=4096)
def _finished(folder: Path, digest: str) -> tuple[dict[str, Any], int]:  # noqa: ARG001 - part of the key
    """Return manifest and size, bytes, of a finished run, which never change."""
    try:
        listing = json.loads((folder / CHECKSUMS).read_text("utf-8"))
        size = sum(int(one) for one, _ in listing.values())
    except (OSError, ValueError, TypeError, AttributeError):
        size = 0  # damaged, which `twin verify` says
    return _manifest(folder), size


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / MANIFEST).read_text("utf-8")))
    except (OSError, ValueError):
        return {}  # moved or removed this moment


def _size(folder: Path) -> int:
    """Return the bytes of a run that is not finished."""
    try:
        return sum(path.stat().st_size for path in files.walk(folder))
    except (OSError, StoreError):
        return 0  # it changes this moment
