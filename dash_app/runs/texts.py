"""What the page of runs says."""

from dash_app.texts import Texts

__all__ = ["say"]

say = Texts(
    {
        "title": ("Các lượt chạy", "Runs"),
        "storage": ("{count} lượt chạy, {size}", "{count} runs, {size}"),
        "find": ("Tìm theo tên, thành phố, thẻ", "Find by title, city or tag"),
        "view.current": ("Hiện dùng", "Current"),
        "view.archived": ("Lưu trữ", "Archived"),
        "view.deleted": ("Vừa xoá", "Deleted"),
        "column.title": ("Tên", "Title"),
        "column.city": ("Thành phố", "City"),
        "column.created": ("Lúc chạy", "Made"),
        "column.state": ("Trạng thái", "State"),
        "column.duration": ("Mô phỏng", "Simulated"),
        "column.flooded": ("Ngập, km²", "Flooded, km²"),
        "column.unserved": ("Chưa cứu", "Not served"),
        "column.size": ("Cỡ", "Size"),
        "column.tags": ("Thẻ", "Tags"),
        "state.finished": ("Xong", "Finished"),
        "state.running": ("Đang chạy", "Running"),
        "state.interrupted": ("Dở dang", "Interrupted"),
        "state.failed": ("Lỗi", "Failed"),
        "grid.page": ("Trang", "Page"),
        "grid.to": ("đến", "to"),
        "grid.of": ("trong", "of"),
        "none": ("Không có lượt chạy nào ở đây", "No runs here"),
        "open": ("Mở", "Open"),
        "compare": ("So sánh", "Compare"),
        "compare_hint": ("Chọn hai lượt chạy để so sánh", "Choose two runs to compare them"),
        "edit": ("Đặt tên, gắn thẻ", "Name and tag"),
        "archive": ("Lưu trữ", "Archive"),
        "unarchive": ("Đưa lại", "Bring back"),
        "delete": ("Xoá", "Delete"),
        "restore": ("Khôi phục", "Restore"),
        "resume": ("Tính tiếp", "Go on"),
        "resumed": ("Đang tính tiếp; xem ở trang chủ.", "It goes on; see the start page."),
        "undo": ("Hoàn tác", "Undo"),
        "deleted": ("Đã xoá {count} lượt chạy", "{count} runs deleted"),
        "deleted_one": ("Đã xoá “{title}”", "“{title}” deleted"),
        "undo_until": (
            "Có thể khôi phục trong {minutes} phút, ở mục “Vừa xoá”.",
            "They can be brought back for {minutes} minutes, under “Deleted”.",
        ),
        "restored": ("Đã khôi phục", "Brought back"),
        "chosen": ("Đã chọn {count}", "{count} chosen"),
        "name": ("Tên", "Title"),
        "tags": ("Thẻ", "Tags"),
        "tags_hint": ("Gõ một thẻ rồi Enter", "Type a tag, then Enter"),
        "save": ("Lưu", "Save"),
        "cancel": ("Thôi", "Cancel"),
        "error": ("Không làm được", "That did not work"),
        "dry": ("không ngập", "no flood"),
    }
)
