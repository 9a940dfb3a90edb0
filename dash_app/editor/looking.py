"""What is selected, by the map or by name, and what can be done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import ALL, Input, Output, State, ctx, no_update

from dash_app.context import current
from dash_app.editor.cards import card_of
from dash_app.editor.city import city_digest, read_facts
from dash_app.editor.session import load
from dash_app.editor.texts import say
from models.errors import TwinError
from twin.editing import identity, value_at
from twin.editing.wording import Words
from twin.language import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash_app.backend import TwinDash
    from dash_app.editor.city import CityFacts, Thing
    from twin.editing import StoredDraft
    from twin.editing.edits import Document

__all__ = ["choices", "register"]


def register(dash: TwinDash) -> None:
    """Show what can be done to whatever is clicked or found."""

    @dash.callback(
        Output("edit-selected", "data"),
        Input("edit-pick", "data"),
        Input("edit-find", "value"),
        Input({"type": "choose", "what": ALL}, "n_clicks"),
        State("edit-state", "data"),
        prevent_initial_call=True,
    )
    def choose(pick: Any, found: str | None, clicks: list[Any], state: Any) -> Any:  # noqa: ANN401 - from the browser
        trigger = ctx.triggered_id
        if isinstance(trigger, dict):
            if not any(clicks):
                return no_update
            return _named(trigger["what"], state)
        if trigger == "edit-find":
            return _named(found, state) if found else no_update
        if not isinstance(pick, dict):
            return no_update
        return _picked(pick, state)

    @dash.callback(
        Output("edit-card", "children"),
        Input("edit-selected", "data"),
        Input("edit-state", "data"),
        prevent_initial_call=True,
    )
    def show_card(selected: Any, state: Any) -> Any:  # noqa: ANN401 - components
        context = current()
        if not isinstance(selected, dict) or not selected.get("what"):
            return []
        if ctx.triggered_id == "edit-state" and state.get("by") == "refused":
            return no_update
        try:
            stored = load(context.services, state)
        except TwinError:
            return []
        document = stored.draft.document
        digest = city_digest(context.services, document, stored.city)
        facts = read_facts(context.services, digest)
        return card_of(selected, document, facts, context.language, may=context.may("planner"))


def _named(what: str, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was chosen by name, with its place, so that the map can go there."""
    context = current()
    stored = load(context.services, state)
    digest = city_digest(context.services, stored.draft.document, stored.city)
    facts = read_facts(context.services, digest)
    thing = facts.things.get(what) if facts is not None else None
    at = {} if thing is None else {"lon": thing.lon, "lat": thing.lat}
    return {"what": what, "fly": True, **at}


def _picked(pick: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what a click on the map meant: the smallest thing that is there."""
    context = current()
    lon, lat = float(pick["lon"]), float(pick["lat"])
    at = {"lon": round(lon, 6), "lat": round(lat, 6)}
    hits = pick.get("hits") or []
    for hit in hits:
        if hit.get("what"):  # something of the scenario, which the sketch shows
            return {"what": str(hit["what"]), **at}
    stored = load(context.services, state)
    digest = city_digest(context.services, stored.draft.document, stored.city)
    facts = read_facts(context.services, digest)
    near = None if facts is None else facts.bridge_at(lon, lat, float(pick.get("reach_m") or 0.0))
    if near is not None:  # also where the map has not drawn it yet
        return {"what": f"bridge:{near.key}", **at}
    for hit in hits:
        found = _thing(hit, lon, lat, facts)
        if found:
            return {"what": found, **at}
    return {"what": "place:", **at}


def _thing(hit: Mapping[str, Any], lon: float, lat: float, facts: CityFacts | None) -> str:
    if "facility_id" in hit:
        return f"facility:{hit['facility_id']}"
    if "bridge_id" in hit:
        return f"bridge:{hit['bridge_id']}"
    if "segment_id" not in hit:
        return ""
    if hit.get("is_bridge") and facts is not None:
        bridge = facts.bridge_at(lon, lat)
        if bridge is not None:
            return f"bridge:{bridge.key}"
    return f"road:{hit['segment_id']}"


def choices(stored: StoredDraft, facts: CityFacts | None, language: str) -> list[dict[str, Any]]:
    """Return everything that can be found by name, in groups."""
    groups: list[dict[str, Any]] = []
    document = stored.draft.document
    words = Words(language, document, facts.names if facts else {})
    own = _own(document, language)
    if own:
        groups.append({"group": say("kind.structure", language), "items": own})
    for kind in ("bridge", "facility", "street"):
        things = [t for t in (facts.things.values() if facts else ()) if t.kind == kind]
        if things:
            items = [
                {"value": f"{kind}:{t.key}", "label": _found_as(t, words)}
                for t in sorted(things, key=lambda t: t.name)[:4000]
            ]
            groups.append({"group": say(f"kind.{kind}", language), "items": _distinct(items)})
    return groups


def _found_as(thing: Thing, words: Words) -> str:
    """Return the name under which people look for something."""
    name = thing.name[:1].upper() + thing.name[1:]
    sort = label("facility", thing.sort, words.language) if thing.kind == "facility" else ""
    kind = sort or say(f"one.{thing.kind}", words.language)
    return name if kind.lower() in name.lower() else f"{name} · {kind}"


def _own(document: Document, language: str) -> list[dict[str, Any]]:
    words = Words(language, document)
    items = []
    for path, kind in (
        (("structures",), "structure"),
        (("fleet", "stations"), "station"),
        (("fleet", "units"), "unit"),
    ):
        found = value_at(document, path)
        for item in found if isinstance(found, list) else []:
            name = identity(item)
            if name is not None:
                label = words.called(kind, name)
                items.append({"value": f"{kind}:{name}", "label": label})
    return _distinct(items)


def _distinct(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with labels that differ: where two are alike, the id says which."""
    seen: dict[str, int] = {}
    for item in items:
        seen[item["label"]] = seen.get(item["label"], 0) + 1
    return [
        item
        if seen[item["label"]] == 1
        else {**item, "label": f"{item['label']} ({item['value'].split(':', 1)[1]})"}
        for item in items
    ]
