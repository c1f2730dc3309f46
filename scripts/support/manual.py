"""Writes manual pages (mdoc) of what `meterstorm --experimental-dump-help` says: one of the program, one per verb. Called by
scripts/man-and-completions: manual.py FOLDER.
"""

import json
import os
import pathlib
import sys
import time

folder = pathlib.Path(sys.argv[1])
STATUS = [
    ("0", "Everything held."),
    ("1", "An invariant broke, or an expectation was missed."),
    ("64", "Bad usage."),
    ("65", "A bad scenario, design, price book or data file."),
    ("70", "Internal error."),
    ("130", "Interrupted; what was complete has been written."),
]


# As reproducible builds have it; otherwise that of today.
DATE = time.strftime("%B %-d, %Y", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))


def escaped(text):
    """A text that roff takes as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(character if character.isascii() else f"\\[u{ord(character):04X}]" for character in text)
    return "\\&" + text if text[:1] in (".", "'") else text


def lines(text):
    return [escaped(" ".join(line.split())) for line in text.splitlines() if line.strip()]


def name(argument):
    """`-q, --quiet` of an option."""
    names = sorted(argument.get("names") or [], key=lambda name: name["kind"] == "long")
    return ", ".join(("--" if each["kind"] == "long" else "-") + each["name"] for each in names)


def entry(argument):
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        head = f".It Ar {escaped(value)}"
    else:
        head = f".It Cm {escaped(name(argument))}" + (f" Ar {escaped(value)}" if argument["kind"] == "option" else "")
    help_text = argument.get("abstract", "")
    values = argument.get("allValues") or argument.get("allValueStrings") or []
    if values:
        help_text += f" One of: {', '.join(values)}."
    if argument.get("defaultValue"):
        help_text += f" Default: {argument['defaultValue']}."
    return [head] + lines(help_text)


def described(text):
    """The paragraphs of a description and its examples, which stay as they are."""
    before, _, examples = text.partition("EXAMPLES:\n")
    out = []
    for paragraph in before.strip().split("\n\n"):
        if paragraph.strip():
            out += [".Pp"] + lines(paragraph)
    return out, [line.strip() and line[2:] for line in examples.splitlines() if line.strip()]


def page(command, path, others):
    title = "-".join(path)
    arguments = [argument for argument in command.get("arguments", []) if argument.get("shouldDisplay", True)]
    options = [argument for argument in arguments if argument["kind"] != "positional"]
    positional = [argument for argument in arguments if argument["kind"] == "positional"]
    verbs = [verb for verb in command.get("subcommands", []) if verb["commandName"] != "help"]
    paragraphs, examples = described(command.get("discussion", ""))
    out = [f".Dd {DATE}", f".Dt {title.upper()} 1", ".Os", ".Sh NAME", f".Nm {escaped(title)}"]
    out += [f".Nd {escaped(command.get('abstract', '').rstrip('.'))}", ".Sh SYNOPSIS", f".Nm {escaped(' '.join(path))}"]
    out += [".Ar verb"] if verbs else []
    out += [".Op Ar options"] if options else []
    out += [f".Ar {escaped(argument.get('valueName', ''))}" if not argument["isOptional"] else f".Op Ar {escaped(argument.get('valueName', ''))}" for argument in positional]
    out += [".Sh DESCRIPTION"] + lines(command.get("abstract", "")) + paragraphs
    for heading, entries in (("arguments", positional), ("options", options)):
        if entries:
            out += [".Pp", f"The {heading}:", ".Bl -tag -width Ds"] + [line for argument in entries for line in entry(argument)] + [".El"]
    if verbs:
        out += [".Pp", "The verbs:", ".Bl -tag -width Ds"]
        for verb in verbs:
            out += [f".It Cm {escaped(verb['commandName'])}"] + lines(verb.get("abstract", ""))
        out += [".El"]
    out += [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
    for status, meaning in STATUS:
        out += [f".It {status}", meaning]
    out += [".El"]
    if examples:
        out += [".Sh EXAMPLES", ".Bd -literal -offset indent"] + [escaped(line) for line in examples] + [".Ed"]
    out += [".Sh SEE ALSO"]
    names = [other for other in others if other != title]
    out += [f".Xr {escaped(other)} 1" + (" ," if other != names[-1] else "") for other in names]
    (folder / f"{title}.1").write_text("\n".join(out) + "\n")


def walk(command, path=()):
    path = (*path, command["commandName"])
    yield command, path
    for verb in command.get("subcommands", []):
        if verb["commandName"] != "help":
            yield from walk(verb, path)


root = json.load(sys.stdin)["command"]
pages = list(walk(root))
titles = ["-".join(path) for _, path in pages]
for command, path in pages:
    page(command, path, titles if len(path) == 1 else titles[:1])
print(f"{len(pages)} manual pages in {folder}")
