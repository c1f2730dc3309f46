"""Reads what Meterstorm writes with readers of other people. Called by scripts/readers, which documents it."""

import base64
import csv
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import jsonschema
import junitparser
import markdown_it
from google.protobuf import json_format
from opentelemetry.proto.trace.v1 import trace_pb2
from prometheus_client.openmetrics.parser import text_string_to_metric_families

METERSTORM = ".build/release/meterstorm"
SCHEMA = json.loads(pathlib.Path("reports/record.schema.json").read_text())


def meterstorm(*arguments: str) -> str:
    result = subprocess.run([METERSTORM, *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"meterstorm {' '.join(arguments)}: {result.returncode}: {result.stderr}")
    return result.stdout


def record(run: str, folder: pathlib.Path) -> str:
    value = json.loads(meterstorm("report", run, "--format", "json"))
    jsonschema.Draft202012Validator(SCHEMA).validate(value)
    return f"{len(value['invariants'])} invariants"


def junit(run: str, folder: pathlib.Path) -> str:
    file = folder / "junit.xml"
    meterstorm("report", run, "--format", "junit", "--output", str(file))
    # By Jenkins' own schema of JUnit.
    subprocess.run(["xmllint", "--noout", "--schema", "scripts/support/schemas/junit-10.xsd", file], check=True, capture_output=True)
    suites = junitparser.JUnitXml.fromfile(str(file))
    cases = [case for suite in suites for case in suite]
    verdicts = json.loads(meterstorm("report", run, "--format", "json"))
    broken = [i["name"] for i in verdicts["invariants"] if i["verdict"] == "broken"]
    failures = {case.name for case in cases if any(isinstance(r, junitparser.Failure) for r in case.result)}
    errors = {case.name for case in cases if any(isinstance(r, junitparser.Error) for r in case.result)}
    assert set(broken) <= failures, (broken, failures)
    assert suites.tests == len(cases) and suites.failures == len(failures) and suites.errors == len(errors)
    assert bool(failures or errors) == (verdicts["verdict"] != "pass"), "the verdict is not that of the record"
    skipped = sum(isinstance(r, junitparser.Skipped) for case in cases for r in case.result)
    return f"{len(cases)} cases, {len(failures)} failures, {len(errors)} errors, {skipped} skipped"


def openmetrics(run: str, folder: pathlib.Path) -> str:
    families = list(text_string_to_metric_families(meterstorm("report", run, "--format", "openmetrics")))
    samples = [sample for family in families for sample in family.samples]
    assert families and all(family.name.startswith("meterstorm_") and family.documentation for family in families)
    return f"{len(families)} families, {len(samples)} samples"


def tables(run: str, folder: pathlib.Path) -> str:
    target = folder / "csv"
    meterstorm("report", run, "--format", "csv", "--output", str(target))
    rows = 0
    for file in sorted(target.glob("*.csv")):
        with file.open(newline="") as lines:
            content = list(csv.reader(lines, strict=True))
        assert content and all(len(row) == len(content[0]) for row in content), file
        rows += len(content) - 1
    return f"{len(list(target.glob('*.csv')))} tables, {rows} rows"


def markdown(run: str, folder: pathlib.Path) -> str:
    tokens = markdown_it.MarkdownIt("commonmark").enable("table").parse(meterstorm("report", run, "--format", "markdown"))
    found = sum(token.type == "table_open" for token in tokens)
    assert found and tokens[0].type == "heading_open"
    return f"{found} tables"


def trace(run: str, folder: pathlib.Path) -> str:
    value = json.loads(meterstorm("report", run, "--format", "trace"))
    events = value["traceEvents"]
    assert all({"name", "ph", "pid", "tid"} <= set(event) and event["ph"] in "XiCM" for event in events)
    assert all(event["ts"] >= 0 for event in events if event["ph"] != "M")
    assert all(event["dur"] >= 0 for event in events if event["ph"] == "X")
    return f"{len(events)} events"


def spans(run: str, folder: pathlib.Path) -> str:
    value = json.loads(meterstorm("explain", run, "--sample", "5", "--format", "otlp", "--quiet"))
    # Protobuf's own JSON has bytes in base 64; OTLP has them in hex.
    for resource in value["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for key in ("traceId", "spanId", "parentSpanId"):
                    if key in span:
                        span[key] = base64.b64encode(bytes.fromhex(span[key])).decode()
    export = json_format.ParseDict(value, trace_pb2.TracesData())
    found = [span for resource in export.resource_spans for scope in resource.scope_spans for span in scope.spans]
    ids = {(span.trace_id, span.span_id) for span in found}
    assert len(ids) == len(found) and all(len(span.trace_id) == 16 and len(span.span_id) == 8 for span in found)
    assert all(not span.parent_span_id or (span.trace_id, span.parent_span_id) in ids for span in found)
    assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in found)
    assert len({span.trace_id for span in found}) == 5
    return f"{len(found)} spans of 5 transactions"


def interrupted(folder: pathlib.Path) -> str:
    """A run of minutes that is asked to stop once it has begun."""
    run = subprocess.Popen([METERSTORM, "run", "scenarios/month-end-throttle.yaml", "--output", folder, "--set", "customers.count=20000", "--set", "load.1.arrivals.poisson=450/s"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in run.stderr:
        if "%" in line:
            break
    time.sleep(2)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=120)
    assert run.returncode == 130, run.returncode
    return str(folder)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    failing = folder / "fail"
    subprocess.run([METERSTORM, "run", "scenarios/azure-llm-tokens.yaml", "--defect", "retry-without-key", "--quiet", "--output", failing], stdout=subprocess.DEVNULL, check=False)
    passing = folder / "pass"
    subprocess.run([METERSTORM, "run", "scenarios/month-end-throttle.yaml", "--quiet", "--output", passing], stdout=subprocess.DEVNULL, check=True)
    runs = {"pass": str(passing), "fail": str(failing), "interrupted": interrupted(folder / "interrupted")}
    for kind, run in runs.items():
        for reader in (record, junit, openmetrics, tables, markdown, trace, spans):
            if reader is spans and kind == "interrupted":
                continue  # An interrupted run has no end that could be repeated.
            print(f"{kind:<11} {reader.__name__:<11} {reader(run, folder)}", flush=True)
