"""An appointment as a row of whole clips, so that one voice says all of it and nothing is spliced into a sentence."""

from __future__ import annotations

from datetime import datetime

from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.languages.spoken import relative_day
from gateway.voice.keys import SPOKEN_DOSES, Key, hour_key, quarter_hours


class UnspeakableTimeError(ValueError):
    """There is no clip for this time of day. It is not rounded: somebody told 9:30 would come after 9:20 had passed."""


def can_say(starts_at: datetime) -> bool:
    """Whether there are clips for this instant (aware): a quarter hour in Bangkok within the spoken hours."""
    return bangkok_time(starts_at).time() in quarter_hours()


def when_phrases(starts_at: datetime, now: datetime) -> tuple[str, ...]:
    """Return the keys that say an instant: today or tomorrow, weekday, day, month, hour; never the year.

    Both aware. "Tomorrow" is reckoned from `now`, the moment of the call, in Bangkok: a call that was planned before
    midnight must not send anybody a day late. Raises UnspeakableTimeError.
    """
    if not can_say(starts_at):
        raise UnspeakableTimeError("no clip for this time of day: only quarter hours from 06:00 to 20:45 can be said")
    return (*day_phrases(starts_at, now), hour_key(bangkok_time(starts_at).time()))


def day_phrases(instant: datetime, now: datetime) -> tuple[str, ...]:
    """Return the keys that say the day of an instant, as `when_phrases` does, without its hour. Both aware."""
    day = bangkok_day(instant)
    relative = relative_day(day, bangkok_day(now))
    near = (f"relative.{relative}",) if relative else ()
    return (*near, f"weekday.{day.isoweekday()}", f"day.{day.day}", f"month.{day.month}")


def is_optional(key: str) -> bool:
    """Whether a call can do without this clip: the name of a site or of a person, said only where it was recorded."""
    return key.startswith(("site.", "name."))


def appointment_phrases(starts_at: datetime, now: datetime, place: str = "") -> tuple[str, ...]:
    """Return the keys that say when and where; see `when_phrases`. Raises UnspeakableTimeError.

    `place` is the key of the site's own spoken name, or "" where there is no clip of it: then words that need no name.
    """
    return (*when_phrases(starts_at, now), place or Key.PLACE_UNNAMED)


def dose_phrases(dose_number: int) -> tuple[str, ...]:
    """Return the key that says which dose it is; nothing for the first, and for numbers no series has."""
    return (f"dose.{dose_number}",) if dose_number in SPOKEN_DOSES else ()
