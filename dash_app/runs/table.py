"""The table of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_ag_grid as dag

from dash_app.pages import address_of
from dash_app.runs.texts import say
from dash_app.wording import moment, size
from twin.language import clock, number, short_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

    from dash_app.context import Context
    from dash_app.library import RunEntry

__all__ = ["rows_of", "table"]


def table(context: Context, runs: Sequence[RunEntry]) -> Component:
    """Return the table of *runs*; its ``selectedRows`` are those that are chosen."""
    language = context.language

    def column(field: str, **options: object) -> dict[str, Any]:
        return {"field": field, "headerName": say(f"column.{field}", language), **options}

    def figure(field: str, shown: str, **options: object) -> dict[str, Any]:
        # sorted by the number, shown as the language writes it
        text = {"function": f"params.data.{shown}"}
        return column(field, valueFormatter=text, type="rightAligned", **options)

    return dag.AgGrid(
        id="runs-table",
        className="runs-table",
        columnDefs=[
            column("title", minWidth=190, flex=3, cellRenderer="markdown", filter=False),
            column("city", minWidth=130, flex=2),
            figure("created", "created_text", width=172, sort="desc"),
            column("state", width=105),
            figure("duration", "duration_text", width=106),
            figure("flooded", "flooded_text", width=118),
            figure("unserved", "unserved_text", width=116),
            figure("size", "size_text", width=96),
            column("tags", minWidth=90, flex=1),
        ],
        rowData=rows_of(context, runs),
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True},
        getRowId="params.data.run_id",
        dashGridOptions={
            "rowSelection": {"mode": "multiRow", "enableClickSelection": True},
            "rowHeight": 44,
            "headerHeight": 40,
            "pagination": True,
            "paginationPageSize": 50,
            "paginationPageSizeSelector": False,
            "suppressCellFocus": False,
            "localeText": {
                "noRowsToShow": say("none", language),
                **{key: say(f"grid.{key}", language) for key in ("page", "to", "of")},
            },
        },
        style={"height": None},
        dangerously_allow_code=False,
    )


def rows_of(context: Context, runs: Sequence[RunEntry]) -> list[dict[str, Any]]:
    """Return the rows of the table."""
    return [_row(context, run) for run in runs]


def _row(context: Context, run: RunEntry) -> dict[str, Any]:
    language = context.language
    flooded, unserved = run.flooded_area_m2, run.figures.get("unserved")
    address = address_of("viewer", run_id=run.run_id)
    title = _plain(run.title_in(language))
    can_open = address is not None and run.state == "finished" and not run.deleted_s
    return {
        "run_id": run.run_id,
        "title": f"[{title}]({context.href(address)})" if can_open and address else title,
        "name": run.title_in(language),
        "city": run.city_in(language),
        "created": run.created,
        "created_text": moment(run.created, language),
        "state": say(f"state.{run.state}", language),
        "state_key": run.state,
        "duration": run.duration_s,
        "duration_text": clock(run.duration_s, language),
        "flooded": flooded,
        "flooded_text": short_number(float("nan") if flooded is None else flooded / 1e6, language),
        "unserved": unserved,
        "unserved_text": number(None if unserved is None else float(unserved), language),
        "size": run.size_bytes,
        "size_text": size(run.size_bytes, language),
        "tags": ", ".join(run.tags),
        "tag_list": list(run.tags),
        "archived": run.archived,
    }


def _plain(text: str) -> str:
    """Return *text* so that a cell of Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>~" else c for c in text)
