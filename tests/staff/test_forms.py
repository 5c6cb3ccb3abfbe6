"""A form sent twice does its work once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from gateway.records.database import Database
from gateway.records.staffing import FormPost, Note, Staff
from gateway.staff.forms import KEPT_FOR, do_once, new_form
from tests.staff.conftest import NOW
from tests.support.world import World

Work = Callable[[Session], str]


@pytest.fixture
def work(world: World) -> Work:
    """Writes a note, and leads to it."""
    person = world.person()

    def write(db: Session) -> str:
        note = Note(person=person.id, text="once", at=NOW)
        db.add(note)
        db.flush()
        return f"/console/notes/{note.id}"

    return write


def send(database: Database, form: str, staff: Staff, work: Work) -> str:
    return database.run(lambda db: do_once(db, form, staff.id, work, at=NOW))


def test_the_second_time_it_leads_where_the_first_one_led(
    world: World, database: Database, nurse: Staff, work: Work
) -> None:
    form = new_form()
    first, second = (send(database, form, nurse, work) for _ in range(2))
    assert first == second
    assert len(world.all(Note)) == 1


def test_another_form_is_another_deed(world: World, database: Database, nurse: Staff, work: Work) -> None:
    send(database, new_form(), nurse, work)
    send(database, new_form(), nurse, work)
    assert len(world.all(Note)) == 2


def test_the_same_word_from_somebody_else_is_another_form(
    world: World, database: Database, nurse: Staff, work: Work
) -> None:
    other = Staff(email="b@b", role=nurse.role, password_hash="none", created_at=NOW)
    world.add(other)
    send(database, "form", nurse, work)
    send(database, "form", other, work)
    assert len(world.all(Note)) == 2


def test_work_that_fails_leaves_nothing_and_can_be_sent_again(
    world: World, database: Database, nurse: Staff, work: Work
) -> None:
    def fail(db: Session) -> str:
        work(db)
        raise ValueError("no seat")

    with pytest.raises(ValueError, match="no seat"):
        send(database, "form", nurse, fail)
    assert (world.all(Note), world.all(FormPost)) == ([], [])
    send(database, "form", nurse, work)
    assert len(world.all(Note)) == 1


def test_a_double_click_of_eight_does_it_once(world: World, database: Database, nurse: Staff, work: Work) -> None:
    led: list[str] = []
    threads = [threading.Thread(target=lambda: led.append(send(database, "form", nurse, work))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(led), len(set(led)), len(world.all(Note))) == (8, 1, 1)


def test_forms_of_long_ago_are_cleared_away(database: Database, nurse: Staff, work: Work) -> None:
    send(database, "old", nurse, work)
    with database.unit_of_work() as db:
        do_once(db, "new", nurse.id, work, at=NOW + KEPT_FOR + KEPT_FOR)
    with database.reading() as db:
        assert len(db.exec(select(FormPost)).all()) == 1
