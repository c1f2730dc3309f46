"""Kinds of the fuzzer for what comes over HTTP: usage events for `pipeline serve`, and documents, look-ups and orders for `erp serve`.

A case is a service and a list of requests, one a line in requests.jsonl: {"method", "path", "headers", "body"}, the body as Latin-1,
and "raw" instead where the request is none. Services listen on this machine only, and end by themselves.
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Any

from fuzz import Case, Context, ending, limited, slowness

SCENARIO = b"""name: live
start: 2026-01-31T22:00:00Z
horizon: 2h
entities: [ { name: us, currency: USD, erp: netsuite }, { name: de, currency: EUR, erp: s4hana-cloud } ]
customers: { count: 300, contracts: { us: usd.yaml, de: eur.yaml } }
load:
  - { meter: api_calls, arrivals: 6/s }
  - { meter: tokens, arrivals: 2/s }
"""
BOOK = b"""currency: %s
charges:
  - { meter: api_calls, model: perUnit, unitPrice: 0.02 }
  - { meter: tokens, model: perUnit, unitPrice: 0.0001 }
"""
SERVICES = {
    "events": ["pipeline", "serve", "x.yaml", "--data", "log", "--erps", "http://127.0.0.1:9"],
    "erp": ["erp", "serve", "x.yaml", "--time-scale", "1000"],
}
# Written as they stand into JSON.
NUMBERS = ["0", "-1", "1", "0.000001", "1e-7", "1e3", "1E+2", "-0", "0.1", "00", "1.", ".5", "+1", "0x10", "NaN", "1e999", "1e-999999999", "1e99999999999999999999", "999999999999", "999999999999.999999",
           "-999999999999.999999", "1000000000000", "9223372036854.775807", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616", "65535", "65536", "170141183460469231731687303715884105727", "9" * 400]
TEXTS = ["", " ", "x", "1,000", "12abc", "\u0661\u0662", "a" * 10_000, "\u0000", "\ud800", "\u202e", "c001", "C001", "c001 ", "c021", "unknown-5", "unknown-4294967295", "unknown-99999999999", "us", "de", "USD", "EUR", "api_calls", "api_calls-1", "0", "007",
         "1.00", "-1.00", "0.005", "170000000000000000000", "99999999999999.99"]
TIMES = ["2026-01-31T22:00:10Z", "2026-01-31T23:59:59.999999999Z", "2026-02-01T00:00:00Z", "2026-01-31T22:00:10+05:30", "2026-02-29T00:00:00Z", "1677-09-21T00:12:43Z", "1677-09-21T00:12:44Z", "2262-04-11T23:47:16Z", "2262-04-11T23:47:17Z", "2261-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
         "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-31T24:00:00Z", "2026-01-31", "2027-01-01T00:00:00Z", "1900-01-01T00:00:00Z", "2026-01-31T22:00:60Z", "2026-01-31T22:00:10." + "9" * 40 + "Z"]
REFERENCES = ["invoice/US-000001/1", "invoice/DE-000001/1", "creditMemo/US-000001/1", "invoice/US-4294967295/1", "invoice/US-4294967296/1", "invoice/US-000001/4294967295/65535of65535", "invoice/US-000001/1/2of1", "invoice/US-000001/0", "invoice//1", "////", "payment/US-000001/1", "invoice/XX-000001/1"]
PERIODS = ["2026-01", "2026-00", "2026-13", "2147483647-01", "-2147483648-01", "9999-12", "0000-01", "2262-05", "1677-08"]
HOSTILE = ["null", "true", "[]", "{}", "[[]]", '{"a":{}}', "[" * 200 + "]" * 200, "[" * 100_000, '{"a":' * 5000]
BATCH, EVENT, BINARY = "application/cloudevents-batch+json", "application/cloudevents+json", "application/json"


class Raw(str):
    """Text that is written into JSON as it stands."""


def dump(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dump(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value)


def odd(rng: random.Random, name: str) -> Any:
    """An odd value for a field, mostly of the field's own kind."""
    roll = rng.random()
    if roll < 0.08:
        return Raw(rng.choice(HOSTILE))
    if roll < 0.20:
        return rng.choice(TEXTS)
    if name == "time":
        return rng.choice(TIMES)
    if "eriod" in name or "Year" in name:
        return rng.choice([*PERIODS, Raw(rng.choice(NUMBERS))])
    if name in ("externalId", "reference", "keys"):
        return rng.choice(REFERENCES)
    if re.search("quantity|mount|debit|credit|dimension|schema|seconds|share", name):
        number = rng.choice(NUMBERS)
        return Raw(number) if rng.random() < 0.6 else number
    if name == "id":
        return rng.choice([*NUMBERS, *TEXTS])
    return rng.choice(TEXTS)


def places(node: Any, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    if isinstance(node, dict):
        for key, part in node.items():
            found += places(part, (*path, key))
    elif isinstance(node, list):
        for index, part in enumerate(node[:4]):
            found += places(part, (*path, index))
    return found


def change(rng: random.Random, tree: Any) -> Any:
    """Changes, takes away or doubles one to three places; the tree is the caller's own."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        path = rng.choice(places(tree) or [()])
        if not path:
            return tree
        parent = tree
        for step in path[:-1]:
            parent = parent[step]
        roll, name = rng.random(), str(next((step for step in reversed(path) if isinstance(step, str)), ""))
        if roll < 0.12:
            del parent[path[-1]]
        elif roll < 0.20 and isinstance(parent, list):
            parent += [parent[path[-1]]] * rng.choice([1, 2, 50])
        elif roll < 0.26 and isinstance(parent, dict):
            parent[rng.choice([*TEXTS[:4], "data_base64", "datacontenttype", "quantity1", "debit", "credit", "localAmount"])] = odd(rng, "quantity")
        elif not isinstance(parent[path[-1]], (dict, list)) or rng.random() < 0.15:
            parent[path[-1]] = odd(rng, name)
    return tree


def bytewise(rng: random.Random, body: bytes) -> bytes:
    at = rng.randrange(len(body) + 1)
    return rng.choice([
        body[:at], body[:at] + bytes([rng.randrange(256)]) + body[at + 1:], body[:at] + body[at // 2:], b"", b"\xff\xfe" + body,
        body.replace(b'"', b"'"), body[:at] + rng.choice([b"\xed\xa0\x80", b"\\ud800", b"\x00", b"[" * 999]) + body[at:], body + b"x", b"\xef\xbb\xbf" + body,
    ])


def request(rng: random.Random, path: str, kind: str, body: bytes, more: dict[str, str] | None = None) -> dict[str, Any]:
    """A POST, once in a while with headers or a head that no client should send."""
    headers = {"Content-Type": kind, **(more or {})}
    roll = rng.random()
    if roll < 0.04:
        headers["Content-Type"] = rng.choice(["", "text/plain", kind + "; charset=utf-16", kind.upper(), ";", kind + ";" * 3000])
    elif roll < 0.06:
        headers[rng.choice(["X-Odd", "Expect", "Accept", "Content-Encoding", "Cookie", "Host", "Upgrade"])] = rng.choice(["", "100-continue", "gzip", "a" * 7000, "h2c", "\u00e9"])
    elif roll < 0.08:
        length = rng.choice([0, len(body) // 2, len(body) + 9, -1, 1 << 40, 1 << 63, "x", "1_0"])
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        return {"raw": (head.encode() + body).decode("latin-1")}
    elif roll < 0.09:
        return {"raw": rng.choice(["\0" * 99, "GET\r\n\r\n", f"POST {path} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n", f"POST {path} HTTP/9.9\r\n\r\n", "\r\n" * 50])}
    return {"method": "POST", "path": path, "headers": headers, "body": body.decode("latin-1")}


def event(rng: random.Random, number: int) -> dict[str, Any]:
    meter = rng.choice(["api_calls", "tokens"])
    return {"specversion": "1.0", "id": str(number), "source": f"{meter}-1", "type": meter, "subject": f"c{rng.randint(1, 300):03}", "time": rng.choice(TIMES[:3]),
            "data": {"quantity0": rng.choice([1, "1.5", Raw("2.000001"), 0])}}


def events(rng: random.Random, number: int) -> dict[str, Any]:
    roll = rng.random()
    if roll < 0.05:
        return {"method": "GET", "path": rng.choice(["/state", "/metrics", "/health", "/events", "/%00", "/" + "a" * 5000, "/state?x=%ff"]), "headers": {}, "body": ""}
    if roll < 0.40:
        tree = change(rng, [event(rng, number + index) for index in range(rng.choice([1, 2, 5, 40]))])
        kind, body, more = BATCH, dump(tree), {}
    elif roll < 0.80:
        kind, body, more = EVENT, dump(change(rng, event(rng, number))), {}
    else:
        tree = change(rng, event(rng, number))
        if not isinstance(tree, dict):
            tree = event(rng, number)
        more = {f"ce-{key}": re.sub(r"[^\x20-\x7e\u00a0-\u00ff]", "?", value if isinstance(value, str) else dump(value))[:7000] for key, value in tree.items() if key != "data" and re.fullmatch("[a-z]+", key)}
        kind, body = BINARY, dump(tree.get("data", {}))
    data = body.encode("utf-8", "surrogatepass")
    return request(rng, "/events", kind, bytewise(rng, data) if rng.random() < 0.1 else data, more)


def document(rng: random.Random) -> dict[str, Any]:
    key = rng.choice(["k", "", "k" * 300, str(rng.random())])
    amount = rng.choice(["1.00", "0.00", "99999999999999.99", "-1.00"])
    if rng.random() < 0.5:
        return {"idempotencyKey": key, "netSuite": {
            "recordType": rng.choice(["invoice", "creditMemo", "journalEntry", "customerPayment"]), "externalId": rng.choice(REFERENCES[:3]), "subsidiary": "us", "entity": "c001",
            "postingPeriod": "2026-01", "currency": "USD", "baseCurrency": "EUR",
            "lines": [{"account": "400000", "amount": amount}, {"account": "400001", "debit": amount, "credit": amount, "baseAmount": amount}]}}
    return {"idempotencyKey": key, "sap": {
        "documentType": rng.choice(["DR", "DG", "SA", "DZ"]), "companyCode": rng.choice(["us", "de"]), "fiscalYear": 2026, "fiscalPeriod": 1, "reference": rng.choice(REFERENCES[:3]), "currency": "USD",
        "localCurrency": "EUR", "customer": "c001", "items": [{"account": "400000", "indicator": "H", "amount": amount, "localAmount": amount, "localIndicator": "S"}]}}


def erp(rng: random.Random, number: int) -> dict[str, Any]:
    roll, entity = rng.random(), rng.choice(["us", "us", "de", "de", "xx", "%00", ""])
    if roll < 0.15:
        path = rng.choice([f"/erp/{entity}/periods/{rng.choice(PERIODS)}", f"/erp/{entity}/statement", f"/erp/{entity}/jobs/{rng.choice(NUMBERS)}", f"/ledger?from={rng.choice(NUMBERS)}", "/metrics", "/health"])
        return {"method": "GET", "path": path, "headers": {}, "body": ""}
    if roll < 0.75:
        path, tree = f"/erp/{entity}/documents", change(rng, {"documents": [document(rng) for _ in range(rng.choice([1, 1, 2, 30]))]})
    elif roll < 0.92:
        path, tree = f"/erp/{entity}/lookups", change(rng, {"keys": [rng.choice(REFERENCES) for _ in range(rng.choice([1, 2, 9]))]})
    else:
        # Refused throughout, or a fault that answers: silence on request would say nothing about the service.
        path, tree = "/faults", change(rng, {"entity": entity, "kind": rng.choice(["throttle", "partialFailure", "outage", "x"]), "seconds": rng.choice([1, 0.5, 60]), "share": rng.choice([0, 0.5, 1])})
    data = dump(tree).encode("utf-8", "surrogatepass")
    return request(rng, path, BINARY, bytewise(rng, data) if rng.random() < 0.1 else data)


# Seconds of the wall clock for an answer, on a machine that others use; what counts is CPU time.
PATIENCE = 60
# Of CPU time for one request.
COST = 2.0


class Service:
    """A service that runs, and what it has said."""

    def __init__(self, binary: str, case: Case, folder: str) -> None:
        self.case, self.said = case, pathlib.Path(folder, "said")
        self.slowness = slowness(binary)
        with self.said.open("wb") as said:
            self.process = limited(binary, [*case.argv, "--port", "0", "--seconds", "300"], folder, case, stdout=subprocess.DEVNULL, stderr=said)
        self.port = 0

    def start(self) -> str | None:
        begin = time.monotonic()
        while time.monotonic() - begin < PATIENCE * 2 and self.process.poll() is None:
            if found := re.search(rb" on http://127.0.0.1:(\d+)/", self.said.read_bytes()):
                self.port = int(found.group(1))
                return None
            time.sleep(0.02)
        return self.death() or f"did not start: exit {self.process.poll()}: {self.said.read_bytes()[-160:]!r}"

    def death(self) -> str | None:
        code = self.process.poll()
        if code is None:
            return None
        return ending(code, self.said.read_bytes(), self.case) or f"exit {code} while it should serve: {self.said.read_bytes()[-160:]!r}"

    def cpu(self) -> float:
        with contextlib.suppress(OSError, IndexError):
            fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0

    def ask(self, line: dict[str, Any]) -> tuple[int, bytes]:
        """The status and the body of an answer; 0 where the connection was closed without one, -1 where nothing came in time."""
        if "raw" in line:
            data = line["raw"].encode("latin-1")
        else:
            body = line["body"].encode("latin-1")
            head = f"{line['method']} {line['path']} HTTP/1.1\r\n"
            fields = {"Host": "127.0.0.1", **line["headers"], "Content-Length": str(len(body)), "Connection": "close"}
            data = (head + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode("latin-1", "replace") + body
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as connection:
                with contextlib.suppress(OSError):
                    connection.sendall(data)
                if "raw" in line:
                    connection.shutdown(socket.SHUT_WR)
                answer = http.client.HTTPResponse(connection)
                answer.begin()
                return answer.status, answer.read()
        except TimeoutError:
            return -1, b""
        except (OSError, http.client.HTTPException):
            return 0, b""

    def get(self, path: str) -> Any:
        status, body = self.ask({"method": "GET", "path": path, "headers": {}, "body": ""})
        try:
            return json.loads(body) if status == 200 else None
        except ValueError:
            return None

    def settled(self, received: int) -> dict[str, Any] | None:
        """The state, when it counts so many events: what is acknowledged is in the log first, and counted a moment later."""
        begin = time.monotonic()
        while True:
            state = self.get("/state")
            if not state or state["received"] == received or time.monotonic() - begin > PATIENCE:
                return state
            time.sleep(0.05)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def wrong(line: dict[str, Any], status: int, body: bytes, is_erp: bool) -> str | None:
    """What is wrong with an answer."""
    what = line.get("path", "a raw request")[:60]
    if status == -1:
        return f"no answer within {PATIENCE} s: {what}"
    if status == 0 and "raw" not in line and len(line["headers"].get("Content-Type", "")) < 2000:
        return f"closed without an answer: {what}"
    if status >= 500 and not (is_erp and status == 503 and body):
        return f"answer {status}: {what}: {body[:120]!r}"
    if status == 400 and "raw" not in line and what == "/events" and len(body) < 10:
        return f"answer 400 without a reason: {what}"
    return None


def exchange(binary: str, case: Case, folder: str) -> str | None:
    """Sends the requests of a case, and for the core kills it and looks whether everything that it acknowledged is there."""
    lines = []
    for text in case.files["requests.jsonl"].split(b"\n"):
        with contextlib.suppress(ValueError):
            lines.append(json.loads(text))
    is_erp = case.argv[0] == "erp"
    service = Service(binary, case, folder)
    try:
        if problem := service.start():
            return problem
        told, taken = 0, []
        for line in lines:
            before = service.cpu()
            status, body = service.ask(line)
            if problem := service.death() or wrong(line, status, body, is_erp):
                time.sleep(0.1)
                return service.death() or problem
            if service.cpu() - before > COST * service.slowness:
                return f"over {COST} s of CPU time for a request: {line.get('path', 'raw')[:60]}"
            if status == 200 and not is_erp and line.get("method") == "POST":
                told += json.loads(body)["accepted"]
                taken.append(line)
            elif status == 200 and "raw" in line and b'"accepted"' in body:
                told += json.loads(body)["accepted"]
        if is_erp:
            return None if isinstance(service.get("/ledger"), list) else service.death() or "the ledger cannot be read"
        state = service.settled(told)
        if not state or state["received"] != told:
            return service.death() or f"acknowledged {told} events, and knows {state and state['received']}"
        service.end()
        service = Service(binary, case, folder)
        if problem := service.start():
            return f"after a restart: {problem}"
        again = service.settled(told)
        if not again or again["received"] != told or again["accepted"] != state["accepted"]:
            return service.death() or f"forgot acknowledged events: {told} were, and it knows {again and again['received']}"
        sent = 0
        for line in taken:
            status, body = service.ask(line)
            sent += json.loads(body)["accepted"] if status == 200 else 0
        known = service.settled(told + sent)
        if not known or known["accepted"] != state["accepted"]:
            return service.death() or f"counts events twice: {state['accepted']} accepted, and {known and known['accepted']} after the same requests"
        return None
    finally:
        service.end()


def kinds(context: Context) -> dict[str, Callable[[random.Random], Case]]:
    def of(name: str, make: Callable[[random.Random, int], dict[str, Any]]) -> Callable[[random.Random], Case]:
        def generate(rng: random.Random) -> Case:
            lines = [json.dumps(make(rng, 1000 * number)) for number in range(1, rng.choice([10, 40, 80]))]
            files = {"x.yaml": SCENARIO, "usd.yaml": BOOK % b"USD", "eur.yaml": BOOK % b"EUR", "requests.jsonl": "\n".join(lines).encode()}
            return Case(files, list(SERVICES[name]), seconds=60, placed=False)

        return generate

    return {"events": of("events", events), "erp": of("erp", erp)}
