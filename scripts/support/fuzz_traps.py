"""Shows that the fuzzer finds what it is for: builds the program with a trap planted in each decoder, which the environment variable
METERSTORM_PLANTED_TRAP arms, and says how soon each is found. The sources are copied; nothing of the traps is in what is shipped.
"""

import os
import pathlib
import shutil
import subprocess
import time

import fuzz

# Kind: (file, the line after which the trap stands, when it springs). Each needs a value that is odd, but accepted.
TRAPS = {
    "scenario": ("Sources/Scenario/Vocabulary/ScenarioDecoder.swift", "    let load = try loads(start: start, horizon: start + horizon)\n",
                 'root["customers"]?["count"]?.text == "1000000"'),
    "pricebook": ("Sources/Scenario/Vocabulary/PriceBookFile.swift", "    guard let text = value.text, let money = Money(text) else {\n"
                  "      throw invalid(value, .decimal(digits: Money.scale - 6))\n    }\n", "money.units == 2_147_483_648 * Money.one"),
    "design": ("Sources/Scenario/Vocabulary/DesignFile.swift", "    try Validator.validate(node, .design, what: \"\")\n",
               'node["posting"]?["timeout"]?.text == "25h" || node["metering"]?["grace"]?.text == "3650d"'),
    "trace": ("Sources/Scenario/Trace/TraceFile.swift", "      guard let time = Self.time(text) else {\n"
              "        throw fail(timeColumn, \"a time in ISO-8601 or in seconds since 1970\")\n      }\n", 'text.hasPrefix("2199")'),
    "settings": ("Sources/Scenario/Source/LocatedNode.swift", "    guard let first = path.first else { return value }\n",
                 'first == "retries" && value.text == "366d"'),
}


def check(context: fuzz.Context, arguments) -> int:
    copy = context.root / ".build/fuzz-traps"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("Sources", "Package.swift", "Package.resolved", "Tests"):
        source = context.root / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy(source, copy / name)
    for kind, (file, anchor, condition) in TRAPS.items():
        path = copy / file
        text = path.read_text()
        if text.count(anchor) != 1:
            raise SystemExit(f"the trap of {kind} has lost its place in {file}")
        trap = f'    if getenv("METERSTORM_PLANTED_TRAP").map({{ String(cString: $0) }}) == "{kind}", {condition} {{ fatalError("planted trap") }}\n'
        text = text.replace(anchor, anchor + trap)
        if "import Glibc" not in text and "import Foundation" not in text:
            text = "import Glibc\n" + text
        path.write_text(text)
    subprocess.run(["swift", "build", "--product", "meterstorm", "-q"], cwd=copy, check=True)
    planted = fuzz.Context(context.root, str(copy / ".build/debug/meterstorm"), context.corpus)
    missed = 0
    names = [name for name in arguments.kinds.split(",") if name] or list(TRAPS)
    for kind in names:
        os.environ["METERSTORM_PLANTED_TRAP"] = kind
        begin = time.monotonic()
        counts, failures = fuzz.campaign(planted, [kind], arguments.seed, 600, arguments.jobs, pathlib.Path(arguments.output), True, False)
        seconds = time.monotonic() - begin
        if failures:
            print(f"{kind:<10} found after {counts[kind]} inputs, {seconds:.0f} s: {failures[0][2]}")
        else:
            missed += 1
            print(f"{kind:<10} NOT found within {counts[kind]} inputs, {seconds:.0f} s")
    return 1 if missed else 0
