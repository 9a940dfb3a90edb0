"""Running a draft: what it will cost, the run and the one before it, how far they are."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL, Input, Output, State, ctx, html, no_update, set_props

from dash_app.cities import city_folder
from dash_app.context import current
from dash_app.editor.city import city_digest
from dash_app.editor.session import change, content_of, load, scenario_now, yaml_of
from dash_app.editor.texts import say
from dash_app.estimate import estimate
from dash_app.running import start_run
from dash_app.shell import NOTICES, notice
from dash_app.wording import size
from models.errors import TwinError
from scenarios import Scenario
from twin.editing import Submission
from twin.jobs.preview import preview
from twin.language import clock, short_number
from twin.store.layout import MANIFEST

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from dash_app.backend import TwinDash
    from dash_app.context import Context
    from twin.editing import StoredDraft
    from twin.jobs import Job

__all__ = ["register", "run_before"]

#: Submissions that a draft remembers.
_REMEMBERED = 20


def register(dash: TwinDash) -> None:  # noqa: C901 - the callbacks stand in it
    """Add what belongs to running."""

    @dash.callback(
        Output("edit-estimate", "children"),
        Output("edit-run-choice", "children"),
        Input("edit-state", "data"),
    )
    def show_choice(state: Any) -> Any:  # noqa: ANN401 - components
        context = current()
        try:
            stored = load(context.services, state)
        except TwinError:
            return no_update, no_update
        return _estimate(context, stored), _choice(context, stored)

    @dash.callback(
        Input("edit-run", "n_clicks"),
        State({"type": "er", "name": ALL}, "checked"),
        State("edit-state", "data"),
        role="planner",
        prevent_initial_call=True,
    )
    def run(clicks: int | None, both: list[bool], state: Any) -> None:  # noqa: ANN401 - from the browser
        if not clicks:
            return
        context = current()
        try:
            stored = load(context.services, state)
            made = _submit(context, stored, both=any(both))

            def keep(old: StoredDraft) -> StoredDraft:
                return replace(old, submissions=(*old.submissions, *made)[-_REMEMBERED:])

            kept = change(context.services, state, keep, owner=context.user)
        except TwinError as error:
            told = notice(say("refused", context.language), str(error), kind="bad")
            set_props(NOTICES, {"sendNotifications": [told]})
            return
        fresh = {**state, "key": kept.key, "at": kept.changed.isoformat(), "by": "run"}
        set_props("edit-state", {"data": fresh})
        set_props("edit-tick", {"disabled": False})

    @dash.callback(
        Output("edit-jobs", "children"),
        Output("edit-tick", "disabled"),
        Input("edit-tick", "n_intervals"),
        Input("edit-state", "data"),
    )
    def show_jobs(_tick: int, state: Any) -> Any:  # noqa: ANN401 - components
        context = current()
        try:
            stored = load(context.services, state)
        except TwinError:
            return no_update, True
        rows, active = _jobs(context, stored)
        return rows, not active

    @dash.callback(
        Input({"type": "ej", "do": ALL, "job": ALL}, "n_clicks"),
        role="planner",
        prevent_initial_call=True,
    )
    def stop(clicks: list[int | None]) -> None:
        if not any(clicks):
            return
        context = current()
        try:
            context.services.jobs.cancel(str(ctx.triggered_id["job"]))
        except TwinError as error:
            told = notice(say("refused", context.language), str(error), kind="bad")
            set_props(NOTICES, {"sendNotifications": [told]})
        set_props("edit-tick", {"disabled": False})


def run_before(context: Context, stored: StoredDraft) -> str:
    """Return a finished run of the scenario as it was, on the same city, or nothing."""
    base = stored.draft.base
    runs = context.services.store.runs()
    if base.origin == "run" and any(r.run_id == base.key and r.state == "finished" for r in runs):
        return base.key
    scenario = scenario_now(stored, "before")
    if scenario is None:
        return ""
    try:
        digest = scenario.digest
    except TwinError:
        return ""
    city = city_digest(context.services, scenario.to_dict(), stored.city)
    for record in reversed(runs):
        if record.state != "finished" or record.scenario != scenario.name:
            continue
        try:
            manifest = json.loads((record.folder / MANIFEST).read_text("utf-8"))
        except (OSError, ValueError):
            continue
        parts = manifest.get("scenario"), manifest.get("city")
        found = [part.get("digest") if isinstance(part, dict) else None for part in parts]
        if found == [digest, city]:
            return record.run_id
    return ""


def _submit(context: Context, stored: StoredDraft, *, both: bool) -> list[Submission]:
    services = context.services
    roles = ["before", "after"] if both and stored.draft.changes else ["after"]
    made = []
    for role in roles:
        text = _titled(stored, role)
        document = stored.draft.base_document if role == "before" else stored.draft.document
        digest = city_digest(services, document, stored.city)
        folder = city_folder(services.store, digest) if digest else None
        job = start_run(services, text, folder, by=context.user)
        content = content_of(services, stored, role)
        made.append(Submission(job=job.job_id, role=role, content=content))
    return made


def _titled(stored: StoredDraft, role: str) -> str:
    """Return the text to run; what was changed is said in its title, where people look for it."""
    if role == "before" or not stored.draft.changes:
        return yaml_of(stored, role)
    from twin.editing import SetField, sentence  # noqa: PLC0415 - kept beside its only use

    titles = {}
    for language in ("vi", "en"):
        told = [
            sentence(row.change.edit, language, before=row.before)
            for row in stored.draft.rows
            if row.change.on and row.conflict is None
        ]
        document = stored.draft.document
        title = document.get("title")
        name = (title or {}).get(language, "") if isinstance(title, dict) else ""
        more = f" (+{len(told) - 2})" if len(told) > 2 else ""
        shown = f"{name or stored.draft.base.name}: {'; '.join(told[:2])}{more}"
        titles[language] = shown[:300]
    return stored.draft.do(SetField(("title",), dict(titles))).yaml


def _estimate(context: Context, stored: StoredDraft) -> list[Component]:
    language = context.language
    try:
        scenario = Scenario.parse(stored.draft.yaml)
        digest = city_digest(context.services, stored.draft.document, stored.city)
        found = estimate(context.services, scenario, digest or None)
    except TwinError:
        return [html.Span(say("estimate_none", language))]
    told = say(
        "estimate",
        language,
        time=clock(_rounded(found.seconds), language),
        memory=size(found.memory_bytes, language),
    )
    cells = (
        say("estimate_cells", language, cells=short_number(found.cells, language, 0))
        if found.cells
        else say("estimate_dry", language)
    )
    parts: list[Component] = [html.Strong(told), html.Span(f" · {cells}")]
    if found.basis != "measured":
        parts.append(html.Span(" · " + say("estimate_assumed", language)))
    return parts


def _rounded(seconds: float) -> float:
    """Return a time as roughly as it is known: to 5 s, then to a minute."""
    step = 5.0 if seconds < 120.0 else 60.0
    return max(step, round(seconds / step) * step)


def _choice(context: Context, stored: StoredDraft) -> list[Component]:
    """Return the button that runs, and whether to compute the scenario as it was, too."""
    language = context.language
    valid = scenario_now(stored, "after") is not None and stored.typed is None
    may = context.may("planner")
    before = run_before(context, stored)
    parts: list[Component] = []
    under_way = any(s.role == "before" for s in stored.submissions)
    if stored.draft.changes and not before and not under_way:
        parts.append(
            dmc.Checkbox(
                id={"type": "er", "name": "both"},
                checked=True,
                label=say("also_before", language),
                size="sm",
            )
        )
    elif stored.draft.changes and before:
        parts.append(html.Span(say("before_known", language), className="editor-note"))
    parts.append(
        dmc.Button(
            say("run", language),
            id="edit-run",
            size="md",
            fullWidth=True,
            disabled=not (valid and may),
        )
    )
    return parts


def _jobs(context: Context, stored: StoredDraft) -> tuple[list[Component], bool]:
    """Return the runs of the draft, newest first, and whether any is under way."""
    newest: dict[str, Job] = {}
    contents: dict[str, str] = {}
    for submission in reversed(stored.submissions):
        if submission.role not in newest:
            try:
                newest[submission.role] = context.services.jobs.get(submission.job)
            except TwinError:
                continue  # removed in the meantime
            contents[submission.role] = submission.content
    before, after = newest.get("before"), newest.get("after")
    rows: list[Component] = []
    stale = after is not None and contents["after"] != content_of(context.services, stored, "after")
    base = run_before(context, stored)
    if before is not None and before.state == "finished":
        base = before.run_id
    if after is not None:
        rows.append(_job(context, after, "after", base, stale=stale))
    if before is not None and not (base and before.ended):
        rows.append(_job(context, before, "before", "", stale=False))
    active = any(not job.ended for job in newest.values())
    if active:
        note = say("started_why", context.language)
        rows.append(html.Span(note, className="editor-note"))
    return rows, active


def _job(context: Context, job: Job, role: str, base: str, *, stale: bool) -> Component:
    language = context.language
    done = job.state == "finished"
    facts = [say(f"state.{job.state}", language)]
    if job.state == "computing":
        facts[0] += f" {round(100 * job.fraction)} %"
        if job.remaining_s >= 0.0:
            left = clock(_rounded(job.remaining_s), language)
            facts.append(say("remaining", language, time=left))
        facts.append(say("depth_now", language, depth=short_number(job.max_depth_m, language, 1)))
    parts: list[Component | None] = [
        html.Div(
            [html.Strong(say(f"role.{role}", language)), html.Span(" · ".join(facts))],
            className="job-head",
        ),
        None if done else dmc.Progress(value=100 * job.fraction, size="sm", animated=not job.ended),
        _picture(context, job),
        html.Span(say("outdated", language), className="editor-note") if stale and done else None,
        html.Span(str(job.error.get("what", "")), className="change-why") if job.error else None,
    ]
    acts: list[Component] = []
    if done:
        acts.append(
            html.A(
                say("watch", language), href=context.href(f"/runs/{job.run_id}"), className="act"
            )
        )
        if base and base != job.run_id:
            acts.append(
                html.A(
                    say("compare", language),
                    href=context.href("/compare", a=base, b=job.run_id),
                    className="act act-main",
                    id="edit-compare",
                )
            )
    elif not job.ended:
        key = {"type": "ej", "do": "cancel", "job": job.job_id}
        acts.append(html.Button(say("cancel", language), id=key, className="act"))
    parts.append(html.Div(acts, className="row") if acts else None)
    return html.Div(parts, className=f"job job-{job.state}")


def _picture(context: Context, job: Job) -> Component | None:
    """Return the water so far; nothing where nothing is wet, or no picture is stored yet."""
    if job.state != "computing" or not job.wet_cells:
        return None
    picture = preview(context.services.store.root, job)
    if picture is None:
        return None
    return html.Img(
        src=f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}",
        alt=say("preview", context.language),
        className="job-picture",
    )
