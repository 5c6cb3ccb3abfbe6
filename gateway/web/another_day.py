"""Another day, asked for in a call: which seats there are, which are held meanwhile, and the move itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from gateway.calls.flow import CallFacts, FindSeats, Hold, Offer, SeatsFound
from gateway.care import booking
from gateway.records.agreements import Appointment
from gateway.records.places import Site
from gateway.voice.speaker import can_name
from gateway.web.desk import Desk
from gateway.web.names import place_prompt


def find_seats(
    desk: Desk, db: Session, call: str, appointment: Appointment | None, facts: CallFacts, wish: FindSeats
) -> SeatsFound:
    """What can be offered now; nothing where the appointment may not be moved by a key.

    A session at another site is offered by that site's name: where the call cannot say it, somebody would come to the
    wrong place, and it is left out.
    """
    if appointment is None:
        return SeatsFound(())
    places = _places(desk, db, facts, booking.neighbours(db, appointment.site))
    found = booking.find_offers(
        db,
        appointment,
        now=desk.clock.now(),
        count=wish.count,
        after=wish.after,
        part=wish.part,
        call=call,
        holidays=_holidays(desk),
        elsewhere=places,
        regimens=desk.regimens,
    )
    offers = (Offer(seat.session, seat.starts_at, places.get(seat.site, "")) for seat in found.offers)
    return SeatsFound(tuple(offers), found.parts, found.has_later)


def hold(desk: Desk, db: Session, call: str, wish: Hold) -> tuple[Offer, ...]:
    """Keep a seat in each of these and in no other; returns those of which one was left."""
    held = booking.hold_only(db, [offer.session for offer in wish.offers], call, now=desk.clock.now())
    return tuple(offer for offer in wish.offers if offer.session in held)


def _places(desk: Desk, db: Session, facts: CallFacts, codes: Collection[str]) -> dict[str, str]:
    """The keys of the sites' spoken names, of those that can be said in this call."""
    if not codes:
        return {}
    voice = desk.speech.voices.named(facts.language, facts.voice)
    sites = db.exec(select(Site).where(col(Site.code).in_(codes))).all()
    prompts = {site.code: place_prompt(desk.speech, facts.language, site) for site in sites}
    return {code: str(prompt.key) for code, prompt in prompts.items() if prompt and can_name(voice, prompt)}


def _holidays(desk: Desk) -> Collection[date]:
    return desk.rules.window.holidays


def followed(facts: CallFacts, moves: dict[str, str]) -> CallFacts:
    """The facts of a call after `moves` (old appointment to new): it goes on about the new ones."""
    if not moves:
        return facts
    subjects = tuple(
        replace(one, appointments=tuple(newest(appointment, moves) for appointment in one.appointments))
        for one in facts.subjects
    )
    return replace(
        facts,
        appointment=newest(facts.appointment, moves) if facts.appointment else None,
        also=tuple(newest(one, moves) for one in facts.also),
        subjects=subjects,
    )


def newest(appointment: str, moves: dict[str, str]) -> str:
    """What became of an appointment in this call, however often it was moved."""
    for _ in moves:
        appointment = moves.get(appointment, appointment)
    return appointment
