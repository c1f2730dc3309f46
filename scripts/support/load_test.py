"""Runs the core as a service, kills it, and audits it. Called by scripts/load-test, which documents it."""

import json
import os
import pathlib
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

METERSTORM = os.environ.get("METERSTORM", ".build/release/meterstorm")
SCENARIO = "scenarios/live/month-end.yaml"
SCALE = "240"
KILLS = 5


class Service:
    """A process that tells where it listens, and that is killed and started again on the same port."""

    def __init__(self, *arguments: str) -> None:
        self.arguments = list(arguments)
        self.port = 0
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen([*self.arguments, "--port", str(self.port), "--seconds", "300"], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"on http://127.0.0.1:(\d+)/", line)
            if found:
                self.port = int(found.group(1))
                break
            print("  " + line.rstrip())
        else:
            sys.exit(f"{' '.join(self.arguments)} did not start: {self.process.wait()}")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        code = self.process.wait(timeout=60)
        if code != 0:
            sys.exit(f"{self.arguments[1]} ended with {code}")


def load(*arguments: str) -> dict:
    result = subprocess.run([METERSTORM, "load", SCENARIO, "--time-scale", SCALE, "--format", "json", "--quiet", *arguments], capture_output=True, text=True, check=False, timeout=240)
    if result.returncode not in (0, 1):
        sys.exit(f"load: {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


def tell(record: dict) -> None:
    judged = [i for i in record["invariants"] if i["verdict"] in ("held", "broken")]
    broken = [i["name"] for i in judged if i["verdict"] == "broken"]
    ingestion = record["ingestion"]
    latency = ", ".join(f"{name} {ingestion['latency'][name] * 1e3:.1f} ms" for name in ("p50", "p99", "max"))
    print(f"  {record['verdict']}: {len(judged) - len(broken)} of {len(judged)} invariants held{': broken ' + ', '.join(broken) if broken else ''}")
    print(f"  {ingestion['acknowledged']} of {ingestion['scheduled']} events acknowledged in {ingestion['seconds']:.0f} s, {ingestion['repetitions']} requests retried; {latency}")
    print(f"  {record['documents']} documents in the ledgers; {record.get('acknowledgedAndLost', 'unknown')} acknowledged and lost; {'; '.join(record['problems']) or 'no problem'}")


with tempfile.TemporaryDirectory() as folder:
    origin = str(time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 3_000_000_000)
    clock = ["--time-scale", SCALE, "--origin", origin]
    erp = Service(METERSTORM, "erp", "serve", SCENARIO, *clock)
    pipeline = Service(METERSTORM, "pipeline", "serve", SCENARIO, "--data", folder, "--erps", erp.url, *clock)
    print(f"The core over HTTP, with its log on disk, killed {KILLS} times")
    result: dict = {}
    thread = threading.Thread(target=lambda: result.update(load("--target", pipeline.url, "--erps", erp.url, "--origin", origin, "--patience", "90", "--log", folder)))
    thread.start()
    draw = random.Random(42)
    for number in range(KILLS):
        time.sleep(draw.uniform(6, 10))
        pipeline.kill()
        size = (pathlib.Path(folder) / "pipeline.log").stat().st_size
        time.sleep(draw.uniform(0.1, 1.0))
        pipeline.start()
        print(f"  killed with a log of {size} bytes, and started again")
    thread.join()
    tell(result)
    if result["verdict"] != "pass" or result["acknowledgedAndLost"] != 0:
        sys.exit("the core lost something, or posted twice")
    pipeline.end()
    erp.end()

    print("A core that saves its state now and then, killed three times")
    careless = pathlib.Path(folder) / "careless"
    options = ["--set", "horizon=40m", "--set", "design.log.syncEvery=20m"]
    origin = str(time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 3_000_000_000)
    clock = ["--time-scale", SCALE, "--origin", origin, *options]
    erp = Service(METERSTORM, "erp", "serve", SCENARIO, *clock)
    pipeline = Service(METERSTORM, "pipeline", "serve", SCENARIO, "--data", str(careless), "--erps", erp.url, *clock)
    result = {}
    thread = threading.Thread(target=lambda: result.update(load("--target", pipeline.url, "--erps", erp.url, "--origin", origin, "--patience", "2", "--log", str(careless), *options)))
    thread.start()
    time.sleep(4)
    for _ in range(3):
        time.sleep(2)
        pipeline.kill()
        pipeline.start()
    thread.join()
    tell(result)
    if not result["acknowledgedAndLost"]:
        sys.exit("the audit did not see that what was acknowledged was lost")
    pipeline.end()
    erp.end()

    print("A naive middleware that retries blindly")
    origin = str(time.clock_gettime_ns(time.CLOCK_BOOTTIME) + 3_000_000_000)
    erp = Service(METERSTORM, "erp", "serve", SCENARIO, "--time-scale", SCALE, "--origin", origin)
    naive = Service(sys.executable, "scripts/support/naive_middleware.py", "--erps", erp.url)
    record = load("--target", naive.url, "--erps", erp.url, "--origin", origin, "--patience", "25")
    tell(record)
    if not any(i["name"] == "no-double-posting" and i["verdict"] == "broken" for i in record["invariants"]):
        sys.exit("the audit did not catch that documents were posted twice")
    naive.process.kill()
    erp.end()
