"""What a call is about and where it stands: plain values, kept in a row between two requests (`calls.saving`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time


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
