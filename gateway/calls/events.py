"""What happens to a call: a key, silence, a recording, and the answers to what its flow asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.calls.facts import CallFacts, Offer, OpenHours, Phrase, Speaker


@dataclass(frozen=True, slots=True)
class Answered:
    """The phone was picked up, or somebody called us."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What was keyed; "" is silence."""

    digits: str


@dataclass(frozen=True, slots=True)
class SeatsFound:
    """The answer to FindSeats; empty when nothing is free.

    `parts` are the halves of the day ("morning", "afternoon") in which there is anything at all; `has_later` tells
    whether there is more behind these.
    """

    offers: tuple[Offer, ...]
    parts: tuple[str, ...] = ()
    has_later: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """The answer to Hold: the offers that are now held for this call."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to Take: the appointment's new time and ticket, or None when the seat was lost."""

    starts_at: datetime | None
    ticket: int | None = None
    appointment: str = ""  # the new one


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something was recorded."""


@dataclass(frozen=True, slots=True)
class PutDown:
    """The caller put the phone down while they were recorded; nothing we say now is heard."""


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The answer to CheckPin: whose it is, or None."""

    speaker: Speaker | None


@dataclass(frozen=True, slots=True)
class PhraseFound:
    """The answer to FindPhrase: what is to be recorded next, or None when nothing is left."""

    phrase: Phrase | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer to Settle."""


@dataclass(frozen=True, slots=True)
class StaffFound:
    """The answer to FindStaff: whether somebody can be rung now."""

    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Dialled:
    """A connected call has ended, or nobody took it.

    Not `was_reached`: something took it for a moment only, as a voicemail does, and nobody was spoken with.
    """

    was_answered: bool
    was_reached: bool = True


@dataclass(frozen=True, slots=True)
class LanguagesFound:
    """The answer to FindLanguages: codes in the order in which they are to be offered, without the present one."""

    languages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SpokenIn:
    """The answer to SpeakIn: the same facts with voice and names of the new language, or None where it has no voice."""

    facts: CallFacts | None


@dataclass(frozen=True, slots=True)
class MessageKept:
    """The answer to KeepMessage."""


@dataclass(frozen=True, slots=True)
class NumberKept:
    """The answer to KeepNumber: False where it is no number of thirteen digits."""

    is_number: bool


@dataclass(frozen=True, slots=True)
class HoursFound:
    """The answer to FindHours; empty where no site's name can be spoken."""

    sites: tuple[OpenHours, ...]


Event = (
    Answered
    | Keys
    | SeatsFound
    | Held
    | Taken
    | Spoken
    | PutDown
    | PinChecked
    | PhraseFound
    | Settled
    | StaffFound
    | Dialled
    | LanguagesFound
    | SpokenIn
    | MessageKept
    | NumberKept
    | HoursFound
)
