"""Loads the dashboard, and misbehaves. Called by scripts/dashboard, which documents it."""

import collections
import concurrent.futures
import http.client
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

METERSTORM = ".build/release/meterstorm"
REQUESTS, CONNECTIONS = 2000, 50
PATHS = ["/", "/runs/1", "/runs/2", "/runs/1/record.json", "/runs/1/story?violation=1", "/campaigns/1", "/campaigns/1/summary.json", "/campaigns/1/seeds/1",
         "/search?transaction=invoice+DE-000001", "/health"]


def start(*arguments: str) -> tuple[subprocess.Popen, int]:
    server = subprocess.Popen([METERSTORM, "serve", *arguments, "--seconds", "120"], stderr=subprocess.PIPE, text=True)
    line = server.stderr.readline()
    match = re.search(r":(\d+)/", line)
    if not match:
        sys.exit(f"no dashboard: {line}{server.stderr.read()}")
    threading.Thread(target=server.stderr.read, daemon=True).start()
    return server, int(match.group(1))


def memory(server: subprocess.Popen) -> int:
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))


def load(port: int) -> tuple[collections.Counter, list[float]]:
    statuses, latencies, lock = collections.Counter(), [], threading.Lock()

    def client(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for index in range(first, REQUESTS, CONNECTIONS):
            begin = time.monotonic()
            connection.request("GET", PATHS[(index * 7 + index // CONNECTIONS) % len(PATHS)])
            answer = connection.getresponse()
            body = answer.read()
            took = time.monotonic() - begin
            with lock:
                statuses[answer.status] += 1
                latencies.append(took)
            assert body, index

    with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
        for future in [pool.submit(client, first) for first in range(CONNECTIONS)]:
            future.result()
    return statuses, sorted(latencies)


def raw(port: int, data: bytes, seconds: float = 5) -> str:
    """The first line of the answer to bytes as they are; empty where the connection is closed without one."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
            answer = connection.recv(4096)
        except (ConnectionResetError, BrokenPipeError):
            return ""
        return answer.decode("latin-1").split("\r\n")[0]


def get(target: str, *headers: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode("latin-1")


def misbehave(port: int) -> None:
    cases = {
        "a path upwards": (get("/../../../etc/passwd"), "404"),
        "an encoded path upwards": (get("/runs/%2e%2e%2f%2e%2e%2fetc%2fpasswd"), "404"),
        "a null byte": (get("/runs/1%00"), "404"),
        "a long target": (get("/" + "a" * 5000), "414"),
        "a large header": (get("/", "X: " + "a" * 20000), "400"),
        "many headers": (get("/", *[f"X{i}: 1" for i in range(200)]), "400"),
        "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"),
        "a bad version": (b"GET / HTTP/9.9\r\n\r\n", "400"),
        "a write": (get("/", "Content-Length: 0", method="POST"), "405"),
        "a removal": (get("/runs/1", method="DELETE"), "405"),
        "another host": (b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "421"),
        "another site": (get("/", "Sec-Fetch-Site: cross-site"), "403"),
        "a bad encoding": (get("/search?transaction=%ff%fe"), "400"),
        "a number that is none": (get("/runs/99999999999999999999"), "404"),
        "a question that is none": (get("/runs/1/story"), "400"),
        "script in a search": (get("/search?transaction=%3Cscript%3Ealert(1)%3C/script%3E"), "200"),
    }
    for name, (data, expected) in cases.items():
        answer = raw(port, data)
        print(f"  {name:<26} {answer}")
        if expected not in answer:
            sys.exit(f"{name}: {answer!r}, where {expected} is expected")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/search?transaction=%3Cscript%3Ealert(1)%3C/script%3E")
    assert b"<script>alert" not in connection.getresponse().read()
    # Five hundred clients that say half a sentence and wait: the others are still answered once these have been sent away.
    half = []
    for _ in range(200):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        half.append(connection)
    assert "200" in raw(port, get("/health")), "slow clients keep others out"
    print(f"  {len(half)} half requests         others are answered")
    for connection in half:
        connection.close()


with tempfile.TemporaryDirectory() as folder:
    database = f"{folder}/results.db"
    for defect in (["--defect", "retry-without-key"], []):
        subprocess.run([METERSTORM, "run", "scenarios/azure-llm-tokens.yaml", *defect, "--quiet", "--database", database], stdout=subprocess.DEVNULL, check=False)
    subprocess.run([METERSTORM, "campaign", "scenarios/chaos.yaml", "--seeds", "1..20", "--quiet", "--database", database], stdout=subprocess.DEVNULL, check=False)

    refused = subprocess.run([METERSTORM, "serve", database, "--listen", "0.0.0.0:0"], capture_output=True, text=True, check=False)
    assert refused.returncode == 64 and "token" in refused.stderr, refused.stderr
    print("without a token, other machines are refused")

    token = pathlib.Path(folder) / "token"
    token.write_text("a-token-of-this-test-1234\n")
    server, port = start(database, "--listen", "0.0.0.0:0", "--token-file", str(token))
    assert "401" in raw(port, get("/")) and "401" in raw(port, get("/", "Authorization: Bearer wrong-token-1234"))
    assert "200" in raw(port, get("/", "Authorization: Bearer a-token-of-this-test-1234"))
    assert "303" in raw(port, get("/?token=a-token-of-this-test-1234"))
    assert "200" in raw(port, get("/", "Cookie: meterstorm-token=a-token-of-this-test-1234"))
    server.terminate()
    assert server.wait(timeout=30) == 0
    print("with one, those who show it are let in; SIGTERM ends it with 0")

    server, port = start(database, "--port", "0")
    busy = subprocess.run([METERSTORM, "serve", database, "--port", str(port)], capture_output=True, text=True, check=False)
    assert busy.returncode == 64 and "in use" in busy.stderr, busy.stderr
    load(port)
    before = memory(server)
    campaign = subprocess.Popen([METERSTORM, "campaign", "scenarios/chaos.yaml", "--seeds", "1..200", "--jobs", "1", "--quiet", "--database", database], stdout=subprocess.DEVNULL)
    for attempt in range(3):
        statuses, latencies = load(port)
        print(f"{sum(statuses.values())} requests over {CONNECTIONS} connections: {dict(statuses)}, median {latencies[len(latencies) // 2] * 1e3:.1f} ms, "
              f"99 % within {latencies[len(latencies) * 99 // 100] * 1e3:.0f} ms, memory {memory(server) / 1024:.0f} MiB after {before / 1024:.0f}")
        if set(statuses) != {200}:
            sys.exit("the dashboard failed under load")
    if memory(server) > before * 1.25 + 8192:
        sys.exit("the dashboard's memory grows")
    campaign.terminate()
    campaign.wait(timeout=60)
    misbehave(port)
    server.terminate()
    assert server.wait(timeout=30) == 0
