"""Compares instruction counts on standard input with those of a file: grown by more than a twentieth is a failure."""

import re
import sys


def figures(lines: str) -> dict:
    found = re.findall(r"^(.*): (\d+) ((?:thousand )?instructions an? \w+)$", lines, re.MULTILINE)
    return {name: (int(count), unit) for name, count, unit in found}


known = figures(open(sys.argv[1], encoding="utf-8").read())
counted = figures(sys.stdin.read())
if known.keys() != counted.keys():
    sys.exit(f"{sys.argv[1]} names {sorted(known)}, and {sorted(counted)} were counted: run scripts/instructions")
failed = False
for name, (count, unit) in counted.items():
    before = known[name][0]
    grown = count / before - 1
    failed |= grown > 0.05
    print(f"{name}: {count} {unit}, {before} before: {100 * grown:+.1f} %{'  TOO MANY' if grown > 0.05 else ''}")
sys.exit(1 if failed else 0)
