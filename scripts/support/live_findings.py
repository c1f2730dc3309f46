"""What strangers have done to the services and their log, by the program's own verbs. Called by scripts/hostile-http, which documents it."""

import contextlib
import http.client
import itertools
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

METERSTORM = os.environ.get("METERSTORM", ".build/release/meterstorm")
SCENARIO = "scenarios/live/month-end.yaml"
ODD_NUMBERS = ["0", "-1", "1e20", "1.7e20", "170000000000000000000", "-170141183460469231731.687303715884105728", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1e-300", "1e999", "1e-7", "0.1", "00", "0x10", "NaN"]
ODD_TEXTS = ["", " ", "1,000", "12abc", "0x10", "١٢", "2147483647-01", "-2147483648-01", "2026-13", "2026-00", "9999-12", "invoice/US-4294967296/1", "invoice/US-4294967295/4294967295/65535of65535", "invoice//1", "////", "us", "\u0000", "\ud800", "a" * 100_000]
ODD = [f'"{value}"' for value in ODD_NUMBERS] + [json.dumps(text) for text in ODD_TEXTS] + ODD_NUMBERS + ["null", "true", "[]", "{}", "[[]]", '{"a":{}}']


def serve(*arguments: str, **more) -> tuple[subprocess.Popen, int, list[str]]:
    """Starts a service; tells its port and what it has said before."""
    process = subprocess.Popen([METERSTORM, *arguments, "--port", "0", "--seconds", "240"], stderr=subprocess.PIPE, text=True, **more)
    said = []
    for line in process.stderr:
        if found := re.search(r" on http://127.0.0.1:(\d+)/", line):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, int(found.group(1)), said
        said.append(line)
    sys.exit(f"{arguments} did not start: {process.wait()} {said}")


def refusal(*arguments: str) -> tuple[int, str]:
    """The exit code of a command that should not run, and what it says."""
    result = subprocess.run([METERSTORM, *arguments], capture_output=True, text=True, check=False, timeout=60)
    return result.returncode, result.stderr


def request(port: int, path: str, body: str | None = None, kind: str = "application/json") -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET" if body is None else "POST", path, body and body.encode("utf-8", "surrogatepass"), {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers


def event(**changes: str) -> str:
    fields = {"specversion": '"1.0"', "id": '"1"', "source": '"api_calls-1"', "type": '"api_calls"', "subject": '"c001"', "time": '"2026-01-31T22:00:10Z"', "data": '{"quantity0":1}'} | changes
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


def state(port: int) -> dict:
    return json.loads(request(port, "/state")[1])


def take(port: int, identifier: int) -> int:
    return request(port, "/events", event(id=f'"{identifier}"'), "application/cloudevents+json")[0]


def check(condition: object, *words: object) -> None:
    if not condition:
        sys.exit(f"FAILED: {words}")


def events(port: int) -> None:
    """Quantities, identifiers and subjects as strangers write them."""
    for quantity in ['"1,000"', '"12abc"', '"0x10"', "1e-7", '" 1"', "1e12", "null"]:
        status, answer, _ = request(port, "/events", event(data=f'{{"quantity0":{quantity}}}'), "application/cloudevents+json")
        check(status == 400 and "quantity0" in answer, quantity, status, answer)
    check(state(port)["received"] == 0)
    for identifier in ["7", "007", "7"]:
        request(port, "/events", event(id=f'"{identifier}"'), "application/cloudevents+json")
    told = state(port)
    check(told["accepted"] == 2 and told["duplicates"] == 1, told)
    for number, subject in enumerate(["unknown-5", "unknown-299", "C006", "c006 "]):
        request(port, "/events", event(id=f'"{100 + number}"', subject=json.dumps(subject)), "application/cloudevents+json")
    told = state(port)
    check(told["accepted"] == 2 and told["quarantined"] == 4, told)
    fields = ["specversion", "id", "source", "type", "subject", "time", "data"]
    inner = ["quantity0", "quantity1", "dimension", "schemaVersion"]
    bodies = [event(**{field: value}) for field in fields for value in ODD] + [event(id='"500"', data=f'{{"quantity0":1,"{field}":{value}}}') for field in inner for value in ODD]
    counts: dict[int, int] = {}
    for body in bodies:
        status, answer, _ = request(port, "/events", body, "application/cloudevents+json")
        check(status in (200, 400), body[:200], status, answer)
        counts[status] = counts.get(status, 0) + 1
    print(f"{len(bodies)} events with an odd value in one field: {counts}")
    check(take(port, 600) == 200)


def documents(port: int, process: subprocess.Popen) -> None:
    """Documents with odd values in each field, to an emulated ERP."""
    line = {"account": '"400000"', "amount": '"1.00"'}
    net = {"recordType": '"invoice"', "externalId": '"invoice/US-000001/1"', "subsidiary": '"us"', "entity": '"c001"', "postingPeriod": '"2026-01"', "currency": '"USD"', "baseCurrency": '"EUR"', "lines": "[]"}
    item = {"account": '"400000"', "indicator": '"H"', "amount": '"1.00"', "localAmount": '"1.00"', "localIndicator": '"S"'}
    sap = {"documentType": '"DR"', "companyCode": '"us"', "fiscalYear": "2026", "fiscalPeriod": "1", "reference": '"invoice/US-000001/1"', "currency": '"USD"', "localCurrency": '"EUR"', "customer": '"c001"', "items": "[]"}

    def text(fields: dict[str, str]) -> str:
        return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"

    def wrapped(kind: str, document: str) -> str:
        return f'{{"documents":[{{"idempotencyKey":"k","{kind}":{document}}}]}}'

    bodies = []
    for kind, shape, lines, single in [("netSuite", net, "lines", line | {"debit": '"1.00"', "credit": '"1.00"', "baseAmount": '"1.00"'}), ("sap", sap, "items", item)]:
        good = shape | {lines: f"[{text(single)}]"}
        bodies += [wrapped(kind, text(good | {field: value})) for field in shape for value in ODD[::2]]
        bodies += [wrapped(kind, text(shape | {lines: f"[{text({k: v for k, v in single.items() if k == 'account'} | {field: value})}]"})) for field in single for value in ODD[::2]]
    bodies += [wrapped("netSuite", text(net | {"lines": "[" + ",".join([text(line | {"amount": f'"{amount}"'})] * 2) + "]"})) for amount in ["1.7e20", "170000000000000000000", "100000000000000000000", "999999999999999"]]
    counts: dict[int, int] = {}
    for body in bodies:
        status, answer, _ = request(port, "/erp/us/documents", body)
        check(status in (200, 400, 429), body[:200], status, answer)
        counts[status] = counts.get(status, 0) + 1
    for path in ["/erp/us/lookups", "/faults"]:
        for value in ODD:
            bodies.append(path)
            body = f'{{"keys":[{value}]}}' if path != "/faults" else f'{{"entity":"us","kind":"partialFailure","seconds":{value},"share":{value}}}'
            status = request(port, path, body)[0]
            check(status in (200, 202, 400, 413, 429), body[:200], status)
    for path in ["erp/us/periods/2147483647-01", "erp/us/periods/2999-12", "erp/us/jobs/9223372036854775808", "ledger?from=-9223372036854775808", "erp/us/statement"]:
        check(request(port, f"/{path}")[0] in (200, 400, 404), path)
    check(process.poll() is None)
    print(f"{len(bodies)} documents, look-ups and orders with an odd value in one field: {counts}")


def full_disk(port: int, process: subprocess.Popen) -> None:
    """The log may not grow for a while: refused with 507, and taken again when it may."""
    size = state(port)["logBytes"]
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size + 100, resource.RLIM_INFINITY))
    for number in range(20):
        status, answer, headers = request(port, "/events", event(id=f'"{10_000 + number}"'), "application/cloudevents+json")
        check(status in (200, 507) and (status == 200 or headers["Retry-After"]), status, answer)
    check(status == 507 and request(port, "/health")[0] == 507)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    time.sleep(1)
    check(request(port, "/health")[0] == 200, "it recovers by itself")
    check(take(port, 11_000) == 200)
    check("pipeline_log_failures_total 1" in request(port, "/metrics")[1])
    print("a disk that is full for a while: 507 with Retry-After, and taken in again afterwards")


def log(folder: pathlib.Path, erps: str) -> None:
    """The log under other scenarios, damaged, torn, and repaired."""
    data = ["--data", str(folder), "--erps", erps]
    file = folder / "pipeline.log"
    whole = file.read_bytes()
    for setting in ["customers.count=301", "load.0.arrivals.poisson=7/s", "design=micro-batch"]:
        code, words = refusal("pipeline", "serve", SCENARIO, *data, "--set", setting, "--port", "0")
        check(code == 65 and setting.split("=")[0] in words, setting, code, words)
    at = len(whole) * 2 // 3
    damages = {"a flipped bit": whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:], "a sector of zeros": whole[:at - at % 512] + bytes(512) + whole[at - at % 512 + 512:], "a lost byte": whole[:at] + whole[at + 1:], "its end cut off": whole[:-1]}
    for name, damaged in damages.items():
        file.write_bytes(damaged)
        code, words = refusal("pipeline", "serve", SCENARIO, *data, "--port", "0")
        check(code == 65 and "--repair" in words and file.read_bytes() == damaged, name, code, words)
    print(f"a log under {3} edited scenarios and with {len(damages)} kinds of damage: refused, and as it was")
    file.write_bytes(whole + b"torn")
    process, port, said = serve("pipeline", "serve", SCENARIO, *data)
    known = state(port)
    process.kill()
    process.wait()
    kept = list(folder.glob("pipeline.log.torn-*"))
    check(len(kept) == 1 and kept[0].read_bytes() == b"torn" and "torn" in "".join(said), said)
    file.write_bytes(damages["a flipped bit"])
    process, port, said = serve("pipeline", "serve", SCENARIO, *data, "--repair")
    repaired = state(port)
    process.terminate()
    check(process.wait() == 0 and (folder / "pipeline.log.damaged").read_bytes() == damages["a flipped bit"])
    check(0 <= known["received"] - repaired["received"] <= 2, known, repaired)
    print(f"a torn end is kept aside; --repair keeps {repaired['received']} of {known['received']} events, and the damaged file")


def closed_descriptors(folder: pathlib.Path, erps: str) -> None:
    """Started by somebody who has closed standard input, output or error."""
    combinations = [closed for size in (1, 2, 3) for closed in itertools.combinations(range(3), size)]
    for number, closed in enumerate(combinations):
        data = folder / str(number)
        with contextlib.closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        arguments = [METERSTORM, "pipeline", "serve", SCENARIO, "--data", str(data), "--erps", erps, "--port", str(port), "--seconds", "60"]
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=lambda: [os.close(descriptor) for descriptor in closed])
        for _ in range(200):
            with contextlib.suppress(OSError):
                if take(port, 1) == 200:
                    break
            time.sleep(0.05)
        process.kill()
        process.wait()
        check(b"http://" not in (data / "pipeline.log").read_bytes(), closed)
        process, port, said = serve("pipeline", "serve", SCENARIO, "--data", str(data), "--erps", erps)
        check(state(port)["received"] >= 1 and said == [], closed, said)
        process.kill()
        process.wait()
    print(f"{len(combinations)} ways of closing descriptors 0 to 2: nothing is printed into the log")


def options(erps: str, port: int) -> None:
    """What cannot work is refused before any work."""
    with tempfile.TemporaryDirectory() as folder:
        token = pathlib.Path(folder) / "token"
        token.write_text("0123456789abcdef")
        data = ["--data", f"{folder}/log"]
        cases = [
            ["pipeline", "serve", SCENARIO, *data, "--erps", erps, "--listen", "nowhere.invalid:80", "--token-file", str(token)],
            ["pipeline", "serve", SCENARIO, *data, "--erps", erps, "--listen", "203.0.113.1:8380", "--token-file", str(token)],
            ["pipeline", "serve", SCENARIO, *data, "--erps", erps, "--port", str(port)],
            ["pipeline", "serve", SCENARIO, "--data", "", "--erps", erps],
            ["pipeline", "serve", SCENARIO, *data, "--erps", erps, "--token-file", "/nowhere"],
            *[["pipeline", "serve", SCENARIO, *data, "--erps", nonsense] for nonsense in ["nonsense", "", "ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "127.0.0.1:80", "http://a b"]],
            ["load", SCENARIO, "--target", "http://127.0.0.1:9", "--erps", "nonsense"],
            ["erp", "serve", "--profile", "netsuite", "--listen", "nowhere.invalid:80", "--token-file", str(token)],
        ]
        for case in cases:
            code, words = refusal(*case)
            check(code == 64 and words, case, code, words)
        check(not (pathlib.Path(folder) / "log").exists(), "nothing was begun")
        print(f"{len(cases)} options that cannot work: exit 64 before any work")


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    erp, erp_port, _ = serve("erp", "serve", "--profile", "netsuite", "--time-scale", "1000")
    erps = f"http://127.0.0.1:{erp_port}"
    pipeline, port, _ = serve("pipeline", "serve", SCENARIO, "--data", str(folder / "log"), "--erps", erps)
    events(port)
    documents(erp_port, erp)
    full_disk(port, pipeline)
    before = state(port)
    pipeline.send_signal(signal.SIGKILL)
    pipeline.wait()
    pipeline, port, _ = serve("pipeline", "serve", SCENARIO, "--data", str(folder / "log"), "--erps", erps)
    check(state(port)["received"] == before["received"], "nothing that was acknowledged is missing")
    options(erps, port)
    pipeline.terminate()
    check(pipeline.wait() == 0)
    log(folder / "log", erps)
    closed_descriptors(folder / "closed", erps)
    erp.terminate()
    check(erp.wait() == 0)
