"""Writes the registry of invariants from their files: which there are, and which facts each hears of. Called by scripts/registry.

registry.py INVARIANTS EVIDENCE FOLDER: INVARIANTS holds a file for each invariant, 'struct Name: Invariant, HearsThis,
JudgesThen {'; EVIDENCE is the file of the protocols, whose requirements say how a fact is told; the two files go
into FOLDER.

The calls are written out, invariant by invariant: an array of existentials took 3 % of a run for its tables and counts.
"""

import pathlib
import re
import sys

HEAD = "// Written by scripts/registry from the files of Invariants and Evidence.swift."
BOUNDARIES = "capture metering rating billing posting payments revenue ledger lineage controls liveness".split()

folder, evidence, output = (pathlib.Path(word) for word in sys.argv[1:])
invariants = []
for path in sorted(folder.glob("*.swift")):
    text = path.read_text(encoding="utf-8")
    head = re.search(rf"^struct {path.stem}: ([^{{]*)\{{", text, re.MULTILINE)
    place = re.search(r"boundary: \.(\w+), place: (\d+)", text)
    if not head or not place:
        sys.exit(f"{path}: an invariant is a 'struct {path.stem}: Invariant, …' with a boundary and a place")
    hears = [word.strip() for word in head[1].split(",")]
    invariants.append((BOUNDARIES.index(place[1]), int(place[2]), path.stem, hears[1:]))
invariants.sort()

# protocol HearsRated: Invariant { mutating func hear(rated charge: RatedCharge, _ books: Books, at instant: Instant) }
requirements = {}
for kind, body in re.findall(r"^protocol (Hears\w+): Invariant \{\n(.*?)^\}", evidence.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
    call = re.search(r"mutating func hear\((.*?)\)\s*$", re.sub(r"///.*", "", body), re.DOTALL)
    if not call:
        sys.exit(f"{evidence}: {kind} has no 'mutating func hear(…)'")
    requirements[kind] = [" ".join(part.split()) for part in call[1].split(",")]
unknown = {kind for *_, hears in invariants for kind in hears if kind.startswith("Hears")} - set(requirements)
if unknown:
    sys.exit(f"{evidence}: no protocol {', '.join(sorted(unknown))}")


def member(name: str) -> str:
    """ERPLimitsHonoured: erpLimitsHonoured."""
    capitals = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]", name)[0]
    return capitals.lower() + name[len(capitals):]


def argument(parameter: str) -> str:
    """'rated charge: RatedCharge': 'rated: charge'; '_ books: Books': 'books'."""
    words = parameter.split(":", 1)[0].split()
    return words[-1] if words[0] == "_" else f"{words[0]}: {words[-1]}"


lines = [
    HEAD, "",
    "/// All invariants of a run, and which of them hear of what.", "struct Audience {",
]
lines += [f"  var {member(name)} = {name}()" for *_, name, _ in invariants]
lines += ["", "  /// What each of them says, in the order of the pipeline.", "  static let definitions: [InvariantDefinition] = ["]
lines += [f"    {name}.definition," for *_, name, _ in invariants]
lines += ["  ]", "", "  /// What each of them has found, in the same order.", "  var results: [InvariantResult] {", "    ["]
lines += [f"      Self.result(of: {member(name)})," for *_, name, _ in invariants]
lines += ["    ]", "  }"]
for kind, title, head, call in (
    ("JudgesAtRest", "judge at rest", "judgeAtRest(_ rest: Rest, _ books: Books)", "{}.judge(rest, books)"),
    ("JudgesUsage", "judge once all usage has arrived", "judgeUsage(_ rest: Rest, _ books: Books)", "Self.judgeUsage(&{}, rest, books)"),
    ("JudgesLast", "judge after all others", "judgeLast(_ rest: Rest, allElseHolds: Bool, _ books: Books)", "{}.judgeLast(rest, allElseHolds: allElseHolds, books)"),
):
    lines += ["", f"  /// Those that {title}.", f"  mutating func {head} {{"]
    lines += ["    " + call.format(member(name)) for *_, name, hears in invariants if kind in hears]
    lines += ["  }"]
calls = [HEAD, "", "import CanonicalModel", "import Chronology", "", "extension Audience {"]
for kind, parameters in requirements.items():
    told = [member(name) for *_, name, hears in invariants if kind in hears]
    arguments = ", ".join(argument(parameter) for parameter in parameters)
    calls += ["  @inline(__always)", f"  mutating func hear({', '.join(parameters)}) {{"]
    calls += [f"    {name}.hear({arguments})" for name in told]
    calls += ["  }", ""]
for name, text in (("InvariantRegistry.swift", lines), ("InvariantRegistry+Facts.swift", calls[:-1])):
    (output / name).write_text("\n".join([*text, "}", ""]), encoding="utf-8")
