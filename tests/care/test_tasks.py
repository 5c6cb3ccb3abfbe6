"""Work for staff is opened once, and nobody's result is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from gateway.care.tasks import (
    RESULTS,
    Result,
    TaskStands,
    assign,
    assignable,
    close_task,
    finish,
    give_back,
    open_task,
    read_result,
    reopen,
    write_result,
)
from gateway.records.staffing import Audit, Role, Staff
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


# What staff do with a task


@pytest.fixture
def nurse(house):
    return house.add(Staff(email="a@x.example", name="A", role=Role.STAFF, password_hash="-", created_at=house.now)).id


@pytest.fixture
def colleague(house):
    return house.add(Staff(email="b@x.example", name="B", role=Role.STAFF, password_hash="-", created_at=house.now)).id


@pytest.fixture
def task(house):
    return open_task(house.db, TaskKind.CALLBACK, "a1", now=house.now)


def deeds(house):
    return [(row.verb, row.staff) for row in house.db.exec(select(Audit).order_by(col(Audit.at)))]


def test_a_task_is_taken_given_to_a_colleague_and_given_back(house, task, nurse, colleague):
    assign(house.db, task, nurse, staff=nurse, now=house.now)
    assert task.assignee == nurse
    assign(house.db, task, colleague, staff=nurse, now=house.now)
    assert task.assignee == colleague
    give_back(house.db, task, staff=colleague, now=house.now)
    assert task.assignee is None
    assert sorted(deeds(house)) == sorted(
        [("task_taken", nurse), ("task_assigned", nurse), ("task_given_back", colleague)]
    )


def test_what_a_colleague_has_is_not_taken_by_accident(house, task, nurse, colleague):
    assign(house.db, task, nurse, staff=nurse, now=house.now)
    with pytest.raises(TaskStands) as told:
        assign(house.db, task, colleague, staff=colleague, now=house.now)
    assert (told.value.why, told.value.by) == ("taken", nurse)
    assert (task.assignee, deeds(house)) == (nurse, [("task_taken", nurse)])


def test_what_a_colleague_has_is_taken_over_on_purpose(house, task, nurse, colleague):
    assign(house.db, task, nurse, staff=nurse, now=house.now)
    assign(house.db, task, colleague, staff=colleague, now=house.now, on_purpose=True)
    assert task.assignee == colleague


def test_who_has_it_may_take_it_again_and_give_it_away(house, task, nurse, colleague):
    assign(house.db, task, nurse, staff=nurse, now=house.now)
    assign(house.db, task, nurse, staff=nurse, now=house.now)
    assign(house.db, task, colleague, staff=nurse, now=house.now)
    assert task.assignee == colleague


def test_of_twenty_who_take_it_at_once_it_stays_with_the_first(database, house_in):
    with database.unit_of_work() as db:
        house = house_in(db)
        staff = [house.add(Staff(email=f"{n}@x.example", name="A", role=Role.STAFF, password_hash="-",
                                 created_at=house.now)).id for n in range(2)]  # fmt: skip
        wanted = open_task(db, TaskKind.CALLBACK, "a1", now=house.now).id
        now = house.now

    def take(who: str) -> str:
        try:
            database.run(lambda db: assign(db, db.get_one(Task, wanted), who, staff=who, now=now))
        except TaskStands as stands:
            return f"{stands.why} by {stands.by}"
        return who

    with ThreadPoolExecutor(20) as pool:
        told = list(pool.map(take, staff * 10))
    with database.reading() as db:
        owner = db.get_one(Task, wanted).assignee
    assert sorted(set(told)) == sorted({owner, f"taken by {owner}"})
    assert told.count(owner) == 10


def test_a_finished_task_keeps_who_when_and_what(house, task, nurse):
    audit = finish(house.db, task, Result.COMING, staff=nurse, now=house.now, note="  กับ\nลูกสาว ")
    assert (task.status, task.done_by, task.done_at) == (TaskStatus.DONE, nurse, house.now)
    assert read_result(task.result) == (Result.COMING, "กับ ลูกสาว")
    assert (audit.kind, audit.verb, audit.undo_until is None) == ("task", "task_done", False)


def test_nobody_answered_leaves_it_open_and_is_kept(house, task, nurse):
    finish(house.db, task, Result.NO_ANSWER, staff=nurse, now=house.now)
    finish(house.db, task, Result.NO_ANSWER, staff=nurse, now=house.now)
    assert (task.status, task.result, task.done_by) == (TaskStatus.OPEN, "", None)
    assert deeds(house) == [("task_tried", nurse)] * 2


def test_who_is_slower_does_not_overwrite_the_result(house, task, nurse, colleague):
    finish(house.db, task, Result.COMING, staff=nurse, now=house.now)
    for late in (
        lambda: finish(house.db, task, Result.DECLINED, staff=colleague, now=house.now),
        lambda: finish(house.db, task, Result.NO_ANSWER, staff=colleague, now=house.now),
        lambda: assign(house.db, task, colleague, staff=colleague, now=house.now),
        lambda: give_back(house.db, task, staff=colleague, now=house.now),
    ):
        with pytest.raises(TaskStands) as told:
            late()
        assert (told.value.why, told.value.by) == ("done", nurse)
    assert (task.result, task.done_by, deeds(house)) == ("coming", nurse, [("task_done", nurse)])


@pytest.mark.parametrize(("result", "note"), [(Result.MENDED, "x"), (Result.OTHER, " \n ")])
def test_a_result_of_another_kind_or_without_words_is_refused(house, task, nurse, result, note):
    with pytest.raises(ValueError, match="is no result of callback"):
        finish(house.db, task, result, staff=nurse, now=house.now, note=note)
    assert (task.status, deeds(house)) == (TaskStatus.OPEN, [])


def test_every_kind_of_task_can_be_done_somehow():
    assert set(RESULTS) == set(TaskKind)
    assert all(Result.OTHER in results and len(set(results)) == len(results) for results in RESULTS.values())


def test_a_done_task_is_opened_again_and_its_result_is_not_lost(house, task, nurse, colleague):
    finish(house.db, task, Result.DECLINED, staff=nurse, now=house.now)
    audit = reopen(house.db, task, staff=colleague, now=house.now, reason="โทรกลับมาแล้ว")
    assert (task.status, task.result, task.done_by, task.done_at) == (TaskStatus.OPEN, "", None, None)
    assert audit.before == {"result": "declined", "done_by": nurse}
    assert audit.after["result"] == "โทรกลับมาแล้ว"


def test_an_open_task_cannot_be_opened_again(house, task, nurse):
    with pytest.raises(TaskStands) as told:
        reopen(house.db, task, staff=nurse, now=house.now)
    assert told.value.why == "open"


def test_a_task_that_a_new_one_follows_stays_done(house, task, nurse):
    finish(house.db, task, Result.DECLINED, staff=nurse, now=house.now)
    open_task(house.db, TaskKind.CALLBACK, "a1", now=house.now)
    with pytest.raises(TaskStands) as told:
        reopen(house.db, task, staff=nurse, now=house.now)
    assert (told.value.why, task.status) == ("again", TaskStatus.DONE)


def test_a_task_may_be_given_to_those_of_its_site_and_those_of_all_sites(house, nurse):
    house.site("10714")
    house.site("10715")
    here = Staff(email="c@x.example", name="C", role=Role.STAFF, site="10714", password_hash="-", created_at=house.now)
    there = Staff(email="d@x.example", name="D", role=Role.STAFF, site="10715", password_hash="-", created_at=house.now)
    gone = Staff(email="e@x.example", name="E", role=Role.STAFF, password_hash="-", created_at=house.now,
                 disabled_at=house.now)  # fmt: skip
    for one in (here, there, gone):
        house.add(one)
    assert [one.id for one in assignable(house.db, "10714")] == [nurse, here.id]
    assert [one.id for one in assignable(house.db, None)] == [nurse, here.id, there.id]


@given(result=st.sampled_from(Result), note=st.text(max_size=600))
def test_what_is_written_of_a_result_is_read_again(result, note):
    words = " ".join(note.split())
    stored = write_result(result, words)
    assert len(stored) <= 400
    assert read_result(stored) == (result, words[: 400 - len(result.value) - 2])


@pytest.mark.parametrize("stored", ["", "told her in person", "call: back"])
def test_words_that_are_no_result_are_shown_as_they_are(stored):
    assert read_result(stored) == (None, stored)
