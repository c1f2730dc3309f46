"""Runs the commands that the documents show, and compares their output with what is shown. Called by scripts/commands.

Each `sh` block of a document is a command, or several that run as one script; a `text` or `json` block after it is a claim: what the
block prints. A block without one is run all the same. It must end with exit code 0, or with the one that a comment in it states:
`# exits with 1`. A line that ends with `&` is a service, which runs until its document has been gone through. A block after a line such
as "Save this as `mine.yaml`:" is a file, which later commands find. Besides, commands in backticks that begin with `scripts/` or
`meterstorm`, commands in quotes in help texts, and the EXAMPLES of every verb's help are run; nothing is claimed of what they print.

In shown output a line that is only `…` stands for any lines, and `…` within a line for any text. Figures of the wall clock are compared
by their form: see WALL and TIMED.

Documents are gone through from top to bottom, two at a time, each in a folder of its own: a copy of what the repository ships, or an
empty folder if the document says "in an empty folder". A command that names nothing that its document made is run once for all of them.
"""

import concurrent.futures
import os
import pathlib
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import shown_output

root = pathlib.Path.cwd()
binary = (root / sys.argv[1]).resolve()
update = "--update" in sys.argv
listing = "--list" in sys.argv
# Only documents whose path matches are gone through: --only REGEX.
chosen = re.compile(sys.argv[sys.argv.index("--only") + 1]) if "--only" in sys.argv else None
GUIDES = "Sources/meterstorm/Meterstorm.docc"
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "TRACEABILITY.md", "CONTRIBUTING.md"]
# What all of it should take, in seconds: more is said, and fails nothing, as machines differ. What a single command may.
BUDGET, PATIENCE = 180, 300

# Services: started, asked once, stopped.
SERVERS = re.compile(r"^(meterstorm|scripts/run) (serve|pipeline serve|erp serve)\b")
# What packages are for: scripts/package tries it on a bare system.
INSTALLATION = re.compile(r"^(pip|sudo|apt|docker|podman|tar|git|swift|docc|rm -rf \.build)\b")
# Examples of help texts that need what no other one leaves behind: databases of partitions, services of others.
HELPLESS = re.compile(r"^meterstorm (merge|gate|load .* --target http|pipeline serve|serve|erp serve|completions|init)\b")


class Step:
    """A file to be saved, or commands to be run."""

    def __init__(self, document, line, kind, text):
        self.document, self.line, self.kind, self.text = document, line, kind, text
        self.shown, self.span, self.file = None, None, None
        self.place = f"{document}:{line}" if line else document
        stated = re.search(r"# exits with (\d+)", text)
        # A command in running text may be one that fails; of a block it has to be said.
        self.codes = (int(stated[1]),) if stated else (0,) if kind == "block" else (0, 1)

    def lines(self):
        """The commands, without comments."""
        joined = re.sub(r"\\\n\s*", " ", self.text)
        return [re.sub(r"\s+# .*$", "", line).strip() for line in joined.split("\n") if line.strip() and not line.startswith("#")]

    def words(self):
        try:
            return {part for word in shlex.split(self.text, comments=True) for part in re.split(r"[=,:]", word) if part}
        except ValueError:
            return set()


def steps_of(name, wrong):
    """The files and commands of a Markdown document, in their order."""
    lines = (root / name).read_text().split("\n")
    steps, inline, block, start, kind, before = [], [], None, 0, "", ""
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if not start:
                start, kind = number, line[3:].strip()
                continue
            body = lines[start:number - 1]
            saved = re.search(r"\b[Ss]ave .*as `([^`]+)`.*:$", before)
            if kind == "sh":
                block = Step(name, start + 1, "block", "\n".join(body))
                steps.append(block)
            elif saved:
                step = Step(name, start, "file", "\n".join(body) + "\n")
                step.file = saved[1]
                steps.append(step)
            elif kind in ("text", "json") and block:
                block.shown, block.span, block = body, (start, number - 1), None
            if any(line.startswith("$ ") for line in body):
                wrong.append(f"{name}:{start}: a command after '$ ' is not run: put it into an sh block")
            start, before = 0, ""
        elif not start:
            before = line or before
            for text in re.findall(r"`((?:scripts/[a-z-]+|meterstorm)(?: [^`]*)?)`", line):
                # Upper-case words and … stand for something: such a line is a form, and no command.
                if re.search(r"\b[A-Z]{2,}\b|…", text) or re.fullmatch(r"meterstorm( [a-z-]+)?", text):
                    continue
                if not (root / text.split()[0]).is_dir():
                    inline.append(Step(name, number, "inline", text))
    return steps + inline


def steps_of_help():
    """The commands that help texts quote."""
    top = subprocess.run([binary, "--help"], capture_output=True, text=True).stdout
    groups = re.findall(r"^[A-Z ]*SUBCOMMANDS:\n((?:  .*\n)+)", top, re.M)
    verbs = sorted(verb for group in groups for verb in re.findall(r"^  ([a-z][a-z-]*)(?: |$)", group, re.M))
    steps = []
    for verb in verbs:
        text = subprocess.run([binary, "help", verb], capture_output=True, text=True).stdout
        if section := re.search(r"^EXAMPLES:\n((?:  .*\n)+)", text, re.M):
            for command in re.sub(r"\\\n\s*", "", section[1]).splitlines():
                if not HELPLESS.search(command.strip()):
                    steps.append(Step(f"help {verb}", 0, "inline", command.strip()))
            text = text.replace(section[0], "")
        for quoted in re.findall(r"'((?:meterstorm )?(?:%s) [^']*)'" % "|".join(verbs), " ".join(text.split())):
            command = quoted if quoted.startswith("meterstorm ") else f"meterstorm {quoted}"
            words = command.removeprefix("meterstorm ").split()
            # A verb with an option alone, such as 'run --output', names the option.
            if len(words) < 2 or (len(words) == 2 and (words[1].startswith("--") or words[1] == "serve")):
                continue
            # SCENARIO stands for any scenario that has what the verb needs, N for any number.
            command = command.replace("SCENARIO", "scenarios/azure-llm-tokens.yaml" if verb in ("compare", "capacity") else "scenarios/chaos.yaml")
            steps.append(Step(f"help {verb}", 0, "inline", re.sub(r" N\b", " 1", command)))
    return steps


def elsewhere(line, ci):
    """Why a command is not run here: the script that it is runs by itself, or it installs something."""
    if INSTALLATION.search(line):
        return "by hand"
    script = re.match(r"scripts/([a-z-]+)", line)
    if re.match(r"meterstorm-(live-)?bench\b", line):
        return "by hand"
    if not script or script[1] == "run":
        return None
    return ".ci/run" if re.search(rf"scripts/{script[1]}\b", ci) else "by hand"


class Place:
    """The folder in which a document's commands run, and what it has started."""

    def __init__(self, scratch, pristine, name, is_empty):
        self.folder = pathlib.Path(scratch) / re.sub(r"\W+", "-", name)
        self.pristine = pristine
        if is_empty:
            self.folder.mkdir()
        else:
            shutil.copytree(pristine, self.folder, copy_function=os.link)
        self.environment = {"PATH": f"{pristine / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(scratch), "LC_ALL": "C.UTF-8"}
        self.services, self.is_empty = [], is_empty

    def made(self, words):
        """Whether a command names something that the document has made."""
        return self.is_empty or any((self.folder / word).exists() and not (self.pristine / word).exists() for word in words if len(word) < 200)

    def told(self, text):
        """What was printed, without the folder of this test, which is nobody's."""
        return text.replace(f"cd {self.folder} && ", "").replace(f"{self.folder}/", "").replace(str(self.folder), "~/meterstorm")

    def start(self, line):
        """Starts a service, and waits until it says where it listens; gives what it said."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line.rstrip('& ')}"], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=self.environment, start_new_session=True)
        self.services.append(process)
        said, until = b"", time.monotonic() + 20
        while time.monotonic() < until and b"http" not in said:
            if select.select([process.stdout], [], [], 0.5)[0]:
                more = os.read(process.stdout.fileno(), 65536)
                if not more:
                    break
                said += more
        return self.told(said.decode(errors="replace"))

    def stop(self):
        for process in self.services:
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=20)
            except ProcessLookupError:
                pass
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.services = []

    def run(self, step, lines):
        """Runs commands; gives what is wrong with them, and what they printed."""
        if len(lines) == 1 and (lines[0].endswith("&") or SERVERS.search(lines[0])):
            said = self.start(lines[0])
            if not lines[0].endswith("&"):
                self.stop()
            return (None if "http" in said else "does not say where it listens"), said.splitlines()
        if any(line.endswith("&") for line in lines):
            return "a service stands in a block of its own", []
        process = subprocess.Popen(
            ["bash", "-ec", step.text if len(lines) == len(step.lines()) else "\n".join(lines)], cwd=self.folder, env=self.environment,
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        try:
            stdout, stderr = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"took more than {PATIENCE} s", []
        printed = (self.told(stdout) or self.told(stderr)).splitlines()
        if process.returncode not in step.codes:
            wanted = " or ".join(map(str, step.codes))
            return f"exit code {process.returncode}, and not {wanted}: {stderr.strip()[:500]}", printed
        return None, printed


def pristine_copy(scratch):
    """What commands read, with a scripts/run that does not build."""
    folder = pathlib.Path(scratch) / "meterstorm"
    folder.mkdir()
    for name in ("scenarios", "reports"):
        shutil.copytree(root / name, folder / name)
    (folder / "scripts").mkdir()
    (folder / "scripts" / "run").write_text(f"""#!/usr/bin/env bash
# scripts/run without its build.
case "${{1:-}}" in
  "" | -*) exec meterstorm run scenarios/month-end-throttle.yaml "$@" ;;
  *.yaml) exec meterstorm run "$@" ;;
esac
exec meterstorm "$@"
""")
    (folder / "scripts" / "run").chmod(0o755)
    (folder / "bin").mkdir()
    # Also what stands beside the program: it may start another.
    for file in binary.parent.iterdir():
        if file.name.startswith("meterstorm") and os.access(file, os.X_OK) and file.is_file():
            (folder / "bin" / file.name).symlink_to(file)
    if binary.name != "meterstorm" or not (folder / "bin" / "meterstorm").exists():
        (folder / "bin" / "meterstorm").unlink(missing_ok=True)
        (folder / "bin" / "meterstorm").symlink_to(binary)
    return folder


class Tour:
    """All documents, gone through."""

    def __init__(self, scratch, ci):
        self.scratch, self.ci = scratch, ci
        self.pristine = pristine_copy(scratch)
        self.lock, self.once = threading.Lock(), {}
        self.wrong, self.notes, self.replaced = [], [], {}
        self.ran, self.compared, self.again, self.apart = {}, 0, 0, []

    def result(self, place, step, lines):
        """What comes of a step: from an earlier place, where nothing can differ."""
        serves = any(line.endswith("&") or SERVERS.search(line) for line in lines)
        if serves or place.made(step.words()) or re.search(r"--(output|database|log|into|junit)\b|>|\b(cat|curl|rm|mkdir)\b", step.text):
            return place.run(step, lines)
        with self.lock:
            key = (tuple(lines), step.codes)
            is_first = key not in self.once
            future = self.once.setdefault(key, concurrent.futures.Future())
            self.again += not is_first
        if is_first:
            try:
                future.set_result(place.run(step, lines))
            except BaseException as error:
                future.set_exception(error)
        return future.result()

    def document(self, name, steps):
        """Goes through a document from top to bottom."""
        text = (root / name).read_text() if (root / name).exists() else ""
        place = Place(self.scratch, self.pristine, name, "in an empty folder" in text)
        try:
            for step in steps:
                if step.kind == "file":
                    file = place.folder / step.file
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(step.text)
                    continue
                here = []
                for line in step.lines():
                    why = elsewhere(line, self.ci)
                    if why:
                        self.apart.append((why, step.place, line))
                    else:
                        here.append(line)
                if here:
                    self.one(place, step, here)
        finally:
            place.stop()

    def one(self, place, step, lines):
        start = time.monotonic()
        problem, printed = self.result(place, step, lines)
        print(f"{time.monotonic() - start:6.1f} s  {step.place}: {lines[0]}", file=sys.stderr, flush=True)
        with self.lock:
            self.ran[step.document] = self.ran.get(step.document, 0) + len(lines)
            self.compared += len(lines) if step.shown is not None else 0
            if not problem and step.shown is not None and not shown_output.agrees(step.text, step.shown, printed):
                new = shown_output.refreshed(step.text, step.shown, printed)
                if update and shown_output.agrees(step.text, new, printed):
                    self.replaced.setdefault(step.document, []).append((step.span, new))
                    return
                problem = "prints something else than is shown"
            if problem:
                self.wrong.append(f"{step.place}: {lines[0]}\n    {problem}\n" + "\n".join("    | " + line for line in printed[:60]))


def main():
    wrong = []
    names = DOCUMENTS + sorted(str(path.relative_to(root)) for path in (root / GUIDES).glob("*.md"))
    documents = {name: steps_of(name, wrong) for name in names if (root / name).exists()}
    for step in steps_of_help():
        documents.setdefault(step.document, []).append(step)
    # What CI runs, and what the scripts that it runs call.
    ci = (root / ".ci" / "run").read_text()
    for name in set(re.findall(r"scripts/([a-z-]+)", ci)):
        ci += (root / "scripts" / name).read_text(errors="replace")
    if chosen:
        documents = {name: steps for name, steps in documents.items() if chosen.search(name)}
    if listing:
        for name, steps in documents.items():
            for step in steps:
                for line in [f"(saves {step.file})"] if step.kind == "file" else step.lines():
                    why = None if step.kind == "file" else elsewhere(line, ci)
                    print(f"{step.place}: {line}" + (f"  ({why})" if why else "") + ("  (compared)" if step.shown is not None else ""))
        return 0
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        tour = Tour(scratch, ci)
        tour.wrong += wrong
        # Those with the most to run are begun first.
        order = sorted(documents, key=lambda name: -sum(step.kind != "file" for step in documents[name]))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: tour.document(name, documents[name]), order))
    for _, place, line in tour.apart:
        script = line.split()[0]
        if script.startswith("scripts/") and not os.access(root / script, os.X_OK):
            tour.wrong.append(f"{place}: {line}\n    there is no such script")
    for name, parts in tour.replaced.items():
        lines = (root / name).read_text().split("\n")
        for (first, last), printed in sorted(parts, reverse=True):
            lines[first:last] = printed
        (root / name).write_text("\n".join(lines))
    took = time.monotonic() - begin
    for line in tour.wrong:
        print(f"wrong  {line}")
    by_hand = sorted({line for why, _, line in tour.apart if why == "by hand"})
    for line in by_hand:
        print(f"by hand only  {line}")
    print(
        f"{sum(tour.ran.values())} commands of {len(tour.ran)} documents and help texts run, {tour.compared} of them compared with the output "
        f"shown, in {took:.0f} s ({tour.again} were the same as others); {len(tour.apart) - len(by_hand)} mentions are of scripts that are "
        f"steps of .ci/run; {len(tour.wrong)} do not do what is shown"
        + (f"; {sum(map(len, tour.replaced.values()))} outputs updated" if update else ""))
    if took > BUDGET:
        print(f"this took more than {BUDGET} s: show shorter commands")
    return 1 if tour.wrong else 0


sys.exit(main())
