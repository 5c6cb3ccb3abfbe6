"""Texts of one clinic, hour and language, written but for the name: `prepare_text` for whoever is an ordinary case.

What is written here is what `prepare_text` writes, letter for letter; where it is not sure, it leaves it to that.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import NamedTuple, cast

from gateway.dispatch.cases import Case
from gateway.dispatch.prepare import Prepared, Speech, is_neutral, message_facts, name_in, purpose_at, text_language
from gateway.records.agreements import Appointment
from gateway.records.contacts import Reminder
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.wording.catalogue import Edits
from gateway.wording.frame import Frame, Said, frame_of, written_at


class Told(NamedTuple):
    """What a frame is for: everything but the name, the ticket's number, the dose, the day and the hour."""

    purpose: str
    language: str  # the person's
    is_neutral: bool
    site: int  # its place in `TextPress.sites`
    regimen: str
    has_ticket: bool
    is_today: bool  # whether it is written on the day of the appointment: the morning's text says so


class ToldOf(NamedTuple):
    """What is different in each text of a frame; `starts_at` aware."""

    name: str
    name_native: str | None
    ticket: int | None
    dose: int
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Plate:
    """A frame in the language it is in, whose script decides which name is written."""

    frame: Frame
    language: str
    script: str
    assets: tuple[str, ...]


@dataclass(slots=True)
class TextPress:
    """Keeps the frames of the day while no text and no approval changes; `at` is to be called before each batch."""

    _speech: Speech | None = None
    _made_from: tuple[Edits, Collection[str]] | None = None
    _plates: dict[Told, Plate | None] = field(default_factory=dict)
    _sites: dict[tuple[object, ...], int] = field(default_factory=dict)

    def at(self, speech: Speech) -> None:
        """Take the texts and approvals as they are now; the stores are asked once a batch, and not once a text."""
        made_from = (speech.catalogue.edits, speech.approved_texts())
        if self._speech is None or made_from != self._made_from:
            self._plates.clear()
            approved = made_from[1]
            still = speech.catalogue.at_this_moment()
            self._speech = replace(speech, catalogue=still, approved_texts=lambda: approved)
        self._made_from = made_from

    def site(self, site: Site) -> int:
        """A number for this place as it is written now: another name is another number."""
        written = (site.code, site.name, site.name_en, site.short_name, site.place, site.staff_phone)
        return self._sites.setdefault(written, len(self._sites))

    def write(self, told: Told, site: Site, who: ToldOf, now: datetime) -> Prepared | None:
        """Return the text to `who`; None where `prepare_text` has to be asked."""
        if told not in self._plates:
            self._plates[told] = self._plate(told, site, who, now)
        plate = self._plates[told]
        if plate is None:
            return None
        name = who.name if who.name_native is None else name_in(plate.script, who)
        number = "" if who.ticket is None else str(who.ticket)
        day, at = written_at(plate.language, who.starts_at)
        written = plate.frame.text(Said(name, number, str(who.dose), day, at))
        if written is None:
            return None
        return Prepared(plate.language, written[0], written[1], plate.assets)

    def _plate(self, told: Told, site: Site, who: ToldOf, now: datetime) -> Plate | None:
        speech = self._speech
        if speech is None:
            return None
        case = _stand_in(told, site, who)
        neutral, purpose = is_neutral(speech, case), purpose_at(case, now)
        language = text_language(speech, told.language, purpose, neutral=neutral)
        if language is None:
            return None
        facts = message_facts(speech, case, language, (), neutral=neutral)
        frame = frame_of(speech.catalogue, purpose, language, facts, speech.is_two_way, speech.approved_texts())
        if frame is None or (frame.is_draft and not speech.may_use_drafts):
            return None
        return Plate(frame, language, speech.languages.get(language).script, (frame.sha256,))


def _stand_in(told: Told, site: Site, who: ToldOf) -> Case:
    """A case like theirs, of nobody: with as much of the rows as words rest on, for a row's own making costs more."""
    reminder = SimpleNamespace(purpose=told.purpose)
    appointment = SimpleNamespace(regimen=told.regimen, dose_no=who.dose, starts_at=who.starts_at)
    person = SimpleNamespace(language=told.language, neutral=told.is_neutral, name="", name_native=None)
    return Case(cast(Reminder, reminder), cast(Appointment, appointment), cast(Person, person), site, who.ticket)
