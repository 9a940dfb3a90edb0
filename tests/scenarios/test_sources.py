# ruff: noqa: ANN001, ANN201 - parametrised values of many types; tests return nothing
from __future__ import annotations

import pytest

from models.errors import ScenarioError
from scenarios import Scenario

HEAD = "schema: 1\nname: case\nperiod: {start: 2025-10-22T00:00+07:00, duration: 6 h}\n"
GOOD = """\
when,level,more
2025-10-21T22:00+07:00,0.1,
2025-10-21T23:00+07:00,0.2,
2025-10-22T03:00+07:00,1.2,
2025-10-21T23:30Z,1.0,
2025-10-22T10:00+07:00,0.7,
"""


def write(tmp_path, rows, more="", column="level") -> Scenario:
    (tmp_path / "tide.csv").write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    path = tmp_path / "case.yaml"
    path.write_text(
        HEAD + "tide: {extremes: {csv: {file: tide.csv, time_column: when, "
        f"value_column: {column}{more}}}}}}}\n"
    )
    return Scenario.load(path)


def test_a_file_is_written_out_and_cut_to_the_period(tmp_path):
    whole = write(tmp_path, GOOD).resolve()
    assert whole.tide.extremes.csv is None
    assert whole.tide.extremes.times == (-3600.0, 10800.0, 23400.0)
    assert whole.tide.extremes.levels_m == (0.2, 1.2, 1.0)
    assert Scenario.parse(whole.to_yaml()) == whole


def test_the_digest_follows_the_content_of_the_file_and_not_its_name(tmp_path):
    scenario = write(tmp_path, GOOD)
    digest = scenario.digest
    assert digest == scenario.resolve().digest
    assert write(tmp_path, GOOD.replace(",0.1,", ",9.9,")).digest == digest
    assert write(tmp_path, GOOD.replace(",1.2,", ",1.3,")).digest != digest


def test_times_may_be_numbers_or_lack_a_zone(tmp_path):
    numbers = "when,level\n0,1\n3,2\n6,1\n"
    assert write(tmp_path, numbers, ", time_unit: h").resolve().tide.extremes.times[1] == 10800.0
    local = "when,level\n2025-10-22 00:00,1\n2025-10-22 06:00,2\n"
    for zone in ("'+07:00'", "Asia/Ho_Chi_Minh"):
        tide = write(tmp_path, local, f", time_zone: {zone}").resolve().tide
        assert tide.extremes.times == (0.0, 21600.0)


def test_rain_in_a_file_ends_with_the_period(tmp_path):
    (tmp_path / "rain.csv").write_text("t;mm\n0;5\n5;7\n10;9\n15;3\n")
    text = "rain: {hyetograph: {csv_quantity: depth_mm, csv: {file: rain.csv, time_column: t, "
    text += "value_column: mm, time_unit: h, delimiter: ;}}}\n"
    scenario = Scenario.parse(HEAD + text.replace("delimiter: ;", "delimiter: ';'"), base=tmp_path)
    storm = scenario.resolve().rain.hyetograph
    assert storm.times == (0.0, 18000.0, 36000.0)
    assert storm.depths_mm == (5.0, 7.0, 0.0)


@pytest.mark.parametrize(
    ("rows", "more", "says"),
    [
        ("", "", "no such column"),
        ("when,level\n", "", "no rows"),
        ("when,lvl\n", "", "The columns are when, lvl"),
        ("when,level,level\n", "", "two columns have this name"),
        (GOOD.replace(",1.2,", ",,"), "", "tide.csv: row 4, column level: this is not a number"),
        (GOOD.replace(",1.2,", ",nan,"), "", "not a number, got 'nan'"),
        (GOOD.replace(",1.2,", ",'1,2',"), "", "not a number"),
        (GOOD.replace(",1.2,", ',"1,2",'), "", "Write the decimal sign as a point"),
        (GOOD.replace("2025-10-22T03:00+07:00", "22/10/2025"), "", "row 4, column when: this is"),
        (GOOD.replace("03:00+07:00", "03:00"), "", "Give time_zone"),
        (GOOD.replace("2025-10-22T03", "2025-10-20T03"), "", "the times must increase"),
        ("when,level\n2025-10-22T00:00+07:00\n", "", "row 2: the row has 1 cells"),
        (GOOD[: GOOD.index("2025-10-21T23:30Z")], "", "must cover the whole period"),
        (GOOD.replace(",1.2,", ",99999,"), "", "must be at most 9000"),
        (b"when,level\n\xff\n", "", "not UTF-8"),
        (b'when,level\n"\n', "", "cannot be read"),
        (GOOD, ", time_zone: Mars/Base", "time zone is not known"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path, rows, more, says):
    with pytest.raises(ScenarioError) as caught:
        write(tmp_path, rows, more).resolve()
    assert says in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    scenario = write(tmp_path, GOOD)
    (tmp_path / "tide.csv").unlink()
    with pytest.raises(ScenarioError, match=r"tide\.csv: there is no such file"):
        _ = scenario.digest


@pytest.mark.parametrize("file", ["/etc/passwd", "../x.csv", "${TWIN_DATA}/x.csv", "${HOME}/x.csv"])
def test_a_confined_document_reads_nothing_outside_its_folder(tmp_path, file):
    scenario = write(tmp_path, GOOD).replace(**{"tide.extremes.csv.file": file})
    with pytest.raises(ScenarioError, match=r"not read|not known"):
        scenario.resolve(confined=True, variables={"TWIN_DATA": str(tmp_path)})
