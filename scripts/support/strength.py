"""The strength table. Called by scripts/strength, which documents it."""

import argparse
import concurrent.futures
import json
import pathlib
import re
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", default="1..20", help="until its invariant has caught a defect")
parser.add_argument("--clean", default="", help="seeds on which the scenario runs without a defect, such as 1..1000")
parser.add_argument("--defects", default="", help="some only")
parser.add_argument("--jobs", type=int, default=2)
parser.add_argument("--scenario", default="scenarios/standard.yaml")
parser.add_argument("--binary", default=".build/release/meterstorm")
parser.add_argument("--output", help="writes what does not depend on the machine to a file")
parser.add_argument("--check", action="store_true", help="compares the table with the reference report")
parser.add_argument("--fresh", action="store_true", help="looks for the first seed anew also where the reference report names one that catches")
options = parser.parse_args()
first, last = map(int, options.seeds.split(".."))
reference = pathlib.Path("reports/strength/strength.txt")
# What the reference report says of a defect: its seed and its scenario.
ROW = re.compile(r"^(?P<name>[a-z-]+) +(?P<seed>[0-9]+) +[0-9]+d[0-9]+h  [^\[]*?(?: \[(?P<own>[^\]]+)\])?$", re.MULTILINE)
known = {} if options.fresh else {row["name"]: row for row in ROW.finditer(reference.read_text())}


def run(scenario: str, seed: int, defect: str = "") -> tuple:
    """Exit code, record and seconds of a run."""
    plant = ["--defect", defect] if defect else []
    start = time.monotonic()
    result = subprocess.run(
        [options.binary, "run", scenario, "--seed", str(seed), "--format", "json", "--quiet", *plant], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - start
    if result.returncode not in (0, 1):
        sys.exit(f"{scenario} --seed {seed} {' '.join(plant)}: exit {result.returncode}\n{result.stderr}")
    return result.returncode, json.loads(result.stdout), seconds


def duration(start: str, end: str) -> str:
    """From one instant to another, in days and hours."""
    def seconds(text: str) -> float:
        date, clock = text.rstrip("Z").split("T")
        hours, minutes, rest = clock.split(":")
        import datetime
        return datetime.date.fromisoformat(date).toordinal() * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)
    hours = int((seconds(end) - seconds(start)) // 3600)
    return f"{hours // 24}d{hours % 24:02d}h"


def judge(defect: dict) -> dict:
    """The first seed on which a defect is caught by the invariant that has to, on the standard scenario or else on its own: the one of the
    reference report, as long as it is."""
    wall = 0.0
    places = [(s, seed) for s in dict.fromkeys([options.scenario, defect["scenario"]]) for seed in range(first, last + 1)]
    if row := known.get(defect["name"]):
        places.insert(0, (f"scenarios/{row['own']}.yaml" if row["own"] else options.scenario, int(row["seed"])))
    for scenario, seed in places:
        _, record, seconds = run(scenario, seed, defect["name"])
        wall += seconds
        broken = {i["name"]: i["violations"] for i in record["invariants"] if i["verdict"] == "broken"}
        if defect["caughtBy"] in broken:
            at = min(v["at"] for v in broken[defect["caughtBy"]])
            return {
                **defect, "caught": True, "on": scenario, "seed": seed, "after": duration(record["simulated"]["start"], at), "wall": wall,
                "by": [i["name"] for i in record["invariants"] if i["name"] in broken]}
    return {**defect, "caught": False, "on": options.scenario, "wall": wall, "by": []}


def clean(seed: int) -> str:
    code, record, _ = run(options.scenario, seed)
    if code == 0:
        return ""
    broken = [i["name"] for i in record["invariants"] if i["verdict"] == "broken"]
    missed = [e["expectation"] for e in record["expectations"] if e["verdict"] == "fail"]
    return f"seed {seed}: {', '.join(broken + missed) or record['simulated']['ended']}"


defects = json.loads(subprocess.run([options.binary, "list", "defects", "--format", "json"], capture_output=True, text=True, check=True).stdout)
invariants = [e["name"] for e in json.loads(subprocess.run([options.binary, "list", "invariants", "--format", "json"], capture_output=True, text=True, check=True).stdout)]
if options.defects:
    defects = [d for d in defects if d["name"] in options.defects.split(",")]
with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
    results = list(pool.map(judge, defects))

standard = re.sub(r".*/|\.yaml", "", options.scenario)
table = [
    f"What would have to be wrong for a run to fail: {len(defects)} known mistakes, planted one at a time in the scenario '{standard}' (or, where it",
    f"has no occasion for them, in the one named), on seeds {options.seeds} until the invariant that has to catch it does.",
    "",
    f"{'defect':<34} {'seed':>4}  {'found after':>11}  caught by (first the one that has to)",
]
for result in results:
    others = [name for name in result["by"] if name != result["caughtBy"]]
    if not result["caught"]:
        table.append(f"{result['name']:<34}    -            -  NOT CAUGHT by {result['caughtBy']}")
        continue
    own = "" if result["on"] == options.scenario else f" [{re.sub(r'scenarios/|.yaml', '', result['on'])}]"
    table.append(f"{result['name']:<34} {result['seed']:>4}  {result['after']:>11}  {', '.join([result['caughtBy'], *others])}{own}")
table += ["", f"{'invariant':<34} {'defects':>7}  {'alone':>5}  catches"]
silent = []
for name in invariants:
    caught = [r["name"] for r in results if name in r["by"]]
    alone = [r["name"] for r in results if r["by"] == [name]]
    if not caught:
        silent.append(name)
    table.append(f"{name:<34} {len(caught):>7}  {len(alone):>5}  {', '.join(n + ('*' if n in alone else '') for n in caught) or 'nothing'}")
table += ["", "* nothing else catches it."]
text = "\n".join(table) + "\n"
print(text)
print(f"{'defect':<34} seconds to detection, on this machine")
for result in results:
    print(f"{result['name']:<34} {result['wall']:.1f}")
missed = [r["name"] for r in results if not r["caught"]]
print(f"\nstrength: {len(results) - len(missed)} of {len(results)} defects are caught by the invariant that has to")
if silent and not options.defects:
    print(f"invariants that catch nothing: {', '.join(silent)}")
alarms = []
if options.clean:
    a, b = map(int, options.clean.split(".."))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        alarms = [answer for answer in pool.map(clean, range(a, b + 1)) if answer]
    for alarm in alarms:
        print(alarm)
    print(f"false alarms without a defect: {len(alarms)} on {b - a + 1} seeds")
if options.check and text != reference.read_text():
    sys.exit("the table differs from reports/strength/strength.txt: run scripts/strength --output reports/strength/strength.txt")
if options.output:
    pathlib.Path(options.output).write_text(text)
sys.exit(1 if missed or alarms or (silent and not options.defects) else 0)
