"""Key 2: another day on seats that are held while the call lasts, two at a time, and a way back after the move.

A course that must not be postponed is not moved by a key: staff are rung at once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.calls.closing import call_back, done
from gateway.calls.flow import CallState, Event, FindSeats, Held, Hold, Keys, Offer, Play, SeatsFound, Take, Taken
from gateway.calls.other_answers import aside_keys
from gateway.calls.phrases import said_when, ticket_phrases
from gateway.calls.staff import may_reach_staff, reach_staff
from gateway.calls.steps import Because, Handlers, Node, Step, ask, ask_again, keyed, note_about, noting
from gateway.kit.answers import Answer
from gateway.voice.keys import Key
from gateway.voice.phrases import can_say, when_phrases

MOST_OFFERS: Final = 2  # "… press one, … press two": more cannot be kept in mind
MOST_LOOKS: Final = 4  # pages of days for one wish; who finds nothing among eight days is better served by staff
MOST_LOST: Final = 1  # seats gone between offer and choice; after that staff look for one
MOST_CHANGES: Final = 2  # of mind, after a yes or a move
EITHER: Final = "either"
_PARTS: Final = {"1": "morning", "2": "afternoon", "3": EITHER}
_PRESS: Final = (Key.PRESS_1, Key.PRESS_2)


def another_day(state: CallState) -> Step:
    """Look for other days, or see that somebody is asked who can."""
    if len(state.chosen) > 1 or state.facts.also:
        return call_back(state, Because.SEVERAL)
    if not state.facts.may_move:
        if may_reach_staff(state):
            return reach_staff(state, Key.MUST_NOT_WAIT, because=Because.MUST_NOT_WAIT)
        return call_back(state, Because.MUST_NOT_WAIT, Key.MUST_NOT_WAIT)
    return _look(state)


def may_change_mind(state: CallState) -> bool:
    """Whether a way to undo may still be offered."""
    return state.changes < MOST_CHANGES


def change_of_mind(state: CallState) -> Step:
    """Another day after a yes or a move."""
    if not may_change_mind(state):
        return call_back(state, Because.CHANGES)
    return another_day(replace(state, changes=state.changes + 1))


def part_menu(_: CallState) -> tuple[str, ...]:
    """Morning, afternoon, or either."""
    return (Key.ASK_PART, Key.ASK_AGAIN)


def offer_menu(state: CallState) -> tuple[str, ...]:
    """The held days, each with its key; then later days, or none of these."""
    days = [(*_said(offer, state), press) for offer, press in zip(state.offers, _PRESS, strict=False)]
    last = Key.OFFER_LATER if _has_later(state) else Key.OFFER_NEITHER
    return (*(key for day in days for key in day), last, Key.ASK_AGAIN)


def moved_menu(state: CallState) -> tuple[str, ...]:
    """The new day, and that it may be changed once more."""
    return (*said_when(state.facts), Key.CHANGE_MIND)


def _said(offer: Offer, state: CallState) -> tuple[str, ...]:
    """A day in another place is never offered without the place."""
    return (*when_phrases(offer.starts_at, state.facts.now), *((offer.place,) if offer.place else ()))


def _has_later(state: CallState) -> bool:
    return state.has_later and state.looks < MOST_LOOKS


def _look(state: CallState, *first: str) -> Step:
    part = "" if state.part == EITHER else state.part
    said = (Play(first),) if first else ()
    return replace(state, node=Node.SEATS), (*said, FindSeats(after=state.after, part=part))


def _found(state: CallState, event: Event) -> Step:
    if not isinstance(event, SeatsFound) or not event.offers:
        return call_back(state, Because.NO_SEAT)
    if not state.part and len(event.parts) > 1:
        return ask(state, Node.PART, part_menu(state))
    state = replace(state, looks=state.looks + 1, has_later=event.has_later)
    offers = tuple(offer for offer in event.offers if can_say(offer.starts_at))[:MOST_OFFERS]
    if offers:
        return replace(state, node=Node.HOLDING, offers=offers), (Hold(offers),)
    if _has_later(state):
        return _look(replace(state, after=_last(event.offers)))
    return call_back(state, Because.NO_SEAT)


def _last(offers: tuple[Offer, ...]) -> datetime:
    return max(offer.starts_at for offer in offers)


def _at_part(state: CallState, event: Event) -> Step:
    part = _PARTS.get(keyed(event))
    if part is not None:
        return _look(replace(state, part=part))
    return aside_keys(state, event) or ask_again(state, event, part_menu(state)) or call_back(state, Because.NO_CHOICE)


def _held(state: CallState, event: Event) -> Step:
    held = event.offers if isinstance(event, Held) else ()
    state = replace(state, offers=tuple(offer for offer in state.offers if offer in held))
    if not state.offers:
        return _lost(state)
    intro = (Key.OFFER_INTRO,) if state.looks == 1 or state.lost else ()
    return ask(state, Node.OFFER, (*intro, *offer_menu(state)))


def _lost(state: CallState, *first: str) -> Step:
    if state.lost >= MOST_LOST:
        return call_back(state, Because.NO_SEAT)
    return _look(replace(state, lost=state.lost + 1, offers=()), *first)


def _at_offer(state: CallState, event: Event) -> Step:
    key = keyed(event)
    chosen = dict(zip("12", state.offers, strict=False)).get(key)
    if chosen is not None:
        return replace(state, node=Node.TAKING, offers=(chosen,)), (Take(chosen),)
    if key == "3" and _has_later(state):
        return _look(replace(state, after=_last(state.offers)))
    if key == "3":
        return call_back(state, Because.NEITHER)
    return aside_keys(state, event) or ask_again(state, event, offer_menu(state)) or call_back(state, Because.NO_CHOICE)


def _taken(state: CallState, event: Event) -> Step:
    if not isinstance(event, Taken) or event.starts_at is None:
        return _lost(state, Key.OFFER_LOST)
    offer, facts = state.offers[0], state.facts
    note = note_about(state, Answer.MOVE, offer.session)
    facts = replace(
        facts,
        starts_at=event.starts_at,
        ticket=event.ticket,
        appointment=event.appointment or facts.appointment,
        place=offer.place or facts.place,
    )
    state = replace(state, facts=facts, part="", after=None, looks=0, lost=0, offers=(), has_later=False)
    return noting(note, _say_moved(state))


def _say_moved(state: CallState) -> Step:
    when = said_when(state.facts)
    if not when:
        return done(state, Key.END_SETTLED)
    prompts = (Key.ACK_MOVED, *when, *ticket_phrases(state.facts))
    if not may_change_mind(state):
        return done(state, *prompts)
    return ask(state, Node.MOVED, (*prompts, Key.CHANGE_MIND))


def _at_moved(state: CallState, event: Event) -> Step:
    match keyed(event):
        case "2":
            return change_of_mind(state)
        case "" | "1":  # they may just hang up: silence is the expected answer
            return done(state)
    return aside_keys(state, event) or ask_again(state, event, moved_menu(state)) or done(state)


HANDLERS: Final[Handlers] = {
    (Node.PART, Keys): _at_part,
    (Node.SEATS, SeatsFound): _found,
    (Node.HOLDING, Held): _held,
    (Node.OFFER, Keys): _at_offer,
    (Node.TAKING, Taken): _taken,
    (Node.MOVED, Keys): _at_moved,
}
