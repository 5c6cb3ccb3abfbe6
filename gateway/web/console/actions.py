"""What staff do about a person or an appointment, each as one form; and the minute in which it is taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from fastapi import APIRouter, Depends, Response
from sqlmodel import Session

from gateway.care import at_the_desk, desk_people, desk_phones, desk_rides
from gateway.care.at_the_desk import CancelReason
from gateway.care.calendar import LATE, NOT_BY_KEY
from gateway.care.desk_view import actions_for
from gateway.care.desk_work import NotPossible
from gateway.care.undo import undo
from gateway.kit.clock import Clock, DemoClock, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.people import Person, PhoneRole
from gateway.records.staffing import Audit
from gateway.records.status import Channel
from gateway.reports.people_search import is_seen_from
from gateway.reports.worklists import find_task
from gateway.staff.audit import UNDO_FOR
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.trouble import Missing, Refused

PEOPLE: Final = "/console/people"
Deed = Callable[[Session, str, Posted], Audit]
_ON_A_LIST: Final = frozenset({"arrived", "not_arrived", "ride_arranged", "ride_cancelled"})
_VERSION: Final = re.compile(r"\d{1,9}")


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """A route a deed; all lead back to the person's page, where the deed can be undone for a minute."""
    form = desk.gate.form()
    doing = _Doing(desk)
    for name, deed in doing.about_appointments.items():
        routes.add_api_route(f"/appointments/{{subject}}/{name}", _route(doing.appointment, deed, form),
                             methods=["POST"], name=name)  # fmt: skip
    for name, deed in doing.about_people.items():
        routes.add_api_route(f"/people/{{subject}}/{name}", _route(doing.person, deed, form),
                             methods=["POST"], name=name)  # fmt: skip
    routes.add_api_route("/undo/{subject}", _route(doing.undone, doing.take_back, form), methods=["POST"], name="undo")


def panel(desk: ConsoleDesk, db: Session, person: str) -> dict[str, Any]:
    """What person_actions.html is drawn from."""
    actions = actions_for(db, person, now=desk.clock.now(), regimens=desk.regimens)
    return {"actions": actions, "cancel_reasons": tuple(CancelReason), "languages": desk.languages.codes}


def find_person(db: Session, person_id: str, visitor: Visitor) -> Person:
    """A person this visitor may see; raises Missing."""
    person = db.get(Person, person_id)
    if person is None or not is_seen_from(db, person, visitor.site):
        raise Missing("actions.refused.no_person", back=PEOPLE)
    return person


def find_appointment(db: Session, appointment_id: str, visitor: Visitor) -> Appointment:
    """An appointment of a person this visitor may see; raises Missing."""
    appointment = db.get(Appointment, appointment_id)
    if appointment is None:
        raise Missing("actions.refused.no_appointment", back=PEOPLE)
    find_person(db, appointment.person, visitor)
    return appointment


def page_of(person: str) -> str:
    """The address of a person's page."""
    return f"{PEOPLE}/{person}"


def _route(
    handle: Callable[[str, Posted, Deed], Response], deed: Deed, form: Callable[..., object]
) -> Callable[..., Response]:
    def answer(subject: str, posted: Posted = Depends(form)) -> Response:
        return handle(subject, posted, deed)

    return answer


class _Doing:
    """The deeds by the last word of their address."""

    def __init__(self, desk: ConsoleDesk) -> None:
        self._desk = desk
        self.about_appointments: dict[str, Deed] = {
            "confirm": self._simple(at_the_desk.confirmed),
            "came": self._simple(at_the_desk.came),
            "missed": self._simple(at_the_desk.missed),
            "cancel": self._cancel,
            "vaccinated": self._vaccinated,
            "move": self._move,
            "ride": self._ride,
        }
        self.about_people: dict[str, Deed] = {
            "died": self._died,
            "stop": self._consent(desk_people.stopped),
            "resume": self._consent(desk_people.resumed),
            "note": self._note,
            "phone": self._phone,
            "language": self._language,
            "reads": self._reads,
        }

    def appointment(self, subject: str, posted: Posted, deed: Deed) -> Response:
        """Do something about an appointment, once."""

        def work(db: Session) -> str:
            person = find_appointment(db, subject, posted.visitor).person
            return self._done(db, subject, posted, deed, back=page_of(person))

        return self._desk.gate.once(posted, work)

    def person(self, subject: str, posted: Posted, deed: Deed) -> Response:
        """Do something for a person, once."""

        def work(db: Session) -> str:
            person = find_person(db, subject, posted.visitor)
            return self._done(db, subject, posted, deed, back=page_of(person.id))

        return self._desk.gate.once(posted, work)

    def undone(self, subject: str, posted: Posted, deed: Deed) -> Response:
        """Take back the deed of an audit row, once."""

        def work(db: Session) -> str:
            audit = db.get(Audit, subject)
            if audit is None:
                raise Missing("actions.refused.undo_unknown", back=PEOPLE)
            if audit.person is not None:
                find_person(db, audit.person, posted.visitor)
            if audit.kind == "task" and find_task(db, audit.subject, bound=posted.visitor.site) is None:
                raise Missing("actions.refused.undo_unknown", back=PEOPLE)
            back = _undone_at(db, audit)
            return self._done(db, subject, posted, deed, back=back)

        return self._desk.gate.once(posted, work)

    def take_back(self, db: Session, subject: str, posted: Posted) -> Audit:
        """The deed of undoing one."""
        now, real_now = self._desk.clock.now(), datetime.now(UTC)
        return undo(db, subject, staff=posted.visitor.id, now=now, real_now=real_now)

    def _done(self, db: Session, subject: str, posted: Posted, deed: Deed, *, back: str) -> str:
        try:
            audit = deed(db, subject, posted)
        except NotPossible as error:
            raise Refused(f"actions.refused.{error.key}", back=back, **error.values) from error
        return f"{back}{'&' if '?' in back else '?'}done={audit.id}"

    def _by(self, posted: Posted) -> dict[str, Any]:
        return {"staff": posted.visitor.id, "now": self._desk.clock.now()}

    def _about(self, posted: Posted) -> dict[str, Any]:
        return {"version": _version(posted), **self._by(posted)}

    def _simple(self, deed: Callable[..., Audit]) -> Deed:
        return lambda db, subject, posted: deed(db, subject, **self._about(posted))

    def _cancel(self, db: Session, subject: str, posted: Posted) -> Audit:
        reason = _one_of(CancelReason, posted.fields.get("reason", ""), "reason")
        text = _is_ticked(posted, "text")
        after = told_after(self._desk.clock)
        return at_the_desk.cancelled(db, subject, reason=reason, text=text, told_after=after, **self._about(posted))

    def _vaccinated(self, db: Session, subject: str, posted: Posted) -> Audit:
        return at_the_desk.vaccinated(
            db,
            subject,
            product=posted.fields.get("product", ""),
            given_on=_day(posted, "given_on"),
            regimens=self._desk.regimens,
            **self._about(posted),
        )

    def _move(self, db: Session, subject: str, posted: Posted) -> Audit:
        session = posted.fields.get("session", "")
        if not session:
            raise NotPossible("no_session")
        return at_the_desk.moved(
            db,
            subject,
            session[:80],
            chosen=_is_ticked(posted, "chosen"),
            text=_is_ticked(posted, "text"),
            told_after=told_after(self._desk.clock),
            agreed=[word for word in (LATE, NOT_BY_KEY) if _is_ticked(posted, word)],
            regimens=self._desk.regimens,
            **self._about(posted),
        )

    def _ride(self, db: Session, subject: str, posted: Posted) -> Audit:
        return desk_rides.asked(db, subject, **self._by(posted))

    def _died(self, db: Session, subject: str, posted: Posted) -> Audit:
        if not _is_ticked(posted, "sure"):
            raise NotPossible("not_sure")
        return desk_people.died(db, subject, day=_day(posted, "day"), **self._by(posted))

    def _consent(self, deed: Callable[..., Audit]) -> Deed:
        def change(db: Session, subject: str, posted: Posted) -> Audit:
            channel = posted.fields.get("channel", "")
            return deed(
                db,
                subject,
                phone=_phone_id(posted),
                channel=_one_of(Channel, channel, "channel_unknown") if channel else None,
                **self._by(posted),
            )

        return change

    def _note(self, db: Session, subject: str, posted: Posted) -> Audit:
        return desk_people.noted(db, subject, posted.fields.get("text", ""), **self._by(posted))

    def _phone(self, db: Session, subject: str, posted: Posted) -> Audit:
        phone, number = _phone_id(posted), posted.fields.get("number", "")[:100]
        role = _one_of(PhoneRole, posted.fields.get("role", ""), "phone_role")
        if phone is None:
            return desk_phones.phone_added(db, subject, number, role=role, **self._by(posted))
        return desk_phones.phone_corrected(db, subject, phone, number, role=role, **self._by(posted))

    def _reads(self, db: Session, subject: str, posted: Posted) -> Audit:
        return desk_people.reading_noted(db, subject, _reading(posted), **self._by(posted))

    def _language(self, db: Session, subject: str, posted: Posted) -> Audit:
        wanted = posted.fields.get("language", "")
        known = db.get_one(Person, subject)
        # Of another script nothing is known yet.
        reads = known.reads_script if wanted == known.language else None
        reads = _reading(posted) if "reads" in posted.fields else reads
        return desk_people.language_corrected(
            db, subject, wanted, reads=reads, languages=self._desk.languages, **self._by(posted)
        )


def _undone_at(db: Session, audit: Audit) -> str:
    """The page on which the deed was done: a list that staff work on, else the person's own."""
    if audit.kind == "task" or audit.person is None:
        return "/console/worklists"
    appointment = db.get(Appointment, audit.subject) if audit.kind == "appointment" else None
    if appointment is None or audit.verb not in _ON_A_LIST:
        return page_of(audit.person)
    if audit.verb in ("ride_arranged", "ride_cancelled"):
        return f"/console/rides?day={bangkok_day(appointment.starts_at).isoformat()}"
    return f"/console/sessions/{appointment.session}" if appointment.session else page_of(audit.person)


def told_after(clock: Clock) -> timedelta:
    """The minute of real time in which a deed can be undone, as long as it is by the house's clock."""
    return UNDO_FOR * clock.speed if isinstance(clock, DemoClock) else UNDO_FOR


def _version(posted: Posted) -> int:
    """Of the appointment as it stood on the page; a form without one is no form of ours."""
    found = posted.fields.get("version", "")
    if not _VERSION.fullmatch(found):
        raise NotPossible("changed")
    return int(found)


def _phone_id(posted: Posted) -> int | None:
    found = posted.fields.get("phone", "")
    if found and not re.fullmatch(r"\d{1,18}", found):
        raise NotPossible("phone_not_theirs")
    return int(found) if found else None


def _day(posted: Posted, name: str) -> date:
    try:
        return date.fromisoformat(posted.fields.get(name, "").strip())
    except ValueError as error:
        raise NotPossible("day_unreadable") from error


def _reading(posted: Posted) -> bool | None:
    known = {"yes": True, "no": False, "unknown": None}
    if posted.fields.get("reads", "") not in known:
        raise NotPossible("reading_unclear")
    return known[posted.fields["reads"]]


def _is_ticked(posted: Posted, name: str) -> bool:
    return posted.fields.get(name) == "yes"


def _one_of(kind: Any, raw: str, key: str) -> Any:
    try:
        return kind(raw)
    except ValueError as error:
        raise NotPossible(key) from error
