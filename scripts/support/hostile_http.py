"""Sends what no client should. Called by scripts/hostile-http, which documents it."""

import http.client
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

METERSTORM = os.environ.get("METERSTORM", ".build/release/meterstorm")
SCENARIO = "scenarios/live/month-end.yaml"
BATCH = "application/cloudevents-batch+json"
draw = random.Random(42)


def start(*arguments: str) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen([METERSTORM, *arguments, "--port", "0", "--seconds", "240"], stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline()
    found = re.search(r":(\d+)/", line)
    if not found:
        sys.exit(f"{arguments}: {line}{process.stderr.read()}")
    threading.Thread(target=process.stderr.read, daemon=True).start()
    return process, int(found.group(1))


def memory(process: subprocess.Popen) -> float:
    return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{process.pid}/status").read_text()).group(1)) / 1024


def event(number: int) -> dict:
    return {"specversion": "1.0", "id": str(number), "source": "api_calls-1", "type": "api_calls", "subject": "c001", "time": "2026-01-31T22:00:10Z", "data": {"quantity0": "1.5"}}


def send(port: int, body: bytes, kind: str = BATCH, path: str = "/events") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", path, body, {"Content-Type": kind})
    answer = connection.getresponse()
    return answer.status, answer.read()


def raw(port: int, data: bytes, wait: float = 2) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
            return answer
        except OSError:
            return b""


def head(length: object, path: str = "/events", kind: str = BATCH, extra: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{extra}\r\n".encode("latin-1")


def mutated(text: bytes) -> bytes:
    """A request's body with some bytes changed, cut or doubled."""
    body = bytearray(text)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(body) or 1)
        match draw.randrange(5):
            case 0: body[at:at + 1] = bytes([draw.randrange(256)])
            case 1: del body[at:at + draw.randint(1, 40)]
            case 2: body[at:at] = body[at:at + draw.randint(1, 80)]
            case 3: body[at:at] = draw.choice([b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"[" * 200, b"{\"a\":" * 100, b"1e999", b"-0", b"NaN", b"\\ud800", b"\"" * 9, b"99999999999999999999999"])
            case _: body = body[:at]
        if not body:
            break
    return bytes(body)


with tempfile.TemporaryDirectory() as folder:
    erp, erp_port = start("erp", "serve", SCENARIO)
    pipeline, port = start("pipeline", "serve", SCENARIO, "--data", folder, "--erps", f"http://127.0.0.1:{erp_port}")
    taken: set[int] = set()
    number = 0

    def good() -> None:
        """Sends two events as a well-behaved client, in between."""
        global number
        number += 2
        status, body = send(port, json.dumps([event(number - 1), event(number)]).encode())
        assert status == 200 and json.loads(body)["accepted"] == 2, (status, body)
        taken.update((number - 1, number))

    good()
    before = memory(pipeline)
    outcomes: dict[int, int] = {}

    pattern = json.dumps([event(10_000_000), event(10_000_001)]).encode()
    document = json.dumps({"documents": [{"idempotencyKey": "k", "netSuite": {"recordType": "invoice", "externalId": "invoice/US-000001/1", "subsidiary": "us", "postingPeriod": "2026-01", "currency": "USD",
                                                                             "lines": [{"account": "400000", "amount": "1.00"}]}}]}).encode()
    for round in range(1500):
        body = mutated(pattern)
        status, answer = send(port, body, draw.choice([BATCH, "application/cloudevents+json", "application/json", "text/plain", "application/cloudevents-batch+json; charset=utf-16"]))
        outcomes[status] = outcomes.get(status, 0) + 1
        assert status in (200, 400, 413, 415), (status, body, answer)
        if round % 50 == 0:
            good()
    print(f"1,500 bodies with bytes changed, cut and doubled: {dict(sorted(outcomes.items()))}")

    outcomes = {}
    for _ in range(300):
        try:
            status, _ = send(erp_port, mutated(document), "application/json", draw.choice(["/erp/us/documents", "/erp/us/lookups", "/erp/xx/documents", "/faults"]))
        except (TimeoutError, http.client.HTTPException):
            status = 0  # An ERP may stay silent: that is what it is for.
        outcomes[status] = outcomes.get(status, 0) + 1
        assert status in (0, 200, 202, 400, 404, 413, 429, 503), status
    print(f"300 such documents, look-ups and orders to the ERPs: {dict(sorted(outcomes.items()))}")

    # A hundred megabytes, four at once: refused, and not kept.
    def large() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            try:
                connection.sendall(head(100_000_000))
                for _ in range(100):
                    connection.sendall(b"[" * 1_000_000)
            except OSError:
                pass
            try:
                print("  " + connection.recv(4096).split(b"\r\n")[0].decode())
            except OSError:
                print("  closed")

    threads = [threading.Thread(target=large) for _ in range(4)]
    print("4 bodies of 100 MB at once")
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good()

    # Requests by the byte, a hundred at once, while others are served.
    slow = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(100)]
    for turn in range(5):
        for connection in slow:
            connection.sendall(head(1000)[turn * 10:turn * 10 + 10])
        good()
        time.sleep(0.2)
    print("100 clients that send a request by the byte: others are served")
    for connection in slow:
        connection.close()

    # Pipelined, and lies about lengths.
    one = json.dumps([event(20_000_000)]).encode()
    answer = raw(port, (head(len(one)) + one) * 50)
    assert answer.count(b"HTTP/1.1 200") == 50, answer[:500]
    taken.add(20_000_000)
    print("50 pipelined requests: 50 answers")
    for data in [head(10) + one, head(len(one) + 50) + one, head(-1) + one, head("x") + one, head(len(one), extra="Content-Length: 3\r\n") + one,
                 head(len(one), extra="Transfer-Encoding: chunked\r\n") + b"zz\r\n" + one, b"POST /events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
                 b"\x00" * 1000, b"POST /events\r\n\r\n", b"GET " + b"/a" * 40000 + b" HTTP/1.1\r\n\r\n", bytes(draw.randrange(256) for _ in range(5000))]:
        first = raw(port, data)[:40].split(b"\r\n")[0]
        assert not first.startswith(b"HTTP/1.1 5"), (data[:80], first)
        good()
    print("11 false lengths and malformed requests: refused")

    time.sleep(0.5)
    after = memory(pipeline)
    print(f"memory {before:.0f} MiB before, {after:.0f} MiB after")
    assert after < before + 96, "memory grows"
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/state")
    state = json.loads(connection.getresponse().read())
    pipeline.send_signal(signal.SIGKILL)
    pipeline.wait()
    pipeline, port = start("pipeline", "serve", SCENARIO, "--data", folder, "--erps", f"http://127.0.0.1:{erp_port}")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/state")
    again = json.loads(connection.getresponse().read())
    for key in ("received", "accepted", "duplicates"):
        assert again[key] == state[key], (key, state[key], again[key])
    # Sent once more, every acknowledged event is known.
    for chunk in [sorted(taken)[i:i + 100] for i in range(0, len(taken), 100)]:
        send(port, json.dumps([event(n) for n in chunk]).encode())
    # What is acknowledged is durable; the batch that carries it may be counted a moment later.
    for _ in range(100):
        connection.request("GET", "/state")
        known = json.loads(connection.getresponse().read())
        if known["batches"] == 0 and known["queuedEvents"] == 0:
            break
        time.sleep(0.1)
    assert known["duplicates"] - again["duplicates"] == len(taken) and known["accepted"] == again["accepted"], (known, again, len(taken))
    print(f"killed and started again: all {len(taken)} events that were acknowledged in between are known")
    for process in (pipeline, erp):
        process.terminate()
        assert process.wait(timeout=60) == 0
