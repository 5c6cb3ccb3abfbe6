"""Who of those who share a telephone may go into one call, or into one text, with somebody whose turn it is.

Pure: what is asked of the database was read before (`cases.household_cases`, `telephones`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from gateway.dispatch.cases import Case
from gateway.dispatch.prepare import Speech, text_language
from gateway.kit.clock import bangkok_time
from gateway.plan.window import NOON
from gateway.records.status import Channel
from gateway.voice.phrases import can_say
from gateway.wording.catalogue import Purpose

MOST_PEOPLE: Final = 20  # of one call: seven pages of names are more than anybody hears through
SHARED: Final = frozenset({Purpose.NOTICE, Purpose.REMINDER, Purpose.MORNING, Purpose.SECOND_DOSE})
"""What one call or text may say of several people; everything else is for one alone."""


def may_share(case: Case) -> bool:
    """Whether anybody else may be spoken of with this one."""
    return case.reminder.purpose in SHARED


def fits(lead: Case, other: Case) -> bool:
    """Whether one call or text can speak of both: one language, an hour that can be said, one place on paper.

    One person's two appointments are one question only where one visit does for both.
    """
    if not may_share(other):
        return False
    is_text = lead.reminder.channel is Channel.SMS
    is_one_person = lead.person.id == other.person.id
    if (is_text or is_one_person) and lead.site.code != other.site.code:
        return False
    if is_text:  # it names one hour for each: who comes again in the afternoon is told so in a text of its own
        return not is_one_person or _half(lead) == _half(other)
    return can_say(other.appointment.starts_at)


def _half(case: Case) -> bool:
    return bangkok_time(case.appointment.starts_at).time() < NOON


def language_of(speech: Speech, case: Case) -> str | None:
    """The language in which this case can be spoken of together with others, fallbacks included (law 6); or None."""
    if case.reminder.channel is Channel.VOICE:
        language = speech.spoken_language(case.person.language)
        return language if language and speech.voices.of(language) else None
    return text_language(speech, case.person.language, Purpose.HOUSEHOLD, neutral=True)


def in_order(cases: Sequence[Case]) -> list[Case]:
    """As they are listed and said: who comes first, first; a person's appointments together."""
    first: dict[str, datetime] = {}
    for case in cases:
        at = case.appointment.starts_at
        first[case.person.id] = min(at, first.get(case.person.id, at))
    return sorted(
        cases,
        key=lambda case: (
            first[case.person.id], case.person.name, case.person.id, case.appointment.starts_at, case.appointment.id,
        ),
    )  # fmt: skip


def at_most(cases: Sequence[Case], people: int = MOST_PEOPLE) -> list[Case]:
    """The first cases of at most so many people; the rest wait for their own turn."""
    kept: list[Case] = []
    for case in cases:
        if len({one.person.id for one in (*kept, case)}) <= people:
            kept.append(case)
    return kept
