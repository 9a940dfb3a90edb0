"""Reach, exposure and siting as tables for people, and as plain documents for programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table
from rich.text import Text

from twin.analysis.streets import OFF_ROAD_M
from twin.language import known, label, number, short_number, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from rich.console import RenderableType

    from twin.analysis.exposure import Exposure
    from twin.analysis.reach import Reach
    from twin.analysis.siting import SitingPlan

__all__ = [
    "exposure_document",
    "place_name",
    "reach_document",
    "show_exposure",
    "show_reach",
    "show_siting",
    "siting_document",
    "state_name",
]


def state_name(name: str, language: str) -> str:
    """Return ``dry`` and ``deepest`` in words, and a time as it is."""
    return text(f"state.{name}", language) if name in {"dry", "deepest"} else name


def place_name(kind: str, language: str) -> str:
    """Return a kind of facility, as within a sentence."""
    return label("facility", kind, language).lower()


def show_reach(reach: Reach, language: str, *, critical: int = 10) -> Iterator[RenderableType]:
    """Yield the tables of a reach: by time, facilities that lose people, critical streets."""
    place = place_name(reach.kind, language)
    title = text(
        "reach.title",
        language,
        place=place,
        vehicle=label("vehicle", reach.streets.vehicle.name, language).lower(),
        way=text(f"direction.{reach.direction}", language, place=place),
    )
    heads = [text("reach.state", language)]
    heads += [
        text("reach.within", language, minutes=short_number(limit, language))
        for limit in reach.minutes
    ]
    heads += [text(f"reach.{key}", language) for key in ("reached", "cut_off", "mean", "p90")]
    keys = [f"within_{limit:g}_min" for limit in reach.minutes] + ["reached", "cut_off"]
    table = _table(title, heads)
    for row in reach.table.to_dict("records"):
        cells = [number(row[key], language) for key in keys]
        cells += [number(row[key], language, 1) for key in ("mean_min", "p90_min")]
        table.add_row(state_name(str(row["state"]), language), *cells)
    yield table
    yield _facilities(reach, language)
    if critical:
        yield _critical(reach, language, critical)
    notes = reach.notes
    basis = str(notes["people_basis"])
    yield Text(
        text(
            "reach.people_note",
            language,
            people=number(float(notes["people"]), language),
            source=notes["people_source"],
            basis=label("basis", basis, language) if basis else "–",  # noqa: RUF001 - typography
            far=number(float(notes["people_off_road"]), language),
            distance=number(float(notes["off_road_m"]), language),
        )
    )
    yield from _left_out(reach.left_out, language)


def _left_out(names: Sequence[str], language: str) -> Iterator[RenderableType]:
    if names:
        distance = number(OFF_ROAD_M, language)
        yield Text(text("reach.left_out", language, distance=distance, names=", ".join(names)))


def _facilities(reach: Reach, language: str) -> RenderableType:
    found = reach.by_facility
    lost = found[found["share_of_dry"] < 0.99]
    if not len(lost):
        return Text(text("reach.none_lost", language))
    heads = ("name", "state", "share", "is_cut_off")
    table = _table(
        text("reach.facilities", language), [text(f"reach.{key}", language) for key in heads]
    )
    for row in lost.to_dict("records"):
        table.add_row(
            str(row["name"]) or str(row["facility_id"]),
            state_name(str(row["state"]), language),
            f"{number(100.0 * row['share_of_dry'], language, 1)} %",
            text("yes" if row["cut_off"] else "no", language),
        )
    return table


def _critical(reach: Reach, language: str, count: int) -> RenderableType:
    state = state_name(reach.states[0].label, language)
    heads = [text("reach.what", language), text("reach.name", language)]
    heads.append(text("reach.cut_off", language))
    heads += [
        text("reach.lost", language, minutes=short_number(limit, language))
        for limit in reach.minutes
    ]
    heads.append(text("reach.delay", language))
    table = _table(text("reach.critical", language, state=state), heads)
    for row in reach.critical(0).head(count).to_dict("records"):
        numbers = [row["cut_off"], *(row[f"lost_{limit:g}_min"] for limit in reach.minutes)]
        numbers.append(row["delay_person_min"])
        name = str(row["name"]) or f"#{row['segments'][0]}"
        what = text(f"reach.{row['what']}", language)
        table.add_row(what, name, *(number(value, language) for value in numbers))
    return table


def show_exposure(exposure: Exposure, language: str) -> Iterator[RenderableType]:
    """Yield what stands in the water at every time, the losses, and what they rest on."""
    classes = [f"H{k}" for k in range(1, 7)]
    heads = [text(f"exposure.{key}", language) for key in ("group", "all", "exposed", "low")]
    heads += [*classes, text("exposure.from_h3", language), text("exposure.range", language)]
    heads.append(text("exposure.not_computed", language))
    for state in dict.fromkeys(exposure.labels):
        rows = exposure.exposed[exposure.exposed["state"] == state]
        shown = state_name(state, language)
        table = _table(text("exposure.title", language, state=shown), heads)
        for row in rows.to_dict("records"):
            if not row["exposed"] and state != exposure.labels[-1]:
                continue
            keys = ("all", "exposed", "exposed_low", *classes, "from_h3")
            span = (number(row[f"from_h3{end}"], language) for end in ("_low", "_high"))
            cells = [number(row[key], language) for key in keys]
            cells += ["–".join(span), number(row["not_computed"], language)]  # noqa: RUF001 - typography
            table.add_row(group_name(str(row["group"]), language), *cells)
        yield table
    yield _losses(exposure, language)
    yield Text(
        text(
            "exposure.note",
            language,
            depth=short_number(exposure.depth_spread_m, language),
            curves=exposure.table.title,
        )
    )
    unknown = sum(exposure.unknown_kinds.values())
    if unknown:
        sector = label("sector", exposure.table.others, language).lower()
        count = number(unknown, language)
        yield Text(text("exposure.unknown", language, count=count, sector=sector))


def group_name(name: str, language: str) -> str:
    """Return a group of what is exposed."""
    return label("group" if known(f"group.{name}") else "facility", name, language)


def _losses(exposure: Exposure, language: str) -> RenderableType:
    priced = bool(exposure.table.value_per_m2)
    heads = [text(f"exposure.{key}", language) for key in ("sector", "buildings", "in_water")]
    heads += [text("exposure.lost_m2", language), text("exposure.range", language)]
    if priced:
        currency = exposure.table.currency
        heads += [text("exposure.lost_value", language, currency=currency)]
        heads += [text("exposure.range", language)]
    table = _table(text("exposure.losses", language), heads)
    for row in exposure.losses.to_dict("records"):
        cells = [number(row[key], language) for key in ("buildings", "in_water")]
        for key in ("lost_m2", "lost_value")[: 1 + priced]:
            cells.append(number(row[key], language))
            span = (number(row[f"{key}{end}"], language) for end in ("_low", "_high"))
            cells.append("–".join(span))  # noqa: RUF001 - typography
        table.add_row(label("sector", str(row["sector"]), language), *cells)
    return table


def show_siting(plan: SitingPlan, language: str) -> Iterator[RenderableType]:
    """Yield the chosen sites, what they are worth in each state, and how sure they are."""
    minutes = short_number(plan.within_min, language)
    problem = text(f"site.{plan.problem}", language, minutes=minutes)
    count = int(plan.answer.units.sum())
    heads = [text("site.id", language), text("reach.name", language)]
    heads += [text(f"site.{key}", language) for key in ("units", "kept")]
    table = _table(text("site.title", language, problem=problem, count=count), heads)
    for row in plan.sites.to_dict("records"):
        kept = text("yes" if row["kept"] else "no", language)
        table.add_row(str(row["site_id"]), str(row["name"]), str(row["units"]), kept)
    yield table
    heads = [text("reach.state", language)]
    heads += [text(f"site.{key}", language) for key in ("choice", "number")]
    heads += [text("reach.within", language, minutes=minutes), text("site.share", language)]
    heads += [text(f"reach.{key}", language) for key in ("reached", "mean")]
    table = _table("", heads)
    for row in plan.table.to_dict("records"):
        table.add_row(
            state_name(str(row["state"]), language),
            text(f"site.{row['choice']}", language),
            number(row["sites"], language),
            number(row["within"], language),
            f"{number(100.0 * row['share_within'], language, 1)} %",
            number(row["reached"], language),
            number(row["mean_min"], language, 1),
        )
    yield table
    yield Text(
        text(
            "site.proven" if plan.answer.proven else "site.not_proven",
            language,
            points=number(plan.demand_points, language),
            state=state_name(plan.solved_on, language),
            **({} if plan.answer.proven else {"gap": number(100 * plan.answer.gap, language, 2)}),
        )
    )
    yield from _left_out(plan.left_out, language)


def reach_document(reach: Reach, *, critical: int = 10) -> dict[str, Any]:
    """Return a reach as plain data; what is not a number is None."""
    return {
        "to": reach.kind,
        "direction": reach.direction,
        "vehicle": reach.streets.vehicle.name,
        "minutes": list(reach.minutes),
        "states": _rows(reach.table),
        "facilities": _rows(reach.by_facility),
        "critical": _rows(reach.critical(0).head(critical)) if critical else [],
        "notes": reach.notes,
    }


def exposure_document(exposure: Exposure) -> dict[str, Any]:
    """Return an exposure as plain data; what is not a number is None."""
    return {
        "exposed": _rows(exposure.exposed),
        "losses": _rows(exposure.losses),
        "notes": exposure.notes,
    }


def siting_document(plan: SitingPlan) -> dict[str, Any]:
    """Return a plan as plain data; what is not a number is None."""
    sites = plan.sites.assign(x_m=plan.sites.geometry.x, y_m=plan.sites.geometry.y)
    columns = ["site_id", "kind", "name", "kept", "units", "x_m", "y_m", "distance_m"]
    return {
        "problem": plan.problem,
        "within_min": plan.within_min,
        "solved_on": plan.solved_on,
        "demand_points": plan.demand_points,
        "candidates": len(plan.candidates),
        "busy": plan.busy,
        "left_out": list(plan.left_out),
        "objective": plan.answer.objective,
        "bound": plan.answer.bound,
        "gap": _plain(plan.answer.gap),
        "proven": plan.answer.proven,
        "sites": _rows(sites[columns]),
        "states": _rows(plan.table),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): _plain(value) for key, value in row.items()} for row in table.to_dict("records")
    ]


def _plain(value: Any) -> Any:  # noqa: ANN401 - a cell of a table
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(title: str, heads: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for k, head in enumerate(heads):
        table.add_column(head, justify="left" if k == 0 else "right")
    return table
