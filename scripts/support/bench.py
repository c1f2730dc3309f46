"""Runs the benchmarks in turns and prints the best of each, with ratios. Called by scripts/bench, which documents it."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("folder", help="of the release binaries")
parser.add_argument("--json", action="store_true", help="one object a line")
parser.add_argument("--quick", action="store_true", help="a tenth of the events, for a look")
parser.add_argument("--peers", action="store_true", help="also against SimPy, and against ns-3 where libns3-dev is installed")
parser.add_argument("--long", action="store_true", help="also 10^8 events, a campaign, and glibc's allocator; takes minutes")
parser.add_argument("--billion", action="store_true", help="also 10^9 events; takes five minutes")
parser.add_argument("--output", help="adds the run as a section to a Markdown file, such as reports/bench.md")
options = parser.parse_args()

ROUNDS = 3
SCALE = 1 if options.quick else 10
PEERS = pathlib.Path(".build/peers")
lines = []


def run(*command: str, preload: str = "") -> dict:
    environment = {**os.environ, "PYTHONPATH": str(PEERS), "LD_PRELOAD": preload}
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def best(results: list, key: str) -> dict:
    return max(results, key=lambda result: result[key])


def report(line: dict, text: str) -> None:
    lines.append(text)
    print(json.dumps(line, sort_keys=True) if options.json else text, flush=True)


def ready_peers() -> dict:
    """The commands of the peers that can be run here: SimPy is fetched from PyPI, ns-3 is not installed for its own sake."""
    commands = {}
    if not options.peers:
        return commands
    PEERS.mkdir(parents=True, exist_ok=True)
    if not (PEERS / "simpy").exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", str(PEERS), "simpy==4.1.1"], check=True, stderr=subprocess.DEVNULL)
    commands["SimPy"] = [sys.executable, "scripts/peers/simpy_peer.py"]
    if shutil.which("g++") and pathlib.Path("/usr/include/ns3").exists():
        subprocess.run(["g++", "-O2", "-std=c++17", "-o", str(PEERS / "ns3_peer"), "scripts/peers/ns3_peer.cpp", "-lns3-core"], check=True)
        commands["ns-3"] = [str(PEERS / "ns3_peer")]
    else:
        print("ns-3 is left out: libns3-dev is not installed", file=sys.stderr)
    return commands


def against_peers(name: str, mine: float, unit: str, model: list, theirs_of: dict) -> None:
    """`theirs_of`: how much each peer is given to do, in the order of the model's arguments."""
    for peer, command in peers.items():
        if peer not in theirs_of:
            continue
        theirs = best([run(*command, *model, *theirs_of[peer]) for _ in range(ROUNDS)], "perSecond")
        ratio = mine / theirs["perSecond"]
        report(
            {"benchmark": name, "peer": peer, "peerPerSecond": theirs["perSecond"], "perSecond": mine, "ratio": round(ratio, 2)},
            f"{name} against {peer}: {mine / 1e6:.2f} M {unit}/s and {theirs['perSecond'] / 1e6:.3f} M {unit}/s, ratio {ratio:.1f}",
        )


peers = ready_peers()
for population in (1, 16, 1000):
    shape = ["--processes", "1024", "--population", str(population), "--events", str(SCALE * 1_000_000)]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(run(f"{options.folder}/meterstorm-bench", "phold", *shape, "--format", "json"))
        theirs.append(run(f"{options.folder}/phold-baseline", *shape))
    mine, other = best(ours, "eventsPerSecond"), best(theirs, "eventsPerSecond")
    ratio = mine["eventsPerSecond"] / other["eventsPerSecond"]
    name = f"phold 1024 x {population}"
    report(
        {**mine, "baselineEventsPerSecond": other["eventsPerSecond"], "ratio": round(ratio, 3)},
        f"{name}: {mine['eventsPerSecond'] / 1e6:.1f} M events/s, "
        f"std::priority_queue {other['eventsPerSecond'] / 1e6:.1f} M events/s, ratio {ratio:.2f}, "
        f"{mine['bytesPerEvent']:.3f} bytes allocated an event",
    )
    # Each peer does as much as takes it some seconds.
    amounts = {"SimPy": [str(SCALE * (20_000 if population < 1000 else 50_000))], "ns-3": [str(SCALE * 100_000)]}
    against_peers(name, mine["eventsPerSecond"], "events", ["phold", "1024", str(population)], amounts)

customers = str(SCALE * 500_000)
queue = best([run(f"{options.folder}/meterstorm-bench", "mm1", "--customers", customers, "--format", "json") for _ in range(ROUNDS)], "customersPerSecond")
report(queue, f"M/M/1: {queue['customersPerSecond'] / 1e6:.1f} M customers/s, utilisation {queue['utilisation']:.3f}")
against_peers("M/M/1", queue["customersPerSecond"], "customers", ["mm1"], {"SimPy": [str(SCALE * 20_000)], "ns-3": [str(SCALE * 100_000)]})

results = [
    run(f"{options.folder}/meterstorm-bench", "pipeline", "--events", str(SCALE * 500_000), "--format", "json")
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
# As SimPy's manual teaches it, and flattened by hand: see the peer's own text.
for name, model in (("pipeline", "pipeline"), ("pipeline flattened by hand", "flat")):
    against_peers(name, pipeline["usageEventsPerSecond"], "usage events", [model], {"SimPy": [str(SCALE * 20_000)]})

def month(events: int, customers: int, days: int, preload: str = "", folder: str = options.folder) -> dict:
    """The pipeline with all invariants on, alone."""
    shape = ["--events", str(events), "--customers", str(customers), "--days", str(days), "--turns", "1", "--judged-only"]
    return run(f"{folder}/meterstorm-bench", "pipeline", *shape, "--format", "json", preload=preload)


def campaign(seeds: int, jobs: int, preload: str = "", scenario: str = "chaos", folder: str = options.folder) -> float:
    """Seeds of a chaos scenario a second."""
    command = [f"{folder}/meterstorm", "campaign", f"scenarios/{scenario}.yaml", "--seeds", f"1..{seeds}", "--jobs", str(jobs), "--quiet"]
    start = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "LD_PRELOAD": preload})
    return seeds / (time.monotonic() - start)


def glibc() -> str:
    """A library that puts glibc's allocator in jemalloc's place."""
    library = PEERS.resolve() / "glibc_malloc.so"
    PEERS.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), "scripts/peers/glibc_malloc.c", "-ldl"], check=True)
    return str(library)


if options.long:
    small = best([month(SCALE * 100_000, 1000, 1) for _ in range(ROUNDS)], "usageEventsPerSecond")
    large = month(SCALE * 10_000_000, 10_000, 31)
    growth = small["usageEventsPerSecond"] / large["usageEventsPerSecond"]
    report(
        {**large, "name": "month", "growth": round(growth, 3)},
        f"a month of {large['events'] / 1e6:.0f} M usage events, all invariants on: {large['seconds']:.1f} s, "
        f"{large['peakResidentBytes'] / 1e6:.0f} MB at most, {growth:.2f} x the time an event of {small['events'] / 1e6:.0f} M",
    )
    seeds = SCALE * 20
    one, two = (max(campaign(seeds, jobs) for _ in range(ROUNDS)) for jobs in (1, 2))
    report(
        {"name": "campaign", "seeds": seeds, "seedsPerSecond": {"1": round(one, 1), "2": round(two, 1)}},
        f"campaign of chaos.yaml, 10,000 usage events over four months a seed: {one:.1f} seeds/s on one thread, {two:.1f} on two, ratio {two / one:.2f}",
    )
    short = {jobs: max(campaign(4 * seeds, jobs, scenario="chaos-month-end") for _ in range(ROUNDS)) for jobs in (1, 2)}
    report(
        {"name": "campaign of a month's end", "seeds": 4 * seeds, "seedsPerSecond": {str(jobs): round(rate, 1) for jobs, rate in short.items()}},
        f"campaign of chaos-month-end.yaml, 10,000 usage events and a close a seed: {short[1]:.1f} seeds/s on one thread, {short[2]:.1f} on two, ratio {short[2] / short[1]:.2f}",
    )
    library = glibc()
    # Of what has its allocator inside, nothing that is loaded before takes the place: both from a build that loads jemalloc, too.
    dynamic = os.environ["METERSTORM_DYNAMIC"]
    other = best([month(SCALE * 500_000, 1000, 1, library, dynamic) for _ in range(ROUNDS)], "usageEventsPerSecond")
    ours = best([month(SCALE * 500_000, 1000, 1, folder=dynamic) for _ in range(ROUNDS)], "usageEventsPerSecond")
    slower = max(campaign(seeds, 2, library, folder=dynamic) for _ in range(ROUNDS))
    two = max(campaign(seeds, 2, folder=dynamic) for _ in range(ROUNDS))
    report(
        {"name": "allocator", "pipeline": round(ours["usageEventsPerSecond"] / other["usageEventsPerSecond"], 3), "campaign": round(two / slower, 3)},
        f"jemalloc against glibc's allocator: pipeline {ours['usageEventsPerSecond'] / other['usageEventsPerSecond']:.2f} x, campaign on two threads {two / slower:.2f} x",
    )

if options.billion:
    huge = month(SCALE * 100_000_000, 10_000, 31)
    report(
        {**huge, "name": "billion"},
        f"{huge['events'] / 1e6:.0f} M usage events, all invariants on: {huge['seconds']:.0f} s, {huge['peakResidentBytes'] / 1e9:.2f} GB at most")

if options.output:
    commit = subprocess.run(["git", "log", "-1", "--format=%h"], check=True, capture_output=True, text=True).stdout.strip()
    head = f"## {datetime.date.today()} · {commit} · {os.cpu_count()} cores, {platform.machine()}"
    with open(options.output, "a", encoding="utf-8") as file:
        file.write("\n".join(["", head, "", *[f"- {line}" for line in lines], ""]))
