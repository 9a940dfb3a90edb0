# ruff: noqa: RUF001 - the dashes are typography of text that people read
"""The notes on cities and runs: kind, Vietnamese, English."""

from __future__ import annotations

__all__ = ["NOTES"]

NOTES: dict[str, tuple[str, str]] = {
    # On a run
    "note.residents_no_hospital": (
        "Thành phố không có bệnh viện nào: không tính được số dân bị cắt đường đến bệnh viện.",
        "The city has no hospital: people who are cut off from one are not counted.",
    ),
    "note.residents_see_no_water": (
        "{count} hộ dân ở xa mọi ô đất được tính ngập, và không bao giờ thấy nước tại nhà.",
        (
            "{count} households lie far from any ground on which water is computed, and never see "
            "water at home."
        ),
    ),
    "note.no_hospitals": (
        (
            "Thành phố không có bệnh viện nào: không bệnh nhân nào được chở đi, xe cấp cứu rời "
            "hiện trường sau khi sơ cứu."
        ),
        (
            "The city has no hospital: no patient is taken anywhere, and ambulances leave the "
            "scene after first aid."
        ),
    ),
    "note.facilities_off_network": (
        (
            "{count} cơ sở cách mọi đường mà xe cứu thương đi được hơn {distance} m và không "
            "tham gia: {names}."
        ),
        (
            "{count} places lie more than {distance} m from any road that an ambulance can use,"
            " and take no part: {names}."
        ),
    ),
    "note.roads_outside": (
        (
            "{count} đoạn đường ({km} km) nằm một phần hoặc toàn bộ ngoài vùng tính ngập; phần "
            "đó được coi là khô."
        ),
        (
            "{count} road segments ({km} km of them) lie outside the area in which water is "
            "computed; there they count as dry."
        ),
    ),
    "note.volume_error": (
        "Sai số thể tích nước là {share} %: hãy thận trọng với mọi số liệu ngập.",
        ("{share} % of the water is not accounted for: treat every figure of the flood with care."),
    ),
    "note.solver_switched": (
        (
            "Nước chảy xiết (số Froude trên 0,8) từ giờ thứ {hours}: từ đó mô hình chuyển sang bộ "
            "giải thể tích hữu hạn."
        ),
        (
            "Water flows fast (Froude number above 0.8) from hour {hours} on: from there the "
            "finite-volume solver computes it."
        ),
    ),
    "note.placed_on_road": (
        "{what} cách đường gần nhất {distance} m và được đặt lên đường đó.",
        "{what} lies {distance} m from the nearest road, and is placed on it.",
    ),
    "note.more_placed": (
        "… và {count} nơi khác được đặt lên đường gần nhất.",
        "… and {count} more places are placed on the nearest road.",
    ),
    "place.station": ("Trạm {name}", "Station {name}"),
    "place.incident": ("Sự cố {name}", "Incident {name}"),
    "place.hospital": ("Bệnh viện {name}", "Hospital {name}"),
    "place.ambulance_station": ("Trạm cấp cứu {name}", "Ambulance station {name}"),
    "place.fire_station": ("Trạm chữa cháy {name}", "Fire station {name}"),
    "place.other": ("Cơ sở {name}", "Place {name}"),
    # On a city: map
    "note.objects_broken": (
        "{file}: {count} đối tượng không đầy đủ hoặc hỏng, đã bị cắt hoặc bỏ ({names}).",
        ("{file}: {count} objects are incomplete or broken and were cut or left out ({names})."),
    ),
    "note.coastline_open": (
        "Đường bờ biển không khép kín trong phạm vi: biển bị bỏ qua.",
        "The coastline does not close within the extent: the sea is left out.",
    ),
    "note.rivers_as_canals": (
        "{count} vùng sông hẹp hơn {width} m được coi là kênh.",
        "{count} river areas narrower than {width} m count as canals.",
    ),
    "note.branches_cut": (
        "{count} nhánh hẹp của sông được tách ra và coi là kênh.",
        "{count} narrow branches of rivers were cut off and count as canals.",
    ),
    "note.areas_without_line": (
        (
            "{count} trong {total} vùng nước không có đường tim; bề rộng của chúng là 2 × diện "
            "tích / chu vi."
        ),
        (
            "{count} of {total} water areas have no centre line; their width is 2 × area / "
            "perimeter."
        ),
    ),
    "note.facilities_merged": (
        "{count} cơ sở được vẽ nhiều lần trên bản đồ và đã được gộp lại.",
        "{count} facilities were mapped more than once and merged.",
    ),
    "note.layer_empty": (
        "{layer}: nguồn dữ liệu không có đối tượng nào trong phạm vi.",
        "{layer}: the sources hold none within the extent.",
    ),
    "note.rows_outside": (
        "{layer}: {count} trong {total} dòng nằm ngoài phạm vi.",
        "{layer}: {count} of {total} rows lie outside the extent.",
    ),
    "note.rows_twice": (
        "{layer}: {count} dòng có {column} mà một nguồn khác đã cho trước.",
        "{layer}: {count} rows have a {column} that another source gave before.",
    ),
    "note.decks_assumed": (
        ("Cao độ mặt của {count} cầu là GIẢ ĐỊNH: mặt đất cao nhất ở hai đầu cầu + {clearance} m."),
        (
            "Deck levels of {count} bridges are ASSUMED: highest ground at the ends of the "
            "bridge + {clearance} m."
        ),
    ),
    # On a city: ground
    "note.ground_assumed": (
        (
            "Cao độ mặt đất là GIẢ ĐỊNH (trung bình {mean} m, ±{uncertainty} m): không có mô "
            "hình số độ cao. Độ sâu trên đất chỉ để minh họa, không phải dự báo."
        ),
        (
            "Ground level is ASSUMED (mean {mean} m, ±{uncertainty} m): no elevation model was "
            "given. Depths on land are illustrations, not predictions."
        ),
    ),
    "note.ground_missing": (
        "{share} % mặt đất không có số liệu cao độ.",
        "{share} % of the ground has no data.",
    ),
    "note.ground_filled": (
        (
            "{share} % cao độ mặt đất là GIẢ ĐỊNH: không ảnh nào có giá trị ở đó; được bù bằng:"
            " {how}."
        ),
        (
            "{share} % of the ground level is ASSUMED: no raster has a value there; filled by: "
            "{how}."
        ),
    ),
    "gaps.nearest": ("giá trị gần nhất", "the nearest value"),
    "gaps.level": ("một cao độ cho trước", "a given level"),
    "gaps.assumed": ("mặt đất giả định", "assumed ground"),
    "note.sea_from_ground": (
        (
            "{area} km² mặt đất thấp hơn {level} m, thông với rìa ({sides}), được coi là biển "
            "có triều: suy ra từ cao độ, không phải từ bản đồ."
        ),
        (
            "{area} km² of ground below {level} m that connects to the rim ({sides}) count as "
            "tidal sea: derived from the ground, not mapped."
        ),
    ),
    "note.sea_bed_assumed": (
        "Đáy biển {level} m là GIẢ ĐỊNH.",
        "The bed of that sea, {level} m, is ASSUMED.",
    ),
    "side.north": ("bắc", "north"),
    "side.east": ("đông", "east"),
    "side.south": ("nam", "south"),
    "side.west": ("tây", "west"),
    "note.depths_assumed": (
        "Độ sâu của kênh và sông là GIẢ ĐỊNH theo bề rộng.",
        "Depths of canals and rivers are ASSUMED from their width.",
    ),
    "note.narrow_water": (
        (
            "{count} trong {total} ô nước thay cho dòng nước hẹp hơn một ô ({size} m): ở đây nó"
            " tải và chứa nhiều nước hơn thực tế."
        ),
        (
            "{count} of {total} water cells stand for water narrower than a cell ({size} m): it"
            " carries and stores more here than in truth."
        ),
    ),
    "note.no_water_outside": (
        (
            "Nước không được tính ở nơi cách ranh giới hơn {margin} m về phía ngoài; đường ở đó"
            " được coi là khô."
        ),
        (
            "No water is computed more than {margin} m outside the boundary; roads there count "
            "as dry."
        ),
    ),
    "note.population_spread": (
        "Dân số: {total} người phân bố theo {over} ({basis}).",
        "Population: {total} people spread over {over} ({basis}).",
    ),
    "over.buildings": ("nhà ở", "buildings"),
    "over.roads": ("đường phố", "streets"),
    "over.land": ("mặt đất", "land"),
    "over.residents": ("số cư dân của từng nhà", "the residents of buildings"),
    "note.population_counted": (
        "Dân số: {total} người trên lưới, từ {file}.",
        "Population: {total} people on the grid, from {file}.",
    ),
    # On the synthetic district
    "note.synthetic_place": (
        "Quận này là hư cấu: tọa độ của nó chỉ được quy ước đặt ở đồng bằng sông Cửu Long.",
        ("The district is fictitious: its coordinates lie in the Mekong delta by convention only."),
    ),
    "note.synthetic_levels": (
        (
            "Mọi lớp và cao độ đều là giả định; không gì ở đây thay cho nơi chốn hay cơ quan có"
            " thật."
        ),
        ("Every layer and level is assumed; nothing in it stands for a real place or institution."),
    ),
    "note.synthetic_houses": (
        "Một hình nhà loại house có thể thay cho một dãy nhà ống ngắn.",
        "A footprint of kind house may stand for a short row of tube houses.",
    ),
    "note.synthetic_business": (
        "Hộ kinh doanh và doanh nghiệp là số đếm theo từng nhà.",
        "Household businesses and enterprises are counts per building.",
    ),
    "note.synthetic_hydrants": (
        "Số trụ nước chữa cháy ít như trong bảng thống kê mà các con số dựa theo.",
        "Hydrants are as few as in the inventory that the counts follow.",
    ),
    # On drains
    "note.drainage_network": (
        (
            "Hệ thống cống theo EPA SWMM: {manholes} hố ga trao đổi nước với mặt đất, {outfalls} "
            "cửa xả, {pipes} đoạn cống, bước tính {step} giây."
        ),
        (
            "Drains by EPA SWMM: {manholes} manholes exchange water with the surface, {outfalls} "
            "outfalls, {pipes} pipes, in steps of {step} s."
        ),
    ),
    "note.drainage_rain_ignored": (
        (
            "{count} tiểu lưu vực trong tệp cống không được dùng: mưa rơi trên mặt đất của mô hình"
            " và không được tính hai lần."
        ),
        (
            "{count} subcatchments of the drain file are not used: rain falls on the surface of "
            "this model, and must not count twice."
        ),
    ),
    "note.drainage_sources_ignored": (
        "{count} dòng về nước ngầm, thấm vào cống và LID trong tệp cống không được dùng.",
        (
            "{count} lines on groundwater, infiltration into sewers and LID in the drain file are "
            "not used."
        ),
    ),
    "note.drainage_dynamic_wave": (
        (
            "Tệp cống dùng cách tính {routing}; ở đây tính bằng sóng động lực, vì nếu không triều "
            "không thể dâng vào cống."
        ),
        (
            "The drain file routes by {routing}; here it is the dynamic wave, without which the "
            "tide could not back up into the pipes."
        ),
    ),
    "note.drainage_sealed": (
        "{count} nút cống không trao đổi nước với mặt đất: {names}.",
        "{count} nodes of the drains exchange no water with the surface: {names}.",
    ),
    "note.drainage_moved": (
        "{count} hố ga được dời đến ô gần nhất có mặt đất: {names}.",
        "{count} manholes were moved to the nearest cell with ground: {names}.",
    ),
    "note.drainage_in_water": (
        (
            "{count} hố ga nằm trên ô nước của lưới; miệng của chúng lấy theo tệp cống hoặc bờ gần "
            "nhất: {names}."
        ),
        (
            "{count} manholes lie on cells of water; their covers are taken from the drain file or "
            "the nearest bank: {names}."
        ),
    ),
    "note.drainage_banks": (
        "{count} cửa xả mà lưới đặt trên đất được dời ra mặt nước bên cạnh: {names}.",
        "{count} outfalls that the grid puts on land were taken to the water beside it: {names}.",
    ),
    "note.drainage_outfalls_tide": (
        "{count} cửa xả nằm ngoài lưới; mực nước ở đó lấy theo triều: {names}.",
        "{count} outfalls lie off the grid; the water before them is taken as the tide: {names}.",
    ),
    "note.drainage_outfalls_file": (
        "{count} cửa xả nằm ngoài lưới; mực nước ở đó theo tệp cống: {names}.",
        (
            "{count} outfalls lie off the grid; the water before them is as the drain file says: "
            "{names}."
        ),
    ),
    "note.drainage_rims": (
        (
            "{count} trong {of} hố ga có miệng cách mặt đất của mô hình hơn {limit} m (trung vị "
            "{middle} m); nước trao đổi ở cao độ mặt đất trừ khi kịch bản nói khác."
        ),
        (
            "The rims of {count} of {of} manholes lie more than {limit} m from the ground of the "
            "model ({middle} m in the middle); water passes at the ground unless the scenario says "
            "otherwise."
        ),
    ),
    "note.drainage_continuity": (
        (
            "Bản thân SWMM tạo ra hoặc làm mất {share} % lượng nước trong cống; kết quả gần cống "
            "có sai số cỡ đó."
        ),
        (
            "SWMM by itself made or lost {share} % of the water in the drains; results near them "
            "are in error by as much."
        ),
    ),
    "note.drainage_inlets": (
        (
            "Cống không có số liệu: khả năng thu nước là GIẢ ĐỊNH, tổng {capacity} m³/s trên "
            "{cells} ô ({rate} mm/h tại đó), xả {to}."
        ),
        (
            "No data of pipes: the capacity of inlets is ASSUMED, {capacity} m³/s over {cells} "
            "cells ({rate} mm/h there), drained {to}."
        ),
    ),
    "ledger.drain_taken_m3": ("Cống: thu từ mặt đất", "Drains: taken from the surface"),
    "ledger.drain_given_m3": ("Cống: trả lại mặt đất", "Drains: given to the surface"),
    "ledger.drain_left_m3": ("Cống: ra triều, ra ngoài", "Drains: to the tide, or away"),
    "ledger.drain_entered_m3": ("Cống: từ triều vào", "Drains: from the tide"),
    "ledger.drain_own_m3": ("Cống: nguồn trong tệp", "Drains: inflows of the file"),
    "ledger.drain_lost_m3": ("Cống: mất trong mạng", "Drains: lost in the network"),
    "ledger.drain_stored_m3": ("Cống: còn trong cống", "Drains: in the pipes"),
    "ledger.drain_made_m3": ("Cống: sai số của SWMM", "Drains: error of SWMM"),
    "drains_to.nearest_water": ("ra kênh gần nhất", "to the nearest canal"),
    "drains_to.outlets": ("ra các cửa xả đã nêu", "to the outlets given"),
    "drains_to.away": ("ra khỏi mô hình", "out of the model"),
}
