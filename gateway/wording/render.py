"""One appointment and one template make one text."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Final

from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.languages.spoken import write_clock, write_day, write_short_day, write_time
from gateway.wording.catalogue import PLACEHOLDER, Catalogue, Purpose, sha256_of
from gateway.wording.forbidden import has_citizen_number, has_link, is_no_name, swindlers_words
from gateway.wording.plain import without_hidden
from gateway.wording.segments import Encoding, count_segments

MAX_PARTS: Final = 3
"""Thai networks were seen to take no more of one text (facts/scripts.md: 3 parts, 201 letters)."""

_OFFICIAL_SHORT: Final = (
    ("โรงพยาบาลส่งเสริมสุขภาพตำบล", "รพ.สต."),
    ("โรงพยาบาล", "รพ."),
    ("ศูนย์บริการสาธารณสุข", "ศบส."),
    ("Subdistrict Health Promoting Hospital", "HPH"),
    ("Health Promoting Hospital", "HPH"),
    ("Health Centre", "HC"),
    ("Hospital", "Hosp."),
)
"""Abbreviations that the ministry itself uses, for names that would cost a fourth part."""


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What a text is about. `name` without a title; `starts_at` aware; `phone` as people dial it, such as 034171200.

    `clinic_short` is used only where the full name would make the text too long. `ticket`: the number of their place in
    the queue, "" without one. `people`: of a text to several, the given name of each and the (aware) hour they come at,
    in the order of the numbers they are chosen by.
    """

    name: str
    clinic: str
    place: str
    starts_at: datetime
    dose_number: int
    vaccine: str
    phone: str
    clinic_short: str = ""
    neutral: bool = False
    ticket: str = ""
    people: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text ready to be sent. `sha256` is of its words before names and dates went in.

    `pieces` are the marks of what it is made of: each is approved by itself, and all of them make it no draft.
    """

    body: str
    language: str
    purpose: Purpose
    sha256: str
    draft: bool
    segments: int
    encoding: Encoding
    pieces: tuple[str, ...] = ()


class RenderError(Exception):
    """The text cannot be sent as it would be; the message holds no name and no number."""


class TooLongError(RenderError):
    """Even with the short names the text is longer than MAX_PARTS: what was to several people goes to each."""


class RefusedError(RenderError):
    """A name or place from a file would put into the text what none of ours may say; or it lacks who calls or comes."""


def render(
    catalogue: Catalogue,
    purpose: Purpose,
    language: str,
    facts: MessageFacts,
    two_way: bool,
    approved: Collection[str] = frozenset(),
) -> Text:
    """Fill the template of this very language; the day and hour are Bangkok's.

    `two_way`: answers to this text reach us, so the numbers to reply with are offered. `approved`: the marks
    of the pieces that were approved; a text with any other piece is a draft. Raises CatalogueError, TooLongError,
    RefusedError.
    """
    check_facts(facts, f"{purpose.value}/{language}")
    template = catalogue.whole(purpose, language, two_way=two_way, neutral=facts.neutral)
    if "{people}" in template and not facts.people:
        raise RefusedError(f"{purpose.value}/{language}: it is to several people, and names none")
    bare = catalogue.whole(purpose, language, two_way=two_way, neutral=facts.neutral, ticket=False)
    body = _shortest_that_fits([template, bare] if facts.ticket else [bare], language, facts)
    if has_link(body) or has_citizen_number(body):  # two harmless names can make one together
        raise RefusedError(f"{purpose.value}/{language}: a link or a 13-digit number in a name or place")
    counted = count_segments(body)
    pieces = tuple(piece.mark for piece in catalogue.pieces(purpose, language, two_way=two_way, neutral=facts.neutral))
    is_draft = any(piece not in approved for piece in pieces)
    return Text(body, language, purpose, sha256_of(template), is_draft, counted.parts, counted.encoding, pieces)


def check_facts(facts: MessageFacts, where: str) -> None:
    """Raise RefusedError where a fact may stand in no text of ours; `where` names the text in the message."""
    if not without_hidden(facts.clinic) or not without_hidden(facts.phone):
        raise RefusedError(f"{where}: no clinic's name, or no number to call back")
    people = (name for name, _ in facts.people)
    named = (facts.name, facts.clinic, facts.clinic_short, facts.place, facts.vaccine, facts.ticket, *people)
    if any(_is_no_name(value) for value in named) or _is_no_number(facts.phone):
        raise RefusedError(f"{where}: a link, a number, or words of a swindler in a name or place")


_is_no_name = lru_cache(maxsize=1024)(is_no_name)  # a clinic's name is in thousands of texts


@lru_cache(maxsize=1024)
def _is_no_number(phone: str) -> bool:
    return has_link(phone) or bool(swindlers_words(phone))


def _shortest_that_fits(templates: list[str], language: str, facts: MessageFacts) -> str:
    """Shorten names first, then leave out the hours of a household, and a ticket last: it is on the paper, too."""
    for template, with_hours in product(templates, (True, False) if facts.people else (True,)):
        for candidate in _ever_shorter(facts):
            body = _fill(template, values_of(language, candidate, with_hours))
            if count_segments(body).parts <= MAX_PARTS:
                return body
    raise TooLongError(
        f"more than {MAX_PARTS} parts in {language} even with short names: give the clinic a shorter one"
    )


def _fill(template: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values[match.group(1)], template)


def _ever_shorter(facts: MessageFacts) -> Iterator[MessageFacts]:
    clinic, place = _official_short(facts.clinic_short or facts.clinic), _official_short(facts.place)
    yield facts
    yield replace(facts, clinic=clinic)
    yield replace(facts, clinic=clinic, place=place)
    yield replace(facts, clinic=_official_short(facts.clinic), place=place)
    if facts.place == facts.clinic:
        yield replace(facts, clinic=clinic, place=clinic)


def _official_short(name: str) -> str:
    for long, short in _OFFICIAL_SHORT:
        name = name.replace(long, short)
    return name


def values_of(language: str, facts: MessageFacts, with_hours: bool) -> Mapping[str, str]:
    """What is written in each place of a template, by the name of the place."""
    return {
        "name": without_hidden(facts.name),
        "clinic": without_hidden(facts.clinic),
        "place": without_hidden(facts.place),
        "phone": without_hidden(facts.phone),
        "vaccine": without_hidden(facts.vaccine),
        "number": without_hidden(facts.ticket),
        "people": " ".join(_people(language, facts, with_hours)),
        "dose": str(facts.dose_number),
        "day": write_day(language, bangkok_day(facts.starts_at)),
        "time": write_time(language, bangkok_time(facts.starts_at).time()),
    }


def _people(language: str, facts: MessageFacts, with_hours: bool) -> Iterator[str]:
    """Each person with the number they are chosen by, as in "1 สมศรี 09.00"; the day, too, where they differ."""
    days = {bangkok_day(at) for _, at in facts.people}
    for number, (name, at) in enumerate(facts.people, 1):
        day = f" {write_short_day(language, bangkok_day(at))}" if len(days) > 1 else ""
        hour = f" {write_clock(language, bangkok_time(at).time())}" if with_hours else ""
        yield f"{number} {without_hidden(name)}{day}{hour}"
