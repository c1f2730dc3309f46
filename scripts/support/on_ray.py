"""A campaign's partitions as Ray tasks. Ray schedules, ships and retries; the database knows each run by campaign and seed, so that
a partition that runs twice changes nothing."""

import argparse
import ctypes
import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
import traceback

import ray


def bundle(binary, scenario):
    """The binary with the libraries that are not everywhere, and the scenario's folder, as one archive."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz", compresslevel=1) as tar:
        tar.add(binary, "meterstorm")
        for line in subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout.splitlines():
            words = line.split()
            if len(words) > 2 and any(name in words[0] for name in ("jemalloc", "sqlite3", "stdc++", "gcc_s")):
                tar.add(os.path.realpath(words[2]), "lib/" + words[0])
        # The path stays as the user wrote it: it is a part of the campaign's name.
        tar.add(os.path.dirname(scenario) or ".", os.path.dirname(scenario) or ".")
    return archive.getvalue()


def commit(scenario):
    """The commit as `campaign` asks git for it. A node has no repository to ask, and the results are to have one name everywhere."""
    folder = os.path.dirname(os.path.realpath(scenario))
    environment = dict(os.environ, GIT_OPTIONAL_LOCKS="0", LC_ALL="C")
    try:
        head = subprocess.run(["git", "-C", folder, "rev-parse", "--verify", "--quiet", "HEAD"],
                              capture_output=True, text=True, env=environment)
        changes = subprocess.run(["git", "-C", folder, "status", "--porcelain", "--untracked-files=no"],
                                 capture_output=True, text=True, env=environment)
    except OSError:
        return "none"
    if head.returncode != 0 or not head.stdout.strip():
        return "none"
    return head.stdout.strip() + ("-dirty" if changes.returncode == 0 and changes.stdout.strip() else "")


@ray.remote(max_retries=4)
def part(archive, name, arguments, index, count):
    """Runs one partition; returns its database, and what `campaign` ended with."""
    folder = os.path.join(tempfile.gettempdir(), "meterstorm-" + name)
    if not os.path.exists(folder):
        # Unpacked aside and moved into place at once: several tasks may do so on one machine.
        aside = tempfile.mkdtemp(prefix="meterstorm-")
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(aside, filter="data")
        try:
            os.rename(aside, folder)
        except OSError:
            pass
    with tempfile.TemporaryDirectory() as scratch:
        database = os.path.join(scratch, "part.db")
        result = subprocess.run(
            ["./meterstorm", "campaign", *arguments, "--partition", f"{index}/{count}", "--jobs", "1", "--quiet",
             "--format", "json", "--database", database],
            # It dies with its worker: a retry would find the machine busy otherwise.
            preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
            cwd=folder, env=dict(os.environ, LD_LIBRARY_PATH=os.path.join(folder, "lib")), capture_output=True, text=True)
        if result.returncode not in (0, 1):
            raise RuntimeError(f"campaign ended with {result.returncode}: {result.stderr[-2000:]}")
        # A copy through SQLite, so that nothing is left in the write-ahead log.
        import sqlite3
        with sqlite3.connect(database) as source, sqlite3.connect(database + ".whole") as target:
            source.backup(target)
        with open(database + ".whole", "rb") as file:
            return file.read(), result.returncode


def kill_one():
    """For tests: kills a worker in the middle of its task."""
    for pid in subprocess.run(["pgrep", "-f", "ray::part"], capture_output=True, text=True).stdout.split():
        os.kill(int(pid), signal.SIGKILL)
        print(f"on_ray: killed the worker {pid}", file=sys.stderr)
        return True
    return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("scenario")
    parser.add_argument("--seeds", required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--partitions", type=int, default=16)
    parser.add_argument("--address", default=os.environ.get("RAY_ADDRESS"))
    parser.add_argument("--node-address", help="that of this machine's node, where it has several")
    parser.add_argument("--kill-a-worker", action="store_true", help="for tests: one worker is killed at work")
    own = sys.argv[1:]
    rest = own[own.index("--") + 1:] if "--" in own else []
    options = parser.parse_args(own[:own.index("--")] if "--" in own else own)
    if options.address:
        ray.init(address=options.address, _node_ip_address=options.node_address, log_to_driver=False)
    else:
        ray.init(_node_ip_address="127.0.0.1", include_dashboard=False, log_to_driver=False)
    data = bundle(options.binary, options.scenario)
    name = hashlib.sha256(data).hexdigest()[:16]
    archive = ray.put(data)
    arguments = [options.scenario, "--seeds", options.seeds, *rest]
    if not any(word == "--commit" or word.startswith("--commit=") for word in rest):
        arguments += ["--commit", commit(options.scenario)]
    begin = time.monotonic()
    open_tasks = [part.remote(archive, name, arguments, index, options.partitions)
                  for index in range(1, options.partitions + 1)]
    to_kill = options.kill_a_worker
    done = 0
    while open_tasks:
        finished, open_tasks = ray.wait(open_tasks, timeout=1)
        if to_kill and done >= 1 and kill_one():
            to_kill = False
        for task in finished:
            content, _ = ray.get(task)
            with tempfile.NamedTemporaryFile(suffix=".db") as file:
                file.write(content)
                file.flush()
                merged = subprocess.run([options.binary, "merge", file.name, "--into", options.database, "--format", "json"],
                                        capture_output=True, text=True)
                if merged.returncode not in (0, 1):
                    raise RuntimeError(f"merge ended with {merged.returncode}: {merged.stderr}")
            done += 1
            print(f"on_ray: {done} of {options.partitions} partitions, {time.monotonic() - begin:.0f} s", file=sys.stderr)
    ray.shutdown()
    # Everything is there: this runs nothing, and prints the summary.
    sys.exit(subprocess.run([options.binary, "campaign", *arguments, "--database", options.database, "--quiet"]).returncode)


try:
    main()
except Exception:
    # 1 would say that the campaign is complete and a seed fails.
    traceback.print_exc()
    sys.exit(70)
