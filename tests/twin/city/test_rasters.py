from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import xarray as xr
from pyproj import Transformer
from rasterio.transform import Affine, from_origin

from models.errors import CityError
from models.grid import Grid
from twin.city.rasters import describe_raster, extent_on_grid, read_onto_grid
from twin.city.terrain_recipe import RasterSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

CRS = "EPSG:32648"


def read(path: Path, grid: Grid, *, crs: str = CRS, **how: Any) -> NDArray[np.float64]:
    per_area = how.pop("per_area", False)
    source = RasterSource.model_validate({"file": path.name, **how})
    return read_onto_grid(source, grid=grid, crs=crs, base=path.parent, per_area=per_area)


def test_a_raster_on_the_grid_itself_is_read_unchanged(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    grid = make_grid()
    values = np.random.default_rng(1).normal(2.0, 1.0, grid.shape)
    assert np.array_equal(read(write_raster(values), grid), values)


def test_coarsening_takes_the_mean_of_the_cells(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.random.default_rng(2).normal(2.0, 1.0, (40, 60))
    coarse = read(write_raster(values), make_grid(20.0, 20, 30))
    np.testing.assert_allclose(coarse, values.reshape(20, 2, 30, 2).mean((1, 3)), rtol=1e-12)


def test_refining_keeps_a_plane_a_plane(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    coarse, fine = make_grid(20.0, 30, 30), make_grid(5.0, 120, 120)
    plane = (
        1.0 + 0.001 * (coarse.x_m[None, :] - 680_000.0) + 0.002 * (1_190_000 - coarse.y_m)[:, None]
    )
    found = read(write_raster(plane, size_m=20.0), fine)
    wanted = 1.0 + 0.001 * (fine.x_m[None, :] - 680_000.0) + 0.002 * (1_190_000 - fine.y_m)[:, None]
    inner = (slice(4, -4), slice(4, -4))  # the outermost half cell has no neighbour to lean on
    np.testing.assert_allclose(found[inner], wanted[inner], atol=1e-9)


def test_integer_nodata_scale_and_offset_are_applied_before_resampling(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    raw = np.full((40, 40), 150, np.int16)
    raw[:20, :20] = -32768
    raw[0, 0] = 170  # one value among nodata: it alone makes the mean of its block
    path = write_raster(raw, nodata=-32768, scale=0.01, offset=-1.0)
    found = read(path, make_grid(20.0, 20, 20))
    assert found[0, 0] == pytest.approx(0.7)
    assert np.isnan(found[1:10, :10]).all()
    np.testing.assert_allclose(found[10:, 10:], 0.5)


def test_a_vertical_offset_and_scale_of_the_recipe_come_last(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    path = write_raster(np.full((60, 80), 100.0, np.float32))
    assert np.all(read(path, make_grid(), scale=0.01, offset=0.25) == 1.25)


def test_an_undeclared_nodata_value_does_not_leak_into_a_mean(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((40, 40), 2.0, np.float32)
    values[5, 5] = -9999.0
    path = write_raster(values)
    assert read(path, make_grid(20.0, 20, 20)).min() < -2000.0
    assert np.all(read(path, make_grid(20.0, 20, 20), nodata=-9999.0) == 2.0)
    assert np.all(read(path, make_grid(20.0, 20, 20), limits=[-20.0, 500.0]) == 2.0)
    clamped = read(path, make_grid(20.0, 20, 20), limits=[0.0, 9.0], outside_limits="clamp")
    assert clamped.min() == pytest.approx(1.5)


def test_a_value_beyond_its_limits_is_named_with_its_place(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 80), 2.0)
    values[3, 4] = 777.0
    with pytest.raises(CityError, match=r"beyond its limits.*777") as caught:
        read(write_raster(values), make_grid(), limits=[-5.0, 50.0], outside_limits="error")
    assert "x 680045" in str(caught.value)


def test_a_float_nodata_that_float32_rounds_is_recognised(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 80), 1.0, np.float32)
    values[0, 0] = np.float32(-3.4e38)
    found = read(write_raster(values), make_grid(), nodata=-3.4e38)
    assert np.isnan(found[0, 0])
    assert np.isfinite(found).sum() == found.size - 1


def test_a_nodata_value_that_the_type_cannot_hold_marks_nothing(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 80), 31073, np.int16)  # what -99999 would wrap to as int16
    assert np.isfinite(read(write_raster(values), make_grid(), nodata=-99999.0)).all()


@pytest.mark.parametrize("step", [0.001, -0.001])
def test_a_netcdf_in_degrees_is_read_whichever_way_up(
    tmp_path: Path, make_grid: Callable[..., Grid], step: float
) -> None:
    grid = make_grid(20.0, 40, 40)
    to_degrees = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    x0, y0 = to_degrees.transform(grid.west_m, grid.south_m)
    lon = x0 - 0.01 + 0.001 * np.arange(30)
    lat = y0 - 0.01 + 0.001 * np.arange(40)
    lat = lat if step > 0 else lat[::-1]
    dataset = xr.Dataset(
        {"z": (("lat", "lon"), 100.0 * lat[:, None] + 0.0 * lon), "other": ("lat", lat)},
        coords={
            "lat": ("lat", lat, {"units": "degrees_north"}),
            "lon": ("lon", lon, {"units": "degrees_east"}),
        },
    )
    path = tmp_path / "dem.nc"
    dataset.to_netcdf(path, engine="scipy")
    found = read_onto_grid(
        RasterSource(file="dem.nc", variable="z", crs="EPSG:4326"),
        grid=grid,
        crs=CRS,
        base=tmp_path,
    )
    x, y = np.meshgrid(grid.x_m, grid.y_m)
    wanted = 100.0 * np.asarray(to_degrees.transform(x, y)[1])
    np.testing.assert_allclose(found, wanted, atol=2e-4)


def test_a_netcdf_with_several_variables_asks_which(tmp_path: Path) -> None:
    axes = {"y": [10.0, 20.0, 30.0], "x": [10.0, 20.0, 30.0]}
    grids = {k: (("y", "x"), np.ones((3, 3))) for k in ("elevation", "slope")}
    xr.Dataset(grids, coords=axes).to_netcdf(tmp_path / "two.nc", engine="scipy")
    with pytest.raises(CityError, match=r"several variables.*elevation.*slope"):
        describe_raster(RasterSource(file="two.nc"), base=tmp_path, crs=CRS)


def test_counts_of_people_survive_a_change_of_system_and_cell(
    tmp_path: Path, write_raster: Callable[..., Path]
) -> None:
    rng = np.random.default_rng(5)
    people = rng.poisson(40.0, (60, 60)).astype(np.float32)
    transform = from_origin(106.70, 10.76, 0.001, 0.001)
    path = write_raster(people, crs="EPSG:4326", transform=transform, nodata=-1.0)
    info = describe_raster(RasterSource(file=path.name), base=tmp_path, crs=CRS)
    for size in (25.0, 400.0):
        grid = Grid.covering(*info.bounds, cell_size_m=size)
        density = read(path, grid, per_area=True, resampling="nearest" if size < 100 else "auto")
        total = np.nansum(density) * grid.cell_area_m2
        assert total == pytest.approx(people.sum(), rel=0.02)


def test_a_raster_without_reference_system_asks_for_it(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    path = write_raster(np.ones((60, 80)), crs=None)
    with pytest.raises(CityError, match=r"no reference system.*Add crs"):
        read(path, make_grid())
    source = RasterSource(file=path.name, crs=CRS)
    found = read_onto_grid(source, grid=make_grid(), crs=CRS, base=path.parent)
    assert np.all(found == 1.0)


def test_degrees_called_metres_and_metres_called_degrees_are_refused(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    path = write_raster(np.ones((60, 80)), crs="EPSG:4326")
    with pytest.raises(CityError, match="in degrees, but its bounds are not"):
        read(path, make_grid())
    path = write_raster(np.ones((6, 8)), crs=None, transform=from_origin(106.0, 11.0, 0.1, 0.1))
    with pytest.raises(CityError, match="look like degrees"):
        read(path, make_grid())


def test_a_raster_without_georeferencing_is_refused(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    with pytest.raises(CityError, match="does not say where it lies"):
        read(write_raster(np.ones((60, 80)), transform=Affine.identity()), make_grid())


def test_a_raster_elsewhere_or_of_nodata_alone_is_refused(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    far = write_raster(np.ones((6, 8)), origin=(600_000.0, 1_100_000.0))
    with pytest.raises(CityError, match="no value anywhere on the grid"):
        read(far, make_grid())
    empty = write_raster(np.full((60, 80), -1.0), nodata=-1.0)
    with pytest.raises(CityError, match="no value anywhere on the grid"):
        read(empty, make_grid())


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "not a raster of a format"),
        (b"<VRTDataset rasterXSize='9'/>", "not a raster of a format"),
        (b"\x89PNG\r\n\x1a\n", "not a raster of a format"),
        (b"II*\x00" + b"\x00" * 40, "cannot be read"),
        (b"CDF\x01" + b"\xff" * 60, "cannot be read"),
        (b"ncols 4\nnrows 4\nxllcorner 680000\nyllcorner 1189900\ncellsize 20\n1 2\n", "cannot be"),
        (b"ncols 99999999\nnrows 9999999\nxllcorner 0\nyllcorner 0\ncellsize 1\n1\n", "cannot be"),
    ],
)
def test_files_that_are_no_rasters_are_refused_by_name(
    tmp_path: Path, make_grid: Callable[..., Grid], content: bytes, match: str
) -> None:
    path = tmp_path / "bad.tif"
    path.write_bytes(content)
    with pytest.raises(CityError, match=match) as caught:
        read_onto_grid(
            RasterSource(file="bad.tif", crs=CRS), grid=make_grid(), crs=CRS, base=tmp_path
        )
    assert "bad.tif" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path, make_grid: Callable[..., Grid]) -> None:
    with pytest.raises(CityError, match=r"none\.tif.*does not exist"):
        read(tmp_path / "none.tif", make_grid())


def test_a_raster_of_too_many_pixels_is_refused_before_it_is_read(
    tmp_path: Path, write_raster: Callable[..., Path], make_grid: Callable[..., Grid]
) -> None:
    del write_raster
    import rasterio  # noqa: PLC0415 - a sparse file of 12000 x 12000, no value written

    path = tmp_path / "huge.tif"
    profile = {"width": 12000, "height": 12000, "count": 1, "dtype": "uint8", "crs": CRS}
    with rasterio.open(
        path, "w", driver="GTiff", sparse_ok=True, transform=from_origin(0, 0, 1, 1), **profile
    ):
        pass
    with pytest.raises(CityError, match="larger than 100,000,000 pixels"):
        read(path, make_grid())


def test_the_frame_of_a_file_counts_its_nodata_too(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 40), -1.0)
    path = write_raster(values, nodata=-1.0)
    frame = extent_on_grid(
        RasterSource(file=path.name), grid=make_grid(), crs=CRS, base=path.parent
    )
    assert frame[:, :40].all()
    assert not frame[:, 40:].any()


def test_large_grids_are_read_in_blocks_without_seams(write_raster: Callable[..., Path]) -> None:
    values = np.random.default_rng(3).normal(size=(1500, 1300))
    path = write_raster(values)
    grid = Grid(west_m=680_000.0, north_m=1_190_000.0, cell_size_m=10.0, rows=1500, columns=1300)
    assert np.array_equal(read(path, grid), values)


@pytest.mark.realdata
def test_da_nang_keeps_its_range_and_its_cover(real_data: Path) -> None:
    source = RasterSource(file="danang_srtm_1arcsec.tif")
    base = real_data / "danang"
    info = describe_raster(source, base=base, crs="EPSG:32649")
    assert info.nodata == -32768
    grid = Grid.covering(*info.bounds, cell_size_m=30.0)
    level = read_onto_grid(source, grid=grid, crs="EPSG:32649", base=base)
    known = np.isfinite(level)
    frame = extent_on_grid(source, grid=grid, crs="EPSG:32649", base=base)
    assert np.nanmin(level) >= -25.0
    assert np.nanmax(level) <= 686.0
    assert np.nanmedian(level) == pytest.approx(8.0, abs=0.5)
    assert known.mean() == pytest.approx(frame.mean(), abs=0.001)
    assert 0.95 < frame.mean() < 1.0  # a box in degrees is no box in metres


@pytest.mark.realdata
def test_the_plain_of_test_2_is_read_exactly(real_data: Path) -> None:
    source = RasterSource(file="ea_test2_dem_20m.asc", crs="EPSG:27700")
    base = real_data / "flood" / "ea2"
    info = describe_raster(source, base=base, crs="EPSG:27700")
    grid = Grid.covering(*info.bounds, cell_size_m=20.0)
    assert grid.shape == (100, 100)
    level = read_onto_grid(source, grid=grid, crs="EPSG:27700", base=base)
    assert np.array_equal(level, np.loadtxt(base / source.file, skiprows=6))
