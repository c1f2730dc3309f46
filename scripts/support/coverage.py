"""Counts how often intervals and findings of studies are right.

coverage.py FOLDER [--quick] [--output FILE]: FOLDER holds meterstorm and meterstorm-bench. The second part runs the verbs
themselves from disjoint first seeds; its true means come from many more runs on other seeds.
"""

import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys

FINDINGS = pathlib.Path("Tests/Findings/studies")
SKEWED = "entities.0.erp.latencyLaw=logNormal; entities.0.erp.latencySigma=2"
# Name, file, and the two variants that are compared.
SCENARIOS = [
    ("base", "base.yaml", ["200: customers.count=200", "220: customers.count=220"]),
    ("rare", "rare.yaml", ["10: customers.count=10", "11: customers.count=11"]),
    ("log-normal service, sigma 2", "base.yaml", [f"200: {SKEWED}", f"220: customers.count=220; {SKEWED}"]),
]
# Far from the seeds of the studies.
TRUTH = 900_000_000


def run(binary, *words):
    done = subprocess.run([binary, *words, "--quiet", "--format", "json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)


def compare(binary, file, variants, seed, replications=None):
    words = ["compare", str(FINDINGS / file), "--seed", str(seed), "--jobs", "1"]
    for variant in variants:
        words += ["--variant", variant]
    if replications:
        words += ["--replications", f"{replications}..{replications}"]
    return run(binary, *words)


def estimates(comparison):
    return [variant["estimates"]["closeCycleTime"] for variant in comparison["variants"]]


def holds(estimate, mean):
    """Whether an interval holds a mean; None where it has no end on that side."""
    end = estimate.get("lower" if mean < estimate["mean"] else "upper")
    if end is None:
        return None
    return end <= mean if mean < estimate["mean"] else mean <= end


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--output")
    options = parser.parse_args()
    binary = str(options.folder / "meterstorm")
    lines = []

    def say(text=""):
        lines.append(text)
        print(text, flush=True)

    bench = subprocess.run(
        [options.folder / "meterstorm-bench", "coverage", "--repetitions", "200" if options.quick else "2000", "--check"],
        capture_output=True, text=True)
    for line in bench.stdout.splitlines():
        say(line)
    wrong = bench.returncode != 0
    studies, truth = (10, 200) if options.quick else (100, 2000)
    say(f"\nThe verbs themselves, {studies} studies of each from first seeds that share none; closeCycleTime. True means: {truth} runs on other seeds.\n")
    say(f"{'scenario':30}{'true mean':>12}{'intervals hold':>16}{'open':>7}{'called met at the mean':>24}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, file, variants in SCENARIOS:
            true = [estimate["mean"] for estimate in estimates(compare(binary, file, variants, TRUTH, truth))]
            found = list(pool.map(
                lambda study: estimates(compare(binary, file, variants, 1 + 1000 * study)), range(studies)))
            verdicts = [holds(estimate, mean) for study in found for estimate, mean in zip(study, true)]
            held = sum(verdict is True for verdict in verdicts)
            unknown = sum(verdict is None for verdict in verdicts)

            def is_met(study):
                settings = [word for setting in variants[0].split(": ")[1].split("; ") for word in ("--set", setting)]
                low = 10 if name == "rare" else 200
                settings = [] if settings[1].startswith("customers") else settings
                found = run(
                    binary, "capacity", str(FINDINGS / file), "--vary", f"customers.count={low}..{low + 1}", "--grid", "2",
                    "--objective", f"closeCycleTime < {true[0]:.3f}s", "--seed", str(1 + 1000 * study), "--jobs", "1", *settings)
                return found["curves"][0].get("answer") is not None

            met = sum(pool.map(is_met, range(studies)))
            say(f"{name:30}{true[0]:>10.1f} s{f'{held} of {len(verdicts) - unknown}':>16}{unknown:>7}{f'{met} of {studies}':>24}")
            if name != "log-normal service, sigma 2":
                wrong |= met > max(0.05 * studies + 3 * (0.05 * 0.95 * studies) ** 0.5, 1)
    if options.output:
        pathlib.Path(options.output).write_text("\n".join(lines) + "\n")
    sys.exit(1 if wrong else 0)


main()
