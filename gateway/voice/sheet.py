"""The sheet a speaker records from: phrases in the order a call says them, each with a number that can be keyed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.languages.table import Language
from gateway.voice.keys import HotlineKey, Key, hotline_keys, studio_keys, wanted_keys
from gateway.voice.prompts import Prompt, Script

REFERENCE: Final = "th"
"""The language beside which the others stand on a sheet: every speaker and every nurse here reads it."""

_CALL: Final = (
    Key.GREET_REMINDER, Key.GREET_SECOND_DOSE, Key.GREET_NEUTRAL, Key.GREET_HOUSEHOLD,
    Key.TODAY, Key.TOMORROW, Key.DAY_AFTER, Key.PLACE_UNNAMED, Key.WHY_SECOND_DOSE, Key.SAFETY,
    Key.ASK_COMING, Key.ASK_CALLBACK, Key.ASK_AGAIN,
    Key.ACK_COMING, Key.TICKET, Key.CHANGE_MIND, Key.ASK_RIDE, Key.ASK_RIDE_ELSE,
    Key.ACK_RIDE, Key.NEWS_RIDE, Key.ACK_CALLBACK,
    Key.OFFER_INTRO, Key.ASK_PART, Key.PRESS_1, Key.PRESS_2, Key.PRESS_3, Key.PRESS_4,
    Key.OFFER_LATER, Key.OFFER_NEITHER, Key.OFFER_LOST, Key.ACK_MOVED, Key.END_NO_SEAT,
    Key.ASK_ALREADY, Key.ACK_ALREADY, Key.ASK_WRONG_PERSON, Key.WRONG_SURE, Key.ACK_WRONG_PERSON,
    Key.ASK_STOP, Key.STOP_SURE, Key.ACK_STOP,
    Key.ASK_STAFF, Key.STAFF_CONNECTING, Key.STAFF_CLOSED, Key.MUST_NOT_WAIT,
    Key.MESSAGE_SPEAK, Key.MESSAGE_KEPT, Key.MESSAGE_UNHEARD,
    Key.ASK_SLOWER, Key.ACK_SLOWER, Key.ASK_LANGUAGE, Key.LANGUAGE_THIS, Key.LANGUAGE_MORE, Key.LANGUAGE_KEPT,
    Key.ASK_EVERYBODY, Key.EVERYBODY, Key.ASK_ONE_BY_ONE, Key.ASK_NEXT_NAMES, Key.ANOTHER_PERSON,
    Key.SORRY_SILENCE, Key.SORRY_WRONG_KEY, Key.END_UNANSWERED, Key.END_SETTLED,
    Key.GREET_HOTLINE, Key.YOUR_APPOINTMENT, Key.OFFICE_HOURS, Key.BYE,
)  # fmt: skip
_GROUPS: Final = ("sentences", "dose", "weekday", "day", "month", "hour", "digit", "hotline", "studio", "names")
"""The parts of a sheet, in order: what calls need, then what only those hear who call us. Places' and people's names
are last: the list of them grows, and what a number meant on paper last week it still has to mean."""


@dataclass(frozen=True, slots=True)
class Row:
    """One phrase on a sheet. `number` is 0 for what is found by its key only; `thai` and `back` say what it means.

    `note` is in Thai, `note_en` the same in English.
    """

    number: int
    key: str
    text: str
    note: str
    note_en: str
    back: str
    thai: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a sheet: `name` is a word of _GROUPS, or "unwritten" or "unwritten_hotline"."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is printed for a language."""

    language: Language
    parts: tuple[Part, ...]

    @property
    def is_written(self) -> bool:
        """Whether there is anything to record."""
        return any(row.number for part in self.parts for row in part.rows)


def recording_order(script: Script) -> tuple[Prompt, ...]:
    """Return the prompts as they are recorded: sentences as in a call, doses, days, months, hours, digits, the hotline.

    A phrase's number, on paper, in the name of a file and by telephone, is its position, counted from 1.
    """
    return tuple(script.prompts[key] for key in _in_order(script.prompts))


def numbered(script: Script) -> Mapping[int, Prompt]:
    """Return the prompts by their number."""
    return dict(enumerate(recording_order(script), 1))


def sheet_of(language: Language, scripts: Mapping[str, Script], places: Iterable[Prompt] = ()) -> Sheet:
    """Return the sheet of a language, with Thai beside it; what has no text yet stands in a part of its own.

    `places` are names that the script has no words of its own for. They have a key and no number: their list changes.
    """
    script = scripts.get(language.code, Script(language.code))
    thai = scripts[REFERENCE].prompts if REFERENCE in scripts else {}
    beside = {} if language.code == REFERENCE else thai
    rows = [_row(number, prompt, beside) for number, prompt in numbered(script).items()]
    rows += [_row(0, prompt, {}) for prompt in places]
    parts = [Part(name, tuple(row for row in rows if _group(row.key) == name)) for name in _GROUPS]
    for name, keys in (("unwritten", script.missing), ("unwritten_hotline", script.missing_of(hotline_keys()))):
        parts.append(Part(name, tuple(_row(0, Prompt(key, ""), thai) for key in _in_order(keys))))
    return Sheet(language, tuple(part for part in parts if part.rows))


def _row(number: int, prompt: Prompt, thai: Mapping[str, Prompt]) -> Row:
    beside = thai.get(prompt.key, Prompt(prompt.key, ""))
    noted = prompt if prompt.note or prompt.note_en else beside
    back = prompt.back or beside.back
    return Row(number, prompt.key, prompt.text, noted.note, noted.note_en, back, beside.text)


def _in_order(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=_place)


def _place(key: str) -> tuple[int, int, str]:
    return _GROUPS.index(_group(key)), _POSITION.get(key, len(_POSITION)), key


def _group(key: str) -> str:
    kind = key.partition(".")[0]
    if kind in ("site", "name"):
        return "names"
    if key in _SENTENCES:  # those who call us hear some of these, too
        return "sentences"
    return "hotline" if key in _HOTLINE else kind if kind in _GROUPS else "sentences"


_SENTENCES: Final = frozenset(map(str, Key))
_HOTLINE: Final = frozenset(map(str, HotlineKey))
_ORDER: Final = (*_CALL, *wanted_keys(), *hotline_keys(), *studio_keys())
_POSITION: Final = {str(key): place for place, key in enumerate(dict.fromkeys(_ORDER))}
