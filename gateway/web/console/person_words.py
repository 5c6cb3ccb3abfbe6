"""A person's story in the visitor's language: reasons, effects, keys and phrases.

What has no words here is shown as it is stored: nothing is hidden for want of words (law 11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from gateway.care.tasks import read_result
from gateway.kit.clock import bangkok_day
from gateway.kit.phones import LineType
from gateway.plan.ladder import PersonFacts, first_channels
from gateway.plan.reach import reads
from gateway.records.people import Consent, Person, PhoneRole
from gateway.records.places import Site
from gateway.reports.person_view import PersonView
from gateway.reports.story_events import Call, HeardTurn, Phrase, Place
from gateway.voice.keys import Key
from gateway.voice.prompts import CHARACTERS_PER_SECOND, Prompt, Script
from gateway.voice.speaker import placeholder_of
from gateway.web.console.audit import verb_words
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Visitor
from gateway.web.console.task_words import detail_words
from gateway.web.console.today import site_name
from gateway.web.console.worklists import dialled

_QUESTIONS: Final = {
    Key.PRESS_1: {"3": "neither", "9": "again"},
    Key.ASK_RIDE: {"1": "no_ride", "9": "again"},
    Key.ASK_COMING: {"2": "another_day", "9": "again"},
}
"""What keys that are no answer of their own mean, by the question they were pressed at."""


_AT_ONCE: Final = {"*": "languages", "6": "slower", "0": "staff", "5": "stop"}
"""Keys that mean the same at every question."""


@dataclass(frozen=True, slots=True)
class PersonWords:
    """What the templates of a person's page ask for."""

    desk: ConsoleDesk
    visitor: Visitor

    def coded(self, table: str, raw: str) -> str:
        """The words of a stored code, else the code itself."""
        key = f"{table}.{raw.replace(' ', '_')}"
        return self.visitor.t(key) if raw and self.visitor.words.phrase(key) is not None else raw

    def reason(self, raw: str) -> str:
        """Why a reminder or an attempt ended as it did."""
        begin, _, rest = raw.partition(": ")
        if begin == "answered" and rest:
            return self.visitor.t("story.reason.answered", answer=self.coded("common.answer", rest))
        if begin == "staff" and rest:
            return self.visitor.t("story.reason.staff", verb=self.verb(rest))
        if raw.startswith("appointment_"):
            status = self.coded("common.appointment", raw.removeprefix("appointment_"))
            return self.visitor.t("story.reason.appointment", status=status)
        return self.coded("story.reason", raw)

    def verb(self, raw: str) -> str:
        """What somebody at the console did."""
        return verb_words(self.visitor, raw)

    def detail(self, raw: str) -> str:
        """What a task is about."""
        names = {"vaccine": self.vaccine, "tongue": self.tongue, "site": self._site_of}
        return detail_words(self.visitor, raw, names)

    def result(self, stored: str) -> str:
        """What came of a task, with what was written beside it."""
        result, note = read_result(stored)
        if result is None:
            return stored
        said = self.coded("worklists.result", result.value)
        return f"{said}: {note}" if note else said

    def tongue(self, code: str) -> str:
        """A language by its own name; one that is in no table by its code."""
        languages = self.desk.languages
        return languages.get(code).own_name if code in languages.codes else code

    def gets_both(self, person: Person, view: PersonView) -> bool:
        """Whether each step is a text and a call, because nobody knows if they can read."""
        phones = [phone for phone in view.phones if phone.parked_at is None and phone.role is not PhoneRole.VHV]
        facts = PersonFacts(
            can_text=any(one.sms is Consent.ALLOW and one.line_type is LineType.MOBILE for one in phones),
            can_call=any(one.voice is Consent.ALLOW for one in phones),
            age=view.age,
            reads=reads(person.language, person.reads_script),
            preferred=person.preferred_channel,
            has_landline=bool(phones) and phones[0].line_type is not LineType.MOBILE,
        )
        return len(first_channels(facts, self.desk.rules.ladder)) > 1

    def vaccine(self, code: str) -> str:
        """A regimen's or product's name."""
        regimen = self.desk.regimens.get(code)
        if regimen is None:
            return code
        return regimen.name_th if self.visitor.language == "th" else regimen.name_en

    def site(self, place: Place) -> str:
        """A site's name."""
        is_english = self.visitor.language == "en" and bool(place.site_name_en)
        return place.site_name_en if is_english else place.site_name

    def _site_of(self, code: str) -> str:
        with self.desk.database.reading() as db:
            site = db.get(Site, code)
        return site_name(site, self.visitor.language) if site else code

    def day_of(self, at: datetime) -> str:
        """A Bangkok day as an address has it."""
        return bangkok_day(at).isoformat()

    def dialled(self, e164: str) -> str:
        """A number as it is dialled and read aloud."""
        return dialled(e164)

    def pressed(self, turns: Sequence[HeardTurn], place: int) -> str:
        """What the key before turn `place` meant; "" where none was asked for."""
        turn = turns[place]
        if turn.digits is None:
            return ""
        played = {phrase.prompt for phrase in turn.phrases}
        if turn.digits == "":
            return self.visitor.t("story.key.silence")
        if turn.meaning is not None:
            return self.coded("common.answer", turn.meaning.value)
        if Key.SORRY_WRONG_KEY in played:
            return self.visitor.t("story.key.wrong")
        return self._at_question(turns[place - 1] if place else None, turn.digits)

    def _at_question(self, before: HeardTurn | None, digits: str) -> str:
        prompts = [phrase.prompt for phrase in before.phrases] if before else []
        spoken_in = _language_offered(prompts, digits)
        if spoken_in:
            return self.visitor.t("story.key.in_language", tongue=self.tongue(spoken_in))
        if Key.ASK_EVERYBODY in prompts and digits in "0123":
            return self.visitor.t(f"story.key.{'everybody' if digits == '0' else 'somebody'}")
        if digits in _AT_ONCE:
            return self.visitor.t(f"story.key.{_AT_ONCE[digits]}")
        asked = set(prompts)
        meaning = next((keys.get(digits) for key, keys in _QUESTIONS.items() if key in asked), None)
        return self.visitor.t(f"story.key.{meaning}") if meaning else ""

    def sound(self, call: Call) -> str:
        """What is to be said of a call's sound: "placeholder" where nobody spoke some of it, "draft" where two people
        did not approve all of it, else ""."""
        phrases = [phrase for turn in call.turns for phrase in turn.phrases if phrase.clip]
        script = self.desk.speech.scripts.get(call.language or "")
        pace = script.letters_per_second if script else CHARACTERS_PER_SECOND
        if any(phrase.clip == _beeps_of(phrase.text, pace) for phrase in phrases):
            return "placeholder"
        kept = self.desk.speech.clips.kept(call.language or "")
        approved = {one.clip.sha256 for clips in kept.values() for one in clips if one.approved}
        return "draft" if any(phrase.clip not in approved for phrase in phrases) else ""

    def translated(self, phrase: Phrase, language: str) -> str:
        """The phrase in the visitor's language; "" where it is that already, or nobody translated it."""
        own = self.desk.speech.scripts.get("th" if self.visitor.language == "th" else language)
        prompt = own.prompts.get(phrase.prompt) if own else None
        if prompt is None:  # a name or a place: in no script, and the same in Thai
            return phrase.back if self.visitor.language == "en" else ""
        if self.visitor.language == "en":
            return prompt.back
        return "" if self._is_thai(language) else prompt.text

    def _is_thai(self, language: str) -> bool:
        """A Thai reader needs no translation of what is written in Thai letters."""
        return language in self.desk.languages.codes and self.desk.languages.get(language).script == "Thai"


def _language_offered(prompts: Sequence[str], digits: str) -> str:
    """The language behind a key of the menu of languages, as in "my/language.this", "my/press.1"; else ""."""
    offers = [prompt.partition("/") for prompt in prompts if prompt.endswith(f"/press.{digits}")]
    in_menu = any(prompt.endswith(f"/{Key.LANGUAGE_THIS}") for prompt in prompts)
    return offers[0][0] if in_menu and offers else ""


@lru_cache(maxsize=2048)
def _beeps_of(text: str, pace: float) -> str:
    """The name of the sound that stands in for these words, read at a language's pace."""
    return hashlib.sha256(placeholder_of(Prompt("", text), Script("", letters_per_second=pace))).hexdigest()
