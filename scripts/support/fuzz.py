"""The fuzzer's driver: draws a kind, has it generate a case, runs the program under limits, keeps and minimises what fails.

A module of kinds has a function `kinds(context)` that returns {name: generate}, where generate(rng) returns a Case. MODULES names them.
The same seed gives the same cases in the same order for each kind, whatever the machine's speed.
"""

import argparse
import concurrent.futures
import dataclasses
import importlib
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULES = ["fuzz_files", "fuzz_records", "fuzz_live"]
PLACE = re.compile(rb"^(error: |meterstorm: )?.+:\d+:\d+: ", re.MULTILINE)
ALLOWED = {0, 1, 64, 65, 130}


@dataclasses.dataclass
class Case:
    """Files by relative name, and the arguments of one run in a folder that holds them."""

    files: dict[str, bytes]
    argv: list[str]
    # Seconds of CPU time and bytes of address space that a run may take: the clock on the wall says little about a program on a machine
    # that others use. The program refuses by itself what it estimates at more than 8 GB: of what it allows, most customers take some 80 s.
    seconds: int = 300
    memory: int = 9 << 30
    # Whether exit 65 has to name file, line and column.
    placed: bool = True
    # What else is looked at: (exit code, standard output, standard error) -> what is wrong, or None.
    check: Callable[[int, bytes, bytes], str | None] | None = None


@dataclasses.dataclass
class Context:
    root: pathlib.Path
    binary: str
    # Where the repository's scenarios are, for cases that extend them.
    corpus: pathlib.Path


# Of the wall clock, only so that a run that waits forever ends.
WALL = 1800


def slowness(binary: str) -> int:
    return 10 if "/debug/" in binary or "/fuzz-traps/" in binary else 1


def limited(binary: str, argv: list[str], folder: str, case: Case, **more: Any) -> subprocess.Popen:
    """Starts the program in a folder, under the limits of a case. A debug build may take ten times as long."""
    seconds = case.seconds * slowness(binary)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (case.memory, case.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))

    environment = dict(os.environ, SWIFT_BACKTRACE="enable=no", NO_COLOR="1")
    return subprocess.Popen(
        [binary, *argv], cwd=folder, stdin=subprocess.DEVNULL, preexec_fn=limit, env=environment, start_new_session=True, **more)


def ending(code: int, err: bytes, case: Case) -> str | None:
    """What is wrong with a signal that ended a run, if one did."""
    if code == -signal.SIGXCPU:
        return f"over {case.seconds} s of CPU time"
    if code >= 0:
        return None
    last = err.decode(errors="replace").strip().splitlines()
    words = next((line for line in last if "atal error" in line or "memory" in line or "alloc" in line), last[-1] if last else "")
    return f"died of signal {-code}" + (f": {words[:160]}" if words else "")


def execute(binary: str, case: Case) -> str | None:
    """Runs a case; what is wrong with how it ended, or None."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for name, data in case.files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if "requests.jsonl" in case.files:
            import fuzz_live

            return fuzz_live.exchange(binary, case, folder)
        process = limited(binary, case.argv, folder, case, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=WALL)
        except subprocess.TimeoutExpired:
            # What takes too long has at least to stop when it is asked to.
            process.send_signal(signal.SIGINT)
            deaf = ""
            try:
                process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                deaf = ", and deaf to SIGINT"
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
            return f"over {WALL} s on the wall{deaf}"
        code = process.returncode
        if problem := ending(code, err, case):
            return problem
        if code not in ALLOWED:
            return f"exit {code}: {err.decode(errors='replace').strip()[:160]}"
        if code == 65 and case.placed and not PLACE.search(err):
            return f"exit 65 without a place: {err.decode(errors='replace').strip()[:160]}"
        return case.check(code, out, err) if case.check else None


def minimise(binary: str, case: Case, problem: str, rounds: int = 60) -> Case:
    """Leaves lines of the files out as long as the case goes wrong in the same way."""
    kind = problem[:14]
    spent = 0
    for name in list(case.files):
        lines = case.files[name].split(b"\n")
        step = max(1, len(lines) // 2)
        while step >= 1 and spent < rounds:
            index = 0
            while index < len(lines) and spent < rounds:
                fewer = lines[:index] + lines[index + step:]
                trial = dataclasses.replace(case, files={**case.files, name: b"\n".join(fewer)})
                spent += 1
                if (execute(binary, trial) or "").startswith(kind):
                    lines, case = fewer, trial
                else:
                    index += step
            step //= 2
    return case


def keep(folder: pathlib.Path, case: Case, problem: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    # The repository may be elsewhere when the case is run again.
    (folder / "arguments").write_text("\n".join(case.argv).replace(str(ROOT), "@ROOT@") + "\n")
    (folder / "problem").write_text(problem + "\n")


def load_kinds(context: Context) -> dict[str, Callable[[random.Random], Case]]:
    found: dict[str, Callable[[random.Random], Case]] = {}
    sys.modules.setdefault("fuzz", sys.modules[__name__])
    for name in MODULES:
        if (ROOT / "scripts/support" / f"{name}.py").exists():
            found |= importlib.import_module(name).kinds(context)
    return found


def campaign(context: Context, names: list[str], seed: int, seconds: float, jobs: int, output: pathlib.Path,
             stop_at_first: bool = False, shrink: bool = True) -> tuple[dict[str, int], list[tuple[str, int, str]]]:
    """Runs until the time is up; how many inputs of each kind ran, and (kind, number, problem) of those that failed."""
    generators = load_kinds(context)
    counts = {name: 0 for name in names}
    failures: list[tuple[str, int, str]] = []
    seen: set[tuple[str, str]] = set()
    begin = time.monotonic()

    def one(name: str, number: int) -> tuple[str, int, Case, str | None]:
        case = generators[name](random.Random(f"{seed}/{name}/{number}"))
        return name, number, case, execute(context.binary, case)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        pending: set[concurrent.futures.Future] = set()
        turn = 0
        while True:
            while len(pending) < jobs and time.monotonic() - begin < seconds:
                name = names[turn % len(names)]
                pending.add(pool.submit(one, name, turn // len(names)))
                turn += 1
            if not pending:
                return counts, failures
            done, pending = concurrent.futures.wait(pending, return_when=concurrent.futures.FIRST_COMPLETED)
            for future in done:
                name, number, case, problem = future.result()
                counts[name] += 1
                if problem is None:
                    continue
                failures.append((name, number, problem))
                signature = (name, re.sub(r"\d+", "N", problem)[:60])
                print(f"FAIL {name} seed {seed} number {number}: {problem}", flush=True)
                if signature not in seen and len(seen) < 40:
                    seen.add(signature)
                    if shrink and not problem.startswith("over "):
                        case = minimise(context.binary, case, problem)
                    keep(output / f"{name}-{seed}-{number}", case, problem)
                if stop_at_first:
                    for other in pending:
                        other.cancel()
                    return counts, failures


def tally(failures: list[tuple[str, int, str]], name: str) -> tuple[int, int, int, int]:
    """Failures of a kind: crashes, runs over their time, over their memory, and others."""
    sorts = [0, 0, 0, 0]
    for kind, _, problem in failures:
        if kind == name:
            is_memory = "memory" in problem or "alloc" in problem
            sorts[1 if problem.startswith("over ") else 2 if is_memory else 0 if problem.startswith("died") else 3] += 1
    return sorts[0], sorts[1], sorts[2], sorts[3]


def replay(context: Context) -> int:
    failed = 0
    corpus = ROOT / "Tests/Findings/fuzz"
    folders = sorted(path.parent for path in corpus.glob("*/arguments"))
    for folder in folders:
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
                 if path.is_file() and path.name not in ("arguments", "problem")}
        words = (folder / "arguments").read_text().replace("@ROOT@", str(ROOT))
        argv = [word for word in words.split("\n") if word]
        # Whether a place has to be named depends on what is read.
        placed = argv[0] in ("run", "validate", "quote") and not any(word.startswith("--database") for word in argv)
        problem = execute(context.binary, Case(files, argv, placed=placed))
        if problem:
            failed += 1
            print(f"FAIL {folder.name}: {problem}")
    print(f"{len(folders)} inputs of the corpus, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", default=str(ROOT / ".build/fuzz"))
    parser.add_argument("--binary", default="")
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--check-traps", action="store_true")
    arguments = parser.parse_args()
    binary = arguments.binary
    if arguments.check_traps:
        import fuzz_traps

        return fuzz_traps.check(Context(ROOT, "", ROOT / "scenarios"), arguments)
    if not binary:
        subprocess.run(["swift", "build", "--product", "meterstorm", "-q"], cwd=ROOT, check=True)
        binary = str(ROOT / ".build/debug/meterstorm")
    context = Context(ROOT, str(pathlib.Path(binary).resolve()), ROOT / "scenarios")
    if arguments.replay:
        return replay(context)
    names = [name for name in arguments.kinds.split(",") if name] or sorted(load_kinds(context))
    unknown = [name for name in names if name not in load_kinds(context)]
    if unknown:
        parser.error(f"no kind {unknown[0]!r}; there are {', '.join(sorted(load_kinds(context)))}")
    output = pathlib.Path(arguments.output)
    shutil.rmtree(output, ignore_errors=True)
    counts, failures = campaign(
        context, names, arguments.seed, arguments.minutes * 60, arguments.jobs, output)
    print(f"{'kind':<10} {'inputs':>8} {'crashes':>8} {'over time':>10} {'over memory':>12} {'other':>6}")
    for name in names:
        print(f"{name:<10} {counts[name]:>8} " + "{:>8} {:>10} {:>12} {:>6}".format(*tally(failures, name)))
    print(f"seed {arguments.seed}: {sum(counts.values())} inputs, {len(failures)} failures"
          + (f", kept in {output}" if failures else ""))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
