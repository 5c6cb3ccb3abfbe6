"""What a load would do, row by row, worked out in memory before anything is written; the operator sees its counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session as Db

from gateway.care.people import Match, People, bears_another_name, changes_to, is_other_name
from gateway.care.regimens import Regimens
from gateway.care.sight import seen_from
from gateway.kit.clock import bangkok_day
from gateway.records.agreements import Appointment, Dose
from gateway.records.people import Person
from gateway.records.places import Session
from gateway.records.status import AppointmentStatus
from gateway.roster.agreed import Agreed, is_recorded, new_dose
from gateway.roster.imported import Imports, LastImport, source_key
from gateway.roster.issues import Issue, Severity, make_issue
from gateway.roster.missing import Missing, find_missing
from gateway.roster.rows import CheckedRow, CheckResult, GivenDose, Wish, half_day

WHO_FIELDS: Final = frozenset({"title", "name", "surname", "birth_date", "id_kind", "id_value", "hcode", "hn"})
"""What says who somebody is: not overwritten while staff have not looked whether two people share a number."""


class Verdict(StrEnum):
    """What a row came to."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"  # the file and somebody else both changed something; theirs was kept


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What the operator asked for; `now` is aware. The scope is complete only with site and both days."""

    now: datetime
    regimens: Regimens
    file_sha: str = ""
    site: str | None = None
    scope_from: date | None = None
    scope_to: date | None = None
    sample: bool = False
    staff: str | None = None  # who loads it at the console
    bound: str | None = None  # the only site whose people they may see and change; None: all

    @property
    def may_cancel(self) -> bool:
        """Whether what the file does not mention may be cancelled at all."""
        return None not in (self.site, self.scope_from, self.scope_to)


@dataclass(slots=True)
class Step:
    """What is to be done for one accepted row."""

    row: CheckedRow
    source_key: str
    person: Person
    is_new: bool
    fields: dict[str, Any] = field(default_factory=dict)
    numbers_before: list[str] = field(default_factory=list)
    doses: list[Dose] = field(default_factory=list)
    corrected: list[tuple[Dose, date]] = field(default_factory=list)
    closed: list[tuple[Appointment, AppointmentStatus]] = field(default_factory=list)
    opened: Appointment | None = None
    seat: tuple[Appointment, Session] | None = None
    appointment: str | None = None
    rivals: tuple[Person, ...] = ()
    is_in_doubt: bool = False  # a hospital number that may have been given to two people
    conflicts: list[str] = field(default_factory=list)
    numbers_changed: bool = False

    @property
    def changes_something(self) -> bool:
        """Whether anything but the record of this import is written."""
        return bool(
            self.is_new
            or self.fields
            or self.doses
            or self.corrected
            or self.closed
            or self.opened
            or self.seat
            or self.numbers_changed
        )


@dataclass(slots=True)
class Plan:
    """Everything a load will do."""

    steps: list[Step] = field(default_factory=list)
    refused: dict[int, Issue] = field(default_factory=dict)  # line -> why
    issues: list[Issue] = field(default_factory=list)
    missing: Missing = field(default_factory=Missing)
    people: People | None = None


def prepare(db: Db, result: CheckResult, request: LoadRequest, on_row: Callable[[], None] = lambda: None) -> Plan:
    """Return what loading `result` would do; only reads. In a unit of work the plan may then be written.

    `on_row` is called once a row.
    """
    rows = result.accepted_rows
    imports = Imports()
    imports.read_keys(db, (_key(row) for row in rows))
    described = [row.person for row in rows] + [mention.person for mention in result.mentions]
    people = People(db, described, also={one.person for one in imports.by_key.values() if one.person})
    imports.read_people(db, people.ids)
    agreed = Agreed(db, people.ids, [row.wish for row in rows if row.wish], request.regimens)
    seen = None if request.bound is None else seen_from(db, people.ids, request.bound)
    planner = _Planner(people, agreed, imports, request, seen)
    for row in rows:
        planner.add(row)
        on_row()
    planner.plan.missing = find_missing(db, result, request, planner.mentioned, _people_of(people, result))
    planner.plan.issues += planner.plan.missing.issues
    return planner.plan


def _key(row: CheckedRow) -> str:
    return source_key(row.person, *row.subject)


def _people_of(people: People, result: CheckResult) -> Sequence[tuple[str, str, int]]:
    """Return person, vaccine and dose of the rejected rows whose person is known."""
    found = [(people.match(one.person).person, one) for one in result.mentions]
    return [(person.id, one.vaccine, one.dose) for person, one in found if person is not None]


class _Planner:
    """Goes through the rows in their order; what one row takes, the next no longer finds."""

    def __init__(
        self, people: People, agreed: Agreed, imports: Imports, request: LoadRequest, seen: set[str] | None
    ) -> None:
        self._people, self._agreed, self._imports, self._request = people, agreed, imports, request
        self._seen = seen  # whom the uploader may see; None: everybody
        self._lines: dict[tuple[str, str, int], int] = {}
        self._new: dict[str, Person] = {}
        self.mentioned: set[tuple[str, str, int]] = set()
        self.plan = Plan(people=people)

    def add(self, row: CheckedRow) -> None:
        """Plan one row, or refuse it."""
        key = _key(row)
        match = self._match(row, key)
        if self._is_out_of_sight(match):
            self._refuse(row, "", "other_site_person")
            return
        step = self._step(row, key, match)
        subject = (step.person.id, *row.subject)
        self.mentioned.add(subject)
        if subject in self._lines:
            self._refuse(row, "", "duplicate_row", self._lines[subject])
            return
        last = self._last(key, step)
        problem = self._plan_wish(step, row.wish, last) if row.wish else None
        if problem is not None:
            self._refuse(row, "appointment_date", problem)
            return
        self._lines[subject] = row.line
        self._plan_person(step, last)
        if row.given is not None:
            self._plan_dose(step, row.given, last)
        self._imports.remember(row, step.person.id)
        self.plan.steps.append(step)

    def _match(self, row: CheckedRow, key: str) -> Match:
        """Who this row meant when it was last loaded, else who it means; an identity may have changed hands since."""
        known = self._imports.by_key.get(key)
        before = self._people.get(known.person) if known else None
        if before is not None and (row.person.identity is None or not bears_another_name(before, row.person)):
            return Match(before)
        return self._people.match(row.person)

    def _is_out_of_sight(self, match: Match) -> bool:
        """Whether a row means somebody its uploader may not see, or would make such a person's double."""
        if self._seen is None:
            return False
        meant = match.rivals if match.person is None else (match.person,)
        return any(one.id not in self._seen and one.id not in self._new for one in meant)

    def _last(self, key: str, step: Step) -> LastImport | None:
        """The last import of a step's row; not that of somebody else who came under the same key."""
        last = self._imports.by_key.get(key)
        if last is not None and last.person is not None and self._people.get(last.person) is not step.person:
            return self._imports.by_subject.get((step.person.id, *step.row.subject))
        return self._imports.of(key, step.person.id, *step.row.subject)

    def _step(self, row: CheckedRow, key: str, match: Match) -> Step:
        person = match.person
        if person is None:
            person = self._people.create(row.person, now=self._request.now, sample=self._request.sample)
            self._new[person.id] = person
        return Step(row, key, person, is_new=person.id in self._new, rivals=match.rivals)

    def _refuse(self, row: CheckedRow, column: str, code: str, line: int = 0) -> None:
        self.plan.refused[row.line] = make_issue(row.line, column, code, line=line)

    def _warn(self, row: CheckedRow, column: str, code: str) -> None:
        self.plan.issues.append(make_issue(row.line, column, code, severity=Severity.WARNING))

    def _plan_person(self, step: Step, last: LastImport | None) -> None:
        before = self._imports.said_of(step.person.id, last)
        step.numbers_before = self._imports.numbers_of(step.person.id)
        if step.rivals:
            self._warn(step.row, "", "person_match")
        fields, conflicts = changes_to(step.person, step.row.person, before)
        fields |= self._people.missing_numbers(step.person, step.row.person)
        if is_other_name(step.person, step.row.person):
            step.is_in_doubt = True
            self._warn(step.row, "name", "same_hn_other_name")
            fields = {name: value for name, value in fields.items() if name not in WHO_FIELDS}
            conflicts = [name for name in conflicts if name not in WHO_FIELDS]
        step.fields = fields
        for name in conflicts:
            self._conflict(step, "channel" if name == "preferred_channel" else name)

    def _conflict(self, step: Step, column: str) -> None:
        step.conflicts.append(column)
        self._warn(step.row, column, "changed_both")

    def _plan_wish(self, step: Step, wish: Wish, last: LastImport | None) -> str | None:
        """Plan the row's appointment; return the code of a refusal."""
        live = self._agreed.live(step.person.id, wish.vaccine, wish.dose)
        before = last.wish if last else None
        any_hour = not wish.has_hour and self._agreed.session_for(wish) is not None
        if live is not None and _agrees(wish, live.site, live.starts_at, any_hour=any_hour):
            step.appointment = live.id
            self._plan_missing_seat(step, live, wish)
            return None
        if before is not None and _says_the_same(wish, before, any_hour=any_hour):
            step.appointment = last.appointment if last else None  # unchanged in the file: what came of it stands
            return None
        if live is None and (before is None or self._was_missed(last)):
            return self._open(step, wish, None)
        ours = live is not None and (
            (last is not None and last.appointment == live.id) or (before is None and live.source == "second_dose")
        )
        if live is not None and ours:
            return self._open(step, wish, live)
        step.appointment = last.appointment if last else None
        self._conflict(step, "appointment_date")
        return None

    def _was_missed(self, last: LastImport | None) -> bool:
        """Whether the old appointment passed unkept: another date is then a new one, not against anybody's wish."""
        return last is not None and self._agreed.status(last.appointment) is AppointmentStatus.MISSED

    def _open(self, step: Step, wish: Wish, old: Appointment | None) -> str | None:
        session = self._agreed.session_for(wish)
        # A seat in the same session serves the new hour as well: it is given back first.
        kept = old is not None and session is not None and old.session == session.id and self._agreed.is_seated(old)
        if session is not None and not kept and not self._agreed.has_seat_left(session):
            return "session_closed" if session.closed_at else "session_full"
        step.opened = self._appointment(step, wish, session, old)
        step.appointment = step.opened.id
        if old is not None:
            self._agreed.uncount_seat(old)
            step.closed.append((old, AppointmentStatus.MOVED))
        if session is None:
            self._warn(step.row, "appointment_date", "no_session")
        else:
            self._agreed.count_seat(session)
        return None

    def _appointment(self, step: Step, wish: Wish, session: Session | None, old: Appointment | None) -> Appointment:
        person = step.person.id
        return Appointment(
            person=person,
            site=wish.site,
            session=session.id if session else None,
            regimen=wish.vaccine,
            course=old.course if old else self._course(person, wish, step.row.given),
            dose_no=wish.dose,
            starts_at=wish.starts_at,
            moved_from=old.id if old else None,
            source="roster",
            created_at=self._request.now,
        )

    def _course(self, person: str, wish: Wish, given: GivenDose | None) -> int:
        course = self._agreed.course_for(person, wish.vaccine, wish.dose)
        if given is None or given.vaccine != wish.vaccine or is_recorded(self._agreed, person, given):
            return course
        given_in = self._agreed.course_for(person, given.vaccine, given.number)
        return max(course, given_in + (1 if wish.dose <= given.number else 0))

    def _plan_missing_seat(self, step: Step, live: Appointment, wish: Wish) -> None:
        """Seat somebody whose session was stored only after their appointment."""
        if live.session is not None or self._agreed.is_seated(live):
            return
        session = self._agreed.session_for(wish)
        if session is not None and self._agreed.has_seat_left(session):
            self._agreed.count_seat(session)
            step.seat = (live, session)

    def _plan_dose(self, step: Step, given: GivenDose, last: LastImport | None) -> None:
        person = step.person.id
        if is_recorded(self._agreed, person, given):
            return
        old = last.imported.get("given") if last else None
        known = self._agreed.doses(person, given.vaccine, given.number)
        stale = [dose for dose in known if old and dose.given_on.isoformat() == old[2] and dose.source == "roster"]
        if stale:
            step.corrected.append((stale[-1], given.given_on))
            return
        dose = new_dose(self._agreed, person, given)
        if dose is None:
            self._warn(step.row, "last_dose_date", "dose_differs")
            return
        self._agreed.add_dose(dose)
        step.doses.append(dose)
        self._close_given(step, given)

    def _close_given(self, step: Step, given: GivenDose) -> None:
        """A recorded dose stops the ladder of its appointment (law 4)."""
        live = self._agreed.live(step.person.id, given.vaccine, given.number)
        wish = step.row.wish
        if live is None or (wish is not None and (wish.vaccine, wish.dose) == (given.vaccine, given.number)):
            return
        kept = bangkok_day(live.starts_at) <= given.given_on
        step.closed.append((live, AppointmentStatus.KEPT if kept else AppointmentStatus.CANCELLED))
        if not kept:
            self._agreed.uncount_seat(live)


def _agrees(wish: Wish, site: str, starts_at: datetime, *, any_hour: bool) -> bool:
    """Whether a row asks for just this: this hour, or only this half-day.

    Who was given no hour comes at their ticket's: a file loaded again must not move them to the session's first minute.
    """
    if any_hour:
        return half_day(site, starts_at) == wish.half_day
    return (site, starts_at) == (wish.site, wish.starts_at)


def _says_the_same(wish: Wish, before: Mapping[str, Any], *, any_hour: bool) -> bool:
    """Whether the row says what it said at its last import; an hour written where none was is another thing."""
    if wish.has_hour and not before.get("has_hour", True):
        return False
    return _agrees(wish, before["site"], datetime.fromisoformat(before["starts_at"]), any_hour=any_hour)
