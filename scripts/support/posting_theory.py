"""Holds posting with refusals against models of its own in SimPy, which share nothing with the program but these words:

- An ERP has so many places. A call that finds one takes it for its service time, and its caller hears of it 20 ms later; a call
  that finds none, or comes while the ERP is down, is refused: its caller hears so 50 ms later, or a second later if it is down.
- A pause after n refusals in a row is 2 s doubled n - 1 times, 300 s at most, and of that between half and all of it, evenly.
- perCall: a worker takes a document, and makes its call again after a pause until it succeeds.
- perOutbox: after a refusal nobody calls until a pause is over; calls that were under way together count as one refusal.
- adaptive: as many calls at once as there are workers, until some are refused: then as many as the ERP works on, but at least
  half of what was allowed; one more after as many successes as are allowed, but not before the pause after the last refusal,
  which grows while each further call is refused. If the ERP works on none, nobody calls until a pause is over; after the second
  failure in a row of an ERP that is down, one call goes ahead of the others.

posting_theory.py METERSTORM [SEEDS]
"""

import json
import math
import random
import statistics
import subprocess
import sys

import simpy

FIRST, LONGEST = 2.0, 300.0


class ERP:
    """Places, an outage, and callers who hear late."""

    def __init__(self, env, places, service, down=(0.0, 0.0)):
        self.env, self.places, self.service, self.down = env, places, service, down
        self.busy = 0
        self.last = 0.0

    def call(self):
        """What a caller goes through; `posted`, `throttled` or `unavailable` in the end."""
        if self.down[0] <= self.env.now < self.down[1]:
            yield self.env.timeout(1.0)
            return "unavailable"
        if self.busy >= self.places:
            yield self.env.timeout(0.05)
            return "throttled"
        self.busy += 1
        yield self.env.timeout(self.service())
        self.busy -= 1
        self.last = self.env.now
        yield self.env.timeout(0.02)
        return "posted"


def pause(draw, refusals):
    longest = min(LONGEST, FIRST * 2 ** min(refusals - 1, 30))
    return longest * (0.5 + 0.5 * draw.random())


def per_call(draw, workers, documents, erps, env, share=None):
    left = [documents] if share is None else share

    def worker(erp):
        while left[0] > 0:
            left[0] -= 1
            refusals = 0
            while (yield env.process(erp.call())) != "posted":
                refusals += 1
                yield env.timeout(pause(draw, refusals))

    for _ in range(workers):
        env.process(worker(erps))


class Outbox:
    """Documents that wait, and calls that are started whenever the rules allow one."""

    def __init__(self, env, draw, erp, workers, documents, adaptive):
        self.env, self.draw, self.erp = env, draw, erp
        self.workers, self.waiting, self.adaptive = workers, documents, adaptive
        self.allowed = workers
        self.under_way = []
        self.failures = 0
        self.heard_failure = -1.0
        self.paused_until = 0.0
        self.successes = self.refused_probes = 0
        self.next_probe = 0.0
        self.probing = self.trial = False
        self.least = 1
        self.start()

    def may_call(self):
        if self.waiting == 0 or self.env.now < self.paused_until or len(self.under_way) >= self.allowed:
            return False
        return not self.trial or not any(begun >= self.heard_failure for begun in self.under_way)

    def start(self):
        while self.may_call():
            self.waiting -= 1
            self.under_way.append(self.env.now)
            self.env.process(self.caller(self.env.now))

    def caller(self, begun):
        answer = yield self.env.process(self.erp.call())
        self.under_way.remove(begun)
        if answer == "posted":
            self.posted()
        else:
            self.waiting += 1
            self.refused(answer, begun)
        self.start()

    def posted(self):
        self.failures = 0
        self.trial = False
        if self.allowed == self.workers:
            return
        self.successes += 1
        if self.successes < self.allowed:
            return
        if self.probing:
            self.refused_probes = 0
        self.probing = False
        if self.env.now >= self.next_probe:
            self.successes = 0
            self.probing = True
            self.allowed += 1

    def refused(self, answer, begun):
        is_new = begun >= self.heard_failure
        if is_new:
            self.failures += 1
            self.heard_failure = self.env.now
        if not self.adaptive:
            if is_new:
                self.rest()
            return
        if answer == "unavailable":
            self.trial = self.failures > 1
            if is_new:
                self.rest()
            return
        if is_new:
            self.least = max(1, self.allowed // 2)
            self.successes = 0
            self.probing = False
            self.refused_probes += 1
            self.next_probe = self.env.now + pause(self.draw, self.refused_probes)
        self.allowed = max(self.least, min(self.allowed, len(self.under_way)))
        if not self.under_way:
            self.rest()

    def rest(self):
        length = pause(self.draw, self.failures)
        if self.env.now + length > self.paused_until:
            self.paused_until = self.env.now + length
            self.env.process(self.wake(length))

    def wake(self, length):
        yield self.env.timeout(length)
        self.start()


def makespan(strategy, seed, workers, documents, places, service=6.0, exponential=False, down=(0.0, 0.0)):
    """Seconds until the last document is in the ledger."""
    env, draw = simpy.Environment(), random.Random(f"{strategy} {seed}")
    length = (lambda: draw.expovariate(1 / service)) if exponential else (lambda: service)
    erp = ERP(env, places, length, down)
    if strategy == "perCall":
        per_call(draw, workers, documents, erp, env)
    else:
        Outbox(env, draw, erp, workers, documents, strategy == "adaptive")
    env.run()
    return erp.last


class Program:
    def __init__(self, path):
        self.path = path

    def makespan(self, scenario, seed, settings, start=7200.0):
        """Posting starts two hours after the month: an hour of grace, and one of silence."""
        command = [self.path, "run", scenario, "--quiet", "--format", "json", "--seed", str(seed)]
        for setting in settings:
            command += ["--set", setting]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: exit {result.returncode}\n{result.stderr}")
        record = json.loads(result.stdout)
        broken = [i["name"] for i in record["invariants"] if i["verdict"] in ("fail", "broken")]
        if broken:
            sys.exit(f"{' '.join(command)}: broken {broken}")
        return record["indicators"]["closeCycleTime"]["value"] - start


def spread(values):
    return statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def main(path, seeds):
    program = Program(path)
    studies = "Tests/Findings/studies"
    burst = f"{studies}/base.yaml"
    # 2,000 invoices at one instant, each a call of 6 s.
    calls = ["customers.count=2000", "entities.0.erp.latency=6s", "entities.0.erp.latencyLaw=logNormal", "entities.0.erp.latencySigma=0"]
    rows = []

    def row(name, simulated, modelled, tolerance=0.03):
        """Equal within 3 %, or where the seeds differ too much for that, within three standard errors."""
        mean, model = statistics.mean(simulated), statistics.mean(modelled)
        error = math.hypot(spread(simulated), spread(modelled))
        holds = abs(mean - model) <= max(tolerance * model, 3 * error)
        rows.append(holds)
        print(f"{name:58} {model:10.0f} {mean:10.0f} {100 * (mean / model - 1):+7.1f} %  {'within' if holds else 'OUTSIDE'}", flush=True)

    print(f"Posting with refusals, against SimPy models of the same rules: mean makespans in seconds over {seeds} seeds\n")
    print(f"{'':58} {'SimPy':>10} {'simulated':>10}")
    for strategy in ("perCall", "adaptive", "perOutbox"):
        for workers in (5, 6, 10, 15, 65):
            settings = [
                "entities.0.erp.concurrency=5", f"design.posting.concurrency={workers}",
                f"design.posting.backoffStrategy={strategy}"]
            row(
                f"{strategy}: 2,000 documents, 5 places, {workers} workers",
                [program.makespan(burst, seed, calls + settings) for seed in range(1, seeds + 1)],
                [makespan(strategy, seed, workers, 2000, 5) for seed in range(5 * seeds)])
    for strategy in ("perCall", "adaptive"):
        settings = [
            "entities.0.erp.concurrency=15", "design.posting.concurrency=15",
            "faults=[{at: month-end, for: 12h, target: erp/us, throttle: {to: 50%}}]",
            f"design.posting.backoffStrategy={strategy}"]
        row(
            f"{strategy}: throttled to 7 of 15 places",
            [program.makespan(burst, seed, calls + settings) for seed in range(1, seeds + 1)],
            [makespan(strategy, seed, 15, 2000, 7) for seed in range(5 * seeds)])
    for strategy in ("perCall", "adaptive", "perOutbox"):
        settings = [f"design.posting.backoffStrategy={strategy}"]
        row(
            f"{strategy}: one document after an outage of 3 h",
            [program.makespan(f"{studies}/outage.yaml", seed, settings) - 10800 for seed in range(1, 10 * seeds + 1)],
            [makespan(strategy, seed, 1, 1, 1, 10.0, down=(0.0, 10800.0)) - 10800 for seed in range(50 * seeds)])
        settings = [
            "entities.0.erp.concurrency=5", "design.posting.concurrency=10", f"design.posting.backoffStrategy={strategy}",
            "faults=[{at: month-end, for: 3h, target: erp/us, outage: {}}]"]
        row(
            f"{strategy}: 2,000 documents, 10 workers, after an outage of 1 h",
            [program.makespan(burst, seed, calls + settings) - 3600 for seed in range(1, seeds + 1)],
            [makespan(strategy, seed, 10, 2000, 5, down=(0.0, 3600.0)) - 3600 for seed in range(5 * seeds)])
    return all(rows)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(0 if main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 20) else 1)
