"""The embedded city: the synthetic district, made up once and kept."""

from __future__ import annotations

import hashlib
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import CityError
from twin.city.city import City, open_city
from twin.city.synthetic import synthesise

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["default_city"]


def default_city(
    *, folder: Path | None = None, progress: Callable[[str, float], None] | None = None
) -> City:
    """
    Return the synthetic district of the default size, from *folder* if it was kept there.

    Parameters
    ----------
    folder
        Where it is kept; None takes the user's cache. A copy that another version of the
        generator made is not used.
    progress
        Called with a step's name and the share done while the city is made.
    """
    target = folder or _cache() / _fingerprint()
    if (target / "city.yaml").is_file():
        try:
            return open_city(target)
        except CityError:
            pass  # torn or damaged: made anew below
    city = synthesise(progress=progress)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return city.save(target)
    except (CityError, OSError):
        return city  # nowhere to keep it: it is made anew next time


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "city-twin" / "cities"


def _fingerprint() -> str:
    """Return a name that changes with the version and the source of the generator."""
    digest = hashlib.sha256(version("city-twin").encode())
    for path in sorted((Path(__file__).parent / "synthetic").glob("*.py")):
        digest.update(path.read_bytes())
    return f"synthetic-district-{digest.hexdigest()[:12]}"
