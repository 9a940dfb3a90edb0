"""The fields of the forms: where they are in the document, what they take, in which unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc

from twin.editing import MISSING, value_at
from twin.editing.wording import Words
from twin.language import label

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from twin.editing.documents import Path
    from twin.editing.edits import Document

__all__ = ["FIELDS", "Field", "control", "path_of", "read", "text_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    One field of a form.

    Parameters
    ----------
    kind
        ``number``, ``integer``, ``choice``, ``text``, or ``slider``.
    unit
        Shown beside it.
    low, high, step
        Of numbers; the schema has the last word.
    choices
        Values, and the family of texts that names them.
    family
        See *choices*.
    default
        What holds where the document says nothing.
    """

    kind: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    step: float = 1.0
    choices: tuple[str, ...] = ()
    family: str = ""
    default: Any = None
    hint: str = ""


FIELDS: dict[Path, Field] = {
    ("tide", "offset_m"): Field(kind="number", unit="m", low=-20, high=20, step=0.05, default=0.0),
    ("rain", "multiplier"): Field(kind="number", unit="x", low=0, high=100, step=0.1, default=1.0),
    ("rain", "design_storm", "pattern"): Field(
        kind="choice",
        choices=("chicago", "triangular", "alternating_block", "constant"),
        family="pattern",
    ),
    ("rain", "design_storm", "depth_mm"): Field(kind="number", unit="mm", low=0, step=10),
    ("rain", "design_storm", "duration"): Field(kind="text", hint="90 min"),
    ("rain", "design_storm", "start"): Field(kind="text", hint="01:00"),
    ("rain", "design_storm", "peak_fraction"): Field(
        kind="number", low=0, high=1, step=0.05, default=0.4
    ),
    ("period", "start"): Field(kind="text", hint="2025-10-22T00:00+07:00"),
    ("period", "duration"): Field(kind="text", hint="6 h"),
    ("grid", "cell_size_m"): Field(kind="number", unit="m", low=0.1, high=1000, step=5),
    ("flood", "solver"): Field(
        kind="choice", choices=("inertial", "finite-volume", "auto"), family="solver"
    ),
    ("flood", "manning"): Field(kind="number", unit="s/m^⅓", low=0, high=1, step=0.005),
    ("initial", "canals"): Field(kind="choice", choices=("tide", "dry"), family="canals"),
    ("initial", "canals_level_m"): Field(kind="number", unit="m", step=0.1),
    ("seed",): Field(kind="integer", low=0, default=0),
    ("outputs", "frame_interval"): Field(kind="text", hint="5 min"),
    ("fleet", "ambulances"): Field(kind="integer", low=0, high=1000, default=0),
    ("fleet", "fire_engines"): Field(kind="integer", low=0, high=1000, default=0),
    ("incidents", "generated", "count"): Field(kind="integer", low=0, high=100_000, step=5),
}
#: Fields of structures in the card of what is selected, by the last part of their path.
LOOSE: dict[str, Field] = {
    "height_m": Field(kind="number", unit="m", low=0, step=0.1),
    "crest_m": Field(kind="number", unit="m", step=0.1),
    "top_m": Field(kind="number", unit="m", step=0.1),
    "sill_m": Field(kind="number", unit="m", step=0.1),
    "capacity_m3_s": Field(kind="number", unit="m³/s", low=0, step=1),
    "start_level_m": Field(kind="number", unit="m", step=0.1),
    "stop_level_m": Field(kind="number", unit="m", step=0.1),
    "width_m": Field(kind="number", unit="m", low=0, step=5),
    "amplitude_m": Field(kind="number", unit="m", low=0, step=0.01),
    "phase_deg": Field(kind="number", unit="°", step=1),
    "open_when": Field(kind="text"),
    "close_when": Field(kind="text"),
    "start_when": Field(kind="text"),
    "stop_when": Field(kind="text"),
}


def text_of(path: Path) -> str:
    """Return a path as it stands in the id of a component."""
    return "/".join(f"#{step}" if isinstance(step, int) else step for step in path)


def path_of(text: str) -> Path:
    """Return the path that an id holds."""
    return tuple(
        int(part[1:]) if part.startswith("#") and part[1:].isdecimal() else part
        for part in text.split("/")
    )


def field_at(path: Path) -> Field:
    """Return the field at a path; a text where it is not known."""
    return FIELDS.get(path) or LOOSE.get(str(path[-1])) or Field(kind="text")


def read(path: Path, document: Document) -> Any:  # noqa: ANN401 - the value of any component
    """Return the value that the component of a field shows."""
    found = value_at(document, path)
    field = field_at(path)
    if found is MISSING or found is None:
        return "" if field.default is None else field.default
    if isinstance(found, dict | list):
        return ""
    return found


def control(path: Path, document: Document, language: str, **more: Any) -> Component:  # noqa: ANN401 - properties of any component
    """Return the component of a field, with its name, unit and value."""
    field = field_at(path)
    words = Words(language, document)
    name = words.field(path)
    common = {
        "id": {"type": "ef", "path": text_of(path)},
        "label": name[:1].upper() + name[1:],
        "size": "sm",
        "debounce": 500,
        **more,
    }
    value = read(path, document)
    match field.kind:
        case "number" | "integer":
            return dmc.NumberInput(
                value=value,
                min=field.low,
                max=field.high,
                step=field.step,
                clampBehavior="none",
                decimalSeparator="," if language == "vi" else ".",
                allowDecimal=field.kind == "number",
                rightSection=None
                if not field.unit
                else dmc.Text(field.unit, size="xs", c="dimmed"),
                rightSectionWidth=44 if field.unit else None,
                **common,
            )
        case "choice":
            common.pop("debounce")
            return dmc.Select(
                value=value or None,
                data=[
                    {"value": choice, "label": label(field.family, choice, language)}
                    for choice in field.choices
                ],
                allowDeselect=False,
                comboboxProps={"withinPortal": True},
                **common,
            )
        case _:
            return dmc.TextInput(value=str(value), placeholder=field.hint, **common)
