"""A stand-in for the translation service that gTTS asks, over real HTTP on this machine."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gtts.tts
import pytest

from tests.support.sounds import encoded, tone

CERTIFICATE = Path(__file__).with_name("self_signed.pem")


class Translator:
    """Answers as it is told: each of `answers` once, the last for ever. Keeps every request, head and body."""

    def __init__(self) -> None:
        self.answers = ["ok"]
        self.heard: list[str] = []
        self.heads: list[str] = []
        self.let_go = threading.Event()
        self.sound = encoded(tone(0.6), "mp3", "libmp3lame", rate=24000)

    def texts(self) -> list[tuple[str, str]]:
        """What it was asked to say, and in which language."""
        calls = [json.loads(parse_qs(body)["f.req"][0]) for body in self.heard]
        return [tuple(json.loads(call[0][0][1])[:2]) for call in calls]

    def next_answer(self) -> str:
        """How to answer now."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def translator(monkeypatch: pytest.MonkeyPatch, *, certificate: Path | None = None) -> Iterator[Translator]:
    """The service, and gTTS asking it; with a `certificate` over TLS."""
    service = Translator()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is what is tested
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    scheme = "https" if certificate else "http"
    monkeypatch.setattr(gtts.tts, "_translate_url", lambda **_: f"{scheme}://127.0.0.1:{server.server_port}/")
    yield service
    service.let_go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _handler(service: Translator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            service.heads.append(f"{self.requestline}\n{self.headers}")
            service.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            answer = service.next_answer()
            if answer == "hang":
                service.let_go.wait(5)
            elif answer != "cut":
                _send(self, service, answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def _send(handler: BaseHTTPRequestHandler, service: Translator, answer: str) -> None:
    status, _, more = answer.partition(" ")
    handler.send_response(int(status) if status.isdecimal() else 200)
    if status in ("302", "429") and more:
        handler.send_header("Location" if status == "302" else "Retry-After", more)
    handler.end_headers()
    if answer == "drip":
        _drip(handler, service)
    handler.wfile.write(_body(service, answer))


def _body(service: Translator, answer: str) -> bytes:
    if answer == "silent":
        return _line(base64.b64encode(encoded(tone(0.6, 0), "mp3", "libmp3lame", rate=24000)))
    spoken = base64.b64encode(service.sound)
    bodies = {
        "ok": _line(spoken),
        "broken": _line(spoken[:-3] + b"A"),
        "strange": _line("เสียง".encode()),
        "none": b'[["wrb.fr","jQ1olc",null]]\n',
        "endless": b"x" * (5_000_000 if answer == "endless" else 0),
    }
    return bodies.get(answer, b"")


def _drip(handler: BaseHTTPRequestHandler, service: Translator) -> None:
    while not service.let_go.wait(0.05):
        handler.wfile.write(b" ")


def _line(spoken: bytes) -> bytes:
    return b'[["wrb.fr","jQ1olc","[\\"' + spoken + b'\\"]",null]]\n'
