"""A call as a pure state machine: `step(state, event) -> (state, commands)`.

Events are keys, silence, what was recorded and the answers to what the flow asked for. Commands either go to the phone
(`Play`, `Ask`, `RecordPhrase`, `HangUp`), are answered at once by the caller of the flow (`FindSeats`, `CheckPin` …),
or are remembered (`Note`).
No web, no database, no carrier: a call can be played in a unit test, and is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gateway.kit.answers import Answer


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the call is about. `starts_at` and `now` are aware; `appointment` is None when there is nothing to say."""

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
    """A session with a free seat; `starts_at` aware."""

    session: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class CallState:
    """Where a call stands; `calls.saving` keeps it in a row between two requests."""

    flow: str
    node: str
    facts: CallFacts
    misses: int = 0  # times in a row that nothing usable was keyed
    offers: tuple[Offer, ...] = ()
    version: int = 1
    noted: tuple[str, ...] = ()
    repeats: int = 0  # times somebody asked to hear it again; bounded, so that a jammed key cannot hold a line
    looks: int = 0  # times seats were looked for; a seat may be lost between offer and choice, once
    studio: Studio | None = None  # where a speaker records


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
    """The answer to FindSeats; empty when nothing is free."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """The answer to Hold: the offers that are now held for this call."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to Take: the appointment's new time, or None when the seat was lost."""

    starts_at: datetime | None


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


Event = Answered | Keys | SeatsFound | Held | Taken | Spoken | PutDown | PinChecked | PhraseFound | Settled


# Commands


@dataclass(frozen=True, slots=True)
class Play:
    """Play these prompts, by key, one whole clip after another, in the call's language."""

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
    """Look for the next `count` sessions the person may move to."""

    count: int = 2


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep a seat in each of these offers while the call lasts."""

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
class Note:
    """Remember this answer, and let it take effect."""

    answer: Answer
    detail: str = field(default="")


Request = FindSeats | Hold | Take | CheckPin | FindPhrase | Settle
PhoneCommand = Play | Ask | RecordPhrase | HangUp
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
            elif isinstance(command, Play | Ask | RecordPhrase | HangUp):
                spoken.append(command)
            else:
                waiting.append(answer(command))
    return state, tuple(spoken)
