"""The command ``twin evaluate``."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer
from rich.console import Console

from twin.language import LANGUAGES, choose_language, text

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command("evaluate")(evaluate)


def evaluate(
    run: Annotated[
        str, typer.Argument(help="Name of a run, its beginning, `latest`, or a folder.")
    ] = "latest",
    *,
    observed: Annotated[
        list[Path],
        typer.Option(
            "--observed", "-o", help="Mapping of levels, extents, street reports or a log; again."
        ),
    ],
    page: Annotated[
        Path | None, typer.Option(help="Write a page in each language into this folder.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(help="How far a street report may lie from the water, m.", min=1.0)
    ] = 100.0,
    wet: Annotated[
        float, typer.Option(help="Depth from which a street counts as wet, m.", min=0.001)
    ] = 0.05,
    seed: Annotated[int, typer.Option(help="Of the resamples of the intervals.", min=0)] = 0,
    store: Annotated[
        Path | None, typer.Option("--store", help="Folder of runs; else TWIN_STORE, else ./runs.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    language: Annotated[
        str | None, typer.Option("--lang", help="vi or en; else as LANG says.")
    ] = None,
) -> None:
    """Show how far a run is from what was observed, with sample sizes and intervals."""
    from twin.evaluation import evaluate as compare
    from twin.evaluation.page import write_page
    from twin.evaluation.show import show_evaluation

    spoken = choose_language(language)
    found = compare(run, observed, store=store, seed=seed, tolerance_m=tolerance, wet_m=wet)
    written = [
        write_page(found, page / f"{found.run.id}.{each}.html", each)
        for each in LANGUAGES
        if page is not None
    ]
    if as_json:
        document = found.as_dict() | {"pages": [str(path) for path in written]}
        typer.echo(json.dumps(document, ensure_ascii=False, allow_nan=False))
        return
    console = Console(highlight=False)
    for part in show_evaluation(found, spoken):
        console.print(part)
    for path in written:
        console.print(text("evaluate.written", spoken, path=path))
