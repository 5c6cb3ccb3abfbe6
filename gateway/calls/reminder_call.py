"""The reminder call: when and where, no swindle, then one question; a yes, another day, or somebody calls back.

Only key 1 at the question confirms (law 5). Whatever else happens, the call ends politely within `steps.MOST_TURNS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.calls.flow import Answered, CallFacts, CallState, Event, Held, Hold, Keys, Note, SeatsFound, Take, Taken
from gateway.calls.steps import Because, Node, Step, ask, ask_again, call_back, end, keyed, look_for_seats, noting
from gateway.kit.answers import Answer
from gateway.voice.keys import Key
from gateway.voice.phrases import appointment_phrases, can_say, dose_phrases, when_phrases

MOST_OFFERS: Final = 2  # "… press one, … press two": more cannot be kept in mind
_PRESS: Final = (Key.PRESS_1, Key.PRESS_2)


class ReminderCall:
    """Calls a person about their appointment; see the module."""

    name = "reminder_call"
    version = 1

    def __init__(self) -> None:
        self._handlers: Mapping[tuple[str, type], Callable[[CallState, Event], Step]] = {
            (Node.START, Answered): self._open,
            (Node.QUESTION, Keys): self._at_question,
            (Node.RIDE, Keys): self._at_ride,
            (Node.SEATS, SeatsFound): self._seats_found,
            (Node.HOLDING, Held): self._held,
            (Node.OFFER, Keys): self._at_offer,
            (Node.TAKING, Taken): self._taken,
        }

    def begin(self, facts: CallFacts) -> CallState:
        """The state before anything was said."""
        return CallState(self.name, Node.START, facts, version=self.version)

    def step(self, state: CallState, event: Event) -> Step:
        """What happens next; an event that does not fit ends the call politely, never raises."""
        handler = self._handlers.get((state.node, type(event)))
        if handler is None or (state.flow, state.version) != (self.name, self.version):
            return end(state, Key.END_UNANSWERED, Key.BYE)
        return handler(state, event)

    # What is said first; `Hotline` puts it differently.

    def _greeting(self, facts: CallFacts) -> tuple[str, ...]:
        name = (facts.name,) if facts.name else ()
        if facts.neutral:
            return (Key.GREET_NEUTRAL, *name)
        return (Key.GREET_SECOND_DOSE if facts.purpose == "second_dose" else Key.GREET_REMINDER, *name)

    def _reasons(self, facts: CallFacts) -> tuple[str, ...]:
        if facts.neutral:
            return (Key.SAFETY,)
        why = (Key.WHY_SECOND_DOSE,) if facts.purpose == "second_dose" else ()
        return (*dose_phrases(facts.dose_number), *why, Key.SAFETY)

    def _nothing_to_ask(self, state: CallState) -> Step:
        return end(state, Key.END_SETTLED, Key.BYE)

    def _open(self, state: CallState, _: Event) -> Step:
        facts = state.facts
        if not _stands(facts):
            return self._nothing_to_ask(state)
        if not _when(facts):
            return call_back(state, Because.UNSPEAKABLE, *self._greeting(facts))
        prompts = (*self._greeting(facts), *self._appointment(facts), *self._reasons(facts), Key.ASK_COMING)
        return ask(state, Node.QUESTION, prompts)

    def _appointment(self, facts: CallFacts) -> tuple[str, ...]:
        return appointment_phrases(facts.starts_at, facts.now, facts.place) if facts.starts_at else ()

    # The question

    def _at_question(self, state: CallState, event: Event) -> Step:
        match keyed(event):
            case "1":
                return self._coming(state)
            case "2":
                return look_for_seats(state)
            case "3":
                return call_back(state, Because.ASKED)
        return ask_again(state, event, self._question_again(state.facts)) or end(state, Key.END_UNANSWERED, Key.BYE)

    def _question_again(self, facts: CallFacts) -> tuple[str, ...]:
        """The question put once more, with all that may be pressed."""
        return (*self._appointment(facts), Key.ASK_COMING, Key.ASK_CALLBACK, Key.ASK_AGAIN)

    def _coming(self, state: CallState) -> Step:
        prompts = (Key.ACK_COMING, *_when(state.facts), Key.ASK_RIDE)
        return noting(Note(Answer.COMING), ask(state, Node.RIDE, prompts))

    def _at_ride(self, state: CallState, event: Event) -> Step:
        match keyed(event):
            case "4":
                return noting(Note(Answer.RIDE), end(state, Key.ACK_RIDE, Key.BYE))
            case "" | "1":  # "else just hang up": silence is the expected no
                return end(state, Key.BYE)
        return ask_again(state, event, (*_when(state.facts), Key.ASK_RIDE)) or end(state, Key.BYE)

    # Another day

    def _seats_found(self, state: CallState, event: Event) -> Step:
        found = event.offers if isinstance(event, SeatsFound) else ()
        offers = tuple(offer for offer in found if can_say(offer.starts_at))[:MOST_OFFERS]
        if not offers:
            return call_back(state, Because.NO_SEAT)
        return replace(state, node=Node.HOLDING, offers=offers), (Hold(offers),)

    def _held(self, state: CallState, event: Event) -> Step:
        held = event.offers if isinstance(event, Held) else ()
        state = replace(state, offers=tuple(offer for offer in state.offers if offer in held))
        if not state.offers:
            return look_for_seats(state)
        lost = (Key.OFFER_LOST,) if state.looks > 1 else ()
        return ask(state, Node.OFFER, (*lost, Key.OFFER_INTRO, *_menu(state)))

    def _at_offer(self, state: CallState, event: Event) -> Step:
        key = keyed(event)
        chosen = dict(zip("12", state.offers, strict=False)).get(key)
        if chosen is not None:
            return replace(state, node=Node.TAKING, offers=(chosen,)), (Take(chosen),)
        if key == "3":
            return call_back(state, Because.NEITHER)
        return ask_again(state, event, _menu(state)) or call_back(state, Because.NO_CHOICE)

    def _taken(self, state: CallState, event: Event) -> Step:
        starts_at = event.starts_at if isinstance(event, Taken) else None
        if starts_at is None:
            return look_for_seats(state)
        session = state.offers[0].session if state.offers else ""
        return noting(Note(Answer.MOVE, session), end(state, *_new_day(starts_at, state.facts.now), Key.BYE))


def _new_day(starts_at: datetime, now: datetime) -> tuple[str, ...]:
    if not can_say(starts_at):
        return (Key.END_SETTLED,)
    return (Key.ACK_MOVED, *when_phrases(starts_at, now))


def _stands(facts: CallFacts) -> bool:
    """Whether there still is an appointment to ask about: law 3 has a queued call checked when it is answered."""
    if facts.appointment is None or facts.starts_at is None:
        return False
    return facts.is_open and facts.starts_at > facts.now


def _when(facts: CallFacts) -> tuple[str, ...]:
    if facts.starts_at is None or not can_say(facts.starts_at):
        return ()
    return when_phrases(facts.starts_at, facts.now)


def _menu(state: CallState) -> tuple[str, ...]:
    days = [
        (*when_phrases(offer.starts_at, state.facts.now), press)
        for offer, press in zip(state.offers, _PRESS, strict=False)
    ]
    return (*(key for day in days for key in day), Key.OFFER_NEITHER, Key.ASK_AGAIN)
