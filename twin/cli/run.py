"""``twin run``, ``twin resume`` and ``twin demo``."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

import twin
from twin.language import choose_language, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from twin.city.city import City
    from twin.engine.engine import Progress as RunProgress
    from twin.results.open import Run

__all__ = ["or_interrupted", "register", "watched"]

Store = Annotated[
    Path | None,
    typer.Option(
        "--store", help="Folder of runs; else TWIN_STORE, else ./runs.", show_default=False
    ),
]
Threads = Annotated[
    int | None,
    typer.Option("--threads", help="Threads for the flood; else all.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="End with one JSON object on stdout.")]
Lang = Annotated[
    str | None,
    typer.Option("--lang", help="Language of the summary: vi or en.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command("run")(run_command)
    app.command("resume")(resume_command)
    app.command("demo")(demo_command)


def run_command(
    scenario: Annotated[str, typer.Argument(help="Scenario file, or the name of a shipped one.")],
    *,
    city: Annotated[
        Path | None,
        typer.Option("--city", help="Folder of the city; else what the scenario names."),
    ] = None,
    store: Store = None,
    threads: Threads = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Run a scenario on a city and store the result. Ctrl-C leaves a run that can be resumed."""
    spoken = choose_language(lang)
    document = twin.load_scenario(scenario)
    found = _made_up(spoken) if city is None and document.city == "synthetic" else city
    with watched(document.name) as (tell, stop):
        done = or_interrupted(
            lambda: twin.run(
                document, found, store=store, threads=threads, on_progress=tell, should_stop=stop
            ),
            store,
        )
    _report(done, as_json=as_json, language=spoken)


def resume_command(
    run_id: Annotated[str, typer.Argument(help="The interrupted run; `twin runs` lists them.")],
    store: Store = None,
    threads: Threads = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Take up an interrupted run; it ends as if it had never stopped."""
    spoken = choose_language(lang)
    with watched(run_id) as (tell, stop):
        done = or_interrupted(
            lambda: twin.resume(
                run_id, store=store, threads=threads, on_progress=tell, should_stop=stop
            ),
            store,
        )
    _report(done, as_json=as_json, language=spoken)


def demo_command(
    folder: Annotated[
        Path, typer.Option("--folder", help="Where city, runs and pictures go.")
    ] = Path("demo"),
    threads: Threads = None,
    lang: Lang = None,
) -> None:
    """Show the main job: a cloudburst on a high tide over the synthetic district."""
    from twin.results.plot import plot_run

    spoken = choose_language(lang)
    console = Console(stderr=True)
    began = time.perf_counter()
    city = _made_up(spoken, folder / "city")
    scenario = twin.load_scenario("cloudburst_high_tide")
    with watched(scenario.name) as (tell, stop):
        done = or_interrupted(
            lambda: twin.run(
                scenario,
                city,
                store=folder / "runs",
                threads=threads,
                on_progress=tell,
                should_stop=stop,
            ),
            folder / "runs",
        )
    _report(done, as_json=False, language=spoken)
    with console.status("Drawing pictures"):
        pictures = plot_run(done, folder / "pictures", language=spoken)
    for picture in pictures:
        console.print(f"  {picture}", highlight=False)
    console.print(
        f"Done in {time.perf_counter() - began:.0f} s. Look at the pictures above, or ask "
        f"`.venv/bin/twin show {done.id} --store {folder / 'runs'}`.",
        highlight=False,
    )
    console.print(
        f"Watch it in the browser: `.venv/bin/twin serve --store {folder / 'runs'}`.",
        highlight=False,
    )


def _made_up(language: str, folder: Path | None = None) -> City:
    """Return the synthetic district, and show how it is made where it is not kept yet."""
    console = Console(stderr=True)
    with console.status("") as status:
        told = False

        def tell(step: str, share: float) -> None:
            nonlocal told
            title = text("run.making_up", language)
            if console.is_terminal:
                status.update(f"{title}: {share:.0%} {step}")
            elif not told:
                console.print(title, markup=False, highlight=False)
            told = True

        return twin.default_city(folder=folder, progress=tell)


def or_interrupted[T](work: Callable[[], T], store: Path | None) -> T:
    """Return what *work* returns; say how to go on, and leave with 130, where it is stopped."""
    named = "" if store is None else f" --store {store}"
    try:
        return work()
    except twin.Interrupted as stopped:
        typer.echo(f"Stopped. Go on with: twin resume {stopped.run_id}{named}", err=True)
        raise typer.Exit(130) from stopped
    except KeyboardInterrupt as stopped:
        typer.echo(f"Stopped at once. `twin runs{named}` lists what can be resumed.", err=True)
        raise typer.Exit(130) from stopped


@contextmanager
def watched(
    title: str,
) -> Iterator[tuple[Callable[[RunProgress], None], Callable[[], bool]]]:
    """Show a bar, and turn the first Ctrl-C of a run into a wish to stop at the next exchange."""
    asked, running = False, False

    def ask(_signal: int, _frame: object) -> None:
        nonlocal asked
        if asked or not running:  # before the first exchange there is nothing to keep
            raise KeyboardInterrupt
        asked = True
        # Not through sys.stderr, in the middle of whose work the signal may have come.
        os.write(2, b"\nStopping at the next exchange; Ctrl-C again stops at once.\n")

    before = signal.signal(signal.SIGINT, ask)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[shown]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=False,
    )
    began = time.perf_counter()
    task = bar.add_task(title, total=1.0, shown="")
    plain = _PlainProgress(title) if not bar.console.is_terminal else None

    def tell(progress: RunProgress) -> None:
        nonlocal running
        running = True
        speed = progress.simulated_s / max(time.perf_counter() - began, 1e-3)
        shown = _figures(progress, speed)
        if plain is not None:
            plain.tell(progress, shown)
            return
        bar.update(task, completed=progress.simulated_s / progress.end_s, shown=shown)

    try:
        if plain is None:
            with bar:
                yield tell, lambda: asked
        else:
            yield tell, lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


class _PlainProgress:
    """A line every tenth of the run, where there is no terminal to draw a bar on."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._next = 0.1

    def tell(self, progress: RunProgress, shown: str) -> None:
        """Print a line if another tenth is done."""
        share = progress.simulated_s / progress.end_s
        if share + 1e-9 >= self._next:
            with suppress(OSError):  # whoever reads this may leave; the run goes on
                sys.stderr.write(f"{self._title}: {share:4.0%}  {shown}\n")
                sys.stderr.flush()
            self._next = math.floor(share * 10 + 1e-9) / 10 + 0.1


def _figures(progress: RunProgress, speed: float) -> str:
    hours, minutes = divmod(int(progress.simulated_s) // 60, 60)
    parts = [f"{hours:02d}:{minutes:02d} simulated", f"x{speed:,.0f}"]
    if progress.repeating:
        return f"{parts[0]}  catching up"
    if progress.wet_cells:
        parts.append(f"{progress.wet_cells:,} wet cells")
    if not math.isnan(progress.time_step_s):
        parts.append(f"step {progress.time_step_s:.2f} s")
    parts.append(f"{progress.open_incidents} open incidents")
    return "  ".join(parts)


def _report(done: Run, *, as_json: bool, language: str) -> None:
    if as_json:
        sys.stdout.write(json.dumps(_summary(done), ensure_ascii=False, allow_nan=False) + "\n")
        return
    from twin.results.show import show_run

    console = Console(highlight=False)
    for part in show_run(done, language):
        console.print(part)


def _summary(done: Run) -> dict[str, Any]:
    return {"run": done.id, "digest": done.digest, **done.summary, "folder": str(done.folder)}
