"""The commands ``twin report`` and ``twin alert``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from models.errors import InvalidInputError
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
    app.command("alert")(alert)


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


def alert(
    run: _Run = "latest",
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; else alert-<run>.xml.")
    ] = None,
    status: Annotated[
        str, typer.Option(help="Exercise, Test, or Actual: a real warning.")
    ] = "Exercise",
    depth: Annotated[float, typer.Option(help="Depth on land from which is warned, m.")] = 0.3,
    sender: Annotated[
        str, typer.Option(help="Who sends it, as desk@example.org; Actual needs it.")
    ] = "",
    sent: Annotated[
        str | None,
        typer.Option(help="When, with a zone: 2025-10-22T15:00:00+07:00; else the run's start."),
    ] = None,
    certainty: Annotated[
        str, typer.Option(help="Likely, Possible, Unlikely or Unknown.")
    ] = "Possible",
    store: _Store = None,
    as_json: _Json = False,
    language: _Language = None,
) -> None:
    """Write a warning of a run's deep water in the Common Alerting Protocol 1.2."""
    from twin.results.cap import Message, write_alert
    from twin.results.open import open_run

    spoken = choose_language(language)
    message = Message(
        status=status, sender=sender, sent=_time_of(sent), certainty=certainty, depth_m=depth
    )
    found = open_run(run, store=store)
    path = write_alert(found, output or Path(f"alert-{found.id}.xml"), message)
    if as_json:
        document = {"run": found.id, "status": status, "files": [str(path)]}
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        typer.echo(text("report.written", spoken, path=path))


def _time_of(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        return datetime.fromisoformat(given)
    except ValueError as error:
        raise InvalidInputError(
            "this is not a time",
            where="--sent",
            value=given,
            remedy="Write it in full with its zone, as 2025-10-22T15:00:00+07:00.",
        ) from error
