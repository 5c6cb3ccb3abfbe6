"""What a reminder will say, decided before the attempt is written: in the person's own language, or not at all."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Final, Protocol

from gateway.calls.flow import Answered, CallFacts, Command, Dial, Flow, Play, RecordPhrase, Subject
from gateway.calls.flow import Ask as AskCommand
from gateway.care.regimens import Regimen, Regimens
from gateway.dispatch.cases import Case, Named
from gateway.kit.clock import bangkok_day
from gateway.languages.table import LanguageTable
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.voice.assets import Clip, ClipSource, ClipStore
from gateway.voice.keys import wanted_keys
from gateway.voice.phrases import can_say
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt, can_name, sounds_for
from gateway.voice.voices import Allowed, Voice, Voices
from gateway.wording.catalogue import Catalogue, CatalogueError, Purpose, choose_language
from gateway.wording.render import MessageFacts, RenderError, render

__all__ = ["Case", "Prepared", "Refusal", "Speech", "call_facts", "household_facts", "prepare_call", "prepare_text"]

_FLOWS: Final = {Purpose.RIDE.value: "news_call"}
_SPOKEN: Final = (Play, AskCommand, RecordPhrase, Dial)
_LOOSE: Final = ClipSource.PLACEHOLDER  # made when it is asked for


class HasName(Protocol):
    """Somebody with a given name, and perhaps the same in letters of their own."""

    @property
    def name(self) -> str:
        """As the clinic writes it."""
        ...

    @property
    def name_native(self) -> str | None:
        """As they write it themselves."""
        ...


@dataclass(frozen=True)
class Speech:
    """All that is needed to put an appointment into words. `may_use_drafts` only where nobody is reached (law 7),
    `may_use_placeholders` only on the sandbox; `carrier_speaks` says which languages the carrier has a voice for,
    `approved_texts` gives the marks of the texts two people approved."""

    languages: LanguageTable
    catalogue: Catalogue
    scripts: Mapping[str, Script]
    clips: ClipStore
    regimens: Regimens
    may_use_drafts: bool
    may_use_placeholders: bool
    carrier_speaks: Callable[[str], bool]
    is_two_way: bool
    hotline: str
    approved_texts: Callable[[], Collection[str]] = frozenset

    @cached_property
    def voices(self) -> Voices:
        """Who speaks each language now."""
        allowed = Allowed(self.may_use_drafts, self.may_use_placeholders, self.carrier_speaks)
        return Voices(self.scripts, self.clips, allowed, self.approved_texts)

    def speakable(self) -> frozenset[str]:
        """Languages of people whom a call can address, fallbacks included."""
        return frozenset(code for code in self.languages.codes if self.spoken_language(code))

    def textable(self) -> frozenset[str]:
        """Languages of people whom a text can address, fallbacks included."""
        return frozenset(
            code
            for code in self.languages.codes
            if choose_language(self.catalogue, self.languages, code, Purpose.REMINDER)
        )

    def spoken_language(self, wanted: str) -> str | None:
        """The first language of the person's chain that can be spoken now, else the first with a script (law 6).

        None when there is none. One with a script and no voice is named, so that staff see what it lacks.
        """
        written = [code for code in self.languages.chain(wanted) if code in self.scripts]
        spoken = (code for code in written if self.voices.of(code))
        return next(spoken, written[0] if written else None)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Ready to go: the words of a text (empty for a call), and what they were made from."""

    language: str
    body: str = ""
    segments: int = 0
    assets: tuple[str, ...] = ()

    @property
    def body_sha(self) -> str | None:
        """A hash of the text, by which a doubtful submission is recognised; None for a call."""
        return hashlib.sha256(self.body.encode()).hexdigest() if self.body else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing can be said: a word for the reminder's reason."""

    reason: str


def prepare_text(speech: Speech, case: Case, now: datetime) -> Prepared | Refusal:
    """Write the text as it is true at `now` (aware), or say why not."""
    return _written(speech, case, purpose_at(case, now), case.people)


def prepare_household_text(speech: Speech, cases: Sequence[Case], now: datetime) -> Prepared | Refusal:
    """As `prepare_text`, for several who share a telephone, a language and a place, numbered in this order."""
    first: dict[str, Case] = {}
    for case in cases:
        first.setdefault(case.person.id, case)
    if len(first) == 1:
        return prepare_text(speech, cases[0], now)
    people = tuple(Named(case.person, case.appointment.starts_at) for case in first.values())
    return _written(speech, cases[0], Purpose.HOUSEHOLD, people)


def _written(speech: Speech, case: Case, purpose: Purpose, people: Sequence[Named]) -> Prepared | Refusal:
    neutral = is_neutral(speech, case)
    language = text_language(speech, case.person.language, purpose, neutral=neutral)
    if language is None:
        return Refusal("no_text_in_language")
    try:
        facts = message_facts(speech, case, language, people, neutral=neutral)
        text = render(
            speech.catalogue, purpose, language, facts, two_way=speech.is_two_way, approved=speech.approved_texts()
        )
    except (RenderError, CatalogueError) as error:
        return Refusal(f"text_{type(error).__name__.removesuffix('Error').lower()}")
    if text.draft and not speech.may_use_drafts:
        return Refusal("text_not_approved")
    return Prepared(language, text.body, text.segments, (text.sha256,))


def text_language(speech: Speech, wanted: str, purpose: Purpose, *, neutral: bool) -> str | None:
    """The language a text is written in for somebody of `wanted`; None when there is none (law 6).

    Where people are reached, the first in which it is approved: a dialect's draft keeps nobody from approved Thai.
    """
    approved = None if speech.may_use_drafts else speech.approved_texts()
    two_way = speech.is_two_way
    return choose_language(
        speech.catalogue, speech.languages, wanted, purpose, neutral=neutral, approved=approved, two_way=two_way
    )


def purpose_at(case: Case, now: datetime) -> Purpose:
    """Return what is written at `now` (aware): the morning's text says "today".

    Sent the evening before, for an early hour, it must be the plain reminder.
    """
    purpose = Purpose(case.reminder.purpose)
    if purpose is Purpose.MORNING and bangkok_day(now) != bangkok_day(case.appointment.starts_at):
        return Purpose.REMINDER
    return purpose


def prepare_call(speech: Speech, case: Case, flow: Flow, now: datetime) -> Prepared | Refusal:
    """See that every clip the call begins with is there before it is placed."""
    return prepare_household_call(speech, (case,), flow, now)


def prepare_household_call(speech: Speech, cases: Sequence[Case], flow: Flow, now: datetime) -> Prepared | Refusal:
    """As `prepare_call`, for several who share a telephone and a language."""
    language = speech.spoken_language(cases[0].person.language)
    if language is None:
        return Refusal("no_voice_in_language")
    if speech.voices.of(language) is None:
        return Refusal("no_prompt" if speech.may_use_drafts else "script_not_approved")
    if not all(can_say(_said_time(case)) for case in cases):
        return Refusal("time_cannot_be_spoken")
    facts = household_facts(speech, cases, language, now)
    _, commands = flow.step(flow.begin(facts), Answered())
    sounds = sounds_of(speech, facts, commands, named_prompts(speech, cases, language))
    if isinstance(sounds, Refusal):
        return sounds
    if not _is_on_the_shelf(speech, language, sounds):
        return Refusal("clip_missing")
    return Prepared(language, assets=tuple(s.sha256 if isinstance(s, Clip) else s.text_sha256 for s in sounds))


def flow_name(purpose: str) -> str:
    """The name of the flow in which a call about this is held: news is told, everything else is asked."""
    return _FLOWS.get(purpose, "reminder_call")


def _is_on_the_shelf(speech: Speech, language: str, sounds: Collection[Clip | Prompt]) -> bool:
    """Whether every sound of this call can be fetched: what it begins with, and all that its voice may say later.

    A row may be there without its bytes, after half a restore; the carrier would then play nothing at all.
    """
    voice = speech.voices.of(language)
    later = [voice.clip(key) for key in wanted_keys()] if voice else []
    clips = [sound for sound in (*sounds, *later) if isinstance(sound, Clip)]
    return all(speech.clips.path(clip.sha256) for clip in clips if clip.source is not _LOOSE)


def sounds_of(
    speech: Speech, facts: CallFacts, commands: tuple[Command, ...], named: Mapping[str, Prompt] | None = None
) -> tuple[Clip | Prompt, ...] | Refusal:
    """What these commands play, in order: clips, or prompts for the carrier's own voice; or why there is nothing.

    All of it in the voice the call began with: two voices in one sentence are worse than one machine's
    (facts/evidence.md). `named` are phrases that stand in no script: people's names, and places.
    """
    keys = tuple(key for command in commands if isinstance(command, _SPOKEN) for key in command.prompts)
    voice = speech.voices.named(facts.language, facts.voice)
    if voice is None:
        return Refusal("no_prompt")
    try:
        return tuple(sounds_for(speech.clips, speech.scripts[facts.language], voice, keys, named or {}))
    except MissingPrompt:
        return Refusal("no_prompt")


def household_facts(
    speech: Speech, cases: Sequence[Case], language: str, now: datetime, *, closed: Collection[str] = ()
) -> CallFacts:
    """What a call about these reminders needs to know, in their order; with one person, as `call_facts` has it.

    `closed` are the ids of appointments that were answered, moved or cancelled meanwhile. With several people the
    call's own fields name nobody and no appointment: only `CallFacts.about` puts one of them there. Who is to come on
    several days is a subject for each of them: one answer is for one day.
    """
    visits: dict[tuple[str, date], list[Case]] = {}
    for case in cases:
        visits.setdefault((case.person.id, bangkok_day(case.appointment.starts_at)), []).append(case)
    if len(visits) == 1:
        mine = _still_open(cases, closed)
        also = [case.appointment.id for case in mine[1:]]
        return call_facts(
            speech, mine[0], language, now, is_open=mine[0].appointment.id not in closed, also=also, closed=closed
        )
    subjects = tuple(_subject(speech, _still_open(mine, closed), language, closed) for mine in visits.values())
    voice, places = speech.voices.of(language), {subject.place for subject in subjects}
    return CallFacts(
        language=language,
        now=now,
        starts_at=subjects[0].starts_at,
        site=subjects[0].site,
        neutral=any(subject.neutral for subject in subjects),
        is_open=any(subject.is_open for subject in subjects),
        voice=voice.name if voice else "",
        place=places.pop() if len(places) == 1 else "",
        subjects=subjects,
    )


def call_facts(
    speech: Speech,
    case: Case,
    language: str,
    now: datetime,
    *,
    is_open: bool = True,
    also: Collection[str] = (),
    closed: Collection[str] = (),
) -> CallFacts:
    """What a call about this reminder needs to know, and the voice it will be spoken in.

    A yes is for `also` and for what the case itself names, the `closed` left out. Where the telephone is shared the
    name is said as in a household's menu; where nothing can say it the call goes out all the same: what tells whose it
    is, then, are its day, hour and place.
    """
    voice = speech.voices.of(language)
    place, name = name_prompts(speech, language, case.site, case.person)
    return CallFacts(
        language=language,
        now=now,
        purpose=case.reminder.purpose,
        appointment=case.appointment.id,
        starts_at=_said_time(case),
        dose_number=case.appointment.dose_no,
        site=case.appointment.site,
        neutral=is_neutral(speech, case),
        is_open=is_open,
        voice=voice.name if voice else "",
        place=place.key if voice and place and voice.says(place) else "",
        name=name.key if voice and name and _may_name(voice, case, name) else "",
        person=case.person.id,
        also=_one_answer_for(case, also, closed)[1:],
        may_move=_may_move(speech, case),
        ticket=case.ticket,
    )


def _may_name(voice: Voice, case: Case, name: Prompt) -> bool:
    """Beeps may stand in for a name only where, without it, nobody knows whose appointment it is."""
    return can_name(voice, name) if case.is_phone_shared else voice.says(name)


def _said_time(case: Case) -> datetime:
    """The instant a call tells: when the appointment begins, or when an arranged ride comes."""
    return case.pick_up_at or case.appointment.starts_at


def _still_open(cases: Sequence[Case], closed: Collection[str]) -> list[Case]:
    """One person's cases that are still to be asked about, soonest first; all of them where none is."""
    ordered = sorted(cases, key=lambda case: case.appointment.starts_at)
    return [case for case in ordered if case.appointment.id not in closed] or ordered


def _subject(speech: Speech, mine: Sequence[Case], language: str, closed: Collection[str]) -> Subject:
    """One person of a household; a name or a place is said where this voice, or what stands in for it, can."""
    case, voice = mine[0], speech.voices.of(language)
    place, name = name_prompts(speech, language, case.site, case.person)
    return Subject(
        person=case.person.id,
        appointments=_one_answer_for(case, [other.appointment.id for other in mine[1:]], closed),
        starts_at=case.appointment.starts_at,
        purpose=case.reminder.purpose,
        dose_number=case.appointment.dose_no,
        site=case.appointment.site,
        neutral=is_neutral(speech, case),
        may_move=_may_move(speech, case),
        is_open=case.appointment.id not in closed,
        name=name.key if name and can_name(voice, name) else "",
        place=place.key if voice and place and voice.says(place) else "",
        ticket=case.ticket,
    )


def _one_answer_for(case: Case, also: Collection[str], closed: Collection[str]) -> tuple[str, ...]:
    """The appointments of this person and day that one answer is for, that of the case first."""
    others = (one for one in (*also, *case.also) if one not in closed)
    return tuple(dict.fromkeys((case.appointment.id, *others)))


def _may_move(speech: Speech, case: Case) -> bool:
    """Whether a key may move it: a course that must not wait is staff's to arrange."""
    regimen = _regimen(speech, case)
    return regimen is None or regimen.may_move_by_key


def named_prompts(speech: Speech, cases: Sequence[Case], language: str) -> dict[str, Prompt]:
    """The phrases of these people's names and places, by key: no script has them."""
    found = (prompt for case in cases for prompt in name_prompts(speech, language, case.site, case.person))
    return {prompt.key: prompt for prompt in found if prompt is not None}


def name_prompts(speech: Speech, language: str, site: Site, person: Person) -> tuple[Prompt | None, Prompt | None]:
    """What says the place, and for whom the call is, where this language can put names into a phrase of their own."""
    script = speech.scripts.get(language)
    if script is None:
        return None, None
    return script.site_prompt(site.code, spoken_place(speech.languages, language, site)), script.name_prompt(
        person.name
    )


def name_in(script: str, person: HasName) -> str:
    """The person's name in their own letters where the text is in them: a Burmese name costs an English text a part."""
    native = person.name_native or ""
    is_ours = any(unicodedata.name(letter, "").startswith(script.upper()) for letter in native)
    return native if is_ours else person.name


def spoken_place(languages: LanguageTable, language: str, site: Site) -> str:
    """The name of a site that a speaker of this language reads: the Thai one, or the English one where there is one."""
    in_thai = languages.get(language).script == "Thai" or not site.name_en
    return site.name if in_thai else site.name_en


def is_neutral(speech: Speech, case: Case) -> bool:
    """Whether nothing may be said of the vaccination: the person asked for it, or the regimen does."""
    regimen = _regimen(speech, case)
    return case.person.neutral or (regimen is not None and regimen.neutral)


def _regimen(speech: Speech, case: Case) -> Regimen | None:
    return speech.regimens.get(case.appointment.regimen)


def message_facts(speech: Speech, case: Case, language: str, people: Sequence[Named], *, neutral: bool) -> MessageFacts:
    """The facts of a text; who does not read Thai is given the place's English name where it has one.

    Where that is too long to stand twice, the sender is the short name on the clinic's sign, and English says where.
    With `people` they stand in place of the one the reminder hangs on. A ride is told with the hour it comes at.
    """
    site, regimen = case.site, _regimen(speech, case)
    script = speech.languages.get(language).script
    in_thai = script == "Thai" or not site.name_en
    listed = tuple((name_in(script, one.person), one.starts_at) for one in people)
    starts_at = people[0].starts_at if people else case.appointment.starts_at
    return MessageFacts(
        name=" ".join(name for name, _ in listed) or name_in(script, case.person),
        clinic=site.name if in_thai else site.name_en,
        clinic_short=site.short_name or (site.name if in_thai else site.name_en),
        place=(site.place or site.short_name or site.name) if in_thai else site.name_en,
        starts_at=case.pick_up_at or starts_at,
        dose_number=case.appointment.dose_no,
        vaccine=regimen.name_th if regimen else case.appointment.regimen,
        phone=speech.hotline or site.staff_phone,
        neutral=neutral,
        ticket="" if people or case.ticket is None else str(case.ticket),
        people=listed,
    )
