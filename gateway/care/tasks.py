"""Work for staff: opened once for each kind and subject, however often the reason for it comes back.

What staff do with a task (take it, give it away, finish it, open it again) is written to the record of deeds in the
same unit of work; nobody's result is overwritten by somebody who was slower.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session, col, select

from gateway.records.staffing import Audit, Staff
from gateway.records.status import TaskKind, TaskStatus
from gateway.records.work import Task
from gateway.staff.audit import UNDO_FOR, write_audit

_DETAIL_LENGTH = 200  # the column
_RESULT_LENGTH: Final = 400  # the column
ALSO: Final = "also"  # where a finished task's audit names the audit of what was done with it
WANTS_ANOTHER_DAY: Final = "wants another day"
"""How the detail begins of a call-back that another day settles."""
_BETWEEN: Final = ": "  # a result's word and what was written beside it


class Result(StrEnum):
    """What came of a task."""

    COMING = "coming"  # reached, and comes on the day agreed
    ANOTHER_DAY = "another_day"  # reached, and comes on another day
    DECLINED = "declined"  # reached, and does not want to come
    GIVEN = "given"  # reached: was vaccinated already
    NO_ANSWER = "no_answer"  # nobody picked up: the task stays open
    RIDE_ARRANGED = "ride_arranged"
    NO_RIDE_NEEDED = "no_ride_needed"
    WRONG_NUMBER = "wrong_number"
    NUMBER_RIGHT = "number_right"
    MATCHED = "matched"  # it was found out who wrote or called
    NOT_OURS = "not_ours"  # nobody of ours, nothing to do
    WENT_OUT = "went_out"
    DID_NOT_GO_OUT = "did_not_go_out"
    ONE_PERSON = "one_person"
    TWO_PEOPLE = "two_people"
    SEAT_FOUND = "seat_found"
    MENDED = "mended"
    LANGUAGE_CORRECTED = "language_corrected"  # they speak another language, and contact goes on in it
    ANSWERED = "answered"  # reached, and what they asked or complained of was dealt with
    TAKEN_UP = "taken_up"  # reached, and what they need next is arranged: a record, a day
    OTHER = "other"  # in words


_REACHED: Final = (Result.COMING, Result.ANOTHER_DAY, Result.DECLINED)
RESULTS: Final[Mapping[TaskKind, tuple[Result, ...]]] = {
    TaskKind.CALLBACK: (*_REACHED, Result.RIDE_ARRANGED, Result.NO_ANSWER, Result.WRONG_NUMBER, Result.OTHER),
    TaskKind.RIDE: (Result.RIDE_ARRANGED, Result.NO_RIDE_NEEDED, Result.NO_ANSWER, Result.OTHER),
    TaskKind.UNREACHED: (*_REACHED, Result.GIVEN, Result.NO_ANSWER, Result.WRONG_NUMBER, Result.OTHER),
    TaskKind.QUESTION: (*_REACHED, Result.GIVEN, Result.NO_ANSWER, Result.WRONG_NUMBER, Result.OTHER),
    TaskKind.NO_PROMPT: (*_REACHED, Result.NO_ANSWER, Result.WRONG_NUMBER, Result.OTHER),
    TaskKind.UNMATCHED: (Result.MATCHED, Result.NOT_OURS, Result.NO_ANSWER, Result.OTHER),
    TaskKind.IN_DOUBT: (Result.WENT_OUT, Result.DID_NOT_GO_OUT, Result.NO_ANSWER, Result.OTHER),
    TaskKind.MATCH: (Result.ONE_PERSON, Result.TWO_PEOPLE, Result.WRONG_NUMBER, Result.NUMBER_RIGHT, Result.OTHER),
    TaskKind.NO_SEAT: (Result.SEAT_FOUND, Result.DECLINED, Result.GIVEN, Result.NO_ANSWER, Result.OTHER),
    TaskKind.POISON: (Result.MENDED, Result.OTHER),
    TaskKind.MESSAGE: (Result.ANSWERED, *_REACHED, Result.NO_ANSWER, Result.NOT_OURS, Result.OTHER),
    TaskKind.REGISTER: (Result.TAKEN_UP, Result.DECLINED, Result.GIVEN, Result.NO_ANSWER, Result.OTHER),
}
"""What staff may choose from, by kind, the most likely first."""


class TaskStands(Exception):
    """The task is not in the state the deed needs: somebody was quicker; nothing was written.

    `why` is "done", "taken" (a colleague has it), "open" (already open) or "again" (a new one about the same is open).
    `by` is who, an account's id.
    """

    def __init__(self, why: str, by: str | None = None) -> None:
        super().__init__(why)
        self.why, self.by = why, by


def open_task(
    db: Session,
    kind: TaskKind,
    subject: str,
    *,
    person: str | None = None,
    site: str | None = None,
    village: str | None = None,
    detail: str = "",
    now: datetime,
) -> Task:
    """Return the open task of this kind about `subject`, made now if there is none.

    `detail` is read by staff and exported: no name, number or identity belongs in it.
    """
    known = open_task_about(db, kind, subject)
    if known is not None:
        return known
    task = Task(
        kind=kind,
        subject=subject,
        person=person,
        site=site,
        village=village,
        detail=detail[:_DETAIL_LENGTH],
        created_at=now,
    )
    db.add(task)
    db.flush()
    return task


def open_task_about(db: Session, kind: TaskKind, subject: str) -> Task | None:
    """Return the open task of this kind about `subject`; there is at most one."""
    return db.exec(
        select(Task).where(col(Task.kind) == kind, col(Task.subject) == subject, col(Task.status) == TaskStatus.OPEN)
    ).first()


def close_task(db: Session, task: Task, *, now: datetime) -> bool:
    """Close a task; False when it was closed before."""
    if task.status is not TaskStatus.OPEN:
        return False
    task.status, task.done_at = TaskStatus.DONE, now
    db.add(task)
    db.flush()
    return True


def assign(db: Session, task: Task, to: str, *, staff: str, now: datetime, on_purpose: bool = False) -> Audit:
    """Give an open task to an account, one's own or a colleague's.

    Raises TaskStands when it is done, and when somebody takes what a colleague has, unless `on_purpose`: their page
    may be minutes old, and two who both think it theirs ring the same person.
    """
    db.refresh(task, with_for_update=True)
    _need_open(task)
    if to == staff and task.assignee not in (None, staff) and not on_purpose:
        raise TaskStands("taken", task.assignee)
    verb = "task_taken" if to == staff else "task_assigned"
    before, task.assignee = {"assignee": task.assignee}, to
    return _keep(db, task, verb, staff, now, before, {"assignee": to})


def give_back(db: Session, task: Task, *, staff: str, now: datetime) -> Audit:
    """Leave an open task to whoever takes it next; raises TaskStands when it is done."""
    _need_open(task)
    before, task.assignee = {"assignee": task.assignee}, None
    return _keep(db, task, "task_given_back", staff, now, before, {"assignee": None})


def finish(
    db: Session,
    task: Task,
    result: Result,
    *,
    staff: str,
    now: datetime,
    note: str = "",
) -> Audit:
    """Close a task with what came of it; with NO_ANSWER it stays open, and only the try is kept.

    `note` is what staff add in their own words. Raises TaskStands when the task is done already, ValueError for a
    result that this kind cannot have and for OTHER without words.
    """
    _need_open(task)
    words = " ".join(note.split())
    if result not in RESULTS[task.kind] or (result is Result.OTHER and not words):
        raise ValueError(f"{result.value} is no result of {task.kind.value}, or says nothing")
    said = write_result(result, words)
    if result is Result.NO_ANSWER:
        return _keep(db, task, "task_tried", staff, now, {}, {"result": said})
    before = {"status": task.status.value, "assignee": task.assignee}
    task.result, task.done_by = said, staff
    close_task(db, task, now=now)
    return _keep(db, task, "task_done", staff, now, before, {"result": said}, undo=True)


def join_deeds(db: Session, finished: Audit, also: Audit) -> None:
    """Let what was done with a task's result be taken back with it; both belong to this unit of work."""
    finished.after = {**finished.after, ALSO: also.id}
    db.add(finished)
    db.flush()


def reopen(db: Session, task: Task, *, staff: str, now: datetime, reason: str = "") -> Audit:
    """Open a done task again, whoever closed it; its old result stays in the record of deeds.

    Raises TaskStands when it is open already, or when a new one of this kind about the same is.
    """
    if task.status is TaskStatus.OPEN:
        raise TaskStands("open", task.assignee)
    if open_task_about(db, task.kind, task.subject) is not None:
        raise TaskStands("again")
    before = {"result": task.result, "done_by": task.done_by}
    task.status, task.done_at, task.result, task.done_by = TaskStatus.OPEN, None, "", None
    return _keep(db, task, "task_reopened", staff, now, before, {"result": " ".join(reason.split())[:_RESULT_LENGTH]})


def assignable(db: Session, site: str | None) -> list[Staff]:
    """Accounts that may be given a task of `site`: those of the site and those who see all sites, by name."""
    wanted = select(Staff).where(col(Staff.disabled_at).is_(None))
    if site is not None:
        wanted = wanted.where((col(Staff.site) == site) | col(Staff.site).is_(None))
    return list(db.exec(wanted.order_by(col(Staff.name), col(Staff.id))))


def write_result(result: Result, note: str = "") -> str:
    """A result as it is stored: its word, and what was written beside it."""
    return f"{result.value}{_BETWEEN}{note}"[:_RESULT_LENGTH] if note else result.value


def read_result(stored: str) -> tuple[Result | None, str]:
    """The word and the note of a stored result; None for one that closed by itself or was written elsewhere."""
    word, _, note = stored.partition(_BETWEEN)
    return (Result(word), note) if word in set(Result) else (None, stored)


def _need_open(task: Task) -> None:
    if task.status is not TaskStatus.OPEN:
        raise TaskStands("done", task.done_by)


def _keep(
    db: Session,
    task: Task,
    verb: str,
    staff: str,
    now: datetime,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    undo: bool = False,
) -> Audit:
    db.add(task)
    db.flush()
    return write_audit(
        db,
        staff=staff,
        verb=verb,
        kind="task",
        subject=task.id,
        person=task.person,
        before=before,
        after=after,
        now=now,
        undo_for=UNDO_FOR if undo else None,
    )
