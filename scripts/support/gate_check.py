"""Has 'meterstorm gate' look for what was planted in made histories. Called by scripts/gate-check, which documents it.

The runs are real: a campaign of a scenario with all its faults. A commit that changes the order of random draws has other runs under the
same seeds, and so each history takes the rows of the candidate from the same seeds, from other ones, or from a mixture. Counts of
instructions are those of reports/instructions.txt with noise (see NOISE). Old failures lie in the base and the candidate alike, on seeds that are drawn for each.
"""

import argparse
import json
import os
import pathlib
import random
import re
import sqlite3
import subprocess
import sys
import tempfile

METERSTORM = os.environ.get("METERSTORM", ".build/release/meterstorm")
SCENARIO = "scenarios/chaos.yaml"
# The standard deviation of a count. Three counts of one binary (chaos.yaml, two seeds) differed by 0.03 % at most; ten times that leaves
# room for what honest commits cost.
NOISE = 0.003
SLOWDOWN = 0.05
OLD, NEW = "reconciliation-quiet", "no-lost-usage"
BROKEN = {"at": "2026-01-31T12:00:00Z", "ids": ["customer c1"], "expected": "10", "actual": "9", "violations": 1}


def meterstorm(*arguments: str, allowed: tuple = (0,)) -> str:
    result = subprocess.run([METERSTORM, *arguments], capture_output=True, text=True, check=False)
    if result.returncode not in allowed:
        sys.exit(f"meterstorm {' '.join(arguments)}: {result.returncode}: {result.stderr}")
    return result.stdout


def instructions() -> list:
    text = pathlib.Path("reports/instructions.txt").read_text()
    return [(name, int(count), unit) for name, count, unit in re.findall(r"^(.*): (\d+) (.*)$", text, re.MULTILINE)]


class History:
    """A base and a candidate with something planted, or nothing."""

    def __init__(self, number: int, planted: str, draw: random.Random, seeds: int):
        self.number, self.planted, self.draw, self.seeds = number, planted, draw, seeds
        # How much of what was drawn the candidate draws anew: nothing, everything, or a part.
        self.redrawn = draw.choice([0, 1, 0.3])
        self.old = draw.choice([0, 0, 0.03, 0.1])
        self.broken_on = draw.randint(1, 5)
        self.slowed = draw.randrange(5)

    def write(self, runs: str, path: pathlib.Path, side: str) -> None:
        connection = sqlite3.connect(path)
        with sqlite3.connect(runs) as source:
            source.backup(connection)
        with connection:
            connection.execute("UPDATE campaign SET commit_id = ?", (side * 7,))
            if side == "c":
                for seed in range(1, self.seeds + 1):
                    if self.draw.random() < self.redrawn:
                        self.take(connection, seed, seed + self.seeds)
            connection.execute("DELETE FROM run WHERE seed > ?", (self.seeds,))
            for seed in range(1, self.seeds + 1):
                if self.draw.random() < self.old:
                    self.fail(connection, seed, OLD)
            if side == "c" and self.planted == "failure":
                for seed in self.draw.sample(range(1, self.seeds + 1), self.broken_on):
                    self.fail(connection, seed, NEW)
            for index, (name, count, unit) in enumerate(instructions()):
                factor = 1 + self.draw.gauss(0, NOISE)
                if side == "c" and self.planted == "slowdown" and index == self.slowed:
                    factor *= 1 + SLOWDOWN
                connection.execute("INSERT INTO count VALUES (?, ?, 'instructions', ?, ?)", (side * 7, name, unit, count * factor))
        connection.close()

    @staticmethod
    def take(connection: sqlite3.Connection, seed: int, other: int) -> None:
        """Gives a seed what came of another one; the variant stays, as it belongs to the seed."""
        columns = [row[1] for row in connection.execute("PRAGMA table_info(run)") if row[1] not in ("campaign", "seed", "variant")]
        pairs = ", ".join(f"{name} = (SELECT {name} FROM run AS other WHERE other.seed = ?)" for name in columns)
        connection.execute(f"UPDATE run SET {pairs} WHERE seed = ?", [other] * len(columns) + [seed])

    @staticmethod
    def fail(connection: sqlite3.Connection, seed: int, invariant: str) -> None:
        (text,) = connection.execute("SELECT broken FROM run WHERE seed = ?", (seed,)).fetchone()
        broken = json.loads(text) + [BROKEN | {"invariant": invariant}]
        connection.execute("UPDATE run SET verdict = 'fail', broken = ? WHERE seed = ?", (json.dumps(broken), seed))

    def judge(self, folder: pathlib.Path, runs: str) -> tuple:
        """Whether what was planted was named, and whether anything else was."""
        base, candidate = folder / f"{self.number}-base.db", folder / f"{self.number}-candidate.db"
        self.write(runs, base, "b")
        self.write(runs, candidate, "c")
        record = json.loads(meterstorm("gate", str(base), str(candidate), "--format", "json", allowed=(0, 1)))
        reasons = [(c["text"], r["text"]) for c in record["conditions"] if c["finding"] == "failed" for r in c["reasons"]]
        unjudged = [c["text"] for c in record["conditions"] if c["finding"] == "notJudged" and c["text"] != "allocations > +5%"]
        assert not unjudged, unjudged
        expected = {
            "failure": ("new failure", f"{NEW} fails on {self.broken_on} of {self.seeds} seeds"),
            "slowdown": ("instructions > +2%", f"{instructions()[self.slowed][0]}: +"),
            "": None,
        }[self.planted]
        named = expected is not None and any(c == expected[0] and r.startswith(expected[1]) for c, r in reasons)
        others = [r for c, r in reasons if expected is None or c != expected[0] or not r.startswith(expected[1])]
        assert (record["verdict"] == "fail") == bool(reasons)
        return named, others


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1, help="of the histories")
    parser.add_argument("--seeds", type=int, default=100, help="of each campaign")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    planted = ["slowdown"] * 10 + ["failure"] * 10 + [""] * 20
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        runs = str(folder / "runs.db")
        # Every seed of the same variant, so that those of different seeds are of the same world.
        meterstorm("campaign", SCENARIO, "--no-explore", "--seeds", f"1..{2 * options.seeds}", "--quiet", "--commit", "made",
                   "--database", runs)
        caught = alarms = 0
        for number, kind in enumerate(planted, 1):
            history = History(number, kind, random.Random(draw.random()), options.seeds)
            named, others = history.judge(folder, runs)
            caught += named
            alarms += kind == "" and bool(others)
            if kind and not named or others:
                what = kind or "nothing"
                print(f"history {number}, {what} planted{'' if named or not kind else ', NOT NAMED'}: {'; '.join(others) or 'nothing else named'}")
    print(f"{caught} of 20 planted changes named, {alarms} of 20 clean histories raised a false alarm ({options.seeds} seeds each)")
    if caught < 19 or alarms > 1:
        sys.exit("gate misses its objective: at least 19 of 20 named, at most 1 false alarm")


main()
