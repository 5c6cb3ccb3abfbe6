"""One turn of one call: what the flow asks for is answered from the house's own rooms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from sqlmodel import Session

from gateway.calls.flow import (
    CallFacts,
    CallState,
    CheckPin,
    Command,
    Dialled,
    Event,
    FindHours,
    FindLanguages,
    FindPhrase,
    FindSeats,
    FindStaff,
    Flow,
    Held,
    Hold,
    KeepMessage,
    KeepNumber,
    Keys,
    LanguagesFound,
    MessageKept,
    Note,
    NumberKept,
    PhoneCommand,
    PutDown,
    Request,
    Settle,
    SpeakIn,
    Spoken,
    SpokenIn,
    StaffFound,
    Take,
    Taken,
    advance,
)
from gateway.calls.last_words import is_waiting_for_a_day
from gateway.calls.saving import state_from_json
from gateway.calls.steps import Because, Node
from gateway.calls.studio_call import StudioNode
from gateway.care.booking import seat_of
from gateway.care.notices import plan_notice
from gateway.carriers.port import CallEvent
from gateway.kit.answers import Answer
from gateway.records.agreements import Appointment
from gateway.records.conversations import Call
from gateway.replies.outcomes import apply_move
from gateway.web import another_day, noting, other_languages, speaking, spoken_messages, staff_line, studio_calls
from gateway.web.desk import Desk
from gateway.web.turns import MOVES, is_private, keep_unheard, say_or_end

SPOKE_FOR: Final = 20
"""Seconds: below them it was a voicemail that took the call, or somebody who put the phone down; nobody was reached."""


class _Watched:
    """A flow, and where it stands: what it asks for is about whom it speaks of at that moment."""

    def __init__(self, flow: Flow, state: CallState) -> None:
        self.name, self.version = flow.name, flow.version
        self._flow, self.state = flow, state

    def begin(self, facts: CallFacts) -> CallState:
        self.state = self._flow.begin(facts)
        return self.state

    def step(self, state: CallState, event: Event) -> tuple[CallState, tuple[Command, ...]]:
        self.state, commands = self._flow.step(state, event)
        return self.state, commands


@dataclass(slots=True)
class Exchange:
    """Plays the turn `number` of a call."""

    desk: Desk
    db: Session
    call: Call
    number: int
    event: CallEvent
    _flow: _Watched = field(init=False, repr=False)

    def play(self) -> str:
        """Let the flow go on by what happened, and return what the carrier shall do next."""
        state, commands, shown = self._go_on(self._answer)
        spoken = say_or_end(self.desk, self.db, self.call, state, commands, self.number, shown)
        if is_waiting_for_a_day(state) and state_from_json(self.call.state).node == Node.ENDED:
            self._note(Note(Answer.CALLBACK, Because.UNSPEAKABLE))  # the days could not be said
        return spoken

    def play_unheard(self) -> None:
        """As `play`, where the call is over: what was keyed counts, but nobody listens any more.

        No seat is held for who has gone; the one they chose is taken if it is still free.
        """
        state, commands, shown = self._go_on(self._answer_unheard)
        keep_unheard(self.desk, self.db, self.call, state, commands, self.number, shown)

    def _go_on(self, answer: Callable[[Request], Event]) -> tuple[CallState, tuple[PhoneCommand, ...], str | None]:
        """Where the flow stands after what happened, what it says, and the digits that may be shown."""
        before = self._as_it_stands()
        flow = self._flow = _Watched(self.desk.flows[self.call.flow], before)
        shown = None if before.node == StudioNode.PIN or is_private(self.call) else self._digits
        state, commands = advance(flow, before, self._happened(before), answer, self._note)
        return studio_calls.in_the_studio(self.desk, before, self._followed(state)), commands, shown

    @property
    def _digits(self) -> str:
        """What was keyed, "" for silence."""
        return self.event.digits or ""

    @property
    def _raw(self) -> str:
        """What a reply may keep of it: nothing of a number that is nobody's business."""
        return "" if is_private(self.call) else self._digits

    @property
    def _now(self) -> CallState:
        """Where the flow stands at this moment of the turn."""
        return self._flow.state

    def _as_it_stands(self) -> CallState:
        state = self._followed(state_from_json(self.call.state))
        return replace(state, facts=speaking.as_it_stands(self.desk, state.facts))

    def _followed(self, state: CallState) -> CallState:
        """After a move the call goes on about the new appointment."""
        return replace(state, facts=another_day.followed(state.facts, noting.moves_of(self.call)))

    def _happened(self, state: CallState) -> Event:
        was_spoken = self._keep_spoken(state)
        if self.event.hung_up:
            return PutDown()
        if self.event.dialled is not None:
            seconds = self.event.dialled_seconds
            return Dialled(self.event.dialled, was_reached=seconds is None or seconds >= SPOKE_FOR)
        return Spoken() if was_spoken else Keys(self._digits)

    def _keep_spoken(self, state: CallState) -> bool:
        if self.event.recording is None:
            return False
        if state.studio is not None and state.studio.phrase is not None:
            return studio_calls.keep_spoken(
                self.desk, self.db, self.call, self.number, state.studio, self.event.recording
            )
        return spoken_messages.keep_spoken(self.desk, self.db, self.call, self.number, state, self.event)

    def _answer(self, request: Request) -> Event:
        if isinstance(request, CheckPin | FindPhrase | Settle):
            return studio_calls.answer_studio(self.desk, self.db, self.call, self.event, request)
        if isinstance(request, FindSeats | Hold | Take):
            return self._about_seats(request)
        if isinstance(request, KeepMessage | KeepNumber):
            return self._keep(request)
        return self._find(request)

    def _answer_unheard(self, request: Request) -> Event:
        return Held(request.offers) if isinstance(request, Hold) else self._answer(request)

    def _about_seats(self, request: FindSeats | Hold | Take) -> Event:
        desk, db, call = self.desk, self.db, self.call.id
        match request:
            case FindSeats():
                return another_day.find_seats(desk, db, call, self._appointment(), self._now.facts, request)
            case Hold():
                return Held(another_day.hold(desk, db, call, request))
            case Take():
                return self._take(request)

    def _keep(self, request: KeepMessage | KeepNumber) -> Event:
        desk, db, call, state = self.desk, self.db, self.call, self._now
        if isinstance(request, KeepNumber):
            return NumberKept(spoken_messages.keep_number(desk, db, call, state, request.digits))
        spoken_messages.keep_message(desk, db, call, state, request.kind)
        return MessageKept()

    def _find(self, request: FindStaff | FindLanguages | SpeakIn | FindHours) -> Event:
        desk, db, call, state = self.desk, self.db, self.call, self._now
        match request:
            case FindStaff():
                return StaffFound(bool(self._number_to_dial()))
            case FindLanguages():
                return LanguagesFound(other_languages.find_languages(desk.speech, db, call, state))
            case SpeakIn():
                return SpokenIn(other_languages.speak_in(desk, db, call, state, request.language))
            case FindHours():
                return staff_line.find_hours(desk, db, call, state.facts)

    def _take(self, request: Take) -> Taken:
        """Move the appointment the call speaks of now to a held seat."""
        appointment, now = self._appointment(), self.desk.clock.now()
        reply, _ = noting.record(self.desk, self.db, self.call, self.number, self._raw, Answer.MOVE, appointment)
        moved = apply_move(
            self.db, reply, request.offer.session, call=self.call.id, now=now, regimens=self.desk.regimens
        )
        if moved is None or appointment is None:
            return Taken(None)
        plan_notice(self.db, moved, "moved", now=now)
        moves = {**noting.moves_of(self.call), appointment.id: moved.id}
        self.call.state = {**self.call.state, MOVES: moves}
        seat = seat_of(self.db, moved.id)
        return Taken(moved.starts_at, seat.ticket if seat else None, moved.id)

    def _note(self, note: Note) -> None:
        noting.note(self.desk, self.db, self.call, self.number, self._raw, self._now, note)

    def _appointment(self) -> Appointment | None:
        wanted = self._now.facts.appointment
        newest = another_day.newest(wanted, noting.moves_of(self.call)) if wanted else None
        return self.db.get(Appointment, newest) if newest else None

    def _number_to_dial(self) -> str:
        site = staff_line.site_of(self.db, self.call, self._now.facts)
        return staff_line.number_to_dial(self.desk, self.db, self.call, site)
