"""The turns of a call as rows: begun once, said once, and said again in the same words when asked again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.calls.flow import (
    Answered,
    Ask,
    CallFacts,
    CallState,
    Dial,
    Event,
    Flow,
    HangUp,
    Note,
    PhoneCommand,
    Play,
    Request,
    advance,
)
from gateway.calls.last_words import last_words
from gateway.calls.saving import state_from_json, state_to_json
from gateway.calls.steps import Node
from gateway.care.tasks import open_task
from gateway.carriers.port import CallEvent
from gateway.records.contacts import Attempt
from gateway.records.conversations import Call, Turn
from gateway.records.status import TaskKind
from gateway.web import speaking, studio_calls
from gateway.web.desk import Desk
from gateway.web.names import names_said
from gateway.web.staff_line import THEIR_NUMBER, number_to_dial, site_of

log = logging.getLogger(__name__)

MOVES = "moves"  # in a call's state, beside what the flow knows: the appointments it moved, old to new
PRIVATE = "is_private"  # the same: whether the question put last is answered with what is nobody's business
OUR_ADDRESS = "{our address}"  # in stored responses: where we are found may change, and is no part of what was said


def begin(
    desk: Desk,
    db: Session,
    attempt: Attempt,
    flow: Flow,
    facts: CallFacts,
    person: str | None,
    event: CallEvent,
    now: datetime,
) -> str:
    """Open the call's row and say its first words; `person` is None where it is not known who is on the line.

    Where they cannot be said the call ends without a word: nobody has answered anything, and the ladder goes on.
    """
    state = flow.begin(facts)
    call = open_call(db, attempt, state, person, event, now)
    state, commands = advance(flow, state, Answered(), nothing_asked, nothing_noted)
    return say_or_end(desk, db, call, state, commands, 0, None)


def open_call(
    db: Session, attempt: Attempt, state: CallState, person: str | None, event: CallEvent, now: datetime
) -> Call:
    """The row of a call that stands at `state`."""
    call = Call(
        attempt=attempt.id,
        carrier_sid=event.carrier_id,
        flow=state.flow,
        flow_version=state.version,
        state=state_to_json(state),
        person=person,
        opened_at=now,
    )
    db.add(call)
    db.flush()
    return call


def say_or_end(
    desk: Desk,
    db: Session,
    call: Call,
    state: CallState,
    commands: tuple[PhoneCommand, ...],
    number: int,
    digits: str | None,
) -> str:
    """Say the turn; where a phrase of it cannot be said any more, what can be said instead, and hang up.

    A key that was pressed must never be lost to words withdrawn meanwhile: whatever was noted in this unit of work
    stays. Staff see a task, one for each language.
    """
    try:
        return say(desk, db, call, state, commands, number, digits)
    except speaking.NothingToPlay as missing:
        language = state.facts.language
        log.error("call %s ends at turn %d: a phrase cannot be said in %s (%s)", call.id, number, language, missing)
    detail = f"a call in {language} had to end early: one of its phrases cannot be played any more"
    open_task(db, TaskKind.POISON, f"phrases {language}", detail=detail, now=desk.clock.now())
    over = replace(state, node=Node.ENDED)
    for ending in _endings(state, commands, number):
        with suppress(speaking.NothingToPlay):
            return say(desk, db, call, over, ending, number, digits)
    return speaking.hang_up(desk)


def _endings(state: CallState, commands: tuple[PhoneCommand, ...], number: int) -> Iterator[tuple[PhoneCommand, ...]]:
    """Who has heard nothing yet is not told goodbye."""
    words = last_words(state, commands) if number else ((),)
    return ((Play(prompts), HangUp()) if prompts else (HangUp(),) for prompts in words)


def say(
    desk: Desk,
    db: Session,
    call: Call,
    state: CallState,
    commands: tuple[PhoneCommand, ...],
    number: int,
    digits: str | None,
) -> str:
    """Render the turn, and keep it with what was played and where the call stands after it.

    `digits` are kept for all to see: None where they are nobody's business, as a PIN.
    """
    dials = _dials(desk, db, call, state, commands)
    put = speaking.put(
        desk,
        commands,
        state.facts,
        attempt=call.attempt,
        next_turn=number + 1,
        replay=_replay(desk, db, call, commands),
        dials=dials,
        names=names_said(desk.speech, db, state.facts, commands, call.person),
    )
    kept = replace(put, response=fit_to_keep(desk, put.response, dials))
    _keep(desk, db, call, state, commands, number, digits, kept)
    return put.response


def keep_unheard(
    desk: Desk,
    db: Session,
    call: Call,
    state: CallState,
    commands: tuple[PhoneCommand, ...],
    number: int,
    digits: str | None,
) -> None:
    """Keep a turn of a call that is over, as `say` does: nothing was heard after it."""
    _keep(desk, db, call, state, commands, number, digits, speaking.Said(speaking.hang_up(desk), []))


def _keep(
    desk: Desk,
    db: Session,
    call: Call,
    state: CallState,
    commands: tuple[PhoneCommand, ...],
    number: int,
    digits: str | None,
    said: speaking.Said,
) -> None:
    call.state, call.turn_no = {**_beside(call), **state_to_json(state), PRIVATE: asks_in_private(commands)}, number
    call.flow, call.flow_version = state.flow, state.version
    db.add(call)
    pressed, now = digits and digits[:32], desk.clock.now()
    turn = Turn(call=call.id, turn_no=number, digits=pressed, response=said.response, heard=said.heard, at=now)
    db.add(turn)
    db.flush()


def _replay(desk: Desk, db: Session, call: Call, commands: tuple[PhoneCommand, ...]) -> str:
    if not any(isinstance(command, Ask) and command.replay for command in commands):
        return ""
    take = studio_calls.spoken_last(db, call.id)
    return studio_calls.replay_url(desk, take.id) if take else ""


def _dials(desk: Desk, db: Session, call: Call, state: CallState, commands: tuple[PhoneCommand, ...]) -> str:
    """The number the caller is to be connected with now, "" where nobody is to be."""
    if not any(isinstance(command, Dial) for command in commands):
        return ""
    return number_to_dial(desk, db, call, site_of(db, call, state.facts))


def _beside(call: Call) -> dict[str, Any]:
    """What is kept of a call beside where its flow stands: what became of the appointments it moved."""
    return {name: call.state[name] for name in (MOVES,) if name in call.state}


def is_private(call: Call) -> bool:
    """Whether what is keyed now, at the question put last, is nobody's business."""
    return call.state.get(PRIVATE) is True


def begins_with(state: dict[str, Any], *, is_private: bool) -> dict[str, Any]:
    """What a call's row keeps of its first turn."""
    return {**state, PRIVATE: is_private}


def asks_in_private(commands: tuple[PhoneCommand, ...]) -> bool:
    """Whether what is keyed next is nobody's business."""
    return any(isinstance(command, Ask) and command.is_private for command in commands)


def fit_to_keep(desk: Desk, response: str, dials: str) -> str:
    """A response without our address and without the number it dials."""
    kept = response.replace(desk.public_url, OUR_ADDRESS)
    return kept.replace(dials, THEIR_NUMBER) if dials else kept


def said(db: Session, desk: Desk, call: Call, number: int) -> str:
    """What was said at this turn, word for word; a turn that never was ends the call.

    So does one that connected with somebody who is not to be rung any more, or whose call has gone on since.
    """
    said = db.get(Turn, (call.id, number))
    if said is None:
        return speaking.hang_up(desk)
    response = said.response.replace(OUR_ADDRESS, desk.public_url)
    if THEIR_NUMBER not in response:
        return response
    if number != call.turn_no or call.closed_at is not None:
        return speaking.hang_up(desk)
    dialled = number_to_dial(desk, db, call, site_of(db, call, state_from_json(call.state).facts))
    return response.replace(THEIR_NUMBER, dialled) if dialled else speaking.hang_up(desk)


def nothing_asked(request: Request) -> Event:
    """Before the first key nothing may be asked for."""
    raise LookupError(f"a call asked for {type(request).__name__} before a key was pressed")


def nothing_noted(note: Note) -> None:
    """Before the first key nothing was answered."""
