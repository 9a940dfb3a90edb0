"""The texts of calibrations: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["CALIBRATION_TEXTS"]

CALIBRATION_TEXTS: dict[str, tuple[str, str]] = {
    "calibrate.run": ("Lượt {number}: {values}; sai số {error}", "Run {number}: {values}; {error}"),
    "calibrate.title": ("Hiệu chỉnh sau {runs} lượt chạy", "Calibrated after {runs} runs"),
    "calibrate.field": ("Trường", "Field"),
    "calibrate.value": ("Giá trị", "Value"),
    "calibrate.error": ("Sai số chuẩn", "Standard error"),
    "calibrate.bounds": ("Giới hạn", "Bounds"),
    "calibrate.verdict": ("Nhận định", "Verdict"),
    "calibrate.sound": ("xác định được", "pinned down"),
    "calibrate.at_bound": (
        "ở giới hạn: giá trị thật có thể nằm ngoài",
        "at a bound: the truth may lie beyond",
    ),
    "calibrate.loose": (
        "quan trắc không xác định được",
        "not pinned down by the observations",
    ),
    "calibrate.observations": ("Quan trắc", "Observations"),
    "calibrate.before": ("Sai số trước", "Error before"),
    "calibrate.after": ("Sai số sau", "Error after"),
    "calibrate.n": ("n", "n"),
    "calibrate.scales": (
        "Sai số là căn trung bình bình phương, tính theo `scales`.",
        "Errors are root mean squares, in `scales`.",
    ),
    "calibrate.condition": (
        ("Số điều kiện {condition}: các trường bù trừ nhau, từng giá trị riêng lẻ không đáng tin."),
        (
            "Condition number {condition}: the fields make up for each other, and no single value "
            "can be trusted."
        ),
    ),
    "calibrate.spent": (
        "Hết số lượt chạy cho phép trước khi hội tụ: đây là kết quả tốt nhất đến lúc đó.",
        "The runs were spent before the search converged: this is the best so far.",
    ),
    "calibrate.written": (
        "Đã ghi {path}; sự kiện dùng để hiệu chỉnh được ghi ở `fitted`.",
        "Wrote {path}; it names the events it was fitted to under `fitted`.",
    ),
}
