"""``twin sweep``: run many members of one scenario, and read them as one ensemble."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from models.errors import InvalidInputError
from twin.language import choose_language, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from twin.ensembles.conduct import SweepProgress
    from twin.ensembles.results import Ensemble

__all__ = ["app"]

_Store = Annotated[
    str | None,
    typer.Option("--store", help="Folder or URL (s3://…); else TWIN_STORE, else ./runs."),
]
_Name = Annotated[
    str, typer.Argument(help="Name of a sweep, its beginning, `latest`, or its document.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_Language = Annotated[
    str | None, typer.Option("--lang", help="vi or en; else as LANG says.", show_default=False)
]
_Figure = Annotated[
    list[str] | None,
    typer.Option("--figure", help="A key figure, such as max_depth_m; may stand more than once."),
]


class _RunByDefault(TyperGroup):
    """Takes ``twin sweep FILE`` as ``twin sweep run FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own copy of click
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_RunByDefault,
    no_args_is_help=True,
    help="Run many members of one scenario: `twin sweep FILE`, and read them as one ensemble.",
)


@app.command("run")
def run_command(
    sweep: Annotated[Path, typer.Argument(help="The document of the sweep.")],
    *,
    city: Annotated[
        Path | None, typer.Option("--city", help="Folder of the city; else what the sweep names.")
    ] = None,
    store: _Store = None,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", help="A dask cluster, tcp://host:8786; else this machine."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes; else as many as processors.")
    ] = None,
    threads: Annotated[int, typer.Option("--threads", help="Threads of each process.")] = 1,
    memory: Annotated[
        str | None, typer.Option("--memory", help="Limit of each process, such as 4GiB.")
    ] = None,
    tries: Annotated[int, typer.Option("--tries", help="How often a member is tried.")] = 3,
    plan_only: Annotated[
        bool, typer.Option("--plan", help="Show what would be computed, and stop.")
    ] = False,
    as_json: _Json = False,
    lang: _Language = None,
) -> None:
    """Run a sweep. What is finished stays; the same command goes on where it was stopped."""
    import twin
    from twin.ensembles.cluster import workers_here
    from twin.ensembles.show import show_ensemble, show_plan
    from twin.ensembles.sweeping import ensemble_store

    spoken = choose_language(lang)
    console = Console(stderr=True, highlight=False)
    where = ensemble_store(store)
    with console.status(text("sweep.planning", spoken)):
        plan = twin.plan_sweep(sweep, city, store=where)
    if not as_json or plan_only:
        count = workers or workers_here(threads)
        for part in show_plan(plan, where, spoken, workers=count):
            (Console(highlight=False) if plan_only else console).print(part)
    if plan_only:
        return
    with _watched(console, spoken) as (tell, stop):
        try:
            done = twin.ensemble(
                plan,
                store=where,
                scheduler=scheduler,
                workers=workers,
                threads=threads,
                memory_limit=memory,
                tries=tries,
                on_progress=tell,
                should_stop=stop,
            )
        except (twin.Interrupted, KeyboardInterrupt) as stopped:
            typer.echo(f"\n{text('sweep.stopped', spoken)}", err=True)
            raise typer.Exit(130) from stopped
    if as_json:
        _print_json(_summary(done))
    else:
        for part in show_ensemble(done, spoken):
            Console(highlight=False).print(part)
    if len(done.failures):
        raise typer.Exit(3)


@app.command("list")
def list_command(store: _Store = None, lang: _Language = None) -> None:
    """List the sweeps of a store."""
    from twin.ensembles.show import show_list
    from twin.ensembles.sweeping import ensemble_store

    Console(highlight=False).print(show_list(ensemble_store(store), choose_language(lang)))


@app.command("show")
def show_command(
    name: _Name = "latest",
    *,
    store: _Store = None,
    figure: _Figure = None,
    by: Annotated[
        list[str] | None, typer.Option("--by", help="Group by this factor; may stand repeatedly.")
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option("--compare", help="FACTOR:FIRST:SECOND: compare two values pair by pair."),
    ] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="How much each factor matters for each figure.")
    ] = False,
    confidence: Annotated[
        float, typer.Option("--confidence", help="Of the intervals of means.")
    ] = 0.95,
    as_json: _Json = False,
    lang: _Language = None,
) -> None:
    """Show key figures with intervals, compare pair by pair, and say what matters."""
    import twin
    from twin.ensembles import show

    spoken = choose_language(lang)
    found = twin.open_ensemble(name, store=store)
    if as_json:
        table = found.figure_table(figure, by=by or (), confidence=confidence)
        _print_json({**_summary(found), "figures": json.loads(table.to_json(orient="records"))})
        return
    console = Console(highlight=False)
    figures = figure or []
    if compare is not None:
        parts = compare.split(":")
        if len(parts) != 3:
            raise InvalidInputError(
                "write a factor and two of its values", where="--compare", value=compare,
                remedy="Such as fleet.ambulances:2:4.",
            )  # fmt: skip
        console.print(
            show.show_comparison(
                found, parts[0], parts[1], parts[2], spoken, figures=figures, confidence=confidence
            )
        )
        return
    if sensitivity:
        for key in figures or show.main_figures(found, varying=True)[:3]:
            console.print(show.show_sensitivity(found, key, spoken))
        return
    for part in show.show_ensemble(
        found, spoken, figures=figures, by=by or (), confidence=confidence
    ):
        console.print(part)


@app.command("plot")
def plot_command(
    name: _Name = "latest",
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("pictures"),
    store: _Store = None,
    depth: Annotated[
        list[float] | None, typer.Option("--depth", help="Depth whose chance is mapped, m.")
    ] = None,
    figure: _Figure = None,
    lang: _Language = None,
) -> None:
    """Draw maps of chances and depths, spreads, tornado and scatter plots."""
    import twin
    from twin.ensembles.plots import plot_ensemble

    found = twin.open_ensemble(name, store=store)
    for path in plot_ensemble(
        found,
        output,
        language=choose_language(lang),
        thresholds_m=depth or (0.1, 0.3),
        figures=figure or (),
    ):
        typer.echo(str(path))


@app.command("export")
def export_command(
    name: _Name = "latest",
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder.")] = Path("export"),
    store: _Store = None,
    depth: Annotated[
        list[float] | None, typer.Option("--depth", help="Depth whose chance is mapped, m.")
    ] = None,
) -> None:
    """Write members and figures as CSV, and chances and depths as netCDF and GeoTIFF."""
    import twin
    from twin.ensembles.exports import export_ensemble

    found = twin.open_ensemble(name, store=store)
    for path in export_ensemble(found, output, thresholds_m=depth or (0.1, 0.3, 0.5)):
        typer.echo(str(path))


@app.command("push")
def push_command(
    name: _Name,
    url: Annotated[str, typer.Argument(help="A folder, or a URL such as s3://bucket/prefix.")],
    *,
    store: _Store = None,
    lang: _Language = None,
) -> None:
    """Copy a sweep with its floods and cities to another store; what is there stays."""
    import twin
    from twin.ensembles.exports import push

    found = twin.open_ensemble(name, store=store)
    push(found, url, on_file=lambda told: typer.echo(told, err=True))
    typer.echo(text("sweep.pushed", choose_language(lang), name=found.id, url=url))


@app.command("delete")
def delete_command(
    name: _Name,
    *,
    store: _Store = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    lang: _Language = None,
) -> None:
    """Delete a sweep, and the floods that no other sweep uses."""
    import twin
    from twin.ensembles.exports import delete_sweep

    spoken = choose_language(lang)
    found = twin.open_ensemble(name, store=store)
    if not yes and not typer.confirm(text("sweep.ask_delete", spoken, name=found.id)):
        typer.echo(text("delete.kept", spoken, run=found.id))
        return
    delete_sweep(found)
    typer.echo(text("delete.done", spoken, run=found.id))


@app.command("schema")
def schema_command() -> None:
    """Write the JSON Schema of sweeps, with which editors complete and check."""
    from scenarios import sweep_json_schema

    typer.echo(json.dumps(sweep_json_schema(), indent=2, ensure_ascii=False))


def _summary(found: Ensemble) -> dict[str, Any]:
    return {
        "sweep": found.id,
        "store": found.store.url,
        "members": found.plan.n_members,
        "finished": len(found.table),
        "failed": len(found.failures),
        "floods": len(found.plan.floods),
        "digest": found.digest,
        "wall_s": found.summary.get("wall_s"),
    }


def _print_json(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")


@contextmanager
def _watched(
    console: Console, language: str
) -> Iterator[tuple[Callable[[SweepProgress], None], Callable[[], bool]]]:
    """Show a bar, and turn the first Ctrl-C into a wish to stop."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    asked = False

    def ask(_signal: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        # Not through sys.stderr, in the middle of whose work the signal may have come.
        os.write(2, f"\n{text('sweep.stopping', language)}\n".encode())

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=None), TimeRemainingColumn(),
        console=console,
    )  # fmt: skip
    task = bar.add_task("", total=1.0)
    plain = not console.is_terminal
    last = -1

    def tell(progress: SweepProgress) -> None:
        nonlocal last
        shown = _told(progress, language)
        done = _share(progress)
        if not plain:
            bar.update(task, completed=done, description=shown)
        elif int(10 * done) > last:
            last = int(10 * done)
            console.print(f"{100 * done:3.0f} %  {shown}", markup=False)

    before = signal.signal(signal.SIGINT, ask)
    try:
        if plain:
            yield tell, lambda: asked
        else:
            with bar:
                yield tell, lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _told(progress: SweepProgress, language: str) -> str:
    shown = text(
        "sweep.progress",
        language,
        finished=progress.finished,
        members=progress.members,
        floods=progress.floods_finished,
        all_floods=progress.floods,
    )
    if progress.failed:
        shown += text("sweep.progress_failed", language, failed=progress.failed)
    return shown


def _share(progress: SweepProgress) -> float:
    """Return the share done: a flood counts as much as the members that wait for it."""
    ended = (progress.finished + progress.failed) / max(1, progress.members)
    if not progress.floods:
        return ended
    wet = (progress.floods_finished + sum(progress.running.values())) / progress.floods
    return min(1.0, 0.5 * ended + 0.5 * wet)
