"""Somebody calls us: who we are, their appointment if their number is known, and the reminder call's question.

Who has nothing ahead, or is on no record, hears what is public (`stranger`). When all lines are taken or nobody is
there they are told so, and that we call back; `facts.purpose` says which (`Calling`).
The key # leads to the studio, where speakers record phrases (`studio_call`); it is not spoken of, because it is for
those who were told. Who pressed it by accident and keys no PIN comes back to where they were, in their own language.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gateway.calls import stranger
from gateway.calls.calling import Calling, hello
from gateway.calls.flow import Answered, Ask, CallFacts, CallState, Event, FindHours, HoursFound, Keys, Studio, WayBack
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.steps import Node, Step, end, keyed
from gateway.calls.stranger import StrangerNode, said_hours, welcome
from gateway.calls.studio_call import StudioCall
from gateway.voice.keys import HotlineKey, Key
from gateway.voice.phrases import day_phrases

TO_THE_STUDIO: Final = "#"
LOBBY_SECONDS: Final = 3  # for a key, after the office hours
QUESTION_SECONDS: Final = 6
MOST_VISITS: Final = 3  # to the studio in one call; after that # is a key like others
_MAY_LEAVE_FROM: Final = (
    Node.LOBBY,
    Node.QUESTION,
    Node.HOUSEHOLD,
    Node.NAMES,
    StrangerNode.FIRST_LANGUAGE,
    StrangerNode.MENU,
)


_BUSY: Final = (Calling.BUSY, Calling.BUSY_ONLY)
_CLOSED: Final = (Calling.CLOSED, Calling.CLOSED_ONLY)


class Hotline(ReminderCall):
    """Answers an incoming call; `facts.appointment` is None for a number we do not know or that has nothing ahead.

    To those it says nothing about anybody: a number is not a proof of who is calling. An appointment that was confirmed
    already is to be given as open: they may want to hear or move it.
    """

    name = "hotline"
    version = 2
    takes_ride_at_question = True

    def __init__(self) -> None:
        super().__init__()
        self._studio = StudioCall()
        self._handlers = {
            **self._handlers,
            **stranger.HANDLERS,
            (Node.LOBBY, Keys): lambda state, _: end(state, Key.BYE),
            (StrangerNode.CLOSED, HoursFound): self._closed,
        }
        self._menus = {**self._menus, **stranger.MENUS, Node.LOBBY: lambda _: (Key.OFFICE_HOURS,)}

    def step(self, state: CallState, event: Event) -> Step:
        """What happens next; an event that does not fit ends the call politely, never raises."""
        is_mine = (state.flow, state.version) == (self.name, self.version)
        if is_mine and state.node in _MAY_LEAVE_FROM and _wants_studio(state, event):
            return self._enter(state)
        return super().step(state, event)

    def _greeting(self, facts: CallFacts) -> tuple[str, ...]:
        name = (facts.name,) if facts.name else ()
        return (hello(facts), Key.YOUR_APPOINTMENT, *name)

    def _greeting_household(self, facts: CallFacts) -> tuple[str, ...]:
        return (hello(facts), Key.YOUR_APPOINTMENT)  # not as if it were we who had called

    def _reasons(self, facts: CallFacts) -> tuple[str, ...]:
        return ()

    def _open(self, state: CallState, event: Event) -> Step:
        purpose = state.facts.purpose
        if purpose == Calling.TOO_OFTEN:
            return end(state, HotlineKey.TOO_OFTEN, Key.BYE)
        if purpose == Calling.NOTHING_MORE:
            return end(state, Key.GREET_HOTLINE, Key.OFFICE_HOURS, Key.BYE)
        if purpose in _BUSY:
            promise = (HotlineKey.WILL_CALL,) if purpose == Calling.BUSY else ()
            return end(state, Key.GREET_HOTLINE, HotlineKey.BUSY, *promise, Key.BYE)
        if purpose in _CLOSED:
            return replace(state, node=StrangerNode.CLOSED), (FindHours(),)
        return super()._open(state, event)

    def _closed(self, state: CallState, event: Event) -> Step:
        """Nobody is there, but a speaker who was told to press # may record by night, too."""
        hours = event.sites if isinstance(event, HoursFound) else ()
        promise = (HotlineKey.WILL_CALL,) if state.facts.purpose == Calling.CLOSED else ()
        when = (*_day(state.facts), *(key for one in hours for key in said_hours(one)))
        said = (Key.GREET_HOTLINE, HotlineKey.CLOSED, *when, *promise)
        if not state.facts.may_record:
            return end(state, *said, Key.BYE)
        return replace(state, node=Node.LOBBY), (Ask(said, seconds=LOBBY_SECONDS),)

    def _nothing_to_ask(self, state: CallState) -> Step:
        if state.facts.purpose == Calling.UNSPOKEN:
            prompts = (Key.GREET_HOTLINE, Key.OFFICE_HOURS)
            return replace(state, node=Node.LOBBY), (Ask(prompts, seconds=LOBBY_SECONDS),)
        return welcome(state)

    def _enter(self, state: CallState) -> Step:
        """Lead to the studio; what was asked here is asked again when no PIN comes."""
        facts, studio = state.facts, state.studio or Studio()
        seconds = LOBBY_SECONDS if state.node == Node.LOBBY else QUESTION_SECONDS
        prompts = self._menus[state.node](state)
        back = WayBack(
            state.flow, state.version, state.node, facts.language, facts.voice, state.misses, prompts, seconds
        )
        studio = replace(studio, back=back, visits=studio.visits + 1)
        return self._studio.step(self._studio.enter(state, studio), Answered())


def _day(facts: CallFacts) -> tuple[str, ...]:
    """The day on which somebody is there again (`facts.starts_at`): today or tomorrow, or which it is."""
    return day_phrases(facts.starts_at, facts.now) if facts.starts_at is not None else ()


def _wants_studio(state: CallState, event: Event) -> bool:
    visits = state.studio.visits if state.studio else 0
    return state.facts.may_record and visits < MOST_VISITS and keyed(event) == TO_THE_STUDIO
