"""Makes references for DocC of the links between guides, in a copy of the catalogue, and checks that every link of every document leads
somewhere, and that every shipped file names its schema for editors. Called by scripts/guides.

In the lists below a `Topics` heading DocC takes links alone: the words after them are for readers of the Markdown.
"""

import pathlib
import re
import sys

catalogue = pathlib.Path(sys.argv[1])
names = {path.stem for path in catalogue.glob("*.md")}
wrong = []
linked = set()
for path in sorted(catalogue.glob("*.md")):
    text = path.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        if not target.endswith(".md") or target[:-3] not in names:
            wrong.append(f"{path.name}: no guide '{target}'")
        elif path.stem == "Meterstorm":
            linked.add(target[:-3])
    before, topics, after = text.partition("\n## Topics\n")
    after = re.sub(r"^- \[[^\]]*\]\(([A-Za-z]+)\.md\).*(\n  .*)*$", r"- <doc:\1>", after, flags=re.M)
    text = re.sub(r"\[([^\]]*)\]\(([A-Za-z]+)\.md\)", r"[\1](doc:\2)", before, flags=re.M) + topics + after
    path.write_text(text)
for name in sorted(names - linked - {"Meterstorm"}):
    wrong.append(f"Meterstorm.md: does not name {name}.md")
root = pathlib.Path.cwd()
for document in root.glob("*.md"):
    for target in re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\":]+)\"", document.read_text()):
        target = target[0] or target[1]
        if not (root / target).exists():
            wrong.append(f"{document.name}: there is no {target}")
for file in sorted((root / "scenarios").rglob("*.yaml")):
    kind = "price-book" if file.parent.name == "price-books" else "scenario"
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", file.read_text())
    if not named or (file.parent / named[1]).resolve() != root / "reports" / f"{kind}.schema.json":
        wrong.append(f"{file.relative_to(root)}: its first line does not name reports/{kind}.schema.json")
for line in wrong:
    print(line, file=sys.stderr)
sys.exit(1 if wrong else 0)
