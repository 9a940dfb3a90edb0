"""The texts of replays: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["REPLAY_TEXTS"]

REPLAY_TEXTS: dict[str, tuple[str, str]] = {
    "replay.record": ("theo nhật ký", "as logged"),
    "replay.policy": ("theo chính sách điều xe", "under the policy"),
    "replay.title": ("Dựng lại {name}, {follow}", "Replay {name}, {follow}"),
    "replay.counts": (
        "{calls} cuộc gọi, {orders} lệnh điều xe, {units} xe của nhật ký, {closures} đoạn cấm.",
        "{calls} calls, {orders} orders, {units} units of the log, {closures} closures.",
    ),
    "replay.left_out": ("Không đưa vào", "Left out"),
    "replay.all_in": ("Toàn bộ nhật ký được đưa vào.", "All of the log is in it."),
    "replay.written": ("Đã ghi {path}", "Wrote {path}"),
    "replay.run": ("Lượt chạy {run}: {follow}", "Run {run}: {follow}"),
    "replay.waited": (
        (
            "{count} lệnh phải chờ: trong mô phỏng xe chưa rảnh hoặc không có đường; {refused} "
            "lệnh không thực hiện được."
        ),
        (
            "{count} orders had to wait: in the simulation the unit was not free or found no way; "
            "{refused} orders were void."
        ),
    ),
}
