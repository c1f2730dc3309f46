"""Uses packages on a bare system: see scripts/package-test. Each kind is installed into a copy of its own; what is looked at is what somebody
would do next."""

import glob
import json
import os
import pathlib
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile

bare, packages = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
MAIN_JOB = "month-end-throttle"
#: Seconds of the processor within which the main job has to be through once a package is installed.
LIMIT = 5.0
checks = 0


def check(what: str, holds: bool, shown: str = "") -> None:
    global checks
    if not holds:
        sys.exit(f"package-test: {what}\n{shown}")
    checks += 1


class System:
    """A copy of the bare system."""

    def __init__(self, scratch: str, name: str) -> None:
        self.root = pathlib.Path(scratch) / name
        subprocess.run(["cp", "-a", "--reflink=auto", bare, self.root], check=True)
        shutil.copytree(pathlib.Path(scratch) / "packages", self.root / "packages")

    def run(self, command: str, *, user: str = "0:0", folder: str = "/root", status: int = 0) -> str:
        """Runs a command in it, in an empty environment, with /proc and with no network but its own loopback."""
        inside = f'mount -t proc proc "{self.root}/proc" && {{ ip link set lo up 2>/dev/null || true; }} && exec "$@"'
        result = subprocess.run(
            ["unshare", "--net", "--mount", "bash", "-c", inside, "_", "chroot", f"--userspec={user}", str(self.root), "/usr/bin/env", "-i",
             "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/root", "LANG=C.UTF-8", "/bin/bash", "-c", f"cd {folder} && {command}"],
            capture_output=True, text=True, check=False, timeout=300)
        check(f"{command!r} ended with {result.returncode}, not {status}", result.returncode == status, result.stdout[-3000:] + result.stderr[-3000:])
        return result.stdout + result.stderr

    def use(self, program: str, **where: str) -> float:
        """What is done with any of them; returns the seconds that the main job took."""
        check("there is Swift in the bare system", "swift" not in self.run("command -v swift || true", **where))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        text = self.run(f"{program} run {MAIN_JOB}", **where)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        check(f"{MAIN_JOB} is not what it is in the checkout", reference in text, text)
        check(f"{MAIN_JOB} took {seconds:.1f} s", seconds <= LIMIT)
        check("--version names no commit", f"{version} (" in self.run(f"{program} --version", **where))
        check("list scenarios", MAIN_JOB in self.run(f"{program} list scenarios", **where))
        check("a scenario that is in a folder", "valid" in self.run(f"{program} validate patterns/middleware", **where))
        check("the ERP", "http://127.0.0.1:" in self.run(f"{program} erp serve --profile netsuite --port 0 --seconds 1", **where))
        return seconds


def one(pattern: str) -> str:
    found = glob.glob(str(packages / pattern))
    check(f"there is not one {pattern} in {packages}", len(found) == 1, str(found))
    return os.path.basename(found[0])


API = f"""
import json
import meterstorm
record = meterstorm.run("{MAIN_JOB}", seed=42)
assert record.passed and record.fingerprint == "FINGERPRINT", record
assert "erps" in record.tables(), record.tables()
rows = record.table("erps")
assert [row["entity"] for row in rows] == ["us", "de"] and rows[0]["postingLatency.p99"] > 0, rows
small = meterstorm.run("{MAIN_JOB}", set={{"customers.count": 50}}, expect=["postingLatency.p99 < 1s"])
assert small.verdict == "fail", small
try:
    record.table("nothing")
except KeyError as error:
    assert "erps" in str(error), error
else:
    raise SystemExit("a table that is not there")
for path in ("--help", "--output=injected"):
    try:
        meterstorm.run(path)
    except meterstorm.BadInput as error:
        assert path in error.text, error
    else:
        raise SystemExit("an option as a path")
assert meterstorm.run("azure-llm-tokens", set={{"customers.count": 6e1}}).passed
for argument in ({{"seed": 1.9}}, {{"seed": True}}, {{"set": {{"customers.count": None}}}}):
    try:
        meterstorm.run("azure-llm-tokens", **argument)
    except TypeError:
        pass
    else:
        raise SystemExit("an argument of a wrong type")
with meterstorm.campaign("azure-llm-tokens", range(1, 4), defect="retry-without-key", database="runs #1 100%25?.db",
                         set={{"customers.count": 60}}, extra=["--no-explore"]) as campaign:
    failing = [outcome.seed for outcome in campaign if not outcome.passed]
    assert sorted(failing) == [1, 2, 3] or campaign.result().verdict == "fail" and failing, failing
# Resumed, it gives what is there: whoever looks for failures must not find fewer than before.
with meterstorm.campaign("azure-llm-tokens", range(1, 5), defect="retry-without-key", database="runs #1 100%25?.db",
                         set={{"customers.count": 60}}, extra=["--no-explore"]) as campaign:
    again = {{outcome.seed: outcome for outcome in campaign}}
assert sorted(again) == [1, 2, 3, 4] and all(again[seed].kept and not again[seed].passed for seed in failing), again
assert not again[4].kept, again
for wrong, kind in [({{"customers.count": "x"}}, meterstorm.BadInput), ({{"a b": 1}}, meterstorm.MeterstormError)]:
    try:
        meterstorm.run("{MAIN_JOB}", set=wrong)
    except kind as error:
        assert error.status in (64, 65) and error.text, error
    else:
        raise SystemExit("nothing was wrong with " + str(wrong))
with meterstorm.campaign("chaos", range(1, 13), defect="retry-without-key", jobs=2) as campaign:
    outcomes = list(campaign)
    summary = campaign.result()
assert sorted(outcome.seed for outcome in outcomes) == list(range(1, 13)), outcomes
failed = [outcome for outcome in outcomes if not outcome.passed]
assert failed and all(outcome.broken for outcome in failed), outcomes
assert summary.verdict == "fail", summary
with meterstorm.capacity("chaos-month-end", vary=["customers.count=20..40"], objective=["closeCycleTime < 30d"],
                         extra=["--replications", "20..20", "--grid", "2"]) as study:
    texts = [progress.text for progress in study]
    result = study.result()
assert texts and result, texts
assert meterstorm.__version__ == "VERSION", meterstorm.__version__
broken = meterstorm.run("azure-llm-tokens", defect="retry-without-key", set={{"customers.count": 60}})
violations = broken.violations
assert not broken.passed and violations[0]["number"] == 1 and violations[0]["ids"], violations
assert not record.violations
story = meterstorm.explain("azure-llm-tokens", violation=1, defect="retry-without-key", set={{"customers.count": 60}})
assert story["violation"]["invariant"] == violations[0]["invariant"], story
assert story.passed is None and "verdict" not in repr(story), story
for wrong in ({{}}, {{"violation": 1, "transaction": "x"}}):
    try:
        meterstorm.explain("azure-llm-tokens", **wrong)
    except ValueError:
        pass
    else:
        raise SystemExit("neither or both")
compared = meterstorm.compare("azure-llm-tokens", ["middleware", "micro-batch"], set={{"customers.count": 40}}, replications=3)
assert len(compared.table("variants")) == 2 and compared.verdict is None, compared.tables()
for defect, name in ((None, "good.db"), ("retry-without-key", "bad.db")):
    with meterstorm.campaign("azure-llm-tokens", range(1, 4), defect=defect, database=name, set={{"customers.count": 60}},
                             extra=["--no-explore", "--commit", name]) as campaign:
        campaign.result()
assert meterstorm.gate("good.db", "good.db").passed
# Another defect is another scenario's options: what the base ran, the candidate lacks.
import pathlib
pathlib.Path("good.json").write_text(json.dumps(dict(meterstorm.run("azure-llm-tokens", set={{"customers.count": 60}}))))
pathlib.Path("bad.json").write_text(json.dumps(dict(broken)))
judged = meterstorm.gate("good.json", "bad.json")
assert not judged.passed and any(entry["finding"] == "failed" for entry in judged.table("conditions")), judged
with meterstorm.campaign("chaos", range(1, 100_001), jobs=2, database="long.db") as campaign:
    seen = 0
    for outcome in campaign:
        seen += 1
        if seen == 2:
            process = campaign._process
            campaign.stop()
            assert campaign.done and process.poll() is not None, "the process outlives stop()"
    assert 2 <= seen < 100_000, seen
    try:
        campaign.result()
    except meterstorm.Interrupted:
        pass
    else:
        raise SystemExit("a stopped campaign has a result")
with meterstorm.capacity("chaos-month-end", vary=["customers.count=20..4000"], objective=["closeCycleTime < 30d"]) as study:
    for progress in study:
        study.stop()
    assert study.done
print("the API works")
"""

record = json.loads(subprocess.run(
    [".build/release/meterstorm", "run", f"scenarios/{MAIN_JOB}.yaml", "--quiet", "--format", "json"], capture_output=True, text=True, check=True).stdout)
reference = record["fingerprint"]
version = record["meterstorm"]
shown = []
with tempfile.TemporaryDirectory(dir=".build") as scratch:
    kept = pathlib.Path(scratch) / "packages"
    shutil.copytree(packages, kept)

    system = System(scratch, "deb")
    system.run(f"dpkg -i /packages/{one('*.deb')}")
    shown.append(("deb", system.use("meterstorm")))
    check("the manual", (system.root / "usr/share/man/man1/meterstorm.1.gz").exists())
    check("the completions", (system.root / "usr/share/bash-completion/completions/meterstorm").exists())
    system.run("dpkg -r meterstorm && ! command -v meterstorm")

    system = System(scratch, "wheel")
    system.run("python3 -m venv /opt/environment")
    system.run(f"/opt/environment/bin/pip install --no-index /packages/{one('*.whl')}")
    shown.append(("wheel", system.use("/opt/environment/bin/meterstorm")))
    check("python -m", "USAGE" in system.run("/opt/environment/bin/python -m meterstorm --help"))
    check("an exit code", "nosuch" in system.run("/opt/environment/bin/meterstorm run nosuch.yaml", status=65))
    (system.root / "root/api.py").write_text(API.replace("FINGERPRINT", reference).replace("VERSION", version))
    check("the API", "the API works" in system.run("/opt/environment/bin/python api.py"))

    system = System(scratch, "tarball")
    system.run(f"mkdir /opt/unpacked && tar -xzf /packages/{one('*.tar.gz')} -C /opt/unpacked --strip-components=1")
    shown.append(("tarball", system.use("/opt/unpacked/bin/meterstorm", user="65534:65534", folder="/tmp")))

    # There is no container engine here: the steps of the Containerfile, one by one.
    system = System(scratch, "container")
    user, folder, entry = "0:0", "/", []
    for line in (packages / "container/Containerfile").read_text().replace("\\\n", " ").splitlines():
        step, _, rest = line.partition(" ")
        if step in ("", "#", "LABEL", "CMD"):
            continue
        elif step == "FROM":
            check("the base", rest == "debian:bookworm-slim", rest)
        elif step == "COPY":
            source, target = rest.split()
            shutil.copytree(packages / "container" / source, system.root / target.lstrip("/"), dirs_exist_ok=True)
        elif step == "USER":
            user = rest
        elif step == "WORKDIR":
            folder = rest
            (system.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif step == "ENTRYPOINT":
            entry = json.loads(rest)
        else:
            sys.exit(f"package-test: a step that is not known here: {line}")
    shown.append(("container", system.use(shlex.join(entry), user=user, folder=folder)))

for kind, seconds in shown:
    print(f"{kind}: {MAIN_JOB} in {seconds:.1f} s of the processor on a bare Debian")
print(f"package-test: {checks} checks hold")
