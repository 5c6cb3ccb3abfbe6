"""A PostgreSQL of the benchmarks' own: durable (fsync on), beside nothing else, gone when the run ends.

The tests' server (tests/support/postgres.py) has fsync off; a figure taken there would be a lie.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_WHO = ("postgres", "nobody")
SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "max_connections=200", "synchronous_commit=on", "fsync=on")


@cache
def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`: on the path, or Debian's newest; None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


@cache
def version() -> str:
    """Such as "15.10"; empty where none is installed."""
    if binaries() is None:
        return ""
    said = subprocess.run([f"{binaries()}/postgres", "--version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[2]


@contextmanager
def server() -> Iterator[str]:
    """Start a server, give its URL (without a database), and stop it. Raises RuntimeError where none is installed."""
    if binaries() is None:
        raise RuntimeError("no PostgreSQL here: apt install postgresql, or put initdb on the PATH")
    folder = Path(tempfile.mkdtemp(prefix="tamnat-bench-pg-"))
    port, data = _free_port(), folder / "data"
    try:
        _own(folder)
        _run("initdb", "-D", data, "-U", "tamnat", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        settings = "".join(f" -c {setting}" for setting in SETTINGS)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}{settings}"
        _run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield f"postgresql://tamnat@127.0.0.1:{port}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _user() -> str | None:
    """PostgreSQL refuses root; Debian's own user, else nobody, takes its place."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _WHO if name in known), None)


def _own(folder: Path) -> None:
    if (user := _user()) is not None:
        shutil.chown(folder, user)


def _run(program: str, *arguments: object) -> None:
    command = [f"{binaries()}/{program}", *map(str, arguments)]
    # Not into a pipe: the server would inherit it, and reading it would wait for the server's end.
    subprocess.run(command, user=_user(), cwd="/", check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
