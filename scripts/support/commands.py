"""Runs the commands that the documents show, and compares their output with what is shown. Called by scripts/commands.

A command is a line after `$ ` in a fenced block, with the lines up to the next `$ ` as its output; a line of an `sh` block; a command in
backticks that begins with `scripts/` or `meterstorm`; and a command in quotes in a help text. In shown output, a line that is only `…`
stands for any lines, and `…` within a line for any text. What depends on the machine's clock is compared by its form: see WALL.
"""

import os
import pathlib
import re
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

root = pathlib.Path.cwd()
binary = (root / sys.argv[1]).resolve()
update = "--update" in sys.argv
listing = "--list" in sys.argv
DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]

# Commands of documents that are not run here, each with the script that runs them in CI, or the reason why nothing does.
TREATED = [
    (r"^scripts/test\b", "is the first step of .ci/run"),
    (r"^scripts/(load-test|hostile-http|dashboard|browser|readers|determinism|resume|patterns|crashes|strength|mutate|instructions|"
     r"interruption|referee|smoke|reports|format|theory|guided|commands|bench|peers|campaign-on-ray|cluster)\b",
     "a script of its own: .ci/run, or its own document, runs it"),
    (r"^scripts/run load\b", "wall clock: scripts/load-test runs load, pipeline serve and erp serve"),
    (r"^meterstorm(-live-bench|-bench)\b", "wall clock: scripts/bench"),
]
# Services: started, asked once, stopped.
SERVERS = re.compile(r"^(meterstorm|scripts/run) (serve|pipeline serve|erp serve)\b")
# Figures of the wall clock: compared by their form.
WALL = [
    (re.compile(r"\b\d+(\.\d+)? (events/s|seeds/s|seconds|s)\b"), "<time>"),
    (re.compile(r"^  in .*: .* usage events/s, .*$", re.M), "<speed>"),
]


class Command:
    def __init__(self, document, line, text, shown, span=None):
        self.document, self.line, self.text, self.shown, self.span = document, line, text, shown, span


def of_document(name):
    """The commands of a Markdown file."""
    lines = (root / name).read_text().split("\n")
    fence, kind, current = None, "", None
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if fence is None:
                fence, kind = number, line[3:].strip()
            else:
                if current:
                    yield current
                fence, current = None, None
            continue
        if fence is None:
            for text in re.findall(r"`((?:scripts/run|meterstorm) [^`]*)`", line):
                # Upper-case words and … stand for something: such a line is a form, and no command.
                if not re.search(r"\b[A-Z]{2,}\b|…", text):
                    yield Command(name, number, text, None)
        elif line.startswith("$ "):
            if current:
                yield current
            current = Command(name, number, line[2:], [], (number, number))
        elif current:
            current.shown.append(line)
            current.span = (current.span[0], number)
        elif kind == "sh" and line.strip() and not line.startswith("#"):
            yield Command(name, number, line.split("  #")[0].strip(), None)


def of_help():
    """The commands that help texts quote."""
    top = subprocess.run([binary, "--help"], capture_output=True, text=True).stdout
    verbs = re.findall(r"^  ([a-z][a-z-]*) ", top.split("SUBCOMMANDS:")[1], re.M)
    for verb in verbs:
        text = subprocess.run([binary, "help", verb], capture_output=True, text=True).stdout
        for quoted in re.findall(r"'((?:meterstorm )?(?:%s) [^']*)'" % "|".join(verbs), " ".join(text.split())):
            command = quoted if quoted.startswith("meterstorm ") else f"meterstorm {quoted}"
            if " " in command.removeprefix("meterstorm ").strip():
                # SCENARIO stands for any scenario that has what the verb needs.
                command = command.replace("SCENARIO", "scenarios/capacity/month-end.yaml" if verb in ("compare", "capacity") else "scenarios/chaos.yaml")
                yield Command(f"help {verb}", 0, command, None)


def normal(text):
    for pattern, word in WALL:
        text = pattern.sub(word, text)
    return text.rstrip()


def agrees(shown, printed):
    """Whether what is printed is what is shown, but for omissions and the wall clock."""
    parts = []
    for line in shown:
        parts.append("(?:.*\n)*?" if line.strip() == "…" else ".*?".join(re.escape(part) for part in normal(line).split("…")) + "\n")
    return re.fullmatch("".join(parts) + "\\s*", "".join(normal(line) + "\n" for line in printed)) is not None


def treatment(text):
    return next((why for pattern, why in TREATED if re.search(pattern, text)), None)


def serve(words, folder):
    """A service runs until it is asked to stop: it must have said where it listens, and end well."""
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
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
    return b"http" in said


def main():
    commands = [command for name in DOCUMENTS if (root / name).exists() for command in of_document(name)] + list(of_help())
    ran, treated, wrong, replaced = {}, [], [], {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "meterstorm"
        folder.mkdir()
        for name in ("scenarios", "reports"):
            shutil.copytree(root / name, folder / name)
        (folder / "scripts").mkdir()
        # What scripts/run does once it has built.
        text = (root / "scripts" / "run").read_text()
        text = re.sub(r'^"\$here/scripts/setup"$', "", text, flags=re.M)
        text = re.sub(r"^(log=|swift build|rm -f|\[ -x).*$", "", text, flags=re.M)
        text = re.sub(r'^meterstorm=.*$', f'meterstorm="{binary}"', text, flags=re.M)
        (folder / "scripts" / "run").write_text(text)
        (folder / "scripts" / "run").chmod(0o755)
        (folder / "bin").mkdir()
        (folder / "bin" / "meterstorm").symlink_to(binary)
        for command in commands:
            why = treatment(command.text)
            if listing:
                print(f"{command.document}:{command.line}: {command.text}" + (f"  ({why})" if why else ""))
                continue
            if why:
                treated.append(f"{command.document}:{command.line}: {command.text}: {why}")
                continue
            print(f"{command.document}:{command.line}: {command.text}", file=sys.stderr, flush=True)
            environment = {"PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": scratch, "LC_ALL": "C.UTF-8"}
            if SERVERS.search(command.text):
                good = serve(["bash", "-c", f"PATH={folder / 'bin'}:$PATH exec {command.text}"], folder)
                if not good:
                    wrong.append(f"{command.document}:{command.line}: {command.text}\n    did not say where it listens")
            else:
                try:
                    done = subprocess.run(
                        ["bash", "-c", command.text], cwd=folder, capture_output=True, text=True, timeout=600, env=environment)
                except subprocess.TimeoutExpired:
                    wrong.append(f"{command.document}:{command.line}: {command.text}\n    took more than 600 s")
                    continue
                printed = (done.stdout + done.stderr).replace(str(folder), "~/meterstorm").splitlines()
                if done.returncode not in (0, 1):
                    wrong.append(
                        f"{command.document}:{command.line}: {command.text}\n    exit code {done.returncode}: {done.stderr.strip()[:500]}")
                elif command.shown and not agrees(command.shown, printed):
                    if update and "…" not in "".join(command.shown):
                        replaced.setdefault(command.document, []).append((command.span, printed))
                    else:
                        wrong.append(
                            f"{command.document}:{command.line}: {command.text}\n    prints something else than is shown:\n"
                            + "\n".join("    " + line for line in printed[:40]))
            ran[command.document] = ran.get(command.document, 0) + 1
    if listing:
        return 0
    for name, parts in replaced.items():
        lines = (root / name).read_text().split("\n")
        for (first, last), printed in sorted(parts, reverse=True):
            lines[first:last] = printed
        (root / name).write_text("\n".join(lines))
    for line in treated:
        print(f"not here  {line}")
    for line in wrong:
        print(f"wrong  {line}")
    print(
        f"{sum(ran.values())} commands of {len(ran)} documents ran ("
        + ", ".join(f"{name} {count}" for name, count in ran.items())
        + f"); {len(treated)} are run elsewhere; {len(wrong)} do not do what is shown"
        + (f"; {sum(map(len, replaced.values()))} outputs updated" if update else ""))
    return 1 if wrong else 0


sys.exit(main())
