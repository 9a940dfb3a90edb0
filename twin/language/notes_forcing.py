"""The notes on rain, losses and buildings of a run: kind, Vietnamese, English."""

from __future__ import annotations

__all__ = ["FORCING_NOTES"]

FORCING_NOTES: dict[str, tuple[str, str]] = {
    "note.channels_burnt": (
        (
            "{km} km kênh rạch HẸP HƠN NỬA Ô LƯỚI ({cell} m) được tính rộng bằng cả ô, nên dẫn và "
            "trữ nước QUÁ NHIỀU: hãy viết flood.channels: subgrid."
        ),
        (
            "{km} km of canal are NARROWER THAN HALF A CELL ({cell} m) and computed as wide as "
            "one, so that they carry and hold TOO MUCH: write flood.channels: subgrid."
        ),
    ),
    "note.channels_made": (
        (
            "{km} km kênh rạch hẹp hơn ô lưới được tính với bề rộng riêng của chúng; bề rộng của "
            "{assumed} km là giả định theo loại. Bản đồ cho độ sâu trên mặt đất, không phải trong "
            "kênh."
        ),
        (
            "{km} km of canal narrower than a cell are computed with their own width; that of "
            "{assumed} km is assumed by kind. Maps show the depth on the ground, not in the canal."
        ),
    ),
    "note.channels_none": (
        (
            "Không có kênh rạch nào hẹp hơn ô lưới với đáy đã biết: flood.channels: subgrid không "
            "thay đổi gì."
        ),
        (
            "There is no canal narrower than a cell with a known bed: flood.channels: subgrid "
            "changes nothing."
        ),
    ),
    "note.channels_left": (
        (
            "{count} ô trên kênh hẹp KHÔNG CÓ CAO ĐỘ ĐÁY nên bị bỏ ra; ở {shallow} ô đáy nằm trên "
            "bờ nên được hạ xuống dưới bờ 0,1 m."
        ),
        (
            "{count} cells on narrow canals HAVE NO KNOWN BED and were left out; in {shallow} the "
            "bed lies above the bank and was put 0.1 m below it."
        ),
    ),
    "note.rain_ends_early": (
        (
            "SỐ LIỆU MƯA KẾT THÚC SỚM, lúc {at} giờ sau khi bắt đầu: {hours} giờ cuối ({windows} "
            "bước trao đổi) được tính KHÔNG CÓ MƯA."
        ),
        (
            "THE DATA OF RAIN END EARLY, {at} h after the start: the last {hours} h ({windows} "
            "exchange windows) are computed WITHOUT RAIN."
        ),
    ),
    "note.rain_starts_late": (
        (
            "SỐ LIỆU MƯA BẮT ĐẦU MUỘN, lúc {at} giờ sau khi bắt đầu: {hours} giờ đầu ({windows} "
            "bước trao đổi) được tính KHÔNG CÓ MƯA."
        ),
        (
            "THE DATA OF RAIN BEGIN LATE, {at} h after the start: the first {hours} h ({windows} "
            "exchange windows) are computed WITHOUT RAIN."
        ),
    ),
    "note.entries_outside": (
        "{count} giá trị của {place} nằm ngoài thời gian mô phỏng và không được dùng.",
        "{count} entries of {place} lie outside the period and are not used.",
    ),
    "note.rain_gauges_unused": (
        "{count} trạm mưa không gần ô nào nhất nên số liệu không được dùng: {names}.",
        "{count} rain gauges are nearest to no cell, so that their data are not used: {names}.",
    ),
    "note.rain_gauges_outside": (
        "{count} trạm mưa nằm ngoài lưới tính: {names}.",
        "{count} rain gauges stand outside the grid: {names}.",
    ),
    "note.rain_steps_outside": (
        "{count} bước thời gian của lưới mưa nằm ngoài thời gian mô phỏng và không được dùng.",
        "{count} time steps of the gridded rain lie outside the period and are not used.",
    ),
    "note.rain_values_without": (
        "LƯỚI MƯA THIẾU SỐ LIỆU ở {count} bước thời gian: chỗ thiếu được tính KHÔNG CÓ MƯA.",
        (
            "THE GRIDDED RAIN HAS GAPS in {count} time steps: what is missing is computed WITHOUT "
            "RAIN."
        ),
    ),
    "note.rain_cells_without": (
        "LƯỚI MƯA KHÔNG PHỦ {count} trên {total} ô: các ô đó được tính KHÔNG CÓ MƯA.",
        (
            "THE GRIDDED RAIN DOES NOT COVER {count} of {total} cells: they are computed WITHOUT "
            "RAIN."
        ),
    ),
    "note.kept_dry": (
        (
            "Kịch bản giữ thành phố khô (flood: none): {count} phần về nước không được dùng "
            "({names})."
        ),
        (
            "The scenario keeps the city dry (flood: none): {count} parts on water are not used "
            "({names})."
        ),
    ),
    "note.land_use_absent": (
        "{count} loại sử dụng đất trong kịch bản không có ô nào: {codes}.",
        "{count} kinds of land use in the scenario stand on no cell: {codes}.",
    ),
    "note.land_use_others_soil": (
        "{count} trên {total} ô đất không thuộc lớp sử dụng đất nào và lấy losses.soil.",
        "{count} of {total} land cells belong to no class of land use and take losses.soil.",
    ),
    "note.land_use_others_none": (
        "{count} trên {total} ô đất không thuộc lớp sử dụng đất nào: ở đó nước không thấm.",
        "{count} of {total} land cells belong to no class of land use: nothing infiltrates there.",
    ),
    "note.buildings_blocked": (
        (
            "{count} ô dưới công trình được coi là kín nước; {kept} ô như vậy vẫn để ngỏ vì có "
            "đường đi qua. Tầng trệt và sân trong có thể ngập mà kết quả không cho thấy."
        ),
        (
            "{count} cells under buildings are closed to water; {kept} more stay open because a "
            "road crosses them. Ground floors may flood without the results showing it."
        ),
    ),
    "note.buildings_raised": (
        "{count} ô dưới công trình được nâng cao; {kept} ô như vậy giữ nguyên vì có đường đi qua.",
        (
            "{count} cells under buildings are raised; {kept} more are left because a road "
            "crosses them."
        ),
    ),
}
