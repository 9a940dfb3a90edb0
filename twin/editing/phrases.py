"""What an entry of a list says: a command, a closure, a structure, a station, an emergency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twin.editing.documents import identity
from twin.language import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from twin.editing.documents import Path
    from twin.editing.wording import Words

__all__ = ["phrase"]

type Item = dict[str, Any]


def phrase(path: Path, item: Any, words: Words) -> str | None:  # noqa: ANN401 - any entry
    """Return what *item* in the list at *path* says; None where this list is not known."""
    if not isinstance(item, dict) or not path:
        return None
    if path[-1] == "breaches" and len(path) == 3:
        return _breach(item, words, str(path[1]))
    told = _LISTS.get(".".join(map(str, path)))
    return None if told is None else told(item, words)


def _command(item: Item, words: Words) -> str | None:  # noqa: PLR0911 - one answer a case
    at = words.moment(item.get("at"))
    match item:
        case {"do": "close_road" | "open_road" as do}:
            return words.say(f"phrase.{do}", road=words.road(item.get("road")), at=at)
        case {"do": "close_bridge" | "open_bridge" as do}:
            return words.say(f"phrase.{do}", bridge=words.bridge(item.get("bridge")), at=at)
        case {"do": "set_rain", "rate_mm_h": rate}:
            return words.say("phrase.set_rain_rate", rate=words.number(rate), at=at)
        case {"do": "set_rain"}:
            factor = words.number(item.get("multiplier"))
            return words.say("phrase.set_rain_multiplier", factor=factor, at=at)
        case {"do": "set_tide_offset"}:
            offset = words.number(item.get("offset_m"))
            return words.say("phrase.set_tide_offset", offset=offset, at=at)
        case {"do": "report_incident", "incident": dict() as incident}:
            return words.say("phrase.report_incident", **_emergency(incident, words), at=at)
        case {"do": "unit_out_of_service" | "unit_in_service" as do}:
            return words.say(f"phrase.{do}", unit=item.get("unit"), at=at)
        case {"do": "operate_structure" | "fail_structure" | "repair_structure"}:
            return _structure_command(item, words, at)
        case {"do": "warn_residents"}:
            message = label("message", str(item.get("message")), words.language)
            channel = str(item.get("channel")).replace("_", " ")
            return words.say("phrase.warn_residents", message=message, channel=channel, at=at)
        case _:
            return _dispatch_command(item, words, at)


def _dispatch_command(item: Item, words: Words, at: str) -> str | None:
    match item:
        case {"do": "send_unit", "unit": unit}:
            sent = {"unit": unit, "incident": item.get("incident")}
            return words.say("phrase.send_unit", **sent, at=at)
        case {"do": "dispatch_by", "by": "orders" | "policy" as by}:
            return words.say(f"phrase.dispatch_by_{by}", at=at)
        case {"do": "set_hospital" | "evacuate_hospital"}:
            return _hospital_command(item, words, at)
        case _:
            return None


def _structure_command(item: Item, words: Words, at: str) -> str:
    structure = words.called("structure", item.get("structure"))
    action = label("action", str(item.get("action")), words.language)
    opening = item.get("opening")
    if isinstance(opening, int | float):
        action = words.say("action.opening", share=words.number(100 * opening, 0))
    how = label("how", str(item.get("how", "stuck")), words.language)
    return words.say(f"phrase.{item['do']}", structure=structure, action=action, how=how, at=at)


def _hospital_command(item: Item, words: Words, at: str) -> str:
    hospital = words.called("facility", item.get("facility"))
    if item.get("do") == "evacuate_hospital":
        patients = words.number(item.get("patients"))
        return words.say("phrase.evacuate_hospital", name=hospital, patients=patients, at=at)
    changes = [
        words.say(f"hospital.{field}_{'yes' if item[field] else 'no'}")
        for field in ("open", "power")
        if isinstance(item.get(field), bool)
    ]
    if item.get("beds") is not None:
        changes.append(words.say("hospital.beds", beds=words.number(item["beds"])))
    return words.say("phrase.set_hospital", name=hospital, changes=", ".join(changes), at=at)


def _closure(item: Item, words: Words) -> str:
    span = words.span(item.get("start"), item.get("end"))
    return words.say("phrase.closure", road=words.road(item.get("road")), span=span)


def _structure(item: Item, words: Words) -> str:
    kind = label("structure", str(item.get("kind")), words.language)
    name = _title(item, words)
    if item.get("kind") == "pump" and isinstance(item.get("capacity_m3_s"), int | float):
        capacity = words.number(item["capacity_m3_s"])
        return _added(words, words.say("phrase.pump", name=name, capacity=capacity))
    for field, key in (("height_m", "high"), ("crest_m", "crest"), ("top_m", "crest")):
        if isinstance(item.get(field), int | float):
            height = words.number(item[field])
            said = words.say(f"phrase.structure_{key}", kind=kind, name=name, height=height)
            return _added(words, said)
    return _added(words, words.say("phrase.structure", kind=kind, name=name))


def _title(item: Item, words: Words) -> str:
    title = item.get("title")
    if isinstance(title, dict):
        said = title.get(words.language) or title.get("vi") or title.get("en")
        if said:
            return str(said)
    return str(identity(item) or "")


def _breach(item: Item, words: Words, owner: str) -> str:
    if "at" in item:
        at = words.say("when.at", at=words.moment(item["at"]))
    elif "when" in item:
        at = words.say("when.by_rule", rule=item["when"])
    else:
        at = words.say("when.by_command")
    named = words.called("structure", owner)
    if isinstance(item.get("width_m"), int | float):
        return words.say("phrase.breach", owner=named, width=words.number(item["width_m"]), at=at)
    return words.say("phrase.breach_size", owner=named, at=at)


def _station(item: Item, words: Words) -> str:
    place = words.place(item.get("location"))
    return _added(words, words.say("phrase.station", id=item.get("id"), place=place))


def _unit(item: Item, words: Words) -> str:
    default = "fire_engine" if item.get("service") == "fire" else "ambulance"
    vehicle = label("vehicle", str(item.get("vehicle_class") or default), words.language)
    vehicle = vehicle[:1].lower() + vehicle[1:]
    station = words.called("facility", item.get("station"))
    said = words.say("phrase.unit", vehicle=vehicle, id=item.get("id"), station=station)
    return _added(words, said)


def _emergency(item: Item, words: Words) -> dict[str, str]:
    kind = words.kind(item.get("kind"))
    return {
        "kind": kind[:1].lower() + kind[1:],
        "id": str(item.get("id")),
        "place": words.place(item.get("location")),
    }


def _incident(item: Item, words: Words) -> str:
    at = words.moment(item.get("at"))
    return _added(words, words.say("phrase.incident", **_emergency(item, words), at=at))


def _named(key: str) -> Callable[[Item, Words], str]:
    def told(item: Item, words: Words) -> str:
        place = words.place(item.get("location"))
        return _added(words, words.say(key, name=item.get("name"), place=place, id=item.get("id")))

    return told


def _added(words: Words, said: str) -> str:
    """Return a thing with the verb before it: gates and stations are added, roads are closed."""
    return words.say("phrase.add", phrase=said)


_LISTS: dict[str, Callable[[Item, Words], str | None]] = {
    "timeline": _command,
    "closures": _closure,
    "structures": _structure,
    "fleet.stations": _station,
    "fleet.units": _unit,
    "incidents.listed": _incident,
    "gauges": _named("phrase.gauge"),
    "inflows": _named("phrase.inflow"),
    "cross_sections": _named("phrase.cross_section"),
    "boundaries": _named("phrase.boundary"),
    "residents.shelters": _named("phrase.shelter"),
}
