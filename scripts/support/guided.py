"""Guided search against pure chance. Called by scripts/guided, which documents it."""

import argparse
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

parser = argparse.ArgumentParser()
parser.add_argument("--repeats", type=int, default=20)
parser.add_argument("--most", type=int, default=100, help="seeds after which a repeat gives up")
parser.add_argument("--scenario", default="scenarios/chaos.yaml")
parser.add_argument("--defects", help="names, separated by commas; those that one in three seeds or fewer catches, if left out")
parser.add_argument("--output", help="writes the table to a file as well")
options = parser.parse_args()

METERSTORM = ".build/release/meterstorm"
# Of the defects that `list defects` names these are the ones that chaos.yaml does not catch on nearly every seed.
RARE = [
    "batch-all-or-nothing", "order-lost", "outbox-in-memory", "number-before-tax", "charge-key-per-call",
    "period-checked-at-enqueue-only", "reopened-without-approval", "finalised-by-late-quote", "retry-after-ignored",
    "true-up-not-revised",
]


def detect(defect: str, repeat: int, is_guided: bool) -> tuple:
    """Seeds until the first failure, --most + 1 where there was none; and whether the defect changed anything at all."""
    first = 10_000 * (repeat + 1)
    with tempfile.TemporaryDirectory() as folder:
        command = [METERSTORM, "campaign", options.scenario, "--defect", defect, "--seeds", f"{first}..{first + options.most - 1}",
                   "--jobs", "1", "--fail-fast", "--quiet", "--format", "json", "--database", os.path.join(folder, "runs.db")]
        result = subprocess.run(command + (["--guided"] if is_guided else []), capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1):
        raise SystemExit(f"{defect}: {result.stderr.strip()}")
    summary = json.loads(result.stdout)
    is_caught = summary["passed"] < summary["runs"]
    return summary["runs"] if is_caught else options.most + 1, is_caught or summary.get("defectShows", True)


def median(seeds: list) -> str:
    value = statistics.median(seeds)
    return f"> {options.most}" if value > options.most else f"{value:g}"


known = {entry["name"] for entry in json.loads(subprocess.run([METERSTORM, "list", "defects", "--format", "json"], capture_output=True, text=True, check=True).stdout)}
defects = options.defects.split(",") if options.defects else [name for name in RARE if name in known]
lines = [
    f"Seeds of {options.scenario} until a planted defect is first caught: the median of {options.repeats} repeats, and how many",
    f"repeats caught it within {options.most} seeds. Guided campaigns begin like random ones: their first 16 seeds are the same.",
    "",
    f"{'defect':<36} {'random':>8} {'caught':>7} {'guided':>8} {'caught':>7}",
]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for defect in defects:
        found = {}
        for is_guided in (False, True):
            found[is_guided] = list(pool.map(lambda repeat: detect(defect, repeat, is_guided), range(options.repeats)))
        # A defect that changes no run of any repeat cannot be caught by any search: the scenario lacks what it needs.
        if not any(shows for way in (False, True) for _, shows in found[way]):
            lines.append(f"{defect:<36} cannot show here: no run differs from one without it")
            print(lines[-1], flush=True)
            continue
        counts = {way: [seeds for seeds, _ in found[way]] for way in (False, True)}
        cells = [cell for way in (False, True) for cell in (median(counts[way]), sum(seeds <= options.most for seeds in counts[way]))]
        lines.append(f"{defect:<36} {cells[0]:>8} {cells[1]:>7} {cells[2]:>8} {cells[3]:>7}")
        print(lines[-1], flush=True)
if options.output:
    pathlib.Path(options.output).write_text("\n".join(lines) + "\n")
