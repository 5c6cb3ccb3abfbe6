"""Staff on the line: whether the site can be rung at this moment, at which number, and when sites can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Final

from sqlmodel import Session, col, select

from gateway.calls.flow import CallFacts, HoursFound, OpenHours
from gateway.dispatch.outbox import is_paused
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.kit.phones import country_of, e164_of, may_be_rung
from gateway.records.agreements import Appointment
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call
from gateway.records.people import Phone
from gateway.records.places import Closure, Part, Site
from gateway.voice.speaker import can_name
from gateway.web.desk import Desk
from gateway.web.names import place_prompt
from gateway.web.whose_call import people_on

THEIR_NUMBER: Final = "{their number}"  # in stored responses: whom we connected with stands in the site's row alone
MOST_SITES: Final = 3  # whose hours are told in one call
_NOON: Final = time(12, 0)


def number_to_dial(desk: Desk, db: Session, call: Call, site_code: str) -> str:
    """The number of the site's staff, E.164, if somebody can be rung there now; "" otherwise.

    In its hours, on a day that is no holiday and not closed there; not while everything is paused or sending is not
    switched on, in no country that is not allowed and at no price but a call's (law 8), and never the phone that is on
    the line already, which would find itself engaged, nor a number of our own, where we would answer ourselves.
    """
    now, site = desk.clock.now(), db.get(Site, site_code) if site_code else None
    may_dial = desk.live or not desk.rules.reaches_people
    if site is None or not may_dial or is_paused(db) or not is_staffed(desk, db, site, now):
        return ""
    number = staff_phone(site)
    if not number or country_of(number) not in desk.rules.countries or not may_be_rung(number):
        return ""
    is_a_circle = number in desk.hotline.own_numbers or number == e164_of(desk.speech.hotline)
    return "" if is_a_circle or number == _on_the_line(db, call) else number


def is_staffed(desk: Desk, db: Session, site: Site, now: datetime) -> bool:
    """Whether the site's doors are open at `now` (aware)."""
    day, hour = bangkok_day(now), bangkok_time(now).time()
    opens, closes = hours_of(site)
    if not opens <= hour < closes or not desk.rules.window.is_open_day(day):
        return False
    part = Part.MORNING if hour < _NOON else Part.AFTERNOON
    closed = select(Closure.id).where(col(Closure.site) == site.code, col(Closure.day) == day)
    return db.exec(closed.where(col(Closure.part).in_(("", part.value)))).first() is None


def hours_of(site: Site) -> tuple[time, time]:
    """When a site opens and closes, Bangkok's clock; never, where its row says nothing that can be read."""
    try:
        return time.fromisoformat(site.opens), time.fromisoformat(site.closes)
    except ValueError:
        return time(0), time(0)


def site_of(db: Session, call: Call, facts: CallFacts) -> str:
    """The site this call is about; for who has no appointment, that of the people on their phone, if it is one."""
    appointment = db.get(Appointment, facts.appointment) if facts.appointment else None
    if appointment is not None:
        return appointment.site
    if facts.site:
        return facts.site
    sites = _sites_of_the_phone(db, call)
    return sites[0] if len(sites) == 1 else ""


def find_hours(desk: Desk, db: Session, call: Call, facts: CallFacts) -> HoursFound:
    """When sites can be reached: those of the people on this phone first, and only whose names the call can say."""
    own = _sites_of_the_phone(db, call)
    sites = sorted(db.exec(select(Site)).all(), key=lambda site: (site.code not in own, site.code))
    voice, found = desk.speech.voices.named(facts.language, facts.voice), []
    for site in sites:
        prompt, (opens, closes) = place_prompt(desk.speech, facts.language, site), hours_of(site)
        if prompt is not None and can_name(voice, prompt) and opens < closes:
            found.append(OpenHours(str(prompt.key), opens, closes))
    return HoursFound(tuple(found[:MOST_SITES]))


def staff_phone(site: Site) -> str:
    """The number of a site's staff, E.164; "" where its row has none that can be rung."""
    return e164_of(site.staff_phone)


def _on_the_line(db: Session, call: Call) -> str:
    attempt = db.get(Attempt, call.attempt)
    phone = db.get(Phone, attempt.phone) if attempt else None
    return phone.e164 if phone else ""


def _sites_of_the_phone(db: Session, call: Call) -> Sequence[str]:
    attempt = db.get(Attempt, call.attempt)
    if attempt is None:
        return ()
    return sorted({person.site for person in people_on(db, attempt.phone) if person.site})
