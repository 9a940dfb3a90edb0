"""Policies of a user's own, loaded from the files that the scenario names."""

from __future__ import annotations

import hashlib
import traceback
from functools import wraps
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from models.errors import ScenarioError, TwinError
from models.response.policies import Policies
from scenarios.schema.response import PolicyFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scenarios.schema.response import Response

__all__ = ["own_policies"]


def own_policies(response: Response) -> Policies:
    """
    Return the policies that *response* may name: the built-in ones, and those of its files.

    Raises
    ------
    ScenarioError
        If a file is missing, was changed since the scenario was resolved, does not run, or holds
        no such function.
    """
    known, modules = Policies(), {}
    tables: dict[str, Mapping[str, Any]] = {}
    for kind in ("dispatch", "queue", "hospital", "move_up"):
        choice = getattr(response, f"{kind}_policy")
        tables[kind] = getattr(known, kind)
        if isinstance(choice, PolicyFile):
            where = f"response.{kind}_policy"
            if choice.file not in modules:
                modules[choice.file] = _module(choice, where)
            function = _function(modules[choice.file], choice, where)
            tables[kind] = MappingProxyType({**tables[kind], choice.name: function})
    return Policies(**tables)


def _module(choice: PolicyFile, where: str) -> ModuleType:
    path = Path(choice.file)
    try:
        source = path.read_bytes()
    except OSError as error:
        raise ScenarioError(
            f"the policy's file cannot be read ({error.strerror})", where=where, value=choice.file
        ) from error
    if choice.sha256 is not None and hashlib.sha256(source).hexdigest() != choice.sha256:
        raise ScenarioError(
            "the policy's file was changed since the run began",
            where=where,
            value=choice.file,
            remedy="Put the file back as it was, or run the scenario anew.",
        )
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # noqa: S102 - the user's own file
    except (Exception, SystemExit) as error:
        raise _failed(error, path, where) from error
    return module


def _function(module: ModuleType, choice: PolicyFile, where: str) -> Callable[..., Any]:
    function = getattr(module, choice.function, None)
    if not callable(function):
        there = sorted(
            name
            for name, value in vars(module).items()
            if callable(value) and getattr(value, "__module__", None) == module.__name__
        )
        raise ScenarioError(
            f"the file {choice.file} holds no such function",
            where=where,
            value=choice.function,
            remedy=f"It holds {', '.join(there)}." if there else None,
        )
    path = Path(choice.file)

    @wraps(function)
    def told(*arguments: Any) -> Any:  # noqa: ANN401 - whatever the kind of policy takes
        try:
            return function(*arguments)
        except TwinError:
            raise
        except (Exception, SystemExit) as error:
            raise _failed(error, path, where) from error

    return told


def _failed(error: BaseException, path: Path, where: str) -> ScenarioError:
    """Return what to say of an error in the user's code: its line and its reason."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else (lines[-1] if lines else None)
    place = str(path) if line is None else f"{path}:{line}"
    reason = " ".join(f"{type(error).__name__}: {error}".split())
    return ScenarioError(
        f"the policy failed at {place} ({reason})", where=where, remedy="Correct the function."
    )
