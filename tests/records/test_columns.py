"""Times go in aware and come out aware in UTC; states are stored as their words, and no other word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Field, Session, SQLModel, select

from gateway.kit.clock import BANGKOK
from gateway.records.columns import UtcDateTime, instant, word
from gateway.records.house import DemoTime
from gateway.records.tables import metadata
from tests.support.world import NINE, World

NAIVE = datetime(2026, 8, 3, 9, 0)


class Lamp(StrEnum):
    """Two words that differ from their names."""

    BURNS = "is_on"
    DARK = "is_off"


class Room(SQLModel, table=True):
    """A table of this test's own."""

    __tablename__ = "room_of_test_columns"
    metadata = sa.MetaData()

    id: int | None = Field(default=None, primary_key=True)
    lamp: Lamp = word(Lamp, Lamp.DARK)
    last: Lamp | None = word(Lamp, nullable=True)
    at: datetime | None = instant(nullable=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    Room.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: sa.Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.integers(-12 * 60, 14 * 60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_an_instant_comes_back_as_the_same_instant_in_utc(db: Session, local: datetime, offset: int) -> None:
    given = local.replace(tzinfo=timezone(timedelta(minutes=offset)))
    room = Room(at=given)
    db.add(room)
    db.flush()
    db.refresh(room)
    assert room.at == given
    assert room.at is not None
    assert room.at.tzinfo is UTC


def test_stored_instants_sort_as_instants_whatever_zone_they_were_given_in(db: Session) -> None:
    early, late = datetime(2031, 1, 1, 9, tzinfo=BANGKOK), datetime(2031, 1, 1, 3, tzinfo=UTC)
    db.add_all([Room(at=late), Room(at=early)])
    db.flush()
    found = db.exec(select(Room.at).where(Room.at >= early).order_by(Room.at)).all()  # type: ignore[operator,arg-type]
    assert found == [early, late]


def test_a_time_without_a_zone_is_refused(db: Session) -> None:
    db.add(Room(at=NAIVE))
    with pytest.raises((StatementError, ValueError), match="naive"):
        db.flush()


def test_a_time_without_a_zone_is_refused_in_a_question_too(tmp_path: Path) -> None:
    with World(tmp_path).database.reading() as db, pytest.raises((StatementError, ValueError), match="naive"):
        db.exec(select(DemoTime).where(DemoTime.demo_now > NAIVE)).all()


def test_every_time_of_every_table_is_of_this_kind() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert sum(isinstance(column.type, UtcDateTime) for column in columns) > 20
    assert [str(column) for column in columns if isinstance(column.type, sa.DateTime)] == []


def test_a_state_is_stored_as_its_word_and_read_as_its_member(db: Session) -> None:
    room = Room(lamp=Lamp.BURNS)
    db.add(room)
    db.flush()
    db.refresh(room)
    assert room.lamp is Lamp.BURNS
    stored = db.connection().execute(sa.text(f"SELECT lamp, last FROM {Room.__tablename__} WHERE id = {room.id}"))
    assert tuple(stored.one()) == ("is_on", None)


@pytest.mark.parametrize("wrong", ["BURNS", "burns", ""])
def test_the_database_itself_refuses_any_other_word(db: Session, wrong: str) -> None:
    with pytest.raises(IntegrityError, match="CHECK"):
        db.connection().execute(sa.text(f"INSERT INTO {Room.__tablename__} (lamp) VALUES ('{wrong}')"))


def test_every_state_of_every_table_is_checked_by_the_database(tmp_path: Path) -> None:
    world = World(tmp_path)
    enums = [
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    ]
    found = sa.inspect(world.database.engine)
    checks = {table: [one["sqltext"] for one in found.get_check_constraints(table)] for table, _ in enums}
    begin = {"sqlite": "{} IN (", "postgresql": "{}::text = ANY ("}[world.database.engine.dialect.name]
    assert len(enums) > 10
    unchecked = [
        (table, name) for table, name in enums if not any(one.startswith(begin.format(name)) for one in checks[table])
    ]
    assert unchecked == []


def test_the_demos_clock_is_read_in_utc(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.add(DemoTime(demo_now=NINE.astimezone(BANGKOK)))
    (kept,) = world.all(DemoTime)
    assert (kept.demo_now, kept.demo_now.tzinfo) == (NINE, UTC)
