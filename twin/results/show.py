"""A run as tables for people, in Vietnamese or English."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from twin.language import clock, known, label, number, say, short_number, text
from twin.results.incidents import records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from twin.results.open import Run
    from twin.store import RunRecord, VerifyReport

__all__ = ["named_parts", "notes_of_run", "runs_table", "show_run", "verify_lines"]

_LEDGER = (
    "initial_m3",
    "rain_m3",
    "level_in_m3",
    "inflow_m3",
    "level_out_m3",
    "outflow_edges_m3",
    "infiltration_m3",
    "abstraction_m3",
    "stored_m3",
    "residual_m3",
    "roofs_away_m3",
    "drain_taken_m3",
    "drain_given_m3",
    "drain_left_m3",
    "drain_entered_m3",
    "drain_own_m3",
    "drain_lost_m3",
    "drain_stored_m3",
    "drain_made_m3",
)


def show_run(run: Run, language: str, *, slowest: int = 10) -> Iterator[RenderableType]:
    """
    Yield the tables of a run; what the run does not have is left out.

    Parameters
    ----------
    run, language
        What to show, and in which language.
    slowest
        Number of incidents that waited longest to list.
    """
    for _, part in named_parts(run, language, slowest=slowest):
        yield part


def named_parts(
    run: Run, language: str, *, slowest: int = 10
) -> Iterator[tuple[str, Table | Panel]]:
    """Yield what :func:`show_run` does, each with the name of what it is about."""
    yield "head", _head(run, language)
    if run.assumed:
        yield "assumed", _warning(run, language)
    notes = notes_of_run(run, language)
    if notes:
        yield (
            "notes",
            Panel(
                Text("\n".join(f"• {sentence}" for sentence in notes)),
                title=text("show.warnings", language),
                border_style="yellow",
            ),
        )
    if run.kpis.get("max_depth_m") is not None or run.kpis.get("road_km_closed"):
        yield "flood", _flood(run, language)
    if run.kpis.get("incidents"):
        yield "response", _response(run, language)
        yield "services", _services(run, language)
        yield "slowest", _slowest(run, language, slowest)
        yield "units", _units(run, language)
    if run.kpis.get("residents"):
        yield "residents", _residents(run, language)
    if len(run.ledger):
        yield "ledger", _ledger(run, language)
    if run.provenance:
        yield "provenance", _provenance(run, language)


def notes_of_run(run: Run, language: str) -> list[str]:
    """Return what is to be known of a run, and what was placed on a road far from it."""
    return [*_notes(run, language), *_placed(run, language)]


def _grid(title: str) -> Table:
    table = Table(title=title, box=box.SIMPLE, show_header=False, title_justify="left")
    table.title_style = "bold"
    table.add_column(style="dim")
    table.add_column()
    return table


def _table(title: str, headers: Sequence[str], *, left: int = 1, names: bool = True) -> Table:
    """
    Return a table whose figures, and with *names* whose first column, are never broken or cut.

    The first *left* columns are texts, which a narrow screen breaks; the others are figures, whose
    headers are broken between words.
    """
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    table.title_style = "bold"
    for position, header in enumerate(headers):
        if position < left:
            widest = max(map(len, header.split()))
            table.add_column(
                header, no_wrap=names and position == 0, overflow="fold", min_width=widest
            )
        else:
            lines = wrap(header, max(7, *map(len, header.split())))
            table.add_column("\n".join(lines), justify="right", no_wrap=True)
    return table


def _head(run: Run, language: str) -> Table:
    table = _grid(text("show.title", language, run=run.id))
    manifest, summary = run.manifest, run.summary
    for part in ("scenario", "city"):
        table.add_row(text(f"show.{part}", language), _title(manifest.get(part), language))
    length_s = summary.get("simulated_s")
    period = f"{run.start:%d/%m/%Y %H:%M %z}"
    if length_s is not None:
        period += f" + {clock(length_s, language)}"
    table.add_row(text("show.period", language), period)
    if summary.get("wall_s"):
        table.add_row(text("show.wall", language), clock(summary["wall_s"], language))
    if summary.get("volume_error") is not None and run.has_flood:
        table.add_row(text("show.volume_error", language), f"{summary['volume_error']:.1e}")
    if manifest.get("seed") is not None:
        table.add_row(text("show.seed", language), str(manifest["seed"]))
    if manifest.get("code"):
        table.add_row(text("show.version", language), str(manifest["code"]))
    table.add_row(text("show.digest", language), run.digest[:16])
    table.add_row(text("show.folder", language), str(run.folder))
    return table


def _title(part: Any, language: str) -> str:  # noqa: ANN401 - a part of a JSON document
    if not isinstance(part, dict):
        return str(part or "")
    title, name = part.get("title") or {}, str(part.get("name", ""))
    shown = title.get(language) if isinstance(title, dict) else str(title)
    return f"{shown} ({name})" if shown else name


def _warning(run: Run, language: str) -> Panel:
    names = ", ".join(sorted(run.assumed))
    body = Text.assemble(text("show.assumed_text", language), "\n", (names, "bold"))
    return Panel(body, title=text("show.assumed_title", language), border_style="bold red")


def _notes(run: Run, language: str) -> list[str]:
    """Return what is to be known of a run, of its input and of its end, each once."""
    found = [*run.manifest.get("warnings", ()), *run.summary.get("warnings", ())]
    return list(dict.fromkeys(say(each, language) for each in found))


def _placed(run: Run, language: str, most: int = 8) -> list[str]:
    """Return what was placed on a road far from it, the farthest first."""
    snapped = [each for each in run.manifest.get("snapped", ()) if "kind" in each]
    snapped.sort(key=lambda each: (-each["distance_m"], each["kind"], each["name"]))
    lines = []
    for each in snapped[:most]:
        key = f"place.{each['kind']}"
        what = text(key if known(key) else "place.other", language, name=each["name"])
        lines.append(text("note.placed_on_road", language, what=what, distance=each["distance_m"]))
    if len(snapped) > most:
        lines.append(text("note.more_placed", language, count=len(snapped) - most))
    return lines


def _flood(run: Run, language: str) -> Table:
    table, kpis = _grid(text("show.flood", language)), run.kpis
    if kpis.get("max_depth_m") is not None:
        deepest = f"{number(kpis['max_depth_m'], language, 2)} m"
        table.add_row(text("show.max_depth", language), deepest)
    land = kpis.get("land_area_m2") or 0.0
    for threshold, area in kpis.get("flooded_area_m2", {}).items():
        shown = f"{number(area / 1e4, language, 1)} ha"
        if land:
            share = short_number(100.0 * area / land, language, 1)
            shown += f" ({text('show.of_land', language, share=share)})"
        depth = short_number(float(threshold), language)
        table.add_row(text("show.flooded", language, depth=depth), shown)
    for name, area in kpis.get("hazard_area_m2", {}).items():
        if area:
            table.add_row(text(f"show.{name}", language), f"{number(area / 1e4, language, 1)} ha")
    closed, when = kpis.get("road_km_closed", {}), kpis.get("road_km_closed_at_s", {})
    for row, (vehicle, km) in enumerate(closed.items()):
        shown = f"{label('vehicle', vehicle, language)}: {number(km, language, 1)} km"
        if when.get(vehicle) is not None:
            shown += f", {text('show.at_time', language, time=_moment(run, when[vehicle]))}"
        table.add_row(text("show.closed", language) if row == 0 else "", shown)
    return table


def _response(run: Run, language: str) -> Table:
    table = _grid(text("show.response", language))
    for key in ("incidents", "served", "unserved", "stranded", "unknown_closures"):
        value = run.kpis.get(key)
        if key == "unknown_closures" and not value:
            continue
        style = "bold red" if key in {"unserved", "stranded"} and value else ""
        table.add_row(text(f"show.{key}", language), Text(number(value, language), style))
    return table


def _services(run: Run, language: str) -> Table:
    keys = ("service", "calls", "reached", "mean", "p50", "p90", "within", "late")
    table = _table(
        text("show.response_minutes", language),
        [text(f"show.{key}", language) for key in keys],
        names=False,
    )
    within = run.kpis.get("within_target", {})
    for service, spread in run.kpis.get("response_time_s", {}).items():
        share = within.get(service, {})
        mean = _minutes(spread["mean"], language)
        if spread.get("ci95"):
            mean += f"±{_minutes(spread['ci95'][1] - spread['mean'], language)}"
        late = share.get("n", 0) - share.get("count", 0)
        table.add_row(
            label("service", service, language),
            number(spread["n"] + spread["not_reached"], language),
            number(spread["n"], language),
            mean,
            _minutes(spread["p50"], language),
            _minutes(spread["p90"], language),
            _percent(share.get("share"), language),
            Text(number(late, language), "bold red" if late else ""),
        )
    return table


def _residents(run: Run, language: str) -> Table:
    table, figures = _grid(text("show.residents", language)), run.kpis["residents"]

    def row(name: str, value: int, *, alarming: bool = False) -> None:
        table.add_row(name, Text(number(value, language), "bold red" if alarming and value else ""))

    people, households = (number(figures[key], language) for key in ("people", "households"))
    both = text("show.residents_people_value", language, people=people, households=households)
    table.add_row(text("show.residents_people", language), both)
    row(text("show.residents_warned", language), figures["warned"])
    for status in ("on_the_way", "safe", "upstairs", "stranded", "trapped", "rescued"):
        value = figures["ever"][status]
        name = label("resident", status, language)
        row(
            text("show.residents_ever", language, status=name),
            value,
            alarming=status in {"stranded", "trapped"},
        )
    for name, value in figures["worst_hazard"].items():
        if value:
            row(text("show.residents_worst", language, name=name), value)
    if "cut_off_from_hospital" in figures["peak"]:
        row(
            text("show.residents_peak_cut_off", language),
            figures["peak"]["cut_off_from_hospital"],
            alarming=True,
        )
    row(text("show.residents_calls", language), figures["calls"])
    row(text("show.residents_vehicles_lost", language), figures["vehicles_lost"])
    return table


def _slowest(run: Run, language: str, count: int) -> Table:
    keys = ("incident", "kind", "service", "called", "unit", "outcome", "response_time")
    table = _table(
        text("show.slowest", language), [text(f"show.{key}", language) for key in keys], left=6
    )
    waits = run.incidents.sort_values(
        ["response_s", "call_s"], ascending=[False, True], na_position="first", kind="stable"
    )
    for row in waits.head(count).to_dict("records"):
        never = pd.isna(row["response_s"])
        shown = text("show.not_reached", language) if never else clock(row["response_s"], language)
        table.add_row(
            str(row["incident"]),
            label("incident", str(row["kind"]), language),
            label("service", str(row["service"]), language),
            _moment(run, row["call_s"]),
            str(row["unit"]),
            label("outcome", str(row["outcome"]), language),
            Text(shown, "" if row["within_target"] else "bold red"),
        )
    return table


def _units(run: Run, language: str) -> Table:
    keys = ("unit", "service", "dispatches", "arrivals", "driven", "stranded")
    table = _table(
        text("show.units", language), [text(f"show.{key}", language) for key in keys], left=2
    )
    found: dict[str, dict[str, Any]] = {
        unit["id"]: {"service": unit["service"]} for unit in run.manifest.get("units", [])
    }
    kinds = ("unit_assigned", "unit_arrived", "unit_drove", "unit_stranded")
    for event in records(run.events, *kinds):
        unit = found.setdefault(event["unit"], {"service": event["service"]})
        amount = event["value"] if event["kind"] == "unit_drove" else 1
        unit[event["kind"]] = unit.get(event["kind"], 0) + amount
    for name in sorted(found):
        unit = found[name]
        stranded = unit.get("unit_stranded", 0)
        table.add_row(
            name,
            label("service", unit["service"], language),
            number(unit.get("unit_assigned", 0), language),
            number(unit.get("unit_arrived", 0), language),
            f"{number(unit.get('unit_drove', 0.0) / 1000.0, language, 1)} km",
            Text(number(stranded, language), "bold red" if stranded else ""),
        )
    return table


def _ledger(run: Run, language: str) -> Table:
    table, last = _grid(text("show.ledger", language)), run.ledger.iloc[-1]
    table.columns[1].justify = "right"
    for term in _LEDGER:
        if term not in last or (last[term] == 0.0 and term != "residual_m3"):
            continue
        value = float(last[term])
        tiny = term == "residual_m3" and abs(value) < 500.0
        shown = f"{value / 1000.0:.1e}" if tiny else number(value / 1000.0, language, 1)
        table.add_row(text(f"ledger.{term}", language), shown)
    return table


def _provenance(run: Run, language: str) -> Table:
    """Return the layers of one origin together, the assumed ones first."""
    keys = ("basis", "layer", "source", "date", "licence")
    table = _table(
        text("show.provenance", language), [text(f"show.{key}", language) for key in keys], left=5
    )
    together: dict[tuple[str, ...], list[str]] = {}
    for name, entry in sorted(run.provenance.items()):
        origin = tuple(entry.get(key, "") for key in ("basis", "source", "date", "licence"))
        together.setdefault(origin, []).append(name)
    for (basis, *cells), names in sorted(together.items()):
        shown = Text(label("basis", basis, language), "bold red" if basis == "assumed" else "")
        table.add_row(shown, ", ".join(names), *cells)
    return table


def runs_table(records_: Sequence[RunRecord], store: str, language: str) -> Table:
    """Return the list of runs as a table."""
    headers = [text(f"runs.{key}", language) for key in ("run", "state")]
    headers += [text(f"show.{key}", language) for key in ("incidents", "unserved")]
    table = _table(text("runs.title", language, store=store), headers, left=2)
    colours = {"finished": "green", "running": "cyan", "interrupted": "yellow", "failed": "red"}
    for record in records_:
        state = Text(label("state", record.state, language), colours.get(record.state, ""))
        if record.state == "failed" and record.reason:
            state.append(f" ({record.reason})", "dim")
        table.add_row(
            record.run_id,
            state,
            number(record.summary.get("incidents"), language),
            number(record.summary.get("unserved"), language),
        )
    return table


def verify_lines(report: VerifyReport, language: str) -> Iterator[Text]:
    """Yield what a look at the store found, damage first."""
    sections = (
        ("problems", "bold red"),
        ("repaired", "green"),
        ("resumable", "yellow"),
        ("in_use", "cyan"),
        ("uncatalogued", "yellow"),
        ("garbage", "dim"),
    )
    for name, style in sections:
        lines: list[str] = getattr(report, name)
        if lines:
            yield Text(text(f"verify.{name}", language), style)
            for line in lines:
                yield Text(f"  {line}")
    if report.ok:
        yield Text(text("verify.ok", language, finished=report.finished), "green")


def _moment(run: Run, seconds: float) -> str:
    return f"{run.start + pd.Timedelta(seconds=seconds):%H:%M %d/%m}"


def _minutes(seconds: float | None, language: str) -> str:
    return number(None if seconds is None else seconds / 60.0, language, 1)


def _percent(share: float | None, language: str) -> str:
    return "\N{EN DASH}" if share is None else f"{number(100.0 * share, language)} %"
