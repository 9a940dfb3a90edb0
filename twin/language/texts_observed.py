"""The texts about observed data: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["OBSERVED_TEXTS"]

OBSERVED_TEXTS: dict[str, tuple[str, str]] = {
    "observed.title": ("Dữ liệu quan trắc {name}: {kind}", "Observed data {name}: {kind}"),
    "observed.kind.responses": ("nhật ký sự cố và điều xe", "incident and dispatch log"),
    "observed.kind.closures": ("nhật ký cấm đường, cầu", "closures of roads and bridges"),
    "observed.kind.levels": ("mực nước", "water levels"),
    "observed.kind.rain": ("mưa", "rain"),
    "observed.kind.street_reports": ("báo cáo ngập đường", "street flood reports"),
    "observed.kind.extents": ("phạm vi ngập", "flood extents"),
    "observed.table.calls": ("Cuộc gọi", "Calls"),
    "observed.table.trips": ("Chuyến xe", "Trips"),
    "observed.table.responses": ("Chuyến xe", "Trips"),
    "observed.table.closures": ("Đoạn cấm", "Closures"),
    "observed.table.levels": ("Mực nước", "Levels"),
    "observed.table.rain": ("Mưa", "Rain"),
    "observed.table.street_reports": ("Báo cáo", "Reports"),
    "observed.rows": (
        "{table}: đọc {read} dòng, dùng {used}",
        "{table}: {read} rows read, {used} used",
    ),
    "observed.period": ("Từ {first} đến {last}", "From {first} to {last}"),
    "observed.nothing": ("Không có gì bất thường.", "Nothing odd was found."),
    "observed.found": ("Phát hiện", "Found"),
    "observed.concerns": ("Cột", "Column"),
    "observed.count": ("Số lần", "Count"),
    "observed.used": ("Vẫn dùng", "Used"),
    "observed.first_rows": ("Các dòng đầu", "First rows"),
    "observed.example": ("Ví dụ", "Example"),
    "observed.yes": ("có", "yes"),
    "observed.no": ("không", "no"),
    "observed.places": (
        "Thành phố {city}: {found} trên {all} địa điểm tìm thấy",
        "City {city}: {found} of {all} places found",
    ),
    "observed.ragged_row": (
        "số ô khác với dòng tiêu đề",
        "another number of cells than the header",
    ),
    "observed.unreadable_time": ("không đọc được thời gian", "time cannot be read"),
    "observed.time_twice": (
        "giờ lặp lại khi đổi giờ mùa; lấy lần đầu",
        "hour that comes twice when clocks change; taken as the first",
    ),
    "observed.time_skipped": (
        "giờ không tồn tại khi đổi giờ mùa",
        "hour that does not exist when clocks change",
    ),
    "observed.open_time": (
        "thời gian chỉ là giới hạn (>, <); lấy đúng giờ ghi",
        "time is only a bound (>, <); taken as written",
    ),
    "observed.no_number": ("không phải là số", "not a number"),
    "observed.missing": ("thiếu giá trị", "value is missing"),
    "observed.double_call": ("cuộc gọi trùng; giữ dòng đầu", "call twice; the first row is kept"),
    "observed.double_trip": ("chuyến xe trùng; giữ dòng đầu", "trip twice; the first row is kept"),
    "observed.double_row": ("dòng trùng; giữ dòng đầu", "row twice; the first is kept"),
    "observed.two_values": (
        "hai giá trị khác nhau cùng lúc; bỏ cả hai",
        "two values at one time; neither is used",
    ),
    "observed.no_coordinates": ("tọa độ không thể có", "coordinates that cannot be"),
    "observed.no_place": ("không có vị trí", "no place"),
    "observed.unknown_priority": (
        "mức ưu tiên không có trong bảng `priorities`",
        "priority that is not in the table `priorities`",
    ),
    "observed.unknown_kind": (
        "loại sự cố không có trong bảng `kinds`",
        "kind of incident that is not in the table `kinds`",
    ),
    "observed.unknown_service": (
        "lực lượng không có trong bảng `services`",
        "service that is not in the table `services`",
    ),
    "observed.impossible_order": ("thứ tự thời gian không thể có", "impossible order of times"),
    "observed.long_leg": ("chặng dài bất thường", "unusually long leg"),
    "observed.two_places": (
        "xe được điều khi chuyến trước chưa xong",
        "unit sent before its last trip was over",
    ),
    "observed.no_call": ("chuyến xe không có cuộc gọi", "trip without a call"),
    "observed.nobody_sent": ("cuộc gọi không điều xe", "call to which nobody was sent"),
    "observed.not_in_order": ("không theo thứ tự thời gian", "not in order of time"),
    "observed.beyond_limits": ("ngoài giới hạn có thể", "beyond the limits"),
    "observed.gap": ("khoảng trống", "gap"),
    "observed.jump": ("nhảy đột ngột", "jump"),
    "observed.flat": ("giá trị đứng yên (cảm biến kẹt?)", "value never changes (stuck sensor?)"),
    "observed.counter_reset": (
        "bộ đếm về 0; lượng mưa khi đó không biết",
        "counter was emptied; what fell meanwhile is not known",
    ),
    "observed.no_end": ("không có lúc kết thúc", "no end"),
    "observed.unknown_words": (
        "từ ngữ không có trong bảng độ sâu",
        "words that are not in the table of depths",
    ),
    "observed.depth_of_words": ("độ sâu suy từ lời tả", "depth taken from words"),
    "observed.impossible_depth": (
        "độ sâu không thể có; bỏ độ sâu",
        "impossible depth; the depth is left out",
    ),
    "observed.no_depth": ("không có độ sâu", "no depth"),
    "observed.unknown_state": ("không rõ ướt hay khô", "neither wet nor dry"),
    "observed.outside_period": ("ngoài thời đoạn", "outside the period"),
    "observed.more_pages": (
        "máy chủ còn trang tiếp theo chưa lưu",
        "the service has further pages that are not in this file",
    ),
    "observed.not_in_city": ("thành phố không có nơi này", "the city has no such place"),
}
