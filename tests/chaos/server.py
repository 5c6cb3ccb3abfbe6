"""A PostgreSQL of our own that may be pulled down: durable (fsync on), its data in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from tempfile import mkdtemp

from tests.support.postgres import USER, _other_user, _readable, debian, wheel

OPTIONS = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c fsync=on"


class Postgres:
    """Runs until closed."""

    def __init__(self) -> None:
        programs = debian() or wheel()
        if programs is None:
            raise RuntimeError("no PostgreSQL here: see tests/support/postgres.py")
        self._folder, self._user, self._port = Path(mkdtemp(prefix="chaos-pg-")), _other_user(), free_port()
        self._programs = _readable(programs, self._folder, self._user)
        self._data = self._folder / "data"
        try:
            self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C")
            self._control("start")
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def url(self) -> str:
        """Of an empty database."""
        return f"postgresql://{USER}@127.0.0.1:{self._port}/postgres"

    def pull_down(self) -> None:
        """As when the power went: no farewell, then up again, which plays its log."""
        self._control("restart", "-m", "immediate")

    def close(self) -> None:
        """Stop it and throw everything away."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "stop", "-m", "immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *words: str) -> None:
        options = ("-o", f"-p {self._port} {OPTIONS}", "-l", str(self._folder / "log"))
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", *options, *words)

    def _run(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [str(self._programs / name), *words], cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}, check=False,
            **self._user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{name} {words[-1]} failed in {self._folder}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
