# ruff: noqa: RUF001 - the dashes are typography of text that people read
"""The texts of reach, siting and exposure: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["ANALYSIS_TEXTS"]

ANALYSIS_TEXTS: dict[str, tuple[str, str]] = {
    "state.dry": ("đường khô", "dry roads"),
    "state.deepest": ("sâu nhất", "deepest"),
    "facility.hospital": ("Bệnh viện", "Hospital"),
    "facility.ambulance_station": ("Trạm cấp cứu", "Ambulance station"),
    "facility.fire_station": ("Trạm chữa cháy", "Fire station"),
    "facility.police": ("Công an", "Police"),
    "facility.clinic": ("Phòng khám", "Clinic"),
    "facility.pharmacy": ("Nhà thuốc", "Pharmacy"),
    "facility.health_station": ("Trạm y tế", "Health station"),
    "facility.school": ("Trường học", "School"),
    "facility.market": ("Chợ", "Market"),
    "facility.supermarket": ("Siêu thị", "Supermarket"),
    "facility.mall": ("Trung tâm thương mại", "Mall"),
    "facility.convenience": ("Cửa hàng tiện lợi", "Convenience store"),
    "facility.restaurant": ("Quán ăn, nhà hàng", "Restaurant"),
    "facility.business": ("Cơ sở kinh doanh", "Business"),
    "facility.shelter": ("Nơi trú ẩn", "Shelter"),
    "facility.fuel": ("Trạm xăng", "Fuel station"),
    "facility.public": ("Công sở", "Public building"),
    "facility.care_home": ("Nhà dưỡng lão", "Care home"),
    "group.people": ("Người", "People"),
    "group.homes": ("Nhà ở (công trình)", "Homes (buildings)"),
    "group.other_buildings": ("Công trình khác", "Other buildings"),
    "group.household_businesses": ("Hộ kinh doanh", "Household businesses"),
    "group.enterprises": ("Doanh nghiệp", "Enterprises"),
    "sector.residential": ("Nhà ở", "Residential"),
    "sector.commercial": ("Thương mại, dịch vụ", "Commercial"),
    "sector.industrial": ("Công nghiệp", "Industrial"),
    "direction.from": ("từ {place} đến người dân", "from {place} to people"),
    "direction.to": ("từ người dân đến {place}", "from people to {place}"),
    # Reach
    "reach.title": (
        "Tiếp cận: {place}, {vehicle}, {way}",
        "Reach: {place}, {vehicle}, {way}",
    ),
    "reach.state": ("Thời điểm", "Time"),
    "reach.within": ("Người trong {minutes} phút", "People within {minutes} min"),
    "reach.reached": ("Người tiếp cận được", "People reached"),
    "reach.cut_off": ("Người bị cắt đường", "People cut off"),
    "reach.mean": ("Trung bình, phút", "Mean, min"),
    "reach.p90": ("P90, phút", "P90, min"),
    "reach.facilities": ("Cơ sở mất đường tới người dân", "Facilities that lose people"),
    "reach.share": ("Còn tới được so với đường khô", "Still reached, of dry"),
    "reach.is_cut_off": ("Bị cắt đường", "Cut off"),
    "reach.none_lost": (
        "Không cơ sở nào mất hơn 1 % số người.",
        "No facility loses more than 1 % of its people.",
    ),
    "reach.critical": (
        "Đường và cầu trọng yếu nhất ({state})",
        "Streets and bridges that matter most ({state})",
    ),
    "reach.what": ("Loại", "What"),
    "reach.street": ("đường", "street"),
    "reach.bridge": ("cầu", "bridge"),
    "reach.name": ("Tên", "Name"),
    "reach.lost": ("Ra ngoài {minutes} phút", "Out of {minutes} min"),
    "reach.delay": ("Chậm thêm, người·phút", "Delay, person·min"),
    "reach.people_note": (
        (
            "Số người ({people}) lấy từ lớp {source}, căn cứ: {basis}; {far} người ở cách đường "
            "hơn {distance} m và không được tính là tiếp cận được. "
            "Trung bình và P90 chỉ tính người tiếp cận được."
        ),
        (
            "The people ({people}) come from the layer {source}, basis: {basis}; {far} of them "
            "live more than {distance} m from a road and count as reached by nobody. "
            "Mean and P90 are of those who are reached."
        ),
    ),
    "reach.left_out": (
        "Không tính, vì cách đường mà xe đi được hơn {distance} m: {names}.",
        "Left out, more than {distance} m from a street that the vehicle can drive to: {names}.",
    ),
    "reach.map": ("Đến {place} gần nhất: {state}", "To the nearest {place}: {state}"),
    "reach.map_from": ("Từ {place} gần nhất: {state}", "From the nearest {place}: {state}"),
    "reach.minutes": ("Phút", "Minutes"),
    "reach.not_reached": ("không tới được", "not reached"),
    "reach.not_open": (
        "Mờ: đường mà loại xe này không đi được cả khi khô.",
        "Faint: streets closed to this vehicle even when dry.",
    ),
    "reach.up_to": ("đến {minutes}", "up to {minutes}"),
    "reach.more": ("trên {minutes}", "over {minutes}"),
    # Siting
    "site.title": ("Chọn vị trí: {problem}, {count}", "Siting: {problem}, {count}"),
    "site.mclp": ("phủ nhiều người nhất trong {minutes} phút", "most people within {minutes} min"),
    "site.mexclp": (
        "phủ nhiều người nhất trong {minutes} phút khi xe có thể bận",
        "most people within {minutes} min though units may be busy",
    ),
    "site.p_median": ("thời gian trung bình ngắn nhất", "shortest mean time"),
    "site.p_centre": ("thời gian dài nhất là ngắn nhất", "shortest longest time"),
    "site.id": ("Mã", "Id"),
    "site.units": ("Số xe", "Units"),
    "site.kept": ("Có sẵn", "Kept"),
    "site.choice": ("Phương án", "Choice"),
    "site.before": ("hiện có", "before"),
    "site.plan": ("phương án mới", "plan"),
    "site.number": ("Số điểm", "Sites"),
    "site.share": ("Tỷ lệ", "Share"),
    "site.proven": (
        "Chứng minh được là tốt nhất cho {points} điểm nhu cầu trên: {state}.",
        "Proven the best for {points} points of demand on: {state}.",
    ),
    "site.not_proven": (
        (
            "Chưa chứng minh là tốt nhất: cách phương án tốt nhất không quá {gap} % "
            "({points} điểm nhu cầu, trên: {state})."
        ),
        ("Not proven the best: at most {gap} % from it ({points} points of demand, on: {state})."),
    ),
    "site.map": ("Vị trí được chọn", "Chosen sites"),
    # Exposure
    "exposure.title": ("Phơi nhiễm: {state}", "Exposure: {state}"),
    "exposure.group": ("Nhóm", "Group"),
    "exposure.all": ("Tất cả", "All"),
    "exposure.exposed": ("Trong nước", "In water"),
    "exposure.low": ("thấp nhất", "at least"),
    "exposure.from_h3": ("Từ H3", "H3 and up"),
    "exposure.range": ("khoảng", "range"),
    "exposure.not_computed": ("Ngoài vùng tính", "Not computed"),
    "exposure.losses": (
        "Thiệt hại nhà cửa ở độ sâu lớn nhất",
        "Loss of buildings at the greatest depth",
    ),
    "exposure.sector": ("Loại", "Sector"),
    "exposure.buildings": ("Công trình", "Buildings"),
    "exposure.in_water": ("Trong nước", "In water"),
    "exposure.lost_m2": ("Mất hoàn toàn tương đương, m²", "Lost entirely, equivalent, m²"),
    "exposure.lost_value": ("Thiệt hại, {currency}", "Loss, {currency}"),
    "exposure.note": (
        (
            "Cấp H1–H6 theo độ sâu nước lặng (AIDR 2017): nước chảy có thể nguy hiểm hơn. Khoảng: "
            "độ sâu ±{depth} m và tỷ lệ thiệt hại ± độ lệch của đường cong (giả định); không phải "
            "khoảng tin cậy. Đường cong: {curves}."
        ),
        (
            "H1–H6 by the depth of still water (AIDR 2017): moving water may be more dangerous. "
            "Ranges: depth ±{depth} m, and the share lost ± the spread of the curve (assumed); "
            "they are no confidence interval. Curves: {curves}."
        ),
    ),
    "exposure.unknown": (
        "{count} công trình thuộc loại mà bảng đường cong không nêu, được tính như: {sector}.",
        "{count} buildings are of kinds that the curves do not name, and are taken as {sector}.",
    ),
    "exposure.picture": ("Người trong nước theo cấp nguy hiểm", "People in water by hazard class"),
}
