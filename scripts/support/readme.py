"""Puts the main job's summary into the README. Called by scripts/reports."""

import pathlib

readme = pathlib.Path("README.md")
text = readme.read_text()
start = text.index("```text\nMeterstorm ") + len("```text\n")
end = text.index("```\n", start)
summary = pathlib.Path("reports/month-end-throttle/summary.txt").read_text()
readme.write_text(text[:start] + summary + text[end:])
