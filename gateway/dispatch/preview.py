"""What a text and a call would be before anybody gets them, made by the very functions that prepare what is sent.

Nothing here is sent or stored but, on the sandbox, the placeholder sound that a page plays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final

from gateway.calls.flow import Answered, Ask, CallFacts, Command, Flow, Keys, Play
from gateway.calls.reminder_call import ReminderCall
from gateway.dispatch.cases import Case, Named
from gateway.dispatch.prepare import (
    Refusal,
    Speech,
    call_facts,
    is_neutral,
    prepare_call,
    prepare_text,
    purpose_at,
    text_language,
)
from gateway.kit.clock import at_bangkok, bangkok_day
from gateway.kit.marks import mark_of
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.status import Channel
from gateway.voice.assets import Clip, ClipSource, ClipStore
from gateway.voice.phrases import appointment_phrases, can_say
from gateway.voice.prompts import Prompt, estimate_seconds
from gateway.voice.speaker import MissingPrompt, sounds_for
from gateway.voice.voices import NOBODY, Allowed, Voice, voices_of
from gateway.voice.wav import seconds_of
from gateway.wording.catalogue import Purpose
from gateway.wording.lint import LONGEST
from gateway.wording.segments import Advice, Encoding, advice, count_segments, split_parts

SAID_BY: Final = 10.0
"""Seconds by which date and place are to have been said (facts/evidence.md: few people hear more than half)."""
LONGEST_QUESTION: Final = 40.0
"""Seconds a whole reminder may last, the question included."""

SPOKEN: Final = frozenset({Purpose.NOTICE, Purpose.REMINDER, Purpose.MORNING, Purpose.SECOND_DOSE})
"""What people are called about; everything else goes by text alone."""

_DAYS_AHEAD: Final = {Purpose.NOTICE: 7, Purpose.REMINDER: 2, Purpose.MORNING: 0, Purpose.SECOND_DOSE: 21}
_QUARTER: Final = timedelta(minutes=15)
_SENT_AT, _STARTS_AT = time(10, 0), time(13, 30)
_SITE: Final[Mapping[str, Any]] = {
    "name": "โรงพยาบาลตัวอย่างแม่วัง",
    "short_name": "รพ.แม่วัง",
    "name_en": "Mae Wang Example Hospital",
    "place": "หอประชุม",
    "staff_phone": "054000901",
}
_LONGEST_SITE: Final[Mapping[str, Any]] = {
    "name": LONGEST.clinic,
    "short_name": "รพ.สต.บ้านแม่ตีบ",
    "name_en": "Saeng Thale Estate Example Vaccination Centre",
    "place": LONGEST.place,
    "staff_phone": LONGEST.phone,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be shown. `two_way` None: as this house is set up; `longest`: with the longest names we know."""

    language: str
    purpose: Purpose = Purpose.REMINDER
    neutral: bool = False
    two_way: bool | None = None
    longest: bool = False


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text as it would be sent, `language` None where there is none; `price` in the currency of the settings.

    `refused` is why it would not go out from here, as the reason of a reminder is written; "" when it would.
    """

    language: str | None
    body: str = ""
    parts: tuple[str, ...] = ()
    units: int = 0
    encoding: Encoding | None = None
    advice: Advice | None = None
    price: float = 0.0
    is_draft: bool = True
    refused: str = ""


class Source(StrEnum):
    """What a phrase of a call is heard from."""

    RECORDING = "recording"
    SYNTHESIS = "synthesis"
    PLACEHOLDER = "placeholder"
    CARRIER = "carrier"  # its own voice reads the text
    NONE = "none"  # nobody has said it yet


@dataclass(frozen=True, slots=True)
class ShownPhrase:
    """One phrase of a call. `begins` is in seconds from the beginning of its turn; `sha256` is "" without a clip.

    Without a clip the seconds are an estimate by the language's pace.
    """

    key: str
    text: str
    back: str
    source: Source
    sha256: str
    seconds: float
    begins: float
    is_approved: bool
    is_appointment: bool

    @property
    def ends(self) -> float:
        """Seconds from the beginning of its turn."""
        return self.begins + self.seconds


class Moment(StrEnum):
    """Which turn of a call it is."""

    QUESTION = "question"  # all that is said first, up to the first question
    MENU = "menu"  # after silence: the other keys
    YES = "yes"  # after key 1


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """What is said in one go."""

    moment: Moment
    phrases: tuple[ShownPhrase, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts, without the pauses a carrier makes."""
        return sum(phrase.seconds for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call as it would be heard, `language` None where there is none; `refused` as in `ShownText`.

    `price` is of one call that is answered.
    """

    language: str | None
    voice: str = ""
    turns: tuple[ShownTurn, ...] = ()
    price: float = 0.0
    refused: str = ""

    @property
    def seconds(self) -> float:
        """How long the first question takes, all before it included."""
        return self.turns[0].seconds if self.turns else 0.0

    @property
    def told_after(self) -> float | None:
        """Seconds until date and place have been said; None where they are not."""
        told = [one.ends for turn in self.turns[:1] for one in turn.phrases if one.is_appointment]
        return max(told, default=None)

    @property
    def is_early(self) -> bool:
        """Whether date and place come in time."""
        return self.told_after is not None and self.told_after <= SAID_BY

    @property
    def is_short(self) -> bool:
        """Whether it is no longer than people listen."""
        return self.seconds <= LONGEST_QUESTION

    @property
    def is_draft(self) -> bool:
        """Whether anything of it has not been approved by two people."""
        return not all(phrase.is_approved for turn in self.turns for phrase in turn.phrases)

    def count(self, source: Source) -> int:
        """How many phrases are heard from this source."""
        return sum(phrase.source is source for turn in self.turns for phrase in turn.phrases)


def invented_case(speech: Speech, choice: Choice, now: datetime) -> tuple[Case, datetime]:
    """Return an invented Somsri with an appointment, and the instant (UTC) of the contact, on the day of `now`."""
    day = bangkok_day(now)
    starts_at = at_bangkok(day + timedelta(days=_DAYS_AHEAD.get(choice.purpose, 7)), _STARTS_AT)
    in_thai = speech.languages.get(_written_in(speech, choice)).script == "Thai"
    name = LONGEST.name if choice.longest else "สมศรี" if in_thai else "Somsri"
    at = at_bangkok(day, _SENT_AT)
    person = Person(id="preview", name=name, language=choice.language, neutral=choice.neutral, created_at=at)
    site = Site(code="PREVIEW", **(_LONGEST_SITE if choice.longest else _SITE))
    appointment = Appointment(
        id="preview", person=person.id, site=site.code, regimen="influenza", dose_no=2, starts_at=starts_at,
        created_at=at,
    )  # fmt: skip
    return _with_others(case_of(person, appointment, site, choice.purpose, at), choice.purpose), at


def _with_others(case: Case, purpose: Purpose) -> Case:
    """Texts that list several people have invented ones; a ride comes an hour before."""
    starts_at = case.appointment.starts_at
    if purpose in (Purpose.HOUSEHOLD, Purpose.WHICH_PERSON):
        return replace(case, people=tuple(Named(case.person, starts_at + at * _QUARTER) for at in range(2)))
    return replace(case, pick_up_at=starts_at - 4 * _QUARTER) if purpose is Purpose.RIDE else case


def _written_in(speech: Speech, choice: Choice) -> str:
    """The language of the text that is shown, drafts if need be: a Thai text that stands in has a Thai name in it."""
    speech = replace(speech, is_two_way=speech.is_two_way if choice.two_way is None else choice.two_way)
    for one in (speech, replace(speech, may_use_drafts=True)):
        used = text_language(one, choice.language, choice.purpose, neutral=choice.neutral)
        if used is not None:
            return used
    return choice.language


def case_of(person: Person, appointment: Appointment, site: Site, purpose: Purpose, at: datetime) -> Case:
    """Return what a reminder of this purpose would be about; it is planned nowhere."""
    reminder = Reminder(
        id="preview", appointment=appointment.id, person=person.id, purpose=purpose.value, step=purpose.value,
        channel=Channel.SMS, due_at=at, next_try_at=at, expires_at=appointment.starts_at,
    )  # fmt: skip
    return Case(reminder, appointment, person, site)


def show_text(
    speech: Speech, case: Case, at: datetime, *, cost: float, two_way: bool | None = None, neutral: bool = False
) -> ShownText:
    """Return the text of a case as it would be sent at `at` (aware); `cost` is of one part."""
    speech = replace(speech, is_two_way=speech.is_two_way if two_way is None else two_way)
    case = _more_neutral(case, neutral)
    sent = prepare_text(speech, case, at)
    shown = sent if not isinstance(sent, Refusal) else prepare_text(replace(speech, may_use_drafts=True), case, at)
    refused = sent.reason if isinstance(sent, Refusal) else ""
    if isinstance(shown, Refusal):
        return ShownText(None, refused=refused)
    counted = count_segments(shown.body)
    return ShownText(
        language=shown.language,
        body=shown.body,
        parts=split_parts(shown.body),
        units=counted.units,
        encoding=counted.encoding,
        advice=advice(shown.body),
        price=round(counted.parts * cost, 4),
        is_draft=_is_draft(speech, case, shown.language, at),
        refused=refused,
    )


def show_call(
    speech: Speech,
    case: Case,
    at: datetime,
    *,
    cost: float,
    neutral: bool = False,
    keeps_sound: bool = True,
    flow: Flow | None = None,
) -> ShownCall:
    """Return the call of a case as it would be heard at `at` (aware), and what is said after 1 and after silence.

    Where the house would not place it, what there is is shown all the same, with the reason. `keeps_sound`: placeholder
    sound is written where it can be played; without it nothing is written at all.
    """
    flow, case = flow or ReminderCall(), _more_neutral(case, neutral)
    language = speech.spoken_language(case.person.language)
    if language is None:
        return ShownCall(None, refused="no_voice_in_language")
    speech = speech if keeps_sound else replace(speech, clips=_Unwritten(speech.clips))
    ready = prepare_call(speech, case, flow, at)
    refused = ready.reason if isinstance(ready, Refusal) else ""
    if not can_say(case.appointment.starts_at):
        return ShownCall(language, refused=refused)
    shelf, facts = _Shelf(speech, language), call_facts(speech, case, language, at)
    turns = tuple(shelf.turn(moment, commands, facts) for moment, commands in _conversation(flow, facts))
    return ShownCall(language, shelf.voice.name, turns, cost, refused)


def _conversation(flow: Flow, facts: CallFacts) -> list[tuple[Moment, tuple[Command, ...]]]:
    state, first = flow.step(flow.begin(facts), Answered())
    return [
        (Moment.QUESTION, first),
        (Moment.MENU, flow.step(state, Keys(""))[1]),
        (Moment.YES, flow.step(state, Keys("1"))[1]),
    ]


class _Shelf:
    """Where the phrases of one call are taken from: the voice that would speak it, else whoever comes nearest."""

    def __init__(self, speech: Speech, language: str) -> None:
        self._speech, self._script = speech, speech.scripts[language]
        self.voice = speech.voices.of(language) or self._nearest()

    def _nearest(self) -> Voice:
        """For a language that cannot be called yet: who would speak it once all is approved, else who spoke most."""
        speech, language = self._speech, self._script.language
        found: list[Voice] = []
        for placeholders in (speech.may_use_placeholders, True):
            allowed = Allowed(True, placeholders, speech.carrier_speaks)
            found += voices_of(self._script, speech.clips.kept(language), allowed, speech.approved_texts())
        return replace((*found, Voice(language, NOBODY))[0], stands_in=speech.may_use_placeholders)

    def turn(self, moment: Moment, commands: Sequence[Command], facts: CallFacts) -> ShownTurn:
        keys = [key for command in commands if isinstance(command, Play | Ask) for key in command.prompts]
        told = appointment_phrases(facts.starts_at, facts.now, facts.place) if facts.starts_at else ()
        phrases: list[ShownPhrase] = []
        for key in keys:
            begins = round(phrases[-1].ends, 1) if phrases else 0.0  # seconds are shown in tenths: 5.2, not 5.199…
            phrases.append(replace(self._phrase(key), begins=begins, is_appointment=key in told))
        return ShownTurn(moment, tuple(phrases))

    def _phrase(self, key: str) -> ShownPhrase:
        prompt, kept = self._script.prompts.get(key), self.voice.clips.get(key)
        text, back = (prompt.text, prompt.back) if prompt else (kept.clip.text if kept else "", "")
        guess = estimate_seconds(text, self._script.letters_per_second)
        shown = ShownPhrase(str(key), text, back, Source.NONE, "", round(guess, 1), 0.0, False, False)
        try:
            (sound,) = sounds_for(self._speech.clips, self._script, self.voice, [key])
        except MissingPrompt:
            return shown
        if isinstance(sound, Prompt):
            mark = mark_of(self._script.language, str(sound.key), sound.text_sha256)
            is_approved = mark in self._speech.approved_texts()
            return replace(shown, source=Source.CARRIER, is_approved=is_approved)
        source, is_approved = Source(sound.source.value), kept is not None and kept.clip == sound and kept.approved
        return replace(
            shown, source=source, sha256=sound.sha256, seconds=round(sound.seconds, 1), is_approved=is_approved
        )


class _Unwritten:
    """A store of clips that keeps nothing: to look at a call must not fill a folder."""

    def __init__(self, clips: ClipStore) -> None:
        self.kept, self.keep, self.read, self.path = clips.kept, clips.keep, clips.read, clips.path

    def keep_loose(self, wav: bytes, source: ClipSource) -> Clip:
        """What it would be, were it kept."""
        return Clip(hashlib.sha256(wav).hexdigest(), seconds_of(wav), source)


def _more_neutral(case: Case, neutral: bool) -> Case:
    if not neutral or case.person.neutral:
        return case
    return replace(case, person=case.person.model_copy(update={"neutral": True}))


def _is_draft(speech: Speech, case: Case, language: str, at: datetime) -> bool:
    purpose = purpose_at(case, at)
    pieces = speech.catalogue.pieces(
        purpose, language, two_way=speech.is_two_way, neutral=is_neutral(speech, case)
    )  # fmt: skip
    return not {piece.mark for piece in pieces} <= set(speech.approved_texts())
