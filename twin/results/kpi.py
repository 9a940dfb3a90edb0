"""
The key figures of a run, each with the number of cases behind it.

A figure without cases is None, never NaN and never zero. An average of response times says nothing
about those whom nobody reached, so the share within target counts every call, and the number of
calls that were never reached stands beside the mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.flood.hazard import AIDR_CLASSES
from twin.results.incidents import incident_table, parse_detail, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "HAZARD_CLASSES",
    "KPI_DEFINITIONS",
    "compute_kpis",
    "flood_kpis",
    "mean_interval",
    "resident_kpis",
    "response_kpis",
    "road_kpis",
]

#: Names of DEFRA's classes 1 to 3.
HAZARD_CLASSES = ("danger_for_some", "danger_for_most", "danger_for_all")

#: What each figure means, in Vietnamese and English.
KPI_DEFINITIONS: dict[str, dict[str, str]] = {
    "max_depth_m": {
        "en": "Largest water depth at any time on land that was dry at the start, m.",
        "vi": "Độ sâu nước lớn nhất tại mọi thời điểm trên đất khô lúc bắt đầu, m.",
    },
    "flooded_area_m2": {
        "en": "Area within the boundary, not water on the map and not under water at the start, "
        "whose largest depth reached the threshold, m².",
        "vi": "Diện tích trong ranh giới, không phải mặt nước trên bản đồ và không ngập lúc bắt "
        "đầu, có độ sâu lớn nhất đạt ngưỡng, m².",
    },
    "hazard_area_m2": {
        "en": "Area of the same land by the largest hazard to people (DEFRA 2006), m²: danger for "
        "some (children, the elderly), for most, and for all, rescuers included.",
        "vi": "Diện tích của cùng phần đất theo mức nguy hiểm lớn nhất đối với người (DEFRA 2006), "
        "m²: nguy hiểm với một số người (trẻ em, người già), với đa số, và với tất cả, kể cả lực "
        "lượng cứu hộ.",
    },
    "aidr_area_m2": {
        "en": "Area of the same land by the largest class H1 to H6 (AIDR 2017) of depth, speed and "
        "their product, m².",
        "vi": "Diện tích của cùng phần đất theo cấp lớn nhất H1 đến H6 (AIDR 2017) của độ sâu, "
        "vận tốc và tích của chúng, m².",
    },
    "road_km_closed": {
        "en": "Largest length of street, at one time, that a class of vehicle could use when dry "
        "but cannot use, in at least one direction, because of water or a closure, km; both "
        "directions count once.",
        "vi": "Chiều dài đường lớn nhất tại một thời điểm mà loại xe đi được khi khô nhưng không "
        "đi được, ít nhất ở một chiều, vì nước hoặc vì lệnh cấm, km; hai chiều tính một lần.",
    },
    "incidents": {
        "en": "Calls received during the run.",
        "vi": "Số cuộc gọi nhận được trong lượt chạy.",
    },
    "served": {
        "en": "Incidents that every service they needed has reached, finished or not.",
        "vi": "Sự cố mà mọi lực lượng cần thiết đã đến nơi, đã xong hay chưa.",
    },
    "unserved": {
        "en": "Incidents that ended without any unit of at least one service they needed.",
        "vi": "Sự cố kết thúc mà ít nhất một lực lượng cần thiết không đến được.",
    },
    "stranded": {
        "en": "Times that a vehicle was stranded in water.",
        "vi": "Số lần xe mắc kẹt trong nước.",
    },
    "abandoned": {
        "en": "Callers who gave up before an answer; among the unserved.",
        "vi": "Số người gọi bỏ máy trước khi được trả lời; tính trong số không được phục vụ.",
    },
    "advised": {
        "en": "Calls that got advice by phone under triage, and no ambulance; among the unserved.",
        "vi": "Số cuộc gọi chỉ được hướng dẫn qua điện thoại khi quá tải, không có xe; tính trong "
        "số không được phục vụ.",
    },
    "diverted": {
        "en": "Times that a unit on its way was taken for a call of higher priority.",
        "vi": "Số lần xe đang đi được điều sang cuộc gọi khẩn cấp hơn.",
    },
    "unknown_closures": {
        "en": "Times that a driver met a closed or flooded road that the dispatcher did not know "
        "of; none where everything is known at once.",
        "vi": "Số lần lái xe gặp đường bị chặn hoặc ngập mà trung tâm điều hành chưa biết; bằng 0 "
        "khi mọi thông tin được biết ngay.",
    },
    "lost_to_unknown_closures_s": {
        "en": "Sum, s, of how much longer the way from there became, and of the time waited before "
        "water; where no way was left nothing is added, and unknown_closures_without_way counts "
        "them.",
        "vi": "Tổng, giây, của phần đường đi dài thêm kể từ chỗ đó và thời gian chờ trước nước; "
        "trường hợp không còn đường thì không cộng, và được đếm ở unknown_closures_without_way.",
    },
    "bed_waits": {
        "en": "Times that a unit with a patient waited at a hospital for a bed.",
        "vi": "Số lần xe chở người bệnh phải chờ giường tại bệnh viện.",
    },
    "alarms_raised": {
        "en": "Times that an incident reached a further alarm of its run card.",
        "vi": "Số lần một sự cố được nâng cấp báo động theo bảng điều lực lượng.",
    },
    "breakdowns": {
        "en": "Times that a vehicle of the services broke down.",
        "vi": "Số lần xe của các lực lượng bị hỏng giữa đường.",
    },
    "written_off": {
        "en": "Stranded vehicles that water ruined and that were lost for the rest of the run; "
        "units_lost counts others, still stranded at the end.",
        "vi": "Số xe mắc kẹt bị nước làm hỏng hẳn, không dùng lại được đến hết lượt chạy; "
        "units_lost đếm các xe khác, còn mắc kẹt khi kết thúc.",
    },
    "refuelled": {
        "en": "Times that a vehicle of the services refuelled.",
        "vi": "Số lần xe của các lực lượng tiếp nhiên liệu.",
    },
    "taken_over": {
        "en": "Patients whom another unit took over from a vehicle that could not go on.",
        "vi": "Số người bệnh được xe khác đón từ xe không đi tiếp được.",
    },
    "aid_called": {
        "en": "Times that a neighbouring district was called for help.",
        "vi": "Số lần phải xin chi viện từ địa bàn lân cận.",
    },
    "boats_called": {
        "en": "Times that no ambulance got to patients because of water, and a boat or a truck for "
        "high water was asked for.",
        "vi": "Số lần xe cứu thương không đến được người bệnh vì nước và phải gọi xuồng hoặc xe "
        "gầm cao.",
    },
    "brought_ashore": {
        "en": "People whom boats or trucks for high water brought to where ambulances get.",
        "vi": "Số người được xuồng hoặc xe gầm cao đưa đến nơi xe cứu thương tới được.",
    },
    "traffic_displaced_cars_h": {
        "en": "Most cars per hour, at one time, that other main roads took from closed ones.",
        "vi": "Số xe mỗi giờ lớn nhất, tại một thời điểm, mà các trục đường khác phải nhận từ "
        "những đường bị đóng.",
    },
    "response_time_s": {
        "en": "From the call to the first unit of the service on scene, s, over the calls that "
        "were reached; ci95 is the normal 95 % interval of the mean.",
        "vi": "Từ lúc gọi đến khi xe đầu tiên của lực lượng tới nơi, giây, trên các cuộc gọi đã "
        "đến được; ci95 là khoảng tin cậy chuẩn 95 % của trung bình.",
    },
    "within_target": {
        "en": "Share of all calls for the service, reached or not, whose first unit arrived within "
        "the target; calls that were still waiting, within the target, at the end are undecided "
        "and left out.",
        "vi": "Tỷ lệ trong mọi cuộc gọi cần lực lượng, đến được hay không, mà xe đầu tiên đến "
        "trong mục tiêu; cuộc gọi còn chờ trong mục tiêu lúc kết thúc chưa phân định, không tính.",
    },
    "residents": {
        "en": "People of the simulation: ever is how many were ever upstairs, on the way, safe, "
        "stranded, trapped or rescued; worst_hazard is people by the largest class (AIDR 2017) of "
        "the water at their place; peak is the most at one time, and peak_at_s when; "
        "cut_off_person_h is the sum over time of people without a way to any hospital for an "
        "ambulance.",
        "vi": "Người dân trong mô phỏng: ever là số người từng lên tầng trên, đang di chuyển, đến "
        "nơi an toàn, mắc kẹt trên đường, mắc kẹt trong nhà hoặc được cứu; worst_hazard là số "
        "người theo cấp nguy hiểm lớn nhất (AIDR 2017) của nước tại chỗ họ; peak là số lớn nhất "
        "tại một thời điểm, và peak_at_s là lúc đó; cut_off_person_h là tổng theo thời gian số "
        "người mà xe cứu thương không có đường đến bệnh viện nào.",
    },
}


def compute_kpis(
    *,
    events: pd.DataFrame | None = None,
    flood: Mapping[str, Any] | None = None,
    roads: pd.DataFrame | None = None,
    residents: tuple[pd.DataFrame, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """
    Return all key figures; a part that the run did not have gives None or empty mappings.

    Parameters
    ----------
    events
        The event log.
    flood
        The arguments of :func:`flood_kpis`.
    roads
        Closed kilometres over time: ``time_s`` and ``closed_km_<class>``.
    residents
        The arguments of :func:`resident_kpis`; without them, the figures leave residents out.
    """
    no_flood: dict[str, Any] = {
        "max_depth_m": None,
        "flooded_area_m2": {},
        "hazard_area_m2": {},
        "aidr_area_m2": {},
    }
    return {
        **(flood_kpis(**flood) if flood is not None else no_flood),
        **road_kpis(roads),
        **response_kpis(events),
        **({} if residents is None else {"residents": resident_kpis(*residents)}),
    }


def resident_kpis(series: pd.DataFrame, totals: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what happened to the residents: totals, peaks and when, s, and time cut off.

    Parameters
    ----------
    series
        Persons over time, with ``time_s``.
    totals
        Persons by what ever happened to them.
    """
    time_s = series["time_s"].to_numpy(np.float64)
    peaks: dict[str, int] = {}
    when: dict[str, float | None] = {}
    for column in ("stranded", "trapped", "people_calling", "cut_off_from_hospital"):
        if column in series:
            values = series[column].to_numpy(np.int64)
            peaks[column] = int(values.max())
            when[column] = float(time_s[int(values.argmax())]) if peaks[column] else None
    cut_off = None
    if "cut_off_from_hospital" in series and time_s.size > 1:
        persons = series["cut_off_from_hospital"].to_numpy(np.float64)
        cut_off = float((persons[:-1] * np.diff(time_s)).sum() / 3600.0)
    return {**totals, "peak": peaks, "peak_at_s": when, "cut_off_person_h": cut_off}


def flood_kpis(
    *,
    max_depth_m: NDArray[np.floating[Any]],
    initial_depth_m: NDArray[np.floating[Any]],
    cell_area_m2: float,
    thresholds_m: Sequence[float],
    water: NDArray[np.integer[Any]] | None = None,
    inside: NDArray[np.integer[Any]] | None = None,
    hazard_class: NDArray[np.integer[Any]] | None = None,
    aidr_class: NDArray[np.integer[Any]] | None = None,
    dry_below_m: float = 0.01,
) -> dict[str, Any]:
    """
    Return the largest depth and the flooded area of land, by threshold.

    Parameters
    ----------
    max_depth_m, initial_depth_m
        Shape (ny, nx), NaN outside the domain.
    cell_area_m2
        Area of a cell, m².
    thresholds_m
        Depths, m; a cell counts from the threshold on.
    water, inside
        Shape (ny, nx): water on the map is not land; outside the boundary does not count.
    hazard_class, aidr_class
        Largest class of DEFRA, 0 to 3, and of AIDR, 1 to 6, shape (ny, nx).
    dry_below_m
        Initial depth below which a cell counts as dry land, m.
    """
    land = np.isfinite(max_depth_m) & ~(np.asarray(initial_depth_m) >= dry_below_m)
    if water is not None:
        land &= np.asarray(water) == 0
    if inside is not None:
        land &= np.asarray(inside) != 0
    depth = np.asarray(max_depth_m)[land]

    def by_class(
        classes: NDArray[np.integer[Any]] | None, names: Sequence[str]
    ) -> dict[str, float]:
        if classes is None:
            return {}
        counts = np.bincount(np.maximum(classes[land], 0), minlength=len(names) + 1)
        return {name: float(counts[k]) * cell_area_m2 for k, name in enumerate(names, start=1)}

    return {
        "hazard_area_m2": by_class(hazard_class, HAZARD_CLASSES),
        "aidr_area_m2": by_class(aidr_class, AIDR_CLASSES),
        "max_depth_m": float(depth.max()) if depth.size else None,
        "flooded_area_m2": {
            f"{threshold:g}": float(np.count_nonzero(depth >= threshold)) * cell_area_m2
            for threshold in thresholds_m
        },
        "land_area_m2": float(depth.size) * cell_area_m2,
    }


def road_kpis(roads: pd.DataFrame | None) -> dict[str, Any]:
    """Return the largest closed length, km, and when, s, by vehicle class."""
    prefix = "closed_km_"
    if roads is None or not len(roads):
        return {"road_km_closed": {}, "road_km_closed_at_s": {}}
    peak: dict[str, float] = {}
    when: dict[str, float | None] = {}
    for column in roads.columns:
        if not str(column).startswith(prefix):
            continue
        name = str(column).removeprefix(prefix)
        values = roads[column].to_numpy(np.float64)
        peak[name] = float(values.max())
        at = float(roads["time_s"].iloc[int(values.argmax())])
        when[name] = at if peak[name] > 0.0 else None
    return {"road_km_closed": peak, "road_km_closed_at_s": when}


def response_kpis(events: pd.DataFrame | None) -> dict[str, Any]:
    """Return how many were served, how soon, and how many were not, from the event log."""
    if events is None or not len(events):
        counts: dict[str, Any] = dict.fromkeys(("incidents", "served", "unserved", "stranded"), 0)
        return {**counts, "response_time_s": {}, "within_target": {}}
    incidents = incident_table(events)
    one_each = incidents.drop_duplicates("incident")
    kinds = events["kind"]
    times: dict[str, Any] = {}
    within: dict[str, Any] = {}
    for service, calls in incidents.groupby("service", sort=True):
        if not service:
            continue
        times[str(service)] = _spread(calls["response_s"].to_numpy(np.float64))
        within[str(service)] = _share_within(calls)
    return {
        "incidents": len(one_each),
        "served": int((one_each["outcome"] == "served").sum()),
        "unserved": int((one_each["outcome"] == "unserved").sum()),
        "open": int((one_each["outcome"] == "open").sum()),
        "stranded": int((kinds == "unit_stranded").sum()),
        "abandoned": int((kinds == "call_abandoned").sum()),
        "advised": int((kinds == "advice_given").sum()),
        "diverted": int((kinds == "unit_diverted").sum()),
        "bed_waits": int((kinds == "hospital_full").sum()),
        "alarms_raised": int((kinds == "alarm_raised").sum()),
        "breakdowns": int((kinds == "unit_broken_down").sum()),
        "written_off": int((kinds == "unit_written_off").sum()),
        "refuelled": int((kinds == "unit_refuelling").sum()),
        "taken_over": int((kinds == "patient_taken_over").sum()),
        "aid_called": int((kinds == "aid_called").sum()),
        "boats_called": int((kinds == "boat_called").sum()),
        "brought_ashore": int(events.loc[kinds == "people_ashore", "value"].sum()),
        **_unknown_closures(events),
        "traffic_displaced_cars_h": max(
            events.loc[kinds == "traffic_displaced", "value"].tolist(), default=0.0
        ),
        "units_lost": int((kinds == "unit_lost").sum()),
        "response_time_s": times,
        "within_target": within,
    }


def _unknown_closures(events: pd.DataFrame) -> dict[str, Any]:
    """Return how often drivers met what nobody knew of, and what that cost."""
    met = events[events["kind"] == "road_found_closed"]
    details = [parse_detail(row["detail"]) for row in records(events, "waited_at_water")]
    waited_s = sum(float(detail["lost_s"]) for detail in details)
    no_way = [not parse_detail(text)["way_left"] for text in met["detail"].tolist()]
    return {
        "unknown_closures": len(met),
        "unknown_closures_without_way": sum(no_way),
        "lost_to_unknown_closures_s": float(np.nansum(met["value"].to_numpy(np.float64)))
        + waited_s,
    }


def mean_interval(values: ArrayLike) -> list[float] | None:
    """Return the normal 95 % interval of the mean, or None for fewer than two values."""
    sample = np.asarray(values, np.float64)
    if sample.size < 2:
        return None
    half = 1.959963984540054 * float(sample.std(ddof=1)) / float(np.sqrt(sample.size))
    mean = float(sample.mean())
    return [mean - half, mean + half]


def _spread(response_s: NDArray[np.float64]) -> dict[str, Any]:
    reached = response_s[np.isfinite(response_s)]
    known: dict[str, Any] = {
        "n": int(reached.size),
        "not_reached": int(response_s.size - reached.size),
    }
    if not reached.size:
        return {**known, "mean": None, "p50": None, "p90": None, "max": None, "ci95": None}
    p50, p90 = np.quantile(reached, (0.5, 0.9))
    return {
        **known,
        "mean": float(reached.mean()),
        "p50": float(p50),
        "p90": float(p90),
        "max": float(reached.max()),
        "ci95": mean_interval(reached),
    }


def _share_within(calls: pd.DataFrame) -> dict[str, Any]:
    """Return the share of calls within target; none where calls were reached without a target."""
    if calls["target_s"].isna().all() and calls["response_s"].notna().any():
        calls = calls.iloc[:0]
    undecided = int(calls["undecided"].sum())
    count, decided = int(calls["within_target"].sum()), len(calls) - undecided
    return {
        "n": decided,
        "count": count,
        "share": count / decided if decided else None,
        "undecided": undecided,
    }
