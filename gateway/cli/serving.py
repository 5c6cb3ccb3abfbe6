"""An HTTP server of our own: on a port that was seen to be free, in this thread or beside it."""

from __future__ import annotations

import errno
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from gateway.cli.context import fail

Application = Callable[..., Any]  # an ASGI application

HOST = "127.0.0.1"
STARTS_WITHIN = 20.0  # real seconds


def listen(port: int, host: str = HOST) -> socket.socket:
    """Bind `host:port` (0: any free port); an address that cannot be had ends the command with one clear line."""
    # The protocol is named because asyncio sets TCP_NODELAY only then; without it every answer waited 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        fail(_why_not(error, port, host))
    listener.listen(128)
    return listener


def _why_not(error: OSError, port: int, host: str) -> str:
    other = "(make run PORT=8001, gateway run --port 8001)"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: stop what uses it, or choose another {other}"
    if error.errno == errno.EACCES:
        return f"port {port} is not for everyone on this machine: choose one above 1023 {other}"
    return f"--host: cannot listen on {host}: {error.strerror or error}"


def asked_to_stop() -> threading.Event:
    """From here on Ctrl-C and SIGTERM set this event and do nothing else, so that the command can end in order."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    return asked


def server(app: Application, *, trusted_proxies: str = "") -> uvicorn.Server:
    """A quiet server for `app`, which believes X-Forwarded-For and -Proto from `trusted_proxies` (by commas) alone."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,  # our own form and our own net under numbers, for what the server logs as well
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=3,
        # From anybody else the header is whatever the sender writes: who guesses passwords would come from a new
        # address each time.
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
    )
    return uvicorn.Server(config)


@contextmanager
def serving(app: Application, listener: socket.socket, *, trusted_proxies: str = "") -> Iterator[None]:
    """Serve `app` beside the block, from when it answers until the block ends."""
    running = server(app, trusted_proxies=trusted_proxies)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, name="http", daemon=True)
    thread.start()
    _wait(lambda: running.started, "the server did not start")
    try:
        yield
    finally:
        running.should_exit = True
        thread.join(10)
        listener.close()


def _wait(is_so: Callable[[], bool], complaint: str) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while not is_so():
        if time.monotonic() > give_up:
            raise RuntimeError(complaint)
        time.sleep(0.01)
