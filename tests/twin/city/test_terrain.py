from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import ndimage

from models.errors import CityError
from models.grid import Grid
from twin.city.assumed_ground import smooth_relief
from twin.city.coverage import cells_along, conducting_cells, cover_share, strip_width_m
from twin.city.terrain import build_terrain, ground_bounds
from twin.city.terrain_recipe import TerrainRecipe
from twin.language import say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import xarray as xr

CRS = "EPSG:32648"
WEST, NORTH = 680_000.0, 1_190_000.0
MILLIMETRES = st.integers(-50_000, 450_000)


def recipe(**sections: Any) -> TerrainRecipe:
    ground = {"assumed": {"mean_level_m": 1.6, "water_drop_m": 0.0, "bank_raise_m": 0.0}}
    return TerrainRecipe.model_validate({"ground": ground, **sections})


def build(
    grid: Grid, told: TerrainRecipe, base: Path = Path(), **layers: gpd.GeoDataFrame
) -> tuple[xr.Dataset, Mapping[str, Any], list[str]]:
    built = build_terrain(grid=grid, crs=CRS, recipe=told, layers=layers, base=base)
    return built.dataset, built.provenance, [say(note, "en") for note in built.notes]


def line(*points: tuple[float, float]) -> shapely.LineString:
    """Return a line through points east and south of the grid's corner, m."""
    return shapely.LineString([(WEST + x, NORTH - y) for x, y in points])


def areas(
    shapes: list[shapely.Geometry], *, kind: str = "canal", width_m: float = np.nan, **more: Any
) -> gpd.GeoDataFrame:
    n = len(shapes)
    columns = {"kind": [kind] * n, "name": [""] * n, "width_m": [width_m] * n, **more}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def parts(mask: np.ndarray[Any, Any]) -> int:
    return int(ndimage.label(mask)[1])


@settings(max_examples=40, deadline=None)
@given(
    width=st.floats(1.5, 45.0),
    turn=st.floats(0.0, 180.0),
    x=st.floats(0.0, 20.0),
    y=st.floats(0.0, 20.0),
    size=st.sampled_from([10.0, 20.0]),
)
def test_a_canal_of_any_width_and_bearing_stays_in_one_piece(
    width: float, turn: float, x: float, y: float, size: float
) -> None:
    across = int(1000.0 / size)
    grid = Grid(west_m=0.0, north_m=1000.0, cell_size_m=size, rows=across, columns=across)
    straight = shapely.LineString([(200.0 + x, 400.0 + y), (480.0 + x, 430.0 + y)])
    bent = straight.union(shapely.LineString([(480.0 + x, 430.0 + y), (500.0 + x, 640.0 + y)]))
    canal = shapely.affinity.rotate(bent.buffer(width / 2.0), turn, origin=(400.0, 500.0))
    cells, _ = conducting_cells(np.array([canal]), grid)
    assert parts(cells) == 1
    # It reaches as far as the canal itself does, give or take a cell at each end.
    row, column = np.nonzero(cells)
    reach = shapely.MultiPoint(np.c_[grid.x_m[column], grid.y_m[row]])
    assert shapely.hausdorff_distance(reach, canal) < width / 2.0 + 2.0 * size


def test_a_narrow_canal_is_one_cell_wide_and_a_wide_one_keeps_its_area() -> None:
    grid = Grid(west_m=0.0, north_m=1000.0, cell_size_m=20.0, rows=50, columns=50)
    narrow = shapely.LineString([(50.0, 50.0), (950.0, 890.0)]).buffer(3.0)
    cells, connecting = conducting_cells(np.array([narrow]), grid)
    squares = cells[:-1, :-1] & cells[1:, :-1] & cells[:-1, 1:] & cells[1:, 1:]
    assert not squares.any()
    assert connecting.sum() > 0.5 * cells.sum()
    wide = shapely.LineString([(50.0, 50.0), (950.0, 890.0)]).buffer(60.0)
    cells, connecting = conducting_cells(np.array([wide]), grid)
    assert cells.sum() * grid.cell_area_m2 == pytest.approx(wide.area, rel=0.02)
    assert connecting.sum() <= 2


def test_a_dyke_that_covers_cells_keeps_ponds_apart() -> None:
    grid = Grid(west_m=0.0, north_m=400.0, cell_size_m=20.0, rows=20, columns=20)
    ponds = [shapely.box(40.0, 40.0, 185.0, 300.0), shapely.box(205.0, 40.0, 360.0, 300.0)]
    assert parts(conducting_cells(np.array(ponds), grid)[0]) == 2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(MILLIMETRES, MILLIMETRES), min_size=2, max_size=6))
def test_a_line_steps_over_edges_of_cells_never_over_corners(
    points: list[tuple[int, int]],
) -> None:
    grid = Grid(west_m=0.0, north_m=400.0, cell_size_m=20.0, rows=20, columns=20)
    whole = shapely.LineString(np.array(points) / 1000.0)
    for part in shapely.get_parts(shapely.intersection(whole, shapely.box(*grid.bounds))):
        if part.length < 1e-6:
            continue
        run = cells_along(np.array([part]), grid)
        step = np.abs(np.diff(run.row)) + np.abs(np.diff(run.column))
        assert (step <= 1).all()
        mask = np.zeros(grid.shape, np.bool_)
        mask[run.row, run.column] = True
        assert parts(mask) == 1


def test_lines_that_leave_nothing_on_the_grid_are_left_out() -> None:
    grid = Grid(west_m=0.0, north_m=400.0, cell_size_m=20.0, rows=20, columns=20)
    corner = shapely.LineString([(-10.0, 410.0), (0.0, 400.0), (-10.0, 390.0)])
    speck = shapely.LineString([(1.7e-16, 1.0), (2.2e-16, 1.0)])
    for shape in (corner, speck, shapely.LineString(), shapely.Point(10.0, 10.0)):
        assert cells_along(np.array([shape]), grid).row.size == 0


def test_cover_is_the_share_of_the_cell_under_the_shape() -> None:
    grid = Grid(west_m=0.0, north_m=40.0, cell_size_m=20.0, rows=2, columns=2)
    share = cover_share([shapely.box(0.0, 20.0, 30.0, 40.0)], grid)
    np.testing.assert_allclose(share, [[1.0, 0.5], [0.0, 0.0]])


def test_the_width_of_a_strip_is_found_from_area_and_perimeter() -> None:
    strips = [shapely.box(0.0, 0.0, 500.0, w) for w in (3.0, 20.0, 100.0)]
    np.testing.assert_allclose(strip_width_m(np.array(strips)), [3.0, 20.0, 100.0])


def test_the_same_place_is_as_high_on_any_grid() -> None:
    fine = Grid(west_m=WEST, north_m=NORTH, cell_size_m=10.0, rows=60, columns=60)
    coarse = Grid(west_m=WEST - 100.0, north_m=NORTH + 40.0, cell_size_m=30.0, rows=30, columns=30)
    a = smooth_relief(fine, length_m=900.0, seed=3)
    b = smooth_relief(coarse, length_m=900.0, seed=3)
    row, column, on_grid = fine.locate(*np.meshgrid(coarse.x_m, coarse.y_m))
    assert on_grid.sum() > 100
    np.testing.assert_allclose(a[row, column][on_grid], b[on_grid], atol=1e-8)
    assert np.abs(smooth_relief(fine, length_m=900.0, seed=4) - a).max() > 0.1


def test_the_relief_has_mean_nought_and_unit_spread_over_a_wide_place() -> None:
    grid = Grid(west_m=WEST, north_m=NORTH, cell_size_m=50.0, rows=600, columns=600)
    relief = smooth_relief(grid, length_m=500.0, seed=1)
    assert relief.mean() == pytest.approx(0.0, abs=0.1)
    assert relief.std() == pytest.approx(0.93, abs=0.1)
    assert np.abs(relief).max() < 2.5


def test_assumed_ground_says_so_everywhere(make_grid: Callable[..., Grid]) -> None:
    terrain, provenance, notes = build(make_grid(), recipe())
    assert provenance["terrain/ground_level"].basis == "assumed"
    assert terrain["ground_level"].attrs["basis"] == "assumed"
    assert terrain["ground_level"].attrs["uncertainty_m"] == 0.3
    assert any("Ground level is ASSUMED" in note for note in notes)


def test_every_variable_tells_unit_meaning_and_basis(make_grid: Callable[..., Grid]) -> None:
    told = recipe(imperviousness={}, population={"spread": {"total": 500, "over": "land"}})
    terrain, _, _ = build(make_grid(), told)
    for name in ("ground_level", "manning", "water", "inside", "imperviousness", "population"):
        assert {"units", "long_name", "basis"} <= set(terrain[name].attrs)
    assert terrain["ground_level"].dtype == np.float64
    assert terrain["water"].dtype == terrain["inside"].dtype == np.int8
    assert terrain["y"][0] > terrain["y"][-1]
    assert float(terrain["population"].sum()) == pytest.approx(500.0)


@pytest.mark.parametrize("size", [10.0, 20.0])
def test_a_canal_narrower_than_a_cell_conducts_from_end_to_end(
    make_grid: Callable[..., Grid], size: float
) -> None:
    grid = make_grid(size, int(600 / size), int(800 / size))
    creek = line((30, 30), (210, 160), (400, 170), (615, 420), (780, 590))
    terrain, _, notes = build(grid, recipe(), water_areas=areas([creek.buffer(2.5)], width_m=5.0))
    deep = terrain["ground_level"].to_numpy() <= -0.59
    assert parts(deep) == 1
    row, column, _ = grid.locate([WEST + 35, WEST + 775], [NORTH - 35, NORTH - 585])
    label, _ = ndimage.label(ndimage.binary_dilation(deep))
    assert label[row[0], column[0]] == label[row[1], column[1]] != 0
    assert any("narrower than a cell" in note for note in notes)


def test_a_centre_line_alone_conducts_and_drains_too_narrow_are_left(
    make_grid: Callable[..., Grid],
) -> None:
    grid = make_grid(20.0, 30, 40)
    lines = areas([line((0, 100), (800, 500)), line((100, 590), (700, 560))])
    lines["kind"] = ["canal", "drain"]
    terrain, _, _ = build(grid, recipe(), waterways=lines)
    water = terrain["water"].to_numpy() == 1
    assert parts(water) == 1
    assert water.sum() == pytest.approx(40 + 20, abs=3)


def test_a_road_never_dams_a_canal(
    make_grid: Callable[..., Grid], make_roads: Callable[..., gpd.GeoDataFrame]
) -> None:
    canal = areas([line((0, 300), (800, 300)).buffer(10.0)], width_m=20.0)
    road = make_roads([line((400, 0), (400, 600))], road_class=["primary"])
    terrain, _, _ = build(make_grid(), recipe(), water_areas=canal, roads=road)
    level, land = terrain["ground_level"].to_numpy(), terrain["land_level"].to_numpy()
    water = terrain["water"].to_numpy() == 1
    assert np.all(level[water] == -1.9)
    # The land keeps its embankment, on both sides and, for the road, over the canal.
    bare = build(make_grid(), recipe(), water_areas=canal)[0]["land_level"].to_numpy()
    np.testing.assert_allclose((land - bare)[:, 40], 0.3)
    assert np.array_equal(land[:, :39], bare[:, :39])


def test_bridges_and_tunnels_raise_no_ground(
    make_grid: Callable[..., Grid], make_roads: Callable[..., gpd.GeoDataFrame]
) -> None:
    roads = make_roads(
        [line((400, 0), (400, 600)), line((600, 0), (600, 600))],
        road_class=["primary"] * 2,
        is_bridge=[True, False],
        is_tunnel=[False, True],
    )
    flat, _, _ = build(make_grid(), recipe())
    terrain, _, _ = build(make_grid(), recipe(), roads=roads)
    assert np.array_equal(terrain["ground_level"], flat["ground_level"])


def test_wide_rivers_at_the_rim_are_tidal_and_their_creeks_are_not() -> None:
    grid = Grid(west_m=WEST, north_m=NORTH, cell_size_m=10.0, rows=100, columns=200)
    river = line((-50, 800), (2050, 800)).buffer(150.0)
    creek = line((1000, 700), (1000, 100)).buffer(15.0)
    lake = shapely.box(WEST + 200, NORTH - 400, WEST + 600, NORTH - 100)
    water = areas([river.union(creek)], kind="river", width_m=300.0)
    lakes = areas([lake], kind="river", width_m=300.0)
    layer = gpd.GeoDataFrame(gpd.pd.concat([water, lakes], ignore_index=True), crs=CRS)
    terrain, _, _ = build(grid, recipe(), water_areas=layer)
    kind, level = terrain["water"].to_numpy(), terrain["ground_level"].to_numpy()
    assert kind[80, 100] == 2
    assert kind[30, 100] == 1  # the creek that is mapped as part of the river
    assert kind[25, 40] == 1  # wide, but cut off from the rim
    assert level[80, 100] == pytest.approx(-10.5)
    assert level[30, 100] == pytest.approx(-2.0, abs=0.3)
    marked = layer.assign(tidal=[False, True])
    assert build(grid, recipe(), water_areas=marked)[0]["water"].to_numpy()[25, 40] == 2


def test_the_bed_follows_the_table_of_the_recipe(make_grid: Callable[..., Grid]) -> None:
    canal = areas([line((0, 300), (800, 300)).buffer(15.0)], width_m=30.0)
    told = recipe(burn={"canal_bed_m": [[10.0, -1.0], [50.0, -3.0]]})
    level = build(make_grid(), told, water_areas=canal)[0]["ground_level"].to_numpy()
    assert level[30, 40] == pytest.approx(-2.0)


def test_measured_ground_is_cut_only_on_request_and_relative_to_its_banks(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    slope = 40.0 + 0.02 * np.arange(80)[None, :] * np.ones((60, 1))
    path = write_raster(slope)
    canal = areas([line((0, 300), (800, 300)).buffer(10.0)], width_m=20.0)
    ground = {"files": [{"file": path.name}]}
    kept = TerrainRecipe.model_validate({"ground": ground})
    level = build(make_grid(), kept, path.parent, water_areas=canal)[0]["ground_level"]
    assert np.array_equal(level, slope)
    cut = TerrainRecipe.model_validate({"ground": ground, "burn": True})
    level = build(make_grid(), cut, path.parent, water_areas=canal)[0]["ground_level"].to_numpy()
    np.testing.assert_allclose(level[30, 5:-5], slope[30, 5:-5] - 1.9, atol=0.01)
    assert np.array_equal(level[:28], slope[:28])


def test_a_bed_that_is_measured_deeper_is_kept(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 80), 2.0)
    values[29:31] = -8.0
    path = write_raster(values)
    canal = areas([line((0, 300), (800, 300)).buffer(10.0)], width_m=20.0)
    told = TerrainRecipe.model_validate({"ground": {"files": [{"file": path.name}]}, "burn": True})
    terrain, _, _ = build(make_grid(), told, path.parent, water_areas=canal)
    assert np.all(terrain["ground_level"].to_numpy()[29:31] == -8.0)
    assert np.all(terrain["land_level"].to_numpy()[29:31] == 2.0)


def test_a_raster_that_covers_half_the_city_says_how_much_and_what_to_do(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    path = write_raster(np.full((60, 40), 2.0))
    files = [{"file": path.name}]
    told = TerrainRecipe.model_validate({"ground": {"files": files}})
    with pytest.raises(CityError, match=r"only 50\.0% of the city.*gaps"):
        build(make_grid(), told, path.parent)
    left = TerrainRecipe.model_validate({"ground": {"files": files, "gaps": "leave"}})
    level = build(make_grid(), left, path.parent)[0]["ground_level"].to_numpy()
    assert np.isnan(level[:, 41:]).all()
    level_told = {"files": files, "gaps": "level", "gap_level_m": 7.0}
    filled = TerrainRecipe.model_validate({"ground": level_told})
    terrain, _, notes = build(make_grid(), filled, path.parent)
    assert np.all(terrain["ground_level"].to_numpy()[:, 41:] == 7.0)
    assert any("50 % of the ground level is ASSUMED" in note for note in notes)
    near = TerrainRecipe.model_validate({"ground": {"files": files, "gaps": "nearest"}})
    assert np.all(build(make_grid(), near, path.parent)[0]["ground_level"].to_numpy() == 2.0)


def test_only_the_part_within_the_boundary_must_be_covered(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    path = write_raster(np.full((60, 40), 2.0))
    told = TerrainRecipe.model_validate({"ground": {"files": [{"file": path.name}]}})
    box = shapely.box(WEST + 50, NORTH - 500, WEST + 350, NORTH - 50)
    boundary = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box], crs=CRS)
    terrain, _, _ = build(make_grid(), told, path.parent, boundary=boundary)
    assert int(terrain["inside"].sum()) == 30 * 45


def test_the_first_raster_with_a_value_wins(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    good = np.full((60, 80), 1.0)
    good[:, 30:] = -9.0
    write_raster(good, name="good.tif", nodata=-9.0)
    path = write_raster(np.full((60, 80), 5.0), name="poor.tif")
    files = [{"file": "good.tif", "basis": "measured"}, {"file": "poor.tif", "basis": "derived"}]
    told = TerrainRecipe.model_validate({"ground": {"files": files}})
    terrain, provenance, _ = build(make_grid(), told, path.parent)
    level = terrain["ground_level"].to_numpy()
    assert np.all(level[:, :29] == 1.0)
    assert np.all(level[:, 31:] == 5.0)
    assert provenance["terrain/ground_level"].basis == "derived"


def test_a_raster_in_another_place_is_refused_with_both_extents(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    path = write_raster(np.ones((60, 80)), origin=(500_000.0, 1_000_000.0))
    told = TerrainRecipe.model_validate({"ground": {"files": [{"file": path.name}]}})
    with pytest.raises(CityError, match=r"0\.0%.*500000"):
        build(make_grid(), told, path.parent)


def test_ground_that_misses_the_roads_is_refused(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 80), 2.0)
    values[:, :70] = -9.0
    path = write_raster(values, nodata=-9.0)
    points = shapely.points(WEST + 10.0 * np.arange(1, 60), NORTH - 300.0)
    nodes = gpd.GeoDataFrame({"node_id": np.arange(59)}, geometry=points, crs=CRS)
    told = TerrainRecipe.model_validate({"ground": {"files": [{"file": path.name}]}})
    with pytest.raises(CityError, match=r"0\.0% of the road nodes"):
        build(make_grid(), told, path.parent, road_nodes=nodes)


def test_roughness_is_the_mean_of_what_the_cell_holds(
    make_grid: Callable[..., Grid], make_roads: Callable[..., gpd.GeoDataFrame]
) -> None:
    half = shapely.box(WEST + 100, NORTH - 100, WEST + 105, NORTH - 90)
    houses = gpd.GeoDataFrame({"kind": ["house"]}, geometry=[half], crs=CRS)
    road = make_roads([line((0, 305), (800, 305))], lanes=[1.0])
    terrain, _, _ = build(make_grid(), recipe(), roads=road, buildings=houses)
    n = terrain["manning"].to_numpy()
    assert n[9, 10] == pytest.approx((0.1 + 0.05) / 2.0)
    assert n[30, 40] == pytest.approx(0.35 * 0.02 + 0.65 * 0.05)
    assert n[50, 50] == 0.05


def test_a_roughness_raster_wins_where_it_has_a_value(
    make_grid: Callable[..., Grid], write_raster: Callable[..., Path]
) -> None:
    values = np.full((60, 80), 0.2)
    values[:10] = -1.0
    path = write_raster(values, name="n.tif", nodata=-1.0)
    told = recipe(roughness={"file": {"file": "n.tif"}})
    n = build(make_grid(), told, path.parent)[0]["manning"].to_numpy()
    assert np.all(n[10:] == 0.2)
    assert np.all(n[:10] == 0.05)


@pytest.mark.parametrize("over", ["land", "roads", "buildings"])
def test_a_total_of_people_is_spread_whole_and_inside_the_boundary(
    make_grid: Callable[..., Grid], make_roads: Callable[..., gpd.GeoDataFrame], over: str
) -> None:
    box = shapely.box(WEST + 50, NORTH - 500, WEST + 350, NORTH - 50)
    boundary = gpd.GeoDataFrame({"name": ["x"]}, geometry=[box], crs=CRS)
    homes = [shapely.box(WEST + x, NORTH - 220, WEST + x + 8, NORTH - 210) for x in (100, 200, 600)]
    houses = gpd.GeoDataFrame(
        {"kind": ["house"] * 3, "levels": [1.0, 3.0, 2.0]}, geometry=homes, crs=CRS
    )
    told = recipe(population={"spread": {"total": 1000.0, "over": over}})
    terrain, provenance, _ = build(
        make_grid(),
        told,
        boundary=boundary,
        buildings=houses,
        roads=make_roads([line((0, 205), (800, 205))]),
    )
    people = terrain["population"].to_numpy()
    assert people.sum() == pytest.approx(1000.0)
    assert people[terrain["inside"].to_numpy() == 0].sum() == 0.0
    assert provenance["terrain/population"].basis == "assumed"
    if over == "buildings":
        assert people.max() == pytest.approx(750.0)


def test_people_cannot_be_spread_over_nothing(make_grid: Callable[..., Grid]) -> None:
    told = recipe(population={"spread": {"total": 10.0, "over": "buildings"}})
    with pytest.raises(CityError, match="nothing to spread"):
        build(make_grid(), told)


@pytest.mark.parametrize(
    "ground",
    [
        {},
        {"files": [{"file": "a.tif"}], "assumed": {"mean_level_m": 1.0}},
        {"assumed": {"mean_level_m": 1.0}, "gaps": "level"},
        {"assumed": {"mean_level_m": float("nan")}},
        {"assumed": {"mean_level_m": "1.6"}},
        {"assumed": {"mean_level_m": 1.0, "relief": 2.0}},
        {"files": [{"file": "a.nc", "variable": 'z":/etc/passwd'}]},
    ],
)
def test_a_recipe_that_contradicts_itself_is_refused(ground: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TerrainRecipe.model_validate({"ground": ground})


@pytest.mark.realdata
def test_a_plain_without_any_layer_is_a_city(real_data: Path) -> None:
    base = real_data / "flood" / "ea2"
    files = [{"file": "ea_test2_dem_20m.asc", "crs": "EPSG:27700"}]
    told = TerrainRecipe.model_validate(
        {"ground": {"files": files}, "roughness": {"open_land": 0.03}}
    )
    bounds = ground_bounds(told, crs="EPSG:27700", base=base)
    assert bounds is not None
    grid = Grid.covering(*bounds, cell_size_m=20.0)
    terrain, provenance, notes, _ = build_terrain(
        grid=grid, crs="EPSG:27700", recipe=told, layers={}, base=base
    )
    assert np.array_equal(terrain["ground_level"], np.loadtxt(base / files[0]["file"], skiprows=6))
    assert np.all(terrain["manning"].to_numpy() == 0.03)
    assert provenance["terrain/ground_level"].basis == "measured"
    assert notes == ()
