"""The command ``twin report``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from twin.language import choose_language, text

__all__ = ["register"]

_Run = Annotated[str, typer.Argument(help="Name of a run, its beginning, `latest`, or a folder.")]
_Store = Annotated[
    Path | None,
    typer.Option("--store", help="Folder of runs; else TWIN_STORE, else ./runs."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Language = Annotated[
    str | None, typer.Option("--lang", help="vi or en; else as LANG says.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command("report")(report)


def report(
    run: _Run = "latest",
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file .html or .pdf; else report-<run>.html."),
    ] = None,
    observed: Annotated[
        list[Path] | None,
        typer.Option(help="Mapping of observations to compare with, as twin evaluate; again."),
    ] = None,
    ensemble: Annotated[
        str | None, typer.Option(help="A sweep around this run, whose spread is reported.")
    ] = None,
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Write a run as one document to hand upwards: HTML, or PDF."""
    from twin.results.open import open_run
    from twin.results.report import write_report
    from twin.results.report.write import require_format

    spoken, found = choose_language(language), open_run(run, store=store)
    path = output or Path(f"report-{found.id}.html")
    require_format(path)
    compared = varied = None
    if observed:
        from twin.evaluation import evaluate

        compared = evaluate(found, observed)
    if ensemble is not None:
        from twin.ensembles.sweeping import open_ensemble

        varied = open_ensemble(ensemble, store=store)
    write_report(found, path, language=spoken, evaluation=compared, ensemble=varied)
    if as_json:
        typer.echo(json.dumps({"run": found.id, "files": [str(path)]}, ensure_ascii=False))
    else:
        typer.echo(text("report.written", spoken, path=path))
