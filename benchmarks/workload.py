"""The issue's workload, made set by set inside the database: the same rows on both engines, from a seed.

    with fresh(Size()) as database: ...      a migrated database of the engine that was asked for, gone afterwards
    fill(database, size)                     places, people, appointments
    places | people | appointments(database, size)      one after another, if you need less
    reminders(database, size, now)           about 1.67 an appointment: those before `now` over, the others planned
    due(database, size, count, now)          `count` planned reminders that are due at `now` (needs fill)

Size() is the issue's: 600,000 people, 12,000 appointments on each of 50 working days at 60 sites, 1,000,000 reminders.
SMALL is a hundredth of it, for --quick. Who a row is follows from its number: `person_id(n)`, `phone_number(n)`,
`appointment_id(k)`. The telephones are of the block that the sample uses (080 0…); nobody here exists, and no
benchmark speaks to a carrier. Filling Size() takes about half a minute on SQLite.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import Session as Db

from benchmarks import harness, postgres
from gateway.kit.clock import at_bangkok
from gateway.records.columns import UtcDateTime
from gateway.records.database import Database
from gateway.records.migrations import upgrade
from gateway.records.places import Session, Site

FIRST_DAY: Final = date(2026, 8, 3)  # a Monday
VACCINE: Final = "influenza"
PARTS: Final = {"morning": (time(8, 30), time(12, 0)), "afternoon": (time(13, 0), time(16, 0))}
SLOTS: Final = 6  # half hours of a part at which people are asked to come
LANGUAGES: Final = ("th",) * 11 + ("nod",) * 3 + ("tts",) * 2 + ("my", "km", "lo", "sou")
NAMES: Final = ("บัวคำ", "สมชาย", "มาลี", "คำแปง", "ประเสริฐ", "จันทร์ดี", "วิไล", "อุดม")
SURNAMES: Final = ("ใจดี", "ศรีวงศ์", "แก้วมา", "อินต๊ะ", "บุญเรือง", "ทองคำ", "ปัญญา", "ไชยวงค์")
GROUPS: Final = ("ผู้สูงอายุ 60 ปีขึ้นไป", "ผู้มีโรคเรื้อรัง", "หญิงตั้งครรภ์", "บุคลากรทางการแพทย์")


@dataclass(frozen=True)
class Size:
    """How much; `people` and `a_day` should be multiples of `sites`."""

    people: int = 600_000
    a_day: int = 12_000
    days: int = 50
    sites: int = 60
    seed: int = 1

    @property
    def appointments(self) -> int:
        """How many appointments there are."""
        return self.a_day * self.days

    def day(self, number: int) -> date:
        """The `number`th working day, from 0: no weekends."""
        return FIRST_DAY + timedelta(days=number // 5 * 7 + number % 5)


SMALL: Final = Size(people=6_000, a_day=600, days=10, sites=6)


@contextmanager
def fresh(engine: str | None = None) -> Iterator[Database]:
    """A migrated, empty and durable database of an engine (default: the one asked for), gone after the block."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tamnat-bench-"))
        is_sqlite = (engine or harness.engine()) == "sqlite"
        url = f"sqlite:///{folder}/bench.db" if is_sqlite else f"{stack.enter_context(postgres.server())}/postgres"
        database = Database(url)
        stack.callback(database.close)
        upgrade(database)
        yield database


def fill(database: Database, size: Size) -> None:
    """Places, people and appointments, and the planner's statistics of them."""
    places(database, size)
    people(database, size)
    appointments(database, size)
    analyse(database)


def analyse(database: Database) -> None:
    """Let the engine count what it holds, as its own housekeeping would within the hour."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def person_id(n: int) -> str:
    """The id of the `n`th person, from 0."""
    return _id(n)


def appointment_id(k: int) -> str:
    """The id of the `k`th appointment, from 0; k // a_day is its day, k % sites its site, k % people its person."""
    return _id(k)


def phone_number(n: int) -> str:
    """The `n`th telephone: one in twenty is a landline."""
    return f"+66530{n // 20:05d}" if n % 20 == 7 else f"+66800{n:06d}"


def places(database: Database, size: Size) -> None:
    """Sites S01…, each with a morning and an afternoon a working day; half as many seats again as are needed."""
    seats = -(-size.a_day // size.sites // 2) * 3 // 2 + 1
    sites = [
        {"code": code, "name": f"โรงพยาบาลตัวอย่าง {code}", "short_name": f"รพ.ตัวอย่าง {code}", "place": "หอประชุม",
         "district": "เมือง", "province": "ลำปาง", "staff_phone": "054000901"}
        for code in map(_site, range(size.sites))
    ]  # fmt: skip
    with database.unit_of_work() as db:
        db.execute(sa.insert(Site), sites)
        db.execute(sa.insert(Session), [row for n in range(size.days) for row in _sessions(size, n, seats)])


def people(database: Database, size: Size) -> None:
    """Everybody with a telephone; one in ten shares that of the person before."""
    with database.unit_of_work() as db:
        _count(db, size.people)
        _run(db, f"""
            INSERT INTO person (id, hcode, hn, title, name, surname, birth_date, language, neutral, village, tambon,
                district, province, target_group, site, sample, created_at)
            SELECT {_ID}, {_in_sites("n", size)}, 'HN' || n, 'นาง', {_pick(NAMES, 1)}, {_pick(SURNAMES, 2)},
                :born, {_pick(LANGUAGES, 3 + size.seed)}, false, 'บ้านหนอง ' || (n % 900), 'เวียง', 'เมือง', 'ลำปาง',
                {_pick(GROUPS, 4)}, {_in_sites("n", size)}, false, :made FROM bench_n""",
            born=date(1955, 3, 1), made=at_bangkok(FIRST_DAY - timedelta(days=30), time(8)))  # fmt: skip
        _run(db, f"""
            INSERT INTO phone (id, e164, line_type)
            SELECT n + 1, CASE WHEN n % 20 = 7 THEN '+66530' || {_digits("n / 20", 5)}
                ELSE '+66800' || {_digits("n", 6)} END,
                CASE WHEN n % 20 = 7 THEN 'landline' ELSE 'mobile' END FROM bench_n""")  # fmt: skip
        _run(db, f"""
            INSERT INTO person_phone (person, phone, role, rank, sms, voice)
            SELECT {_ID}, CASE WHEN n % 10 = 3 THEN n ELSE n + 1 END,
                CASE WHEN n % 10 = 3 THEN 'household' ELSE 'own' END, 0, 'allow', 'allow' FROM bench_n""")  # fmt: skip
        _go_on(db, "phone")


def appointments(database: Database, size: Size) -> None:
    """`a_day` a day, each with its seat and ticket (needs places and people)."""
    with database.unit_of_work() as db:
        _count(db, size.appointments)
        _slots(db, size)
        session = f"{_in_sites('n', size)} || '-{VACCINE}-' || s.day || '-' || s.part"
        from_slots = f"""FROM bench_n JOIN bench_slot s ON s.number = n / {size.a_day}
            AND s.half = n / {size.sites} % 2 AND s.slot = n / {2 * size.sites} % {SLOTS}"""
        _run(db, f"""
            INSERT INTO appointment (id, person, site, session, regimen, course, dose_no, starts_at, status, version,
                source, created_at)
            SELECT {_ID}, {_id_of(f"n % {size.people}")}, {_in_sites("n", size)}, {session}, '{VACCINE}',
                1 + n / {size.people}, 1, s.starts_at, 'booked', 1, 'roster', :made {from_slots}""",
            made=at_bangkok(FIRST_DAY - timedelta(days=30), time(8)))  # fmt: skip
        _run(
            db,
            f"""
            INSERT INTO seat (session, appointment, ticket, come_at)
            SELECT {session}, {_ID}, n % {size.a_day} / {2 * size.sites} + 1, s.starts_at {from_slots}""",
        )
        _run(db, "UPDATE session SET taken = (SELECT count(*) FROM seat WHERE seat.session = session.id)")


def reminders(database: Database, size: Size, now: datetime) -> None:
    """Each appointment's reminder two days before, and two in three's notice seven days before (needs appointments).

    What fell due before `now` is answered (six in ten) or unanswered; the rest is planned.
    """
    for step, days, share in (("notice", 7, 2), ("reminder", 2, 3)):
        with database.unit_of_work() as db:
            _count(db, size.appointments)
            _due_days(db, size, days)
            is_over = "CASE WHEN d.due_at >= :now THEN 'planned' WHEN n % 10 < 6 THEN 'answered' ELSE 'unanswered' END"
            _reminders(db, size, step, f"n % 3 < {share}", f"{is_over}", now=now)


def due(database: Database, size: Size, count: int, now: datetime, *, channel: str = "") -> None:
    """`count` planned reminders that are due at `now` and expire six hours later, of the first appointments.

    `channel` is sms or voice; without it two in three are texts, the others calls (as people's telephones are).
    """
    with database.unit_of_work() as db:
        _count(db, count)
        db.execute(
            sa.text("CREATE TEMPORARY TABLE bench_due (number BIGINT, due_at TIMESTAMPTZ, expires_at TIMESTAMPTZ)")
        )
        rows = [{"number": n, "due_at": now, "expires_at": now + timedelta(hours=6)} for n in range(size.days)]
        _insert(db, "bench_due", rows)
        _reminders(db, size, "reminder", "true", "'planned'", channel=channel)


def _reminders(db: Db, size: Size, step: str, where: str, status: str, *, channel: str = "", **values: Any) -> None:
    kind = f"'{channel}'" if channel else "CASE WHEN n % 3 = 0 OR n % 20 = 7 THEN 'voice' ELSE 'sms' END"
    _run(db, f"""
        INSERT INTO reminder (id, appointment, person, purpose, step, channel, due_at, next_try_at, tries, expires_at,
            priority, status, error_count)
        SELECT {_id_of("n", 7 if step == "notice" else 2)}, {_ID}, {_id_of(f"n % {size.people}")}, '{step}', '{step}',
            {kind}, d.due_at, d.due_at, 0, d.expires_at, 0, {status}, 0
        FROM bench_n JOIN bench_due d ON d.number = n / {size.a_day} WHERE {where}""", **values)  # fmt: skip
    _run(db, "DROP TABLE bench_due")


def _due_days(db: Db, size: Size, days: int) -> None:
    db.execute(sa.text("CREATE TEMPORARY TABLE bench_due (number BIGINT, due_at TIMESTAMPTZ, expires_at TIMESTAMPTZ)"))
    rows = []
    for number in range(size.days):
        due_on = size.day(number) - timedelta(days=days)
        hours = {"due_at": at_bangkok(due_on, time(10)), "expires_at": at_bangkok(due_on, time(19, 30))}
        rows.append({"number": number, **hours})
    _insert(db, "bench_due", rows)


def _slots(db: Db, size: Size) -> None:
    """One row a working day, half and half hour: instants are bound here once, and joined to everywhere else."""
    _run(db, "DROP TABLE IF EXISTS bench_slot")
    _run(db, """CREATE TEMPORARY TABLE bench_slot
        (number BIGINT, half BIGINT, slot BIGINT, day TEXT, part TEXT, starts_at TIMESTAMPTZ)""")  # fmt: skip
    rows = []
    for number in range(size.days):
        for half, (part, (opens, _)) in enumerate(PARTS.items()):
            begins = at_bangkok(size.day(number), opens)
            for slot in range(SLOTS):
                at = begins + timedelta(minutes=30 * slot)
                where = {"number": number, "half": half, "slot": slot, "day": size.day(number).isoformat()}
                rows.append({**where, "part": part, "starts_at": at})
    _insert(db, "bench_slot", rows)


def _sessions(size: Size, number: int, seats: int) -> Iterator[dict[str, Any]]:
    day = size.day(number)
    for code in map(_site, range(size.sites)):
        for part, (opens, closes) in PARTS.items():
            yield {
                "id": f"{code}-{VACCINE}-{day}-{part}", "site": code, "vaccine": VACCINE, "day": day, "part": part,
                "starts_at": at_bangkok(day, opens), "ends_at": at_bangkok(day, closes), "capacity": seats,
            }  # fmt: skip


def _count(db: Db, top: int) -> None:
    """A temporary table of the numbers 0 … top - 1."""
    _run(db, "DROP TABLE IF EXISTS bench_n")
    _run(db, "CREATE TEMPORARY TABLE bench_n (n BIGINT PRIMARY KEY)")
    _run(db, f"""INSERT INTO bench_n WITH RECURSIVE s(n) AS
        (SELECT CAST(0 AS BIGINT) UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {top}) SELECT n FROM s""")  # fmt: skip


def _insert(db: Db, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Rows with instants, bound as our own column type stores them."""
    columns = [sa.column(name, UtcDateTime() if name.endswith("_at") else None) for name in rows[0]]
    db.execute(sa.insert(sa.table(table, *columns)), list(rows))


def _run(db: Db, statement: str, **values: Any) -> None:
    kinds = [sa.bindparam(name, type_=UtcDateTime() if isinstance(value, datetime) else None)
             for name, value in values.items()]  # fmt: skip
    db.execute(sa.text(statement).bindparams(*kinds), values)


def _go_on(db: Db, table: str) -> None:
    """Let PostgreSQL number the next row after those that were given a number."""
    if db.get_bind().dialect.name == "postgresql":
        _run(db, f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


_SCRAMBLE: Final = 2_654_435_761  # Knuth's multiplier: neighbours get ids far apart, as random ones are


def _id(n: int) -> str:
    return f"{n * _SCRAMBLE % 2**32:010d}{n:022d}"


def _digits(value: str, width: int) -> str:
    return f"substr(CAST({10**width} + {value} AS VARCHAR), 2)"


def _id_of(n: str, salt: int = 0) -> str:
    number = f"({n})" if not salt else f"(({n}) + {salt} * 100000000)"
    return f"({_digits(f'{number} * {_SCRAMBLE} % 4294967296', 10)} || '000000000000' || {_digits(number, 10)})"


_ID: Final = _id_of("n")


def _site(number: int) -> str:
    return f"S{number + 1:02d}"


def _in_sites(n: str, size: Size) -> str:
    return f"'S' || {_digits(f'{n} % {size.sites} + 1', 2)}"


def _pick(words: Sequence[str], salt: int) -> str:
    place = f"(n + {salt * 7919}) * {_SCRAMBLE} % 4294967296 / 65536 % {len(words)}"
    return f"CASE {place} {' '.join(f'WHEN {k} THEN {word!r}' for k, word in enumerate(words))} END"
