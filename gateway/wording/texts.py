"""What texts there are: why we write, what each has to say, and the name under which it is edited and approved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from gateway.kit.marks import mark_of
from gateway.wording.rules import Finding, faults_of


class Purpose(StrEnum):
    """Why we write to somebody."""

    NOTICE = "notice"  # a week ahead
    REMINDER = "reminder"  # two days ahead
    MORNING = "morning"  # on the day
    SECOND_DOSE = "second_dose"  # a following dose was booked for them
    MOVED = "moved"  # the day they chose
    CONFIRMED = "confirmed"  # their yes, with the day said again
    CANCELLED = "cancelled"  # the clinic closed the session: they need not come
    MISSED = "missed"  # they did not come: how to get another day
    CALLBACK_NUMBER = "callback_number"  # who rang in vain, and the number to call back
    WRONG_PERSON = "wrong_person"  # an apology to a number that is somebody else's
    HOUSEHOLD = "household"  # the appointments of several people of one phone
    WHICH_PERSON = "which_person"  # asked back: who is meant?
    WHICH_ANSWER = "which_answer"  # asked back: what do they want?
    OPTIONS = "options"  # asked back: we did not understand, this can be answered
    RIDE = "ride"  # who fetches them, and when


class Helper(StrEnum):
    """A text that is filled into others: see `helpers_in`."""

    TWO_WAY = "how_to_answer_two_way"  # answers to this text reach us
    CALL = "how_to_answer_call"  # they do not: there is only the number to call
    CHOOSE_TWO_WAY = "how_to_choose_two_way"  # several people: the number before a name, 0 for all
    TICKET = "ticket"  # their number in the queue; nothing of it stands where there is none


class CatalogueError(Exception):
    """The templates cannot be used as they are; the message names the file."""


PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_ANSWERABLE: Final = frozenset({"clinic", "name", "dose", "day", "time", "place", "how_to_answer"})
_SETTLED: Final = frozenset({"clinic", "name", "day", "time", "place", "phone"})
NEEDED: Final[Mapping[Purpose | Helper, frozenset[str]]] = {
    Purpose.NOTICE: _ANSWERABLE,
    Purpose.REMINDER: _ANSWERABLE,
    Purpose.MORNING: _ANSWERABLE,
    Purpose.SECOND_DOSE: _ANSWERABLE,
    Purpose.MOVED: _SETTLED,
    Purpose.CONFIRMED: _SETTLED,
    Purpose.CANCELLED: _SETTLED,
    Purpose.MISSED: frozenset({"clinic", "name", "day", "phone"}),
    Purpose.CALLBACK_NUMBER: frozenset({"clinic", "name", "day", "phone"}),
    Purpose.WRONG_PERSON: frozenset({"clinic", "phone"}),
    Purpose.HOUSEHOLD: frozenset({"clinic", "day", "place", "people", "how_to_choose"}),
    Purpose.WHICH_PERSON: frozenset({"clinic", "people", "phone"}),
    Purpose.WHICH_ANSWER: frozenset({"clinic", "name", "day", "phone"}),
    Purpose.OPTIONS: frozenset({"clinic", "phone"}),
    Purpose.RIDE: frozenset({"clinic", "name", "day", "time", "phone"}),
    Helper.TWO_WAY: frozenset({"phone"}),
    Helper.CALL: frozenset({"phone"}),
    Helper.CHOOSE_TWO_WAY: frozenset({"phone"}),
    Helper.TICKET: frozenset({"number"}),
}
"""What each template has to say, in every language. A stranger is told no name (WRONG_PERSON)."""

OPTIONAL: Final = frozenset({"vaccine", "ticket"})
_HEALTH: Final = frozenset({"dose", "vaccine"})
# Sent to answers alone: where none reach us, nobody is ever asked back.
_ASKED_BACK: Final = frozenset({Purpose.WHICH_PERSON, Purpose.WHICH_ANSWER, Purpose.OPTIONS})
# Nothing may be added to these: whoever reads them is perhaps not who was meant.
_BARE: Final = frozenset(
    {Purpose.MISSED, Purpose.CALLBACK_NUMBER, Purpose.WRONG_PERSON, Purpose.HOUSEHOLD, Purpose.RIDE, *_ASKED_BACK}
)
# These never name the vaccination.
_NEUTRAL_AS_THEY_ARE: Final = frozenset({Purpose.MOVED, Purpose.CONFIRMED, Purpose.CANCELLED, *_BARE})
_KEY: Final = "sms."
_NEUTRAL: Final = ".neutral"


@dataclass(frozen=True, slots=True)
class Template:
    """One text with placeholders. `sha256` is of the body, the part that people read: it is what gets approved."""

    purpose: Purpose | Helper
    language: str
    body: str
    neutral: bool
    path: Path
    edited: bool = False  # staff wrote it in the console; `path` is what it stands in place of

    @property
    def placeholders(self) -> frozenset[str]:
        """The names in braces."""
        return frozenset(PLACEHOLDER.findall(self.body))

    @property
    def mark(self) -> str:
        """What an approval of it is bound to: its words, as this text, in this language."""
        return mark_of(self.language, self.key, self.sha256)

    @property
    def sha256(self) -> str:
        """The hash of the body."""
        return sha256_of(self.body)

    @property
    def key(self) -> str:
        """The name under which it is edited and approved."""
        return asset_key(self.purpose, self.neutral)


def asset_key(text: Purpose | Helper, neutral: bool = False) -> str:
    """Return the name under which a text is edited and approved: `sms.reminder`, `sms.reminder.neutral`.

    A text that never names the vaccination has no second one.
    """
    is_other = neutral and not is_always_neutral(text)
    return f"{_KEY}{text.value}{_NEUTRAL if is_other else ''}"


def text_of_key(key: str) -> tuple[Purpose | Helper, bool]:
    """Return the text that a key names, and whether it is the neutral one; raises CatalogueError for another key."""
    for text in NEEDED:
        for neutral in (False, True):
            if key == asset_key(text, neutral):
                return text, neutral and not is_always_neutral(text)
    raise CatalogueError(f"no message text is called {key!r}")


def is_always_neutral(text: Purpose | Helper) -> bool:
    """Whether this text never names the vaccination, so that it needs no neutral one beside it."""
    return text in _NEUTRAL_AS_THEY_ARE or isinstance(text, Helper)


def helpers_in(placeholders: Collection[str], *, two_way: bool) -> Mapping[str, Helper]:
    """Return the placeholders that are filled with another text of ours, each with that text.

    `two_way`: answers to this text reach us.
    """
    filled = {
        "how_to_answer": Helper.TWO_WAY if two_way else Helper.CALL,
        "how_to_choose": Helper.CHOOSE_TWO_WAY if two_way else Helper.CALL,
        "ticket": Helper.TICKET,
    }
    return {name: helper for name, helper in filled.items() if name in placeholders}


def is_sent(text: Purpose | Helper, *, two_way: bool) -> bool:
    """Whether this text is ever sent where answers reach us (`two_way`), or where they do not."""
    if text is Helper.CALL:
        return not two_way
    return two_way or text not in _ASKED_BACK | {Helper.TWO_WAY, Helper.CHOOSE_TWO_WAY}


def differs_by_route(text: Purpose | Helper) -> bool:
    """Whether this text reads otherwise where answers reach us than where they do not."""
    return helpers_in(NEEDED[text], two_way=True) != helpers_in(NEEDED[text], two_way=False)


def sha256_of(body: str) -> str:
    """Return the hash that an approval of this text is bound to."""
    return hashlib.sha256(body.encode()).hexdigest()


def check_shape(template: Template, codes: Collection[str]) -> None:
    """Raise CatalogueError unless the text is in a known language and says all it has to, and no more."""
    if template.language not in codes:
        raise CatalogueError(f"{template.path}: the language table knows no {template.language!r}")
    hidden = _HEALTH if template.neutral or is_always_neutral(template.purpose) else frozenset()
    needed = NEEDED[template.purpose] - hidden
    bare = template.purpose in _BARE or isinstance(template.purpose, Helper)
    optional = frozenset() if bare else OPTIONAL - hidden
    if "{" in (rest := PLACEHOLDER.sub("", template.body)) or "}" in rest:
        raise CatalogueError(f"{template.path}: a brace stands alone")
    if unknown := template.placeholders - needed - optional:
        raise CatalogueError(f"{template.path}: unknown placeholder {sorted(unknown)}")
    if missing := needed - template.placeholders:
        raise CatalogueError(f"{template.path}: placeholder missing: {sorted(missing)}")


def forbidden_in(template: Template, where: str) -> list[Finding]:
    """Return what the text says that none of ours may say."""
    return faults_of(template.body, where, neutral=template.neutral or is_always_neutral(template.purpose))
