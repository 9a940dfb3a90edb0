# ruff: noqa: RUF001 - the dashes are typography of text that people read
"""The texts of sweeps and ensembles: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["ENSEMBLE_TEXTS"]

ENSEMBLE_TEXTS: dict[str, tuple[str, str]] = {
    # The plan
    "sweep.plan": ("Kế hoạch: {name}", "Plan: {name}"),
    "sweep.name": ("Tên trong kho", "Name in the store"),
    "sweep.points": ("Tổ hợp giá trị", "Points"),
    "sweep.replications": ("Số lần lặp mỗi tổ hợp", "Replications of each"),
    "sweep.members": ("Lượt chạy", "Members"),
    "sweep.floods": ("Trận ngập phải tính", "Floods to compute"),
    "sweep.floods_kept": ("{count} (đã có {kept})", "{count} ({kept} of them are there)"),
    "sweep.cells": ("Số ô lưới, giờ mô phỏng", "Cells, hours simulated"),
    "sweep.estimate": ("Ước tính, rất thô", "Estimate, rough"),
    "sweep.estimate_told": (
        "{time} với {workers} tiến trình; {disk} trên đĩa",
        "{time} with {workers} workers; {disk} on disk",
    ),
    "sweep.estimate_measured": ("theo các trận đã tính", "from floods computed before"),
    "sweep.estimate_nominal": ("theo tốc độ danh định", "from a nominal speed"),
    "sweep.factor": ("Yếu tố", "Factor"),
    "sweep.values": ("Giá trị", "Values"),
    "sweep.whole": (
        "Người dân là tác tử nên mỗi lượt chạy phải tính riêng cả trận ngập.",
        "Residents look at the water, so that every member computes its own flood.",
    ),
    # Progress
    "sweep.progress": (
        "{finished}/{members} lượt, {floods}/{all_floods} trận ngập",
        "{finished}/{members} members, {floods}/{all_floods} floods",
    ),
    "sweep.progress_failed": (", {failed} hỏng", ", {failed} failed"),
    "sweep.planning": ("Lập kế hoạch", "Planning"),
    "sweep.stopped": (
        "Đã dừng. Chạy lại cùng lệnh để tiếp tục; phần đã xong được giữ.",
        "Stopped. Give the same command to go on; what is finished is kept.",
    ),
    "sweep.stopping": (
        "Đang dừng; Ctrl-C lần nữa để dừng ngay.",
        "Stopping; Ctrl-C again stops at once.",
    ),
    # Results
    "sweep.title": ("Tập hợp {name}", "Ensemble {name}"),
    "sweep.finished": ("Đã xong", "Finished"),
    "sweep.failed": ("Hỏng", "Failed"),
    "sweep.failed_title": ("Các lượt hỏng", "Members that failed"),
    "sweep.part": ("Phần", "Part"),
    "sweep.part.flood": ("trận ngập", "flood"),
    "sweep.part.response": ("ứng cứu", "response"),
    "sweep.tries": ("Số lần thử", "Tries"),
    "sweep.reason": ("Lý do", "Reason"),
    "sweep.member": ("Lượt", "Member"),
    "sweep.none": ("Chưa có tập hợp nào trong {store}.", "There are no sweeps in {store}."),
    "sweep.list": ("Các tập hợp trong {store}", "Sweeps in {store}"),
    "sweep.created": ("Lập lúc", "Planned"),
    "sweep.figures": ("Chỉ số: trung bình, khoảng {confidence} %", "Figures: mean, {confidence} %"),
    "sweep.figure": ("Chỉ số", "Figure"),
    "sweep.n": ("n", "n"),
    "sweep.missing": ("Thiếu", "Missing"),
    "sweep.mean": ("Trung bình", "Mean"),
    "sweep.interval": ("Khoảng tin cậy", "Interval"),
    "sweep.range": ("5–95 %", "5–95 %"),
    "sweep.compare": (
        "{factor}: {second} so với {first}, từng cặp",
        "{factor}: {second} against {first}, pair by pair",
    ),
    "sweep.pairs": ("Cặp (lẻ)", "Pairs (odd)"),
    "sweep.difference": ("Thay đổi", "Change"),
    "sweep.p_sign": ("p dấu (+/−)", "p sign (+/−)"),
    "sweep.sensitivity": ("Yếu tố nào quan trọng: {figure}", "What matters for: {figure}"),
    # Pictures
    "sweep.exceedance": (
        "Xác suất ngập từ {depth} m trở lên",
        "Chance of {depth} m of water or more",
    ),
    "sweep.quantile": (
        "Độ sâu ngập lớn nhất, mức {percent} %",
        "Largest flood depth, {percent} % level",
    ),
    "sweep.chance": ("Tỷ lệ các lượt chạy", "Share of the members"),
    "sweep.chance_between": ("{low}–{high} %", "{low}–{high} %"),
    "sweep.chance_note": (
        "{members} lượt, {floods} trận ngập",
        "{members} members, {floods} floods",
    ),
    "sweep.not_probability": (
        "Tỷ lệ này chỉ là xác suất nếu các giả định của tập hợp đúng.",
        "A share is a probability only as far as the assumptions of the sweep hold.",
    ),
    "sweep.tornado": ("Yếu tố nào thay đổi kết quả?", "What changes the result?"),
    "sweep.tornado_low": ("giá trị thấp", "low value"),
    "sweep.tornado_high": ("giá trị cao", "high value"),
    "sweep.scatter": ("Kết quả theo từng yếu tố", "The result by factor"),
    "sweep.spread": ("Kết quả trên các lượt chạy", "The result over the members"),
    "sweep.share_of_members": ("Lượt chạy, %", "Members, %"),
    "sweep.pushed": ("Đã chép {name} sang {url}.", "{name} is copied to {url}."),
    "sweep.ask_delete": (
        "Xóa tập hợp {name} và các trận ngập không tập hợp nào khác dùng?",
        "Delete the sweep {name}, and floods that no other sweep uses?",
    ),
}
