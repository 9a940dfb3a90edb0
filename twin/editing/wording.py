"""The words of sentences about edits: numbers, times, places, roads, names of fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from scenarios.schema.time import Clock, Period, parse_duration, parse_moment
from twin.editing.documents import MISSING, value_at
from twin.language import clock, known, label, short_number, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from twin.editing.documents import Path
    from twin.editing.edits import Document

__all__ = ["Words"]

_LONGEST = 40
#: Fields whose words are those of a family of texts.
_FAMILIES = {
    "pattern": "pattern",
    "kind": "structure",
    "solver": "solver",
    "action": "action",
    "how": "how",
}


@dataclass(frozen=True)
class Words:
    """
    How values of a document are said in one language.

    Parameters
    ----------
    language
        ``vi`` or ``en``.
    document
        The document of which is spoken: its period gives the clock, its titles the names.
    names
        Names of what the city holds, by ``bridge:<id>``, ``facility:<id>``, ``structure:<id>``.
    """

    language: str
    document: Document
    names: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, **values: object) -> str:
        """Return the text *key* with *values* in its places."""
        return text(key, self.language, **values)

    @cached_property
    def clock(self) -> Clock | None:
        """The period; None where the document has no valid one."""
        try:
            return Period.model_validate(self.document.get("period")).clock
        except ValidationError:
            return None

    def number(self, value: object, decimals: int = 3) -> str:
        """Return a number as the language writes it, and anything else as it stands."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return self.value(value)
        return short_number(float(value), self.language, decimals)

    def moment(self, value: object) -> str:
        """Return a moment as the time of day, with the date where it is another day."""
        try:
            seconds = parse_moment(value, self.clock, inside=False)
        except ValueError:
            return str(value)
        if self.clock is None:
            return clock(seconds, self.language)
        moment = self.clock.start + timedelta(seconds=seconds)
        shown = f"{moment:%H:%M}"
        if moment.date() == self.clock.start.date():
            return shown
        return f"{shown} ({moment.day}/{moment.month})"

    def duration(self, value: object) -> str:
        """Return a length of time."""
        try:
            return clock(parse_duration(value), self.language)
        except ValueError:
            return str(value)

    def span(self, start: object, end: object) -> str:
        """Return from when to when; what is None is the end of the period."""
        if start in {None, "0", 0} and end is None:
            return self.say("when.always")
        if end is None:
            return self.say("when.from", start=self.moment(start))
        if start in {None, "0", 0}:
            return self.say("when.until", end=self.moment(end))
        return self.say("when.span", start=self.moment(start), end=self.moment(end))

    def called(self, family: str, name: object) -> str:
        """Return the name of something of the city or of the scenario, by its id."""
        titled = value_at(self.document, ("structures", str(name), "title"))
        if family == "structure" and isinstance(titled, dict):
            title = titled.get(self.language) or titled.get("vi") or titled.get("en")
            if title:
                return str(title)
        return self.names.get(f"{family}:{name}", str(name))

    def bridge(self, name: object) -> str:
        """Return a bridge by its id or name."""
        shown = self.called("bridge", name)
        if shown.lower().startswith(("cầu ", "bridge ")):
            return shown
        return self.say("road.bridge", name=shown)

    def place(self, value: Any) -> str:  # noqa: ANN401, PLR0911 - whatever the document says
        """Return a place."""
        match value:
            case {"lon": lon, "lat": lat}:
                return self.say("place.lonlat", lon=self.number(lon, 5), lat=self.number(lat, 5))
            case {"x_m": x, "y_m": y}:
                return self.say("place.xy", x=self.number(x, 0), y=self.number(y, 0))
            case {"facility": name}:
                return self.called("facility", name)
            case {"street": street, "cross_street": cross}:
                return f"{street} – {cross}"  # noqa: RUF001 - typography
            case {"street": street}:
                return str(street)
            case {"bridge": name}:
                return self.bridge(name)
            case {"structure": name}:
                return self.called("structure", name)
            case _:
                return self.say("place.unknown")

    def road(self, value: Any) -> str:  # noqa: ANN401, PLR0911 - as above
        """Return a piece of road."""
        match value:
            case {"street": street, "between": [a, b]}:
                return self.say("road.between", street=street, a=a, b=b)
            case {"street": street}:
                return self.say("road.street", street=street)
            case {"segments": [one]}:
                name = self.names.get(f"segment:{one}")
                return (
                    self.say("road.street", street=name)
                    if name
                    else self.say("road.segment", id=one)
                )
            case {"segments": [*many]}:
                return self.say("road.segments", count=len(many))
            case {"near": point, "within_m": radius}:
                return self.say(
                    "road.within", place=self.place(point), radius=self.number(radius, 0)
                )
            case {"near": point}:
                return self.say("road.near", place=self.place(point))
            case {"bridge": name}:
                return self.bridge(name)
            case _:
                return self.say("place.unknown")

    def kind(self, value: object) -> str:
        """Return a kind of emergency."""
        return label("incident", str(value), self.language)

    def field(self, path: Path) -> str:
        """Return what a field is called."""
        names = [step for step in path if isinstance(step, str)]
        for start in range(len(names)):
            key = f"field.{'.'.join(names[start:])}"
            if known(key):
                return text(key, self.language)
        return names[-1].replace("_", " ") if names else ""

    def value(self, value: object, name: str = "") -> str:  # noqa: PLR0911 - one answer a case
        """Return a value of a field *name*, short."""
        if value is MISSING:
            return "–"  # noqa: RUF001 - typography
        if isinstance(value, bool):
            return text("yes" if value else "no", self.language)
        if isinstance(value, int | float):
            return self.number(value)
        if value is None:
            return text("none", self.language)
        if isinstance(value, dict) and (len(value) <= 2):
            found = self.place(value)
            if found != self.say("place.unknown"):
                return found
        if isinstance(value, dict | list):
            return "…"
        shown = str(value)
        family = _FAMILIES.get(name)
        if family is not None and known(f"{family}.{shown}"):
            return label(family, shown, self.language)
        return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
