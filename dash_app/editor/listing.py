"""The parts of the page that follow the draft: rows of changes, lists of things, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import html

from dash_app.editor.fields import text_of
from dash_app.editor.panels import button
from dash_app.editor.texts import say
from dash_app.icons import icon
from twin.editing import AddItem, identity, sentence, value_at
from twin.editing.documents import dotted
from twin.editing.phrases import phrase
from twin.editing.wording import Words
from twin.language import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dash.development.base_component import Component

    from twin.editing import Draft, Problem
    from twin.editing.documents import Path
    from twin.editing.edits import Document

__all__ = ["change_rows", "entries", "problem_list", "structure_list", "table", "unit_list"]

#: Rows that a table shows; longer series are changed in the YAML.
MOST_ROWS = 60


def change_rows(
    draft: Draft, names: Mapping[str, str], language: str, *, may: bool
) -> list[Component]:
    """Return the list of changes: a switch, a sentence, and the way out for each."""
    if not draft.changes:
        return [
            html.Div(
                [
                    html.Strong(say("no_changes", language)),
                    html.P(say("no_changes_why", language)),
                ],
                className="editor-empty",
            )
        ]
    rows = []
    for index, row in enumerate(draft.rows):
        said = sentence(row.change.edit, language, before=row.before, names=names)
        why = None
        if row.conflict is not None:
            place = dotted(
                (*row.conflict.path, *([row.conflict.name] if row.conflict.name else []))
            )
            why = html.Span(
                text(f"conflict.{row.conflict.kind}", language, place=place), className="change-why"
            )
        state = "off" if not row.change.on else "conflict" if row.conflict else "on"
        rows.append(
            html.Li(
                [
                    dmc.Switch(
                        id={"type": "es", "row": index},
                        checked=row.change.on,
                        size="xs",
                        disabled=not may,
                        **{"aria-label": say("switch", language, sentence=said)},
                    ),
                    html.Span([html.Span(said, className="change-text"), why]),
                    html.Button(
                        icon("M6 6l12 12M18 6 6 18", size=14),
                        id={"type": "eb", "do": "drop", "arg": str(index)},
                        className="tool-button change-drop",
                        title=say("drop", language),
                        disabled=not may,
                        **{"aria-label": say("drop", language)},
                    ),
                ],
                className=f"change change-{state}",
            )
        )
    return [html.Ol(rows, className="changes")]


def problem_list(problems: Sequence[Problem], language: str) -> list[Component]:
    """Return what keeps the scenario from running, with field and line."""
    if not problems:
        return []
    rows = []
    for problem in problems[:8]:
        where = dotted(problem.path) if problem.path else ""
        line = say("line", language, line=problem.line) if problem.line else ""
        rows.append(
            html.Li(
                [
                    html.Button(
                        " · ".join(part for part in (where, line) if part) or "YAML",
                        className="link-button",
                        **{"data-line": str(problem.line)},
                    ),
                    html.Span(problem.message[language]),
                    html.Span(problem.remedy, className="card-facts") if problem.remedy else None,
                ]
            )
        )
    more = len(problems) - 8
    if more > 0:
        rows.append(html.Li(f"+ {more}"))
    return [html.Strong(say("problems", language)), html.Ul(rows)]


def entries(
    path: Path, document: Document, names: Mapping[str, str], language: str, *, empty: str = ""
) -> list[Component]:
    """Return the entries of a list as sentences, each with the way out."""
    words = Words(language, document, names)
    found = value_at(document, path)
    items = found if isinstance(found, list) else []
    rows = []
    for item in items[:100]:
        said = phrase(path, item, words) or str(identity(item) or "…")
        rows.append(
            html.Li(
                [
                    html.Span(said[:1].upper() + said[1:]),
                    button(
                        "\u00d7",
                        "remove",
                        {"path": list(path), "item": item},
                        look="x",
                        **{"aria-label": say("remove", language) + ": " + said},
                    ),
                ],
                className="entry",
            )
        )
    if not rows:
        return [html.P(empty, className="editor-note")] if empty else []
    return [html.Ul(rows, className="entries")]


def structure_list(document: Document, language: str) -> list[Component]:
    """Return the structures of the scenario, to be chosen by name."""
    words = Words(language, document)
    found = value_at(document, ("structures",))
    items = [i for i in found if isinstance(i, dict)] if isinstance(found, list) else []
    if not items:
        return [html.P(say("no_structures", language), className="editor-note")]
    return [
        html.Ul(
            [
                html.Li(
                    html.Button(
                        said.removeprefix(words.say("phrase.add", phrase="").strip() + " "),
                        id={"type": "choose", "what": f"structure:{identity(item)}"},
                        className="link-button",
                    ),
                    className="entry",
                )
                for item in items[:200]
                if (said := phrase(("structures",), item, words) or "")
            ],
            className="entries",
        )
    ]


def unit_list(document: Document, names: Mapping[str, str], language: str) -> list[Component]:
    """Return the stations and the units that are listed by name."""
    return [
        *entries(("fleet", "stations"), document, names, language),
        *entries(("fleet", "units"), document, names, language),
    ]


def table(
    path: Path, columns: Mapping[str, str], document: Document, language: str
) -> list[Component]:
    """
    Return a series as a table that can be typed in.

    Parameters
    ----------
    path
        The group that holds lists of one length.
    columns
        Their names in the document, and what stands above them.
    """
    lists = {name: value_at(document, (*path, name)) for name in columns}
    if not all(isinstance(values, list) for values in lists.values()):
        return []
    count = min(len(values) for values in lists.values())
    if count > MOST_ROWS:
        return []
    rows = []
    for row in range(count):
        cells: list[Any] = []
        for name, values in lists.items():
            value = values[row]
            key = {"type": "et", "path": text_of(path), "col": name, "row": row}
            shared = {
                "id": key,
                "size": "xs",
                "debounce": 500,
                "aria-label": f"{columns[name]} {row + 1}",
            }
            if isinstance(value, int | float) and not isinstance(value, bool):
                mark = "," if language == "vi" else "."
                part = dmc.NumberInput(
                    value=value, decimalSeparator=mark, hideControls=True, **shared
                )
            else:
                part = dmc.TextInput(value=str(value), **shared)
            cells.append(html.Td(part))
        rows.append(html.Tr(cells))
    head = html.Tr([html.Th(title, scope="col") for title in columns.values()])
    arg = {"path": list(path), "columns": list(columns)}
    return [
        html.Table([html.Thead(head), html.Tbody(rows)], className="points"),
        html.Div(
            [
                button(say("add_row", language), "row_add", arg),
                button(say("remove_row", language), "row_drop", arg),
            ],
            className="row",
        ),
    ]


def added_id(edit: object) -> str:
    """Return the id of what an edit adds, empty where it adds nothing of a name."""
    return str(identity(edit.item) or "") if isinstance(edit, AddItem) else ""
