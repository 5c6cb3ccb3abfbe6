"""Checking and loading an upload beside the web's own work, one file at a time, with its progress to be asked for.

A job lives in memory: after a restart the upload is still in its folder and is simply checked again. What a load wrote
is one unit of work, so a restart in the middle of it leaves nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from gateway.care.regimens import Regimens
from gateway.kit.clock import Clock, bangkok_day
from gateway.records.agreements import Appointment
from gateway.records.database import Conflict, Database
from gateway.records.people import Person
from gateway.roster.check import check_roster
from gateway.roster.files import file_sha, rules_for
from gateway.roster.load import CancelRefused, LoadReport, foresee, load_roster
from gateway.roster.missing import Missing
from gateway.roster.prepare import LoadRequest, prepare
from gateway.roster.readers.csv import read_csv_file
from gateway.roster.rows import CheckResult, CheckRules
from gateway.roster.table import ReadError
from gateway.roster.uploads import Upload, Uploads

log = logging.getLogger(__name__)

MOST_ROWS: Final = 100_000
MISSING_SHOWN: Final = 20


class Stage(StrEnum):
    """How far a job is."""

    WAITING = "waiting"  # another file is being worked on
    CHECKING = "checking"
    COMPARING = "comparing"  # with what is stored
    CHECKED = "checked"  # a person may say yes
    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"  # nothing was written; `problem` says why


WORKING: Final = (Stage.WAITING, Stage.CHECKING, Stage.COMPARING, Stage.LOADING)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a job could not go on: a stable code and what fills its sentence, or the sentences of a reader."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)
    th: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """An appointment that the file does not mention and that would be cancelled; `starts_at` in UTC."""

    person: str
    name: str
    starts_at: datetime


@dataclass(slots=True)
class Job:
    """What is known of one upload's check and load; read by pages while its thread writes."""

    upload: Upload
    stage: Stage = Stage.WAITING
    done: int = 0
    total: int = 0
    rows: int = 0  # in the file
    day: date | None = None  # the Bangkok day by which it was checked
    problem: Problem | None = None
    result: CheckResult | None = field(default=None, repr=False)
    report: LoadReport | None = field(default=None, repr=False)  # foreseen, then what was done
    missing: Missing = field(default_factory=Missing, repr=False)
    lost: list[Lost] = field(default_factory=list, repr=False)

    @property
    def is_working(self) -> bool:
        """Whether it goes on by itself."""
        return self.stage in WORKING

    @property
    def share(self) -> int:
        """How much of its present work is done, in per cent."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    def as_it_stands(self) -> Job:
        """A copy for a page: the thread writes on while it is put together. The stage is read before what it brings."""
        return replace(self)

    def step(self) -> None:
        """One row further."""
        self.done += 1


class NotNow(Exception):
    """A load was asked for that cannot begin; `code` says why. Nothing was written."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Jobs:
    """The jobs of this process, by upload."""

    def __init__(
        self,
        uploads: Uploads,
        database: Database,
        clock: Clock,
        *,
        recognise_language: Callable[[str], str | None],
        regimens: Regimens,
        countries: Collection[str] | None,
    ) -> None:
        self.uploads, self._database, self._clock = uploads, database, clock
        self._recognise, self._regimens, self._countries = recognise_language, regimens, countries
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._turn = threading.Semaphore(1)  # two files at a time would only slow down the pages

    def of(self, upload: Upload) -> Job:
        """The job of an upload; its check begins when it has none, as after a restart."""
        with self._lock:
            known = self._jobs.get(upload.id)
            if known is not None:
                return known
            job = self._jobs[upload.id] = Job(upload)
        if upload.batch is not None:
            job.stage = Stage.LOADED
        else:
            self._begin(job, self._check)
        return job

    def known(self, upload: Upload) -> Job | None:
        """The job of an upload, if it was begun in this process."""
        return self._jobs.get(upload.id)

    def check_again(self, upload: Upload) -> Job:
        """Throw away what an earlier check found, unless it is being worked on."""
        with self._lock:
            known = self._jobs.get(upload.id)
            if known is not None and not known.is_working:
                del self._jobs[upload.id]
        return self.of(upload)

    def load(self, upload: Upload, *, staff: str, agreed: int | None) -> Job:
        """Begin to load a checked upload; `agreed` is the typed number of appointments to cancel.

        Raises NotNow when it is not checked (any more), when nothing in it can be loaded, when it was checked on an
        earlier day, or when a number is needed and another was typed.
        """
        job = self.of(upload)
        with self._lock:
            self._may_load(job, agreed)
            job.stage, job.done, job.problem = Stage.LOADING, 0, None
        self._begin(job, lambda one: self._load(one, staff, agreed))
        return job

    def forget(self, upload_id: str) -> bool:
        """Let go of a job that is not loading; False when it is."""
        with self._lock:
            job = self._jobs.get(upload_id)
            if job is not None and job.stage is Stage.LOADING:
                return False
            self._jobs.pop(upload_id, None)
        return True

    def _may_load(self, job: Job, agreed: int | None) -> None:
        if job.stage is not Stage.CHECKED or job.result is None or job.report is None:
            raise NotNow("already" if job.stage in (Stage.LOADING, Stage.LOADED) else "not_checked")
        if job.day != bangkok_day(self._clock.now()):
            raise NotNow("other_day")
        if not job.report.result.accepted:
            raise NotNow("nothing_accepted")
        if job.missing.is_many and agreed != job.missing.count:
            raise NotNow("other_number", n=job.missing.count)

    def _begin(self, job: Job, work: Callable[[Job], None]) -> None:
        threading.Thread(target=self._run, args=(job, work), name="roster", daemon=True).start()

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        with self._turn:
            try:
                work(job)
            except ReadError as error:
                _fail(job, Problem(error.code, th=error.message_th, en=error.message_en))
            except OperationalError as error:
                log.warning("a roster waited too long for the database: %s", type(error.orig).__name__)
                _fail(job, Problem("busy"))
            except Conflict:
                log.warning("a roster met quicker work again and again")
                _fail(job, Problem("busy"))
            except Exception as error:  # a page must say that it broke, and not turn for ever
                # Without the message: it may quote a cell.
                log.error("a roster's %s broke: %s", job.stage.value, type(error).__name__)
                _fail(job, Problem("broke"))

    def _check(self, job: Job) -> None:
        job.stage, now = Stage.CHECKING, self._clock.now()
        if (problem := self._changed(job.upload)) is not None:
            _fail(job, problem)
            return
        rules = self._rules(job.upload, now)
        if rules.sites is None or job.upload.site not in {None, *rules.sites}:
            _fail(job, Problem("no_sites" if rules.sites is None else "site_gone"))
            return
        table = read_csv_file(self.uploads.file(job.upload))
        if len(table.rows) > MOST_ROWS:
            _fail(job, Problem("too_many_rows", {"n": len(table.rows), "most": MOST_ROWS}))
            return
        job.rows, job.total = len(table.rows), 2 * len(table.rows)
        job.result = check_roster(table, rules, on_row=job.step)
        job.total = len(table.rows) + job.result.accepted
        job.stage, job.day = Stage.COMPARING, bangkok_day(now)
        self._foresee(job, now)
        job.stage = Stage.CHECKED

    def _foresee(self, job: Job, now: datetime) -> None:
        assert job.result is not None  # noqa: S101  # the check came first
        with self._database.reading() as db:
            plan = prepare(db, job.result, self._request(job.upload, now), job.step)
            job.missing = plan.missing
            job.lost = _lost(db.exec(_named(plan.missing.appointments[:MISSING_SHOWN])))
            job.report = foresee(db, job.result, plan)

    def _load(self, job: Job, staff: str, agreed: int | None) -> None:
        assert job.result is not None  # noqa: S101  # `_may_load` saw it
        if (problem := self._changed(job.upload)) is not None:
            _fail(job, problem)
            return
        job.total = 2 * job.result.accepted
        now = self._clock.now()
        request = self._request(job.upload, now, staff=staff)
        try:
            report = load_roster(self._database, job.result, request, agreed_missing=agreed, on_row=job.step)
        except CancelRefused as refused:
            _fail(job, Problem("more_missing", {"n": refused.count}))
            return
        job.report = report
        job.upload = self.uploads.loaded(job.upload, report.batch or "")
        job.stage = Stage.LOADED

    def _changed(self, upload: Upload) -> Problem | None:
        """Why the file is not the one that was sent, if it is not."""
        try:
            is_same = file_sha(self.uploads.file(upload)) == upload.sha
        except OSError:
            return Problem("file_gone")
        return None if is_same else Problem("file_changed")

    def _rules(self, upload: Upload, now: datetime) -> CheckRules:
        return rules_for(
            self._database,
            now=now,
            recognise_language=self._recognise,
            regimens=self._regimens,
            site=upload.site,
            scope_from=upload.first,
            scope_to=upload.last,
            default_time=upload.default_time,
            countries=self._countries,
        )

    def _request(self, upload: Upload, now: datetime, staff: str | None = None) -> LoadRequest:
        return LoadRequest(
            now=now,
            regimens=self._regimens,
            file_sha=upload.sha,
            site=upload.site,
            scope_from=upload.first,
            scope_to=upload.last,
            staff=staff,
            bound=upload.bound,
        )


def _fail(job: Job, problem: Problem) -> None:
    job.problem, job.stage = problem, Stage.FAILED


def _named(appointments: list[Appointment]) -> Any:
    joined = select(Appointment, Person).join(Person, col(Person.id) == col(Appointment.person))
    mine = joined.where(col(Appointment.id).in_([one.id for one in appointments]))
    return mine.order_by(col(Appointment.starts_at), col(Appointment.id))


def _lost(rows: Any) -> list[Lost]:
    return [Lost(person.id, f"{person.name} {person.surname}".strip(), one.starts_at) for one, person in rows]
