"""Every page of the program, and how a window comes to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from gateway.care import rides
from gateway.care.hotline_waits import BUSY, CLOSED, wait_in_line
from gateway.care.tasks import open_task
from gateway.kit.clock import SteppedClock, bangkok_day
from gateway.kit.phones import LineType
from gateway.records.contacts import Attempt, Direction
from gateway.records.conversations import Call, Registration, VoiceMessage
from gateway.records.people import Phone
from gateway.records.staffing import Note
from gateway.records.status import AttemptStatus, Channel, MessageKind, TakeStatus, TaskKind
from gateway.records.work import Task
from gateway.voice.assets import ClipSource
from gateway.voice.prompts import load_scripts
from gateway.voice.wav import placeholder
from gateway.wiring import data_dir
from gateway.wiring.library import Library
from tests.support import facts
from tests.support.demo import NOW, Demo
from tests.support.names import SITE, TOMORROW

ROSTER = """\
HN,ชื่อ,นามสกุล,เบอร์โทรศัพท์,รหัสหน่วยบริการ,วัคซีน,เข็มที่,วันนัด,เวลานัด
90-00001,มะลิ,ทดสอบ,080-000-7001,LPG01,influenza,1,10/08/2569,09:00
90-00002,กุหลาบ,ทดสอบ,080-000-7002,LPG01,influenza,1,32/08/2569,09:00
90-00003,<script>alert(1)</script>,ทดสอบ,080-000-7003,LPG01,influenza,1,10/08/2569,09:30
90-00004,บัว,ทดสอบ,12345,LPG01,no_such_vaccine,1,10/08/2569,10:00
"""
Way = Callable[[Page, Demo], object]


@dataclass(frozen=True, slots=True)
class Shown:
    """A page by the name of its picture; `status` is what it answers with, `account` who looks ("" for nobody)."""

    name: str
    way: Way
    account: str = "admin"
    status: int = 200

    @property
    def unusual(self) -> tuple[int, ...]:
        """The status as something to be expected, where it is an error's."""
        return (self.status,) if self.status >= 400 else ()

    def __str__(self) -> str:
        return self.name


def _at(path: str) -> Way:
    return lambda page, demo: page.goto(path)


def _person(page: Page, demo: Demo) -> None:
    with demo.database.reading() as db:
        person = facts.with_a_story(db).id
    page.goto(f"/console/people/{person}")


def _move(page: Page, demo: Demo) -> None:
    with demo.database.reading() as db:
        appointment = facts.booked(db, after=TOMORROW)
    page.goto(f"/console/people/{appointment.person}/move/{appointment.id}")


def _session(ending: str = "") -> Way:
    def way(page: Page, demo: Demo) -> None:
        with demo.database.reading() as db:
            session = facts.fullest_session(db, SITE, bangkok_day(TOMORROW)).id
        page.goto(f"/console/sessions/{session}{ending}")

    return way


def _call(page: Page, demo: Demo) -> None:
    with demo.database.reading() as db:
        person = facts.with_a_story(db).id
        call = facts.call_of(db, person)
    page.goto(f"/console/people/{person}/calls/{call}")


def _note(page: Page, demo: Demo) -> None:
    """A note too long for the person's own page."""
    with demo.database.unit_of_work() as db:
        note = Note(person=facts.with_a_story(db).id, text="ลูกสาวจะพามาเอง โทรบอกก่อนหนึ่งวัน " * 30, at=NOW)
        db.add(note)
    page.goto(f"/console/people/{note.person}/notes/{note.id}")


def _died(page: Page, demo: Demo) -> None:
    with demo.database.reading() as db:
        person = facts.booked(db, after=TOMORROW).person
    page.goto(f"/console/people/{person}/died")


def _roster(page: Page, demo: Demo) -> None:
    """A file with one good row and two that are not; it stays where it is, unapproved."""
    page.goto("/console/rosters")
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": ROSTER.encode("utf-8-sig")}
    page.locator("input[type=file]").set_input_files(file)
    page.locator("form[data-most] button").click()
    expect(page.locator("table.understood")).to_be_visible(timeout=20_000)


def _word(page: Page, demo: Demo) -> None:
    """A Northern phrase that somebody has recorded and nobody has heard yet."""
    prompt = load_scripts(data_dir("voice_prompts"))["nod"].prompts["bye"]
    library = Library(demo.database, demo.folder / "audio", SteppedClock(NOW))
    library.keep("nod", prompt, placeholder(2), ClipSource.RECORDING, "kham")
    page.goto("/console/words/nod/bye")


def _word_edit(page: Page, demo: Demo) -> None:
    """Words that break a rule, and what the page says of them."""
    page.goto("/console/words/my/sms.reminder/edit")
    page.locator("textarea").fill("{clinic} www.example.com \u202e")
    page.locator("button[value=try]").click()
    expect(page.locator("#faults")).to_be_visible()


def _found(page: Page, demo: Demo) -> None:
    page.goto("/console/people")
    page.get_by_role("searchbox").fill("ดวงใจ")
    page.keyboard.press("Enter")
    expect(page.locator(".found-one").first).to_be_visible()


def _preview(page: Page, demo: Demo) -> None:
    with demo.database.reading() as db:
        person = facts.booked(db, after=TOMORROW).person
    page.goto(f"/console/people/{person}/preview?purpose=reminder")


def _rides(ending: str = "") -> Way:
    """Two of a village to be fetched tomorrow, one of them arranged."""

    def way(page: Page, demo: Demo) -> None:
        with demo.database.unit_of_work() as db:
            first, second = (facts.booked(db, after=TOMORROW, site=SITE, skip=skip) for skip in (0, 1))
            day = bangkok_day(first.starts_at)
            rides.ask(db, second, now=NOW)
            ride = rides.ask(db, first, now=NOW)
            if ride.pick_up_at is None:
                at = first.starts_at - timedelta(minutes=50)
                rides.arrange(db, ride, pick_up_at=at, driver="รถ อบต. ลุงสมชาย", staff="", now=NOW)
        page.goto(f"/console/rides{ending}?day={day}")

    return way


def _left_behind(db: Session, kind: TaskKind) -> Task:
    """A complaint with its sound still at the carrier, or a keyed number, from a phone nobody knows."""
    known = db.exec(select(Task).where(col(Task.kind) == kind)).first()
    if known is not None:
        return known
    number = f"+6681000{list(TaskKind).index(kind):04}"  # the sample has none of these
    phone = Phone(e164=number, line_type=LineType.MOBILE)
    db.add(phone)
    db.flush()
    attempt = Attempt(direction=Direction.IN, phone=phone.id or 0, channel=Channel.VOICE, language="my",
                      status=AttemptStatus.COMPLETED, created_at=NOW)  # fmt: skip
    call = Call(attempt=attempt.id, carrier_sid=f"CA{kind}", flow="hotline", opened_at=NOW)
    db.add_all([attempt, call])
    db.flush()
    task = open_task(db, kind, call.id, site=SITE, detail="asks for a person at the clinic", now=NOW)
    common = {"call": call.id, "phone": phone.id, "task": task.id, "at": NOW}
    spoken = VoiceMessage(**common, turn_no=2, kind=MessageKind.QUESTION, language="my", seconds=41,
                          status=TakeStatus.STORED, next_try_at=NOW)  # fmt: skip
    keyed = Registration(**common, id_kind="migrant_00", id_value="0012345678901")
    db.add(spoken if kind is TaskKind.MESSAGE else keyed)
    db.flush()
    return task


def _left(kind: TaskKind, *, alone: bool = False) -> Way:
    def way(page: Page, demo: Demo) -> None:
        with demo.database.unit_of_work() as db:
            task = _left_behind(db, kind).id
        page.goto(f"/console/worklists/{task}" if alone else f"/console/worklists?kind={kind.value}")

    return way


def _hotline(page: Page, demo: Demo) -> None:
    """Two who wait, one of them since yesterday evening."""
    with demo.database.unit_of_work() as db:
        for hours, reason in ((14, CLOSED), (1, BUSY)):
            number = f"+668100088{hours:02}"
            phone = db.exec(select(Phone).where(col(Phone.e164) == number)).first()
            phone = phone or Phone(e164=number, line_type=LineType.MOBILE)
            db.add(phone)
            db.flush()
            wait_in_line(db, phone.id or 0, language="my", reason=reason, now=NOW - timedelta(hours=hours))
    page.goto("/console/hotline")


PAGES = (
    Shown("sign-in", _at("/console/sign-in"), account=""),
    Shown("today", _at("/console/today")),
    Shown("today-of-a-site", _at(f"/console/today?site={SITE}")),
    Shown("rates", _at("/console/rates")),
    Shown("rates-by-two", _at("/console/rates?by=language,channel")),
    Shown("people", _at("/console/people")),
    Shown("people-found", _found),
    Shown("person", _person),
    Shown("person-move", _move),
    Shown("person-call", _call),
    Shown("person-note", _note),
    Shown("person-died", _died),
    Shown("worklist-callback", _at("/console/worklists?kind=callback")),
    Shown("worklist-ride", _at("/console/worklists?kind=ride")),
    Shown("worklist-unreached", _at("/console/worklists?kind=unreached")),
    Shown("worklist-question", _at("/console/worklists?kind=question")),
    Shown("worklist-in-doubt", _at("/console/worklists?kind=in_doubt")),
    Shown("worklist-message", _left(TaskKind.MESSAGE)),
    Shown("worklist-register", _left(TaskKind.REGISTER)),
    Shown("task-of-a-keyed-number", _left(TaskKind.REGISTER, alone=True)),
    Shown("hotline", _hotline),
    Shown("forecast", _at("/console/forecast")),
    Shown("rides", _rides()),
    Shown("rides-paper", _rides("/paper")),
    Shown("session", _session()),
    Shown("session-paper", _session("/paper")),
    Shown("session-close", _session("/close")),
    Shown("rosters", _at("/console/rosters")),
    Shown("roster", _roster),
    Shown("health", _at("/console/health")),
    Shown("audit", _at("/console/audit")),
    Shown("studio", _at("/console/studio")),
    Shown("studio-card", _at("/console/studio/nod"), account="speaker"),
    Shown("speaker-pin", _at("/console/studio/pin")),
    Shown("words", _at("/console/words?language=nod")),
    Shown("words-of-a-language", _at("/console/words/my")),
    Shown("word", _word),
    Shown("word-edit", _word_edit),
    Shown("no-such-page", _at("/console/nowhere"), status=404),
    Shown("not-your-role", _at("/console/audit"), account="staff", status=403),
    Shown("preview", _at("/console/words/preview?language=my&names=longest")),
    Shown("preview-of-a-person", _preview),
    Shown("handsets", _at("/sandbox/?arm=no"), account=""),
)
