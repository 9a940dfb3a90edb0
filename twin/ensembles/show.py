"""A plan and an ensemble on the screen, in Vietnamese and English."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.table import Table
from rich.text import Text

from models.errors import InvalidInputError
from twin.ensembles.estimate import estimate
from twin.language import clock, label, number, short_number, text
from twin.results.compare import figure_name, figure_of, figure_scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from scenarios.schema.sweep_parts import Factor
    from twin.ensembles.plan import Plan
    from twin.ensembles.results import Ensemble
    from twin.ensembles.store import EnsembleStore

__all__ = [
    "main_figures",
    "show_comparison",
    "show_ensemble",
    "show_figures",
    "show_list",
    "show_plan",
    "show_sensitivity",
]

_MAIN = ("max_depth_m", "flooded_area_m2", "road_km_closed", "served", "unserved", "stranded")
_MAIN_PARTS = {"response_time_s": ("mean", "p90", "not_reached"), "within_target": ("share",)}
_MOST_FAILURES = 20


def main_figures(ensemble: Ensemble, *, varying: bool = False) -> list[str]:
    """
    Return the key figures that people look at first, of those that some member has.

    With *varying*, only those that are not the same in all members.
    """
    table = ensemble.table
    chosen = []
    for name in ensemble.figures:
        head, *rest = name.split("/")
        wanted = head in _MAIN or (
            head in _MAIN_PARTS and rest[-1:] and rest[-1] in _MAIN_PARTS[head]
        )
        if wanted and int(table[name].dropna().nunique()) > int(varying):
            chosen.append(name)
    rank = [*_MAIN, *_MAIN_PARTS]
    return sorted(chosen, key=lambda name: rank.index(name.split("/")[0]))


def _grid() -> Table:
    return Table(box=box.SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)


def show_plan(
    plan: Plan, store: EnsembleStore, language: str, *, workers: int
) -> Iterator[RenderableType]:
    """Yield what a sweep will compute, and roughly at what cost."""
    record = plan.record
    kept = sum(store.has_flood(digest) for digest in record.floods)
    cost = estimate(plan, store, workers=workers, floods_kept=kept)
    table = Table(box=None, show_header=False, title_justify="left", title_style="bold")
    table.title = text("sweep.plan", language, name=plan.sweep.name)
    hours = short_number(cost.simulated_s / 3600.0, language)
    rows = [
        ("sweep.name", plan.sweep_id),
        ("sweep.points", number(len(record.points), language)),
        ("sweep.replications", number(record.replications, language)),
        ("sweep.members", number(record.n_members, language)),
        (
            "sweep.floods",
            text(
                "sweep.floods_kept",
                language,
                count=number(len(record.floods), language),
                kept=number(kept, language),
            ),
        ),
        ("sweep.cells", f"{number(cost.cells, language)}, {hours} h"),
        (
            "sweep.estimate",
            text(
                "sweep.estimate_told",
                language,
                time=clock(cost.seconds, language),
                workers=workers,
                disk=_bytes(cost.disk_bytes, language),
            )
            + f" ({text(f'sweep.estimate_{cost.basis}', language)})",
        ),
    ]
    for key, value in rows:
        table.add_row(text(key, language), value)
    yield table
    if plan.sweep.factors:
        yield _factor_table(plan.sweep.factors, language)
    if record.whole:
        yield Text(text("sweep.whole", language), "yellow")


def _factor_table(factors: Sequence[Factor], language: str) -> Table:
    table = _grid()
    for key in ("sweep.factor", "sweep.values"):
        table.add_column(text(key, language))
    for factor in factors:
        name = factor.title.in_language(language) or factor.name
        table.add_row(f"{name}{f', {factor.unit}' if factor.unit else ''}", _law(factor, language))
    return table


def _law(factor: Factor, language: str) -> str:
    match factor.form:
        case "values":
            shown = [str(value) for value in factor.values or ()]  # noqa: PD011 - a factor
            return ", ".join(shown[:8]) + (" …" if len(shown) > 8 else "")
        case "cases":
            return ", ".join(factor.cases or ())
        case "":
            return text("sweep.points", language)
        case name:
            law = getattr(factor, name).model_dump(exclude_none=True)
            inner = ", ".join(f"{k} {short_number(v, language, 4)}" for k, v in law.items())
            return f"{name}: {inner}"


def _bytes(size: float, language: str) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{short_number(size / scale, language, 1)} {unit}"
    return f"{number(size / 1e3, language)} kB"


def show_list(store: EnsembleStore, language: str) -> RenderableType:
    """Return the sweeps of a store."""
    from twin.ensembles.records import PlanRecord  # noqa: PLC0415 - lists alone need it here

    known = [n for n in store.names("sweeps") if store.exists(f"sweeps/{n}/plan.json")]
    if not known:
        return Text(text("sweep.none", language, store=store.url))
    table = _grid()
    table.title = text("sweep.list", language, store=store.url)
    table.add_column(text("sweep.name", language), overflow="fold")
    table.add_column(text("sweep.created", language), no_wrap=True)
    for key in ("sweep.members", "sweep.finished", "sweep.failed"):
        table.add_column(text(key, language), justify="right")
    plans = [PlanRecord.read(store, name) for name in known]
    for plan in sorted(plans, key=lambda p: (p.created, p.sweep_id)):
        names = store.names(f"sweeps/{plan.sweep_id}/members")
        finished = sum(name.endswith(".json") for name in names)
        failed = len(store.names(f"sweeps/{plan.sweep_id}/failed"))
        table.add_row(
            plan.sweep_id,
            f"{plan.created:%Y-%m-%d %H:%M}",
            *(number(count, language) for count in (plan.n_members, finished, failed)),
        )
    return table


def show_ensemble(
    ensemble: Ensemble,
    language: str,
    *,
    figures: Sequence[str] = (),
    by: Sequence[str] = (),
    confidence: float = 0.95,
) -> Iterator[RenderableType]:
    """Yield what an ensemble found: counts, key figures with intervals, and what failed."""
    table = Table(box=None, show_header=False, title_justify="left", title_style="bold")
    table.title = text("sweep.title", language, name=ensemble.id)
    plan, found = ensemble.plan, ensemble.table
    counts = [
        ("sweep.members", plan.n_members),
        ("sweep.finished", len(found)),
        ("sweep.failed", len(ensemble.failures)),
        ("sweep.floods", len(plan.floods)),
    ]
    for key, count in counts:
        table.add_row(text(key, language), number(count, language))
    if ensemble.digest:
        table.add_row(text("show.digest", language), ensemble.digest)
    yield table
    if len(found):
        chosen = list(figures) or main_figures(ensemble)
        if chosen:
            yield show_figures(ensemble, chosen, language, by=by, confidence=confidence)
    if len(ensemble.failures):
        yield _failed(ensemble, language)


def _failed(ensemble: Ensemble, language: str) -> Table:
    table = _grid()
    table.title = text("sweep.failed_title", language)
    for key in ("sweep.member", "sweep.part", "sweep.tries", "sweep.reason"):
        table.add_column(text(key, language), overflow="fold")
    for row in ensemble.failures.head(_MOST_FAILURES).to_dict("records"):
        part = label("sweep.part", str(row["part"]), language)
        table.add_row(str(row["member"]), part, str(row["tries"]), str(row["error"]))
    return table


def _scaled(name: str, language: str) -> tuple[str, float, int]:
    """Return name with unit, factor and decimals with which people read a figure."""
    figure = figure_of(name)
    scale, unit, decimals = figure_scale(figure)
    shown = figure_name(figure, language)
    return f"{shown}{f', {unit}' if unit else ''}", scale, max(decimals, 1)


def _cell(value: Any, scale: float, language: str, decimals: int) -> str:  # noqa: ANN401 - a cell of a table
    found = float(value)
    return "\N{EN DASH}" if math.isnan(found) else number(found * scale, language, decimals)


def show_figures(
    ensemble: Ensemble,
    figures: Sequence[str],
    language: str,
    *,
    by: Sequence[str] = (),
    confidence: float = 0.95,
) -> Table:
    """Return key figures over the members, grouped by factors."""
    found = ensemble.figure_table(figures, by=by, confidence=confidence)
    table = _grid()
    table.title = text("sweep.figures", language, confidence=f"{100.0 * confidence:g}")
    for factor in by:
        table.add_column(factor, justify="right")
    table.add_column(text("sweep.figure", language))
    for key in ("n", "missing", "mean", "interval", "range"):
        table.add_column(text(f"sweep.{key}", language), justify="right", no_wrap=True)
    for row in found.to_dict("records"):
        name, scale, decimals = _scaled(str(row["figure"]), language)
        ends = [_cell(row[k], scale, language, decimals) for k in ("low", "high", "p5", "p95")]
        table.add_row(
            *(_plain(row[factor], language) for factor in by),
            name,
            number(row["n"], language),
            number(row["missing"], language),
            _cell(row["mean"], scale, language, decimals),
            f"{ends[0]} … {ends[1]}",
            f"{ends[2]} … {ends[3]}",
        )
    return table


def _plain(value: Any, language: str) -> str:  # noqa: ANN401 - a cell of a table
    return short_number(value, language, 4) if isinstance(value, float) else str(value)


def show_comparison(
    ensemble: Ensemble,
    factor: str,
    first: str,
    second: str,
    language: str,
    *,
    figures: Sequence[str] = (),
    confidence: float = 0.95,
) -> Table:
    """Return how members with two values of a factor differ; a change for the worse is red."""
    before, after = (_as_value(ensemble, factor, value) for value in (first, second))
    chosen = list(figures) or main_figures(ensemble)
    found = ensemble.compare(factor, before, after, chosen, confidence=confidence)
    table = _grid()
    table.title = text("sweep.compare", language, factor=factor, first=first, second=second)
    table.add_column(text("sweep.figure", language), min_width=20)
    heads = (first, second, *(text(f"sweep.{k}", language) for k in ("difference", "interval")))
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for key in ("pairs", "p_sign"):
        table.add_column(text(f"sweep.{key}", language), justify="right", no_wrap=True)
    for row in found.to_dict("records"):
        if not figures and not row["rose"] + row["fell"]:
            continue  # what no pair changes tells nothing
        name, scale, decimals = _scaled(str(row["figure"]), language)
        cells = {
            k: _cell(row[k], scale, language, decimals)
            for k in ("first", "second", "difference", "low", "high")
        }
        change = figure_of(str(row["figure"])).worse * row["difference"]
        sure = row["low"] > 0.0 or row["high"] < 0.0
        style = ("bold red" if change > 0 else "green") if sure and change else ""
        table.add_row(
            name,
            cells["first"],
            cells["second"],
            Text(cells["difference"], style),
            f"{cells['low']}…{cells['high']}",
            number(row["pairs"], language)
            + (f" (+{number(row['unpaired'], language)})" if row["unpaired"] else ""),
            f"{_cell(row['p_sign'], 1.0, language, 3)} ({row['rose']}/{row['fell']})",
        )
    return table


def _as_value(ensemble: Ensemble, factor: str, shown: str) -> float | str:
    """Return the value of a factor that a user wrote as text."""
    if factor in ensemble.factors:
        for value in pd.unique(ensemble.table[factor]):
            if str(value) == shown or (_is_number(shown) and value == float(shown)):
                return float(value) if isinstance(value, float) else str(value)
    raise InvalidInputError(
        "this factor has no such value",
        where=ensemble.id,
        value=f"{factor}:{shown}",
        remedy=f"The factors are {', '.join(ensemble.factors)}; write FACTOR:FIRST:SECOND.",
    )


def _is_number(shown: str) -> bool:
    try:
        float(shown)
    except ValueError:
        return False
    return True


def show_sensitivity(ensemble: Ensemble, figure: str, language: str) -> Table:
    """Return how much each factor matters for a figure."""
    found = ensemble.sensitivity(figure)
    table = _grid()
    name, _, _ = _scaled(figure, language)
    table.title = text("sweep.sensitivity", language, figure=name)
    table.add_column(text("sweep.factor", language))
    columns = [c for c in found.columns if c not in {"factor", "method"}]
    for column in columns:
        table.add_column(str(column), justify="right")
    for row in found.to_dict("records"):
        table.add_row(str(row["factor"]), *(_cell(row[c], 1.0, language, 3) for c in columns))
    return table
