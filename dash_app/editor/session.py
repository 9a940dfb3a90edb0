"""Opening what an address names, changing a draft, and the cities and runs that belong to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dash_app.editor.city import city_digest
from models.errors import InvalidInputError, TwinError
from scenarios import Scenario, library
from scenarios.loader import read_yaml
from twin.editing import Base, Draft, DraftStore, StoredDraft
from twin.editing.rewriting import rewrite
from twin.store.layout import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dash_app.services import Services

__all__ = ["change", "content_of", "load", "open_named", "scenario_now", "title_of", "yaml_of"]


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def open_named(services: Services, name: str) -> StoredDraft:
    """
    Return the draft of this name, or a new one, not kept yet, of what has this name.

    Parameters
    ----------
    services
        The store.
    name
        Key of a draft, name of a shipped scenario or of a plain draft, or id of a run.

    Raises
    ------
    TwinError
        If there is nothing of this name.
    """
    drafts = DraftStore(services.store.root)
    if name in drafts.keys():  # noqa: SIM118 - a method, not a mapping
        return drafts.load(name)
    if name in library():
        return _fresh(_shipped(name))
    if name in services.drafts.names():
        text = services.drafts.read(name)
        read_yaml(text, name=name)
        return _fresh(Base(name=name, text=text, origin="draft", key=name))
    record = next((r for r in services.store.runs() if r.run_id == name), None)
    if record is None:
        raise InvalidInputError("there is no such scenario or draft", where="editor", value=name)
    text = (record.folder / "scenario.yaml").read_text(encoding="utf-8")
    manifest = json.loads((record.folder / MANIFEST).read_text(encoding="utf-8"))
    city = manifest.get("city")
    digest = str(city.get("digest", "")) if isinstance(city, dict) else ""
    base = Base(name=record.scenario, text=text, origin="run", key=name)
    return replace(_fresh(base), city=digest or None)


def load(services: Services, state: Mapping[str, Any]) -> StoredDraft:
    """
    Return the draft that a page works on, kept or not.

    Raises
    ------
    TwinError
        If it is gone.
    """
    if state["key"]:
        return DraftStore(services.store.root).load(state["key"])
    return replace(open_named(services, state["name"]), city=state.get("city"))


def change(
    services: Services,
    state: Mapping[str, Any],
    function: Callable[[StoredDraft], StoredDraft],
    *,
    owner: str,
) -> StoredDraft:
    """
    Change a draft; where there is none yet, begin one, if the change changes anything.

    Raises
    ------
    TwinError
        If there is no such draft, or the store cannot be written.
    EditConflict
        If an edit does not apply.
    """
    drafts = DraftStore(services.store.root)
    if state["key"]:
        return drafts.update(state["key"], function, now=now())
    fresh = load(services, state)
    changed = function(fresh)
    if changed == fresh:
        return fresh
    stored = drafts.create(
        fresh.draft.base,
        title=fresh.title,
        now=now(),
        owner=owner,
        city=fresh.city,
        token=str(state.get("token", "")),
    )
    return drafts.update(stored.key, function, now=now())


def _shipped(name: str) -> Base:
    """Return a shipped scenario with the data of its files written out, so that it stands alone."""
    path = library()[name]
    text = path.read_text(encoding="utf-8")
    try:
        whole = Scenario.load(path).resolve().to_dict()
        text = rewrite(text, whole)
    except TwinError:
        pass  # its data are not on this machine: told when it is to run
    return Base(name=name, text=text, origin="shipped", key=name)


def _fresh(base: Base) -> StoredDraft:
    moment = now()
    draft = Draft(base=base)
    title = title_of(draft.document, base.name, "vi")
    return StoredDraft(key="", title=title, draft=draft, created=moment, changed=moment)


def title_of(document: dict[str, Any], name: str, language: str) -> str:
    """Return the title of a scenario in a language, or its name."""
    title = document.get("title")
    if isinstance(title, dict):
        said = title.get(language) or next((str(v) for v in title.values() if v), "")
        if said:
            return str(said)
    return name.replace("_", " ")


def yaml_of(stored: StoredDraft, role: str) -> str:
    """Return the scenario before or after the changes, as text to run."""
    if role == "before":
        return stored.draft.base.text
    return stored.draft.yaml


def scenario_now(stored: StoredDraft, role: str) -> Scenario | None:
    """Return the scenario before or after, or None where it is not valid."""
    try:
        return Scenario.parse(yaml_of(stored, role), name=stored.draft.base.name)
    except TwinError:
        return None


def content_of(services: Services, stored: StoredDraft, role: str) -> str:
    """Return what a run of this would be of: digest of scenario and city, empty if not valid."""
    scenario = scenario_now(stored, role)
    if scenario is None:
        return ""
    try:
        digest = scenario.digest
    except TwinError:
        return ""
    city = city_digest(services, scenario.to_dict(), stored.city)
    return hashlib.sha256(f"{digest} {city}".encode()).hexdigest()
