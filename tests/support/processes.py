"""Commands as processes of their own, as a user starts them, without any network but this machine's."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.engines import url_of

ROOT = Path(__file__).parents[2]

# Read by every Python that finds it on its path: whoever looks beyond this machine fails, and leaves a line.
LOOPBACK_ONLY = """
import ipaddress, os, socket
_connect = socket.socket.connect
def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and not ipaddress.ip_address(address[0]).is_loopback:
        open(os.environ["WENT_OUT"], "a").write(f"{address}\\n")
        raise OSError("no network here")
    return _connect(self, address)
socket.socket.connect = connect
_lookup = socket.getaddrinfo
def getaddrinfo(host, *more, **named):
    if host not in (None, "localhost", "127.0.0.1", "::1", b"127.0.0.1"):
        open(os.environ["WENT_OUT"], "a").write(f"{host}\\n")
        raise socket.gaierror("no network here")
    return _lookup(host, *more, **named)
socket.getaddrinfo = getaddrinfo
"""

# The wall clock of several processes, moved: from `SHIFTED_TO` on since `SHIFTED_AT` (real), 20 times as fast.
SHIFTED = """
import os, sys, time
from datetime import datetime, timedelta
from gateway.kit import clock
begin, since = datetime.fromisoformat(os.environ["SHIFTED_TO"]), float(os.environ["SHIFTED_AT"])
clock.RealClock.now = lambda self: begin + timedelta(seconds=20 * (time.time() - since))
from gateway.cli import main
main()
"""


def hear_ctrl_c() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and whatever that starts inherits it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Command:
    """A running `gateway …`; its lines, stdout and stderr together, with the real seconds since it was started."""

    def __init__(
        self,
        folder: Path,
        *words: str,
        settings: Mapping[str, str] | None = None,
        shifted: Mapping[str, str] | None = None,
    ) -> None:
        hear_ctrl_c()
        (folder / "path").mkdir(exist_ok=True)
        (folder / "path" / "sitecustomize.py").write_text(LOOPBACK_ONLY)
        self.went_out = folder / "went_out.txt"
        self.lines: list[tuple[float, str]] = []
        self._news: queue.Queue[str | None] = queue.Queue()
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *(("-c", SHIFTED) if shifted else ("-m", "gateway")), *words],
            cwd=folder,
            env=environment(folder)
            | {f"GATEWAY_{name}": value for name, value in (settings or {}).items()}
            | dict(shifted or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append((time.monotonic() - self._began, line.rstrip("\n")))
            self._news.put(line.rstrip("\n"))
        self._news.put(None)

    @property
    def text(self) -> str:
        """Everything it said."""
        return "\n".join(line for _, line in self.lines)

    def wait_for(self, *phrases: str, within: float) -> str:
        """Wait until each phrase was seen in some line; returns the line that completed them."""
        missing, give_up = set(phrases), time.monotonic() + within
        while True:
            try:
                line = self._news.get(timeout=max(0.01, give_up - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"{missing} did not come within {within} s:\n{self.text}") from None
            assert line is not None, f"it ended before {missing}:\n{self.text}"
            missing -= {phrase for phrase in missing if phrase in line}
            if not missing:
                return line

    def stop(self, number: signal.Signals = signal.SIGINT, within: float = 30.0) -> tuple[int, float]:
        """Send a signal; returns the exit code and the real seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.ended(within), time.monotonic() - began

    def ended(self, within: float) -> int:
        """Wait for the end; returns the exit code."""
        code = self.process.wait(within)
        while self._news.get(timeout=within) is not None:
            pass
        return code

    def kill(self) -> None:
        """End it whatever it does, and give back its pipe."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


def environment(folder: Path) -> dict[str, str]:
    """No settings but a database in `folder`, and no network but this machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return kept | {
        "PYTHONPATH": os.pathsep.join([str(folder / "path"), str(ROOT)]),
        "PYTHONWARNINGS": "default",
        "WENT_OUT": str(folder / "went_out.txt"),
        "GATEWAY_DATABASE_URL": url_of(folder / "gateway.db"),
        "GATEWAY_AUDIO_DIR": str(folder / "audio"),
    }
