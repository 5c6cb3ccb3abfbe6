"""The accepted rows of a roster written together, or not at all; loading a file twice changes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care import rides
from gateway.care.booking import give_back_seat, take_seats
from gateway.care.ladder_stop import stop_ladder
from gateway.care.notices import plan_notice
from gateway.care.numbers import Numbers
from gateway.care.particulars import SaidPhone
from gateway.care.people import in_chunks
from gateway.care.tasks import open_task
from gateway.records.agreements import Appointment
from gateway.records.database import Database
from gateway.records.people import Person
from gateway.records.rosters import Batch, RosterRow
from gateway.records.status import AppointmentStatus, BatchStatus, TaskKind
from gateway.roster.imported import CANCELLED, imported_of
from gateway.roster.phone_ranks import rank_newest_first
from gateway.roster.prepare import LoadRequest, Plan, Step, Verdict, prepare
from gateway.roster.rows import AcceptedRows, CheckResult
from gateway.staff.audit import write_audit

_REASONS = {
    AppointmentStatus.MOVED: "moved",
    AppointmentStatus.KEPT: "dose_recorded",
    AppointmentStatus.CANCELLED: "dose_recorded",
}


class CancelRefused(Exception):
    """So many appointments are missing from the file that cancelling them needs a second yes; nothing was written."""

    def __init__(self, count: int, in_scope: int) -> None:
        super().__init__(f"{count} of {in_scope} appointments in this scope are not in the file")
        self.count, self.in_scope = count, in_scope


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did: rows by verdict, appointments cancelled, and the check's result with late refusals in it."""

    result: CheckResult
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    conflicts: int = 0
    cancelled: int = 0
    people_created: int = 0
    batch: str | None = None  # its id; None while nothing was written

    def as_json(self) -> dict[str, Any]:
        """Return the check's document with the figures of the load behind it."""
        return {
            **self.result.as_json(),
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "conflicts": self.conflicts,
            "cancelled": self.cancelled,
            "people_created": self.people_created,
        }


def load_roster(
    database: Database,
    result: CheckResult,
    request: LoadRequest,
    *,
    agreed_missing: int | None = None,
    on_row: Callable[[], None] = lambda: None,
) -> LoadReport:
    """Write every accepted row in one unit of work and return what was done.

    Rows whose session is full come back rejected. `agreed_missing` is the operator's second yes: the very number of
    appointments to cancel. Raises CancelRefused when that is needed and not given. `on_row` is called twice a row: when
    it was compared with what is stored, and when it was written.
    """

    def load(db: Db) -> LoadReport:
        plan = prepare(db, result, request, on_row)
        if plan.missing.is_many and agreed_missing != plan.missing.count:
            raise CancelRefused(plan.missing.count, plan.missing.in_scope)
        return _Writer(db, plan, request, on_row).write(result)

    return database.run(load, turn="roster", long=True)  # one roster at a time: two would make one person twice


def foresee(db: Db, result: CheckResult, plan: Plan) -> LoadReport:
    """What `load_roster` would report of this plan, made in the same session; nothing is written.

    The session is of no use for anything else afterwards: give it back.
    """
    with db.no_autoflush:
        _compare_numbers(db, plan.steps)
    verdicts = Counter(_verdict(step) for step in plan.steps)
    new = {step.person.id for step in plan.steps if step.is_new}
    return _report(with_refusals(result, plan), verdicts, cancelled=plan.missing.count, people_created=len(new))


def with_refusals(result: CheckResult, plan: Plan) -> CheckResult:
    """Return the check's result with what only the load could see: rows moved to the rejected, issues added."""
    accepted = AcceptedRows(rows=(row for row in result.accepted_rows if row.line not in plan.refused))
    refused = [result.originals[line] for line in plan.refused]
    found = dict.fromkeys([*result.issues, *plan.issues, *plan.refused.values()])  # each once: both see no session
    issues = sorted(found, key=lambda issue: issue.row)
    rejected = sorted([*result.rejected_rows, *refused], key=lambda row: row.line)
    return replace(result, accepted_rows=accepted, rejected_rows=rejected, issues=issues)


@dataclass(slots=True)
class _Writer:
    """Writes a plan in the order the tables' references ask for."""

    db: Db
    plan: Plan
    request: LoadRequest
    on_row: Callable[[], None]
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    def write(self, result: CheckResult) -> LoadReport:
        """Write everything; nothing is committed here."""
        batch = self._batch()
        created = self._people()
        self._numbers()
        self._doses()
        self._close()
        self._open()
        self._tell()
        self._tasks()
        self._rows(batch)
        cancelled = self._cancel_missing(batch)
        self.db.flush()
        checked = with_refusals(result, self.plan)
        report = _report(checked, self.verdicts, cancelled=cancelled, people_created=created, batch=batch.id)
        self._keep(report)
        return report

    def _keep(self, report: LoadReport) -> None:
        """Who approved it, and what came of it; from the command line the batch itself is the record."""
        if self.request.staff is None:
            return
        counted = {name: value for name, value in report.as_json().items() if name != "issues"}
        write_audit(
            self.db,
            staff=self.request.staff,
            verb="roster_loaded",
            kind="batch",
            subject=report.batch or "",
            after=counted,
            now=self.request.now,
        )

    def _batch(self) -> Batch:
        batch = Batch(
            file_sha=self.request.file_sha,
            scope_site=self.request.site,
            scope_from=self.request.scope_from,
            scope_to=self.request.scope_to,
            status=BatchStatus.LOADED,
            staff=self.request.staff,
            at=_after_the_last(self.db, self.request.now),
        )
        self.db.add(batch)
        self.db.flush()
        return batch

    def _people(self) -> int:
        new = {step.person.id: step.person for step in self.plan.steps if step.is_new}
        self.db.add_all(new.values())
        for step in self.plan.steps:
            for name, value in step.fields.items():
                setattr(step.person, name, value)
        self.db.flush()
        return len(new)

    def _numbers(self) -> None:
        numbers, changed = _compare_numbers(self.db, self.plan.steps)
        numbers.write()
        rank_newest_first(self.db, changed)

    def _doses(self) -> None:
        for step in self.plan.steps:
            for dose, given_on in step.corrected:
                dose.given_on = given_on
            self.db.add_all(step.doses)
        self.db.flush()

    def _close(self) -> None:
        """Close old appointments before new ones of the same dose are written: only one may be live."""
        closed = [pair for step in self.plan.steps for pair in step.closed]
        for appointment, status in closed:
            appointment.status, appointment.version = status, appointment.version + 1
        self.db.flush()
        for appointment, status in closed:
            if status is not AppointmentStatus.KEPT:
                give_back_seat(self.db, appointment.id)
            if status is not AppointmentStatus.MOVED:
                rides.end(self.db, appointment.id, now=self.request.now)
            stop_ladder(self.db, appointment.id, reason=_REASONS[status], now=self.request.now)

    def _open(self) -> None:
        self.db.add_all([step.opened for step in self.plan.steps if step.opened is not None])
        self.db.flush()
        seated = [step.opened for step in self.plan.steps if step.opened is not None and step.opened.session]
        for appointment, session in (step.seat for step in self.plan.steps if step.seat is not None):
            appointment.session = session.id
            seated.append(appointment)
        no_hour = {step.opened.id for step in self.plan.steps if step.opened is not None and step.row.is_without_hour}
        take_seats(self.db, seated, spread=no_hour)
        for old, fresh in self._moved():
            rides.carry_over(self.db, old.id, fresh, now=self.request.now)

    def _moved(self) -> Iterator[tuple[Appointment, Appointment]]:
        """Each appointment the file put on another day or hour, and the one that took its place."""
        for step in self.plan.steps:
            old = next((one for one, status in step.closed if status is AppointmentStatus.MOVED), None)
            if old is not None and step.opened is not None:
                yield old, step.opened

    def _tasks(self) -> None:
        for step in self.plan.steps:
            people = sorted({step.person.id, *(one.id for one in step.rivals)})
            if step.rivals:
                self._open_match(step.person, "may be one person: " + " ".join(people)[:170])
            elif step.is_in_doubt:
                self._open_match(step.person, "one hospital number, another name and surname: may be two people")

    def _open_match(self, person: Person, detail: str) -> None:
        about = person.id
        open_task(self.db, TaskKind.MATCH, about, person=about, site=person.site, detail=detail, now=self.request.now)

    def _tell(self) -> None:
        """Who keeps the old day in mind would come on it: a changed date is told at once, not at the next step."""
        for old, new in self._moved():
            if self.request.now < new.starts_at != old.starts_at:
                plan_notice(self.db, new, "moved", now=self.request.now)

    def _rows(self, batch: Batch) -> None:
        for step in self.plan.steps:
            verdict = _verdict(step)
            self.verdicts[verdict] += 1
            self.db.add(
                RosterRow(
                    batch=batch.id,
                    line=step.row.line,
                    source_key=step.source_key,
                    imported=imported_of(step.row),
                    person=step.person.id,
                    appointment=step.appointment,
                    verdict=verdict.value,
                )
            )
            self.on_row()
        self.db.flush()

    def _cancel_missing(self, batch: Batch) -> int:
        imported = _rows_of(self.db, self.plan.missing.appointments)
        for number, appointment in enumerate(self.plan.missing.appointments, 1):
            appointment.status, appointment.version = AppointmentStatus.CANCELLED, appointment.version + 1
            self.db.flush()
            give_back_seat(self.db, appointment.id)
            stop_ladder(self.db, appointment.id, reason="not_in_file", now=self.request.now)
            rides.end(self.db, appointment.id, now=self.request.now)
            last = imported.get(appointment.id)
            if last is not None:  # so that a later file that mentions it again makes it anew
                self.db.add(
                    RosterRow(
                        batch=batch.id,
                        line=-number,
                        source_key=last.source_key,
                        imported=last.imported,
                        person=last.person,
                        appointment=appointment.id,
                        verdict=CANCELLED,
                    )
                )
        return self.plan.missing.count


def _compare_numbers(db: Db, planned: Sequence[Step]) -> tuple[Numbers, dict[str, list[SaidPhone]]]:
    """Compare numbers by person, not by row: all rows of the file together are what it says.

    Returns what is to be written, and what the file says of those whose numbers change; their first rows are marked.
    """
    steps: dict[str, list[Step]] = defaultdict(list)
    for step in planned:
        steps[step.person.id].append(step)
    said = {person: _all_phones(mine) for person, mine in steps.items()}
    numbers = Numbers(db, steps, (one.number.e164 for phones in said.values() for one in phones))
    changed = [person for person, mine in steps.items() if numbers.update(person, said[person], _numbers_before(mine))]
    for person in changed:
        steps[person][0].numbers_changed = True
    return numbers, {person: said[person] for person in changed}


def _report(result: CheckResult, verdicts: Counter[Verdict], **counted: Any) -> LoadReport:
    return LoadReport(
        result,
        created=verdicts[Verdict.CREATED],
        changed=verdicts[Verdict.CHANGED],
        unchanged=verdicts[Verdict.UNCHANGED],
        conflicts=verdicts[Verdict.CONFLICT],
        **counted,
    )


def _numbers_before(steps: list[Step]) -> list[str]:
    """Return the numbers to replace: none while it is in doubt whose they are, new ones are only added."""
    return [] if any(step.is_in_doubt for step in steps) else steps[0].numbers_before


def _all_phones(steps: list[Step]) -> list[SaidPhone]:
    found: dict[str, SaidPhone] = {}
    for step in steps:
        for one in step.row.person.phones:
            found.setdefault(one.number.e164, one)
    return list(found.values())


def _verdict(step: Step) -> Verdict:
    if step.conflicts:
        return Verdict.CONFLICT
    if step.is_new or (step.opened is not None and step.opened.moved_from is None):
        return Verdict.CREATED
    return Verdict.CHANGED if step.changes_something else Verdict.UNCHANGED


def _after_the_last(db: Db, now: datetime) -> datetime:
    """Return `now`, or just after the last batch: with a clock that stands still two batches must keep their order."""
    last = db.exec(select(sa.func.max(col(Batch.at)))).one()
    return now if last is None or last < now else last + timedelta(microseconds=1)


def _rows_of(db: Db, appointments: list[Appointment]) -> dict[str, RosterRow]:
    """Return the newest imported row of each appointment."""
    found: dict[str, RosterRow] = {}
    for chunk in in_chunks(one.id for one in appointments):
        query = select(RosterRow).join(Batch, col(Batch.id) == col(RosterRow.batch))
        rows = db.exec(query.where(col(RosterRow.appointment).in_(chunk)).order_by(col(Batch.at)))
        found.update((row.appointment, row) for row in rows if row.appointment is not None)
    return found
