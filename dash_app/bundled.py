"""Make the bundled city and keep it in a store: ``python -m dash_app.bundled STORE``."""

from __future__ import annotations

import sys
from pathlib import Path

from twin.city.default import default_city
from twin.store import RunStore

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Keep the bundled city in the store that *arguments* name."""
    city = default_city()
    if city.folder is not None:
        RunStore(Path(arguments[0])).keep_city(city.folder, city.digest)


if __name__ == "__main__":
    main(sys.argv[1:])
