"""The smoke campaign. Called by scripts/smoke, which documents it."""

import argparse
import concurrent.futures
import glob
import json
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", default="1..3")
parser.add_argument("--scenarios", default=",".join([*sorted(glob.glob("scenarios/*.yaml")), "scenarios/patterns/middleware.yaml"]))
parser.add_argument("--jobs", type=int, default=2)
parser.add_argument("--binary", default=".build/release/meterstorm")
options = parser.parse_args()
first, last = map(int, options.seeds.split(".."))


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([options.binary, *arguments], capture_output=True, text=True, check=False)


def check(task: tuple) -> str:
    """What is wrong with a run; empty if nothing is."""
    scenario, seed, defect, invariant = task
    plant = ["--defect", defect] if defect else []
    result = run("run", scenario, "--seed", str(seed), "--format", "json", "--quiet", *plant)
    name = f"{scenario} --seed {seed} {' '.join(plant)}".strip()
    expected = 1 if defect else 0
    if defect and result.returncode == 0 and json.loads(result.stdout).get("defectActed") is False:
        # It had no occasion on this seed: the run is the same without it.
        idle.append((scenario, defect))
        return ""
    if result.returncode != expected:
        return f"{name}: exit {result.returncode} instead of {expected} {result.stderr}"
    record = json.loads(result.stdout)
    broken = {i["name"]: i for i in record["invariants"] if i["verdict"] == "broken"}
    if not defect:
        return ""
    if invariant not in broken:
        return f"{name}: caught by {sorted(broken)} and not by {invariant}"
    violation = broken[invariant]["violations"][0]
    if not violation["ids"] or not violation["at"] or violation["expected"] == violation["actual"]:
        return f"{name}: a violation without ids, an instant and two figures: {violation}"
    return ""


idle: list[tuple[str, str]] = []
# The main job must show whatever the real trace shows.
shown_by = {"scenarios/month-end-throttle.yaml": "scenarios/azure-llm-tokens.yaml"}
defects = json.loads(run("list", "defects", "--format", "json").stdout)
tasks = [
    (scenario, seed, defect, invariant)
    for scenario in options.scenarios.split(",")
    for seed in range(first, last + 1)
    for defect, invariant in [
        ("", ""),
        *[(d["name"], d["caughtBy"]) for d in defects if d["scenario"] == shown_by.get(scenario, scenario)],
    ]
]
with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
    wrong = [answer for answer in pool.map(check, tasks) if answer]
wrong += [
    f"{scenario} --defect {defect}: had no occasion on any seed"
    for scenario, defect in sorted(set(idle)) if idle.count((scenario, defect)) == last - first + 1
]
for answer in wrong:
    print(answer)
if idle:
    print(f"had no occasion: {', '.join(f'{defect} in {scenario}' for scenario, defect in sorted(set(idle)))}")
print(f"smoke: {len(tasks)} runs, {len(tasks) - len(wrong)} as expected")
sys.exit(1 if wrong else 0)
