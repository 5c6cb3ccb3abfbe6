"""What every command begins with: the settings read, the house built, refusals said clearly."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import NoReturn

from sqlalchemy.exc import DBAPIError

from gateway.cli import logs
from gateway.kit.clock import RealClock, SteppedClock
from gateway.records.database import Database
from gateway.records.house import DemoTime
from gateway.records.migrations import HEAD, StrangeDatabase, current_revision, is_newer, upgrade
from gateway.settings import CarrierName, Settings, SettingsError, load_settings
from gateway.wiring import House

REFUSED, MISUSED = 1, 2


def fail(message: str, code: int = REFUSED) -> NoReturn:
    """Say on stderr what is wrong and what to do, and end: 1 refused, 2 misused."""
    print(message, file=sys.stderr)  # noqa: T201  # a command's word to its user
    raise SystemExit(code)


def say(message: str) -> None:
    """Say something on stderr: stdout is for results."""
    print(message, file=sys.stderr)  # noqa: T201  # a command's word to its user


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings; ends the command with one line for each that is wrong."""
    try:
        found = load_settings()
    except SettingsError as error:
        fail(str(error), MISUSED)
    logs.configure(found.log_format)
    return found


@lru_cache(maxsize=1)
def house() -> House:
    """The house by its own clock, its database up to date: an empty one is made, an old one is not touched unasked."""
    built = House(settings())
    built.clock = _clock(built)
    return built


def stored() -> House:
    """The house of a command that only reads: a mistyped address must not become a new, empty database."""
    require_database()
    return house()


def require_database() -> None:
    """End the command where there is no database file."""
    missing = no_database(House(settings()))
    if missing:
        fail(missing)


def no_database(built: House) -> str:
    """What to say where the house's database file is not there; empty where it is."""
    file = built.database.file
    if file is None or file.exists():
        return ""
    return f"there is no database at {file}: `gateway db upgrade`, `gateway sample load` or `gateway run` makes one"


def ready(built: House) -> House:
    """Bring an empty database up to date; refuse one of another version, or one that is not ours."""
    with opening():
        revision = current_revision(built.database)
        if revision is None:
            upgrade(built.database)
    if revision not in (None, HEAD):
        fail(f"the database is {other_version(revision)}")
    return built


def other_version(revision: str | None) -> str:
    """What to say of a database that is not of this program's version, and what to do."""
    if is_newer(revision):
        return f"at {revision}, newer than this program ({HEAD}): run the newer program, or restore an older backup"
    return f"at {revision or 'nothing'} and this program needs {HEAD}: run `gateway db upgrade`"


@contextmanager
def opening() -> Iterator[None]:
    """Around the first look at a database: what keeps it shut is said in a line, not in a traceback."""
    try:
        yield
    except (OSError, DBAPIError, StrangeDatabase) as error:
        why = " ".join(str(getattr(error, "orig", None) or error).split())  # a server says it in several lines
        fail(f"GATEWAY_DATABASE_URL: the database cannot be used: {why}")


def database() -> Database:
    """The database as it is, its shape neither made nor brought up to date."""
    with opening():
        found = Database(settings().database_url)
        current_revision(found)
        return found


def parse_instant(raw: str, option: str) -> datetime:
    """Read an instant such as 2026-08-03T09:00:00+07:00; without an offset it is Bangkok's clock."""
    from gateway.kit.clock import BANGKOK, in_utc

    try:
        instant = datetime.fromisoformat(raw)
    except ValueError:
        fail(f"{option}: expected an instant such as 2026-08-03T09:00+07:00, not {raw!r}", MISUSED)
    return in_utc(instant if instant.tzinfo else instant.replace(tzinfo=BANGKOK))


def _clock(built: House) -> RealClock | SteppedClock:
    """On the sandbox time is where the demo left it, so that its files are checked by its own calendar."""
    ready(built)
    if built.settings.carrier is not CarrierName.SANDBOX:
        return RealClock()
    with built.database.reading() as db:
        kept = db.get(DemoTime, 1)
    return SteppedClock(kept.demo_now) if kept else RealClock()
