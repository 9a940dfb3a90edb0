"""Events of the log as sentences, in Vietnamese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash_app.texts import Texts
from twin.language import number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["event_text"]

say = Texts(
    {
        "call_received": ("Cuộc gọi đến, ưu tiên {value}", "Call received, priority {value}"),
        "call_answered": ("Tiếp nhận xong sau {value} giây", "Call taken after {value} s"),
        "call_waiting": ("Chờ người trực máy", "Waiting for a call taker"),
        "call_abandoned": ("Người gọi bỏ máy", "The caller gave up"),
        "incident_queued": ("Chưa có xe: {detail}", "No vehicle yet: {detail}"),
        "incident_redispatched": ("Tìm xe khác: {detail}", "Another vehicle is sought: {detail}"),
        "incident_closed": ("Kết thúc sau {minutes} phút", "Closed after {minutes} min"),
        "incident_unserved": ("Không đáp ứng được: {detail}", "Not served: {detail}"),
        "incident_unfinished": ("Lượt chạy hết khi đang xử lý", "The run ended while at work"),
        "advice_given": ("Hướng dẫn qua điện thoại", "Advice by phone"),
        "unit_assigned": (
            "{unit} nhận lệnh {incident}, dự kiến {minutes} phút",
            "{unit} assigned to {incident}, expected in {minutes} min",
        ),
        "unit_mobile": ("{unit} xuất phát", "{unit} sets out"),
        "unit_arrived": (
            "{unit} tới nơi, {minutes} phút sau cuộc gọi",
            "{unit} arrives, {minutes} min after the call",
        ),
        "unit_stood_down": ("{unit} được rút về: {detail}", "{unit} stood down: {detail}"),
        "unit_diverted": (
            "{unit} chuyển sang cuộc gọi gấp hơn",
            "{unit} diverted to a graver call",
        ),
        "on_scene_done": ("{unit} xong việc tại hiện trường", "{unit} done on scene"),
        "patient_loaded": ("Đã đưa người bệnh lên xe", "Patient on board"),
        "treated_on_scene": ("Xử lý tại chỗ, không nhập viện", "Treated on scene, no hospital"),
        "boat_called": (
            "Xe cứu thương không đến được vì nước, gọi xuồng",
            "No ambulance gets through the water, a boat is called",
        ),
        "people_aboard": ("{unit} đưa {value} người lên", "{unit} takes {value} people aboard"),
        "people_ashore": ("{unit} đưa {value} người vào bờ", "{unit} brings {value} people ashore"),
        "met_ashore": (
            "{unit} gặp người bệnh trên bờ, {minutes} phút sau cuộc gọi",
            "{unit} meets the patient ashore, {minutes} min after the call",
        ),
        "alarm_raised": ("Nâng báo động lên cấp {value}", "Alarm raised to level {value}"),
        "aid_called": (
            "Xin chi viện {value} xe từ địa bàn lân cận",
            "{value} units of a neighbour are called",
        ),
        "hospital_changed": (
            "Bệnh viện thay đổi, còn {value} giường",
            "Hospital changed, {value} beds free",
        ),
        "hospital_chosen": (
            "Đi bệnh viện, dự kiến {minutes} phút",
            "To hospital, expected in {minutes} min",
        ),
        "hospital_reached": ("Tới bệnh viện sau {minutes} phút", "At hospital after {minutes} min"),
        "hospital_full": ("Bệnh viện hết giường, phải chờ", "Hospital full, waiting for a bed"),
        "handover_done": ("Bàn giao xong", "Handover done"),
        "unit_returning": ("{unit} quay về trạm", "{unit} returns to its station"),
        "unit_moved_up": ("{unit} chuyển sang trạm khác", "{unit} moves to another station"),
        "unit_idle": ("{unit} về tới trạm", "{unit} is back at its station"),
        "unit_drove": ("{unit} đi {km} km", "{unit} drove {km} km"),
        "unit_rerouted": (
            "{unit} đổi đường: {detail}",
            "{unit} changes its way: {detail}",
        ),
        "unit_stranded": ("{unit} MẮC KẸT trong nước", "{unit} STRANDED in water"),
        "unit_freed": ("{unit} thoát ra sau {minutes} phút", "{unit} free after {minutes} min"),
        "road_found_closed": (
            "{unit} gặp đường bị chặn mà chưa ai biết",
            "{unit} meets a closed road that nobody knew of",
        ),
        "waited_at_water": (
            "{unit} đã chờ nước rút {minutes} phút",
            "{unit} waited {minutes} min for the water to fall",
        ),
        "road_known_closed": (
            "Biết thêm {value} đường không đi được",
            "{value} streets become known as closed",
        ),
        "road_known_open": (
            "Biết thêm {value} đường đã thông",
            "{value} streets become known as open",
        ),
        "traffic_displaced": (
            "{value} xe mỗi giờ dồn sang các trục đường khác",
            "{value} cars an hour move to other main roads",
        ),
        "unit_waiting": ("{unit} không có đường đi, chờ", "{unit} finds no way and waits"),
        "unit_resumed": ("{unit} đi tiếp", "{unit} goes on"),
        "unit_withdrawn": ("{unit} bị rút khỏi ca", "{unit} is withdrawn"),
        "unit_out_of_service": ("{unit} ngừng hoạt động", "{unit} out of service"),
        "unit_in_service": ("{unit} hoạt động lại", "{unit} in service"),
        "unit_broken_down": (
            "{unit} HỎNG giữa đường, sửa mất {minutes} phút",
            "{unit} BREAKS DOWN, repair takes {minutes} min",
        ),
        "unit_repaired": ("{unit} đã sửa xong", "{unit} is repaired"),
        "unit_low_on_fuel": (
            "{unit} phải về tiếp nhiên liệu sau {km} km",
            "{unit} must refuel after {km} km",
        ),
        "unit_refuelling": (
            "{unit} tiếp nhiên liệu, {minutes} phút",
            "{unit} refuels, {minutes} min",
        ),
        "unit_written_off": ("{unit} bị nước làm hỏng hẳn", "{unit} is LOST to the water"),
        "patient_taken_over": (
            "{unit} đón người bệnh từ xe không đi tiếp được, sau {minutes} phút",
            "{unit} takes over the patient of a vehicle that cannot go on, after {minutes} min",
        ),
        "unit_lost": ("{unit} vẫn mắc kẹt khi hết giờ", "{unit} still stranded at the end"),
        "water_source": ("Nguồn nước: {detail}", "Water source: {detail}"),
        "water_applied": ("Bắt đầu phun nước", "Water on the fire"),
        "water_exhausted": ("Hết nước trong bồn", "The tanks are empty"),
        "fire_out": ("Đã dập lửa sau {minutes} phút", "Fire out after {minutes} min"),
    }
)
_REASONS = Texts(
    {
        "no unit free": ("không còn xe trống", "no vehicle free"),
        "blocked": ("đường bị chặn", "the road is blocked"),
        "vehicle broke down": ("xe bị hỏng", "the vehicle broke down"),
        "vehicle lost to water": ("xe bị nước làm hỏng hẳn", "the vehicle is lost to water"),
        "the vehicle is repaired": ("xe cũ đã sửa xong", "the vehicle is repaired"),
        "slower": ("đường chậm hơn", "the road has become slower"),
        "warned": ("được báo đường phía trước bị chặn", "warned that the way ahead is closed"),
        "turned_back": ("phải quay lại", "turned back"),
        "hydrant": ("trụ nước", "hydrant"),
        "open_water": ("sông, kênh", "open water"),
        "tank": ("bồn trên xe", "tank"),
        "no need of a hospital": ("không cần nhập viện", "no need of a hospital"),
    }
)


def event_text(event: Mapping[str, Any], language: str) -> str:
    """Return what an event says; empty where it is of no interest to people."""
    kind = str(event["kind"])
    if kind not in say.sentences:
        return ""
    value = event.get("value")
    detail = event.get("detail") or {}
    reason = str(detail.get("reason") or detail.get("kind") or "\N{EN DASH}")
    known = reason in _REASONS.sentences
    told = _REASONS(reason, language) if known else reason.replace("_", " ")
    return say(
        kind,
        language,
        unit=event.get("unit", ""),
        incident=event.get("incident", ""),
        value=number(value, language),
        minutes=number(None if value is None else value / 60.0, language, 1),
        km=number(None if value is None else value / 1000.0, language, 1),
        detail=told,
    )
