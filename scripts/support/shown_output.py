"""What a document shows of a command's output: whether it agrees with what is printed, and how to bring it up to date. For commands.py."""

import difflib
import re

# On the real clock: every figure but those of the verdict is of this machine and moment.
TIMED = re.compile(r"(meterstorm|scripts/run) load\b")
# Figures of the wall clock: compared by their form.
WALL = [
    (re.compile(r"\b\d+(\.\d+)? (events/s|seeds/s|seconds|s)\b"), "<time>"),
    (re.compile(r"^  in .* usage events/s.*$"), ""),
]


def normal(line):
    for pattern, word in WALL:
        line = pattern.sub(word, line)
    return line.rstrip()


def masked(line):
    """A line of a command on the real clock: the verdict as it is, of the rest the words."""
    if line.startswith(("PASS", "FAIL")):
        return line
    return re.sub(r"#( #)+", "#", re.sub(r"\s+", " ", re.sub(r"-?\d[\d.,]*( ?(k/s|ms|%|[smhd])(?![a-z]))?", "#", line)))


def form_of(command):
    return (lambda line: masked(normal(line))) if TIMED.search(command) else normal


def line_agrees(form, shown, printed):
    parts = [re.escape(part) for part in form(shown).split("…")]
    return re.fullmatch(".*".join(parts), form(printed)) is not None


def without_wall_clock(lines):
    return [line for line in lines if not WALL[1][0].match(line)]


def agrees(command, shown, printed):
    """Whether what is printed is what is shown, but for omissions and the wall clock."""
    form = form_of(command)
    shown, printed = without_wall_clock(shown), [line for line in without_wall_clock(printed)]
    while printed and not printed[-1].strip():
        printed.pop()
    # reach[i]: the first i printed lines agree with the shown lines so far.
    reach = {0}
    for line in shown:
        if line.strip() == "…":
            reach = set(range(min(reach), len(printed) + 1)) if reach else set()
        else:
            reach = {i + 1 for i in reach if i < len(printed) and line_agrees(form, line, printed[i])}
    return len(printed) in reach


def alike(form, shown, printed):
    """How alike two lines are, from 0 to 1; 0 where they have little in common."""
    if line_agrees(form, shown, printed):
        return 1.0
    if not shown.strip() or not printed.strip():
        return 0.0
    matcher = difflib.SequenceMatcher(None, shown, printed, autojunk=False)
    if matcher.real_quick_ratio() < 0.55 or matcher.quick_ratio() < 0.55:
        return 0.0
    ratio = matcher.ratio()
    # The first word weighs more than figures.
    if shown.split()[0] == printed.split()[0]:
        ratio = (1 + ratio) / 2
    return ratio if ratio >= 0.55 else 0.0


def refreshed(command, shown, printed):
    """What to show now: all of it where all was shown; otherwise the lines most like those that were shown, with the same omissions."""
    printed = without_wall_clock(printed)
    while printed and not printed[-1].strip():
        printed.pop()
    if "…" not in "".join(shown):
        return printed
    form = form_of(command)
    lines, omission = [], [False]
    for line in shown:
        if line.strip() == "…":
            omission[-1] = True
        else:
            lines.append(line)
            omission.append(False)
    rows, columns = len(lines), len(printed)
    likeness = [[alike(form, line, other) for other in printed] for line in lines]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            # Neighbours stay neighbours where that costs nothing.
            near = 0.01 if i + 1 < rows and j + 1 < columns and not omission[i + 1] and likeness[i + 1][j + 1] else 0.0
            take = likeness[i][j] + near + best[i + 1][j + 1] if likeness[i][j] else -1.0
            best[i][j] = max(take, best[i + 1][j], best[i][j + 1])
    out, i, j, last, is_omitted = [], 0, 0, -1, omission[0]

    def gap(upto):
        between = printed[last + 1:upto]
        if not between:
            return []
        return ["…"] if is_omitted or len(between) > 6 else between

    while i < rows and j < columns:
        near = 0.01 if i + 1 < rows and j + 1 < columns and not omission[i + 1] and likeness[i + 1][j + 1] else 0.0
        if likeness[i][j] and abs(best[i][j] - (likeness[i][j] + near + best[i + 1][j + 1])) < 1e-9:
            out += gap(j)
            out.append(lines[i] if line_agrees(form, lines[i], printed[j]) else printed[j])
            last, i, j = j, i + 1, j + 1
            is_omitted = omission[i]
        elif best[i][j] == best[i + 1][j]:
            i += 1
            is_omitted = is_omitted or omission[i]
        else:
            j += 1
    while i < rows:
        i += 1
        is_omitted = is_omitted or omission[i]
    return out + gap(columns)
