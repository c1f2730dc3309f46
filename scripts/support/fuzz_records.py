"""Kinds of the fuzzer for what Meterstorm itself writes and reads again, and for its options: records, journals and manifests of runs,
rows of results databases, and command lines. Files start from what the program writes today, so that most of what is changed gets past
the first look of a decoder.
"""

import contextlib
import copy
import json
import pathlib
import random
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import Any

from fuzz import Case, Context

# The smallest shipped scenario that fails with a defect, so that every part of a record has something in it.
SCENARIO = "azure-llm-tokens.yaml"
NUMBERS: list[Any] = [
    0, -1, 1, 2**31, 2**53, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 2**64, 10**15, 10**15 + 1, 10**30, 0.5, -0.0, 1e18, 9.3e18, 1e19,
    1e30, 1.1e30, 1.7e308, 5e-324, -1e300,
]
TEXTS = [
    "", " ", "0", "-", "x", "null", "1e5", "-0", "9" * 400, "1,000", "=1+1", "\u0000", "\n", "\u202e", "é" * 50, "<script>", "]]>", "T",
    "2026-02-30T00:00:00Z", "1677-01-01T00:00:00Z", "2262-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "0000-00-00T00:00:00Z",
]
SMALL = ["0", "1", "2", "-1"]
# The ends of the integers, for figures near the root of a record: there are few of them, and the rest of it hangs on them.
ENDS = [2**63 - 1, 2**63, 2**64 - 1, -1, 0]
FORMATS = ["text", "json", "timeline", "trace", "html", "markdown", "junit", "openmetrics"]


def paths(node: Any, prefix: tuple = ()) -> list[tuple]:
    """Every place in a JSON value; of long lists the first places."""
    found = [prefix] if prefix else []
    if isinstance(node, dict):
        for key, value in node.items():
            found += paths(value, (*prefix, key))
    elif isinstance(node, list):
        for index, value in enumerate(node[:4]):
            found += paths(value, (*prefix, index))
    return found


def odd(value: Any, rng: random.Random) -> Any:
    """Something else in the place of a value, mostly of its own kind."""
    if rng.random() < 0.12:
        return rng.choice([None, True, {}, [], "x", 1, [[]], {"a": {}}])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return rng.choice(NUMBERS)
    if isinstance(value, str):
        if rng.random() < 0.5 or not value:
            return rng.choice(TEXTS)
        index = rng.randrange(len(value))
        return value[:index] + rng.choice(["", "9", "-", "\n", "Z"]) + value[index + 1:]
    if isinstance(value, list):
        return rng.choice([value[1:], value[:-1], value * 2, value + value[:1], []])
    return dict(list(value.items())[1:]) if isinstance(value, dict) else None


def changed(value: Any, rng: random.Random, places: list[tuple]) -> Any:
    """A copy with one to three places changed, taken away or doubled."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        # The upper levels have few places: they are drawn as often as all below them.
        depth = rng.randint(1, 7)
        place = rng.choice([path for path in places if len(path) <= depth])
        node = value
        try:
            for key in place[:-1]:
                node = node[key]
            if rng.random() < 0.15:
                del node[place[-1]]
            else:
                node[place[-1]] = odd(node[place[-1]], rng)
        except (KeyError, IndexError, TypeError):
            continue
    return value


def at_the_end(value: Any, rng: random.Random, places: list[tuple]) -> Any:
    """A copy in which a number of the upper two levels stands at an end of the integers."""
    value = copy.deepcopy(value)
    numbers = []
    for place in places:
        node = value
        for key in place:
            node = node[key]
        if len(place) <= 2 and isinstance(node, int | float) and not isinstance(node, bool):
            numbers.append(place)
    if numbers:
        place = rng.choice(numbers)
        node = value
        for key in place[:-1]:
            node = node[key]
        node[place[-1]] = rng.choice(ENDS)
    return value


def broken_text(data: bytes, rng: random.Random) -> bytes:
    """Bytes cut, doubled or changed."""
    at = rng.randrange(len(data))
    return rng.choice([data[:at], data[:at] + bytes([rng.randrange(256)]) + data[at + 1:], data[:at] + data[at // 2:], b"", b"\xff\xfe", b"[" * 5000])


class Base:
    """What the program writes, made once."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.lock = threading.Lock()
        self.made: dict[str, Any] = {}

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        with self.lock:
            if name not in self.made:
                self.made[name] = make()
            return self.made[name]

    def run(self, *arguments: str) -> None:
        outcome = subprocess.run([self.context.binary, *arguments], cwd=self.context.root, capture_output=True, check=False, timeout=300)
        if outcome.returncode not in (0, 1):
            raise RuntimeError(f"{arguments}: {outcome.stderr.decode(errors='replace')}")

    def folder(self) -> dict[str, Any]:
        def make() -> dict[str, Any]:
            with tempfile.TemporaryDirectory() as place:
                out = pathlib.Path(place, "out")
                self.run("run", f"scenarios/{SCENARIO}", "--defect", "retry-without-key", "--quiet", "--output", str(out))
                files = {name: json.loads((out / name).read_text()) for name in ("record.json", "journal.json", "run.json")}
            files["journal.json"]["documents"] = files["journal.json"]["documents"][:6]
            return {"files": files, "paths": {name: paths(value) for name, value in files.items()}}

        return self.get("folder", make)

    def database(self) -> bytes:
        def make() -> bytes:
            with tempfile.TemporaryDirectory() as place:
                file = str(pathlib.Path(place, "base.db"))
                scenario = f"scenarios/{SCENARIO}"
                self.run("campaign", scenario, "--seeds", "1..2", "--quiet", "--database", file)
                self.run("run", scenario, "--quiet", "--database", file)
                self.run("compare", scenario, "--designs", "middleware,micro-batch", "--replications", "2..2", "--quiet", "--database", file)
                with contextlib.closing(sqlite3.connect(file)) as database:
                    database.execute("PRAGMA journal_mode = DELETE")
                return pathlib.Path(file).read_bytes()

        return self.get("database", make)


def record(base: Base) -> Callable[[random.Random], Case]:
    def generate(rng: random.Random) -> Case:
        folder = base.folder()
        name = rng.choice(["record.json"] * 4 + ["journal.json", "run.json"])
        change = at_the_end if rng.random() < 0.3 else changed
        value = change(folder["files"][name], rng, folder["paths"][name])
        data = json.dumps(value).encode()
        if rng.random() < 0.05:
            data = broken_text(data, rng)
        if name == "run.json":
            # What a manifest names stands in the repository.
            return Case({"run/run.json": data}, ["replay", "run", "--until", "1d", "--quiet"], placed=False)
        if name == "journal.json":
            return Case({"run/journal.json": data}, ["report", "run", "--format", "hledger"], placed=False)
        argv = ["report", "run/record.json", "--format", rng.choice(FORMATS)]
        files = {"run/record.json": data}
        if rng.random() < 0.2:
            files["run/other.json"] = json.dumps(folder["files"][name]).encode()
            argv = ["report", "run/record.json", "--against", "run/other.json", "--format", rng.choice(["text", "markdown", "html"])]
        elif rng.random() < 0.15:
            argv = ["report", "run/record.json", "--format", "csv", "--output", "tables"]
        return Case(files, argv, placed=False)

    return generate


def rows(base: Base) -> Callable[[random.Random], Case]:
    def value(old: Any, rng: random.Random) -> Any:
        if isinstance(old, str) and old[:1] in "[{" and rng.random() < 0.8:
            parsed = json.loads(old)
            places = paths(parsed)
            return json.dumps(changed(parsed, rng, places) if places else odd(parsed, rng))
        return rng.choice([number for number in NUMBERS if isinstance(number, float) or abs(number) < 2**63] + TEXTS[:18] + [b"\x00\xff", "[]", "{}", '["a"]'])

    def change(database: sqlite3.Connection, rng: random.Random) -> None:
        table = rng.choice(["run"] * 4 + ["record", "replication", "study", "campaign"])
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        column = rng.choice(columns)
        if rng.random() < 0.08:
            database.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
            return
        old = database.execute(f"SELECT {column} FROM {table} ORDER BY 1 LIMIT 1 OFFSET {rng.randrange(2)}").fetchone()
        if old:
            database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} IS ?", (value(old[0], rng), old[0]))

    def generate(rng: random.Random) -> Case:
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place, "odd.db")
            file.write_bytes(base.database())
            with contextlib.closing(sqlite3.connect(file)) as database:
                for _ in range(rng.choice([1, 1, 2])):
                    with contextlib.suppress(sqlite3.Error, OverflowError, ValueError):
                        change(database, rng)
                        database.commit()
            data = file.read_bytes()
        if rng.random() < 0.05:
            data = broken_text(data, rng)
        scenario = f"{base.context.root}/scenarios/{SCENARIO}"
        argv = rng.choice([
            ["merge", "--into", "all.db", "odd.db"], ["merge", "--into", "all.db", "odd.db", "--format", "json"],
            ["campaign", scenario, "--seeds", "1..2", "--quiet", "--database", "odd.db", "--format", rng.choice(["text", "html", "json"])],
            ["merge", "--into", "odd.db", "odd.db"],
        ])
        return Case({"odd.db": data}, argv, placed=False)

    return generate


def options(base: Base) -> Callable[[random.Random], Case]:
    scenario = f"{base.context.root}/scenarios/{SCENARIO}"
    book = f"{base.context.root}/scenarios/price-books/saas-usd.yaml"
    values = [
        "=", "a=", "=b", "..", "1..", "..1", "a..b", ",", ",,", ":", ";", "-1", "0", "1", "1/0", "0/1", "9" * 30, "1e400", "nan", "inf", "-", "--",
        "/", ".", "/dev/null", "/dev/full", "/no/such/place", "file", "customers.count=0", "customers.count=1..2", "a.b.c=1..2",
        "entities.0.erp.concurrency=5,15", "x: =", "x: a=b;c", "%", "101%", "-5%", "\u202e", "é", "2262-01-01T00:00:00Z", "9e9d", "month-end+9e9d",
    ]
    verbs: dict[str, tuple[list[str], list[str]]] = {
        "run": ([scenario], ["seed", "design", "set", "defect", "only", "without", "output", "database", "format", "log", "boundary-cap",
                             "boundary-stride", "jobs", "crash-at-every-boundary", "guided", "expect", "color"]),
        "campaign": ([scenario, "--seeds=1"], ["seeds", "minutes", "jobs", "partition", "database", "shrink", "format", "junit", "set", "design", "expect"]),
        "shrink": ([scenario], ["seed", "broken", "output", "set", "defect"]),
        "compare": ([scenario, "--designs=middleware,micro-batch", "--replications=2..2"],
                    ["designs", "variant", "replications", "precision", "confidence", "seed", "jobs", "database", "format"]),
        "capacity": ([scenario, "--vary=customers.count=1..2", "--replications=2..2", "--grid=2", "--objective=closeCycleTime < 1d"],
                     ["vary", "across", "objective", "replications", "precision", "grid", "study", "confidence", "seed", "jobs", "database"]),
        "explain": ([scenario, "--violation=1"], ["transaction", "violation", "sample", "format", "seed", "set"]),
        "replay": ([scenario, "--until=1d"], ["until", "format", "seed", "set", "design"]),
        "report": ([f"{base.context.root}/reports/azure-llm-tokens"], ["format", "output", "against"]),
        "quote": ([book], ["usage", "events", "meter", "seats", "days", "format"]),
        "merge": (["x.db"], ["into", "format"]),
        "validate": ([], []), "schema": ([], []), "list": (["designs"], ["format"]), "completions": ([], []),
        "init": (["new"], ["from", "timestamp", "quantity"]),
        "load": ([scenario], ["target", "time-scale", "seed"]),
    }

    def generate(rng: random.Random) -> Case:
        verb = rng.choice(sorted(verbs))
        fixed, names = verbs[verb]
        argv = [verb, *fixed]
        for _ in range(rng.choice([1, 1, 2, 3])):
            if names and rng.random() < 0.9:
                # Small numbers are what most options take: they are tried as often as half of all else.
                value = rng.choice(SMALL) if rng.random() < 0.3 else rng.choice([*values, ""])
                argv.append(f"--{rng.choice(names)}={value}")
            else:
                argv.append(rng.choice(values[:12] + ["--no-such", "--"]))
        # A run of its own may take a while; what is looked at is how it begins.
        return Case({"file": b"mine"}, argv, seconds=60, placed=False)

    return generate


def kinds(context: Context) -> dict[str, Callable[[random.Random], Case]]:
    base = Base(context)
    return {"record": record(base), "rows": rows(base), "options": options(base)}
