"""What the start page says."""

from dash_app.texts import Texts

__all__ = ["say"]

say = Texts(
    {
        "headline": (
            "Nước dâng tới đâu, cứu hộ tới kịp không?",
            "Where does the water go, and does help arrive?",
        ),
        "lead": (
            (
                "Chạy thử một trận ngập trên thành phố của bạn, xem nước và lực lượng ứng cứu từng "
                "phút một, rồi thay đổi và so sánh."
            ),
            (
                "Run a flood on your city, watch water and help minute by minute, then change "
                "something and compare."
            ),
        ),
        "watch": ("Xem một trận ngập", "Watch a flood"),
        "watch_run": (
            "Mở lượt chạy gần nhất: {title}",
            "Opens the newest run: {title}",
        ),
        "watch_job": (
            "Tính trận mưa lớn lúc triều cường trên quận mẫu, chừng một phút, rồi mở ra xem",
            (
                "Computes a cloudburst at high tide on the bundled district, about a minute, then "
                "opens it"
            ),
        ),
        "starting": ("Đang tính; xong sẽ tự mở.", "Computing; it opens by itself when done."),
        "door.editor": ("Nếu như…", "What if…"),
        "door.editor_text": (
            "Đóng cầu, nâng triều, đổi mưa, dời đội cứu thương, rồi chạy lại.",
            "Close a bridge, raise the tide, change the rain, move an ambulance, and run it.",
        ),
        "door.viewer": ("Xem lại", "Replay"),
        "door.viewer_text": (
            "Xem một lượt chạy theo thời gian: nước, đường, xe, cuộc gọi.",
            "Watch a run over time: water, roads, vehicles, calls.",
        ),
        "door.compare": ("So sánh", "Compare"),
        "door.compare_text": (
            "Đặt hai lượt chạy cạnh nhau: khác ở đâu, vì sao, ai bị ảnh hưởng.",
            "Put two runs side by side: what differs, why, and for whom.",
        ),
        "door.runs": ("Các lượt chạy", "Runs"),
        "door.runs_text": (
            "Tìm, đặt tên, gắn thẻ, lưu trữ mọi lượt chạy.",
            "Find, name, tag and archive every run.",
        ),
        "jobs": ("Đang tính", "Computing"),
        "state.waiting": ("Đang chờ tới lượt", "Waiting for its turn"),
        "state.preparing": ("Đang chuẩn bị", "Preparing"),
        "state.computing": ("Đang tính", "Computing"),
        "state.failed": ("Không tính được", "Failed"),
        "state.cancelled": ("Đã dừng", "Stopped"),
        "state.interrupted": ("Bị ngắt", "Interrupted"),
        "remaining": ("còn khoảng {time}", "about {time} left"),
        "wet": ("{cells} ô ngập", "{cells} wet cells"),
        "cancel": ("Dừng", "Stop"),
        "resume": ("Tính tiếp", "Go on"),
        "again": ("Chạy lại", "Run again"),
        "dismiss": ("Bỏ qua", "Dismiss"),
        "recent": ("Gần đây", "Recent runs"),
        "all_runs": ("Tất cả", "All runs"),
        "no_runs": (
            "Chưa có lượt chạy nào. Hãy bấm “Xem một trận ngập” ở trên.",
            "No runs yet. Press “Watch a flood” above.",
        ),
        "flooded": ("ngập quá 0,1 m", "over 0.1 m of water"),
        "unserved": ("chưa được cứu", "not served"),
        "served": ("đã được cứu", "served"),
        "dry": ("Không có ngập", "No flood"),
        "cities": ("Thành phố", "Cities"),
        "no_cities": (
            "Chưa có thành phố nào. Quận mẫu sẽ được dựng khi chạy lần đầu.",
            "No city yet. The bundled district is made when it is first used.",
        ),
        "cells": ("ô {size} m", "{size} m cells"),
        "assumed": ("nền đất giả định", "assumed ground"),
        "use_city": ("Soạn kịch bản cho thành phố này", "Write a scenario for this city"),
        "error": ("Không làm được", "That did not work"),
    }
)
