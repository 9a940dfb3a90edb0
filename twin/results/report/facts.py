"""What a report says in sentences: the situation, the moments, what is known and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from twin.language import clock, label, number, short_number, text
from twin.results.incidents import records
from twin.results.series import flooded_area_m2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin.ensembles.results import Ensemble
    from twin.evaluation.evaluate import Evaluation
    from twin.results.open import Run

__all__ = ["Flooding", "flooding_of", "known", "moments_of", "situation", "unknown"]

#: Orders that a table of moments lists; calls are orders too, and are counted elsewhere.
_MOST_ORDERS = 25
_FEW_CALLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Flooding:
    """When most land stood under *depth_m*, s from the start, and how much, m²."""

    depth_m: float
    area_m2: float
    at_s: float


def flooding_of(run: Run) -> Flooding | None:
    """Return the frame with most land under the smallest threshold; None without a flood."""
    if not run.has_flood:
        return None
    given = [float(name) for name in run.kpis.get("flooded_area_m2") or {}]
    depth_m = min(given, default=0.1)
    area = flooded_area_m2(run, depth_m)
    frame = int(area.argmax())
    elapsed = np.asarray(run.flood["elapsed_s"].values)
    return Flooding(depth_m=depth_m, area_m2=float(area[frame]), at_s=float(elapsed[frame]))


def situation(run: Run, flooding: Flooding | None, language: str) -> Iterator[str]:
    """Yield what happens, each as one sentence with its figures."""
    length_s = run.summary.get("simulated_s")
    if length_s is not None:
        end = run.start + pd.Timedelta(seconds=float(length_s))
        yield text(
            "report.period",
            language,
            length=clock(length_s, language),
            start=f"{run.start:%H:%M %d/%m/%Y}",
            end=f"{end:%H:%M %d/%m/%Y}",
            zone=f"{run.start:%z}",
        )
    for name, (level, at_s) in _peaks(run).items():
        key = {"tide": "level", "rain": "rate"}[name]
        shown = {key: number(level, language, 2 if name == "tide" else 0)}
        yield text(f"report.{name}", language, time=_moment(run, at_s), **shown)
    yield from _water(run, flooding, language)
    for vehicle, km, at_s in _closed(run):
        yield text(
            "report.closed",
            language,
            vehicle=label("vehicle", vehicle, language),
            km=number(km, language, 1),
            time=_moment(run, at_s),
        )
    yield from _calls(run, language)


def _water(run: Run, flooding: Flooding | None, language: str) -> Iterator[str]:
    if flooding is None:
        yield text("report.no_flood", language)
        return
    depth = short_number(flooding.depth_m, language)
    if flooding.area_m2 == 0.0:
        yield text("report.dry", language, depth=depth)
    else:
        area = number(flooding.area_m2 / 1e4, language, 1)
        time = _moment(run, flooding.at_s)
        yield text("report.flooded", language, time=time, area=area, depth=depth)
    if run.kpis.get("max_depth_m") is not None:
        deepest = number(run.kpis["max_depth_m"], language, 2)
        yield text("report.deepest", language, depth=deepest)


def _calls(run: Run, language: str) -> Iterator[str]:
    kpis = run.kpis
    if not kpis.get("incidents"):
        yield text("report.no_calls", language)
    else:
        keys = ("incidents", "served", "unserved", "open", "stranded")
        counts = {key: number(kpis.get(key, 0), language) for key in keys}
        yield text("report.calls", language, **counts)
    for service, spread in (kpis.get("response_time_s") or {}).items():
        named = label("service", service, language)
        calls = number(spread["n"] + spread["not_reached"], language)
        if not spread["n"]:
            yield text("report.service_none", language, service=named, calls=calls)
            continue
        p50, p90 = (number(spread[key] / 60.0, language, 1) for key in ("p50", "p90"))
        n = number(spread["n"], language)
        yield text("report.service", language, service=named, n=n, calls=calls, p50=p50, p90=p90)
    residents = kpis.get("residents")
    if residents:
        ever = residents["ever"]
        yield text(
            "report.residents",
            language,
            trapped=number(ever["trapped"], language),
            stranded=number(ever["stranded"], language),
            people=number(residents["people"], language),
        )


def moments_of(run: Run, flooding: Flooding | None, language: str) -> list[tuple[str, str]]:
    """Return local times and what happened then, in the order of time."""
    found: list[tuple[float, str]] = [(0.0, text("report.at_start", language))]
    for name, (level, at_s) in _peaks(run).items():
        key = {"tide": "level", "rain": "rate"}[name]
        shown = {key: number(level, language, 2 if name == "tide" else 0)}
        found.append((at_s, text(f"report.at_{name}", language, **shown)))
    if flooding is not None and flooding.area_m2 > 0.0:
        area = number(flooding.area_m2 / 1e4, language, 1)
        depth = short_number(flooding.depth_m, language)
        found.append((flooding.at_s, text("report.at_flood", language, area=area, depth=depth)))
    for vehicle, km, at_s in _closed(run):
        named = label("vehicle", vehicle, language)
        shut = text("report.at_closed", language, vehicle=named, km=number(km, language, 1))
        found.append((at_s, shut))
    found += _first_events(run, language)
    found += _orders(run, language)
    length_s = run.summary.get("simulated_s")
    if length_s is not None:
        found.append((float(length_s), text("report.at_end", language)))
    found.sort(key=lambda each: each[0])
    return [(_moment(run, at_s), said) for at_s, said in found]


def _first_events(run: Run, language: str) -> Iterator[tuple[float, str]]:
    if not len(run.events):
        return
    for kind, key, value in (
        ("call_received", "report.at_call", ""),
        ("unit_stranded", "report.at_stranded", "unit"),
        ("incident_unserved", "report.at_unserved", "incident"),
    ):
        first = next(iter(records(run.events, kind)), None)
        if first is not None:
            shown = {value: str(first[value])} if value else {}
            yield float(first["time_s"]), text(key, language, **shown)


def _orders(run: Run, language: str) -> Iterator[tuple[float, str]]:
    orders = [each for each in run.commands if each.get("kind") != "report_incident"]
    for order in orders[:_MOST_ORDERS]:
        payload = order.get("payload") or {}
        keys = ("name", "id", "unit", "structure", "segment_id")
        name = next((str(payload[key]) for key in keys if payload.get(key)), "")
        said = text(
            "report.at_command",
            language,
            issuer=str(order.get("issuer", "")),
            kind=str(order.get("kind", "")).replace("_", " "),
            name=name,
        )
        yield float(order["time_s"]), said.rstrip()
    if len(orders) > _MOST_ORDERS:
        last = float(orders[_MOST_ORDERS - 1]["time_s"])
        yield last, text("report.more", language, count=len(orders) - _MOST_ORDERS)


def known(run: Run, language: str) -> Iterator[str]:
    """Yield what can be relied on, and how far."""
    for basis in ("measured", "derived"):
        layers = sorted(k for k, entry in run.provenance.items() if entry.get("basis") == basis)
        if layers:
            yield text(f"report.{basis}", language, layers=", ".join(layers))
    if run.has_flood and run.summary.get("volume_error") is not None:
        yield text("report.volume", language, error=f"{run.summary['volume_error']:.0e}")
    if run.manifest.get("seed") is not None:
        yield text("report.repeatable", language, seed=run.manifest["seed"])


def unknown(
    run: Run, language: str, *, evaluation: Evaluation | None, ensemble: Ensemble | None
) -> Iterator[str]:
    """Yield what the figures do not say."""
    together: dict[str, list[str]] = {}
    for layer, source in sorted(run.assumed.items()):
        together.setdefault(source, []).append(layer)
    for source, layers in together.items():
        yield text("report.assumed", language, layer=", ".join(layers), source=source)
    if run.has_flood:
        cell = short_number(float(run.flood.attrs["cell_size_m"]), language)
        yield text("report.cells", language, cell=cell)
    if ensemble is None:
        yield text("report.one_run", language)
    else:
        factors = ", ".join(ensemble.factors) or text("none", language)
        count = number(len(ensemble.table), language)
        yield text("report.ensemble_other", language, count=count, factors=factors)
    if evaluation is None:
        yield text("report.not_compared", language)
    else:
        yield text("report.compared", language)
        if any(part.fitted for part in evaluation.parts):
            yield text("report.fitted", language)
    for service, spread in (run.kpis.get("response_time_s") or {}).items():
        if 0 < spread["n"] < _FEW_CALLS:
            named = label("service", service, language)
            yield text("report.few", language, service=named, n=spread["n"])


def _peaks(run: Run) -> dict[str, tuple[float, float]]:
    """Return the highest tide, m, and the heaviest rain, mm/h, each with its time, s."""
    found = {}
    for name, column in (("tide", "tide_m"), ("rain", "rain_mm_h")):
        if column not in run.ledger:
            continue
        values: Any = run.ledger[column].to_numpy(np.float64)
        if np.isfinite(values).any() and (name == "tide" or np.nanmax(values) > 0.0):
            row = int(np.nanargmax(values))
            found[name] = (float(values[row]), float(run.ledger["time_s"].iloc[row]))
    return found


def _closed(run: Run) -> Iterator[tuple[str, float, float]]:
    when = run.kpis.get("road_km_closed_at_s") or {}
    for vehicle, km in (run.kpis.get("road_km_closed") or {}).items():
        if km and when.get(vehicle) is not None:
            yield vehicle, km, float(when[vehicle])


def _moment(run: Run, at_s: float) -> str:
    return f"{run.start + pd.Timedelta(seconds=at_s):%H:%M %d/%m}"
