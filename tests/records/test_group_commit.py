"""Many units of work in one transaction: who asked hears of their own, and of nobody else's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from gateway.records.database import Conflict, Database
from gateway.records.group_commit import GroupCommit, IsClosed, Kind, TooBusy
from gateway.records.house import Counter
from tests.support.engines import migrated_url


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(migrated_url(tmp_path / "group.db"))
    yield database
    database.close()


@pytest.fixture
def writes(database: Database) -> Iterator[GroupCommit]:
    writes = GroupCommit(database)
    yield writes
    writes.close()


class Blocked:
    """Keeps the writer busy until it is let go, so that what comes meanwhile is one batch."""

    def __init__(self, writes: GroupCommit) -> None:
        self._go, busy = threading.Event(), threading.Event()

        def wait(_: Session) -> None:
            busy.set()
            self._go.wait(10)

        self.done = writes.submit(wait)
        assert busy.wait(10)

    def let_go(self) -> None:
        self._go.set()


def add(name: str) -> object:
    def work(db: Session) -> str:
        db.add(Counter(name=name, n=1))
        return name

    return work


def names(database: Database) -> set[str]:
    with database.reading() as db:
        return set(db.exec(select(Counter.name)))


def commits(database: Database) -> list[int]:
    counted: list[int] = []
    sa.event.listen(database.engine, "commit", lambda _: counted.append(1))
    return counted


def together(writes: GroupCommit, *works: object) -> list[Future[object]]:
    blocked = Blocked(writes)
    futures = [writes.submit(work) for work in works]  # type: ignore[arg-type]
    blocked.let_go()
    return futures


def test_what_waits_is_committed_together(database: Database, writes: GroupCommit) -> None:
    counted = commits(database)
    futures = together(writes, *[add(f"c{n}") for n in range(20)])
    assert [one.result(10) for one in futures] == [f"c{n}" for n in range(20)]
    assert names(database) == {f"c{n}" for n in range(20)}
    assert len(counted) == 1  # the one before it wrote nothing


def test_a_batch_is_no_larger_than_it_may_be(database: Database) -> None:
    writes = GroupCommit(database, most=5)
    counted = commits(database)
    futures = together(writes, *[add(f"c{n}") for n in range(20)])
    assert {one.result(10) for one in futures} == names(database)
    writes.close()
    assert len(counted) == 4


def test_nobody_hears_before_it_is_committed(database: Database, writes: GroupCommit) -> None:
    seen = [writes.submit(add(name)).result(10) in names(database) for name in ("a", "b", "c")]  # type: ignore[arg-type]
    assert seen == [True, True, True]


def test_an_error_is_told_to_whom_it_belongs_and_undoes_their_own_alone(
    database: Database, writes: GroupCommit
) -> None:
    def broken(db: Session) -> None:
        db.add(Counter(name="half", n=1))
        db.flush()
        raise LookupError("mine")

    first, second, third = together(writes, add("a"), broken, add("b"))
    assert (first.result(10), third.result(10)) == ("a", "b")
    with pytest.raises(LookupError, match="mine"):
        second.result(10)
    assert names(database) == {"a", "b"}


def test_a_row_that_cannot_be_stored_harms_nobody_else(database: Database, writes: GroupCommit) -> None:
    def impossible(db: Session) -> None:
        db.execute(sa.text("INSERT INTO counter (name, n) VALUES (NULL, 1)"))

    first, second, third = together(writes, add("a"), impossible, add("b"))
    assert isinstance(second.exception(10), sa.exc.DBAPIError)
    assert {first.result(10), third.result(10)} == names(database) == {"a", "b"}


def test_a_unit_sees_what_the_one_before_it_wrote(database: Database, writes: GroupCommit) -> None:
    def one_more(db: Session) -> int:
        row = db.get(Counter, "n") or Counter(name="n", n=0)
        row.n += 1
        db.add(row)
        return row.n

    assert [one.result(10) for one in together(writes, *[one_more] * 10)] == list(range(1, 11))


def test_a_commit_that_fails_has_each_done_alone(
    database: Database, writes: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = [True]

    def fail(_: object) -> None:
        if broken.pop() if broken else False:
            raise OSError("the disk is full")

    blocked = Blocked(writes)
    futures = [writes.submit(add(name)) for name in ("a", "b")]  # type: ignore[arg-type]
    original = writes._all_at_once

    def once_broken(batch: list[object]) -> bool:
        sa.event.listen(database.engine, "commit", fail)
        return original(batch)  # type: ignore[arg-type]

    monkeypatch.setattr(writes, "_all_at_once", once_broken)
    blocked.let_go()
    assert {one.result(10) for one in futures} == names(database) == {"a", "b"}
    assert broken == []


def test_a_conflict_has_the_batch_done_again(database: Database, writes: GroupCommit) -> None:
    tried = []

    def overtaken(db: Session) -> str:
        tried.append(1)
        db.add(Counter(name=f"try {len(tried)}", n=1))
        db.flush()
        if len(tried) < 3:
            raise Conflict("somebody was quicker")
        return "at last"

    first, second = together(writes, add("a"), overtaken)
    assert (first.result(10), second.result(10)) == ("a", "at last")
    assert names(database) == {"a", "try 3"}


def test_who_always_collides_is_done_alone_and_told(database: Database, writes: GroupCommit) -> None:
    def hopeless(_: Session) -> None:
        raise Conflict("for ever")

    first, second = together(writes, add("a"), hopeless)
    assert (first.result(20), type(second.exception(20))) == ("a", Conflict)
    assert names(database) == {"a"}


def fails_at_first(name: str) -> Callable[[Session], str]:
    """Raises when it is called for the first time, and only then."""
    called: list[int] = []

    def work(db: Session) -> str:
        called.append(1)
        if len(called) == 1:
            raise LookupError("at first")
        db.add(Counter(name=name, n=1))
        return name

    return work


def test_an_error_of_a_batch_that_was_not_committed_is_not_told_of_work_done_alone_later(
    database: Database, writes: GroupCommit
) -> None:
    broken = [True]

    def fail(_: object) -> None:
        if broken.pop() if broken else False:
            raise OSError("the disk is full")

    def breaks_the_commit(db: Session) -> str:
        if broken:
            sa.event.listen(database.engine, "commit", fail)
        return str(add("b")(db))  # type: ignore[operator]

    first, second = together(writes, fails_at_first("a"), breaks_the_commit)
    assert (first.result(10), second.result(10)) == ("a", "b")
    assert (names(database), broken) == ({"a", "b"}, [])


def test_an_error_of_a_try_that_collided_is_not_told_of_the_next_try(database: Database, writes: GroupCommit) -> None:
    tried: list[int] = []

    def overtaken(db: Session) -> str:
        tried.append(1)
        if len(tried) == 1:
            raise Conflict("somebody was quicker")
        return str(add("b")(db))  # type: ignore[operator]

    first, second = together(writes, fails_at_first("a"), overtaken)
    assert (first.result(10), second.result(10)) == ("a", "b")
    assert names(database) == {"a", "b"}


class Doubled:
    """A kind whose plain items are done together: even numbers are, "broken" breaks them all."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.alone: list[int] = []
        self.kind = Kind(self.many, self.one)

    def many(self, db: Session, items: Sequence[int]) -> Mapping[int, int]:
        self.together.append(list(items))
        db.add(Counter(name=f"many {items}", n=1))
        db.flush()
        if 666 in items:
            raise ValueError("one of them breaks it")
        return {place: 2 * item for place, item in enumerate(items) if item % 2 == 0}

    def one(self, db: Session, item: int) -> int:
        self.alone.append(item)
        db.add(Counter(name=f"one {item}", n=1))
        return 2 * item


async def _all(writes: GroupCommit, kind: Kind[int, int], items: Sequence[int]) -> list[int]:
    blocked = Blocked(writes)
    waiting = [asyncio.ensure_future(writes.do_together(kind, item)) for item in items]
    await asyncio.sleep(0)
    blocked.let_go()
    return list(await asyncio.gather(*waiting))


def test_items_of_a_kind_are_done_together_and_those_that_are_not_plain_alone(
    database: Database, writes: GroupCommit
) -> None:
    doubled = Doubled()
    assert asyncio.run(_all(writes, doubled.kind, [1, 2, 3, 4])) == [2, 4, 6, 8]
    assert (doubled.together, doubled.alone) == ([[1, 2, 3, 4]], [1, 3])
    assert names(database) == {"many [1, 2, 3, 4]", "one 1", "one 3"}


def test_where_they_cannot_be_done_together_nothing_of_it_stays_and_each_is_done_alone(
    database: Database, writes: GroupCommit
) -> None:
    doubled = Doubled()
    assert asyncio.run(_all(writes, doubled.kind, [2, 666, 4])) == [4, 1332, 8]
    assert names(database) == {"one 2", "one 666", "one 4"}


def test_a_coroutine_is_answered_and_told_of_its_error(database: Database, writes: GroupCommit) -> None:
    async def ask() -> str:
        with pytest.raises(ZeroDivisionError):
            await writes.do(lambda _: 1 // 0)
        return await writes.do(add("from a coroutine"))  # type: ignore[arg-type]

    assert asyncio.run(ask()) in names(database)


def test_who_went_away_is_written_all_the_same(database: Database, writes: GroupCommit) -> None:
    async def give_up() -> None:
        blocked = Blocked(writes)
        waiting = asyncio.ensure_future(writes.do(add("nobody waits")))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        waiting.cancel()
        blocked.let_go()

    asyncio.run(give_up())
    writes.close()
    assert names(database) == {"nobody waits"}


def test_what_is_too_much_is_refused_at_once(database: Database) -> None:
    writes = GroupCommit(database, waiting=2)
    blocked = Blocked(writes)
    kept = [writes.submit(add(name)) for name in ("a", "b")]  # type: ignore[arg-type]
    with pytest.raises(TooBusy):
        writes.submit(add("c"))  # type: ignore[arg-type]
    blocked.let_go()
    assert {one.result(10) for one in kept} == names(database) == {"a", "b"}
    writes.close()


def test_closing_writes_what_waits_and_takes_nothing_new(database: Database) -> None:
    writes = GroupCommit(database)
    futures = together(writes, *[add(f"c{n}") for n in range(10)])
    writes.close()
    assert all(one.done() for one in futures)
    assert len(names(database)) == 10
    with pytest.raises(IsClosed):
        writes.submit(add("too late"))  # type: ignore[arg-type]


def test_a_thread_without_work_ends_and_the_next_work_starts_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.records.group_commit.IDLE", 0.01)
    writes = GroupCommit(database)
    writes.submit(add("a")).result(10)  # type: ignore[arg-type]
    first = next(one for one in threading.enumerate() if one.name == "group-commit")
    first.join(10)
    writes.submit(add("b")).result(10)  # type: ignore[arg-type]
    assert (first.is_alive(), names(database)) == (False, {"a", "b"})
    writes.close()


def test_many_threads_lose_nothing(database: Database, writes: GroupCommit) -> None:
    def crowd(own: int) -> None:
        for n in range(25):
            writes.submit(add(f"{own}.{n}")).result(20)  # type: ignore[arg-type]

    threads = [threading.Thread(target=crowd, args=(n,)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(names(database)) == 200


def test_one_that_can_never_be_written_hears_of_it_and_the_others_are_written(
    database: Database, writes: GroupCommit
) -> None:
    def add_twice(db: Session) -> None:
        db.add(Counter(name="same", n=1))
        db.flush()
        db.execute(sa.insert(Counter).values(name="same", n=2))

    blocked = Blocked(writes)
    bad, good = writes.submit(add_twice), writes.submit(add("good"))
    blocked.let_go()
    assert (type(bad.exception(20)), good.result(20)) == (sa.exc.IntegrityError, "good")
    assert names(database) == {"good"}
