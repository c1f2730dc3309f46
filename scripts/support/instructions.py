"""Compares instruction counts on standard input with those of a file: grown by more than a twentieth is a failure."""

import re
import sys


def figures(lines) -> dict:
    return {name: int(count) for name, count in re.findall(r"^(.*): (\d+) instructions an event$", "\n".join(lines), re.MULTILINE)}


known = figures(open(sys.argv[1], encoding="utf-8").read().split("\n"))
counted = figures(sys.stdin.read().split("\n"))
if known.keys() != counted.keys():
    sys.exit(f"{sys.argv[1]} names {sorted(known)}, and {sorted(counted)} were counted: run scripts/instructions")
failed = False
for name, count in counted.items():
    grown = count / known[name] - 1
    failed |= grown > 0.05
    print(f"{name}: {count} instructions an event, {known[name]} before: {100 * grown:+.1f} %{'  TOO MANY' if grown > 0.05 else ''}")
sys.exit(1 if failed else 0)
