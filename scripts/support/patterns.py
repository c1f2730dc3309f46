"""The comparison of the designs. Called by scripts/patterns, which documents it."""

import argparse
import collections
import concurrent.futures
import glob
import json
import re
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", default="1..20")
parser.add_argument("--jobs", type=int, default=2)
parser.add_argument("--binary", default=".build/release/meterstorm")
options = parser.parse_args()
first, last = map(int, options.seeds.split(".."))
seeds = range(first, last + 1)


def promised(scenario: str, key: str) -> list[str]:
    """What the comment at the head of a scenario says that its design breaks or misses."""
    text = " ".join(line[1:].strip() for line in open(scenario) if line.startswith("#"))
    match = re.search(rf"{key}: ([\w., -]+?)(?:\.? (?:misses|because)|\.?$|\. )", text)
    names = [name.strip() for name in match.group(1).split(",")] if match else []
    return [] if names == ["nothing"] else names


def run(task: tuple[str, int]) -> tuple[str, int, list[str], list[str]]:
    scenario, seed = task
    arguments = ["run", scenario, "--seed", str(seed), "--format", "json", "--quiet"]
    result = subprocess.run([options.binary, *arguments], capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1):
        return scenario, seed, [f"exit code {result.returncode}: {result.stderr.strip()}"], []
    record = json.loads(result.stdout)
    broken = [i["name"] for i in record["invariants"] if i["verdict"] == "broken"]
    missed = [e["indicator"] for e in record["expectations"] if e["verdict"] == "fail"]
    return scenario, seed, broken, missed


scenarios = sorted(glob.glob("scenarios/patterns/*.yaml"))
runs = collections.defaultdict(list)
with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
    for scenario, seed, broken, missed in pool.map(run, [(s, n) for s in scenarios for n in seeds]):
        runs[scenario].append((seed, broken, missed))

wrong = 0
for scenario in scenarios:
    breaks, misses = promised(scenario, "breaks"), promised(scenario, "misses")
    failed = [seed for seed, broken, missed in runs[scenario] if broken or missed]
    print(f"{scenario}: {len(seeds) - len(failed)} of {len(seeds)} seeds pass")
    counts = collections.Counter(name for _, broken, missed in runs[scenario] for name in broken + missed)
    for name, count in counts.most_common():
        print(f"    {name}: {count} of {len(seeds)}" + ("" if name in breaks + misses else "  (not promised)"))
    if breaks or misses:
        # Each seed fails, and each promise is kept on most of them.
        absent = [name for name in breaks + misses if counts[name] * 2 < len(seeds)]
        if len(failed) < len(seeds) or absent:
            wrong += 1
            print(f"    WRONG: should fail on every seed, and break or miss {absent} on most")
    elif failed:
        wrong += 1
        print(f"    WRONG: should pass on every seed, and fails on {failed[:10]}")
print("patterns:", "as promised" if wrong == 0 else f"{wrong} designs are not as promised")
sys.exit(1 if wrong else 0)
