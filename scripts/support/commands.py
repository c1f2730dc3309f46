"""Runs the commands that the documents show, and compares their output with what is shown. Called by scripts/commands.

A command is a line after `$ ` in a fenced block, with the lines up to the next `$ ` as its output; a line of an `sh` block, the output of
the first of which is the `text` block that follows; a command in backticks that begins with `scripts/` or `meterstorm`; and a command in
quotes in a help text. In shown output, a line that is only `…` stands for any lines, and `…` within a line for any text. Figures of the
wall clock are compared by their form: see WALL and TIMED.

Two commands run at a time; one that reads what another writes waits for it. Those that take longest are begun first.
"""

import concurrent.futures
import os
import pathlib
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

root = pathlib.Path.cwd()
binary = (root / sys.argv[1]).resolve()
update = "--update" in sys.argv
listing = "--list" in sys.argv
# Only what matches is run: --only REGEX.
chosen = re.compile(sys.argv[sys.argv.index("--only") + 1]) if "--only" in sys.argv else None
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "TRACEABILITY.md", "CONTRIBUTING.md"]
# What all of it may take, in seconds, and a single command.
BUDGET, PATIENCE = 360, 600

# Services: started, asked once, stopped.
SERVERS = re.compile(r"^(meterstorm|scripts/run) (serve|pipeline serve|erp serve)\b")
# On the real clock: every figure but those of the verdict is of this machine and moment.
TIMED = re.compile(r"^(meterstorm|scripts/run) load\b")
# Begun first.
LONG = re.compile(r"\b(capacity|compare|campaign|load|shrink|--crash-at-every-boundary|--verify-determinism)\b")
# Figures of the wall clock: compared by their form.
WALL = [
    (re.compile(r"\b\d+(\.\d+)? (events/s|seeds/s|seconds|s)\b"), "<time>"),
    (re.compile(r"^  in .* usage events/s.*\n", re.M), ""),
]


class Command:
    def __init__(self, document, line, text, shown, span=None):
        self.document, self.line, self.text, self.shown, self.span = document, line, text, shown, span
        self.place = f"{document}:{line}" if line else document
        self.done = threading.Event()

    def words(self):
        try:
            return shlex.split(self.text)
        except ValueError:
            return []

    def writes(self):
        """The files and folders that it makes, named by its options."""
        words = self.words()
        return {words[i + 1] for i in range(len(words) - 1) if words[i] in ("--output", "--database", "--log", "--into")}


def of_document(name):
    """The commands of a Markdown file."""
    lines = (root / name).read_text().split("\n")
    fence, kind, current, first = None, "", None, None
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if fence is None:
                fence, kind = number, line[3:].strip()
                if kind == "text" and first and not lines[number].startswith("$ "):
                    current, first = first, None
                    current.shown, current.span = [], (number, number)
                elif kind == "sh":
                    first = None
            else:
                if current:
                    yield current
                fence, current = None, None
            continue
        if fence is None:
            for text in re.findall(r"`((?:scripts/[a-z-]+|meterstorm)(?: [^`]*)?)`", line):
                # Upper-case words and … stand for something: such a line is a form, and no command.
                if not re.search(r"\b[A-Z]{2,}\b|…", text) and text != "meterstorm" and (root / text.split()[0]).is_dir() is False:
                    yield Command(name, number, text, None)
        elif kind == "sh" and line.strip() and not line.startswith("#"):
            command = Command(name, number, line.split("  #")[0].strip(), None)
            if first is None:
                first = command  # given out with its output, or at the end
            else:
                yield command
        elif current is not None and current.shown is not None and not line.startswith("$ "):
            current.shown.append(line)
            current.span = (current.span[0], number)
        elif line.startswith("$ "):
            if current:
                yield current
            current = Command(name, number, line[2:], [], (number, number))
    if first:
        yield first


def of_help():
    """The commands that help texts quote."""
    top = subprocess.run([binary, "--help"], capture_output=True, text=True).stdout
    verbs = re.findall(r"^  ([a-z][a-z-]*) ", top.split("SUBCOMMANDS:")[1], re.M)
    for verb in verbs:
        text = subprocess.run([binary, "help", verb], capture_output=True, text=True).stdout
        for quoted in re.findall(r"'((?:meterstorm )?(?:%s) [^']*)'" % "|".join(verbs), " ".join(text.split())):
            command = quoted if quoted.startswith("meterstorm ") else f"meterstorm {quoted}"
            words = command.removeprefix("meterstorm ").split()
            # A verb with an option alone, such as 'run --output', names the option.
            if len(words) < 2 or (len(words) == 2 and (words[1].startswith("--") or words[1] == "serve")):
                continue
            # SCENARIO stands for any scenario that has what the verb needs, N for any number.
            command = command.replace("SCENARIO", "scenarios/azure-llm-tokens.yaml" if verb in ("compare", "capacity") else "scenarios/chaos.yaml")
            yield Command(f"help {verb}", 0, re.sub(r" N\b", " 1", command), None)


def normal(text):
    for pattern, word in WALL:
        text = pattern.sub(word, text)
    return text.rstrip()


def masked(line):
    """A line of a command on the real clock: the verdict as it is, of the rest the words."""
    if line.startswith(("PASS", "FAIL")):
        return line
    return re.sub(r"#( #)+", "#", re.sub(r"\s+", " ", re.sub(r"-?\d[\d.,]*( ?(k/s|ms|%|[smhd])(?![a-z]))?", "#", line)))


def agrees(command, printed):
    """Whether what is printed is what is shown, but for omissions and the wall clock."""
    form = masked if TIMED.search(command.text) else lambda line: line
    parts = []
    for line in command.shown:
        parts.append(
            "(?:.*\n)*?" if line.strip() == "…" else ".*?".join(re.escape(part) for part in form(normal(line)).split("…")) + "\n")
    return re.fullmatch("".join(parts) + "\\s*", "".join(form(normal(line)) + "\n" for line in printed)) is not None


def treatment(text, ci):
    """Why a command is not run here: the script that it is runs by itself."""
    script = re.match(r"scripts/([a-z-]+)", text)
    if re.match(r"meterstorm-(live-)?bench\b", text):
        return "by hand"
    if not script or script[1] == "run":
        return None
    return ".ci/run" if re.search(rf"scripts/{script[1]}\b", ci) else "by hand"


def serve(command, folder, environment):
    """A service runs until it is asked to stop: it must have said where it listens, and end well."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command.text}"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    said, until = b"", time.monotonic() + 20
    try:
        while time.monotonic() < until and b"http" not in said:
            if select.select([process.stdout], [], [], 0.5)[0]:
                more = os.read(process.stdout.fileno(), 65536)
                if not more:
                    break
                said += more
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
    printed = said.decode(errors="replace").splitlines()
    if b"http" not in said:
        return "does not say where it listens", printed
    if command.shown and not agrees(command, printed):
        return "prints something else than is shown", printed
    return None, printed


def run(command, folder, scratch):
    """Runs a command; gives what is wrong with it, and what it printed."""
    environment = {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": scratch, "LC_ALL": "C.UTF-8"}
    if SERVERS.search(command.text):
        return serve(command, folder, environment)
    try:
        done = subprocess.run(
            ["bash", "-c", command.text], cwd=folder, capture_output=True, text=True, timeout=PATIENCE, env=environment,
            stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"took more than {PATIENCE} s", []
    # The folder of this test is nobody's: commands that repeat a run name it.
    def told(text):
        text = text.replace(f"cd {folder} && ", "").replace(f"{folder}/", "").replace(str(folder), "~/meterstorm")
        return WALL[1][0].sub("", text).splitlines()

    printed = told(done.stdout) or told(done.stderr)
    if done.returncode not in (0, 1):
        return f"exit code {done.returncode}: {done.stderr.strip()[:500]}", printed
    if command.shown and not agrees(command, printed):
        return "prints something else than is shown", printed
    return None, printed


def copied(scratch):
    """A clean copy of what commands read, with a scripts/run that does not build."""
    folder = pathlib.Path(scratch) / "meterstorm"
    folder.mkdir()
    for name in ("scenarios", "reports"):
        shutil.copytree(root / name, folder / name)
    (folder / "scripts").mkdir()
    text = (root / "scripts" / "run").read_text()
    text = re.sub(r'^"\$here/scripts/setup"$', "", text, flags=re.M)
    text = re.sub(r"^(log=|swift build|rm -f|\[ -x).*$", "", text, flags=re.M)
    text = re.sub(r'^meterstorm=.*$', f'meterstorm="{binary}"', text, flags=re.M)
    (folder / "scripts" / "run").write_text(text)
    (folder / "scripts" / "run").chmod(0o755)
    (folder / "bin").mkdir()
    (folder / "bin" / "meterstorm").symlink_to(binary)
    return folder


def main():
    commands = [command for name in DOCUMENTS if (root / name).exists() for command in of_document(name)] + list(of_help())
    # What CI runs, and what the scripts that it runs call.
    ci = (root / ".ci" / "run").read_text()
    for name in set(re.findall(r"scripts/([a-z-]+)", ci)):
        ci += (root / "scripts" / name).read_text(errors="replace")
    if listing:
        for command in commands:
            why = treatment(command.text, ci)
            print(f"{command.place}: {command.text}" + (f"  ({why})" if why else ""))
        return 0
    here, elsewhere = [], {".ci/run": [], "by hand": []}
    for command in commands:
        if chosen and not chosen.search(command.text):
            continue
        why = treatment(command.text, ci)
        (elsewhere[why] if why else here).append(command)
    ran, wrong, replaced, begin = {}, [], {}, time.monotonic()
    for command in elsewhere[".ci/run"] + elsewhere["by hand"]:
        script = command.text.split()[0]
        if script.startswith("scripts/") and not os.access(root / script, os.X_OK):
            wrong.append(f"{command.place}: {command.text}\n    there is no such script")
    # The same line is run once, with the outputs of all places where it is shown.
    unique = {}
    for command in here:
        unique.setdefault((command.text, tuple(command.shown or ())), []).append(command)
    order = sorted(unique.values(), key=lambda same: (not LONG.search(same[0].text), not same[0].writes()))
    makers = {name: same[0] for same in order for name in same[0].writes()}
    with tempfile.TemporaryDirectory() as scratch:
        folder = copied(scratch)

        def work(same):
            command = same[0]
            try:
                for name in set(command.words()) - command.writes():
                    if name in makers and makers[name] is not command:
                        makers[name].done.wait(PATIENCE)
                start = time.monotonic()
                problem, printed = run(command, folder, scratch)
                print(f"{time.monotonic() - start:6.1f} s  {command.place}: {command.text}", file=sys.stderr, flush=True)
                return same, problem, printed
            finally:
                command.done.set()

        # What waits holds a thread, so what is waited for is begun before it.
        order.sort(key=lambda same: any(name in makers and makers[name] is not same[0] for name in same[0].words()))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for same, problem, printed in pool.map(work, order):
                for command in same:
                    ran[command.document] = ran.get(command.document, 0) + 1
                command = same[0]
                if problem and problem.startswith("prints") and update and "…" not in "".join(command.shown):
                    replaced.setdefault(command.document, []).append((command.span, printed))
                elif problem:
                    wrong.append(
                        f"{command.place}: {command.text}\n    {problem}\n" + "\n".join("    | " + line for line in printed[:60]))
    for name, parts in replaced.items():
        lines = (root / name).read_text().split("\n")
        for (first, last), printed in sorted(parts, reverse=True):
            lines[first:last] = printed
        (root / name).write_text("\n".join(lines))
    took = time.monotonic() - begin
    for line in wrong:
        print(f"wrong  {line}")
    for command in elsewhere["by hand"]:
        print(f"by hand only  {command.place}: {command.text}")
    print(
        f"{sum(ran.values())} commands of {len(ran)} documents ran ("
        + ", ".join(f"{name} {count}" for name, count in sorted(ran.items()))
        + f") in {took:.0f} s; {len(elsewhere['.ci/run'])} are steps of .ci/run, {len(elsewhere['by hand'])} are run by hand only; "
        + f"{len(wrong)} do not do what is shown"
        + (f"; {sum(map(len, replaced.values()))} outputs updated" if update else ""))
    if took > BUDGET:
        print(f"this took more than {BUDGET} s: show shorter commands")
    return 1 if wrong or took > 2 * BUDGET else 0


sys.exit(main())
