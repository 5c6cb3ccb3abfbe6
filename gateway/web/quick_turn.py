"""Key 1 of many plain calls with a dozen statements; every other turn is `conversation.turn`.

Plain is the yes to the question of a reminder call about one person's one appointment, which still stands, and whose
other reminders only wait. The flow decides what it means, as ever; what it does is what `replies.outcomes.apply` does
with a yes by voice, and the result is held against that (tests/web/test_quick_calls.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from gateway.calls.flow import Event, Keys, Note, PhoneCommand, Request, advance
from gateway.calls.saving import SavedStateError, state_from_json, state_to_json
from gateway.calls.steps import Node
from gateway.care.consent import DENIED
from gateway.dispatch.prepare import name_prompts
from gateway.kit.answers import Answer
from gateway.kit.clock import bangkok_day
from gateway.kit.ids import new_id
from gateway.records import tables  # noqa: F401  # every table is in the metadata
from gateway.records.bulk import Bulk
from gateway.records.people import PhoneRole
from gateway.records.status import AppointmentStatus, Channel, ReminderStatus, TaskKind, TaskStatus
from gateway.web.desk import Desk
from gateway.web.noting import moves_of_state
from gateway.web.prepared import Prepared
from gateway.web.quick_answer import REMINDER_CALL, TURNS, Asked, names_in
from gateway.web.speaking import NothingToPlay, Said, as_it_stands
from gateway.web.turns import PRIVATE, asks_in_private, begins_with, fit_to_keep

_T: Final = SQLModel.metadata.tables
_ATTEMPT, _ITEM, _REMINDER, _CALL = _T["attempt"], _T["attempt_item"], _T["reminder"], _T["call"]
_APPOINTMENT, _PERSON, _SITE, _USE, _TASK = (
    _T["appointment"], _T["person"], _T["site"], _T["person_phone"], _T["task"],
)  # fmt: skip
_REST, _SECOND, _OWNER, _OWNS = (
    _REMINDER.alias("rest"), _ITEM.alias("second"), _PERSON.alias("owner"), _USE.alias("owns"),
)  # fmt: skip
_REASON: Final = f"answered: {Answer.COMING.value}"
_NEEDLESS: Final = (TaskKind.UNREACHED, TaskKind.NO_PROMPT)

_NOT_PLAIN: Final = sa.or_(
    sa.exists().where(_SECOND.c.attempt == _ATTEMPT.c.id, _SECOND.c.position != _ITEM.c.position),
    sa.exists().where(
        _TASK.c.subject == _APPOINTMENT.c.id, _TASK.c.kind.in_(_NEEDLESS), _TASK.c.status == TaskStatus.OPEN
    ),
    # Another reminder of it that is more than a plan: on its way, or a visit.
    sa.exists().where(
        _REST.c.appointment == _APPOINTMENT.c.id,
        _REST.c.id != _REMINDER.c.id,
        sa.or_(
            _REST.c.status.in_((ReminderStatus.CLAIMED, ReminderStatus.SENT)),
            sa.and_(_REST.c.status == ReminderStatus.PLANNED, _REST.c.channel == Channel.VISIT),
            sa.and_(
                _REST.c.status == ReminderStatus.PLANNED,
                sa.exists().where(_SECOND.c.reminder == _REST.c.id, _SECOND.c.live),
            ),
        ),
    ),
    sa.exists().where(_T["consent_event"].c.phone == _ATTEMPT.c.phone, _T["consent_event"].c.source == DENIED),
)
_FOUND: Final = (
    sa.select(
        _CALL.c.id.label("call"),
        _CALL.c.carrier_sid,
        _CALL.c.state,
        _CALL.c.turn_no,
        _CALL.c.person.label("of_call"),
        _ATTEMPT.c.id.label("attempt"),
        _ATTEMPT.c.phone,
        _REMINDER.c.id.label("reminder"),
        _APPOINTMENT.c.id.label("appointment"),
        _APPOINTMENT.c.person,
        _APPOINTMENT.c.starts_at,
        _APPOINTMENT.c.version,
        _PERSON.c.name,
        _SITE.c.code,
        _SITE.c.name.label("site_name"),
        _SITE.c.name_en.label("site_name_en"),
        _USE.c.role,
    )
    .join(_ATTEMPT, _ATTEMPT.c.id == _CALL.c.attempt)
    .join(_ITEM, _ITEM.c.attempt == _ATTEMPT.c.id)
    .join(_REMINDER, _REMINDER.c.id == _ITEM.c.reminder)
    .join(_APPOINTMENT, _APPOINTMENT.c.id == _REMINDER.c.appointment)
    .join(_PERSON, _PERSON.c.id == _APPOINTMENT.c.person)
    .join(_SITE, _SITE.c.code == _APPOINTMENT.c.site)
    .outerjoin(_USE, sa.and_(_USE.c.person == _APPOINTMENT.c.person, _USE.c.phone == _ATTEMPT.c.phone))
    .where(
        _CALL.c.attempt.in_(sa.bindparam("ids", expanding=True)),
        _CALL.c.flow == REMINDER_CALL,
        _CALL.c.closed_at.is_(None),
        _REMINDER.c.status == ReminderStatus.SENT,
        _APPOINTMENT.c.status == AppointmentStatus.BOOKED,
        sa.not_(_NOT_PLAIN),
    )
)
_OWNERS: Final = (
    sa.select(_OWNS.c.phone, _OWNER.c.id)
    .join(_OWNER, _OWNER.c.id == _OWNS.c.person)
    .where(
        _OWNS.c.phone.in_(sa.bindparam("phones", expanding=True)),
        _OWNS.c.role == PhoneRole.OWN,
        _OWNER.c.merged_into.is_(None),
        _OWNER.c.died_on.is_(None),
    )
)
_STOP: Final = (
    sa.update(_REMINDER)
    .where(
        _REMINDER.c.appointment.in_(sa.bindparam("ids", expanding=True)),
        _REMINDER.c.status == ReminderStatus.PLANNED,
        _REMINDER.c.purpose.not_in(("wrong_person", "ride")),
    )
    .values(status=ReminderStatus.SUPPRESSED, reason=_REASON)
)
_ANSWERED: Final = (
    sa.update(_REMINDER)
    .where(_REMINDER.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(status=ReminderStatus.ANSWERED, reason=None)
)
_CONFIRM: Final = Bulk(
    lambda _: (
        sa.update(_APPOINTMENT)
        .where(_APPOINTMENT.c.id == sa.bindparam("of"))
        .values(
            status=AppointmentStatus.CONFIRMED,
            confirmed_by_reply=sa.bindparam("reply"),
            version=_APPOINTMENT.c.version + 1,
        )
    )
)
_GO_ON: Final = Bulk(
    lambda _: (
        sa.update(_CALL)
        .where(_CALL.c.id == sa.bindparam("of"))
        .values(state=sa.bindparam("stands"), turn_no=sa.bindparam("at_turn"))
    )
)
_REPLIES: Final = Bulk(lambda _: sa.insert(_T["reply"]).inline())
_OUTCOMES: Final = Bulk(lambda _: sa.insert(_T["outcome"]).inline())


class _NotPlain(Exception):
    """The flow wants something that only the plain path gives."""


@dataclass(slots=True)
class _Rows:
    """What is to be written."""

    replies: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    turns: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    reminders: list[str] = field(default_factory=list)


def turn_plain(desk: Desk, prepared: Prepared, db: Session, asked: Sequence[Asked]) -> dict[int, str]:
    """Take the yes of those of the calls that are plain; gives what each hears, by its place. Of the others nothing."""
    yes = {place: one for place, one in enumerate(asked) if _is_yes(one)}
    if not yes:
        return {}
    now = desk.clock.now()
    rows = {row.attempt: row for row in db.execute(_FOUND, {"ids": sorted({one.attempt for one in yes.values()})})}
    owners = _owners(db, {row.phone for row in rows.values()})
    write, said, done = _Rows(), dict[int, str](), set[str]()
    for place, one in yes.items():
        row = rows.get(one.attempt)
        if row is None or row.appointment in done or not _is_its_turn(row, one, now):
            continue
        heard = _take(desk, prepared, row, one, owners.get(row.phone, ()), now, write)
        if heard is not None:
            done.add(row.appointment)
            said[place] = heard
    _write(db, write)
    return said


def _is_yes(one: Asked) -> bool:
    event = one.event
    is_more = event.hung_up or event.recording is not None or event.dialled is not None
    return event.digits == "1" and not is_more and event.recording_url is None


def _is_its_turn(row: Any, one: Asked, now: datetime) -> bool:
    is_now = row.carrier_sid == one.event.carrier_id and one.number == row.turn_no + 1
    return is_now and bangkok_day(row.starts_at) >= bangkok_day(now) and row.state.get(PRIVATE) is not True


def _owners(db: Session, phones: set[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for phone, person in db.execute(_OWNERS, {"phones": sorted(phones)}) if phones else ():
        found.setdefault(phone, []).append(person)
    return found


def _take(
    desk: Desk, prepared: Prepared, row: Any, one: Asked, owners: Sequence[str], now: datetime, write: _Rows
) -> str | None:
    """Play the turn, and note what it changes; None where it is not plain after all."""
    heard = _play(desk, prepared, row, one)
    if heard is None:
        return None
    state, commands, words = heard
    reply = new_id()
    owner = owners[0] if len(owners) == 1 and owners[0] != row.person else None
    write.replies.append({
        "id": reply, "attempt": row.attempt, "call": row.call, "turn_no": one.number, "phone": row.phone,
        "person": row.person, "appointment": row.appointment, "by_role": row.role.value if row.role else "",
        "by_person": owner, "channel": Channel.VOICE, "raw": "1", "answer": Answer.COMING, "at": now,
    })  # fmt: skip
    write.outcomes.append({"reply": reply, "appointment": row.appointment, "effect": "confirmed", "at": now})
    write.confirmed.append({"of": row.appointment, "reply": reply})
    write.reminders.append(row.reminder)
    write.turns.append({"call": row.call, "turn_no": one.number, "digits": "1", "heard": words.heard, "at": now,
                        "response": fit_to_keep(desk, words.response, "")})  # fmt: skip
    stands = begins_with(state_to_json(state), is_private=asks_in_private(commands))
    write.calls.append({"of": row.call, "stands": stands, "at_turn": one.number})
    return words.response


def _play(desk: Desk, prepared: Prepared, row: Any, one: Asked) -> tuple[Any, tuple[PhoneCommand, ...], Said] | None:
    try:
        before = state_from_json(row.state)
    except SavedStateError:
        return None
    flow, facts = desk.flows[REMINDER_CALL], before.facts
    is_asked = (before.flow, before.version, before.node) == (flow.name, flow.version, Node.QUESTION)
    is_of_one = facts.appointment == row.appointment and not facts.subjects and not facts.also
    if not is_asked or not is_of_one or before.studio is not None or moves_of_state(row.state):
        return None
    facts = as_it_stands(desk, facts)
    voice = desk.speech.voices.named(facts.language, facts.voice)
    if voice is None:
        return None
    noted: list[Note] = []
    try:
        state, commands = advance(flow, replace(before, facts=facts), Keys("1"), _nothing, noted.append)
        site: Any = SimpleNamespace(code=row.code, name=row.site_name, name_en=row.site_name_en)
        person: Any = SimpleNamespace(name=row.name)
        names = names_in(commands, name_prompts(desk.speech, facts.language, site, person))
        words = prepared.say(commands, state.facts, voice, names, attempt=row.attempt, next_turn=one.number + 1)
    except (_NotPlain, NothingToPlay):
        return None
    is_yes = [(note.answer, note.appointments) for note in noted] == [(Answer.COMING, ())]
    return (state, commands, words) if is_yes and words is not None and state.flow == flow.name else None


def _nothing(request: Request) -> Event:
    raise _NotPlain


def _write(db: Session, write: _Rows) -> None:
    if not write.replies:
        return
    about = [one["of"] for one in write.confirmed]
    db.execute(_ANSWERED, {"ids": write.reminders})
    db.execute(_STOP, {"ids": about})
    _REPLIES.run(db, write.replies)
    _OUTCOMES.run(db, write.outcomes)
    _CONFIRM.run(db, write.confirmed)
    _GO_ON.run(db, write.calls)
    TURNS.run(db, write.turns)
