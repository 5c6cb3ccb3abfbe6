"""A stand-in for Twilio's REST on loopback that can do what networks do: refuse, fail, hang, cut, redirect."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ENDED = "Invalid call state"


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    form: list[tuple[str, str]]
    headers: dict[str, str]

    def field(self, name: str) -> str:
        return next(value for key, value in self.form if key == name)

    def fields(self, name: str) -> list[str]:
        return [value for key, value in self.form if key == name]

    @property
    def names(self) -> set[str]:
        return {key for key, _ in self.form}


Behaviour = Callable[["_Handler", Seen], None]


@dataclass
class StandIn:
    """Runs until closed; `then(behaviour)` sets what happens at the next request, else it behaves like Twilio."""

    seen: list[Seen] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    recordings: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._next: deque[Behaviour] = deque()
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stand_in = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self._listening = True

    def then(self, behaviour: Behaviour) -> None:
        self._next.append(behaviour)

    def stop_listening(self) -> None:
        if self._listening:
            self._listening = False
            self._server.shutdown()
            self._server.server_close()

    def close(self) -> None:
        self.released.set()
        self.stop_listening()
        self._thread.join(5)

    @property
    def posts(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.method == "POST"]

    def handle(self, handler: _Handler, seen: Seen) -> None:
        self.seen.append(seen)
        behaviour = self._next.popleft() if self._next else as_twilio
        behaviour(handler, seen)

    def take(self, seen: Seen) -> dict[str, Any]:
        """Store what a create asked for, as Twilio would."""
        is_text = seen.path.endswith("/Messages.json")
        kept = self.messages if is_text else self.calls
        record: dict[str, Any] = {
            "sid": f"{'SM' if is_text else 'CA'}{len(kept) + 1:032x}",
            "status": "queued",
            "to": seen.field("To"),
            "date_created": "Sat, 21 Nov 2026 02:00:00 +0000",
            "error_code": None,
        }
        if is_text:
            record |= {"body": seen.field("Body"), "direction": "outbound-api"}
        kept.append(record)
        return record


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    stand_in: StandIn

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gave up is what we test, not an error."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        self._pass_on("")

    def do_POST(self) -> None:
        self._pass_on(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

    def _pass_on(self, body: str) -> None:
        url = urlsplit(self.path)
        seen = Seen(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            parse_qsl(body, keep_blank_values=True),
            {key.lower(): value for key, value in self.headers.items()},
        )
        self.server.stand_in.handle(self, seen)

    def do_DELETE(self) -> None:
        self._pass_on("")

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def send(self, status: int, body: str | bytes, headers: dict[str, str] | None = None) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def as_twilio(handler: _Handler, seen: Seen) -> None:
    """Take creates, list by To, end calls."""
    stand_in = handler.server.stand_in
    if "/Recordings/" in seen.path:
        _give_or_forget(handler, seen)
    elif seen.method == "GET":
        kind = "messages" if seen.path.endswith("/Messages.json") else "calls"
        kept = getattr(stand_in, kind)
        records = [record for record in reversed(kept) if record["to"] == seen.query["To"]]
        handler.send(200, json.dumps({kind: records, "next_page_uri": "/2010-04-01/more.json", "page": 0}))
    elif seen.path.endswith(("/Messages.json", "/Calls.json")):
        handler.send(201, json.dumps(stand_in.take(seen)))
    else:
        _end(handler, seen)


def _give_or_forget(handler: _Handler, seen: Seen) -> None:
    kept, name = handler.server.stand_in.recordings, seen.path.rpartition("/")[2].partition(".")[0]
    if name not in kept:
        refuses(404, 20404)(handler, seen)
    elif seen.method == "DELETE":
        del kept[name]
        handler.send(204, "")
    else:
        handler.send(200, kept[name], {"Content-Type": "audio/x-wav"})


def _end(handler: _Handler, seen: Seen) -> None:
    sid = seen.path.rpartition("/")[2].removesuffix(".json")
    call = next((call for call in handler.server.stand_in.calls if call["sid"] == sid), None)
    if call is None:
        refuses(404, 20404)(handler, seen)
    elif call["status"] == "completed":
        refuses(400, 21220, ENDED)(handler, seen)
    else:
        call["status"] = seen.field("Status")
        handler.send(200, json.dumps(call))


def refuses(status: int, code: int | None, message: str | None = None, **headers: str) -> Behaviour:
    """Answer with an error in Twilio's form, which names the number as Twilio's do."""

    def behave(handler: _Handler, seen: Seen) -> None:
        to = next((value for key, value in seen.form if key == "To"), seen.query.get("To", ""))
        text = message or f"The 'To' number {to} is not a valid phone number."
        body = {"code": code, "message": text, "status": status}
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send(status, json.dumps(body) if code else "<html>no</html>", shown)

    return behave


def fails_after_taking(handler: _Handler, seen: Seen) -> None:
    """Take it, then answer 500: the SMS goes out."""
    handler.server.stand_in.take(seen)
    refuses(500, 20500)(handler, seen)


def hangs(handler: _Handler, seen: Seen) -> None:
    """Take it and say nothing until the test is over."""
    handler.server.stand_in.take(seen)
    handler.close_connection = True
    handler.server.stand_in.released.wait(10)


def resets(handler: _Handler, seen: Seen) -> None:
    """Take it and cut the connection."""
    handler.server.stand_in.take(seen)
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.rfile.close()
    handler.wfile.close()
    handler.connection.close()


def redirects(handler: _Handler, seen: Seen) -> None:
    """Point to the same place again, in the way that asks for the POST to be repeated."""
    handler.send(307, "", {"Location": seen.path})


def answers(status: int, body: str, **headers: str) -> Behaviour:
    """Answer with this."""
    return lambda handler, _: handler.send(status, body, headers)
