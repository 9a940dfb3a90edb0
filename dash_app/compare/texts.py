"""What the comparison says, in Vietnamese and English."""

from __future__ import annotations

from dash_app.texts import Texts

__all__ = ["BROWSER_KEYS", "say"]

_BROWSER: dict[str, tuple[str, str]] = {
    "view_swipe": ("Gạt", "Swipe"),
    "view_side": ("Cạnh nhau", "Side by side"),
    "view_difference": ("Chênh lệch", "Difference"),
    "drag": ("Kéo để gạt giữa A và B", "Drag to swipe between A and B"),
    "other_grid": (
        "Hai lượt chạy có lưới khác nhau: chỉ xem được cạnh nhau.",
        "The two runs have different grids: they can only be seen side by side.",
    ),
}
BROWSER_KEYS = tuple(_BROWSER)

say = Texts(
    {
        **_BROWSER,
        "title": ("So sánh", "Compare"),
        "first": ("A", "A"),
        "second": ("B", "B"),
        "choose": ("Chọn hai lượt chạy", "Choose two runs"),
        "choose_why": (
            "Chọn A (trước) và B (sau): bản đồ và chỉ số cho thấy điều gì thay đổi.",
            "Choose A (before) and B (after): map and figures show what changes.",
        ),
        "swap": ("Đổi A và B", "Swap A and B"),
        "open": ("Xem", "Open"),
        "view": ("Cách xem", "View"),
        "figures": ("Chỉ số", "Figures"),
        "figure": ("Chỉ số", "Figure"),
        "change": ("B \N{MINUS SIGN} A", "B \N{MINUS SIGN} A"),
        "tab_figures": ("Chỉ số", "Figures"),
        "tab_response": ("Phản hồi", "Response"),
        "tab_causes": ("Khác từ đâu", "What differs first"),
        "response": (
            "Tỷ lệ cuộc gọi có xe tới trong thời gian (phút)",
            "Share of all calls reached within (minutes)",
        ),
        "response_note": (
            "Tính trên mọi cuộc gọi: đường dừng dưới 100 % là phần không ai tới.",
            "Of all calls: a line that ends below 100 % has calls that were never reached.",
        ),
        "median": ("trung vị", "median"),
        "pairs": ("Cuộc gọi thay đổi nhiều nhất", "Calls that change most"),
        "call": ("Cuộc gọi", "Call"),
        "not_reached": ("không tới", "not reached"),
        "no_calls": ("Không có cuộc gọi để so sánh.", "There are no calls to compare."),
        "first_at": ("Khác nhau đầu tiên", "What differs first"),
        "cause_water": (
            "Mặt đất ngập khác nhau: {a} ha ở A, {b} ha ở B",
            "Flooded ground differs: {a} ha in A, {b} ha in B",
        ),
        "cause_roads": (
            "Đường không đi được với {vehicle} khác nhau: {a} km ở A, {b} km ở B",
            "Roads not passable for {vehicle} differ: {a} km in A, {b} km in B",
        ),
        "cause_event": ("Sự kiện khác nhau. A: {a} B: {b}", "The logs part. A: {a} B: {b}"),
        "cause_order": (
            "Lệnh khác nhau. A: {a} B: {b}",
            "The orders differ. A: {a} B: {b}",
        ),
        "nothing": ("không có gì", "nothing"),
        "no_difference": (
            "Không thấy khác biệt về nước, đường hoặc sự kiện.",
            "Water, roads and events show no difference.",
        ),
        "causes_note": (
            "Theo thứ tự thời gian: điều khác trước có thể là nguyên nhân của điều khác sau.",
            "In order of time: what differs earlier may be the cause of what differs later.",
        ),
        "notes": ("Lưu ý khi so sánh", "Mind when comparing"),
        "worse": ("xấu hơn", "worse"),
        "better": ("tốt hơn", "better"),
        "gone": ("Không mở được", "Cannot be opened"),
    }
)
