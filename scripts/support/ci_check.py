"""Checks the CI templates of scripts/ci. Called by scripts/ci-check, which documents it."""

import http.server
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

import jsonschema
import yaml

ROOT = pathlib.Path.cwd()
CI = ROOT / "scripts/ci"
SCHEMAS = ROOT / "scripts/support/schemas"
METERSTORM = pathlib.Path(os.environ.get("METERSTORM", ".build/release/meterstorm")).resolve()
SCENARIO = ROOT / "scenarios/azure-llm-tokens.yaml"
# What the pull request that breaks something changes: a design that retries without a key.
BROKEN = "design: direct-api"


class Strings(yaml.SafeLoader):
    """YAML as GitHub reads it: 'on' is a key and no truth."""


Strings.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"] for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Strings.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), "tf")


def load(name: str) -> dict:
    return yaml.load((CI / name).read_text(), Strings)


def schemas() -> None:
    for name, schema in (("action.yml", "github-action.json"), ("github-workflow.yml", "github-workflow.json")):
        rules = json.loads((SCHEMAS / schema).read_text())
        validator = jsonschema.validators.validator_for(rules)(rules)
        errors = list(validator.iter_errors(load(name)))
        assert not errors, (name, errors[0].message)
        # A key that there is not has to be found, or the check says nothing.
        assert list(validator.iter_errors(load(name) | {"nonsense": 1})) or list(validator.iter_errors({})), name
        print(f"{name}: valid by {schema}")
    inputs = load("action.yml")["inputs"]
    for job in load("github-workflow.yml")["jobs"].values():
        for step in job["steps"]:
            if "meterstorm" in step.get("uses", ""):
                assert set(step["with"]) <= set(inputs), "the workflow passes an input that the action has not"


def junit(folder: pathlib.Path) -> int:
    files = sorted(folder.glob("meterstorm-results/*.xml"))
    assert files
    for file in files:
        subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "junit-10.xsd", file], check=True, capture_output=True)
    return len(files)


class Checkout:
    """A repository with one scenario, and a bin folder with meterstorm and a 'gh' that serves the artefacts of a folder."""

    def __init__(self, folder: pathlib.Path, artifacts: pathlib.Path = None):
        self.folder = folder
        self.work = folder / "work"
        self.work.mkdir(parents=True)
        (folder / "bin").mkdir()
        # The binary by its own name: what it prints are commands.
        (folder / "bin/meterstorm").symlink_to(METERSTORM)
        gh = folder / "bin/gh"
        gh.write_text(f"""#!/bin/sh
case "$1 $2" in
"run list") [ ! -e '{folder}/refused' ] || {{ echo "HTTP 403" >&2; exit 1; }}
  case "$*" in *"--event push"*) echo 11; echo 7 ;; *) echo 13 ;; esac ;;
"api repos"*) case "$2" in */runs/7/artifacts) [ ! -d '{artifacts}' ] || echo meterstorm-results ;; *) echo other ;; esac ;;
"run download") [ "$3" = 7 ] && mkdir -p meterstorm-base && cp '{artifacts}'/* meterstorm-base/ ;;
esac
""")
        gh.chmod(0o755)
        for name in ("azure-llm-tokens.yaml",):
            shutil.copy(ROOT / "scenarios" / name, self.work / "billing.yaml")
        for name in ("traces", "price-books", "designs", "data"):
            if (ROOT / "scenarios" / name).exists():
                shutil.copytree(ROOT / "scenarios" / name, self.work / name)
        subprocess.run(["git", "init", "-q"], cwd=self.work, check=True)
        self.environment = {
            "PATH": f"{folder / 'bin'}:/usr/bin:/bin", "HOME": str(folder), "GITHUB_SHA": "a" * 40, "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "me/mine",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), "GITHUB_WORKSPACE": str(self.work),
        }

    def run(self, script: str, environment: dict, shell: list = None) -> subprocess.CompletedProcess:
        # As GitHub runs 'shell: bash'.
        shell = shell or ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
        file = self.folder / "step.sh"
        file.write_text(script)
        return subprocess.run([*shell, file], cwd=self.work, env=self.environment | environment, capture_output=True, text=True, check=False)


class Action:
    """The composite action, its shell steps run one after the other as GitHub does."""

    def __init__(self, checkout: Checkout, **inputs: str):
        self.checkout = checkout
        definition = load("action.yml")
        self.inputs = {name: value.get("default", "") for name, value in definition["inputs"].items()} | {"token": "t"} | inputs
        self.steps = definition["runs"]["steps"]
        self.outputs = {}
        self.output = ""
        self.ran = []

    def value(self, expression: str) -> str:
        parts = expression.strip().split(".")
        if parts[0] == "inputs":
            return self.inputs[parts[1]]
        if parts[0] == "steps" and parts[2] == "outputs":
            return self.outputs.get(parts[1], {}).get(parts[3], "")
        raise AssertionError(f"unknown expression {expression}")

    def holds(self, condition: str, failed: bool) -> bool:
        if condition == "always()":
            return True
        if failed:
            return False
        for part in filter(None, condition.split("&&")):
            left, sign, right = re.fullmatch(r"\s*(\S+) (==|!=) '([^']*)'\s*", part).groups()
            if (self.value(left) == right) != (sign == "=="):
                return False
        return True

    def run(self) -> int:
        failed = 0
        for step in self.steps:
            if not self.holds(step.get("if", ""), failed != 0):
                continue
            self.ran.append(step["id"])
            if "uses" in step:
                continue
            environment = {key: re.sub(r"\$\{\{(.*?)\}\}", lambda found: self.value(found[1]), value) for key, value in step.get("env", {}).items()}
            file = self.checkout.folder / "output"
            file.write_text("")
            result = self.checkout.run(step["run"], environment | {"GITHUB_OUTPUT": str(file)})
            self.outputs[step["id"]] = dict(line.split("=", 1) for line in file.read_text().splitlines())
            self.output += result.stdout + result.stderr
            failed = failed or result.returncode
        return failed

    @property
    def summary(self) -> str:
        return (self.checkout.folder / "summary.md").read_text()


def action(folder: pathlib.Path) -> None:
    inputs = {"scenarios": "billing.yaml\n", "minutes": "0.05", "minimum-seeds": "2", "options": "--seeds 1..3"}

    main = Action(Checkout(folder / "main"), gate="false", **inputs)
    assert main.run() == 0, main.output
    assert main.ran == ["install", "campaign", "keep", "verdict"] and main.outputs["verdict"]["verdict"] == "pass"
    assert "✅ PASS" in main.summary and "with 95 % confidence" in main.summary
    junit(main.checkout.work)
    results = main.checkout.work / "meterstorm-results"
    print("action, main branch: passes, and keeps its results")

    same = Action(Checkout(folder / "same", results), **inputs)
    assert same.run() == 0, same.output
    assert "gate" in same.ran and "gate of" in same.summary and "::error" not in same.output
    assert junit(same.checkout.work) == 2
    print("action, pull request that changes nothing: passes the gate")

    checkout = Checkout(folder / "broken", results)
    text = (checkout.work / "billing.yaml").read_text()
    changed = re.sub(r"^design:.*$", BROKEN, text, flags=re.MULTILINE)
    assert changed != text
    (checkout.work / "billing.yaml").write_text(changed)
    broken = Action(checkout, **inputs)
    assert broken.run() == 1, broken.output
    assert broken.outputs["campaign"]["failed"] == "1" and broken.outputs["gate"]["failed"] == "1" and "keep" in broken.ran
    annotations = re.findall(r"^::error file=billing.yaml,title=([^:]*)::(.*)$", broken.output, re.MULTILINE)
    assert {title for title, _ in annotations} >= {"erp-limits-honoured", "new failure"}, annotations
    assert broken.summary.count("❌ FAIL") == 2
    assert junit(checkout.work) == 2
    # The command that the annotation shows fails as well: what GitHub escapes is as it was.
    command = next(text for title, text in annotations if title == "new failure").split("run it again: ")[1].replace("%25", "%")
    repeated = checkout.run(command, {})
    assert repeated.returncode == 1 and "no-double-posting" in repeated.stdout, (command, repeated.stdout, repeated.stderr)
    print(f"action, pull request that breaks something: fails, {len(annotations)} annotations, '{command}' repeats it")

    # A second scenario that the main branch has not run: what it finds is compared with nothing.
    shutil.copy(same.checkout.work / "billing.yaml", same.checkout.work / "further.yaml")
    for allowed, expected in (("false", 1), ("true", 0)):
        further = Action(same.checkout, **(inputs | {"scenarios": "billing.yaml\nfurther.yaml\n", "allow-missing": allowed}))
        shutil.rmtree(same.checkout.work / "meterstorm-results")
        assert further.run() == expected, further.output
        assert "the candidate ran further.yaml, and the base did not" in further.output, further.output
        assert ("title=missing results::" in further.output) == (expected == 1), further.output
    print("action, a scenario that the main branch has not run: fails, and passes with allow-missing")

    few = Action(Checkout(folder / "few", results), **(inputs | {"minimum-seeds": "1000000", "options": "", "minutes": "0.01"}))
    assert few.run() == 1, few.output
    assert "title=requires enough seeds::" in few.output and "fewer than required" in few.summary
    junit(few.checkout.work)
    print("action, too few seeds within the budget: fails and says so")

    alone = Action(Checkout(folder / "alone"), **inputs)
    assert alone.run() == 0 and "gate" not in alone.ran and "::warning" in alone.output, alone.output
    assert alone.outputs["verdict"]["verdict"] == "not compared", alone.outputs
    print("action, nothing to compare with: passes with a warning, and is no pass of the gate")

    (alone.checkout.folder / "refused").touch()
    refused = Action(alone.checkout, **inputs)
    assert refused.run() not in (0, 65) and "verdict" not in refused.ran, refused.output
    typo = Action(alone.checkout, **(inputs | {"base-database": "typo.db"}))
    assert typo.run() == 65 and "there is no such file" in typo.output, typo.output
    print("action, a base that cannot be asked for, or that is named and not there: fails")

    # A pull request that brings a database along, whose triggers would have every run pass.
    forged = Checkout(folder / "forged", results)
    shutil.copytree(results, forged.work / "meterstorm-results")
    with sqlite3.connect(forged.work / "meterstorm-results/campaign.db") as connection:
        connection.execute("CREATE TRIGGER x AFTER INSERT ON run BEGIN UPDATE run SET broken = '[]', missed = '[]', verdict = 'pass'; END")
    (forged.work / "billing.yaml").write_text(changed)
    attack = Action(forged, **inputs)
    assert attack.run() == 1, attack.output
    print("action, a pull request with a database of its own: fails as it would without")

    missing = Action(Checkout(folder / "missing"), **(inputs | {"scenarios": "nothing.yaml"}))
    assert missing.run() == 65 and "verdict" not in missing.ran and "keep" in missing.ran, missing.output
    print("action, a scenario that is not there: fails with 65")


class Artifacts(http.server.BaseHTTPRequestHandler):
    """GitLab's way to the artefacts of a branch."""

    content = b""

    def do_GET(self) -> None:
        good = self.path == "/api/projects/5/jobs/artifacts/main/raw/meterstorm-results/campaign.db?job=campaign"
        self.send_response(200 if good and self.headers["JOB-TOKEN"] == "secret" and self.content else 404)
        self.end_headers()
        if good:
            self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        pass


def further(checkout: Checkout) -> None:
    """Has a second scenario run, which the main branch has not."""
    shutil.copy(checkout.work / "billing.yaml", checkout.work / "further.yaml")
    database = "meterstorm-results/campaign.db"
    with sqlite3.connect(checkout.work / database) as connection:
        (commit,) = connection.execute("SELECT commit_id FROM campaign").fetchone()
    ran = checkout.run(f"meterstorm campaign further.yaml --seeds 1..2 --quiet --database {database} --commit {commit}", {})
    assert ran.returncode == 0, ran.stderr


def gitlab(folder: pathlib.Path) -> None:
    template = load("gitlab-ci.yml")
    server = http.server.HTTPServer(("127.0.0.1", 0), Artifacts)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def run(checkout: Checkout, job: str, **more: str) -> subprocess.CompletedProcess:
        lines = template[job]["before_script"] + template[job]["script"]
        variables = template["variables"] | more | {
            "METERSTORM_SCENARIO": "billing.yaml", "METERSTORM_MINUTES": "0.05", "METERSTORM_MINIMUM_SEEDS": "2", "CI_COMMIT_SHA": "b" * 40,
            "CI_API_V4_URL": f"http://127.0.0.1:{server.server_port}/api", "CI_PROJECT_ID": "5", "CI_DEFAULT_BRANCH": "main", "CI_JOB_TOKEN": "secret",
        }
        return checkout.run("\n".join(lines), variables, ["bash", "-e"])

    checkout = Checkout(folder / "gitlab")
    campaign = run(checkout, "campaign")
    assert campaign.returncode == 0, campaign.stderr
    first = run(checkout, "gate")
    assert first.returncode == 0 and "no results of main" in first.stdout, first.stdout + first.stderr
    Artifacts.content = (checkout.work / "meterstorm-results/campaign.db").read_bytes()
    second = run(checkout, "gate")
    assert second.returncode == 0 and "PASS" in second.stdout, second.stdout + second.stderr
    assert junit(checkout.work) == 2
    further(checkout)
    missing = run(checkout, "gate")
    assert missing.returncode == 1 and "the candidate ran further.yaml" in missing.stdout, missing.stdout + missing.stderr
    assert run(checkout, "gate", METERSTORM_ALLOW_MISSING="true").returncode == 0
    server.shutdown()
    print("gitlab-ci.yml: campaign and gate run, with and without results to compare with")


def jenkins(folder: pathlib.Path) -> None:
    text = (CI / "Jenkinsfile").read_text()
    code = re.sub(r"'''.*?'''|'[^']*'|//[^\n]*", "", text, flags=re.DOTALL)
    for pair in ("{}", "()"):
        assert code.count(pair[0]) == code.count(pair[1]), f"unbalanced {pair}"
    campaign, gate = (re.sub(r"\\\n", "\\\n", block) for block in re.findall(r"sh '''(.*?)'''", text, re.DOTALL))
    checkout = Checkout(folder / "jenkins")
    environment = {"SCENARIO": "billing.yaml", "MINUTES": "0.05", "MINIMUM_SEEDS": "2", "GIT_COMMIT": "c" * 40}
    shell = ["sh", "-xe"]
    ran = checkout.run(campaign, environment, shell)
    assert ran.returncode == 0, ran.stderr
    assert "no results of main" in checkout.run(gate, environment, shell).stdout
    base = checkout.work / "meterstorm-base"
    base.mkdir()
    shutil.copy(checkout.work / "meterstorm-results/campaign.db", base)
    assert "PASS" in checkout.run(gate, environment, shell).stdout
    assert junit(checkout.work) == 2
    further(checkout)
    assert checkout.run(gate, environment, shell).returncode == 1
    assert checkout.run(gate, environment | {"ALLOW_MISSING": "true"}, shell).returncode == 0
    print("Jenkinsfile: campaign and gate run, with and without results to compare with")


schemas()
with tempfile.TemporaryDirectory() as name:
    for check in (action, gitlab, jenkins):
        check(pathlib.Path(name))
