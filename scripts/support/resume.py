"""Kills a campaign again and again, and compares what it leaves with one that ran through."""

import argparse
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("--seeds", default="1..600")
parser.add_argument("--kills", type=int, default=10)
options = parser.parse_args()

BINARY = ".build/release/meterstorm"


def command(database, jobs):
    return [BINARY, "campaign", "scenarios/chaos.yaml", "--seeds", options.seeds, "--jobs", str(jobs),
            "--database", database, "--quiet"]


def rows(database):
    with sqlite3.connect(database) as connection:
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in ("campaign", "run")]


with tempfile.TemporaryDirectory() as folder:
    whole, broken = f"{folder}/whole.db", f"{folder}/broken.db"
    begin = time.monotonic()
    result = subprocess.run(command(whole, 1), capture_output=True, text=True)
    length = time.monotonic() - begin
    if result.returncode != 0:
        sys.exit(f"resume: the campaign itself ended with {result.returncode}: {result.stderr}\n{result.stdout}")
    moments = random.Random(1)
    found = []
    for kill in range(options.kills):
        process = subprocess.Popen(command(broken, 2), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        # Each life gets a share of the time that two threads need for all, so that most are killed at work; some last for longer
        # than the quarter of a second after which a campaign writes what it has.
        time.sleep(moments.uniform(0.02, max(0.6, length / 2 / options.kills)))
        process.kill()
        process.wait()
        found.append(len(rows(broken)[1]) if sqlite3.connect(broken).execute(
            "SELECT COUNT(*) FROM sqlite_master").fetchone()[0] else 0)
    result = subprocess.run(command(broken, 2), capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"resume: ended with {result.returncode} after the kills: {result.stderr}")
    if found != sorted(found):
        sys.exit(f"resume: rows were lost: {found}")
    if rows(whole) != rows(broken):
        sys.exit("resume: the databases differ")
    # One more kill would prove nothing: what counts is that some came between the first row and the last.
    if not any(0 < count < len(rows(whole)[1]) for count in found):
        sys.exit(f"resume: no kill came in the middle: {found}")
    print(f"resume: {options.kills} kills, after which {', '.join(map(str, found))} runs were kept; "
          f"then {len(rows(whole)[1])} rows, the same as undisturbed")
