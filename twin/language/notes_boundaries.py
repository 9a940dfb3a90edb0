"""The notes on boundaries, gauges and fast flow of a run: kind, Vietnamese, English."""

from __future__ import annotations

__all__ = ["BOUNDARY_NOTES"]

BOUNDARY_NOTES: dict[str, tuple[str, str]] = {
    "note.boundary_on_buildings": (
        "{place}: {count} trên {total} ô bị công trình bịt kín và không tham gia.",
        "{place}: buildings close {count} of its {total} cells, which take no part.",
    ),
    "note.boundary_level_dry": (
        (
            "{place}: lúc bắt đầu {count} trên {total} ô nằm cao hơn mực nước cho trước "
            "({level} m; đất từ {ground} m) và đứng khô cho đến khi nước lên tới."
        ),
        (
            "{place}: at the start {count} of its {total} cells lie above the given level "
            "({level} m; ground from {ground} m), and stand dry until it reaches them."
        ),
    ),
    "note.boundary_inflow_dry": (
        (
            "{place}: nước chảy vào trên ĐẤT KHÔ, không phải sông hay kênh (điểm thấp nhất "
            "{level} m)."
        ),
        "{place}: its water enters on DRY LAND, not in a river or canal (lowest at {level} m).",
    ),
    "note.inflow_dry": (
        "{place}: nước chảy vào trên ĐẤT KHÔ; sông hay kênh gần nhất cách {distance} m.",
        "{place}: its water enters on DRY LAND; the nearest river or canal is {distance} m away.",
    ),
    "note.boundary_starts_dry": (
        (
            "{place} ({kind}): lúc bắt đầu không ô nào có nước; nước chỉ chảy ra khi ngập trên "
            "{ground} m."
        ),
        (
            "{place} ({kind}): none of its cells has water at the start; water leaves once it "
            "stands above {ground} m."
        ),
    ),
    "note.rating_curve_below": (
        (
            "{place}: đường quan hệ bắt đầu ở {level} m, thấp hơn đáy ({ground} m): nước dưới "
            "đáy không chảy ra được."
        ),
        (
            "{place}: the curve begins at {level} m, below the bed ({ground} m): what it says "
            "below the bed never happens."
        ),
    ),
    "note.rating_curve_exceeded": (
        (
            "{name}: mực nước lên tới {level} m, CAO HƠN điểm cuối của đường quan hệ ({last} m); "
            "trên đó lưu lượng được kéo dài theo độ dốc cuối."
        ),
        (
            "{name}: the level rose to {level} m, ABOVE the last point of its rating curve "
            "({last} m); above it the discharge was continued with the last slope."
        ),
    ),
    "note.fast_flow": (
        (
            "Lúc {hours} giờ, {cells} ô ({share} % số ô có nước) chảy xiết với số Froude trên "
            "{limit}: bộ giải quán tính không dành cho dòng chảy này. Dùng flood.solver: "
            "finite-volume, hoặc auto."
        ),
        (
            "At hour {hours}, water in {cells} cells ({share} % of the wet ones) passed a Froude "
            "number of {limit}: the inertial solver is not made for such flow. Use "
            "flood.solver: finite-volume, or auto."
        ),
    ),
    "note.section_dry": (
        "{place}: mặt cắt không cắt qua sông hay kênh nào.",
        "{place}: the section crosses no river or canal.",
    ),
    "boundary_kind.level": ("mực nước cho trước", "given level"),
    "boundary_kind.tide": ("mực triều", "tide"),
    "boundary_kind.discharge": ("lưu lượng cho trước", "given discharge"),
    "boundary_kind.rating_curve": ("quan hệ mực nước và lưu lượng", "rating curve"),
    "boundary_kind.normal_depth": ("dòng đều", "normal depth"),
    "boundary_kind.free": ("chảy ra tự do", "free outflow"),
    "boundary_kind.closed": ("bịt kín", "closed"),
}
