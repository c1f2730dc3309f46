"""Two Ray nodes, one of which is killed at work: see scripts/ray-check."""

import contextlib
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

from ray.cluster_utils import Cluster

binary, seeds = sys.argv[1], int(sys.argv[2])
SCENARIO = "scenarios/chaos.yaml"
PARTITIONS = 12


def runs(database):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "SELECT seed, verdict, fingerprint, usage_events, broken, missed, cause, variant, exercised FROM run ORDER BY seed").fetchall()


with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    local, remote = str(folder / "local.db"), str(folder / "remote.db")
    command = ["campaign", SCENARIO, "--seeds", f"1..{seeds}", "--defect", "retry-without-key"]
    ended = subprocess.run([binary, *command, "--jobs", "2", "--quiet", "--database", local], capture_output=True, text=True)
    if ended.returncode != 1:
        sys.exit(f"ray-check: the local campaign ended with {ended.returncode}: {ended.stderr}")
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "node_ip_address": "127.0.0.1", "include_dashboard": False})
    # At another address, so that the driver can name the node that stays: it goes with its own.
    second = cluster.add_node(num_cpus=1, node_ip_address="127.0.0.2")
    try:
        cluster.wait_for_nodes(timeout=120)
        driver = subprocess.Popen(
            [sys.executable, "scripts/support/on_ray.py", binary, SCENARIO, "--seeds", f"1..{seeds}", "--partitions", str(PARTITIONS),
             "--address", cluster.address, "--node-address", "127.0.0.1", "--database", remote, "--", "--defect", "retry-without-key"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        killed_after, said = None, []
        for line in driver.stderr:
            said.append(line)
            if line.startswith("on_ray: ") and "partitions" in line and killed_after is None:
                # One partition is done, others are at work: the node goes, with its tasks and what they have returned.
                killed_after = int(line.split()[1])
                cluster.remove_node(second, allow_graceful=False)
        code = driver.wait(timeout=600)
    finally:
        cluster.shutdown()
    if code != 1:
        sys.exit(f"ray-check: the campaign on Ray ended with {code}\n" + "".join(said[-30:]))
    if killed_after is None or killed_after >= PARTITIONS:
        sys.exit("ray-check: no node was killed while partitions were at work")
    here, there = runs(local), runs(remote)
    if here != there:
        lines = [f"- {run}" for run in here if run not in there] + [f"+ {run}" for run in there if run not in here]
        sys.exit(f"ray-check: the campaign on Ray has other results than the local one: {len(here)} here, {len(there)} there\n"
                 + "\n".join(lines[:10]))
    print(f"ray-check: {seeds} seeds on two nodes, one killed after {killed_after} of {PARTITIONS} partitions: the same {seeds} results as here")
