"""The panel beside the map: key figures, what was selected, vehicles, data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from dash_app.viewer.texts import say
from dash_app.wording import moment
from twin.language import label, number, short_number, text
from twin.language import say as say_note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.context import Context
    from twin.results.open import Run

__all__ = ["banner", "data_panel", "figure_cards", "layer_names"]

_EXPORTS = {"geotiff": "GeoTIFF", "geopackage": "GeoPackage", "csv": "CSV", "netcdf": "NetCDF"}


def figure_cards(run: Run, language: str) -> list[Component]:
    """Return the key figures of the whole run; a figure without cases is left out."""
    kpis = run.kpis
    cards: list[Component] = []
    if kpis.get("max_depth_m") is not None:
        cards.append(
            _card(say("k_max_depth", language), number(kpis["max_depth_m"], language, 2), "m")
        )
    for depth in ("0.3",):
        area = kpis.get("flooded_area_m2", {}).get(depth)
        if area is not None:
            title = say("k_flooded", language, depth=short_number(float(depth), language))
            cards.append(_card(title, number(area / 1e4, language, 0), "ha"))
    cards += _road_cards(run, language)
    for service, spread in kpis.get("response_time_s", {}).items():
        if spread.get("p90") is None:
            continue
        name = label("service", service, language)
        note = say("k_p90_note", language, n=spread["n"], lost=spread["not_reached"])
        title = say("k_p90", language, service=name)
        cards.append(
            _card(
                title,
                number(spread["p90"] / 60.0, language, 1),
                text("unit.minute", language),
                note,
            )
        )
        within = kpis.get("within_target", {}).get(service, {})
        if within.get("share") is not None:
            note = say("k_within_note", language, count=within["count"], n=within["n"])
            title = say("k_within", language, service=name)
            cards.append(_card(title, number(100 * within["share"], language), "%", note))
    if kpis.get("incidents"):
        note = say("k_unserved_note", language, n=kpis["incidents"])
        cards.append(
            _card(say("k_unserved", language), number(kpis.get("unserved"), language), "", note)
        )
    if kpis.get("stranded"):
        cards.append(_card(say("k_stranded", language), number(kpis["stranded"], language), ""))
    return cards


def _road_cards(run: Run, language: str) -> list[Component]:
    closed = run.kpis.get("road_km_closed", {})
    when = run.kpis.get("road_km_closed_at_s", {})
    cards = []
    for vehicle in [name for name in ("ambulance", "fire_engine") if name in closed]:
        at = when.get(vehicle)
        note = "" if at is None else say("k_closed_at", language, time=_local(run, at))
        title = say("k_closed", language, vehicle=label("vehicle", vehicle, language))
        cards.append(_card(title, number(closed[vehicle], language, 1), "km", note))
    return cards


def _local(run: Run, seconds: float) -> str:
    import pandas as pd  # noqa: PLC0415 - one helper

    return f"{run.start + pd.Timedelta(seconds=seconds):%H:%M}"


def _card(title: str, value: str, unit: str, note: str = "") -> Component:
    return html.Div(
        className="figure-card",
        children=[
            html.Div(title, className="figure-title"),
            html.Div(
                [
                    html.Span(value, className="figure-value"),
                    html.Span(unit, className="figure-unit"),
                ]
            ),
            html.Div(note, className="figure-note") if note else None,
        ],
    )


def banner(run: Run, language: str) -> Component | None:
    """Return what is assumed rather than measured, for all to see; None where nothing is."""
    assumed = sorted(run.assumed)
    if not assumed:
        return None
    return html.Details(
        className="assumed-banner",
        children=[
            html.Summary(say("assumed_banner", language, layers=layer_names(assumed, language))),
            html.P(say("assumed_what", language)),
        ],
    )


def layer_names(names: Sequence[str], language: str) -> str:
    """Return names of layers as people read them."""
    plain = [name.removeprefix("terrain/") for name in names]
    return ", ".join(dict.fromkeys(_layer_name(name, language) for name in plain))


def _layer_name(name: str, language: str) -> str:
    key = f"layer.{name}"
    return say(key, language) if key in say.sentences else name.replace("_", " ")


def data_panel(run: Run, context: Context) -> list[Component]:
    """Return where the data come from, the notes of the run, and what can be downloaded."""
    language = context.language
    base = f"/api/v1/runs/{run.id}/export"
    notes = [*run.manifest.get("notes", []), *run.manifest.get("warnings", [])]
    facts = [
        (say("run", language), run.id),
        (say("computed", language), moment(str(run.manifest.get("created", "")), language)),
        (say("digest", language), run.digest[:16]),
        (say("cell_size", language), f"{run.manifest.get('cell_size_m', '\N{EN DASH}')} m"),
        (say("balance", language), f"{float(run.summary.get('volume_error') or 0.0):.1e}"),
    ]
    return [
        html.H3(say("downloads", language)),
        html.Div(
            [
                html.A(name, href=f"{base}/{form}", className="download", download="")
                for form, name in _EXPORTS.items()
            ],
            className="downloads",
        ),
        html.H3(say("run", language)),
        html.Dl([html.Div([html.Dt(k), html.Dd(v)]) for k, v in facts], className="run-facts"),
        html.H3(say("provenance", language)),
        _provenance(run, language),
        html.H3(say("notes", language)) if notes else None,
        html.Ul([html.Li(say_note(entry, language)) for entry in notes], className="notes"),
    ]


def _provenance(run: Run, language: str) -> Component:
    order = {"assumed": 0, "derived": 1, "measured": 2}
    rows = sorted(
        run.provenance.items(), key=lambda item: (order.get(item[1].get("basis", ""), 3), item[0])
    )
    return dmc.Table(
        className="provenance",
        withRowBorders=True,
        children=[
            html.Thead(html.Tr([html.Th(say(k, language)) for k in ("layer", "basis", "source")])),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Td(layer_names([name], language)),
                            html.Td(
                                label("basis", entry.get("basis", ""), language),
                                className=f"basis-{entry.get('basis', '')}",
                            ),
                            html.Td(_source(entry)),
                        ]
                    )
                    for name, entry in rows
                ]
            ),
        ],
    )


def _source(entry: dict[str, Any]) -> str:
    parts = [entry.get("source", ""), entry.get("date", "")]
    return ", ".join(part for part in parts if part and part not in {"none", "unknown"})
