# ruff: noqa: E501 - sentences of a page in two languages, broken where their sense allows
"""The words of the page of the replay: key, Vietnamese, English."""

from __future__ import annotations

__all__ = ["TEXTS"]

_AGAIN = """```sh
export TWIN_DATA=…                       # {folder}
python -m benchmarks replay_district7 --docs
```

{single}

```sh
twin city build docs/recipes/district7.yaml -o cities/district7
twin run docs/replays/district7/scenario.yaml --city cities/district7
twin observed check docs/replays/district7/reports.yaml --city cities/district7
twin evaluate latest -o docs/replays/district7/reports.yaml --page pages
```"""

TEXTS: dict[str, tuple[str, str]] = {
    "title": (
        "Dựng lại thực tế: triều cường Quận 7, tháng 10 và 11/2025",
        "A real replay: the tide floods of District 7, October and November 2025",
    ),
    "intro": (
        (
            "Trang này do một lệnh viết ra từ các lượt chạy, kể cả các con số trong câu. "
            "[English](replay-district7.md)\n\n"
            "- **Quan trắc**: đỉnh và chân triều tại Phú An (mốc Hòn Dấu); đường, kênh rạch thật "
            "(OpenStreetMap 2018).\n"
            "- **Giả định**: cao độ mặt đất. Không có mô hình cao độ mở nào cho quận; nền đất được "
            "dựng từ giả định với sai số ±0,3 m ([cách dựng](assumed-ground.md)). Mực nước ở Quận 7 "
            "coi bằng ở Phú An cùng lúc; cống mở; không bơm; không mưa; không có cống thoát nước.\n"
            "- **Không hiệu chỉnh**: không con số nào được chỉnh theo báo chí. Chúng chỉ được dùng "
            "để so sánh."
        ),
        (
            "This page is written by one command from the runs, the figures in its sentences "
            "included. [Tiếng Việt](replay-district7.vi.md)\n\n"
            "- **Observed**: high and low waters at Phú An (Hòn Dấu datum); real roads and canals "
            "(OpenStreetMap of 2018).\n"
            "- **Assumed**: the ground. There is no open elevation model of the district; its ground "
            "is made of assumptions that may be off by ±0.3 m ([how](assumed-ground.md)). The level "
            "at District 7 is taken as that at Phú An at the same time; gates open; no pump; no "
            "rain; no drains.\n"
            "- **Not tuned**: no figure was fitted to the press reports. They serve for comparison "
            "alone."
        ),
    ),
    "short": ("Kết quả ngắn gọn", "In short"),
    "short.text": (
        (
            "Chiều 22/10/2025, mô phỏng cho ngập từ 0,1 m trên {middle} ha ({low} - {high} ha khi "
            "nền đất cao hơn hoặc thấp hơn 0,3 m). Trong {count} báo cáo ngập của báo chí hôm đó, "
            "{base} nơi ướt trong mô phỏng với nền đất không dịch; {heights} khi dịch nền từ -0,3 "
            "đến +0,3 m; {grounds} với các kiểu nền khác cũng hợp giả định. Tính chung các kiểu nền, "
            "{share} % báo cáo trúng, trong khi {chance} % đường của quận cũng sẽ tính là ướt theo "
            "cùng cách so. **Với nền giả định này, mô hình cho biết nước lên xuống lúc nào theo triều; "
            "ngập bao nhiêu thì chỉ trong khoảng rộng nói trên; đường nào ngập thì hầu như không.** Muốn "
            "biết điều đó cần cao độ đo đạc."
        ),
        (
            "In the afternoon of 22 October 2025 the simulation floods {middle} ha by 0.1 m or more "
            "({low} - {high} ha as the ground is 0.3 m higher or lower). Of the {count} places where "
            "the press reported water that day, {base} is wet with the ground as assumed, {heights} "
            "as the ground is moved from -0.3 to +0.3 m, and {grounds} with other patterns of ground "
            "that fit the same assumptions. Over these patterns {share} % of the reports are met, "
            "while {chance} % of all streets would have counted as wet in the same way. **On this "
            "assumed ground the model tells when the water comes and goes with the tide; how much "
            "floods, only within the wide range above; which streets, hardly.** That takes "
            "measured levels."
        ),
    ),
    "water": ("Nước", "The water"),
    "water.text": (
        (
            "Ba sự kiện, mỗi sự kiện bảy lượt chạy trên ô 20 m, nền đất dịch -0,3 … +0,3 m. Số giữa "
            "là trung vị, trong ngoặc là nhỏ nhất và lớn nhất. Ngày 8/10 có cả mưa, ở đây không tính."
        ),
        (
            "Three events, each with seven runs on cells of 20 m, the ground moved by -0.3 … +0.3 m. "
            "Medians, with the least and the most in brackets. On 8 October it rained too, which is "
            "left out here."
        ),
    ),
    "events.1": ("Ngày", "Day"),
    "events.2": ("Đỉnh triều Phú An", "High water at Phú An"),
    "events.3": ("Ngập từ 0,1 m, ha", "Flooded by 0.1 m, ha"),
    "events.4": ("Ngập từ 0,3 m, ha", "Flooded by 0.3 m, ha"),
    "events.5": ("Đường cấm xe cứu thương, km", "Closed to ambulances, km"),
    "share.title": ("Ngập ở bao nhiêu lượt chạy", "In how many runs it floods"),
    "share.subtitle": (
        "Tỷ lệ của bảy lượt chạy (nền -0,3 … +0,3 m) có độ sâu từ 0,1 m",
        "Share of seven runs (ground -0.3 … +0.3 m) in which the water is 0.1 m deep or more",
    ),
    "share.legend": ("Lượt chạy bị ngập", "Runs that flood"),
    "assumed": (
        "Cao độ mặt đất là GIẢ ĐỊNH, không phải số đo.",
        "The ground is ASSUMED, not measured.",
    ),
    "streets": ("Đường nào, lúc nào, chắc đến đâu", "Which streets, when, and how sure"),
    "streets.text": (
        (
            "Những đường dài từ {least} m mà nhiều lượt chạy cho ngập nhất, chiều 22/10/2025. Một "
            "đường tính là ngập khi một phần mười chiều dài có từ 0,1 m. **Hãy đọc hai cột cùng "
            "nhau**: cột “nền cao thấp” chỉ nâng hạ cả nền đất nên chắc chắn quá mức; cột “kiểu nền "
            "khác” đổi chỗ đất cao, đất thấp dưới cùng giả định. Nơi hai cột khác xa nhau, tên đường "
            "là do giả định chứ không phải do hiểu biết."
        ),
        (
            "The streets of {least} m or more that most runs flood, in the afternoon of 22 October "
            "2025. A street counts as flooded where a tenth of its length has 0.1 m or more. **Read "
            "the two columns together**: “heights” only raises and lowers the whole ground, and is "
            "therefore far too sure; “patterns” puts the high and the low ground elsewhere under the "
            "same assumptions. Where the two differ widely, the name of the street comes from an "
            "assumption, not from knowledge."
        ),
    ),
    "streets.1": ("Đường", "Street"),
    "streets.2": ("Dài, m", "Length, m"),
    "streets.3": ("Ngập: nền cao thấp", "Floods: heights"),
    "streets.4": ("Ngập: kiểu nền khác", "Floods: patterns"),
    "streets.5": ("Phần ngập", "Part flooded"),
    "streets.6": ("Sâu nhất, m", "Deepest, m"),
    "streets.7": ("Từ - đến", "From - until"),
    "patterns.title": ("Điều gì phụ thuộc vào giả định", "What hangs on the assumption"),
    "patterns.subtitle": (
        "22/10/2025: tỷ lệ lượt chạy có độ sâu từ 0,1 m",
        "22 October 2025: share of runs in which the water is 0.1 m deep or more",
    ),
    "patterns.heights": ("Một kiểu nền, bảy độ cao", "One pattern of ground, seven heights"),
    "patterns.grounds": ("Bảy kiểu nền, một độ cao", "Seven patterns of ground, one height"),
    "reported": ("báo chí", "press report"),
    "press": ("So với báo chí", "Against the press"),
    "press.text": (
        (
            "Mỗi báo cáo được so với ô đường sâu nhất trong 100 m (hoặc nửa chiều dài đoạn ngập đã "
            "báo), trong thời gian đã báo; ướt từ 0,05 m. “Ngẫu nhiên” là phần đường của quận cũng sẽ "
            "tính là ướt theo cách đó: chỉ khi tỷ lệ trúng cao hơn hẳn thì mô hình mới cho biết nơi "
            "ngập. Độ sâu của báo chí phần lớn là bánh xe máy được đổi ra mét."
        ),
        (
            "Each report is compared with the deepest street cell within 100 m (or half the flooded "
            "length that it gives), during the time that it gives; wet from 0.05 m on. “Chance” is "
            "the share of all streets of the district that would count as wet in this way: only a "
            "hit rate well above it would show that the model knows where it floods. Most depths of "
            "the press are wheels of motorbikes turned into metres."
        ),
    ),
    "press.1": ("Ngày", "Day"),
    "press.2": ("Nơi", "Place"),
    "press.3": ("Báo chí, m", "Press, m"),
    "press.4": ("Mô phỏng, m", "Simulated, m"),
    "press.5": ("Ướt: nền cao thấp", "Wet: heights"),
    "press.6": ("Ướt: kiểu nền khác", "Wet: patterns"),
    "press.7": ("Đường ướt gần nhất, m", "Nearest wet street, m"),
    "press.8": ("Ngẫu nhiên", "Chance"),
    "press.other": (
        (
            "Các báo cáo của 2019, 2020 và 2023 nằm ngoài các sự kiện này; `twin observed check` nêu "
            "từng báo cáo không dùng được và vì sao. Ngày 6/11 không có báo cáo nào trong tập dữ "
            "liệu."
        ),
        (
            "The reports of 2019, 2020 and 2023 lie outside these events; `twin observed check` "
            "names every report that cannot be used, and why. The data hold no report of 6 November."
        ),
    ),
    "curves.title": ("Độ sâu tại ba nơi được báo ngập", "Depth at the three places reported"),
    "curves.subtitle": (
        "22/10/2025, ô đường sâu nhất ở gần",
        "22 October 2025, deepest street near",
    ),
    "curves.depth": ("Độ sâu, m", "Depth, m"),
    "curves.base": ("nền như giả định", "ground as assumed"),
    "curves.heights": ("nền -0,3 … +0,3 m", "ground -0.3 … +0.3 m"),
    "curves.grounds": ("kiểu nền khác", "other patterns"),
    "curves.stated": ("báo chí", "press"),
    "meaning": ("Điều này có nghĩa gì", "What this means"),
    "meaning.text": (
        (
            "- Vài báo cáo là quá ít: khoảng tin cậy 95 % của tỷ lệ trúng với ba báo cáo rộng hơn nửa "
            "thang đo. Và chỉ có báo cáo ngập, nên không thấy được báo động sai.\n"
            "- Phần ngập phụ thuộc trước hết vào cao độ nền: hãy xem khoảng diện tích ở trên.\n"
            "- Sau đỉnh triều, nước rút chậm trong mô phỏng vì không có cống thoát và nền giả định có "
            "chỗ trũng kín; giờ hết ngập không đáng tin.\n"
            "- Đừng dùng trang này để chọn đường cho xe. Hãy dùng nó để thấy cần đo cái gì: cao độ "
            "mặt đường ở những nơi hai cột khác nhau nhiều nhất."
        ),
        (
            "- A few reports are too few: the 95 % interval of a hit rate of three reports is wider "
            "than half the scale. And all are of water, so that false alarms cannot show.\n"
            "- How much floods hangs first on the height of the ground: see the range of the areas "
            "above.\n"
            "- After high water the simulated water leaves slowly, since there are no drains and the "
            "assumed ground has closed hollows; do not trust the time at which it ends.\n"
            "- Do not choose streets for vehicles by this page. Use it to see what to measure: the "
            "level of the streets where the two columns differ most."
        ),
    ),
    "again": ("Chạy lại", "Run it again"),
    "again.text": (
        _AGAIN.format(folder="thư mục dữ liệu", single="Một lượt chạy và trang đối chiếu của nó:"),
        _AGAIN.format(folder="the folder of the data", single="One run, and its page:"),
    ),
}
