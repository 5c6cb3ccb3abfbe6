"""The ladder: the steps by which people are reminded, as data. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.plan.window import Window, thai_holidays
from gateway.records.status import Channel

FIRST: Final = "first"
_CHANNELS: Final = (FIRST, Channel.SMS.value, Channel.VOICE.value)
_HERE: Final = Path(__file__).parent
T = TypeVar("T")


class LadderError(ValueError):
    """The ladder's file is wrong; the message names the file and the key."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}")
        self.file = file
        self.key = key


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What decides how a person is contacted; `can_text` and `can_call` follow from phones, consent and language."""

    can_text: bool
    can_call: bool
    age: int | None = None  # in years, on the day of the appointment
    reads: bool | None = True  # None: nobody knows, and the language table does not expect it
    preferred: Channel | None = None
    has_landline: bool = False  # the phone tried first is one


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `hour` and `evening_before` are Bangkok hours, days are counted back from the appointment."""

    name: str
    purpose: str
    channel: Channel | None  # None: the person's first channel
    days_before: int
    latest_days_before: int
    hour: time | None  # None: at once
    evening_before: time | None = None
    only_source: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps in the order of time, and what holds for all of them."""

    source: str
    dated: date
    elder_age: int
    spread: timedelta
    quiet_before_start: timedelta
    least_room: timedelta
    voice_tries: int
    voice_hours: tuple[time, ...]
    after_text: timedelta  # a call that goes with a text comes this long after it
    after_text_least: timedelta  # where time is short, no sooner than this
    sms_tries: int
    sms_transient_retries: int
    sms_transient_wait: timedelta
    visit_least: timedelta
    worked_holidays: frozenset[str]
    extra_holidays: frozenset[date]
    steps: tuple[Step, ...]

    def steps_for(self, source: str) -> tuple[Step, ...]:
        """Return the steps of an appointment that came from `source` (roster, second_dose, moved)."""
        mine = [step for step in self.steps if step.only_source in (None, source)]
        replaced = {step.replaces for step in mine}
        return tuple(step for step in mine if step.name not in replaced)

    def window(self, opens: time, closes: time, extra_holidays: Collection[date] = ()) -> Window:
        """Return the window with Thailand's holidays, the ladder's extra ones and those of the settings."""
        extra = self.extra_holidays | frozenset(extra_holidays)
        return Window(opens, closes, thai_holidays(self.worked_holidays, extra))


def first_channels(person: PersonFacts, ladder: Ladder) -> tuple[Channel, ...]:
    """Return the channel tried first; both, the text before the call, where nobody knows whether they can read it.

    Nothing when neither text nor call is possible. A wish wins when it is possible. Otherwise a call comes first for
    elders, for landlines and for people who do not read their language's script, and a text for everybody who does.
    Source: issue 2 point 5, issue 4 point 11, facts/evidence.md ("Can they read it?").
    """
    if not (person.can_text or person.can_call):
        return ()
    if not (person.can_text and person.can_call):
        return (Channel.SMS if person.can_text else Channel.VOICE,)
    if person.preferred in (Channel.SMS, Channel.VOICE):
        return (person.preferred,)
    is_elder = person.age is not None and person.age >= ladder.elder_age
    if is_elder or person.has_landline or person.reads is False:
        return (Channel.VOICE,)
    return (Channel.SMS,) if person.reads else (Channel.SMS, Channel.VOICE)


@lru_cache(maxsize=8)
def load_ladder(path: Path | None = None) -> Ladder:
    """Return the ladder of a TOML file (default: ladder.toml beside this module), read once and checked.

    Raises LadderError naming file and key.
    """
    path = path or _HERE / "ladder.toml"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise LadderError(path.name, "file", "is missing") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LadderError(path.name, "file", f"is not TOML: {error}") from error
    return _ladder(_Table(path.name, content))


class _Table:
    """A TOML table that is asked key by key; `close` refuses what nobody asked for, such as a misspelt key."""

    def __init__(self, file: str, values: dict[str, Any], prefix: str = "") -> None:
        self._file, self._values, self._prefix = file, values, prefix
        self._asked: set[str] = set()

    def wrong(self, key: str, problem: str) -> LadderError:
        return LadderError(self._file, self._prefix + key, problem)

    def has(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str, kind: type[T], called: str) -> T:
        self._asked.add(key)
        if key not in self._values:
            raise self.wrong(key, "is missing")
        value = self._values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.wrong(key, f"must be {called}")
        return value

    def table(self, key: str) -> _Table:
        return _Table(self._file, self.get(key, dict, "a table"), f"{self._prefix}{key}.")

    def tables(self, key: str) -> list[_Table]:
        entries = self.get(key, list, f"a list of tables, [[{key}]]")
        if not entries or not all(isinstance(entry, dict) for entry in entries):
            raise self.wrong(key, f"must be a list of tables, [[{key}]]")
        return [_Table(self._file, entry, f"{self._prefix}{key}[{place}].") for place, entry in enumerate(entries, 1)]

    def text(self, key: str) -> str:
        value = self.get(key, str, "a text")
        if not value.strip():
            raise self.wrong(key, "is empty")
        return value

    def maybe_text(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def number(self, key: str, least: int = 0) -> int:
        value = self.get(key, int, "a whole number")
        if value < least:
            raise self.wrong(key, f"must be {least} or more")
        return value

    def minutes(self, key: str) -> timedelta:
        return timedelta(minutes=self.number(key))

    def hour(self, key: str) -> time:
        return self._as_hour(key, self.text(key))

    def hours(self, key: str) -> tuple[time, ...]:
        values = self.get(key, list, 'a list of hours such as ["10:00", "17:30"]')
        if not values:
            raise self.wrong(key, "is empty")
        return tuple(self._as_hour(key, value) for value in values)

    def words(self, key: str) -> frozenset[str]:
        values = self.get(key, list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(key, "must be a list of texts")
        return frozenset(values)

    def days(self, key: str) -> frozenset[date]:
        values = self.get(key, list, "a list of days such as [2026-01-02]")
        if not all(type(value) is date for value in values):
            raise self.wrong(key, "must be a list of days such as [2026-01-02]")
        return frozenset(values)

    def close(self) -> None:
        for key in self._values:
            if key not in self._asked:
                raise self.wrong(key, f"is not a known key; known are {', '.join(sorted(self._asked))}")

    def _as_hour(self, key: str, value: object) -> time:
        try:
            return time.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError as error:
            raise self.wrong(key, f"must be an hour such as 09:00, not {value!r}") from error


def _ladder(file: _Table) -> Ladder:
    tables = {key: file.table(key) for key in ("first", "timing", "voice", "sms", "visit", "holidays")}
    first, timing, voice, sms, visit, days = tables.values()
    ladder = Ladder(
        source=file.text("source"),
        dated=file.get("date", date, "a day such as 2026-11-21"),
        elder_age=first.number("elder_age", 1),
        spread=timing.minutes("spread_minutes"),
        quiet_before_start=timing.minutes("quiet_before_start_minutes"),
        least_room=timing.minutes("least_room_minutes"),
        voice_tries=voice.number("tries", 1),
        voice_hours=voice.hours("hours"),
        after_text=voice.minutes("after_text_minutes"),
        after_text_least=voice.minutes("after_text_least_minutes"),
        sms_tries=sms.number("tries", 1),
        sms_transient_retries=sms.number("transient_retries"),
        sms_transient_wait=sms.minutes("transient_wait_minutes"),
        visit_least=timedelta(hours=visit.number("least_hours")),
        worked_holidays=days.words("worked"),
        extra_holidays=days.days("extra"),
        steps=tuple(_step(entry) for entry in file.tables("step")),
    )
    for table in (*tables.values(), file):
        table.close()
    _check_steps(file, ladder.steps)
    return ladder


def _step(entry: _Table) -> Step:
    at_once = entry.has("at_once") and entry.get("at_once", bool, "true or false")
    channel = entry.text("channel")
    if channel not in _CHANNELS:
        raise entry.wrong("channel", f"must be one of {', '.join(_CHANNELS)}")
    step = Step(
        name=entry.text("name"),
        purpose=entry.text("purpose"),
        channel=None if channel == FIRST else Channel(channel),
        days_before=0 if at_once else entry.number("days_before"),
        latest_days_before=entry.number("latest_days_before"),
        hour=None if at_once else entry.hour("hour"),
        evening_before=entry.hour("evening_before") if entry.has("evening_before") else None,
        only_source=entry.maybe_text("only_source"),
        replaces=entry.maybe_text("replaces"),
    )
    if at_once and step.only_source is None:
        raise entry.wrong(
            "only_source", "is missing: without it everybody would be contacted the moment a file is loaded"
        )
    if not at_once and step.latest_days_before > step.days_before:
        raise entry.wrong("latest_days_before", "must not be more than days_before")
    entry.close()
    return step


def _check_steps(file: _Table, steps: tuple[Step, ...]) -> None:
    names = [step.name for step in steps]
    for place, step in enumerate(steps, 1):
        if names.count(step.name) > 1:
            raise file.wrong(f"step[{place}].name", f"{step.name!r} names two steps")
        if step.replaces is not None and step.replaces not in names:
            raise file.wrong(f"step[{place}].replaces", f"{step.replaces!r} is no step")
    timed = [step.days_before for step in steps if step.hour is not None]
    if timed != sorted(timed, reverse=True):
        raise file.wrong("step", "the steps must stand in the order of time, the earliest first")
