"""Mutation testing of the core. Called by scripts/mutate, which documents it.

All mutants are built at once: in a copy of the repository every chosen site holds both, the original and the mutation, and
the environment variable METERSTORM_MUTANT selects one at run time (R. Untch, A. Offutt, M. Harrold, "Mutation analysis
using mutant schemata", 1993). What does not compile is not viable and is left out.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--count", type=int, default=60)
parser.add_argument("--seed", default="1", help="of the stream that chooses the sites; several, separated by commas, are built at once")
parser.add_argument("--jobs", type=int, default=2)
parser.add_argument("--seeds", default="1..2", help="of the campaign")
parser.add_argument("--chaos", default="1..300", help="seeds of scenarios/chaos.yaml, run on what the scenarios let live")
parser.add_argument("--tests", action="store_true", help="runs the unit tests of the core on what the campaign lets live")
parser.add_argument("--folder", default=".build/mutate", help="keeps the copy and the results: a run goes on where the last one stopped")
parser.add_argument("--again", action="store_true", help="builds the copy anew and forgets survivors, which are run again; kills are kept")
parser.add_argument("--output", help="writes the report to a file as well")
options = parser.parse_args()

SOURCES = "Sources/UsageToCash"
SCENARIOS = [
    "standard", "plan-changes", "aggregations", "prepaid", "late-usage-accrued", "anniversaries", "payments", "credits", "erp-cut-over",
    "soft-close", "exceptions", "hostile-network", "hostile-telemetry", "outage-over-close", "foreign-books", "every-model", "onboarding",
    "patterns/micro-batch", "crashes", "late-master-data", "period-close", "late-usage-exceptions",
    "late-usage-supplementary", "credit-and-rebill", "sales-tax", "dirty-telemetry",
    "discounts", "azure-llm-tokens", "short-lived-keys", "quick-corrections", "last-invoices", "split-documents",
    "patterns/direct-api", "patterns/nightly-batch", "patterns/custom-scripts", "patterns/middleware",
]
# Small inputs with figures of their own: a fraction of a second each.
INPUTS = ["Tests/Findings/money/*.yaml", "Tests/Findings/drawn/z*.yaml", "Tests/Findings/physics/*.yaml"]
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "+=": "-=", "-=": "+=", "&&": "||", "||": "&&",
}
OPERATOR = re.compile(r"(?<=[\w)\]}?]) (<=|>=|==|!=|\+=|-=|&&|\|\||<|>|\+|-) (?=[\w(\[.!-])")
LITERAL = re.compile(r"(?<= [-+*/<>] )([1-9]\d?)(?![\w.])")
STATEMENT = re.compile(r"^(\s+)([a-z]\w*(?:\??\.\w+|\[[^\]]*\])*(?:\(.*\)| [-+]?= .*[^{(,]))$")
# What only the verb `quote` reaches, and no run: the unit tests and the rating vectors hold it.
QUOTE_ONLY = {"Rating/ContractQuote.swift": None, "Rating/ChargeRater.swift": "func rate(events:"}
HEADS = ("let ", "var ", "func ", "case ", "return", "guard ", "if ", "for ", "while ", "switch ", "else", "default", "import ", "self.", "init(", "precondition", "self = ", "super", "defer", "break", "continue", "throw", "try", "static ", "private ", "public ", "mutating ", "extension ", "struct ", "enum ")


def code(line: str) -> str:
    """A line without its comment, and with texts blanked."""
    line = re.sub(r'"(?:\\.|[^"\\])*"', lambda m: '"' + "_" * (len(m.group()) - 2) + '"', line)
    return line.split("//")[0].rstrip()


def assertions(lines: list) -> set:
    """The lines of assertions: a mutant of one is a mistake of the check and not of the core, and `assert` is no code of a release build."""
    inside, depth = set(), 0
    for number, line in enumerate(lines):
        text = code(line)
        if depth or re.match(r"\s*(assert|precondition|preconditionFailure|assertionFailure)\(", text):
            inside.add(number)
            depth += text.count("(") - text.count(")")
    return inside


def sites() -> list:
    found = []
    for path in sorted(pathlib.Path(SOURCES).rglob("*.swift")):
        lines = path.read_text().split("\n")
        only = QUOTE_ONLY.get(str(path.relative_to(SOURCES)), "")
        if only is None:
            continue
        is_skipped = False
        stated = assertions(lines)
        for number, line in enumerate(lines):
            if number in stated:
                continue
            if only and only in line:
                is_skipped = True
            if is_skipped:
                is_skipped = line != "  }"
                continue
            text = code(line)
            stripped = text.strip()
            if not stripped or stripped.startswith(("@", "case ", "import ", "public static var", "infix")):
                continue
            # A planted defect is no code that anybody relies on.
            if "planted" in text:
                continue
            # An operator of its own belongs to what it defines.
            if "static func" in text or "precondition" in text or "fatalError" in text:
                continue
            for match in OPERATOR.finditer(text):
                if match.group(1) in "<>" and re.search(r"\b(struct|func|extension|some|any)\b", text):
                    continue
                found.append({"file": str(path), "line": number, "kind": "operator", "at": match.start(1), "old": match.group(1), "new": SWAPS[match.group(1)]})
            for match in LITERAL.finditer(text):
                found.append({"file": str(path), "line": number, "kind": "literal", "at": match.start(1), "old": match.group(1), "new": str(int(match.group(1)) + 1)})
            match = STATEMENT.match(text)
            before = code(lines[number - 1]).strip() if number else ""
            after = code(lines[number + 1]).strip() if number + 1 < len(lines) else ""
            # A single expression that is a result is no statement; nor is a part of a longer one.
            alone = before.endswith(("{", ")", "}", "]")) or before.endswith(":") or re.search(r"[\w\"]$", before)
            if match and not stripped.startswith(HEADS) and alone and not before.endswith(("=", "?", "+", "(")) and not after.startswith((".", "?", "+", "-", "&&", "||")) and "{" not in stripped and not (before.endswith("{") and after == "}"):
                found.append({"file": str(path), "line": number, "kind": "statement", "at": len(match.group(1)), "old": stripped, "new": ""})
    return found


def spread(found: list, count: int, seed: int) -> list:
    """A seeded choice: the kinds in turn, so that none crowds out the others."""
    stream = random.Random(seed)
    kinds = {}
    for site in found:
        kinds.setdefault(site["kind"] + site["old"] if site["kind"] == "operator" else site["kind"], []).append(site)
    for group in kinds.values():
        stream.shuffle(group)
    chosen = []
    shares = {name: (3 if name == "statement" else 1) for name in kinds}
    while len(chosen) < count and any(kinds.values()):
        for name in sorted(kinds):
            for _ in range(shares[name]):
                if kinds[name] and len(chosen) < count:
                    chosen.append(kinds[name].pop())
    return chosen


def symbol(base: str, number: int) -> str:
    """An operator of its own for a mutant: the original one and its number in binary."""
    return base + "".join("∘∙"[int(bit)] for bit in f"{number:b}")


PRECEDENCE = {"<": "Comparison", "<=": "Comparison", ">": "Comparison", ">=": "Comparison", "==": "Comparison", "!=": "Comparison", "+": "Addition", "-": "Addition", "+=": "Assignment", "-=": "Assignment", "&&": "LogicalConjunction", "||": "LogicalDisjunction"}
SUMS = ["Int", "Int32", "Int64", "Int128", "UInt32", "UInt64", "Double", "Span", "Money", "Quantity"]


def support(mutants: list) -> str:
    lines = [
        "import CanonicalModel", "import Chronology", "import Glibc", "",
        "/// The mutant that this process runs; 0: none.",
        'public let mutant: Int = getenv("METERSTORM_MUTANT").flatMap { Int(String(cString: $0)) } ?? 0', "",
    ]
    for mutant in mutants:
        number = mutant["number"]
        if mutant["kind"] != "operator":
            continue
        old, new, name = mutant["old"], mutant["new"], symbol(mutant["old"], mutant["number"])
        lines.append(f"infix operator {name} : {PRECEDENCE[old]}Precedence")
        if old in ("&&", "||"):
            lines.append(f"public func {name} (a: Bool, b: @autoclosure () throws -> Bool) rethrows -> Bool {{ try mutant == {number} ? a {new} b() : a {old} b() }}")
        elif old in ("==", "!="):
            lines.append(f"public func {name} <T: Equatable>(a: T, b: T) -> Bool {{ mutant == {number} ? a {new} b : a {old} b }}")
        elif old in ("<", "<=", ">", ">="):
            lines.append(f"public func {name} <T: Comparable>(a: T, b: T) -> Bool {{ mutant == {number} ? a {new} b : a {old} b }}")
        elif old in ("+", "-"):
            for kind in SUMS:
                lines.append(f"public func {name} (a: {kind}, b: {kind}) -> {kind} {{ mutant == {number} ? a {new} b : a {old} b }}")
            lines.append(f"public func {name} (a: Instant, b: Span) -> Instant {{ mutant == {number} ? a {new} b : a {old} b }}")
            if old == "-":
                # The other way round: there is no sum of two instants.
                lines.append(f"public func {name} (a: Instant, b: Instant) -> Span {{ mutant == {number} ? b - a : a - b }}")
        else:
            for kind in SUMS:
                lines.append(f"public func {name} (a: inout {kind}, b: {kind}) {{ a = mutant == {number} ? a {new[0]} b : a {old[0]} b }}")
            lines.append(f"public func {name} (a: inout Instant, b: Span) {{ a = mutant == {number} ? a {new[0]} b : a {old[0]} b }}")
    return "\n".join(lines) + "\n"


def mutated(line: str, mutants: list) -> str:
    for mutant in sorted(mutants, key=lambda m: -m["at"]):
        number, at, old = mutant["number"], mutant["at"], mutant["old"]
        if mutant["kind"] == "operator":
            line = line[:at] + symbol(old, number) + line[at + len(old):]
        elif mutant["kind"] == "literal":
            line = f'{line[:at]}(mutant == {number} ? {mutant["new"]} : {old}){line[at + len(old):]}'
        else:
            line = f"{line[:at]}if mutant != {number} {{ {line[at:].strip()} }}"
    return line


folder = pathlib.Path(options.folder).resolve()
# What is mutated is a copy, and so are the scenarios: work on the repository may go on meanwhile.
original = folder / "original"
EXPLANATIONS = pathlib.Path("scripts/support/mutants-explained.txt").read_text()
tree = folder / "tree"


def copy(source: pathlib.Path, target: pathlib.Path, names: list) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if not (target / name).exists() or (target / name).read_bytes() != (source / name).read_bytes():
            shutil.copyfile(source / name, target / name)
            shutil.copymode(source / name, target / name)


if options.output:
    options.output = str(pathlib.Path(options.output).resolve())
if options.again or not original.exists():
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True, check=True).stdout.split("\n")
    shutil.rmtree(original, ignore_errors=True)
    copy(pathlib.Path("."), original, [name for name in listed if name and os.path.exists(name)])
os.chdir(original)
state_file = folder / f"seed-{options.seed.replace(',', '-')}-count-{options.count}.json"


def build(mutants: list) -> list:
    """Builds the copy with these mutants; returns those that do not compile."""
    names = [str(path.relative_to(original)) for path in original.rglob("*") if path.is_file()]
    for stale in (tree / "Sources").rglob("*.swift"):
        if str(stale.relative_to(tree)) not in names:
            stale.unlink()
    copy(original, tree, names)
    by_file = {}
    for mutant in mutants:
        by_file.setdefault(mutant["file"], {}).setdefault(mutant["line"], []).append(mutant)
    for name, lines in by_file.items():
        text = pathlib.Path(name).read_text().split("\n")
        for number, here in lines.items():
            text[number] = mutated(text[number], here)
        (tree / name).write_text("\n".join(text))
    (tree / SOURCES / "Mutants.swift").write_text(support(mutants))
    result = subprocess.run(["swift", "build", "-c", "release", "--product", "meterstorm"], cwd=tree, capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return []
    broken = []
    for name, line in re.findall(r"(Sources/UsageToCash/[\w+/.-]+\.swift):(\d+):\d+: error:", result.stdout + result.stderr):
        for mutant in by_file.get(name, {}).get(int(line) - 1, []):
            if mutant not in broken:
                broken.append(mutant)
    if not broken:
        # An error may be told for the line before or after a statement of several lines.
        for name, line in re.findall(r"(Sources/UsageToCash/[\w+/.-]+\.swift):(\d+):\d+: error:", result.stdout + result.stderr):
            near = [m for n, here in by_file.get(name, {}).items() for m in here if abs(n + 1 - int(line)) <= 3]
            broken += [m for m in near if m not in broken]
    if not broken:
        # Or at the end of the function: an initialiser that leaves something out.
        names = set(re.findall(r"(Sources/UsageToCash/[\w+/.-]+\.swift):\d+:\d+: error:", result.stdout + result.stderr))
        inside = [m for m in mutants if m["file"] in names]
        broken = [m for m in inside if m["kind"] == "statement"] or inside
    if not broken:
        sys.exit("the copy does not build:\n" + (result.stdout + result.stderr)[-4000:])
    return broken


def run(scenario: str, seed: int | None, mutant: int, limit: float) -> tuple:
    """How a run ends that can fail, its broken invariants and missed expectations, and its fingerprint."""
    binary = tree / ".build/release/meterstorm"
    seeds = [] if seed is None else ["--seed", str(seed)]
    try:
        result = subprocess.run(
            [binary, "run", scenario, *seeds, "--format", "json", "--quiet", "--without-wall-clock"],
            capture_output=True, text=True, check=False, timeout=limit, env={**os.environ, "METERSTORM_MUTANT": str(mutant), "SWIFT_BACKTRACE": "enable=no"})
    except subprocess.TimeoutExpired:
        return "does not end", [], None
    if result.returncode not in (0, 1):
        return f"ends with {result.returncode}", [], None
    record = json.loads(result.stdout)
    broken = [i["name"] for i in record["invariants"] if i["verdict"] == "broken"]
    missed = ["an expectation was missed" for e in record["expectations"] if e["verdict"] == "fail"]
    return "", broken + missed, record["fingerprint"]


def told(known: dict, ending: str, failing: list) -> str:
    """What tells a mutant from the core, whose own runs of a naive design fail, too: what fails only with it."""
    news = [name for name in dict.fromkeys(failing) if failing.count(name) > known["failing"].count(name)]
    return ending or ", ".join(news)


def explore(mutant: int) -> tuple:
    """The campaign over drawn scenarios, to the first failure: what broke and on which seed; or nothing, and the fingerprints."""
    database = folder / f"chaos-{mutant}.sqlite"
    database.unlink(missing_ok=True)
    command = [tree / ".build/release/meterstorm", "campaign", "scenarios/chaos.yaml", "--seeds", options.chaos, "--jobs", "1", "--fail-fast", "--quiet", "--database", database]
    environment = {**os.environ, "METERSTORM_MUTANT": str(mutant), "SWIFT_BACKTRACE": "enable=no"}
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=environment)
    except subprocess.TimeoutExpired:
        return "does not end", None, None
    try:
        if result.returncode not in (0, 1):
            return f"ends with {result.returncode}", None, None
        with contextlib.closing(sqlite3.connect(database)) as rows:
            fingerprints = [row[0] for row in rows.execute("SELECT fingerprint FROM run ORDER BY seed")]
            failed = rows.execute("SELECT seed, broken FROM run WHERE verdict = 'fail' ORDER BY seed LIMIT 1").fetchone()
        if failed is None:
            return "", None, fingerprints
        return ", ".join(entry["invariant"] for entry in json.loads(failed[1])) or "an expectation was missed", failed[0], None
    finally:
        database.unlink(missing_ok=True)


first, last = map(int, options.seeds.split(".."))
seeds = [int(seed) for seed in options.seed.split(",")]
inputs = [(str(path), None) for pattern in INPUTS for path in sorted(pathlib.Path(".").glob(pattern))]
scenarios = [(f"scenarios/{name}.yaml", seed) for seed in range(first, last + 1) for name in SCENARIOS if os.path.exists(f"scenarios/{name}.yaml")]

state = json.loads(state_file.read_text()) if state_file.exists() else None
if state is None or options.again:
    found = sites()
    kills = {(m["file"], m["code"], m["at"], m["kind"]): m.get("by") for m in (state or {"mutants": []})["mutants"] if m.get("by")}
    queues = {seed: spread(found, len(found), seed) for seed in seeds}
    skipped = []
    while True:
        mutants = []
        for seed, queue in queues.items():
            # Others take the place of what does not compile.
            for mutant in [m for m in queue if m not in skipped][: options.count]:
                mutant.setdefault("number", 1 + sum("number" in m for m in found))
                if mutant not in mutants:
                    mutants.append(mutant)
        print(f"building {len(mutants)} mutants of {len(found)} sites", file=sys.stderr, flush=True)
        broken = build(mutants)
        if not broken:
            break
        skipped += broken
    for seed, queue in queues.items():
        for mutant in [m for m in queue if m not in skipped][: options.count]:
            mutant["seeds"] = mutant.get("seeds", []) + [seed]
    for mutant in mutants:
        line = pathlib.Path(mutant["file"]).read_text().split("\n")[mutant["line"]]
        mutant["code"], mutant["indent"] = line.strip(), len(line) - len(line.lstrip())
        mutant["by"] = kills.get((mutant["file"], mutant["code"], mutant["at"], mutant["kind"]))
    base = {}
    for scenario, seed in inputs + scenarios:
        ending, failing, fingerprint = run(scenario, seed, 0, 600)
        # Price books and designs lie beside the inputs.
        if ending and seed is None:
            continue
        if ending or failing and seed is not None and not scenario.startswith("scenarios/patterns/"):
            sys.exit(f"the unmutated core fails {scenario} on seed {seed}: {ending or failing}")
        base[f"{scenario} {seed}"] = {"failing": failing, "fingerprint": fingerprint}
    answer, seed, fingerprints = explore(0)
    if answer:
        sys.exit(f"the unmutated core fails chaos on seed {seed}: {answer}")
    base["chaos"] = fingerprints
    state = {"sites": len(found), "skipped": len(skipped), "mutants": mutants, "base": base}
    state_file.write_text(json.dumps(state, indent=1))


campaign = [(scenario, seed) for scenario, seed in inputs + scenarios if f"{scenario} {seed}" in state["base"]]


def judge(mutant: dict) -> None:
    changed = 0
    for scenario, seed in campaign:
        known = state["base"][f"{scenario} {seed}"]
        ending, failing, fingerprint = run(scenario, seed, mutant["number"], 60)
        if answer := told(known, ending, failing):
            mutant["by"] = {"scenario": scenario, "seed": seed, "answer": answer}
            return
        changed += fingerprint != known["fingerprint"]
    answer, seed, fingerprints = explore(mutant["number"])
    if answer:
        mutant["by"] = {"scenario": "chaos", "seed": seed, "answer": answer}
        return
    changed += sum(a != b for a, b in zip(fingerprints, state["base"]["chaos"]))
    mutant["lives"] = {"runs": len(campaign) + len(fingerprints), "changed": changed}


open_ones = [m for m in state["mutants"] if not m.get("by") and (options.again or not m.get("lives"))]
with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
    for index, _ in enumerate(pool.map(judge, open_ones)):
        state_file.write_text(json.dumps(state, indent=1))
        print(f"{index + 1} of {len(open_ones)} judged", file=sys.stderr, flush=True)

def before_and_after(mutant: dict) -> tuple:
    line, at = mutant["code"], mutant["at"] - mutant["indent"]
    return line, "" if mutant["kind"] == "statement" else line[:at] + mutant["new"] + line[at + len(mutant["old"]):]


explained = {}
for line in EXPLANATIONS.split("\n"):
    if line and not line.startswith("#"):
        name, old, new, why = line.replace("\\|\\|", "‖").split(" | ")
        explained[(f"{SOURCES}/{name}", old.strip().replace("‖", "||"), new.strip())] = why


def explanation(mutant: dict) -> str | None:
    """Of the line, where the file has it once; of the line in its function, where it has it more often."""
    lines = (original / mutant["file"]).read_text().split("\n")
    named = [re.search(r"\bfunc (\w+)|\b(init)\(", code(line)) for line in lines[: mutant["line"]]]
    function = next((found.group(1) or found.group(2) for found in reversed(named) if found), "")
    change = before_and_after(mutant)
    why = explained.get((f"{mutant['file']}, {function}", *change))
    is_unique = sum(code(line).strip() == code(change[0]).strip() for line in lines) == 1
    return why or (explained.get((mutant["file"], *change)) if is_unique else None)


survivors = [m for m in state["mutants"] if not m.get("by")]
for mutant in survivors:
    mutant["why"] = explanation(mutant)
if options.tests and survivors:
    subprocess.run(["swift", "build", "--build-tests"], cwd=tree, check=True, capture_output=True)
    for mutant in survivors:
        if "tests" not in mutant:
            try:
                result = subprocess.run(
                    ["swift", "test", "--skip-build", "--filter", "UsageToCashTests"], cwd=tree, capture_output=True, text=True, check=False,
                    timeout=600, env={**os.environ, "METERSTORM_MUTANT": str(mutant["number"])})
                mutant["tests"] = "killed" if result.returncode else "lives"
            except subprocess.TimeoutExpired:
                mutant["tests"] = "killed"
            state_file.write_text(json.dumps(state, indent=1))

total = len(state["mutants"])
killed = total - len(survivors)
known = sum(1 for m in survivors if m["why"])
report = [
    f"{total} mutants of {state['sites']} sites in {SOURCES} ({'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}); {state['skipped']} more did not compile.",
    f"The campaign ({sum(seed is None for _, seed in campaign)} small inputs, {len(scenarios) // (last - first + 1)} scenarios on seeds {options.seeds}, then chaos.yaml on {options.chaos}) kills {killed}: {100 * killed / total:.1f} %;",
    f"without the {known} that nothing can tell, as explained below, {100 * killed / max(1, total - known):.1f} %.",
]
if len(seeds) > 1:
    for seed in seeds:
        own = [m for m in state["mutants"] if seed in m["seeds"]]
        report.append(f"Seed {seed}: {sum(bool(m.get('by')) for m in own)} of {len(own)}.")
report += ["", "killed by"]
by = {}
for mutant in state["mutants"]:
    if mutant.get("by"):
        for name in mutant["by"]["answer"].split(", "):
            by[name] = by.get(name, 0) + 1
report += [f"  {name:<34} {times:>3}" for name, times in sorted(by.items(), key=lambda item: (-item[1], item[0]))]
late = sum(1 for m in state["mutants"] if (m.get("by") or {}).get("scenario") == "chaos")
report += ["", f"{late} of them fell to chaos.yaml alone.", "", "survivors" if survivors else "no survivors"]
for mutant in survivors:
    line, new = before_and_after(mutant)
    changed = mutant.get("lives", {}).get("changed", 0)
    reach = "no run differs" if changed == 0 else f"{changed} of {mutant['lives']['runs']} runs differ"
    tests = f", unit tests: {mutant['tests']}" if "tests" in mutant else ""
    report += [f"  {mutant['file']}:{mutant['line'] + 1}  ({reach}{tests})", f"    - {line}", f"    + {new}", f"    {mutant['why'] or 'NOT EXPLAINED'}"]
text = "\n".join(report)
print(text)
if options.output:
    pathlib.Path(options.output).write_text(text + "\n")
