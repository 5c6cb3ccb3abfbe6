"""What really happened, as the carrier knows it: kept in a file of its own, so that no crash of ours can bend it."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SHAPE = """
CREATE TABLE IF NOT EXISTS submission (
    sid TEXT PRIMARY KEY, kind TEXT, attempt TEXT, number TEXT, body TEXT, status TEXT, at REAL,
    reached INTEGER DEFAULT 0, url TEXT, fallback TEXT, status_url TEXT);
CREATE TABLE IF NOT EXISTS press (sid TEXT, attempt TEXT, digits TEXT, accepted INTEGER, at REAL);
CREATE TABLE IF NOT EXISTS reply (sid TEXT, number TEXT, body TEXT, accepted INTEGER, at REAL);
CREATE TABLE IF NOT EXISTS fault (name TEXT, at REAL);
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """One submission the carrier took. `reached`: it was delivered, or somebody picked up. `at` is business time."""

    sid: str
    kind: str  # sms, voice
    attempt: str
    number: str
    body: str
    status: str
    at: datetime
    reached: bool
    url: str = ""
    fallback: str = ""
    status_url: str = ""


class Ledger:
    """Safe for threads; opened beside the carrier it may be read at any time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._rows = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=WAL")
        self._rows.execute("PRAGMA synchronous=NORMAL")
        self._rows.executescript(_SHAPE)

    def take(self, kind: str, form: dict[str, str], now: datetime) -> Taken:
        """Accept a submission, durably, before anything is answered."""
        with self._lock:
            number = self._rows.execute("SELECT count(*) FROM submission").fetchone()[0] + 1
            url = form.get("Url", "")
            status_url = form["StatusCallback"].partition("#")[0]
            taken = Taken(
                f"{'SM' if kind == 'sms' else 'CA'}{number:032x}", kind, status_url.rpartition("/")[2], form["To"],
                form.get("Body", ""), "queued", now, False, url, form.get("FallbackUrl", ""), status_url,
            )  # fmt: skip
            self._rows.execute(
                "INSERT INTO submission VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (taken.sid, kind, taken.attempt, taken.number, taken.body, "queued", now.timestamp(), 0, url,
                 taken.fallback, status_url),
            )  # fmt: skip
        return taken

    def set(self, sid: str, status: str, *, reached: bool = False) -> None:
        """Move a submission on."""
        self._do("UPDATE submission SET status = ?, reached = max(reached, ?) WHERE sid = ?", status, reached, sid)

    def press(self, taken: Taken, digits: str, accepted: bool, now: datetime) -> None:
        """A key was pressed; `accepted`: we were told 200."""
        self._do("INSERT INTO press VALUES (?,?,?,?,?)", taken.sid, taken.attempt, digits, accepted, now.timestamp())

    def reply(self, sid: str, number: str, body: str, accepted: bool, now: datetime) -> None:
        """Somebody texted us."""
        self._do("INSERT INTO reply VALUES (?,?,?,?,?)", sid, number, body, accepted, now.timestamp())

    def fault(self, name: str, now: datetime) -> None:
        """Something went wrong, on purpose."""
        self._do("INSERT INTO fault VALUES (?,?)", name, now.timestamp())

    def one(self, sid: str) -> Taken | None:
        """The submission of this id."""
        found = self._ask("SELECT * FROM submission WHERE sid = ?", sid)
        return _taken(found[0]) if found else None

    def to(self, kind: str, number: str) -> list[Taken]:
        """Submissions to a number, newest first."""
        rows = self._ask("SELECT * FROM submission WHERE kind = ? AND number = ? ORDER BY sid DESC", kind, number)
        return [_taken(row) for row in rows]

    def all(self) -> list[Taken]:
        """Every submission, in the order they were taken."""
        return [_taken(row) for row in self._ask("SELECT * FROM submission ORDER BY at, sid")]

    def presses(self) -> list[tuple[str, str, str]]:
        """(call's id, attempt, digits) of keys that were accepted."""
        return self._ask("SELECT sid, attempt, digits FROM press WHERE accepted AND digits <> ''")

    def replies(self) -> list[tuple[str, str]]:
        """(text's id, number) of texts that were accepted."""
        return self._ask("SELECT sid, number FROM reply WHERE accepted")

    def faults(self) -> dict[str, int]:
        """How often each went wrong."""
        return dict(self._ask("SELECT name, count(*) FROM fault GROUP BY name ORDER BY name"))

    def close(self) -> None:
        """Give the file back."""
        self._rows.close()

    def _do(self, statement: str, *values: Any) -> None:
        with self._lock:
            self._rows.execute(statement, values)

    def _ask(self, statement: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._rows.execute(statement, values).fetchall()


def _taken(row: tuple[Any, ...]) -> Taken:
    sid, kind, attempt, number, body, status, at, reached, url, fallback, status_url = row
    when = datetime.fromtimestamp(at, UTC)
    return Taken(sid, kind, attempt, number, body, status, when, bool(reached), url, fallback, status_url)
