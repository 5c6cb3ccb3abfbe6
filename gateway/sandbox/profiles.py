"""The profiles of habits.toml, read once and checked: an error names the file, the profile and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

HABITS_FILE = Path(__file__).with_name("habits.toml")

Weights = Mapping[str, float]

SILENCE = ""
HANGS_UP = "x"
SCRIPTED = "presses "  # then the keys, one question after another, "-" for silence: "presses 5 - 9"


def scripted_keys(habits: str) -> tuple[str, ...] | None:
    """The keys of "presses 5 - 9", "" for silence; None for habits that are drawn from habits.toml."""
    if not habits.startswith(SCRIPTED):
        return None
    return tuple("" if key == "-" else key for key in habits.removeprefix(SCRIPTED).split())


class Manner(StrEnum):
    """How one call goes at the handset."""

    PRESSES = "presses"
    HANGS_UP = "hangs_up"
    SILENT = "silent"
    WRONG_KEY = "wrong_key"
    MISSES_FIRST = "misses_first"
    VOICEMAIL = "voicemail"
    BY_HAND = "by_hand"  # a person holds the handset
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    OFF = "off"


_ANSWERED = frozenset(
    {Manner.PRESSES, Manner.HANGS_UP, Manner.SILENT, Manner.WRONG_KEY, Manner.MISSES_FIRST, Manner.VOICEMAIL}
) | {Manner.BY_HAND}
_UNANSWERED = frozenset({Manner.NO_ANSWER, Manner.BUSY, Manner.OFF})


@dataclass(frozen=True)
class Profile:
    """One way to treat a telephone; times in seconds, weights in any unit, chances in 0..1."""

    name: str
    answers: tuple[float, ...]
    ring: tuple[float, float]
    pace: tuple[float, float]
    early: float
    calls_back: float
    unanswered: Weights
    answered: Weights
    first_key: Weights
    wrong_key: Weights
    next_key: Mapping[str, Weights]
    text_fate: Weights
    text_delay: tuple[float, float]
    text_reply: Weights

    def answer_chance(self, call_number: int) -> float:
        """Return the chance that the `call_number`th call (from 1) is picked up."""
        return self.answers[min(max(call_number, 1), len(self.answers)) - 1]

    def keys_after(self, key: str) -> Weights:
        """Return the weights of the key that follows `key`."""
        return self.next_key.get(key, self.next_key["other"])


@cache
def load_profiles(path: Path = HABITS_FILE) -> Mapping[str, Profile]:
    """Read every profile of `path`; raises ValueError naming file, profile and key when something is amiss."""
    with path.open("rb") as file:
        raw = tomllib.load(file)
    profiles = {}
    for name in raw:
        try:
            profiles[name] = _profile(name, _with_base(raw, name))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path.name}: [{name}]: {error}") from error
    return profiles


def profile(name: str) -> Profile:
    """Return the profile called `name`; raises ValueError when habits.toml has none of that name.

    Who `SCRIPTED` says presses given keys is otherwise like one who always picks up.
    """
    if name.startswith(SCRIPTED):
        name = "always_answers_1"
    profiles = load_profiles()
    if name not in profiles:
        raise ValueError(f"habits.toml has no profile {name!r}; it has {', '.join(sorted(profiles))}")
    return profiles[name]


def _with_base(raw: Mapping[str, Any], name: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    if name in seen:
        raise ValueError(f"base goes round in a circle: {' -> '.join([*seen, name])}")
    own = dict(raw[name])
    if "base" not in own:
        return own
    return _merged(_with_base(raw, own.pop("base"), (*seen, name)), own)


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `own` over `base`: the sub-tables `keys` and `text` are merged by name, everything else is replaced whole."""
    result = {**base, **own}
    for table in ("keys", "text"):
        result[table] = {**base.get(table, {}), **own.get(table, {})}
    return result


def _profile(name: str, raw: Mapping[str, Any]) -> Profile:
    keys, text = raw["keys"], raw["text"]
    return Profile(
        name=name,
        answers=tuple(_chance(one, "answers") for one in raw["answers"]) or _missing("answers"),
        ring=_span(raw["ring"], "ring"),
        pace=_span(raw["pace"], "pace"),
        early=_chance(raw["early"], "early"),
        calls_back=_chance(raw["calls_back"], "calls_back"),
        unanswered=_weights(raw["unanswered"], "unanswered", _UNANSWERED),
        answered=_weights(raw["answered"], "answered", _ANSWERED),
        first_key=_weights(keys["start"], "keys.start"),
        wrong_key=_weights(keys["wrong"], "keys.wrong"),
        next_key=_after(keys["after"]),
        text_fate=_weights(text["fate"], "text.fate"),
        text_delay=_span(text["delay"], "text.delay"),
        text_reply=_weights(text["reply"], "text.reply"),
    )


def _after(raw: Mapping[str, Any]) -> Mapping[str, Weights]:
    if "other" not in raw:
        _missing("keys.after.other")
    return {key: _weights(weights, f"keys.after.{key}") for key, weights in raw.items()}


def _weights(raw: Mapping[str, Any], key: str, allowed: frozenset[Manner] | None = None) -> Weights:
    if not raw or min(raw.values()) < 0 or sum(raw.values()) <= 0:
        raise ValueError(f"{key}: weights must be 0 or more, and one of them above 0")
    unknown = set(raw) - set(allowed) if allowed is not None else set()
    if unknown:
        raise ValueError(f"{key}: unknown {', '.join(sorted(unknown))}")
    return {name: float(weight) for name, weight in raw.items()}


def _chance(value: Any, key: str) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{key}: {value} is no chance between 0 and 1")
    return float(value)


def _span(raw: Any, key: str) -> tuple[float, float]:
    low, high = raw
    if not 0 <= low <= high:
        raise ValueError(f"{key}: expected low and high seconds, low not above high")
    return float(low), float(high)


def _missing(key: str) -> Any:
    raise ValueError(f"{key} is missing or empty")
