"""Run a benchmark by name: every module here with ``main(argv) -> int`` is one."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import benchmarks


def names() -> list[str]:
    """Return the names of all benchmarks."""
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name for name in found if not name.startswith("_") and name != "peers")


def main(argv: list[str]) -> int:
    """Run the benchmark that ``argv[0]`` names; return its exit code."""
    if not argv or argv[0] not in names():
        print(f"usage: python -m benchmarks NAME [options]; NAME is one of: {', '.join(names())}")
        return 2
    module = importlib.import_module(f"benchmarks.{argv[0]}")
    return int(module.main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
