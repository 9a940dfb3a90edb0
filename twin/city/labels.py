"""Which source, licence, date and basis a layer has, out of the origins that feed it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from twin.city.provenance import Basis, Provenance
from twin.city.recipe import expand_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from twin.city.recipe import LayerSource, Recipe

__all__ = ["RANK", "boundary_label", "layer_label"]

#: From the best to the weakest.
RANK: Final = [Basis.MEASURED, Basis.DERIVED, Basis.ASSUMED]


def layer_label(
    origins: Sequence[LayerSource],
    recipe: Recipe,
    *,
    base: Path,
    basis: Basis = Basis.MEASURED,
    note: str = "",
) -> Provenance:
    """
    Return the provenance of a layer: every source, licence and date, and the weakest basis.

    Parameters
    ----------
    origins
        What feeds the layer.
    basis
        The best that the layer can be.
    note
        Stands before the notes of the origins.
    """
    sources, licences, dates, notes = [], [], [], [note]
    for origin in origins:
        basis = max(basis, Basis(origin.basis), key=RANK.index)
        notes.append(origin.note)
        if origin.source is not None:
            extract = recipe.sources[origin.source]
            sources.append(f"OpenStreetMap extract {expand_path(extract.file, base).name}")
            licences.append(origin.licence if origin.licence != "unknown" else extract.licence)
            dates.append(origin.date if origin.date != "unknown" else extract.date)
            notes.append(extract.note)
        else:
            sources.append(expand_path(str(origin.file), base).name)
            licences.append(origin.licence)
            dates.append(origin.date)
    return Provenance(
        source=_joined(sources),
        basis=basis,
        licence=_joined(licences) or "unknown",
        date=_joined(dates) or "unknown",
        note=_joined(notes),
    )


def boundary_label(recipe: Recipe, origin: str) -> Provenance:
    """Return the provenance of the boundary that the extent of *recipe* names."""
    boundary = recipe.extent.boundary
    if boundary is None or boundary.osm_relation is None:
        return Provenance(source=origin, basis=Basis.MEASURED)
    extract = recipe.sources[boundary.source]
    return Provenance(
        source=origin, basis=Basis.MEASURED, licence=extract.licence, date=extract.date
    )


def _joined(texts: Sequence[str]) -> str:
    """Return the different texts in their order, without empty ones."""
    return "; ".join(dict.fromkeys(text for text in texts if text))
