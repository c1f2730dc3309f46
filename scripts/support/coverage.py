"""Counts how often intervals and findings of studies are right.

coverage.py FOLDER [--quick] [--part kinds|verbs|best] [--output FILE]: FOLDER holds meterstorm and meterstorm-bench. 'kinds' are figures
whose mean is known exactly. 'verbs' and 'best' run the program's verbs on scenarios, each study from a first seed of its own; their true
means come from many more runs on other seeds.
"""

import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys

FINDINGS = pathlib.Path("Tests/Findings/studies")
SKEWED = ["entities.0.erp.latencyLaw=logNormal", "entities.0.erp.latencySigma=2"]
# Name, file, what is set, and two values of customers.count.
SCENARIOS = [
    ("a day of outage in one close of ten", "rare.yaml", [], (10, 11)),
    ("exponential service", "base.yaml", [], (20, 21)),
    ("log-normal service, sigma 2", "base.yaml", SKEWED, (200, 201)),
]
# Workers, and a service time that puts the mean of each 4 s behind the one before it.
CHOICES = [(4, "12.00s"), (3, "10.26s"), (5, "14.65s"), (2, "7.32s")]
INDIFFERENCE = 4
# Far from the seeds of the studies, which are 1000 apart.
TRUTH = 900_000_000


def run(binary, *words):
    done = subprocess.run([binary, *words, "--quiet", "--jobs", "1", "--format", "json"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stderr}")
    return json.loads(done.stdout)


def settings(values):
    return [word for value in values for word in ("--set", value)]


def compare(binary, file, values, variants, seed, *more):
    words = ["compare", str(FINDINGS / file), "--seed", str(seed), *settings(values), *more]
    for variant in variants:
        words += ["--variant", variant]
    return run(binary, *words)


def close(comparison, variant=0):
    return comparison["variants"][variant]["estimates"]["closeCycleTime"]


def holds(estimate, mean):
    """Whether an interval holds a mean; None where it has no end on that side."""
    end = estimate.get("lower" if mean < estimate["mean"] else "upper")
    if end is None:
        return None
    return end <= mean if mean < estimate["mean"] else mean <= end


def limit(share, count):
    """What a share comes to at most in so many studies: three standard deviations more."""
    return share * count + 3 * (share * (1 - share) * count) ** 0.5


class Report:
    def __init__(self):
        self.lines, self.wrong = [], []

    def say(self, text=""):
        self.lines.append(text)
        print(text, flush=True)


def kinds(folder, quick, report):
    done = subprocess.run(
        [folder / "meterstorm-bench", "coverage", "--repetitions", "100" if quick else "1000", "--check"],
        capture_output=True, text=True)
    for line in done.stdout.splitlines():
        report.say(line)
    if done.returncode != 0:
        report.wrong.append("kinds of indicators: see above " + done.stderr)


def verbs(folder, quick, report, pool):
    binary = str(folder / "meterstorm")
    studies, intervals, truth = (6, 6, 300) if quick else (100, 60, 4000)
    report.say(f"\nThe verbs themselves on closeCycleTime, each study from a first seed of its own. True means: {truth} runs on other seeds.")
    report.say(f"'capacity': studies of {studies} that name an answer with the threshold at the true mean, and 5 % below it: each is wrong.")
    report.say(f"'compare': intervals of 95 % that hold the true mean, of those of {intervals} studies with an end on its side.\n")
    report.say(f"{'scenario':38}{'true mean':>22}{'at the mean':>13}{'5 % below':>11}{'hold':>11}{'no end':>8}")
    for name, file, values, (low, high) in SCENARIOS:
        variants = [f"{count}: customers.count={count}" for count in (low, high)]
        found = close(compare(binary, file, values, variants, TRUTH, "--replications", f"{truth}..{truth}"))
        mean, half = found["mean"], max(found["mean"] - found["lower"], found["upper"] - found["mean"])

        def answers(job):
            study, threshold = job
            found = run(
                binary, "capacity", str(FINDINGS / file), *settings(values), "--vary", f"customers.count={low}..{high}", "--grid", "2",
                "--objective", f"closeCycleTime < {threshold:.3f}s", "--seed", str(1 + 1000 * study))
            return found["curves"][0].get("answer") is not None

        def interval(study):
            return holds(close(compare(binary, file, values, variants, 1 + 1000 * study)), mean)

        wrong = [sum(pool.map(answers, [(study, mean * factor) for study in range(studies)])) for factor in (1, 0.95)]
        verdicts = list(pool.map(interval, range(intervals)))
        ended = [verdict for verdict in verdicts if verdict is not None]
        report.say(
            f"{name:38}{f'{mean:.0f} s ± {half:.0f} s':>22}{wrong[0]:>13}{wrong[1]:>11}{f'{sum(ended)} of {len(ended)}':>11}{len(verdicts) - len(ended):>8}")
        if max(wrong) > limit(0.05, studies):
            report.wrong.append(f"{name}: {max(wrong)} of {studies} studies name an answer")
        if len(ended) - sum(ended) > limit(0.05, len(verdicts)):
            report.wrong.append(f"{name}: {sum(ended)} of {len(ended)} intervals hold the mean")


def best(folder, quick, report, pool):
    binary = str(folder / "meterstorm")
    studies, truth = (10, 300) if quick else (200, 2000)
    variants = [
        f"{workers} workers: design.posting.concurrency={workers}; entities.0.erp.latency={latency}" for workers, latency in CHOICES]
    values = ["customers.count=20"]
    found = compare(binary, "base.yaml", values, variants, TRUTH, "--replications", f"{truth}..{truth}")
    means = [close(found, index)["mean"] for index in range(len(variants))]
    right = min(range(len(variants)), key=means.__getitem__)
    gap = sorted(means)[1] - means[right]
    report.say(f"\n'compare --best closeCycleTime --indifference {INDIFFERENCE}s': {studies} studies from first seeds of their own, on common random numbers.")
    report.say(f"True means of {truth} runs: " + ", ".join(f"{workers} workers {mean:.1f} s" for (workers, _), mean in zip(CHOICES, means)))

    def choice(study):
        found = compare(
            binary, "base.yaml", values, variants, 1 + 1000 * study, "--best", "closeCycleTime", "--indifference", f"{INDIFFERENCE}s")
        return found["choice"]

    choices = list(pool.map(choice, range(studies)))
    name = variants[right].split(":")[0]
    hits = sum(name in choice["best"] for choice in choices)
    chosen = sum(choice["finding"] == "chosen" for choice in choices)
    runs = sum(choice["runs"] for choice in choices) / studies
    report.say(
        f"{name} is the best, by {gap:.1f} s, and is named in {hits} of {studies} ({chosen} name one alone); promised 95 %; "
        f"{runs:.0f} runs on average.")
    if studies - hits > limit(0.05, studies):
        report.wrong.append(f"the best variant is named in {hits} of {studies} studies")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--part", choices=["kinds", "verbs", "best"], action="append")
    parser.add_argument("--output")
    options = parser.parse_args()
    parts = options.part or ["kinds", "verbs", "best"]
    report = Report()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        if "kinds" in parts:
            kinds(options.folder, options.quick, report)
        if "verbs" in parts:
            verbs(options.folder, options.quick, report, pool)
        if "best" in parts:
            best(options.folder, options.quick, report, pool)
    if report.wrong:
        report.say("\nOUTSIDE: " + "; ".join(report.wrong))
    if options.output:
        pathlib.Path(options.output).write_text("\n".join(report.lines) + "\n")
    sys.exit(1 if report.wrong else 0)


main()
