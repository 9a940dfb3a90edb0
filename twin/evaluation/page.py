"""One page for an event: scores, maps and curves in one HTML file that needs nothing else."""

from __future__ import annotations

import base64
import html
import math
from typing import TYPE_CHECKING

import pandas as pd

from twin.evaluation.draw import (
    draw_levels,
    draw_quantiles,
    draw_report_curves,
    draw_report_map,
    png_of,
)
from twin.evaluation.score import records
from twin.evaluation.words import interval_of, notes_of, subject_of, value_of
from twin.language import label, number, text
from twin.store import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from matplotlib.figure import Figure

    from twin.evaluation.evaluate import Evaluation
    from twin.evaluation.score import Part
    from twin.observed.read import Observed

__all__ = ["page_of", "pictures_of", "write_page"]

_NONE = "\N{EN DASH}"
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #23303b; max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.7rem; margin-bottom: 0; } h2 { margin-top: 2.2rem; }
p.sub { color: #66727d; margin-top: .2rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #e3e7ea;
  vertical-align: top; }
td.n { text-align: right; white-space: nowrap; }
.fitted { color: #8a3b00; font-weight: 700; }
img { max-width: 100%; }
"""


def write_page(found: Evaluation, path: Path, language: str) -> Path:
    """Write the page, whole or not at all, and return *path*."""
    with files.guarded(path):
        files.make_folder(path.parent)
        files.write_whole(path, page_of(found, language).encode(), durable=False)
    return path


def page_of(found: Evaluation, language: str) -> str:
    """Return the page as HTML with the pictures inside."""
    run = found.run
    titles = run.manifest["scenario"].get("title") or {}
    name = titles.get(language) or run.manifest["scenario"]["name"]
    title = text("evaluate.title", language, name=name)
    start = f"{run.start:%H:%M %d/%m/%Y}"
    body = [
        f"<h1>{_safe(title)}</h1>",
        f'<p class="sub">{_safe(text("evaluate.subtitle", language, run=run.id, start=start))}</p>',
    ]
    for part, observed in zip(found.parts, found.observed, strict=True):
        body += _part(found, part, observed, language)
    if run.assumed:
        body.append(f"<h2>{_safe(text('evaluate.basis', language))}</h2>")
        items = "".join(f"<li>{_safe(k)}: {_safe(v)}</li>" for k, v in run.assumed.items())
        body.append(f"<ul>{items}</ul>")
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(body)
        + "\n</body></html>\n"
    )


def _part(found: Evaluation, part: Part, observed: Observed, language: str) -> Iterator[str]:
    yield f"<h2>{_safe(text(f'evaluate.part.{part.kind}', language, name=part.name))}</h2>"
    fitted = text("evaluate.fitted", language)
    for note in notes_of(part, language):
        yield f'<p class="{"fitted" if note == fitted else ""}">{_safe(note)}</p>'
    yield _scores(part, language)
    for name, figure in pictures_of(found, part, language):
        picture = base64.b64encode(png_of(figure)).decode()
        yield f'<p><img alt="{_safe(name)}" src="data:image/png;base64,{picture}"></p>'
    if part.kind == "street_reports":
        yield _reports(found, part, language)
    yield _data(observed, language)


def pictures_of(found: Evaluation, part: Part, language: str) -> Iterator[tuple[str, Figure]]:
    """Yield the pictures of a part, each with a name."""
    match part.kind:
        case "street_reports":
            yield text("evaluate.map", language), draw_report_map(found, part, language)
            if part.series:
                yield text("evaluate.curves", language), draw_report_curves(found, part, language)
        case "levels":
            yield text("evaluate.levels_title", language), draw_levels(found, part, language)
        case "responses":
            if part.series:
                yield text("evaluate.quantiles", language), draw_quantiles(part, language)


def _scores(part: Part, language: str) -> str:
    heads = [
        text(f"evaluate.{k}", language) for k in ("subject", "score", "value", "interval", "n")
    ]
    rows = []
    for score in part.scores:
        name = label("score", score.name, language)
        if score.fitted:
            name += f" ({text('evaluate.fitted_word', language)})"
        rows.append(
            (
                subject_of(score, language),
                name,
                value_of(score, language),
                interval_of(score, language),
                number(score.estimate.n, language),
            )
        )
    return _table(heads, rows, right=2)


def _reports(found: Evaluation, part: Part, language: str) -> str:
    keys = ("place", "said_from", "stated_depth", "simulated_depth", "beyond", "from", "chance")
    heads = ["#", *(text(f"evaluate.{key}", language) for key in keys)]
    heads.append(text("evaluate.source", language))
    run = found.run

    def clock(seconds: float) -> str:
        if math.isnan(seconds):
            return _NONE
        return f"{run.start + pd.Timedelta(seconds=seconds):%H:%M}"

    rows = []
    for row in records(part.table):
        stated = text("evaluate.wet" if row["said_wet"] else "evaluate.dry", language)
        if not math.isnan(row["low_m"]):
            stated = _NONE.join(number(d, language, 2) for d in (row["low_m"], row["high_m"]))
        chance = row["chance"]
        rows.append(
            (
                str(row["number"]),
                str(row["place"]),
                clock(row["said_from_s"]),
                stated,
                number(row["depth_m"], language, 2),
                number(row["beyond_m"], language, 2),
                f"{clock(row['from_s'])} {_NONE} {clock(row['until_s'])}",
                _NONE if math.isnan(chance) else f"{number(100 * chance, language)} %",
                str(row["evidence"]),
            )
        )
    return _table(heads, rows, right=99)


def _data(observed: Observed, language: str) -> str:
    report = observed.report
    parts = [f"<h3>{_safe(text('evaluate.data', language))}</h3>"]
    if observed.mapping.source:
        parts.append(f"<p>{_safe(observed.mapping.source)}</p>")
    heads = [text(f"observed.{key}", language) for key in ("found", "concerns", "count", "used")]
    rows = [
        (
            label("observed", finding.kind, language),
            finding.column,
            number(finding.count, language),
            text("observed.yes" if finding.used else "observed.no", language),
        )
        for finding in report.findings
    ]
    for name, count in report.rows_read.items():
        shown = text(
            "observed.rows",
            language,
            table=label("observed.table", name, language),
            read=number(count, language),
            used=number(report.rows_used.get(name, 0), language),
        )
        parts.append(f"<p>{_safe(shown)}</p>")
    return "\n".join([*parts, _table(heads, rows, right=2)]) if rows else "\n".join(parts)


def _table(heads: Iterable[str], rows: Iterable[tuple[str, ...]], *, right: int) -> str:
    head = "".join(f"<th>{_safe(name)}</th>" for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{"n" if k >= right else ""}">{_safe(cell)}</td>'
            for k, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _safe(value: object) -> str:
    return html.escape(str(value))
