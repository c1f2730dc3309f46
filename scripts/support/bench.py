"""Runs the benchmarks in turns and prints the best of each, with ratios. Called by scripts/bench."""

import json
import subprocess
import sys

ROUNDS = 3
folder, arguments = sys.argv[1], sys.argv[2:]
as_json = "--json" in arguments
quick = "--quick" in arguments  # a tenth of the events, for a look


def run(*command: str) -> dict:
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def best(results: list, key: str) -> dict:
    return max(results, key=lambda result: result[key])


def report(line: dict, text: str) -> None:
    print(json.dumps(line, sort_keys=True) if as_json else text, flush=True)


for processes, population in [(1024, 1), (1024, 16), (1_000_000, 1)]:
    shape = ["--processes", str(processes), "--population", str(population)]
    shape += ["--events", str((1 if quick else 10) * 1_000_000)]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(run(f"{folder}/meterstorm-bench", "phold", *shape, "--format", "json"))
        theirs.append(run(f"{folder}/phold-baseline", *shape))
    mine, other = best(ours, "eventsPerSecond"), best(theirs, "eventsPerSecond")
    ratio = mine["eventsPerSecond"] / other["eventsPerSecond"]
    report(
        {**mine, "baselineEventsPerSecond": other["eventsPerSecond"], "ratio": round(ratio, 3)},
        f"phold {processes} x {population}: {mine['eventsPerSecond'] / 1e6:.1f} M events/s, "
        f"std::priority_queue {other['eventsPerSecond'] / 1e6:.1f} M events/s, ratio {ratio:.2f}, "
        f"{mine['bytesPerEvent']:.3f} bytes allocated an event",
    )

events = "500000" if quick else "5000000"
results = [
    run(f"{folder}/meterstorm-bench", "pipeline", "--events", events, "--format", "json")
    for _ in range(ROUNDS)
]
pipeline = best(results, "usageEventsPerSecond")
report(
    pipeline,
    f"pipeline, {pipeline['events']} usage events, all invariants on: "
    f"{pipeline['usageEventsPerSecond'] / 1e6:.2f} M usage events/s, "
    f"{pipeline['bytesPerEvent']:.0f} bytes retained an event, "
    f"invariants cost {100 * pipeline['costOfInvariants']:.0f} %",
)
