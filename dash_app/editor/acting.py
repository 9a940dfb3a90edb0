"""The callbacks that change the draft: buttons, fields, switches, drawings, the YAML."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import ALL, Input, State, ctx, set_props

from dash_app.context import current
from dash_app.editor import doing
from dash_app.editor.city import city_digest, read_facts
from dash_app.editor.curves import read_scenario, steps_of
from dash_app.editor.fields import path_of, read
from dash_app.editor.listing import added_id
from dash_app.editor.session import change
from dash_app.editor.texts import say
from dash_app.shell import NOTICES, notice
from models.errors import InvalidInputError, TwinError
from scenarios.schema.time import format_seconds
from twin.editing import EditConflict, SetField, StoredDraft
from twin.editing.documents import dotted
from twin.language import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from twin.editing import Draft, Edit

__all__ = ["register"]

_CHOSEN = {
    "barrier": "structure",
    "wall": "structure",
    "dyke": "structure",
    "station": "station",
}


def register(dash: TwinDash) -> None:
    """Add the callback through which every change goes."""

    # What it changes is handed over by set_props: as outputs they would close circles, for which
    # Dash does not wait, and hold back the first showing of the page.
    @dash.callback(
        Input({"type": "eb", "do": ALL, "arg": ALL}, "n_clicks"),
        Input({"type": "ef", "path": ALL}, "value"),
        Input({"type": "et", "path": ALL, "col": ALL, "row": ALL}, "value"),
        Input({"type": "es", "row": ALL}, "checked"),
        Input("edit-rain-kind", "value"),
        Input("edit-rain", "relayoutData"),
        Input("edit-drawn", "data"),
        Input("edit-shortcut", "data"),
        Input("edit-yaml", "value"),
        State({"type": "ec", "name": ALL}, "value"),
        State({"type": "ec", "name": ALL}, "id"),
        State("edit-touched", "data"),
        State("edit-state", "data"),
        role="planner",
        prevent_initial_call=True,
    )
    def change_draft(*given: Any) -> None:  # noqa: ANN401 - what the components hold
        *_, values, ids, touched, state = given
        times = {key["name"]: value for key, value in zip(ids, values, strict=True)}
        context = current()
        done = _Done()

        def function(stored: StoredDraft) -> StoredDraft:
            stale = bool(state["at"]) and stored.changed.isoformat() != state["at"]
            for wish in ctx.triggered:
                key = _key_of(wish)
                if _by_hand(key, touched) and not (
                    stale and _is_echo(key, wish["value"], stored.draft)
                ):
                    stored = _wish(context, stored, wish, times, done)
            return stored

        try:
            stored = change(context.services, state, function, owner=context.user)
        except EditConflict as conflict:
            place = dotted((*conflict.path, *([conflict.name] if conflict.name else [])))
            why = text(f"conflict.{conflict.kind}", context.language, place=place)
            _refuse(state, notice(say("refused", context.language), why))
            return
        except TwinError as error:
            _refuse(state, notice(say("refused", context.language), str(error), kind="bad"))
            return
        fresh = {
            **state,
            "key": stored.key,
            "city": stored.city,
            "at": stored.changed.isoformat() if stored.key else "",
            "by": done.by,
        }
        same = fresh["at"] == state["at"] and fresh["key"] == state["key"]
        if done.told:
            set_props(NOTICES, {"sendNotifications": [notice(done.told)]})
        if done.selected:
            set_props("edit-selected", {"data": done.selected})
        if not same:
            set_props("edit-state", {"data": fresh})


def _by_hand(key: Any, touched: list[str] | None) -> bool:  # noqa: ANN401 - of any component
    """
    Tell whether somebody touched a component, or it only reports what it was given to show.

    Parameters
    ----------
    key
        Its id.
    touched
        Ids of the components that were touched in the last seconds, as the browser writes them.
    """
    ids = touched or []
    if isinstance(key, dict):
        name = json.dumps(key, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return key.get("type") not in {"ef", "et", "es"} or name in ids
    return key not in {"edit-yaml", "edit-rain-kind"} or key in ids


def _is_echo(key: Any, value: Any, draft: Draft) -> bool:  # noqa: ANN401 - of any component
    """
    Tell whether a field only shows what the draft said a moment ago, and nobody typed it.

    Fields report whatever they are given. Where the draft has moved on in the meantime, that
    would be taken for a change back.
    """
    if not isinstance(key, dict) or key.get("type") not in {"ef", "et"}:
        return bool(key == "edit-rain-kind")
    for changes in (*draft.past[-3:], *draft.future[:2]):
        document = replace(draft, changes=changes).document
        path = path_of(key["path"])
        if key["type"] == "et":
            path = (*path, key["col"], int(key["row"]))
        if str(read(path, document)) == str(value if value is not None else ""):
            return True
    return False


def _refuse(state: Mapping[str, Any], told: dict[str, Any]) -> None:
    """Say why nothing was changed, and show again what the draft says."""
    set_props(NOTICES, {"sendNotifications": [told]})
    again = {**state, "by": "refused", "turn": int(state.get("turn", 0)) + 1}
    set_props("edit-state", {"data": again})


class _Done:
    """What came of a change, beside the draft."""

    def __init__(self) -> None:
        self.by = ""
        self.selected: dict[str, str] | None = None
        self.told = ""


def _wish(  # noqa: C901, PLR0911 - one answer a case
    context: Context,
    stored: StoredDraft,
    wish: Mapping[str, Any],
    times: Mapping[str, Any],
    done: _Done,
) -> StoredDraft:
    """Return the draft after one thing that somebody did."""
    key, value = _key_of(wish), wish["value"]
    draft = stored.draft
    match key:
        case {"type": "eb", "do": do, "arg": arg}:
            return stored.with_draft(_press(draft, do, arg, times)) if value else stored
        case {"type": "es", "row": int() as row} if isinstance(value, bool):
            there = row < len(draft.changes) and draft.changes[row].on != value
            return stored.with_draft(draft.switch(row, on=value)) if there else stored
        case {"type": "ef", "path": path}:
            where = path_of(path)
            if read(where, draft.document) == ("" if value is None else value):
                return stored  # it shows what the draft says
            return _do(stored, doing.set_field(where, value, draft.document))
        case {"type": "et", "path": path, "col": column, "row": row}:
            edits = doing.set_cell(path_of(path), column, int(row), value, draft.document)
            return _do(stored, edits)
        case "edit-rain-kind":
            now = read_scenario(draft.yaml, None)
            kind = str(value)
            return _do(stored, doing.rain_of_kind(kind, draft.document, draft.base_document, now))
        case "edit-rain":
            return _do(stored, _dragged(value, draft))
        case "edit-drawn":
            return _draw(context, stored, value, times, done)
        case "edit-shortcut":
            return stored.with_draft(_press(draft, str((value or {}).get("do")), "", times))
        case "edit-yaml":
            done.by = "yaml"
            return _type(stored, str(value))
        case _:
            return stored


def _key_of(wish: Mapping[str, Any]) -> Any:  # noqa: ANN401 - text, or a mapping
    """Return the id of the component that somebody touched."""
    name = str(wish["prop_id"]).rsplit(".", 1)[0]
    triggered = ctx.triggered_prop_ids.get(wish["prop_id"])
    return triggered if triggered is not None else name


def _do(stored: StoredDraft, edits: list[Edit]) -> StoredDraft:
    return stored.with_draft(stored.draft.do(*edits)) if edits else stored


def _press(draft: Draft, do: str, arg: str, times: Mapping[str, Any]) -> Draft:
    match do:
        case "undo":
            return draft.undo()
        case "redo":
            return draft.redo()
        case "drop":
            return draft.drop(int(arg)) if int(arg) < len(draft.changes) else draft
        case _:
            edits = doing.act(do, arg, draft.document, times)
            return draft.do(*edits) if edits else draft


def _draw(
    context: Context,
    stored: StoredDraft,
    drawn: Any,  # noqa: ANN401 - from the browser
    times: Mapping[str, Any],
    done: _Done,
) -> StoredDraft:
    if not isinstance(drawn, dict):
        return stored
    document = stored.draft.document
    digest = city_digest(context.services, document, stored.city)
    edits = doing.draw(drawn, document, read_facts(context.services, digest), times)
    if not edits and drawn.get("tool") == "area":
        done.told = say("no_roads_inside", context.language)
    kind = _CHOSEN.get(str(drawn.get("tool")))
    if edits and kind is not None:
        done.selected = {"what": f"{kind}:{added_id(edits[0])}"}
    return _do(stored, edits)


def _type(stored: StoredDraft, typed: str) -> StoredDraft:
    """Take over what was typed; where it is no document, keep it aside."""
    if typed == stored.draft.yaml:
        return replace(stored, typed=None)
    try:
        return replace(stored, draft=stored.draft.retype(typed), typed=None)
    except InvalidInputError:
        return replace(stored, typed=typed)


def _dragged(relayout: Any, draft: Draft) -> list[Edit]:  # noqa: ANN401 - from the browser
    """Return the edit of a step of rain that was dragged up or down."""
    if not isinstance(relayout, dict):
        return []
    path = ("rain", "hyetograph")
    scenario = read_scenario(draft.yaml, None)
    steps = None if scenario is None else steps_of(scenario)
    if scenario is None or scenario.rain is None or steps is None:
        return []
    times, rates = steps
    factor = scenario.rain.multiplier or 1.0
    moved = {}
    for name, value in relayout.items():
        match = re.fullmatch(r"shapes\[(\d+)\]\.y[01]", name)
        if match and int(match[1]) < len(rates) - 1:
            moved[int(match[1])] = max(0.0, float(value))
    if not moved or "hyetograph" not in draft.document.get("rain", {}):
        return []
    fresh = [round(moved.get(i, float(rate)) / factor, 1) for i, rate in enumerate(rates)]
    shown = [format_seconds(float(t)) for t in times]
    group = draft.document["rain"]["hyetograph"]
    if "rates_mm_h" in group and len(group["rates_mm_h"]) == len(fresh):
        return [SetField((*path, "rates_mm_h"), [*fresh[:-1], 0])]
    return [SetField(path, {"times": shown, "rates_mm_h": [*fresh[:-1], 0]})]
