"""Names that a page must show as they are: six scripts, and two that are not names at all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta

from sqlmodel import Session, col, select

from gateway.care.tasks import open_task
from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.status import TaskKind, TaskStatus
from gateway.records.work import Task

BY_SCRIPT = {
    "Thai": "ปิ่นเกล้า ฟ้าลุ่ม",
    "Burmese": "ဒေါ်ခင်မြင့်ရီ",
    "Khmer": "ស្រីមុំ សុខគន្ធា",
    "Lao": "ບຸນມີ ແກ້ວມະນີ",
    "Mon": "နာဲမာန်ဗညာၜေတ်ၝိုၚ်",
    "Shan": "ၸၢႆးသႅင်ႁၢၼ်ၾႃႉ",
}
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')
SITE, TOMORROW, DAY = "LPG01", at_bangkok(date(2026, 8, 4), time(0, 0)), timedelta(days=1)


def give_names(db: Session) -> None:
    """Name tomorrow's people of one site, and of each worklist the first ones."""
    for person, name in zip(_tomorrows(db), [*BY_SCRIPT.values(), *HOSTILE], strict=False):
        _name(db, person, name)
    _ask(db)
    for kind in TaskKind:
        for person, name in zip(_of_worklist(db, kind), HOSTILE, strict=False):
            _name(db, person, name)


def _ask(db: Session) -> None:
    """Questions of two of tomorrow's: texts that used to end there are asked back now, and may leave the list empty."""
    for person in list(_tomorrows(db))[-len(HOSTILE) :]:
        detail = "a text we could not act on (unclear)"
        open_task(db, TaskKind.QUESTION, person.id, person=person.id, site=SITE, detail=detail, now=TOMORROW - DAY)


def _tomorrows(db: Session) -> Iterable[Person]:
    statement = (
        select(Person)
        .join(Appointment, col(Appointment.person) == col(Person.id))
        .where(col(Appointment.site) == SITE, col(Appointment.starts_at).between(TOMORROW, TOMORROW + DAY))
        .order_by(col(Appointment.starts_at), col(Person.id))
    )
    return list(db.exec(statement))


def _of_worklist(db: Session, kind: TaskKind) -> Iterable[Person]:
    named = {*BY_SCRIPT.values(), *HOSTILE}
    statement = select(Person).join(Task, col(Task.person) == col(Person.id)).where(col(Task.kind) == kind)
    statement = statement.where(col(Task.status) == TaskStatus.OPEN)
    return [person for person in db.exec(statement.distinct().order_by(col(Person.id))) if person.name not in named]


def _name(db: Session, person: Person, name: str) -> None:
    person.title, person.name, person.surname, person.name_native = "", name, "", name
    db.add(person)
    db.flush()
