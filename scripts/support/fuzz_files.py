"""Fuzzing of what people write in files: scenarios, price books, designs, traces, and settings of the command line.

Half of the cases change a file of the repository in one to four places, half are generated from the JSON Schema that the program
prints. Values come from a list of odd ones; structure is broken, repeated, nested and anchored.
"""

import copy
import json
import pathlib
import random
import subprocess
from typing import Any

import yaml
from fuzz import Case, Context

NUMBERS = [
    "0", "1", "-1", "2", "0.5", "2147483648", "4294967296", "9223372036854775807", "9223372036854775808", "1000000", "999999999999",
    "1000000000000", "1000000000001", "100000000000000000000", "100000000000000000000000000000000000000", "1e38", "1e-9", "0.000000000001",
    "0.000001", "0.0000000000000000001", "170141183460469231731687303715884105727", "NaN", ".inf", "-0", "0x10", "1_000", "1,000", "01",
]
# The largest that something accepts, and the smallest.
LARGE = ["100000000000", "1000000000000", "999999999999.999999", "1000000000", "1000000", "0.000000000001", "0.000001", "10000", "1024", "1", "0"]
DURATIONS = ["0s", "1ns", "1us", "1ms", "1s", "59s", "1m", "1h", "25h", "366d", "3650d", "3651d", "100000d", "-1h", "1.5h", "1h30m", "0.0000000001s", "forever", "never"]
DATES = ["0001-01-01", "1678-01-01", "1970-01-01", "1971-01-01T00:00:00.000000001Z", "2026-02-29", "2026-12-31T23:59:59.999999999Z",
         "2199-12-31", "2200-01-01", "2219-12-31", "2261-12-31", "2262-04-12", "9999-12-31", "month-end", "month-end+3650d", "month-end-3650d", "3650d", "0s"]
RATES = ["0/s", "1/d", "0.01/s", "0.000000001/d", "10000000/s", "10000001/s", "1000000000/s", "20/h", "5/min", "1e9/s"]
SHARES = ["0%", "100%", "100.1%", "0.000000001%", "50%", "-1%", "99999%", "1.3%", "1000%"]
TEXTS = ["", "''", "~", "null", "true", "a" * 65, "a" * 5000, "é", "数", "a b", "../x", "/dev/null", "*", "\u202e", "us", "US", "[]", "{}", "1x", "0x", "1000000x"]
ODD = [NUMBERS, DURATIONS, DATES, RATES, SHARES, TEXTS]
HOSTILE = ["&a [*a]", "*missing", "[" * 300, "{a: " * 200, "!!binary x", "{a: 1, a: 2}", "? [a]", "|", "\t", "%YAML 9", "---\n---", "'", "\u0000"]


class Raw(str):
    """Text that is written into YAML as it stands."""


def odd(rng: random.Random) -> Raw:
    if rng.random() < 0.02:
        return Raw(rng.choice(HOSTILE))
    return Raw(rng.choice(rng.choice(ODD)))


def like(rng: random.Random, value: Any) -> Any:
    """An odd value of the kind that stands there, most of the time."""
    text = str(value)
    if rng.random() < 0.15:
        return odd(rng)
    if isinstance(value, (int, float)) or (isinstance(value, Raw) and text.replace(".", "", 1).isdigit()):
        return Raw(rng.choice(LARGE if rng.random() < 0.5 else NUMBERS))
    if text.endswith("%"):
        return Raw(rng.choice(SHARES))
    if "/" in text and text[:1].isdigit():
        return Raw(rng.choice(RATES))
    if text[:1].isdigit() and text[-1:] in "smhdw":
        return Raw(rng.choice(DURATIONS + DATES[-5:]))
    if text[:4].isdigit() or text.startswith("month-end"):
        return Raw(rng.choice(DATES))
    return odd(rng)


def dump(value: Any) -> str:
    """Flow YAML in which raw texts stand as they are, so that odd numbers keep their digits."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {dump(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(dump(part) for part in value) + "]"
    if value is True or value is False:
        return str(value).lower()
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return f"{value:.12f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return json.dumps(str(value), ensure_ascii=False)


def document(value: Any) -> bytes:
    if not isinstance(value, dict):
        return (dump(value) + "\n").encode(errors="surrogatepass")
    lines = []
    for key, part in value.items():
        if isinstance(part, list) and part:
            lines.append(f"{key}:")
            lines += [f"  - {dump(element)}" for element in part]
        else:
            lines.append(f"{key}: {dump(part)}")
    return ("\n".join(lines) + "\n").encode(errors="surrogatepass")


def places(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, part in value.items():
            found += places(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value[:6]):
            found += places(part, (*path, index))
    return found


def change(rng: random.Random, tree: Any, rounds: int, schema: "Schema | None" = None) -> Any:
    tree = copy.deepcopy(tree)
    for _ in range(rounds):
        all_places = places(tree)
        if not all_places:
            return tree
        path = rng.choice(all_places)
        parent = tree
        for step in path[:-1]:
            parent = parent[step]
        value, roll = parent[path[-1]], rng.random()
        if roll < 0.70:
            if isinstance(value, (dict, list)) and rng.random() < 0.85:
                if isinstance(value, dict) and schema is not None:
                    schema.grow(rng, value, [step for step in path if isinstance(step, str)])
                elif isinstance(value, list) and value:
                    value += [copy.deepcopy(rng.choice(value))] * rng.choice([1, 1, 2, 30])
            else:
                parent[path[-1]] = like(rng, value)
        elif roll < 0.82:
            del parent[path[-1]]
        elif roll < 0.92 and schema is not None and isinstance(tree, dict):
            schema.grow(rng, tree, [])
        else:
            parent[path[-1]] = odd(rng)
    return tree


class Schema:
    """Values drawn from a JSON Schema as the program prints it."""

    def __init__(self, context: Context, kind: str) -> None:
        out = subprocess.run([context.binary, "schema", kind], capture_output=True, check=True).stdout
        self.root = json.loads(out)

    def resolve(self, node: Any) -> Any:
        while isinstance(node, dict) and "$ref" in node:
            target: Any = self.root
            for step in node["$ref"].lstrip("#/").split("/"):
                target = target[step]
            node = target
        return node

    def at(self, path: list[str]) -> Any:
        node = self.resolve(self.root)
        for step in path:
            options = [node, *node.get("anyOf", []), *node.get("oneOf", [])]
            options += [self.resolve(option).get("items", {}) for option in options]
            options += [part for option in options for part in self.resolve(option).get("oneOf", [])]
            for option in map(self.resolve, options):
                if step in option.get("properties", {}):
                    node = self.resolve(option["properties"][step])
                    break
            else:
                return {}
        return node

    def grow(self, rng: random.Random, value: dict, path: list[str]) -> None:
        """Adds a key that the schema knows at this place, or changes one."""
        node = self.at(path)
        options = [self.resolve(option) for option in [node, *node.get("oneOf", []), *node.get("anyOf", [])]]
        known = [(key, part) for option in options for key, part in option.get("properties", {}).items()]
        known += [(key, part) for option in options
                  for key, part in self.resolve(option.get("items", {})).get("properties", {}).items()]
        if known:
            key, part = rng.choice(known)
            value[key] = self.draw(rng, part, 0)

    def draw(self, rng: random.Random, node: Any, depth: int) -> Any:
        node = self.resolve(node)
        if depth > 8 or not isinstance(node, dict):
            return odd(rng)
        for word in ("oneOf", "anyOf"):
            if node.get(word):
                chosen = self.draw(rng, rng.choice(node[word]), depth + 1)
                if isinstance(chosen, dict) and node.get("properties"):
                    base = self.draw(rng, {key: part for key, part in node.items() if key != word}, depth + 1)
                    return {**base, **chosen} if isinstance(base, dict) else chosen
                return chosen
        if "const" in node:
            return node["const"]
        if "enum" in node:
            return rng.choice(node["enum"]) if rng.random() < 0.95 else odd(rng)
        kind = node.get("type")
        if isinstance(kind, list):
            kind = rng.choice(kind)
        if kind == "object" or "properties" in node:
            required = set(node.get("required", []))
            value = {}
            for key, part in node.get("properties", {}).items():
                if (key in required and rng.random() < 0.99) or rng.random() < 0.25:
                    value[key] = self.draw(rng, part, depth + 1)
            if not value and isinstance(node.get("additionalProperties"), dict):
                value["api_calls"] = self.draw(rng, node["additionalProperties"], depth + 1)
            return value
        if kind == "array":
            count = max(node.get("minItems", 0), rng.choice([0, 1, 1, 2, 3]))
            return [self.draw(rng, node.get("items", {}), depth + 1) for _ in range(count)]
        if kind == "integer":
            low, high = node.get("minimum", 0), node.get("maximum", 1 << 40)
            return rng.choice([low, high, min(high, low + 1), Raw(rng.choice(NUMBERS)), min(high, low + 7)])
        if kind == "number":
            return Raw(rng.choice(NUMBERS))
        if kind == "boolean":
            return rng.random() < 0.5
        examples = node.get("examples") or []
        if examples and rng.random() < 0.5:
            return rng.choice(examples)
        pattern = str(node.get("pattern", "")) + str(node.get("description", ""))
        for mark, values in (("ms", DURATIONS), ("%", SHARES), ("min", RATES), ("month-end", DATES), ("[0-9]", NUMBERS)):
            if mark in pattern and rng.random() < 0.8:
                return Raw(rng.choice(values))
        return odd(rng)


BOOK = {
    "currency": "USD",
    "charges": [
        {"meter": "api_calls", "model": "graduated", "includedUnits": 10, "minimum": 5,
         "tiers": [{"upTo": 100, "unitPrice": 0.02, "flatFee": 1}, {"unitPrice": 0.01}]},
        {"meter": "tokens", "model": "perUnit", "unitPrice": 0.0000035},
    ],
}
BASE = {
    "name": "x", "horizon": "2d", "start": Raw("2026-01-30T00:00:00Z"),
    "entities": [{"name": "us", "currency": "USD", "erp": "netsuite"}],
    "customers": {"count": 5, "contracts": "book.yaml"},
    "load": [{"meter": "api_calls", "arrivals": {"poisson": "20/h"}}, {"meter": "tokens", "arrivals": "10/h"}],
}
RICH = {
    **BASE,
    "entities": [{"name": "us", "currency": "USD", "erp": "netsuite", "tax": [{"name": "A", "rate": "5%", "changes": [{"at": "1d", "rate": "10%"}]}]}],
    "customers": {"count": 5, "contracts": "book.yaml", "seats": 3, "signUps": "1h", "amendments": [{"at": "1d", "seats": 5}]},
    "delivery": {"duplicates": "2%", "late": {"share": "5%", "delay": "2h"}, "corrections": {"share": "5%", "voids": "50%", "delay": "1h"}, "reorder": "30s"},
    "payments": {"retries": ["1d", "3d"], "gateway": {"fee": "2%", "fixedFee": 0.3, "chargebackFee": 15, "chargebacks": "10%", "declines": "10%"}},
    "credits": {"share": "10%", "limit": 100, "delay": "5d"},
    "periods": {"closeAfter": "5d", "softCloseAfter": "2d"},
    "broker": {"partitions": 4, "batchSize": 100, "linger": "1s"},
    "faults": [{"at": "3h", "for": "1h", "target": "erp/us", "outage": {}}, {"random": {"every": "12h"}, "for": "10m", "target": "erp/*", "throttle": {"to": "10%"}}],
    "design": {"extends": "middleware", "ingestion": {"deduplicationHorizon": "14d"}, "metering": {"window": "1h", "grace": "1h"},
               "posting": {"batchSize": 20, "concurrency": 2, "timeout": "60s"}, "reconciliation": {"every": "1d"}},
}
DESIGN = RICH["design"]


def kinds(context: Context) -> dict:
    def load(path: pathlib.Path) -> Any:
        try:
            return yaml.load(path.read_text(), Loader=yaml.BaseLoader)
        except (yaml.YAMLError, UnicodeDecodeError):
            return None

    books = [tree for path in sorted((context.root / "scenarios/price-books").glob("*.yaml")) if isinstance(tree := load(path), dict)] or [BOOK]
    schemas = {kind: Schema(context, kind) for kind in ("scenario", "price-book", "design")}

    def plain(tree: Any) -> Any:
        # Loaded as text throughout: digits stay as they were written.
        if isinstance(tree, dict):
            return {key: plain(part) for key, part in tree.items()}
        if isinstance(tree, list):
            return [plain(part) for part in tree]
        return Raw(tree) if isinstance(tree, str) and tree[:1].isdigit() else tree

    books = [plain(tree) for tree in books]

    def run(rng: random.Random, files: dict[str, bytes], more: list[str] = []) -> Case:
        # A horizon of days in each case: what is looked for lies in the values, not in the length.
        verb = ["validate", "x.yaml"] if rng.random() < 0.25 else ["run", "x.yaml", "--quiet", *more]
        return Case(files, verb)

    def scenario(rng: random.Random) -> Case:
        roll = rng.random()
        if roll < 0.15:
            tree = schemas["scenario"].draw(rng, schemas["scenario"].root, 0)
            if isinstance(tree, dict):
                tree = {**BASE, **{key: part for key, part in tree.items() if key not in ("horizon", "entities", "customers", "load") or rng.random() < 0.2}}
        else:
            tree = change(rng, rng.choice([BASE, RICH, RICH]), rng.choice([1, 1, 2, 3, 4]), schemas["scenario"])
        if isinstance(tree, dict) and rng.random() < 0.9:
            tree["horizon"] = rng.choice(["2d", "2d", "5d", "40d"])
        return run(rng, {"x.yaml": document(tree), "book.yaml": document(BOOK)})

    def book(rng: random.Random) -> dict | Any:
        if rng.random() < 0.2:
            return schemas["price-book"].draw(rng, schemas["price-book"].root, 0)
        return change(rng, rng.choice([BOOK, rng.choice(books)]), rng.choice([1, 1, 2, 3]), schemas["price-book"])

    def pricebook(rng: random.Random) -> Case:
        files = {"book.yaml": document(book(rng)), "x.yaml": document(rng.choice([BASE, RICH]))}
        roll = rng.random()
        if roll < 0.5:
            return run(rng, files)
        usage = rng.choice(NUMBERS + ["1000000000000000000000000", "0.000001", "5"])
        argv = ["quote", "book.yaml"]
        argv += ["--events", f"{usage},{rng.choice(NUMBERS)},3"] if rng.random() < 0.3 else ["--usage", usage]
        if rng.random() < 0.5:
            argv += ["--contract", "--seats", rng.choice(["0", "1", "1000000", "-1", "9223372036854775807"]), "--days", rng.choice(["1/31", "15/31", "0/1", "3660/3660", "1/0"])]
        return Case(files, argv)

    def design(rng: random.Random) -> Case:
        if rng.random() < 0.3:
            tree = schemas["design"].draw(rng, schemas["design"].root, 0)
        else:
            tree = change(rng, DESIGN, rng.choice([1, 1, 2, 3]), schemas["design"])
        files = {"d.yaml": document(tree), "x.yaml": document(BASE), "book.yaml": document(BOOK)}
        return Case(files, ["validate", "d.yaml"] if rng.random() < 0.2 else ["run", "x.yaml", "--quiet", "--design", "d.yaml"])

    def trace(rng: random.Random) -> Case:
        times = ["2026-01-30T01:00:00Z", "2026-01-31T01:00:00Z", *DATES, "1769738400", "1769738400.5", "-9000000000", "9000000000.1", "2026-01-30T01:00:00+05:30"]
        amounts = ["5", "5", "0.5", *NUMBERS]
        rows = ["t,q"] + [f"{rng.choice(times[:2] if rng.random() < 0.6 else times)},{rng.choice(amounts[:3] if rng.random() < 0.6 else amounts)}" for _ in range(rng.choice([0, 1, 2, 5]))]
        text = "\n".join(rows)
        if rng.random() < 0.25:
            cut = rng.randrange(len(text) + 1)
            text = text[:cut] + rng.choice(['"', '""', ",", "\r\n", "\n\n", "\u0000", "é", "\ufeff", "'", '"a""b"', ",,,"]) + text[cut:]
        reading = {"file": "t.csv", "timestamp": "t", "quantity": "q"}
        if rng.random() < 0.5:
            reading["at"] = Raw(rng.choice(["1h", "0s", *DATES]))
        if rng.random() < 0.3:
            reading["speed"] = Raw(rng.choice(["1x", "0x", "0.000001x", "1000000x", "1000001x", "2.5x"]))
        data = text.encode(errors="surrogatepass")
        if rng.random() < 0.3:
            reading = {"file": "t.csv", "format": "cloudevents", "quantity": "data.q", **{key: reading[key] for key in ("at", "speed") if key in reading}}
            data = b"\n".join(
                json.dumps({"specversion": "1.0", "id": rng.choice(["1", "", "x" * 300]), "source": "s", "type": "t", "time": rng.choice(times),
                            "data": rng.choice([{"q": "5"}, {"q": 5}, {"q": 1e300}, {"q": None}, [], "x", {"q": {"q": 1}}, {"q": True}])}).encode()
                for _ in range(rng.choice([1, 2, 5])))
            if rng.random() < 0.3:
                data = data.replace(b"5", rng.choice([b"1e999", b"-", b"[" * 600, b"\xff", b"9" * 400]))
        tree = {**BASE, "load": [{"meter": "api_calls", "trace": reading, **({"aggregation": rng.choice(["count", "max", "latest", "unique", "approximateUnique", "timeWeightedSum"])} if rng.random() < 0.4 else {})}]}
        return run(rng, {"x.yaml": document(tree), "t.csv": data, "book.yaml": document(BOOK)})

    def settings(rng: random.Random) -> Case:
        argv: list[str] = []
        for _ in range(rng.choice([1, 1, 2])):
            place = rng.choice(places(RICH))
            path = ".".join(str(step) for step in place)
            if rng.random() < 0.15:
                path += rng.choice([".x", ".0", ".-1", ".99", "..", ".9223372036854775808", ".é"])
            present: Any = RICH
            for step in place:
                present = present[step]
            # Mostly of the kind that stands there: anything else seldom gets past the first look.
            value = str(odd(rng) if isinstance(present, (dict, list)) or rng.random() < 0.3 else like(rng, present))
            if "\u0000" not in value:
                argv += ["--set", f"{path}={value}"]
        files = {"x.yaml": document(RICH), "book.yaml": document(BOOK)}
        return Case(files, ["run", "x.yaml", "--quiet", *argv])

    return {"scenario": scenario, "pricebook": pricebook, "design": design, "trace": trace, "settings": settings}
