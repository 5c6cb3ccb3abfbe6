"""The first words of many plain calls with three statements; every other call is begun by `conversation.answer`.

Plain is the reminder call to one person about one appointment that still stands, asked for the first time by the call
the carrier was given. Its flow, its facts and its words are those of the plain path, which the result is held against
(tests/web/test_quick_calls.py); only the rows are read and written together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from gateway.calls.flow import Answered, Flow, HangUp, PhoneCommand, advance
from gateway.calls.saving import state_to_json
from gateway.care.notices import QUESTIONS
from gateway.carriers.port import CallEvent
from gateway.dispatch.cases import Case
from gateway.dispatch.prepare import call_facts, flow_name, name_prompts
from gateway.kit.ids import new_id
from gateway.records import tables  # noqa: F401  # every table is in the metadata
from gateway.records.bulk import Bulk
from gateway.records.contacts import Direction
from gateway.records.status import FINAL_ATTEMPTS, LIVE_APPOINTMENTS, AppointmentStatus, Channel, ReminderStatus
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt
from gateway.web.desk import Desk
from gateway.web.prepared import Prepared
from gateway.web.speaking import NothingToPlay, Said
from gateway.web.turns import asks_in_private, begins_with, fit_to_keep, nothing_asked, nothing_noted

_T: Final = SQLModel.metadata.tables
_ATTEMPT, _ITEM, _REMINDER, _CALL = _T["attempt"], _T["attempt_item"], _T["reminder"], _T["call"]
_APPOINTMENT, _PERSON, _SITE, _SEAT = _T["appointment"], _T["person"], _T["site"], _T["seat"]
_USE, _OTHER, _WHO = _T["person_phone"].alias("theirs"), _T["person_phone"].alias("other"), _PERSON.alias("who")
_ALSO, _SECOND = _APPOINTMENT.alias("also"), _ITEM.alias("second")
REMINDER_CALL: Final = "reminder_call"

_SHARED: Final = sa.exists().where(
    _USE.c.person == _PERSON.c.id,
    _OTHER.c.phone == _USE.c.phone,
    _OTHER.c.person != _PERSON.c.id,
    _WHO.c.id == _OTHER.c.person,
    _WHO.c.died_on.is_(None),
    _WHO.c.merged_into.is_(None),
)
_NOT_PLAIN: Final = sa.or_(
    sa.exists().where(_CALL.c.attempt == _ATTEMPT.c.id),
    sa.exists().where(_T["hotline_wait"].c.attempt == _ATTEMPT.c.id),
    sa.exists().where(_SECOND.c.attempt == _ATTEMPT.c.id, _SECOND.c.position != _ITEM.c.position),
    sa.exists().where(
        _ALSO.c.person == _PERSON.c.id, _ALSO.c.id != _APPOINTMENT.c.id, _ALSO.c.status == AppointmentStatus.BOOKED
    ),
)
_FOUND: Final = (
    sa.select(
        _ATTEMPT.c.id.label("attempt"),
        _ATTEMPT.c.carrier_id,
        _ATTEMPT.c.language,
        _REMINDER.c.purpose,
        _REMINDER.c.expires_at,
        _APPOINTMENT.c.id.label("appointment"),
        _APPOINTMENT.c.starts_at,
        _APPOINTMENT.c.dose_no,
        _APPOINTMENT.c.regimen,
        _PERSON.c.id.label("person"),
        _PERSON.c.name,
        _PERSON.c.neutral,
        _SITE.c.code,
        _SITE.c.name.label("site_name"),
        _SITE.c.name_en.label("site_name_en"),
        _SEAT.c.ticket,
        _SHARED.label("is_shared"),
    )
    .join(_ITEM, _ITEM.c.attempt == _ATTEMPT.c.id)
    .join(_REMINDER, _REMINDER.c.id == _ITEM.c.reminder)
    .join(_APPOINTMENT, _APPOINTMENT.c.id == _REMINDER.c.appointment)
    .join(_PERSON, _PERSON.c.id == _REMINDER.c.person)
    .join(_SITE, _SITE.c.code == _APPOINTMENT.c.site)
    .outerjoin(_SEAT, _SEAT.c.appointment == _APPOINTMENT.c.id)
    .where(
        _ATTEMPT.c.id.in_(sa.bindparam("ids", expanding=True)),
        _ATTEMPT.c.direction == Direction.OUT,
        _ATTEMPT.c.channel == Channel.VOICE,
        _ATTEMPT.c.status.not_in(FINAL_ATTEMPTS),
        _ATTEMPT.c.submitted_at.is_not(None),
        _ATTEMPT.c.in_doubt_at.is_(None),
        _ATTEMPT.c.next_look_at.is_(None),
        _ATTEMPT.c.cancel_requested_at.is_(None),
        _REMINDER.c.status == ReminderStatus.SENT,
        _APPOINTMENT.c.status.in_(LIVE_APPOINTMENTS),
        sa.not_(_NOT_PLAIN),
    )
)
CALLS: Final = Bulk(lambda _: sa.insert(_CALL).inline())
TURNS: Final = Bulk(lambda _: sa.insert(_T["turn"]).inline())


@dataclass(frozen=True, slots=True)
class Asked:
    """A call's request: the attempt its URL names, the turn, and what it says."""

    attempt: str
    event: CallEvent
    number: int = 0


def answer_plain(desk: Desk, prepared: Prepared, db: Session, asked: Sequence[Asked]) -> dict[int, str]:
    """Begin those of the calls that are plain; gives what each says, by its place. Of the others nothing is written."""
    now = desk.clock.now()
    if not desk.rules.window.is_open(now) or REMINDER_CALL not in desk.flows:
        return {}
    rows = {row.attempt: row for row in db.execute(_FOUND, {"ids": sorted({one.attempt for one in asked})})}
    calls: list[dict[str, Any]] = []
    turns: list[dict[str, Any]] = []
    said: dict[int, str] = {}
    begun: set[str] = set()
    for place, one in enumerate(asked):
        row = rows.get(one.attempt)
        if row is None or one.attempt in begun or not _is_plain(row, one, now):
            continue
        first = _first_words(desk, prepared, row, now)
        if first is None:
            continue
        begun.add(one.attempt)
        state, commands, words = first
        call = new_id()
        calls.append({
            "id": call, "attempt": row.attempt, "carrier_sid": one.event.carrier_id, "flow": state.flow,
            "flow_version": state.version, "turn_no": 0, "person": row.person, "opened_at": now,
            "state": begins_with(state_to_json(state), is_private=asks_in_private(commands)),
        })  # fmt: skip
        turns.append({"call": call, "turn_no": 0, "digits": None, "response": fit_to_keep(desk, words.response, ""),
                      "heard": words.heard, "at": now})  # fmt: skip
        said[place] = words.response
    if calls:
        CALLS.run(db, calls)
        TURNS.run(db, turns)
    return said


def _is_plain(row: Any, one: Asked, now: datetime) -> bool:
    is_reminder = flow_name(row.purpose) == REMINDER_CALL and row.purpose not in QUESTIONS
    return is_reminder and row.carrier_id == one.event.carrier_id and row.expires_at > now


def _first_words(
    desk: Desk, prepared: Prepared, row: Any, now: datetime
) -> tuple[Any, tuple[PhoneCommand, ...], Said] | None:
    flow: Flow = desk.flows[REMINDER_CALL]
    voice = desk.speech.voices.of(row.language)
    if voice is None:
        return None
    case = _case(row)
    state = flow.begin(call_facts(desk.speech, case, row.language, now))
    state, commands = advance(flow, state, Answered(), nothing_asked, nothing_noted)
    names = names_in(commands, name_prompts(desk.speech, row.language, case.site, case.person))
    try:
        words = prepared.say(commands, state.facts, voice, names, attempt=row.attempt, next_turn=1)
    except NothingToPlay:
        return None  # how a call ends that cannot be held is the plain path's to say
    return None if words is None else (state, commands, words)


def names_in(commands: Sequence[PhoneCommand], prompts: Sequence[Prompt | None]) -> Mapping[str, Prompt]:
    """Those of the names and places that these commands say, by key."""
    said = {str(key) for one in commands if not isinstance(one, HangUp) for key in one.prompts if is_optional(str(key))}
    return {str(one.key): one for one in prompts if one is not None and one.key in said} if said else {}


def _case(row: Any) -> Case:
    """The row as the rooms that put it into words know it: they read fields, whatever bears them."""
    site: Any = SimpleNamespace(code=row.code, name=row.site_name, name_en=row.site_name_en)
    person: Any = SimpleNamespace(id=row.person, name=row.name, neutral=row.neutral)
    reminder: Any = SimpleNamespace(purpose=row.purpose)
    appointment: Any = SimpleNamespace(
        id=row.appointment, starts_at=row.starts_at, dose_no=row.dose_no, site=row.code, regimen=row.regimen
    )
    return Case(reminder, appointment, person, site, ticket=row.ticket, is_phone_shared=row.is_shared)
