# ruff: noqa: RUF001 - the dashes are typography of text that people read
"""The texts of reports and of warning messages: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["REPORT_TEXTS"]

REPORT_TEXTS: dict[str, tuple[str, str]] = {
    "report.title": ("Báo cáo: {name}", "Report: {name}"),
    "report.nature": (
        (
            "Kết quả mô phỏng, không phải quan trắc và không phải cảnh báo. Chỉ dùng để cân nhắc "
            "cùng với hiểu biết tại chỗ."
        ),
        (
            "The result of a simulation: no observation, and no warning. To be weighed together "
            "with what is known on the spot."
        ),
    ),
    "report.contents": ("Nội dung", "Contents"),
    "report.situation": ("Tình hình", "Situation"),
    "report.maps": ("Bản đồ", "Maps"),
    "report.timeline": ("Diễn biến", "Timeline"),
    "report.kpis": ("Chỉ tiêu", "Key figures"),
    "report.definitions": ("Định nghĩa các chỉ tiêu", "What the figures mean"),
    "report.uncertainty": ("Điều đã biết và chưa biết", "What is known and what is not"),
    "report.notes": ("Lưu ý và cảnh báo", "Notes and warnings"),
    "report.assumptions": ("Giả định và nguồn gốc", "Assumptions and provenance"),
    "report.known": ("Đã biết", "Known"),
    "report.unknown": ("Chưa biết", "Not known"),
    "report.ensemble": ("Nhiều phương án: {name}", "Many what-ifs: {name}"),
    "report.evaluation": ("So với quan trắc", "Compared with observations"),
    "report.scenario": ("Kịch bản đã chạy", "The scenario as it was run"),
    "report.time": ("Lúc", "Time"),
    "report.what": ("Việc gì", "What"),
    "report.none": ("Không có.", "None."),
    "report.footer": (
        "Lượt chạy {run}, mã kết quả {digest}",
        "Run {run}, result digest {digest}",
    ),
    "report.made": ("Tính ngày {day}, phiên bản {version}", "Computed on {day}, version {version}"),
    "report.written": ("Đã ghi {path}", "Wrote {path}"),
    # Situation
    "report.period": (
        "Mô phỏng {length}, từ {start} đến {end} (UTC{zone}).",
        "{length} are simulated, from {start} to {end} (UTC{zone}).",
    ),
    "report.cells": (
        "Nước được tính trên ô vuông {cell} m; chi tiết nhỏ hơn không thấy được.",
        "Water is computed in cells of {cell} m; nothing smaller is resolved.",
    ),
    "report.tide": (
        "Triều cao nhất {level} m, lúc {time}.",
        "The tide is highest, {level} m, at {time}.",
    ),
    "report.rain": (
        "Mưa to nhất {rate} mm/giờ, lúc {time}.",
        "The rain is heaviest, {rate} mm/h, at {time}.",
    ),
    "report.flooded": (
        "Lúc {time} ngập rộng nhất trong các khung đã ghi: {area} ha đất sâu từ {depth} m.",
        "Of the recorded frames most land is flooded at {time}: {area} ha, {depth} m or deeper.",
    ),
    "report.dry": (
        "Không có đất nào ngập từ {depth} m trong các khung đã ghi.",
        "No land stands under {depth} m or more in any recorded frame.",
    ),
    "report.deepest": (
        "Sâu nhất trên đất vốn khô: {depth} m.",
        "The deepest water on land that was dry: {depth} m.",
    ),
    "report.closed": (
        "{vehicle}: nhiều nhất {km} km đường không đi được, lúc {time}.",
        "{vehicle}: at the worst {km} km of streets are impassable, at {time}.",
    ),
    "report.calls": (
        (
            "{incidents} cuộc gọi: {served} được đáp ứng, {unserved} không, {open} còn mở lúc kết "
            "thúc; {stranded} lần xe mắc kẹt."
        ),
        (
            "{incidents} calls: {served} served, {unserved} not, {open} open at the end; vehicles "
            "were stranded {stranded} times."
        ),
    ),
    "report.service": (
        (
            "{service}: đến được {n} trên {calls} cuộc gọi; trung vị {p50} phút, 90 % trong {p90} "
            "phút (chỉ tính cuộc gọi đến được)."
        ),
        (
            "{service}: {n} of {calls} calls were reached; median {p50} min, 90 % within {p90} min "
            "(of those reached)."
        ),
    ),
    "report.service_none": (
        "{service}: không đến được cuộc gọi nào trong {calls}.",
        "{service}: none of {calls} calls was reached.",
    ),
    "report.residents": (
        (
            "Người dân: {trapped} người từng mắc kẹt trong nhà, {stranded} mắc kẹt trên đường, "
            "trong số {people}."
        ),
        "Residents: of {people}, {trapped} were trapped at home, {stranded} stranded on the way.",
    ),
    "report.no_flood": ("Lượt chạy này không tính ngập.", "This run computed no flood."),
    "report.no_calls": ("Không có cuộc gọi nào.", "There were no calls."),
    # Moments
    "report.at_start": ("Bắt đầu mô phỏng", "The simulation starts"),
    "report.at_end": ("Kết thúc mô phỏng", "The simulation ends"),
    "report.at_tide": ("Triều cao nhất: {level} m", "Highest tide: {level} m"),
    "report.at_rain": ("Mưa to nhất: {rate} mm/giờ", "Heaviest rain: {rate} mm/h"),
    "report.at_flood": (
        "Ngập rộng nhất: {area} ha từ {depth} m",
        "Most land flooded: {area} ha, {depth} m or deeper",
    ),
    "report.at_closed": (
        "Nhiều đường không đi được nhất, {vehicle}: {km} km",
        "Most streets impassable, {vehicle}: {km} km",
    ),
    "report.at_call": ("Cuộc gọi đầu tiên", "First call"),
    "report.at_stranded": ("Xe đầu tiên mắc kẹt: {unit}", "First vehicle stranded: {unit}"),
    "report.at_unserved": (
        "Cuộc gọi đầu tiên không đáp ứng được: {incident}",
        "First call that went unserved: {incident}",
    ),
    "report.at_command": ("Lệnh ({issuer}): {kind} {name}", "Order ({issuer}): {kind} {name}"),
    "report.more": ("… và {count} lệnh khác", "… and {count} further orders"),
    # Known and not known
    "report.measured": ("Đo đạc: {layers}.", "Measured: {layers}."),
    "report.derived": (
        "Suy ra từ dữ liệu khác, không đo trực tiếp: {layers}.",
        "Derived from other data, not measured itself: {layers}.",
    ),
    "report.assumed": ("GIẢ ĐỊNH: {layer} – {source}", "ASSUMED: {layer} – {source}"),
    "report.volume": (
        (
            "Cân bằng nước khép kín đến {error} tổng lượng nước (sai số tính toán, không phải sai "
            "số so với thực tế)."
        ),
        (
            "The water balance closes to {error} of the water that passed (an error of computing, "
            "not of the model against the real world)."
        ),
    ),
    "report.repeatable": (
        "Chạy lại cùng kịch bản, thành phố và hạt giống {seed} cho đúng kết quả này.",
        "The same scenario, city and seed {seed} give this very result again.",
    ),
    "report.one_run": (
        (
            "Đây là MỘT lượt chạy: mỗi con số là một khả năng, không kèm khoảng tin cậy cho cả sự "
            "kiện. Hãy chạy nhiều phương án (`twin sweep`) trước khi quyết định dựa vào một con số."
        ),
        (
            "This is ONE run: every figure is one possibility, without an interval for the event "
            "as a whole. Run many what-ifs (`twin sweep`) before a decision rests on one figure."
        ),
    ),
    "report.not_compared": (
        "Báo cáo này không so kết quả với quan trắc nào (`--observed`).",
        "This report compares the result with no observation (`--observed`).",
    ),
    "report.compared": (
        "Kết quả được so với quan trắc; xem điểm số, số mẫu và khoảng tin cậy bên dưới.",
        "The result is compared with observations; scores, sample sizes and intervals stand below.",
    ),
    "report.fitted": (
        (
            "Một phần so sánh dùng chính số liệu đã dùng để hiệu chỉnh: nó không nói gì về sự kiện "
            "khác."
        ),
        (
            "Part of the comparison uses the data that the run was fitted to: it says nothing "
            "about other events."
        ),
    ),
    "report.few": (
        "{service}: chỉ {n} cuộc gọi đến được; tỷ lệ và phân vị từ mẫu nhỏ như vậy rất bất định.",
        (
            "{service}: only {n} calls were reached; shares and quantiles of so few are very "
            "uncertain."
        ),
    ),
    "report.ensemble_other": (
        (
            "Các phương án gồm {count} thành viên đã xong; phân bố của chúng chỉ chứa những gì "
            "được cho thay đổi: {factors}."
        ),
        (
            "The what-ifs have {count} finished members; their spread holds only what was varied: "
            "{factors}."
        ),
    ),
    # Warning messages
    "cap.event": ("Ngập lụt đô thị", "Urban flood"),
    "cap.headline": (
        "{status}Ngập từ {depth} m tại {city}",
        "{status}Flooding of {depth} m or more in {city}",
    ),
    "cap.Exercise": ("DIỄN TẬP – ", "EXERCISE – "),
    "cap.Test": ("THỬ NGHIỆM – ", "TEST – "),
    "cap.description": (
        (
            "Mô phỏng {run} cho thấy nước sâu từ {depth} m trên {area} ha, sâu nhất {deepest} m, "
            "từ {onset} đến {expires}. Đường bị ảnh hưởng: {streets}."
        ),
        (
            "The simulation {run} shows water of {depth} m or more on {area} ha, at most {deepest} "
            "m deep, from {onset} to {expires}. Streets: {streets}."
        ),
    ),
    "cap.still": (
        "Lúc mô phỏng kết thúc nước vẫn chưa rút hết.",
        "When the simulation ends the water has not gone everywhere.",
    ),
    "cap.assumed": (
        "Dựa trên dữ liệu GIẢ ĐỊNH: {layers}.",
        "It rests on ASSUMED data: {layers}.",
    ),
    "cap.no_streets": ("không có đường có tên", "none with a name"),
    "cap.more": ("và {count} đường khác", "and {count} more"),
    "cap.instruction": (
        "Không đi vào đường ngập. Tránh xa cống, kênh và điện. Theo chỉ dẫn của chính quyền.",
        (
            "Do not walk or drive into flooded streets. Keep away from drains, canals and "
            "electricity. Follow the authorities."
        ),
    ),
    "cap.area": (
        "{city}, vùng {number}, từ {onset}: {streets}",
        "{city}, area {number}, from {onset}: {streets}",
    ),
    "cap.note": (
        "Bản tin diễn tập từ mô phỏng, không phải cảnh báo thật.",
        "An exercise made from a simulation; not a real warning.",
    ),
    "cap.test_note": (
        "Bản tin thử kỹ thuật từ mô phỏng; xin bỏ qua.",
        "A technical test made from a simulation; disregard.",
    ),
}
