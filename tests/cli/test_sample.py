"""`gateway sample load`: the invented people by the commands that load a hospital's, and kept apart from real ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, func, select
from typer.testing import CliRunner, Result

from gateway.cli import sample
from gateway.cli.context import ready
from gateway.records.agreements import Appointment, Dose
from gateway.records.house import DemoTime
from gateway.records.people import Person
from gateway.records.places import Seat, Session, Site
from gateway.settings import Settings
from gateway.wiring import House
from tests.support.engines import url_of

NOW = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)


def a_house(folder: Path) -> House:
    return ready(House(Settings(database_url=url_of(folder / "house.db"))))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house into which the sample was loaded once; nothing here changes it."""
    house = a_house(tmp_path_factory.mktemp("loaded"))
    assert sample.load_sample(house)
    yield house
    house.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    house = a_house(tmp_path)
    yield house
    house.close()


def load(house: House, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr(sample, "house", lambda: house)
    return CliRunner().invoke(sample.sample_app, ["load", *words])


def ids(house: House) -> list[str]:
    with house.database.reading() as db:
        people = list(db.exec(select(Person.id).order_by(Person.id)))
        return people + list(db.exec(select(Appointment.id).order_by(Appointment.id)))


def test_everybody_and_every_place_is_marked_as_invented(loaded: House) -> None:
    with loaded.database.reading() as db:
        people, sites = db.exec(select(Person)).all(), db.exec(select(Site)).all()
    assert (len(people), len(sites)) == (600, 12)
    assert all(one.sample for one in (*people, *sites))


def test_the_hour_of_every_seat_is_the_hour_of_its_appointment(loaded: House) -> None:
    joined = select(Appointment.starts_at, Seat.come_at).join(Seat, col(Seat.appointment) == col(Appointment.id))
    with loaded.database.reading() as db:
        hours = db.exec(joined).all()
    assert len(hours) > 100
    assert [(told, listed) for told, listed in hours if told != listed] == []


def test_every_appointment_has_a_seat_and_the_others_a_first_dose(loaded: House) -> None:
    with loaded.database.reading() as db:
        appointments = set(db.exec(select(Appointment.id)))
        seated = set(db.exec(select(Seat.appointment)))
        booked = set(db.exec(select(Appointment.person)))
        vaccinated = set(db.exec(select(Dose.person)))
        taken = db.exec(select(func.sum(col(Session.taken)))).one()
        people = set(db.exec(select(Person.id)))
    assert seated == appointments
    assert taken == len(appointments)
    assert people - booked <= vaccinated


def test_the_demo_begins_on_the_samples_first_morning(loaded: House) -> None:
    with loaded.database.reading() as db:
        kept = db.get(DemoTime, 1)
    assert kept is not None
    assert kept.demo_now == datetime(2026, 8, 3, 1, 58, tzinfo=UTC)


def test_run_does_not_load_it_over_people_on_record(loaded: House) -> None:
    before = ids(loaded)
    assert not sample.load_sample(loaded)
    assert ids(loaded) == before


def test_loaded_again_it_changes_nothing(loaded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ids(loaded)
    result = load(loaded, monkeypatch)
    assert result.exit_code == 0
    assert "600 rows unchanged" in result.output
    assert ids(loaded) == before


def test_the_same_seed_gives_the_same_identifiers(loaded: House, empty: House) -> None:
    sample.write_sample(empty)
    assert ids(empty) == ids(loaded)


def test_it_is_refused_where_a_real_person_is_stored(empty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with empty.database.unit_of_work() as db:
        db.add(Person(id="p1", language="th", created_at=NOW))
    result = load(empty, monkeypatch)
    assert result.exit_code == 1
    assert ids(empty) == ["p1"]


def test_it_is_refused_where_a_real_place_is_stored(empty: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with empty.database.unit_of_work() as db:
        db.add(Site(code="LPG01", name="a real hospital that has this code"))
    assert load(empty, monkeypatch).exit_code == 1
    assert not sample.load_sample(empty)


def test_a_clock_that_already_runs_is_left_alone(empty: House) -> None:
    with empty.database.unit_of_work() as db:
        db.add(DemoTime(demo_now=NOW))
    sample.write_sample(empty)
    with empty.database.reading() as db:
        assert db.exec(select(DemoTime.demo_now)).one() == NOW
