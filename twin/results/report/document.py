"""The page: what a report holds, and in which order."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from twin.language import text
from twin.results.kpi import KPI_DEFINITIONS
from twin.results.plot import plot_run, run_title
from twin.results.report import facts
from twin.results.report.tables import Sheet, sheets_of
from twin.results.show import named_parts, notes_of_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twin.ensembles.results import Ensemble
    from twin.evaluation.evaluate import Evaluation
    from twin.results.open import Run

__all__ = ["report_html"]

_TEMPLATE = "page.html"
_SECTIONS = (
    *("situation", "maps", "timeline", "kpis", "uncertainty", "notes", "assumptions"),
    *("definitions", "scenario"),
)
_KPI_PARTS = ("flood", "response", "services", "residents", "slowest", "units", "ledger")


def report_html(
    run: Run,
    *,
    language: str = "en",
    evaluation: Evaluation | None = None,
    ensemble: Ensemble | None = None,
) -> str:
    """
    Return the report as one page of HTML, with its pictures inside, that needs nothing else.

    Parameters
    ----------
    run
        The run.
    language
        ``vi`` or ``en``.
    evaluation
        How far the run is from observations; the page says so where there is none.
    ensemble
        What-ifs around the run; the page says so where there are none.

    Raises
    ------
    StoreError
        If a part of the run cannot be read.
    """
    flooding = facts.flooding_of(run)
    parts = dict(named_parts(run, language))
    shown = {name: sheets_of([part])[0] for name, part in parts.items()}
    pictures = dict(_pictures(run, language))
    return _environment().get_template(_TEMPLATE).render(
        language=language,
        say=lambda key, **values: text(f"report.{key}", language, **values),
        sections=[name for name in _SECTIONS if name != "scenario" or run.scenario_text],
        title=text("report.title", language, name=_name(run, language)),
        subtitle=run_title(run, language),
        run=run.id,
        digest=run.digest,
        day=str(run.manifest.get("created", ""))[:10],
        version=str(run.manifest.get("code", "")),
        head=_without_folder(shown["head"], language),
        assumed=shown.get("assumed"),
        situation=list(facts.situation(run, flooding, language)),
        maps=[p for name, p in pictures.items() if not name.startswith(("timeline", "response"))],
        timeline=pictures.get("timeline.png"),
        responses=pictures.get("response-times.png"),
        moments=facts.moments_of(run, flooding, language),
        kpis=[shown[name] for name in _KPI_PARTS if name in shown],
        definitions=[
            (name, said[language]) for name, said in KPI_DEFINITIONS.items() if name in run.kpis
        ],
        known=list(facts.known(run, language)),
        unknown=list(facts.unknown(run, language, evaluation=evaluation, ensemble=ensemble)),
        evaluation=_evaluated(evaluation, language),
        ensemble=_varied(ensemble, language),
        ensemble_name="" if ensemble is None else ensemble.id,
        notes=notes_of_run(run, language),
        provenance=shown.get("provenance"),
        scenario=run.scenario_text,
    )  # fmt: skip


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _without_folder(head: Sheet, language: str) -> Sheet:
    """Leave out where the run lies: a place on one machine says nothing to those who read."""
    folder = text("show.folder", language)
    return replace(head, rows=tuple(row for row in head.rows if row[0].text != folder))


def _name(run: Run, language: str) -> str:
    scenario = run.manifest.get("scenario")
    if not isinstance(scenario, dict):
        return run.id
    title = scenario.get("title") or {}
    said = title.get(language) if isinstance(title, dict) else str(title)
    return str(said or scenario.get("name") or run.id)


def _pictures(run: Run, language: str) -> Iterator[tuple[str, str]]:
    """Yield the pictures of the run by their names, each as a data address."""
    wanted = ("depth", "closures", "responses", "timeline", "hazard", "times")
    kept = ("max-depth", "depth-", "closures", "hazard-class", "arrival", "timeline", "response")
    with tempfile.TemporaryDirectory(prefix="report-") as scratch:
        for path in plot_run(run, Path(scratch), language=language, only=wanted):
            if path.name.startswith(kept):
                data = base64.b64encode(path.read_bytes()).decode("ascii")
                yield path.name, f"data:image/png;base64,{data}"


def _evaluated(evaluation: Evaluation | None, language: str) -> list[Sheet]:
    if evaluation is None:
        return []
    from twin.evaluation.show import show_evaluation  # noqa: PLC0415 - few reports need it

    return sheets_of(show_evaluation(evaluation, language))


def _varied(ensemble: Ensemble | None, language: str) -> list[Sheet]:
    if ensemble is None:
        return []
    from twin.ensembles.show import show_ensemble  # noqa: PLC0415 - few reports need it

    return sheets_of(show_ensemble(ensemble, language))
