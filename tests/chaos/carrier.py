"""A carrier of our own that speaks Twilio's REST on loopback, and does to us what carriers and networks do.

`python -m tests.chaos.carrier FOLDER SEED TOKEN` writes its port into FOLDER/port. What it took is in FOLDER/ledger.db
before it answers; `touch FOLDER/calm` ends the faults, and its telephones go on.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import sys
import threading
import time
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.chaos.clock import SharedClock
from tests.chaos.dice import CREATE, LIST, Dice, Fault
from tests.chaos.ledger import Ledger, Taken
from tests.chaos.telephones import Telephones

HANGS_FOR = 3.0  # real seconds; longer than the time-out the house is given


class Server(ThreadingHTTPServer):
    """The carrier's front."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, seed: str, token: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.clock = SharedClock(folder / "clock")
        self.ledger = Ledger(folder / "ledger.db")
        self.dice, self.lock = Dice(seed, folder / "calm"), threading.Lock()
        self.telephones = Telephones(self.ledger, self.clock, seed, token, folder / "calm")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is what we do here, not an error."""

    def fault(self, name: str, chances: Any) -> str:
        """What goes wrong with this request; it is written down."""
        with self.lock:
            face = self.dice.fault(name, chances)
        if face != Fault.NONE:
            self.ledger.fault(f"{name} {face}", self.clock.now())
        return face


class Handler(BaseHTTPRequestHandler):
    """Creates, lists by number, single resources, and the end of a call."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 30

    def do_POST(self) -> None:
        """Take a submission, or end a call."""
        parts = urlsplit(self.path).path.removesuffix(".json").split("/")
        fault = self.server.fault("create", CREATE) if parts[-1] in ("Messages", "Calls") else Fault.NONE
        if fault == Fault.RESET_UNREAD:
            self._cut()
            return
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
        if parts[-2] == "Calls" and parts[-1] != "Calls":
            self._end(parts[-1])
            return
        self._create("sms" if parts[-1] == "Messages" else "voice", form, fault)

    def do_GET(self) -> None:
        """List, or show one."""
        url = urlsplit(self.path)
        parts = url.path.removesuffix(".json").split("/")
        fault = self.server.fault("list", LIST)
        if fault == "hang":
            self._hang()
        elif fault == "fail":
            self._say(500, {"code": 20500, "message": "chaos", "status": 500})
        elif parts[-1] in ("Messages", "Calls"):
            self._list("sms" if parts[-1] == "Messages" else "voice", dict(parse_qsl(url.query)))
        else:
            found = self.server.ledger.one(parts[-1])
            self._say(200 if found else 404, shown(found) if found else {"code": 20404, "status": 404})

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def _create(self, kind: str, form: dict[str, str], fault: str) -> None:
        if fault == Fault.BUSY:
            self._say(503, {"code": 20503, "message": "chaos", "status": 503})
        elif fault == Fault.THROTTLED:
            self._say(429, {"code": 20429, "message": "chaos", "status": 429})
        elif fault == Fault.HANG_UNTAKEN:
            self._hang()
        else:
            self._take(kind, form, fault)

    def _take(self, kind: str, form: dict[str, str], fault: str) -> None:
        taken = self.server.ledger.take(kind, form, self.server.clock.now())
        self.server.telephones.ring(taken)
        if fault == Fault.HANG_TAKEN:
            self._hang()
        elif fault == Fault.RESET_TAKEN:
            self._cut()
        elif fault == Fault.FAIL_TAKEN:
            self._say(500, {"code": 20500, "message": "chaos", "status": 500})
        else:
            self._say(201, shown(taken))

    def _list(self, kind: str, query: dict[str, str]) -> None:
        found = self.server.ledger.to(kind, query["To"])
        size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))
        name = "messages" if kind == "sms" else "calls"
        rows = [shown(one) for one in found[page * size : (page + 1) * size]]
        self._say(200, {name: rows, "page": page, "page_size": size, "next_page_uri": None})

    def _end(self, sid: str) -> None:
        found = self.server.ledger.one(sid)
        if found is None:
            self._say(404, {"code": 20404, "message": "no such call", "status": 404})
            return
        self.server.telephones.hang_up(sid)
        self._say(200, shown(found))

    def _hang(self) -> None:
        self.close_connection = True
        time.sleep(HANGS_FOR)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def _say(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def shown(taken: Taken) -> dict[str, Any]:
    """Twilio's resource."""
    resource: dict[str, Any] = {
        "sid": taken.sid,
        "to": taken.number,
        "status": taken.status,
        "direction": "outbound-api",
        "date_created": format_datetime(taken.at.replace(microsecond=0)),
        "error_code": 30003 if taken.status == "undelivered" else None,
    }
    return resource | ({"body": taken.body} if taken.kind == "sms" else {})


def main(folder: Path, seed: str, token: str) -> None:
    """Serve until killed."""
    server = Server(folder, seed, token)
    port = folder / "port.new"
    port.write_text(str(server.server_address[1]))
    port.rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
