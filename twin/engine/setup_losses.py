"""Infiltration and evaporation of a scenario as the models take them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.errors import CityError, InvalidQuantityError, ScenarioError
from models.flood.losses import Losses
from models.flood.soils import ConstantLoss, CurveNumber, GreenAmpt, Horton
from scenarios.rasters import checksum_of
from scenarios.schema.losses import CurveNumberSoil
from twin.city.city import WATER_LAND
from twin.city.coverage import index_of_shape
from twin.city.rasters import read_onto_grid
from twin.city.terrain_recipe import RasterSource
from twin.language import note

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from models.flood.soils import Soil
    from models.grid import Grid
    from scenarios.schema.losses import LandUse, RasterFile, SoilChoice
    from scenarios.schema.losses import Losses as LossesChoice
    from twin.city.city import City
    from twin.language import Note

__all__ = ["set_up_losses"]

MM_H = 1e-3 / 3600.0
MM_D = 1e-3 / 86_400.0
#: Curve numbers of a raster are told apart to this step.
_NUMBER_STEP = 0.1


class _Ground:
    """Soils by cell while they are laid out."""

    def __init__(self, grid: Grid, crs: str, land: NDArray[np.bool_]) -> None:
        self.grid, self.crs, self.land = grid, crs, land
        self.soils: list[Soil] = []
        self.cell = np.full(grid.shape, -1, np.int32)

    def lay(self, choice: SoilChoice, where: str, on: NDArray[np.bool_]) -> None:
        """Give the cells *on* the soil of *choice*."""
        if not isinstance(choice, CurveNumberSoil) or choice.raster is None:
            self.cell[on] = self._add(_soil(choice), where)
            return
        numbers = read_raster(
            choice.raster, grid=self.grid, crs=self.crs, where=f"{where}.raster", nearest=False
        )
        missing = on & np.isnan(numbers)
        if missing.any():
            raise ScenarioError(
                f"{int(missing.sum())} of {int(on.sum())} land cells have no curve number",
                where=f"{where}.raster",
                value=choice.raster.file,
                remedy="Fill the raster, or choose the ground by land use.",
            )
        steps = np.rint(numbers[on] / _NUMBER_STEP).astype(np.int64)
        found, position = np.unique(steps, return_inverse=True)
        rows = [
            self._add(
                CurveNumber(
                    number=float(step) * _NUMBER_STEP, abstraction_ratio=choice.abstraction_ratio
                ),
                where,
            )
            for step in found
        ]
        self.cell[on] = np.asarray(rows, np.int32)[position]

    def _add(self, soil: Soil, where: str) -> int:
        try:
            soil.row()
        except InvalidQuantityError as error:
            raise ScenarioError(
                error.what, where=f"{where}: {error.where}", value=error.value
            ) from error
        self.soils.append(soil)
        return len(self.soils) - 1


def set_up_losses(
    choice: LossesChoice, terrain: xr.Dataset, *, grid: Grid, city: City
) -> tuple[Losses, list[Note]]:
    """
    Return the losses of a scenario, and notes on cells that no class names.

    Raises
    ------
    ScenarioError
        If the city has no imperviousness and none is given, a raster cannot be read, or land
        cells have no class.
    """
    ground = ~np.isnan(terrain["ground_level"].values)
    water = terrain["water"].values if "water" in terrain else np.full(grid.shape, WATER_LAND)
    land = ground & (water == WATER_LAND)
    laid = _Ground(grid, city.crs, land)
    paved = _imperviousness(choice, terrain, land)
    notes: list[Note] = []
    if choice.soil is not None:
        laid.lay(choice.soil, "losses.soil", land)
    if choice.land_use is not None:
        notes = _by_land_use(choice, laid, paved, city)
    losses = Losses(
        soils=laid.soils,
        soil_of_cell=laid.cell,
        pervious=1.0 - paved,
        evaporation_m_s=choice.evaporation_mm_d * MM_D,
    )
    return losses, notes


def _by_land_use(
    choice: LossesChoice, laid: _Ground, paved: NDArray[np.float64], city: City
) -> list[Note]:
    """Lay the ground of each class, and change *paved* where a class says so."""
    use = choice.land_use
    if use is None:  # asked for before
        return []
    where = "losses.land_use"
    codes, known = _classes(use, laid, city)
    named = np.zeros(laid.grid.shape, np.bool_)
    absent: list[int | str] = []
    for index, each in enumerate(use.classes):
        numbers = [known[name] for name in each.names if name in known]
        on = laid.land & np.isin(codes, np.asarray(numbers, np.int64))
        absent += [name for name in each.names if not (codes == known.get(name, -2)).any()]
        named |= on
        laid.cell[on] = -1
        if each.soil is not None:
            laid.lay(each.soil, f"{where}.classes[{index}].soil", on)
        if each.imperviousness is not None:
            paved[on] = each.imperviousness
    notes: list[Note] = []
    if absent:
        notes.append(note("land_use_absent", count=len(absent), codes=absent[:20]))
    others = laid.land & ~named
    if not others.any():
        return notes
    count, total = int(others.sum()), int(laid.land.sum())
    if use.others == "error":
        found = set(np.unique(codes[others]).tolist())
        raise ScenarioError(
            f"{count} of {total} land cells have a land use that no class names, or none",
            where=f"{where}.classes",
            value=[name for name, code in known.items() if code in found][:20],
            remedy="Name these, or choose what the others are with `others`.",
        )
    if use.others == "none":
        laid.cell[others] = -1
    return [*notes, note(f"land_use_others_{use.others}", count=count, total=total)]


def _classes(
    use: LandUse, laid: _Ground, city: City
) -> tuple[NDArray[np.int64], dict[int | str, int]]:
    """Return the number of the class at each cell, -1 for none, and the numbers by name."""
    if use.raster is not None:
        return _of_raster(use.raster, laid)
    layer = city.layers.get(str(use.layer))
    if layer is None or "kind" not in layer:
        having = [name for name, frame in city.layers.items() if "kind" in frame]
        raise ScenarioError(
            f"the city {city.name} has no such layer with kinds",
            where="losses.land_use.layer",
            value=use.layer,
            remedy=f"It has {', '.join(sorted(having))}." if having else None,
        )
    kinds, number = np.unique(layer["kind"].astype(str).to_numpy(str), return_inverse=True)
    shape = index_of_shape(layer.geometry.to_numpy(), laid.grid, all_touched=False)
    codes = np.where(shape >= 0, number[shape], -1).astype(np.int64)
    return codes, {str(kind): k for k, kind in enumerate(kinds)}


def _of_raster(raster: RasterFile, laid: _Ground) -> tuple[NDArray[np.int64], dict[int | str, int]]:
    where = "losses.land_use.raster"
    values = read_raster(raster, grid=laid.grid, crs=laid.crs, where=where, nearest=True)
    there = ~np.isnan(values)
    found, place = np.unique(values[there], return_inverse=True)
    if (found != np.rint(found)).any():
        raise ScenarioError(
            "the raster does not hold whole numbers",
            where=where,
            value=float(found[found != np.rint(found)][0]),
            remedy="Give a raster of classes.",
        )
    codes = np.full(values.shape, -1, np.int64)
    codes[there] = place
    return codes, {int(code): k for k, code in enumerate(found)}


def _imperviousness(
    choice: LossesChoice, terrain: xr.Dataset, land: NDArray[np.bool_]
) -> NDArray[np.float64]:
    if choice.imperviousness != "city":
        return np.full(land.shape, float(choice.imperviousness))
    if choice.soil is None and choice.land_use is None:
        return np.zeros(land.shape)
    if "imperviousness" not in terrain:
        raise ScenarioError(
            "the city does not know which ground is paved",
            where="losses.imperviousness",
            remedy="Give one share for all cells (0 if all ground takes water), or add "
            "imperviousness to the recipe of the city.",
        )
    return np.clip(np.nan_to_num(terrain["imperviousness"].values.astype(np.float64)), 0.0, 1.0)


def _soil(choice: SoilChoice) -> Soil:
    most_mm = getattr(choice, "most_mm", None)
    most_m = np.inf if most_mm is None else most_mm / 1000.0
    match choice.kind:
        case "constant":
            return ConstantLoss(rate_m_s=choice.rate_mm_h * MM_H, most_m=most_m)
        case "horton":
            return Horton(
                initial_m_s=choice.initial_mm_h * MM_H,
                final_m_s=choice.final_mm_h * MM_H,
                decay_1_s=choice.decay_per_h / 3600.0,
                recovery_1_s=choice.recovery_per_h / 3600.0,
                most_m=most_m,
            )
        case "green_ampt":
            return GreenAmpt(
                conductivity_m_s=choice.conductivity_mm_h * MM_H,
                suction_m=choice.suction_mm / 1000.0,
                deficit=choice.deficit,
                ponded=choice.ponded,
                most_m=most_m,
            )
        case "curve_number":
            return CurveNumber(
                number=choice.number or 100.0, abstraction_ratio=choice.abstraction_ratio
            )


def read_raster(
    raster: RasterFile, *, grid: Grid, crs: str, where: str, nearest: bool
) -> NDArray[np.float64]:
    """
    Read a raster of a scenario onto the grid, shape (rows, columns), NaN without a value.

    Raises
    ------
    ScenarioError
        If it cannot be read, or has changed since the scenario was stored.
    """
    path = Path(raster.file)
    if raster.sha256 is not None and checksum_of(path, where=where) != raster.sha256:
        raise ScenarioError(
            "the file has changed since the scenario was stored",
            where=where,
            value=str(path),
            remedy="Put the file back, or start the run anew.",
        )
    source = RasterSource(
        file=str(path),
        variable=raster.variable,
        crs=raster.crs,
        nodata=raster.nodata,
        resampling="nearest" if nearest else "auto",
    )
    try:
        return read_onto_grid(source, grid=grid, crs=crs, base=Path())
    except CityError as error:
        raise ScenarioError(
            error.what, where=f"{where}: {error.where}", value=error.value, remedy=error.remedy
        ) from error
