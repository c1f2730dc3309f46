"""A middleware as somebody writes it in an afternoon: it adds up usage by customer, posts an invoice for each of one entity's once usage has stopped,
and, where the ERP does not answer, posts it again. It sends no idempotency key and looks nothing up. For scripts/load-test."""

import argparse
import collections
import http.server
import json
import sys
import threading
import time
import urllib.request

parser = argparse.ArgumentParser()
parser.add_argument("--erps", required=True)
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--seconds", type=float, default=300)
options = parser.parse_args()

usage: dict[str, float] = collections.defaultdict(float)
seen: set[tuple[str, str]] = set()
lock = threading.Lock()
last = time.monotonic()


class Ingestion(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        global last
        events = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            last = time.monotonic()
            for event in events:
                if (event["source"], event["id"]) not in seen:
                    seen.add((event["source"], event["id"]))
                    usage[event["subject"]] += float(event["data"]["quantity0"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


def post(number: int, customer: str, quantity: float) -> None:
    record = {"recordType": "invoice", "externalId": f"invoice/US-{number:06d}/1", "subsidiary": "us", "entity": customer, "postingPeriod": "2026-01", "currency": "USD",
              "lines": [{"account": "400000", "amount": f"{quantity * 0.001:.2f}"}]}
    body = json.dumps({"documents": [{"netSuite": record}]}).encode()
    for _ in range(8):
        try:
            request = urllib.request.Request(f"{options.erps}/erp/us/documents", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=0.3):
                return
        except OSError:
            time.sleep(0.05)  # The blind retry.


def bill() -> None:
    while time.monotonic() - last < 4 or not usage:
        time.sleep(0.2)
    # Every other customer belongs to the other entity.
    own = [(customer, quantity) for customer, quantity in sorted(usage.items()) if int(customer[1:]) % 2 == 1]
    for number, (customer, quantity) in enumerate(own, 1):
        post(number, customer, quantity)


server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Ingestion)
print(f"naive middleware on http://127.0.0.1:{server.server_address[1]}/", file=sys.stderr, flush=True)
threading.Thread(target=bill, daemon=True).start()
threading.Timer(options.seconds, server.shutdown).start()
server.serve_forever()
