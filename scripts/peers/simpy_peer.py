"""What a Python user writes with SimPy in place of Meterstorm: the models of meterstorm-bench. Prints one JSON object.

simpy_peer.py phold PROCESSES POPULATION EVENTS | mm1 CUSTOMERS | pipeline EVENTS | flat EVENTS

The pipeline is there twice: as SimPy's manual teaches to model it, with a store for each queue, a condition for what waits for
two things and a resource for what has a limit; and flattened by hand to what is fastest, with lists in the place of stores and
nobody who counts along.
"""

import itertools
import json
import random
import sys
import time
from collections import defaultdict
from typing import NamedTuple

import simpy


def phold(processes: int, population: int, events: int) -> int:
    env = simpy.Environment()
    draw = random.Random(42)
    handled = [0] * processes
    left = events
    done = env.event()

    def job():
        nonlocal left
        while True:
            yield env.timeout(draw.expovariate(1.0))
            handled[draw.randrange(processes)] += 1
            left -= 1
            if left == 0:
                done.succeed()

    for _ in range(processes * population):
        env.process(job())
    env.run(until=done)
    return sum(handled)


def mm1(customers: int) -> int:
    env = simpy.Environment()
    draw = random.Random(42)
    server = simpy.Resource(env, capacity=1)
    served = 0

    def customer():
        nonlocal served
        with server.request() as turn:
            yield turn
            yield env.timeout(draw.expovariate(1.0))
        served += 1

    def source():
        for _ in range(customers):
            yield env.timeout(draw.expovariate(0.8))
            env.process(customer())

    env.process(source())
    env.run()
    return served


class Usage(NamedTuple):
    source: int
    number: int
    customer: int
    at: float
    quantity: int


def pipeline(events: int) -> int:
    """Partitions with a consumer each that batches, deduplication, hourly windows, rating, posting to an ERP that takes five
    calls at once, and what every stage handed on counted: no faults, no tax, no payments."""
    env = simpy.Environment()
    draw = random.Random(42)
    day = 86_400.0
    customers, producers, batch_size, linger = 1000, 4, 500, 5.0
    weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(customers)))
    names = range(customers)
    partitions = [simpy.Store(env) for _ in range(producers)]
    erp = simpy.Resource(env, capacity=5)
    numbers = [0] * producers
    seen = set()
    windows = defaultdict(lambda: [0, 0])
    posted = {}
    totals = {"emitted": 0, "quantity": 0, "delivered": 0, "duplicates": 0, "metered": 0}

    def ingest(batch):
        totals["delivered"] += len(batch)
        for usage in batch:
            key = (usage.source, usage.number)
            if key in seen:
                totals["duplicates"] += 1
                continue
            seen.add(key)
            window = windows[usage.customer, int(usage.at // 3600)]
            window[0] += 1
            window[1] += usage.quantity
            totals["metered"] += usage.quantity

    def send(usage, delay):
        yield env.timeout(delay)
        yield partitions[usage.customer % producers].put(usage)

    def consume(partition):
        while True:
            batch = [(yield partition.get())]
            deadline = env.timeout(linger)
            while len(batch) < batch_size:
                following = partition.get()
                yield following | deadline
                if not following.triggered:
                    following.cancel()
                    break
                batch.append(following.value)
            ingest(batch)

    def produce():
        while True:
            yield env.timeout(draw.expovariate(events / day))
            if env.now >= day:
                return
            customer = draw.choices(names, cum_weights=weights)[0]
            producer = customer % producers
            numbers[producer] += 1
            usage = Usage(producer, numbers[producer], customer, env.now, max(1, round(draw.lognormvariate(1.0986, 1.0))))
            totals["emitted"] += 1
            totals["quantity"] += usage.quantity
            delay = draw.uniform(0, 10)
            if draw.random() < 0.01:
                delay += draw.uniform(600, 10_800)
            env.process(send(usage, delay))
            if draw.random() < 0.02:
                env.process(send(usage, delay + draw.uniform(1, 60)))

    def post(number, customer, amount):
        with erp.request() as turn:
            yield turn
            yield env.timeout(0.02)
        assert number not in posted
        posted[number] = (customer, amount)

    def close():
        yield env.timeout(day + 4 * 3600)
        used = defaultdict(int)
        for (customer, _), (_, quantity) in windows.items():
            used[customer] += quantity
        for number, customer in enumerate(sorted(used), start=1):
            env.process(post(number, customer, round(used[customer] * 0.0015, 2)))

    for partition in partitions:
        env.process(consume(partition))
    env.process(produce())
    env.process(close())
    env.run(until=2 * day)
    assert totals["emitted"] == len(seen) == totals["delivered"] - totals["duplicates"]
    assert totals["quantity"] == totals["metered"] == sum(quantity for _, quantity in windows.values())
    assert len(posted) == len({customer for customer, _ in windows})
    return len(seen)


def flat(events: int) -> int:
    """Deduplication, hourly windows, rating and posting of a day's usage: no faults, no tax, no payments, no checks."""
    env = simpy.Environment()
    draw = random.Random(42)
    day = 86_400.0
    customers, producers, batch_size, linger = 1000, 4, 500, 5.0
    weights = [1 / (rank + 1) for rank in range(customers)]
    names = range(customers)
    queues = [[] for _ in range(producers)]
    seen, windows, numbers = set(), {}, [0] * producers
    posted = {}

    def ingest(queue):
        for source, number, customer, at, quantity in queue:
            if (source, number) in seen:
                continue
            seen.add((source, number))
            cell = (customer, int(at // 3600))
            count, total = windows.get(cell, (0, 0))
            windows[cell] = (count + 1, total + quantity)
        queue.clear()

    def deliver(event, delay):
        yield env.timeout(delay)
        queue = queues[event[2] % producers]
        queue.append(event)
        if len(queue) == 1:
            env.process(flush(queue))
        elif len(queue) >= batch_size:
            ingest(queue)

    def flush(queue):
        yield env.timeout(linger)
        ingest(queue)

    def load():
        drawn = draw.choices(names, weights, k=events)
        for customer in drawn:
            yield env.timeout(draw.expovariate(events / day))
            if env.now >= day:
                return
            producer = customer % producers
            numbers[producer] += 1
            quantity = max(1, round(draw.lognormvariate(1.0986, 1.0)))
            event = (producer, numbers[producer], customer, env.now, quantity)
            delay = draw.uniform(0, 10)
            if draw.random() < 0.01:
                delay += draw.uniform(600, 10_800)
            env.process(deliver(event, delay))
            if draw.random() < 0.02:
                env.process(deliver(event, delay + draw.uniform(1, 60)))

    def close():
        yield env.timeout(day + 4 * 3600)
        totals = {}
        for (customer, _), (_, total) in windows.items():
            totals[customer] = totals.get(customer, 0) + total
        for number, customer in enumerate(sorted(totals)):
            yield env.timeout(0.02)
            posted[number + 1] = (customer, round(totals[customer] * 0.0015, 2))

    env.process(load())
    env.process(close())
    env.run()
    assert sum(count for count, _ in windows.values()) == len(seen)
    assert len(posted) == len({customer for customer, _ in windows})
    return len(seen)


model, sizes = sys.argv[1], [int(size) for size in sys.argv[2:]]
begin = time.perf_counter()
done = {"phold": phold, "mm1": mm1, "pipeline": pipeline, "flat": flat}[model](*sizes)
seconds = time.perf_counter() - begin
print(json.dumps({"peer": f"SimPy {simpy.__version__}", "model": model, "sizes": sizes, "done": done, "seconds": seconds, "perSecond": done / seconds}))
