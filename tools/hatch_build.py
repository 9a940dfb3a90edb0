"""Build the browser's part before a wheel is made of it, or the project is installed in place."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from types import ModuleType


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling asks for a plain subclass
    """Runs ``tools/build_web.py`` unless what it makes is there and new."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for a Node.js from PyPI where the machine has no npm."""
        return [] if shutil.which("npm") else [_tool(self.root).NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface
        """Build; an installation in place goes on without the map, a wheel does not."""
        tool = _tool(self.root)
        if tool.is_current():
            return
        try:
            tool.build()
        except SystemExit as stop:
            if version != "editable":
                raise
            print(f"The map for the browser was not built: {stop}", file=sys.stderr)


def _tool(root: str) -> ModuleType:
    path = Path(root) / "tools" / "build_web.py"
    spec = importlib.util.spec_from_file_location("build_web", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
