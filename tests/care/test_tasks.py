"""Work for staff is opened once."""

from __future__ import annotations

from sqlmodel import select

from gateway.care.tasks import close_task, open_task
from gateway.records.status import TaskKind, TaskStatus
from gateway.records.work import Task


def test_a_task_is_opened_once_while_it_is_open(house):
    first = open_task(house.db, TaskKind.RIDE, "a1", detail="needs to be fetched", now=house.now)

    assert open_task(house.db, TaskKind.RIDE, "a1", detail="again", now=house.now) is first
    assert len(house.db.exec(select(Task)).all()) == 1


def test_another_kind_or_subject_is_another_task(house):
    first = open_task(house.db, TaskKind.RIDE, "a1", now=house.now)

    assert open_task(house.db, TaskKind.CALLBACK, "a1", now=house.now) is not first
    assert open_task(house.db, TaskKind.RIDE, "a2", now=house.now) is not first


def test_a_closed_task_may_be_followed_by_a_new_one(house):
    first = open_task(house.db, TaskKind.RIDE, "a1", now=house.now)

    assert close_task(house.db, first, now=house.now)
    assert not close_task(house.db, first, now=house.now)
    assert (first.status, first.done_at) == (TaskStatus.DONE, house.now)
    assert open_task(house.db, TaskKind.RIDE, "a1", now=house.now) is not first


def test_a_long_detail_is_cut_to_its_column(house):
    assert len(open_task(house.db, TaskKind.POISON, "a1", detail="x" * 900, now=house.now).detail) == 200
