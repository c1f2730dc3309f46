"""Shows that the fuzzer finds what it is for: builds the program with a trap planted in each decoder, which the environment variable
METERSTORM_PLANTED_TRAP arms, and says how soon each is found. The traps stand in the sources only while the debug build runs, which
compiles the changed files alone; the originals are put back whatever happens, and also lie in .build/fuzz-traps.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import fuzz

# Kind: (file, the line after which the trap stands, when it springs). Each needs a value that is odd, but accepted.
TRAPS = {
    "scenario": ("Sources/Scenario/Vocabulary/ScenarioFile+Contradictions.swift", "    var changed = scenario\n",
                 "scenario.customers == 1_000_000"),
    "pricebook": ("Sources/Scenario/Schema/Schema+Units.swift",
                  "  private static func bounded(_ place: Place, _ money: Money) throws(InvalidInput) -> Money {\n",
                  "money.units == 2_147_483_648 * Money.one"),
    "design": ("Sources/Scenario/Vocabulary/DesignFile+Schema.swift", "    change.apply(&design)\n",
               "design.timeout == .hours(25) || design.grace == .days(3650)"),
    "trace": ("Sources/Scenario/Trace/TraceFile.swift", "      guard let time = Self.time(text) else {\n"
              "        throw fail(timeColumn, \"a time in ISO-8601 or in seconds since 1970\")\n      }\n", 'text.hasPrefix("2199")'),
    "settings": ("Sources/Scenario/Source/LocatedNode.swift", "    guard let first = path.first else { return value }\n",
                 'first == "retries" && value.text == "366d"'),
    "record": ("Sources/RunRecord/Checks/RunRecord+Check.swift", "    try Check.within(\"simulated\", simulated.check)\n", "seed == UInt64.max"),
    "rows": ("Sources/ResultsDatabase/RowReader.swift", "      throw wrong(column, \"a whole number\")\n    }\n", "value == Int64.max"),
    "options": ("Sources/Commands/CampaignCommand.swift",
                "    let campaign = try Console.reading { try prepare() }\n", "minutes == 1"),
    "events": ("Sources/Live/CloudEvent.swift", "    guard !cloud.subject.isEmpty else { throw Refusal(reason: \"subject is empty\") }\n",
               "cloud.data.quantity0.millionths == 999_999_999_999_999_999"),
    "erp": ("Sources/World/ERP/PayloadReader.swift", "  private static func amount(_ text: String) throws(Refusal) -> Money {\n",
            'text == "1e3"'),
}


def build(context: fuzz.Context) -> str:
    """A debug build with the traps; the sources are as before afterwards."""
    kept = context.root / ".build/fuzz-traps"
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    originals: dict[pathlib.Path, str] = {}
    changed: dict[pathlib.Path, str] = {}
    for kind, (file, anchor, condition) in TRAPS.items():
        path = context.root / file
        text = changed.get(path) or originals.setdefault(path, path.read_text())
        if text.count(anchor) != 1:
            raise SystemExit(f"the trap of {kind} has lost its place in {file}")
        trap = f'    if getenv("METERSTORM_PLANTED_TRAP").map({{ String(cString: $0) }}) == "{kind}", {condition} {{ fatalError("planted trap") }}\n'
        text = text.replace(anchor, anchor + trap)
        changed[path] = text if "import Glibc" in text or "import Foundation" in text else "import Foundation\n" + text
    for path, text in originals.items():
        (kept / path.name).write_text(text)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        for path, text in changed.items():
            path.write_text(text)
        for product in ("meterstorm", "meterstorm-live"):
            subprocess.run(["swift", "build", "--product", product, "-q"], cwd=context.root, check=True)
            shutil.copy(context.root / ".build/debug" / product, kept / product)
    finally:
        for path, text in originals.items():
            path.write_text(text)
    return str(kept / "meterstorm")


def check(context: fuzz.Context, arguments: argparse.Namespace) -> int:
    # A binary that was planted before can be used again: .build/fuzz-traps/meterstorm.
    planted = fuzz.Context(context.root, arguments.binary or build(context), context.corpus)
    missed = 0
    names = [name for name in arguments.kinds.split(",") if name] or list(TRAPS)
    for kind in names:
        os.environ["METERSTORM_PLANTED_TRAP"] = kind
        begin = time.monotonic()
        counts, failures = fuzz.campaign(planted, [kind], arguments.seed, 600, arguments.jobs, pathlib.Path(arguments.output), True, False)
        seconds = time.monotonic() - begin
        trapped = [problem for _, _, problem in failures if "planted trap" in problem]
        if trapped:
            print(f"{kind:<10} found after {counts[kind]} inputs, {seconds:.0f} s: {trapped[0]}", flush=True)
        else:
            missed += 1
            others = f"; {failures[0][2]}" if failures else ""
            print(f"{kind:<10} NOT found within {counts[kind]} inputs, {seconds:.0f} s{others}", flush=True)
    return 1 if missed else 0
