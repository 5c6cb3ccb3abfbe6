"""What a flow wants: words for the phone, questions to the house, and answers to be remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gateway.calls.facts import Offer, Speaker
from gateway.kit.answers import Answer


@dataclass(frozen=True, slots=True)
class Play:
    """Play these prompts, by key, one whole clip after another, in the call's language.

    A key with another language before it, as in "my/press.1", is played in that one (`in_language`).
    """

    prompts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """Play these prompts, then wait for a key; the answer comes back as Keys.

    With a `finish` key the answer may be shorter than `digits`. `replay`: what was recorded last is played first.
    """

    prompts: tuple[str, ...]
    digits: int = 1
    seconds: int = 6
    finish: str = ""
    replay: bool = False
    is_private: bool = False  # what is keyed is nobody's business: it stands in no row of the call's turns


@dataclass(frozen=True, slots=True)
class Dial:
    """Play these prompts, then connect the caller with the site's staff; comes back as Dialled."""

    prompts: tuple[str, ...]
    seconds: int = 25  # of ringing


@dataclass(frozen=True, slots=True)
class RecordPhrase:
    """Play these prompts, then a tone, and record until the finish key; comes back as Spoken, Keys("") or PutDown."""

    prompts: tuple[str, ...]
    longest: int = 60
    silence: int = 5
    finish: str = "#"


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class FindSeats:
    """Look for the next `count` sessions the person may move to: later than `after`, in that `part` of the day."""

    count: int = 2
    after: datetime | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep a seat in each of these offers, and in no other, while the call lasts."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Take:
    """Move the appointment to this held offer."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Say whose PIN this is."""

    pin: str


@dataclass(frozen=True, slots=True)
class FindPhrase:
    """Look for the next phrase this speaker has not recorded, behind the number `after`."""

    speaker: Speaker
    after: int = 0


@dataclass(frozen=True, slots=True)
class Settle:
    """Keep what was recorded last, or throw it away."""

    keep: bool


@dataclass(frozen=True, slots=True)
class FindStaff:
    """Say whether the site's staff can be rung at this moment."""


@dataclass(frozen=True, slots=True)
class FindLanguages:
    """Say which other languages can be spoken now."""


@dataclass(frozen=True, slots=True)
class SpeakIn:
    """Go on in this language, and remember it of the person who chose it."""

    language: str


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """Keep what was spoken last, for staff. `kind` is staff, question or register (`records.status.MessageKind`).

    Asked for, too, when the phone was put down while they spoke: then there may be nothing to keep.
    """

    kind: str


@dataclass(frozen=True, slots=True)
class KeepNumber:
    """Keep the 13-digit number that was keyed, for staff; it stays in no state and no turn."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FindHours:
    """Say when sites can be reached."""


@dataclass(frozen=True, slots=True)
class Note:
    """Remember this answer, and let it take effect for these appointments; with none, for what the call is about."""

    answer: Answer
    detail: str = field(default="")
    appointments: tuple[str, ...] = ()


Request = (
    FindSeats
    | Hold
    | Take
    | CheckPin
    | FindPhrase
    | Settle
    | FindStaff
    | FindLanguages
    | SpeakIn
    | KeepMessage
    | KeepNumber
    | FindHours
)
PhoneCommand = Play | Ask | RecordPhrase | Dial | HangUp
Command = PhoneCommand | Request | Note
