"""What a Python user writes with SimPy in place of Meterstorm: the models of meterstorm-bench. Prints one JSON object.

simpy_peer.py phold PROCESSES POPULATION EVENTS | mm1 CUSTOMERS | pipeline EVENTS
"""

import json
import random
import sys
import time

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


def pipeline(events: int) -> int:
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
done = {"phold": phold, "mm1": mm1, "pipeline": pipeline}[model](*sizes)
seconds = time.perf_counter() - begin
print(json.dumps({"peer": f"SimPy {simpy.__version__}", "model": model, "sizes": sizes, "done": done, "seconds": seconds, "perSecond": done / seconds}))
