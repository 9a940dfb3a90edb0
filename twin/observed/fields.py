"""The fields of each kind of observed data: what a mapping may name, and of which sort it is."""

from __future__ import annotations

from typing import Final, Literal

__all__ = ["FIELDS", "KINDS", "PLACE", "REQUIRED", "TRIP_TIMES", "Sort"]

type Sort = Literal["text", "time", "number"]

KINDS: Final = ("responses", "closures", "levels", "rain", "street_reports", "extents")

#: The times of one unit at one incident, in the order in which they can come.
TRIP_TIMES: Final = ("dispatch", "mobile", "arrival", "leave", "hospital", "clear")

#: Where something is: by coordinates, by names of the city, or by the words of whoever wrote it.
PLACE: Final[dict[str, Sort]] = {
    "lon": "number",
    "lat": "number",
    "x_m": "number",
    "y_m": "number",
    "street": "text",
    "cross_street": "text",
    "facility": "text",
    "place": "text",
}

_CALL: Final[dict[str, Sort]] = {
    "incident": "text",
    "call": "time",
    "kind": "text",
    "priority": "text",
    **PLACE,
}

#: By table: every field with its sort.
FIELDS: Final[dict[str, dict[str, Sort]]] = {
    "calls": _CALL,
    "responses": {
        **_CALL,
        "unit": "text",
        "service": "text",
        "station": "text",
        **dict.fromkeys(TRIP_TIMES, "time"),
        "hospital_name": "text",
    },
    "closures": {
        "street": "text",
        "between_1": "text",
        "between_2": "text",
        "bridge": "text",
        "segment": "text",
        "lon": "number",
        "lat": "number",
        "within_m": "number",
        "start": "time",
        "end": "time",
        "reason": "text",
    },
    "levels": {"time": "time", "station": "text", "level": "number", "flag": "text"},
    "rain": {"time": "time", "station": "text", "rain": "number", "flag": "text"},
    "street_reports": {
        "id": "text",
        "time": "time",
        "start": "time",
        "peak": "time",
        "end": "time",
        **PLACE,
        "length_m": "number",
        "depth": "number",
        "depth_low": "number",
        "depth_high": "number",
        "words": "text",
        "state": "text",
        "evidence": "text",
        "source": "text",
    },
}

#: By table: fields without which nothing can be done.
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "calls": ("incident", "call"),
    "responses": ("incident", "unit", "dispatch"),
    "closures": ("start",),
    "levels": ("time", "level"),
    "rain": ("time", "rain"),
    "street_reports": (),
}
