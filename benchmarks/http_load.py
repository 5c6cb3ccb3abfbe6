"""A load generator that is not the bottleneck: requests made beforehand, sent over connections that stay open.

A process of its own, without an event loop's layers: one selector, one request under way on each connection. Reads
`{"port", "lanes": [[request, …], …]}` (requests in base64) from stdin, and prints what it saw as JSON.
"""

from __future__ import annotations

import base64
import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from gateway.carriers.twilio.signature import Signature

CONNECTIONS = 32


@dataclass
class Seen:
    """What the generator saw: seconds in all, and of each request; statuses by how often."""

    requests: int
    seconds: float
    p50: float
    p99: float
    statuses: dict[str, int] = field(default_factory=dict)
    own_cpu: float = 0.0
    server_cpu: float = 0.0

    @property
    def cost(self) -> float:
        """Microseconds of the server's CPU a request."""
        return self.server_cpu / self.requests * 1e6

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def post(url: str, form: dict[str, str], token: str) -> bytes:
    """A signed POST as Twilio sends it, ready for the wire."""
    host, slash, path = url.partition("://")[2].partition("/")
    body = urlencode(form).encode()
    signature = Signature(token)._signed(url, "".join(n + v for n, v in sorted(form.items())).encode()).decode()
    head = (
        f"POST {slash}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nX-Twilio-Signature: {signature}\r\nUser-Agent: TwilioProxy/1.1\r\n"
        "Accept: */*\r\nI-Twilio-Idempotency-Token: 4c0cbd2f-2d0a-4b40-8a4e-0d0f3f7d7c11\r\n\r\n"
    )
    return head.encode() + body


def in_lanes(chains: list[list[bytes]]) -> list[list[bytes]]:
    """Chains of requests (one after the other each) dealt out to the connections."""
    lanes: list[list[bytes]] = [[] for _ in range(CONNECTIONS)]
    for number, chain in enumerate(chains):
        lanes[number % CONNECTIONS] += chain
    return lanes


def load(port: int, lanes: list[list[bytes]]) -> Seen:
    """Send every lane over its own connection from another process, and say what it saw."""
    asked = {"port": port, "lanes": [[base64.b64encode(one).decode() for one in lane] for lane in lanes]}
    from benchmarks.http_server import cpu_seconds  # not in the generator itself: it serves nothing

    before = cpu_seconds(port)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.http_load"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return replace(Seen(**json.loads(done.stdout)), server_cpu=cpu_seconds(port) - before)


class _Lane:
    """One connection and what is left to send on it."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = iter(requests)
        self.buffer = b""
        self.began = 0.0

    def send_next(self) -> bool:
        request = next(self.left, None)
        if request is None:
            return False
        self.began = time.perf_counter()
        self.socket.sendall(request)
        return True

    def status(self) -> str:
        """The status of the answer once it is whole, else ""."""
        self.buffer += self.socket.recv(65536)
        head, mark, body = self.buffer.partition(b"\r\n\r\n")
        if not mark:
            return ""
        length = next((int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0)
        if len(body) < length:
            return ""
        self.buffer = body[length:]
        return head[9:12].decode()


def _run(port: int, lanes: list[list[bytes]]) -> Seen:
    selector = selectors.DefaultSelector()
    open_lanes = [_Lane(port, lane) for lane in lanes if lane]
    taken: list[float] = []
    statuses: Counter[str] = Counter()
    began, cpu = time.perf_counter(), time.process_time()
    for lane in open_lanes:
        selector.register(lane.socket, selectors.EVENT_READ, lane)
        lane.send_next()
    waiting = len(open_lanes)
    while waiting:
        for key, _ in selector.select():
            lane = key.data
            status = lane.status()
            if not status:
                continue
            taken.append(time.perf_counter() - lane.began)
            statuses[status] += 1
            if not lane.send_next():
                waiting -= 1
                selector.unregister(lane.socket)
    taken.sort()
    seconds = time.perf_counter() - began
    at = [taken[min(len(taken) - 1, int(len(taken) * share))] * 1000 for share in (0.5, 0.99)]
    return Seen(len(taken), seconds, at[0], at[1], dict(statuses), time.process_time() - cpu)


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    lanes = [[base64.b64decode(one) for one in lane] for lane in asked["lanes"]]
    print(json.dumps(_run(asked["port"], lanes).__dict__))
