"""Work for staff: opened once for each kind and subject, however often the reason for it comes back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from gateway.records.status import TaskKind, TaskStatus
from gateway.records.work import Task

_DETAIL_LENGTH = 200  # the column


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
