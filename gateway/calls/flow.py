"""A call as a pure state machine: `step(state, event) -> (state, commands)`.

Events are keys, silence, what was recorded and the answers to what the flow asked for. Commands either go to the phone
(`Play`, `Ask`, `RecordPhrase`, `HangUp`), are answered at once by the caller of the flow (`FindSeats`, `CheckPin` …),
or are remembered (`Note`).
No web, no database, no carrier: a call can be played in a unit test, and is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Protocol

from gateway.kit.answers import Answer


@dataclass(frozen=True, slots=True)
class Subject:
    """One person the call may be about, of those who share a telephone. `starts_at` is aware.

    `appointments` are theirs of that day, soonest first: the first is spoken of, a yes is for all of them. `name` and
    `place` are keys of prompts, "" where there is nothing to say them with.
    """

    person: str
    appointments: tuple[str, ...]
    starts_at: datetime
    purpose: str = "reminder"
    dose_number: int = 1
    site: str = ""
    neutral: bool = False
    may_move: bool = True
    is_open: bool = True
    name: str = ""
    place: str = ""
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the call is about. `starts_at` and `now` are aware; `appointment` is None when there is nothing to say.

    Where several people share the telephone they stand in `subjects`, and `about` puts one of them into the fields that
    a call about one person has. With fewer than two, `subjects` is empty.
    """

    language: str
    now: datetime
    purpose: str = "reminder"
    appointment: str | None = None
    starts_at: datetime | None = None
    dose_number: int = 1
    site: str = ""
    neutral: bool = False
    is_open: bool = True  # False: answered, moved or cancelled meanwhile; the call ends kindly
    voice: str = ""  # who speaks, the whole call through
    place: str = ""  # the key of the site's spoken name, where this voice has it
    name: str = ""  # the key of the person's spoken name, where this voice has it
    may_record: bool = False  # a speaker may press # and record: what they are told can be spoken
    person: str = ""
    also: tuple[str, ...] = ()  # further appointments of the same person and day; a yes is for them, too
    may_move: bool = True  # False: a course that must not wait; staff are rung
    ticket: int | None = None
    subjects: tuple[Subject, ...] = ()
    is_slow: bool = False  # asked to be spoken to slowly

    def about(self, subject: Subject) -> CallFacts:
        """The same call, speaking of this person now."""
        return replace(
            self,
            person=subject.person,
            appointment=subject.appointments[0],
            also=subject.appointments[1:],
            starts_at=subject.starts_at,
            purpose=subject.purpose,
            dose_number=subject.dose_number,
            site=subject.site,
            neutral=subject.neutral,
            may_move=subject.may_move,
            is_open=subject.is_open,
            place=subject.place,
            ticket=subject.ticket,
        )


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who records phrases by telephone: their account, and the language they speak."""

    staff: str
    language: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase to be recorded: its number on the speaker's sheet and its key."""

    number: int
    key: str


@dataclass(frozen=True, slots=True)
class WayBack:
    """Where somebody stood in the hotline when # led them away from it, and what was asked there."""

    flow: str
    version: int
    node: str
    language: str
    voice: str
    misses: int
    prompts: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Studio:
    """How far a speaker is in a call in which they record."""

    speaker: Speaker | None = None
    phrase: Phrase | None = None
    phrases: int = 0  # given out in this call; bounded
    turns: int = 0  # of the whole call; bounded
    wrong_pins: int = 0
    has_kept: bool = False  # the phrase before this one
    visits: int = 0  # times # led here from the hotline; bounded
    back: WayBack | None = None  # for who pressed # by accident; None: there is nowhere to go back to


@dataclass(frozen=True, slots=True)
class Offer:
    """A session with a free seat; `starts_at` aware. `place` is the key of the site's spoken name where it is another
    site than the appointment's: one that cannot be named is never offered."""

    session: str
    starts_at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class OpenHours:
    """When a site can be reached, Bangkok's clock; `place` is the key of its spoken name."""

    place: str
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class CallState:
    """Where a call stands; `calls.saving` keeps it in a row between two requests."""

    flow: str
    node: str
    facts: CallFacts
    misses: int = 0  # times in a row that nothing usable was keyed
    offers: tuple[Offer, ...] = ()
    version: int = 1
    noted: tuple[str, ...] = ()  # answers of whom the call speaks of now
    repeats: int = 0  # times somebody asked to hear it again; bounded, so that a jammed key cannot hold a line
    looks: int = 0  # times days were offered for one wish; bounded
    lost: int = 0  # times a seat was gone when it was chosen; bounded
    has_later: bool = False  # whether there are later days than those offered
    studio: Studio | None = None  # where a speaker records
    chosen: tuple[int, ...] = ()  # of `facts.subjects`: whom the call speaks of now; empty: nobody was chosen yet
    settled: tuple[int, ...] = ()  # of `facts.subjects`: who answered already
    page: int = 0  # of a menu that goes on: names, languages
    part: str = ""  # morning or afternoon, where they said which
    after: datetime | None = None  # later days than this were asked for
    changes: int = 0  # times somebody changed their mind; bounded
    languages: tuple[str, ...] = ()  # that can be chosen, in the order of their keys
    turns: int = 0  # questions put in the whole call; bounded
    back: str = ""  # the question that a side menu (language, staff, stop) comes back to
    asides: int = 0  # side menus that were gone to; bounded
    message: str = ""  # what a message that is being spoken is about (`calls.message.About`)


# Events


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


# Commands


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


class Flow(Protocol):
    """One kind of call."""

    name: str
    version: int

    def begin(self, facts: CallFacts) -> CallState:
        """The state before anything was said."""
        ...

    def step(self, state: CallState, event: Event) -> tuple[CallState, tuple[Command, ...]]:
        """What happens next; an event that does not fit ends the call politely, never raises.

        The state that is returned may be another flow's: from there on that flow goes on with the call.
        """
        ...


def advance(
    flow: Flow,
    state: CallState,
    event: Event,
    answer: Callable[[Request], Event],
    note: Callable[[Note], None],
) -> tuple[CallState, tuple[PhoneCommand, ...]]:
    """Run `flow` until it has only words for the phone left: requests go to `answer`, notes to `note`, in order."""
    spoken: list[PhoneCommand] = []
    waiting: list[Event] = [event]
    while waiting:
        state, commands = flow.step(state, waiting.pop(0))
        for command in commands:
            if isinstance(command, Note):
                note(command)
            elif isinstance(command, Play | Ask | RecordPhrase | Dial | HangUp):
                spoken.append(command)
            else:
                waiting.append(answer(command))
    return state, tuple(spoken)


def in_language(language: str, *prompts: str) -> tuple[str, ...]:
    """These prompts in another language than the call's."""
    return tuple(f"{language}/{prompt}" for prompt in prompts)


def language_of(prompt: str, present: str) -> tuple[str, str]:
    """The language a prompt is played in, and its key there."""
    language, _, key = str(prompt).rpartition("/")
    return (language or present, key)
