"""What the frame around every page says."""

from dash_app.texts import Texts

__all__ = ["say"]

say = Texts(
    {
        "name": ("Bản sao số đô thị", "City twin"),
        "navigation": ("Các trang", "Pages"),
        "skip": ("Tới nội dung", "Skip to content"),
        "theme": ("Giao diện sáng hoặc tối", "Light or dark theme"),
        "language": ("Ngôn ngữ", "Language"),
        "vi": ("Tiếng Việt", "Vietnamese"),
        "en": ("Tiếng Anh", "English"),
        "keys": ("Phím tắt", "Keyboard"),
        "keys_hint": ("Phím tắt (?)", "Keyboard shortcuts (?)"),
        "user": ("Người dùng", "User"),
        "role.viewer": ("Người xem", "Viewer"),
        "role.planner": ("Người lập quy hoạch", "Planner"),
        "role.admin": ("Quản trị", "Administrator"),
        "sign_out": ("Đăng xuất", "Sign out"),
        "local": ("Máy này", "This machine"),
        "no_page": ("Không có trang này", "There is no such page"),
        "no_page_why": (
            "Địa chỉ này không dẫn tới đâu. Có thể một lượt chạy đã bị xoá.",
            "This address leads nowhere. Perhaps a run was deleted.",
        ),
        "not_allowed": ("Bạn không có quyền xem trang này", "Your role may not see this page"),
        "home": ("Về trang chủ", "Back to the start"),
        "fault": ("Có lỗi của chương trình", "Something went wrong on our side"),
        "fault_why": (
            "Trang này không hiển thị được. Hãy tải lại; nếu vẫn lỗi, hãy báo cho người quản trị.",
            "This page could not be shown. Load it again; if it fails again, tell whoever runs it.",
        ),
        "offline": (
            "Mất kết nối với máy chủ. Đang thử lại…",
            "The server does not answer. Trying again…",
        ),
        "not_built": (
            "Phần bản đồ trên trình duyệt chưa được dựng",
            "The map for the browser has not been built",
        ),
        "not_built_why": (
            "Chạy `make setup` (hoặc `python tools/build_web.py`), rồi khởi động lại máy chủ.",
            "Run `make setup` (or `python tools/build_web.py`), then start the server again.",
        ),
        "risk": ("Mức rủi ro", "Risk"),
        "risk_none": ("chưa có", "none yet"),
        "key.help": ("Hiện hoặc ẩn bảng này", "Show or hide this list"),
        "key.home": ("Trang chủ", "Start page"),
        "key.runs": ("Các lượt chạy", "Runs"),
        "key.language": ("Đổi ngôn ngữ", "Change the language"),
        "key.theme": ("Đổi sáng, tối", "Change light and dark"),
        "key.play": ("Chạy hoặc dừng (khi xem)", "Play or pause (in the viewer)"),
        "key.step": ("Lùi, tiến một bước (khi xem)", "One step back, forward (in the viewer)"),
        "key.layers": ("Các lớp 1 đến 6 (khi xem)", "Layers 1 to 6 (in the viewer)"),
        "key.undo": ("Hoàn tác (khi soạn)", "Undo (in the editor)"),
    }
)
