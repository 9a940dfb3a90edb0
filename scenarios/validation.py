"""From plain data to a model: every fault in one error that names file, line, field and value."""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from models.errors import InvalidInputError, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic_core import ErrorDetails

    from scenarios.loader import Document

__all__ = ["Fault", "find_faults", "parse_model"]

_MOST = 10
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
    "too_short": ("a list that is longer; its least length is", "min_length"),
    "too_long": ("a list that is shorter; its greatest length is", "max_length"),
}
_KINDS = {
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a group of fields",
    "model_attributes_type": "must be a group of fields",
    "dict_type": "must be a group of fields",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "finite_number": "must be a finite number",
    "missing": "the field is missing",
    "union_tag_not_found": "the field is missing",
    "string_pattern_mismatch": "must be a name of letters, digits and _ . : - without spaces",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    One thing that is wrong in a document.

    Parameters
    ----------
    path
        The field, as steps from the root.
    line
        Its line, from 1; 0 where it is not known.
    error
        What is wrong, where, and what to do.
    kind
        What pydantic calls it: ``greater_than_equal``, ``missing``, ``value_error``.
    limits
        What it was measured against: ``{"ge": 0}``.
    """

    path: tuple[str | int, ...]
    line: int
    error: InvalidInputError
    kind: str
    limits: Mapping[str, object] = dataclasses.field(default_factory=dict)


def find_faults(
    model: type[BaseModel],
    document: Document,
    *,
    error: type[InvalidInputError] = ScenarioError,
    context: Mapping[str, object] | None = None,
) -> tuple[Fault, ...]:
    """Return everything that is wrong in *document*, in its order; nothing where it is valid."""
    try:
        model.model_validate(document.data, context=context)
    except ValidationError as cause:
        own = _own(cause.errors(include_url=False))
    else:
        return ()
    own.sort(key=lambda fault: document.mark(_path(document.data, fault)))
    return tuple(
        Fault(
            path=(path := _path(document.data, fault)),
            line=document.mark(path)[0],
            error=_fault(model, document, fault, error),
            kind=fault["type"],
            limits=fault.get("ctx", {}),
        )
        for fault in own
    )


def parse_model[M: BaseModel](
    model: type[M],
    document: Document,
    *,
    error: type[InvalidInputError] = ScenarioError,
    context: Mapping[str, object] | None = None,
) -> M:
    """
    Validate *document* as *model*.

    Parameters
    ----------
    model
        A pydantic model.
    document
        What :func:`scenarios.loader.read_yaml` returned.
    error
        Class of the error.
    context
        Handed to the validators of the model.

    Raises
    ------
    InvalidInputError
        Of the class *error*. One fault fills the fields of the error; several stand below each
        other, the first ten of them, each with line, field, value, and what was expected.
    """
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as cause:
        faults = cause.errors(include_url=False)
    own = _own(faults)
    own.sort(key=lambda fault: document.mark(_path(document.data, fault)))
    found = [_fault(model, document, fault, error) for fault in own[:_MOST]]
    if len(own) == 1:
        raise found[0]
    lines = [f"  {_one_line(str(one))}" for one in found]
    if len(own) > _MOST:
        lines.append(f"  and {len(own) - _MOST} more")
    raise error("\n".join([f"{len(own)} things are wrong:", *lines]), where=document.name)


def _own(faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """Return the faults that do not follow from others."""
    around = {fault["loc"][:-1] for fault in faults if fault["loc"]}
    return [
        fault
        for fault in faults
        if fault["type"] != "no_period"
        # A list with a wrong entry is counted without it.
        and not (fault["type"] == "too_short" and fault["loc"] in around)
    ] or faults


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _fault(
    model: type[BaseModel],
    document: Document,
    fault: ErrorDetails,
    error: type[InvalidInputError],
) -> InvalidInputError:
    path = _path(document.data, fault)
    what, remedy = _message(model, fault)
    value = fault["input"]
    shown = value if isinstance(value, str | int | float) and fault["type"] != "missing" else None
    if fault["type"] == "extra_forbidden":
        shown = None
    elif fault["type"] == "union_tag_invalid":
        shown = fault["ctx"]["tag"]
    return error(what, where=document.place(path), value=shown, remedy=remedy)


def _path(data: object, fault: ErrorDetails) -> tuple[str | int, ...]:
    """Return the path in the document, without the names of the branches that pydantic adds."""
    path: list[str | int] = []
    here: Any = data
    loc = fault["loc"]
    for index, part in enumerate(loc):
        listed = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if listed or (isinstance(here, dict) and part in here):
            path.append(part)
            here = here[part]
        elif fault["type"] == "missing" and index == len(loc) - 1:
            path.append(part)
    if fault["type"].startswith("union_tag") and "discriminator" in fault.get("ctx", {}):
        path.append(str(fault["ctx"]["discriminator"]).strip("'"))
    return tuple(path)


def _message(model: type[BaseModel], fault: ErrorDetails) -> tuple[str, str | None]:
    """Return what was expected, and a remedy."""
    kind, context, value = fault["type"], fault.get("ctx", {}), fault["input"]
    if kind == "extra_forbidden":
        return "there is no such field", _suggest_field(model, fault["loc"])
    if kind in {"literal_error", "union_tag_invalid"}:
        text = context.get("expected") or context.get("expected_tags", "")
        options = re.findall(r"'([^']*)'", str(text)) or [str(text)]
        tried = context.get("tag", value)
        return f"must be {_either(options)}", _did_you_mean(str(tried), options)
    if kind in _KINDS:
        return _KINDS[kind], _remedy(kind, value)
    if kind == "choice":
        return f"must be {_either(context['options'])}", _did_you_mean(
            str(value), context["options"]
        )
    return _limit(fault), None


def _limit(fault: ErrorDetails) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"must be {words} {_number(context[key])}"
    if kind == "value_error":
        return str(context["error"])
    text = fault["msg"]
    return text[:1].lower() + text[1:]


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _either(options: list[str]) -> str:
    return " or ".join([", ".join(options[:-1]), options[-1]] if len(options) > 1 else options)


def _remedy(kind: str, value: object) -> str | None:
    if isinstance(value, str):
        if kind.startswith(("float", "int")):
            if re.fullmatch(r"\s*[-+]?[0-9]+,[0-9]+\s*", value):
                return "Write the decimal sign as a point."
            if re.match(r"\s*[-+]?[0-9.]+\s*[A-Za-z%°/]", value):
                return "Write the number alone; its unit stands in the name of the field."
            if re.fullmatch(r"\s*[-+]?[0-9.eE+-]+\s*", value):
                return "Write it without quotes and without leading zeros."
        if kind.startswith("bool"):
            return "Write true or false."
    if kind == "string_type" and isinstance(value, bool | int | float):
        return "Put it in quotes."
    return None


def _did_you_mean(name: str, options: Sequence[str]) -> str | None:
    close = difflib.get_close_matches(name.lower()[:100], options, n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else None


def _suggest_field(model: type[BaseModel], loc: Sequence[str | int]) -> str:
    known = sorted(
        {
            field.alias or name
            for owner in _models_at(model, loc[:-1])
            for name, field in owner.model_fields.items()
        }
    )
    guess = _did_you_mean(str(loc[-1]), known)
    return guess or (f"Known here are {', '.join(known)}." if known else "Remove it.")


def _models_at(model: type[BaseModel], loc: Sequence[str | int]) -> list[type[BaseModel]]:
    """Return the models that may stand at *loc*."""
    found: list[Any] = [model]
    for part in loc:
        models = [m for m in found if isinstance(m, type) and issubclass(m, BaseModel)]
        inner: list[Any] = []
        for owner in models:
            for name, field in owner.model_fields.items():
                if part in {name, field.alias}:
                    inner.extend(_types(field.annotation))
        for other in found:
            if get_origin(other) in {tuple, list} and isinstance(part, int):
                inner.extend(_types(get_args(other)[0]))
            elif get_origin(other) is dict:
                inner.extend(_types(get_args(other)[1]))
        if inner:
            found = inner
        elif isinstance(part, str):  # the name of a branch
            found = [m for m in models if _is_branch(m, part)] or found
    return [m for m in found if isinstance(m, type) and issubclass(m, BaseModel)]


def _is_branch(model: type[BaseModel], part: str) -> bool:
    tag = getattr(model, "branch", None)
    literals = [a for field in model.model_fields.values() for a in get_args(field.annotation)]
    return tag == part or part in literals


def _types(annotation: object) -> Iterator[object]:
    """Yield the plain types out of which an annotation is made."""
    if isinstance(annotation, TypeAliasType):
        yield from _types(annotation.__value__)
    elif get_origin(annotation) in {Union, types.UnionType}:
        for one in get_args(annotation):
            yield from _types(one)
    elif hasattr(annotation, "__metadata__"):
        yield from _types(get_args(annotation)[0])
    else:
        yield annotation
