"""Draws month's end of the main job as SVG, once for light pages and once for dark ones. Called by scripts/picture."""

import datetime
import html
import json
import pathlib
import sys

record = json.loads(pathlib.Path(sys.argv[1]).read_text())
folder = pathlib.Path(sys.argv[2])
if record["verdict"] != "pass":
    sys.exit("picture: the run fails, and the picture says that it passes")
WIDTH, HEIGHT, LEFT, RIGHT = 960, 330, 70, 30
PANELS = {"us": (92, 178), "de": (208, 294)}  # top and bottom of each entity's panel


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "")[:26]).replace(tzinfo=datetime.timezone.utc)


start = instant(record["simulated"]["start"])
month_end = instant("2026-02-01T00:00:00")
begin, end = month_end - datetime.timedelta(hours=1), month_end + datetime.timedelta(hours=9)
THEMES = {
    "month-end": dict(ink="#1f2328", faint="#59636e", line="#d1d9e0", back="#ffffff", bar="#0969da", outage="#ffd8d3", throttle="#fff1c2", losing="#bf3989"),
    "month-end~dark": dict(ink="#f0f6fc", faint="#9198a1", line="#3d444d", back="#0d1117", bar="#4493f8", outage="#5d1f1a", throttle="#4b3a08", losing="#f778ba"),
}


def x(moment):
    return LEFT + (WIDTH - LEFT - RIGHT) * (moment - begin) / (end - begin)


def draw(theme):
    out = []

    def text(left, top, words, size=13, fill="ink", anchor="start", weight="400"):
        out.append(f'<text x="{left:.1f}" y="{top:.1f}" font-size="{size}" fill="{theme[fill]}" text-anchor="{anchor}" font-weight="{weight}">{html.escape(words)}</text>')

    meters = record["simulated"]["usageEvents"]
    held = sum(invariant["verdict"] == "held" for invariant in record["invariants"])
    judged = sum(invariant["verdict"] in ("held", "broken") for invariant in record["invariants"])
    text(16, 28, "Month's end: one ERP is down, one is throttled, and every invoice is posted exactly once", 17, weight="600")
    text(16, 50, f"Invoices that wait for their ERP. {meters:,} usage events before; {held} of {judged} invariants held.", 13, "faint")
    for index, (entity, (top, bottom)) in enumerate(PANELS.items()):
        boxes = record["series"]["outbox"][index]
        # Between two samples it may have been higher.
        peak = record["erps"][index]["peakOutbox"]
        erp = next(erp for erp in record["erps"] if erp["entity"] == entity)
        # Bands: what is wrong with the ERP; where two hold at once, the worse one is drawn last.
        labels = []
        for kind in ("throttle", "outage"):
            for fault in record["faults"]:
                if fault["kind"] != kind or fault["target"] != f"erp/{entity}":
                    continue
                left, right = max(instant(fault["start"]), begin), min(instant(fault["end"]), end)
                if left < right:
                    out.append(f'<rect x="{x(left):.1f}" y="{top}" width="{x(right) - x(left):.1f}" height="{bottom - top}" fill="{theme[kind]}"/>')
                    labels.append((x(left) + 8, {"outage": "outage", "throttle": "throttled to 10 %"}[kind]))
        lost = [f for f in record["faults"] if f["kind"] == "timeoutAfterCommit" and f["target"] == f"erp/{entity}" and instant(f["start"]) == month_end]
        step = record["series"]["step"]
        samples = [(start + datetime.timedelta(seconds=number * step), waiting) for number, waiting in enumerate(boxes)]
        samples = [sample for sample in samples if begin <= sample[0] <= end]
        # What is as before and as after is not drawn.
        kept = [
            sample for number, sample in enumerate(samples)
            if number in (0, len(samples) - 1) or not samples[number - 1][1] == sample[1] == samples[number + 1][1]]
        points = [f"{x(moment):.1f},{bottom - (bottom - top - 26) * waiting / peak:.1f}" for moment, waiting in kept]
        out.append(f'<polygon points="{x(begin):.1f},{bottom} {" ".join(points)} {x(end):.1f},{bottom}" fill="{theme["bar"]}" fill-opacity="0.85"/>')
        out.append(f'<line x1="{LEFT}" y1="{bottom}" x2="{WIDTH - RIGHT}" y2="{bottom}" stroke="{theme["line"]}"/>')
        text(16, top + 14, entity, 14, weight="600")
        text(16, bottom, f"{peak:,}", 12, "faint")
        text(16, bottom - 14, "peak", 12, "faint")
        for right, label in labels:
            text(right, top + 16, label, 12)
        if lost:
            text(WIDTH - RIGHT, top - 7, f"{erp['documents']:,} documents posted by the end of the run · {erp['answersLost']} answers lost, each looked up", 12, "faint", "end")
    for hour in range(-1, 10):
        moment = month_end + datetime.timedelta(hours=hour)
        out.append(f'<line x1="{x(moment):.1f}" y1="294" x2="{x(moment):.1f}" y2="299" stroke="{theme["faint"]}"/>')
        text(x(moment), 314, moment.strftime("%-d %b" if hour == 0 else "%H:%M"), 12, "ink" if hour == 0 else "faint", "middle", "600" if hour == 0 else "400")
    body = "\n".join(out)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif">
<title>Invoices that wait for their ERP at month's end</title>
<rect width="{WIDTH}" height="{HEIGHT}" rx="8" fill="{theme['back']}"/>
{body}
</svg>
"""


folder.mkdir(parents=True, exist_ok=True)
for name, theme in THEMES.items():
    (folder / f"{name}.svg").write_text(draw(theme))
