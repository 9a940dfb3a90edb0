"""An edit as a sentence, as a planner would say it, in Vietnamese and English."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from twin.editing.documents import MISSING, identity, value_at
from twin.editing.edits import AddItem, RemoveField, RemoveItem, ReplaceItem, SetField
from twin.editing.phrases import phrase
from twin.editing.wording import Words
from twin.language import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twin.editing.documents import Path
    from twin.editing.edits import Document, Edit

__all__ = ["sentence"]


def sentence(
    edit: Edit, language: str, *, before: Document, names: Mapping[str, str] | None = None
) -> str:
    """
    Return what an edit does, as one sentence.

    Parameters
    ----------
    edit
        The edit.
    language
        ``vi`` or ``en``.
    before
        The document that it changes: it tells what was there, and what time it is.
    names
        Names of what the city holds, by ``bridge:<id>``, ``facility:<id>``, ``segment:<id>``.
    """
    said = _told(edit, before, Words(language, before, names or {}))
    named = not said.split(" ", 1)[0].isalpha()  # an id stays as it is
    return said if named else said[:1].upper() + said[1:]


def _told(edit: Edit, before: Document, words: Words) -> str:
    match edit:
        case SetField(path, value):
            return _set(path, value, value_at(before, path), words)
        case RemoveField(path):
            return _unset(path, value_at(before, path), words)
        case AddItem(path, item):
            return phrase(path, item, words) or words.say(
                "edit.entry", label=words.field(path), name=identity(item) or "…"
            )
        case RemoveItem(path, item):
            known = _standing(path, item, before)
            return words.say("edit.removed", phrase=_bare(path, known, words))
        case ReplaceItem(path, old, item):
            return words.say(
                "edit.replaced", new=_bare(path, item, words), old=_bare(path, old, words)
            )


def _standing(path: Path, item: Any, before: Document) -> Any:  # noqa: ANN401 - any entry
    """Return the entry as the document has it: whoever removes it may give its name alone."""
    name = identity(item)
    found = MISSING if name is None else value_at(before, (*path, name))
    return item if found is MISSING else found


def _bare(path: Path, item: object, words: Words) -> str:
    """Return the phrase of an entry without the verb that adds it."""
    said = None if item == {"id": identity(item)} else phrase(path, item, words)
    if said is None:
        return f"{words.field(path)}: {identity(item) or '…'}"
    verb = words.say("phrase.add", phrase="").strip() + " "
    return said.removeprefix(verb)


def _set(path: Path, value: Any, old: Any, words: Words) -> str:  # noqa: ANN401 - any value
    told = _special(path, value, old, words)
    if told is not None:
        return told
    entry = _entry_of(path, words)
    new = words.value(value, str(path[-1]))
    if isinstance(value, dict | list) and new == "…":
        shown = words.field(path) if entry is None else f"{entry} – {words.field(path)}"  # noqa: RUF001 - typography
        return words.say("edit.set_group", label=shown)
    was = words.value(old, str(path[-1]))
    if entry is not None:
        key = "edit.in_new" if old is MISSING else "edit.in"
        return words.say(key, owner=entry, label=words.field(path), old=was, new=new)
    key = "edit.set_new" if old is MISSING else "edit.set"
    return words.say(key, label=words.field(path), old=was, new=new)


def _entry_of(path: Path, words: Words) -> str | None:
    """Return the name of the entry of a list in which a field lies."""
    if path[0] == "structures" and len(path) > 2:
        return words.called("structure", path[1])
    if path[:2] in {("fleet", "units"), ("fleet", "stations"), ("incidents", "listed")}:
        return str(path[2]) if len(path) > 3 else None
    if path[0] in {"gauges", "inflows", "boundaries", "cross_sections"} and len(path) > 2:
        return str(path[1])
    return None


def _special(path: Path, value: Any, old: Any, words: Words) -> str | None:  # noqa: ANN401, C901, PLR0911 - any value, one answer a case
    """Return the sentence of a field that has one of its own."""
    match path, value:
        case ("tide", "offset_m"), int() | float():
            return _tide(float(value), old, words)
        case ("rain", "multiplier"), int() | float():
            return words.say("edit.rain_times", factor=words.number(value))
        case ("rain",), dict():
            return _rain(value, words)
        case ("rain", "design_storm"), dict():
            return _rain({"design_storm": value}, words)
        case ("rain", "hyetograph"), dict():
            return _rain({"hyetograph": value}, words)
        case ("flood",), "none":
            return words.say("edit.dry")
        case ("fleet", "ambulances" | "fire_engines" as kind), int():
            was = 0 if old is MISSING else old
            return words.say(f"edit.{kind}", old=was, new=value)
        case (
            (("fleet", "stations", name, "location") | ("incidents", "listed", name, "location")),
            _,
        ):
            return words.say("edit.moved", owner=name, place=words.place(value))
        case ("gauges" | "inflows", name, "location"), _:
            return words.say("edit.moved", owner=name, place=words.place(value))
        case ("fleet", "units", unit, "station"), _:
            station = words.called("facility", value)
            return words.say("edit.restationed", unit=unit, station=station)
        case _:
            return None


def _tide(value: float, old: Any, words: Words) -> str:  # noqa: ANN401 - what was there
    was = float(old) if isinstance(old, int | float) else 0.0
    if value == 0.0:
        return words.say("edit.tide_as_before")
    key = "edit.tide_up" if value > was else "edit.tide_down"
    by = words.number(abs(value - was), 2)
    return words.say(key, by=by, total=("+" if value > 0 else "") + words.number(value, 2))


def _rain(rain: dict[str, Any], words: Words) -> str:
    match rain:
        case {"design_storm": {**storm}}:
            values = {
                "depth": words.number(storm.get("depth_mm")),
                "duration": words.duration(storm.get("duration")),
                "pattern": label("pattern", str(storm.get("pattern")), words.language),
                "start": words.moment(storm.get("start", "0")),
            }
            key = "edit.rain_storm" if "depth_mm" in storm else "edit.rain_storm_idf"
            return words.say(key, **values)
        case {"hyetograph": {"times": [*times], "rates_mm_h": [*rates]}}:
            total, peak = _volume(times, rates, words)
            return words.say(
                "edit.rain_drawn", total=words.number(total, 0), peak=words.number(peak, 0)
            )
        case _:
            return words.say("edit.rain_other")


def _volume(times: list[Any], rates: list[Any], words: Words) -> tuple[float, float]:
    """Return the depth, mm, and the highest rate, mm/h, of a hyetograph; 0 where it is wrong."""
    from scenarios.schema.time import parse_moment  # noqa: PLC0415 - kept out of the start

    try:
        seconds = [parse_moment(time, words.clock, inside=False) for time in times]
        values = [float(rate) for rate in rates]
    except (TypeError, ValueError):
        return 0.0, 0.0
    hours = [(b - a) / 3600 for a, b in pairwise(seconds)]
    return sum(r * h for r, h in zip(values, hours, strict=False)), max(values, default=0.0)


def _unset(path: Path, old: object, words: Words) -> str:
    match path:
        case ("rain",):
            return words.say("edit.no_rain")
        case ("tide",):
            return words.say("edit.no_tide")
        case ("tide", "offset_m"):
            return words.say("edit.tide_as_before")
    if isinstance(old, dict | list):
        return words.say("edit.unset_group", label=words.field(path))
    was = words.value(old, str(path[-1]))
    return words.say("edit.unset", label=words.field(path), old=was)
