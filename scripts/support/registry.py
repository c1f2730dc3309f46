"""Writes the registry of invariants from their files: which there are, and which facts each hears of. Called by scripts/registry.

registry.py FOLDER OUTPUT: FOLDER holds a file for each invariant, 'final class Name: Invariant, HearsThis, JudgesThen {'.
"""

import pathlib
import re
import sys

BOUNDARIES = "capture metering rating billing posting payments revenue ledger lineage honesty liveness".split()

folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
invariants = []
for path in sorted(folder.glob("*.swift")):
    text = path.read_text(encoding="utf-8")
    head = re.search(rf"^final class {path.stem}: ([^{{]*)\{{", text, re.MULTILINE)
    place = re.search(r"boundary: \.(\w+), place: (\d+)", text)
    if not head or not place:
        sys.exit(f"{path}: an invariant is a 'final class {path.stem}: Invariant, …' with a boundary and a place")
    hears = [word.strip() for word in head[1].split(",")]
    invariants.append((BOUNDARIES.index(place[1]), int(place[2]), path.stem, hears[1:]))
invariants.sort()
kinds = sorted({kind for *_, hears in invariants for kind in hears})


def label(kind: str) -> str:
    """HearsRated: rated; JudgesAtRest: judgesAtRest."""
    word = kind.removeprefix("Hears")
    return word[0].lower() + word[1:]


lines = ["// Written by scripts/registry from the files of Invariants.", "", "import CanonicalModel", "", "extension Audience {"]
lines += ["  /// All invariants, in the order of the pipeline, each where it hears of what it says that it does.", "  init() {"]
lines += [f"    let {name[0].lower()}{name[1:]} = {name}()" for *_, name, _ in invariants]


def members(kind: str | None) -> str:
    return "".join(f"      {n[0].lower()}{n[1:]},\n" for *_, n, hears in invariants if kind is None or kind in hears)


lines.append(f"    all = [\n{members(None)}    ]")
for kind in kinds:
    lines.append(f"    {label(kind)} = [\n{members(kind)}    ]")
lines += ["  }", "", "  /// What each of them says.", "  static let definitions: [InvariantDefinition] = ["]
lines += [f"    {name}.definition," for *_, name, _ in invariants]
lines += ["  ]", "}", ""]
output.write_text("\n".join(lines), encoding="utf-8")
