"""The texts of evaluations: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["EVALUATION_TEXTS"]

EVALUATION_TEXTS: dict[str, tuple[str, str]] = {
    "evaluate.title": ("Đối chiếu {name} với quan trắc", "{name} against what was observed"),
    "evaluate.subtitle": ("Lượt chạy {run}, từ {start}", "Run {run}, from {start}"),
    "evaluate.part.levels": ("Mực nước: {name}", "Water levels: {name}"),
    "evaluate.part.extents": ("Phạm vi ngập: {name}", "Flood extent: {name}"),
    "evaluate.part.street_reports": ("Báo cáo ngập đường: {name}", "Street reports: {name}"),
    "evaluate.part.responses": ("Thời gian ứng cứu: {name}", "Response times: {name}"),
    "evaluate.fitted": (
        "ĐÃ HIỆU CHỈNH theo chính sự kiện này: sai số không nói lên khả năng dự báo.",
        "FITTED to this very event: the errors say nothing about forecasts.",
    ),
    "evaluate.fitted_word": ("đã hiệu chỉnh", "fitted"),
    "evaluate.subject": ("Đối tượng", "Of"),
    "evaluate.score": ("Chỉ số", "Score"),
    "evaluate.value": ("Giá trị", "Value"),
    "evaluate.interval": ("Khoảng 95 %", "95 % interval"),
    "evaluate.n": ("n", "n"),
    "evaluate.all": ("tất cả", "all"),
    "evaluate.none": ("mẫu quá nhỏ", "sample too small"),
    "evaluate.kge_datum": (
        "KGE của mực nước phụ thuộc mốc cao độ; hãy đọc cùng RMSE và sai lệch.",
        "The KGE of levels hangs on the datum; read it beside RMSE and bias.",
    ),
    "evaluate.prescribed": (
        (
            "Mực nước tại {names} được cho trước trong lượt chạy (triều): khớp ở đó không chứng tỏ "
            "điều gì."
        ),
        ("The level at {names} was given to the run (tide): to meet it there shows nothing."),
    ),
    "evaluate.stations_missing": (
        "Không tìm thấy trong lượt chạy: {names}.",
        "Not found in the run: {names}.",
    ),
    "evaluate.datum": (
        (
            "Mốc cao độ của trạm ({given}) khác mốc của thành phố ({city}) và không có hiệu chỉnh: "
            "sai lệch có thể chỉ do mốc."
        ),
        (
            "The datum of the gauges ({given}) is not that of the city ({city}), and no offset is "
            "given: the bias may be that of the datums."
        ),
    ),
    "evaluate.extent": (
        (
            "Trên {cells} ô đất trong ranh giới, khô lúc đầu; ngập từ {depth} m. Khoảng tin cậy "
            "lấy mẫu lại theo ô vuông 500 m; n là số ô vuông."
        ),
        (
            "Over {cells} cells of land inside the boundary, dry at the start; flooded from "
            "{depth} m. Intervals draw squares of 500 m again; n is the number of squares."
        ),
    ),
    "evaluate.reports": (
        (
            "So với các ô đường trong {tolerance} m (hoặc nửa chiều dài đoạn ngập); ướt từ {depth} "
            "m. Độ sâu là của ô đường sâu nhất ở gần."
        ),
        (
            "Against the street cells within {tolerance} m (or half the flooded length); wet from "
            "{depth} m. The depth is that of the deepest street cell near."
        ),
    ),
    "evaluate.only_wet": (
        (
            "Chỉ có báo cáo ngập: không thể thấy báo động sai. Hãy so tỷ lệ trúng với tỷ lệ ngẫu "
            "nhiên, là phần đường của thành phố cũng sẽ tính là ướt."
        ),
        (
            "All reports are of water: false alarms cannot show. Compare the hit rate with chance, "
            "the share of all streets that would have counted as wet in the same way."
        ),
    ),
    "evaluate.reports_outside": (
        "{count} báo cáo ngoài thời đoạn của lượt chạy.",
        "{count} reports lie outside the time of the run.",
    ),
    "evaluate.reports_elsewhere": (
        "{count} báo cáo có vị trí mà thành phố không biết.",
        "{count} reports have a place that the city does not know.",
    ),
    "evaluate.few": (
        "Chỉ {count} báo cáo: không đủ để kết luận.",
        "Only {count} reports: too few to conclude from.",
    ),
    "evaluate.not_reached": (
        (
            "Không tính vào phân bố: {logged} cuộc gọi trong nhật ký và {simulated} trong mô phỏng "
            "không có xe đến."
        ),
        (
            "Left out of the distributions: {logged} calls of the log and {simulated} of the run "
            "that nobody reached."
        ),
    ),
    "evaluate.paired": (
        "So theo từng cặp: {count} cuộc gọi có trong cả hai.",
        "Compared in pairs: {count} calls are in both.",
    ),
    "evaluate.unpaired": (
        "Không có cuộc gọi chung: so hai mẫu độc lập.",
        "No call is in both: two independent samples are compared.",
    ),
    "evaluate.known": (
        (
            "Thời gian báo động, xuất phát và làm việc lấy từ nhật ký: chỉ thời gian chạy xe là mô "
            "phỏng."
        ),
        "Alert, turnout and work are those of the log: only the drive is simulated.",
    ),
    "evaluate.written": ("Đã ghi {path}", "Wrote {path}"),
    "evaluate.map": ("Độ sâu lớn nhất và báo cáo", "Greatest depth, and the reports"),
    "evaluate.curves": ("Độ sâu tại nơi có báo cáo", "Depth where water was reported"),
    "evaluate.levels_title": ("Mực nước", "Water level"),
    "evaluate.quantiles": ("Phân vị thời gian ứng cứu", "Quantiles of the response time"),
    "evaluate.hit": ("báo ngập, mô phỏng ướt", "reported wet, simulated wet"),
    "evaluate.miss": ("báo ngập, mô phỏng khô", "reported wet, simulated dry"),
    "evaluate.dry_ok": ("báo khô, mô phỏng khô", "reported dry, simulated dry"),
    "evaluate.false": ("báo khô, mô phỏng ướt", "reported dry, simulated wet"),
    "evaluate.marks": ("Báo cáo", "Reports"),
    "evaluate.depth_axis": ("Độ sâu, m", "Depth, m"),
    "evaluate.level_axis": ("Mực nước, m", "Level, m"),
    "evaluate.deepest": ("ô đường sâu nhất ở gần", "deepest street cell near"),
    "evaluate.nearest": ("ô đường gần nhất", "nearest street cell"),
    "evaluate.stated": ("độ sâu được báo", "stated depth"),
    "evaluate.observed": ("quan trắc", "observed"),
    "evaluate.simulated": ("mô phỏng", "simulated"),
    "evaluate.logged_axis": ("Nhật ký, phút", "Log, min"),
    "evaluate.run_axis": ("Mô phỏng, phút", "Run, min"),
    "evaluate.equal": ("bằng nhau", "equal"),
    "evaluate.place": ("Nơi", "Place"),
    "evaluate.stated_depth": ("Độ sâu được báo, m", "Stated depth, m"),
    "evaluate.simulated_depth": ("Độ sâu mô phỏng, m", "Simulated depth, m"),
    "evaluate.beyond": ("Ngoài khoảng, m", "Outside the range, m"),
    "evaluate.chance": ("Ngẫu nhiên", "Chance"),
    "evaluate.from": ("Ướt từ, đến", "Wet from, until"),
    "evaluate.said_from": ("Báo từ", "Said from"),
    "evaluate.source": ("Nguồn", "Source"),
    "evaluate.wet": ("ướt", "wet"),
    "evaluate.dry": ("khô", "dry"),
    "evaluate.data": ("Dữ liệu quan trắc", "The observations"),
    "evaluate.basis": ("Dữ liệu giả định của thành phố", "What of the city is assumed"),
    "leg.response": ("ứng cứu", "response"),
    "leg.travel": ("chạy xe", "drive"),
    "score.nse": ("NSE (Nash & Sutcliffe 1970)", "NSE (Nash & Sutcliffe 1970)"),
    "score.kge_2009": ("KGE 2009", "KGE 2009"),
    "score.kge_2012": ("KGE 2012", "KGE 2012"),
    "score.rmse": ("RMSE", "RMSE"),
    "score.bias": ("Sai lệch", "Bias"),
    "score.peak_error": ("Sai số đỉnh", "Error of the peak"),
    "score.peak_time_error": (
        "Sai số giờ đỉnh (dương: mô phỏng muộn)",
        "Error of the time of the peak (positive: run is late)",
    ),
    "score.hit_rate": ("Tỷ lệ trúng", "Hit rate"),
    "score.false_alarm_ratio": ("Tỷ lệ báo động sai", "False-alarm ratio"),
    "score.critical_success_index": ("CSI", "Critical success index"),
    "score.report_hit_rate": ("Báo cáo ngập được mô phỏng ướt", "Reports of water simulated wet"),
    "score.report_chance": (
        "Tỷ lệ ngẫu nhiên: đường tính là ướt như vậy",
        "By chance: streets that count as wet in that way",
    ),
    "score.report_dry_rate": ("Báo cáo khô được mô phỏng khô", "Reports of dry simulated dry"),
    "score.depth_within": ("Độ sâu trong khoảng được báo", "Depth within the stated range"),
    "score.depth_beyond": ("Trung bình ngoài khoảng", "Mean distance outside the range"),
    "score.depth_bias": (
        "Sai lệch ngoài khoảng (âm: mô phỏng nông hơn)",
        "Bias outside the range (negative: run is shallower)",
    ),
    "score.wasserstein": ("Khoảng cách Wasserstein", "Wasserstein distance"),
    "score.ks": ("Kolmogorov-Smirnov", "Kolmogorov-Smirnov"),
    "score.ks_p": ("p của Kolmogorov-Smirnov", "p of Kolmogorov-Smirnov"),
    "score.mean_bias": (
        "Sai lệch trung bình (dương: mô phỏng chậm hơn)",
        "Bias of the mean (positive: run is slower)",
    ),
}
