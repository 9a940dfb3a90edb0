"""The texts on residents: key, Vietnamese, English."""

__all__ = ["RESIDENT_TEXTS"]

RESIDENT_TEXTS: dict[str, tuple[str, str]] = {
    "plot.residents": ("Người dân theo thời gian", "Residents over time"),
    "plot.residents_where": ("Người dân, không ở nhà", "People, not at home"),
    "plot.residents_exposed": ("Người ở nơi ngập", "People where there is water"),
    "plot.residents_cut_off": (
        "Người bị cắt đường đến bệnh viện",
        "People cut off from any hospital",
    ),
    "plot.residents_calls": ("Người đang chờ cứu", "People who wait for help"),
    "resident.at_home": ("ở nhà", "at home"),
    "resident.upstairs": ("trên tầng", "upstairs"),
    "resident.on_the_way": ("trên đường", "on the way"),
    "resident.safe": ("đến nơi an toàn", "in a shelter"),
    "resident.stranded": ("mắc kẹt trên đường", "stranded on the way"),
    "resident.trapped": ("mắc kẹt trong nhà", "trapped at home"),
    "resident.rescued": ("được cứu", "brought to safety"),
    "show.residents": ("Người dân", "Residents"),
    "show.residents_people": ("Số người (số hộ)", "People (households)"),
    "show.residents_people_value": ("{people} ({households})", "{people} ({households})"),
    "show.residents_warned": ("Nghe và tin cảnh báo", "Heard a warning and believed it"),
    "show.residents_ever": ("Từng {status}", "Ever {status}"),
    "show.residents_worst": ("Nơi ngập đến cấp {name}", "In water of class {name} at worst"),
    "show.residents_peak_cut_off": (
        "Bị cắt đường đến bệnh viện, lúc cao nhất",
        "Cut off from any hospital, at most",
    ),
    "show.residents_calls": ("Cuộc gọi cứu hộ", "Calls for help"),
    "show.residents_vehicles_lost": ("Xe máy hỏng hoặc bỏ lại", "Motorbikes lost or left"),
}
