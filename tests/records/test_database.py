"""One unit of work: all of it or nothing, and many at once without anybody waiting in vain."""

from __future__ import annotations

import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, select

from gateway.records import database as module
from gateway.records.away import is_away
from gateway.records.database import Database
from gateway.records.house import Counter
from gateway.records.people import PersonPhone
from tests.support.engines import opened
from tests.support.world import World


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return World(tmp_path).database


def counted(database: Database) -> int:
    with database.reading() as db:
        found = db.get(Counter, "many")
        return found.n if found else 0


def count_and_then(database: Database, then: Callable[[Session], None]) -> None:
    with database.unit_of_work() as db:
        db.add(Counter(name="many", n=1))
        db.flush()
        then(db)


def breaks(db: Session) -> None:
    raise RuntimeError("half way")


def adds_what_is_refused(db: Session) -> None:
    db.add(PersonPhone(person="nobody", phone=999))


@pytest.mark.parametrize(("then", "error"), [(breaks, RuntimeError), (adds_what_is_refused, IntegrityError)])
def test_a_unit_of_work_that_raises_leaves_nothing(
    database: Database, then: Callable[[Session], None], error: type[Exception]
) -> None:
    with pytest.raises(error):
        count_and_then(database, then)
    assert counted(database) == 0


def test_what_was_written_can_be_read_after_the_session_is_gone(database: Database) -> None:
    with database.unit_of_work() as db:
        row = Counter(name="many", n=3)
        db.add(row)
    assert (row.name, row.n, counted(database)) == ("many", 3, 3)


def test_reading_changes_nothing(database: Database) -> None:
    with database.reading() as db:
        db.add(Counter(name="many", n=1))
        db.flush()
    assert counted(database) == 0


def test_twenty_threads_that_read_and_then_write_neither_wait_in_vain_nor_lose_a_count(database: Database) -> None:
    start = threading.Barrier(20)

    def add_ten() -> None:
        start.wait()
        for _ in range(10):
            database.run(count_one)

    def count_one(db: Session) -> None:
        row = db.exec(select(Counter).where(Counter.name == "many")).first() or Counter(name="many")
        row.n += 1
        db.add(row)

    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(add_ten) for _ in range(20)]:
            done.result()
    assert counted(database) == 200


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.unit_of_work() as db:
        db.add(Counter(name="many", n=1))
        db.flush()
        assert counted(database) == 0  # as it was before: the writer has not committed
    assert counted(database) == 1


@pytest.mark.sqlite_file
@pytest.mark.usefixtures("waiting_for_the_disk")
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2), ("busy_timeout", 15000)]
)
def test_every_connection_is_set_up(database: Database, pragma: str, value: object) -> None:
    with database.engine.connect() as one, database.engine.connect() as another:
        for connection in (one, another):
            assert connection.execute(sa.text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_row_whose_parent_is_missing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), database.unit_of_work() as db:
        db.add(PersonPhone(person="nobody", phone=999))


def test_the_folder_of_a_database_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/far/away/x.db")
    with database.reading() as db:
        assert db.connection().execute(sa.text("SELECT 1")).scalar_one() == 1
    database.close()
    assert (tmp_path / "far/away/x.db").exists()


def test_a_new_database_and_its_folders_are_their_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/far/away/x.db")
    with database.unit_of_work() as db:
        db.connection().execute(sa.text("CREATE TABLE secret (name TEXT)"))
        files = list((tmp_path / "far/away").iterdir())
        assert {file.name for file in files} == {"x.db", "x.db-wal", "x.db-shm"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    database.close()
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("far", "far/away")] == [0o700, 0o700]


def test_a_database_that_was_there_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch(mode=0o640)
    (tmp_path / "x.db").chmod(0o640)
    database = Database(f"sqlite:///{tmp_path}/x.db")
    with database.reading() as db:
        db.connection().execute(sa.text("SELECT 1"))
    database.close()
    assert stat.S_IMODE((tmp_path / "x.db").stat().st_mode) == 0o640


def test_a_database_that_is_never_opened_leaves_no_trace(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path}/far/x.db").close()
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_database_does_not_repeat_what_was_to_be_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as caught, database.unit_of_work() as db:
        db.connection().execute(
            sa.text("INSERT INTO phone (e164, line_type) VALUES (:number, 'fax')"), {"number": "+66812345678"}
        )
    assert "+66812345678" not in str(caught.value)


def test_who_writes_finds_a_connection_to_look_things_up_while_a_crowd_waits_to_write(database: Database) -> None:
    """Fifteen webhooks that waited for the lock had every connection; who held the lock waited half a minute."""
    has_begun, may_go_on = threading.Event(), threading.Event()

    def looks_things_up_meanwhile(db: Session) -> int:
        db.add(Counter(name="many", n=1))
        db.flush()
        has_begun.set()
        may_go_on.wait(10)
        with database.engine.connect() as another:
            return int(another.execute(sa.text("SELECT 7")).scalar_one())

    def counts_one(number: int) -> None:
        database.run(lambda db: db.add(Counter(name=str(number), n=1)))

    with ThreadPoolExecutor(41) as crowd:
        first = crowd.submit(database.run, looks_things_up_meanwhile)
        has_begun.wait(10)
        rest = [crowd.submit(counts_one, number) for number in range(40)]
        threading.Timer(0.3, may_go_on.set).start()
        assert first.result(timeout=8) == 7
        assert [one.result(timeout=8) for one in rest] == [None] * 40


def test_a_text_with_a_nul_in_it_is_no_accident(database: Database) -> None:
    with database.reading() as db:
        assert db.exec(select(Counter).where(Counter.name == "ma\0ny")).all() == []


@pytest.mark.postgres
def test_a_machine_that_hangs_amid_a_claim_is_cut_off_and_the_next_claim_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(module._SESSION, "idle_in_transaction_session_timeout", "300")
    hangs, goes_on = opened(tmp_path / "x.db"), opened(tmp_path / "x.db")

    def meanwhile(db: Session) -> None:
        db.add(Counter(name="many", n=1))
        db.flush()
        goes_on.run(lambda other: other.add(Counter(name="many", n=2)), turn="claim")

    with pytest.raises(DBAPIError) as caught:
        hangs.run(meanwhile, turn="claim")
    assert is_away(caught.value)
    assert counted(goes_on) == 2


@pytest.mark.postgres
def test_who_waits_too_long_for_a_turn_is_told_so_and_gets_it_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_WITHIN", "100ms")
    first, second = opened(tmp_path / "x.db"), opened(tmp_path / "x.db")
    with first.unit_of_work(turn="claim"), pytest.raises(OperationalError, match="lock timeout"):
        second.run(lambda db: db.add(Counter(name="many", n=1)), turn="claim")
    second.run(lambda db: db.add(Counter(name="many", n=2)), turn="claim")
    assert counted(second) == 2


@pytest.mark.postgres
def test_a_long_unit_of_work_may_think_longer_and_the_next_one_not(database: Database) -> None:
    def patience(db: Session) -> object:
        return db.connection().execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar_one()

    assert database.run(patience, long=True, turn="roster") == "10min"
    assert [database.run(patience), database.run(patience, turn="roster")] == ["1min", "1min"]


@pytest.mark.postgres
def test_both_sides_find_out_soon_when_the_other_vanished(database: Database) -> None:
    with database.engine.connect() as connection:
        found = {name: connection.execute(sa.text(f"SHOW {name}")).scalar_one() for name in module._SESSION}
        ours = connection.connection.driver_connection.info.get_parameters()  # type: ignore[union-attr]
    assert found["tcp_keepalives_idle"] in ("10", "0")  # 0 on a socket of the same machine
    assert (ours["keepalives_idle"], ours["keepalives_count"], ours["tcp_user_timeout"]) == ("10", "3", "30000")


def test_a_row_that_can_never_be_written_is_an_error_in_the_end_and_no_conflict(database: Database) -> None:
    tries: list[int] = []

    def write_twice(db: Session) -> None:
        tries.append(1)
        db.add(Counter(name="same"))
        db.flush()
        db.execute(sa.insert(Counter).values(name="same", n=2))

    with pytest.raises(IntegrityError):
        database.run(write_twice)
    assert len(tries) < 10


def test_among_others_it_is_set_aside_and_theirs_is_written(database: Database) -> None:
    refused: list[str] = []

    def write_all(db: Session) -> None:
        for name in ("many", "many", "other"):
            try:
                with db.begin_nested():
                    db.execute(sa.insert(Counter).values(name=name, n=1))
            except IntegrityError as error:
                if module.is_conflict(error):
                    raise
                refused.append(name)

    database.run(write_all)
    assert (counted(database), refused) == (1, ["many"])
    assert module._met.get() == 0  # the next unit of work begins anew
