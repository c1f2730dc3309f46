"""Holds effects and indices against SALib and closed forms. Called by scripts/sensitivity, which documents it."""

import itertools
import json
import subprocess
import sys
import warnings

import numpy as np
from SALib.analyze import morris, sobol
from SALib.test_functions import Ishigami, Sobol_G

warnings.filterwarnings("ignore", category=FutureWarning)  # of SALib's own use of pandas
FOLDER = sys.argv[1]
LEVELS = 4
failures = []


def run(program: str, *arguments: str) -> object:
    result = subprocess.run([f"{FOLDER}/{program}", *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"{program} {' '.join(arguments)}: {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)


def claim(what: str, holds: bool, words: str) -> None:
    print(f"{what:<58} {words:<46} {'good' if holds else 'WRONG'}", flush=True)
    if not holds:
        failures.append(what)


def same(what: str, ours: list, theirs: list, tolerance: float = 1e-9) -> None:
    """Figures that come of the same samples by the same formula."""
    ours, theirs = np.array(ours, float), np.array(theirs, float)
    distance = float(np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs))))
    claim(what, ours.shape == theirs.shape and distance <= tolerance, f"at most {distance:.1e} apart")


def widths(what: str, ours: list, theirs: list, low: float, high: float) -> None:
    """Half-widths of intervals that come of the same samples by different methods: SALib's is a bootstrap with a normal law, ours are wider
    for skewed figures."""
    pairs = [(a, b) for a, b in zip(ours, theirs) if b > 1e-6]
    ratios = [a / b for a, b in pairs]
    claim(what, bool(ratios) and low <= min(ratios) and max(ratios) <= high, f"{min(ratios):.2f} to {max(ratios):.2f} of SALib's")


def holds(what: str, results: list, name: str, truth: list) -> None:
    """Intervals of 95 % that are to hold a known answer. Those of one sample miss theirs together, as small indices do: a quarter may by
    chance, and none by far. How often they hold in many samples is counted by the tests."""
    inside = far = 0
    for result, true in zip(results, truth):
        low, high = result[name + "Lower"], result[name + "Upper"]
        slack = 1e-9 * max(1, abs(true))
        inside += low - slack <= true <= high + slack
        far += abs(result[name] - true) > 2.5 * (high - low) / 2 + slack
    claim(what, inside * 4 >= len(truth) * 3 and far == 0, f"{inside} of {len(truth)} hold it")


def half(results: list, name: str) -> list:
    return [(r[name + "Upper"] - r[name + "Lower"]) / 2 for r in results]


def problem(count: int) -> dict:
    return {"num_vars": count, "names": [f"x{i}" for i in range(count)], "bounds": [[0, 1]] * count}


def elementary(function, count: int) -> tuple:
    """The mean effects of every assumption over all paths that there are, by enumeration: of their magnitudes, and with sign."""
    jump = LEVELS / (2 * (LEVELS - 1))
    low = [i / (LEVELS - 1) for i in range(LEVELS // 2)]
    # Each assumption is anywhere on its levels while another one changes.
    means, magnitudes = [], []
    for index in range(count):
        others = itertools.product([i / (LEVELS - 1) for i in range(LEVELS)], repeat=count - 1)
        points = np.array([other[:index] + (start,) + other[index:] for other in others for start in low])
        moved = points.copy()
        moved[:, index] += jump
        effects = (function(moved) - function(points)) / jump
        means.append(float(np.mean(effects)))
        magnitudes.append(float(np.mean(np.abs(effects))))
    return magnitudes, means


def ishigami_indices() -> tuple:
    a, b, pi = 7, 0.1, np.pi
    first = [(1 + b * pi**4 / 5) ** 2 / 2, a * a / 8, 0]
    both = b * b * pi**8 * (1 / 18 - 1 / 50)
    variance = sum(first) + both
    return np.array(first) / variance, (np.array(first) + np.array([both, 0, both])) / variance


def g_indices() -> tuple:
    parts = np.array([1 / 3 / (1 + a) ** 2 for a in (0, 1, 4.5, 9, 99, 99, 99, 99)])
    whole = np.prod(1 + parts)
    return parts / (whole - 1), parts * whole / (1 + parts) / (whole - 1)


FUNCTIONS = {
    "ishigami": (lambda x: Ishigami.evaluate((2 * x - 1) * np.pi), ishigami_indices()),
    "g": (Sobol_G.evaluate, g_indices()),
}

for entry in run("meterstorm-bench", "sensitivity"):
    name, count = entry["function"], entry["assumptions"]
    function, (first, total) = FUNCTIONS[name]
    part = entry["effects"]
    points, values, results = np.array(part["points"]), np.array(part["values"]), part["results"]
    same(f"{name}: values of the trajectories", values, function(points))
    theirs = morris.analyze(problem(count), points, values, conf_level=0.95, num_levels=LEVELS, num_resamples=2000, seed=1)
    same(f"{name}: mean magnitude of effects", [r["magnitude"] for r in results], theirs["mu_star"])
    same(f"{name}: mean effect", [r["mean"] for r in results], theirs["mu"])
    same(f"{name}: spread of effects", [r["spread"] for r in results], theirs["sigma"])
    widths(f"{name}: intervals of magnitudes", half(results, "magnitude"), theirs["mu_star_conf"], 0.85, 1.6)
    if count <= 4:
        magnitudes, means = elementary(function, count)
        holds(f"{name}: intervals of magnitudes, and every path there is", results, "magnitude", magnitudes)
        holds(f"{name}: intervals of means, and every path there is", results, "mean", means)

    part = entry["indices"]
    points, values, results = np.array(part["points"]), np.array(part["values"]), part["results"]
    same(f"{name}: values of the rows", values, function(points))
    theirs = sobol.analyze(problem(count), values, calc_second_order=False, num_resamples=2000, conf_level=0.95, seed=1)
    same(f"{name}: indices of first order", [r["first"] for r in results], theirs["S1"])
    same(f"{name}: total indices", [r["total"] for r in results], theirs["ST"])
    widths(f"{name}: intervals of first order", half(results, "first"), theirs["S1_conf"], 0.85, 1.35)
    widths(f"{name}: intervals of totals", half(results, "total"), theirs["ST_conf"], 0.85, 1.35)
    holds(f"{name}: intervals of first order, and the closed form", results, "first", first)
    holds(f"{name}: intervals of totals, and the closed form", results, "total", total)

# A scenario: the samples are in the record. Ranges have so many steps that every level of a trajectory is one of their values.
SCENARIO = ["capacity", "Tests/Findings/studies/base.yaml", "--quiet", "--format", "json", "--vary", "customers.count=10..40", "--vary", "entities.0.erp.latency=5s..15.5s",
            "--vary", "load.0.arrivals.constant=3/h..9/h"]
study = run("meterstorm", *SCENARIO, "--effects", "--repetitions", "12")
samples = study["samples"]
points, values = np.array(samples["positions"]), np.array(samples["outcomes"]["closeCycleTime"], float)
theirs = morris.analyze(problem(3), points, values, conf_level=0.95, num_levels=LEVELS, num_resamples=2000, seed=1)
order = [[k["path"] for k in study["knobs"]].index(e["path"]) for e in study["effects"]]
same("scenario: mean magnitude of effects", [e["magnitude"] for e in study["effects"]], theirs["mu_star"][order], 1e-6)
same("scenario: mean effect", [e["mean"] for e in study["effects"]], theirs["mu"][order], 1e-6)
same("scenario: spread of effects", [e["spread"] for e in study["effects"]], theirs["sigma"][order], 1e-6)
bounds = [e["certainty"]["magnitude"] for e in study["effects"]]
widths("scenario: intervals of magnitudes", [(b["upper"] - b["lower"]) / 2 for b in bounds], [theirs["mu_star_conf"][i] for i in order], 0.8, 2.2)

study = run("meterstorm", *SCENARIO, "--indices", "--repetitions", "60")
values = np.array(study["samples"]["outcomes"]["closeCycleTime"], float)
theirs = sobol.analyze(problem(3), values, calc_second_order=False, num_resamples=2000, conf_level=0.95, seed=1)
indices = [i for i in study["indices"] if i.get("path")]
order = [[k["path"] for k in study["knobs"]].index(i["path"]) for i in indices]
same("scenario: indices of first order", [i["first"]["mean"] for i in indices], theirs["S1"][order], 1e-6)
same("scenario: total indices", [i["total"]["mean"] for i in indices], theirs["ST"][order], 1e-6)
widths("scenario: intervals of totals", [(i["total"]["upper"] - i["total"]["lower"]) / 2 for i in indices], [theirs["ST_conf"][i] for i in order], 0.75, 2.0)

print(f"\n{'all claims hold' if not failures else str(len(failures)) + ' WRONG'}")
sys.exit(bool(failures))
