"""What must hold across the rooms: the database's shape, the words in it, and what it refuses to store twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from gateway.carriers.port import CarrierStatus
from gateway.kit.phones import LineType
from gateway.records import migrations
from gateway.records.agreements import Appointment, Dose
from gateway.records.contacts import Attempt, AttemptItem, Reminder
from gateway.records.database import Database
from gateway.records.people import Person, Phone
from gateway.records.places import Site
from gateway.records.status import AppointmentStatus, AttemptStatus, Channel, TaskKind, TaskStatus
from gateway.records.tables import metadata
from gateway.records.work import Task
from tests.support.engines import url_of

INDEXES_OF_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
INDEXES_OF_POSTGRES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY indexname
"""
NOW = datetime(2026, 8, 3, 2, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(url_of(tmp_path / "house.db"))
    migrations.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A unit of work with a site, a person, a phone, an appointment, a reminder and an attempt; rolled back."""
    with Session(database.engine) as session:
        save(session, Site(code="S1", name="ตัวอย่าง"), a_person("p1"))
        save(session, Phone(id=1, e164="+66800000001", line_type=LineType.MOBILE), an_appointment("a1"))
        save(session, a_reminder("r1", appointment="a1"), an_attempt("t1"), an_attempt("t2"))
        yield session
        session.rollback()


def save(session: Session, *rows: SQLModel) -> None:
    session.add_all(rows)
    session.flush()


def a_person(key: str, **fields: object) -> Person:
    return Person(id=key, language="th", created_at=NOW, **fields)


def an_appointment(key: str, **fields: object) -> Appointment:
    what = {"person": "p1", "site": "S1", "regimen": "influenza"}
    return Appointment(**{"id": key, **what, "starts_at": NOW, "created_at": NOW, **fields})


def a_reminder(key: str, **fields: object) -> Reminder:
    words = {"purpose": "reminder", "step": "reminder", "channel": Channel.VOICE}
    times = {"due_at": NOW, "next_try_at": NOW, "expires_at": NOW}
    return Reminder(**{"id": key, "person": "p1", **words, **times, **fields})


def an_attempt(key: str, **fields: object) -> Attempt:
    return Attempt(id=key, phone=1, channel=Channel.VOICE, created_at=NOW, **fields)


def an_item(attempt: str, **fields: object) -> AttemptItem:
    return AttemptItem(**{"attempt": attempt, "reminder": "r1", "person": "p1", **fields})


def a_task(key: str, **fields: object) -> Task:
    return Task(id=key, kind=TaskKind.CALLBACK, subject="a1", created_at=NOW, **fields)


def test_head_is_the_newest_migration() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_the_migrations_make_just_what_the_models_say(database: Database) -> None:
    assert migrations.differences(database) == []


def test_the_migrations_make_every_index_with_its_condition(database: Database, tmp_path: Path) -> None:
    """Alembic's comparison does not look at the WHERE of an index, and ours are what keeps from calling twice."""
    fresh = Database(url_of(tmp_path / "fresh.db"))
    metadata.create_all(fresh.engine)
    query = sa.text(INDEXES_OF_SQLITE if database.is_sqlite else INDEXES_OF_POSTGRES)
    with database.engine.connect() as migrated, fresh.engine.connect() as modelled:
        assert [tuple(row) for row in migrated.execute(query)] == [tuple(row) for row in modelled.execute(query)]
    fresh.close()


def test_what_a_carrier_may_say_is_a_status_of_an_attempt() -> None:
    assert {status.value for status in CarrierStatus} <= {status.value for status in AttemptStatus}


def test_an_enum_is_stored_as_its_word(session: Session) -> None:
    stored = session.connection().execute(sa.text("SELECT line_type FROM phone")).scalar_one()
    assert stored == "mobile"


def test_every_enum_of_the_tables_holds_its_values_and_not_its_names() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, sa.Enum) and column.type.enum_class:
                assert column.type.enums == [member.value for member in column.type.enum_class], f"{table}.{column}"


def test_a_word_that_is_no_status_is_refused(session: Session) -> None:
    with pytest.raises(IntegrityError):
        session.connection().execute(sa.text("UPDATE appointment SET status = 'BOOKED'"))


def test_a_person_who_is_pointed_to_cannot_vanish(session: Session) -> None:
    with pytest.raises(IntegrityError):
        session.connection().execute(sa.text("DELETE FROM person"))


TWICE = {
    "two live attempts of one reminder": [an_item("t1"), an_item("t2")],
    "two live appointments for one dose": [an_appointment("a2", status=AppointmentStatus.CONFIRMED)],
    "two open tasks about one thing": [a_task("k1"), a_task("k2")],
    "two people with one identity": [
        a_person(key, id_kind="thai_cid", id_value="1999900000013") for key in ("p2", "p3")
    ],
    "two people with one hospital number": [a_person(key, hcode="S1", hn="69-1") for key in ("p2", "p3")],
    "two attempts with one carrier id": [an_attempt(key, carrier="c", carrier_id="CA1") for key in ("t3", "t4")],
    "one dose recorded twice": [
        Dose(person="p1", regimen="hpv", number=1, given_on=date(2026, 2, 5)),
        Dose(person="p1", regimen="hpv", number=1, given_on=date(2026, 2, 6)),
    ],
    "one step of one ladder planned twice": [a_reminder("r2", appointment="a1")],
    "one move made twice": [an_appointment(key, dose_no=dose, moved_from="a1") for key, dose in (("a2", 2), ("a3", 3))],
}
NOT_TWICE = {
    "an attempt after one that is over": [an_item("t1", live=False), an_item("t2")],
    "an appointment after one that was moved": [an_appointment("a2", status=AppointmentStatus.MOVED)],
    "a task after one that is done": [a_task("k1", status=TaskStatus.DONE), a_task("k2")],
    "two people without any identity": [a_person("p2"), a_person("p3")],
    "one hospital number at two hospitals": [a_person("p2", hcode="S1", hn="1"), a_person("p3", hcode="S2", hn="1")],
}


def copies(rows: list[SQLModel]) -> list[SQLModel]:
    """Rows as new: what one test has stored is bound to its session."""
    return [type(row)(**row.model_dump()) for row in rows]


@pytest.mark.parametrize("rows", TWICE.values(), ids=TWICE)
def test_the_database_refuses(rows: list[SQLModel], session: Session) -> None:
    for row in copies(rows)[:-1]:
        save(session, row)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        save(session, copies(rows)[-1])


@pytest.mark.parametrize("rows", NOT_TWICE.values(), ids=NOT_TWICE)
def test_the_database_takes(rows: list[SQLModel], session: Session) -> None:
    for row in copies(rows):
        save(session, row)
    assert all(sa.inspect(row).persistent for row in session.identity_map.values())


@pytest.mark.sqlite_file
def test_foreign_keys_hold_after_the_migrations_of_the_same_process(database: Database) -> None:
    with database.unit_of_work() as session:
        assert session.connection().execute(sa.text("PRAGMA foreign_keys")).scalar_one() == 1


def test_a_migration_that_breaks_leaves_nothing_behind(tmp_path: Path) -> None:
    database = Database(url_of(tmp_path / "broken.db"))

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def break_at_the_index(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("CREATE UNIQUE INDEX uq_attempt_item_live"):
            raise RuntimeError("no room on the disk")

    with pytest.raises(RuntimeError, match="no room"):
        migrations.upgrade(database)
    assert migrations.current_revision(database) is None
    assert sa.inspect(database.engine).get_table_names() == []
    database.close()
