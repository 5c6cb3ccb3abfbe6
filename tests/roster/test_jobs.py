"""An upload checked, approved and loaded beside the web's own work; whatever goes wrong is said and leaves nothing."""

from __future__ import annotations

import io
import threading
import time as real_time
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from gateway.care.regimens import load_regimens
from gateway.languages.table import load_languages
from gateway.records.agreements import Appointment
from gateway.records.people import Person
from gateway.records.places import Site
from gateway.records.rosters import Batch
from gateway.records.staffing import Audit, Role, Staff
from gateway.roster import jobs as the_jobs
from gateway.roster.history import loaded_before, past_loads
from gateway.roster.jobs import Jobs, NotNow, Stage
from gateway.roster.uploads import Uploads, new_upload
from tests.roster.conftest import GOOD, NOW, as_file
from tests.support.world import World

STAFF = "s" * 32
HERE = {"site_code": "S1"}


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path, now=NOW)
    world.add(Staff(id=STAFF, email="a@x.example", name="สุดา", role=Role.MANAGER, password_hash="-", created_at=NOW))
    yield world
    world.database.close()


@pytest.fixture
def uploads(tmp_path):
    return Uploads(tmp_path / "uploads")


@pytest.fixture
def jobs(world, uploads):
    return make_jobs(world, uploads)


def make_jobs(world, uploads):
    return Jobs(uploads, world.database, world.clock, recognise_language=load_languages().recognise,
                regimens=load_regimens(), countries=frozenset({"TH"}))  # fmt: skip


def row(number, **changes):
    return {**GOOD, **HERE, "id_number": "", "name": f"คนที่{number}", "phone": f"08123456{number:02}", **changes}


def sent(uploads, *rows, content=None, **told):
    data = content if content is not None else as_file(*rows)
    return uploads.keep(io.BytesIO(data), new_upload(STAFF, datetime.now(UTC), **told))


def settled(job):
    """The job once it stands still; a thread of this machine may be slow, never silent."""
    give_up = real_time.monotonic() + 30
    while job.is_working:
        assert real_time.monotonic() < give_up, job
        threading.Event().wait(0.01)
    return job


def counted(report):
    return report.created, report.changed, report.unchanged, report.conflicts, report.cancelled


def test_a_check_foresees_what_the_load_then_does(jobs, uploads, world):
    upload = sent(uploads, row(1), row(2), row(3, appointment_date="32/13/2569"))
    job = settled(jobs.of(upload))
    assert (job.stage, job.result.rows, job.result.accepted, job.result.rejected) == (Stage.CHECKED, 3, 2, 1)
    assert (counted(job.report), world.all(Appointment)) == ((2, 0, 0, 0, 0), [])
    assert settled(jobs.load(upload, staff=STAFF, agreed=None)).stage is Stage.LOADED
    assert (counted(job.report), len(world.all(Appointment))) == ((2, 0, 0, 0, 0), 2)
    assert not uploads.file(upload).exists()


def test_who_approved_is_kept_with_the_figures(jobs, uploads, world):
    upload = sent(uploads, row(1))
    settled(jobs.of(upload))
    settled(jobs.load(upload, staff=STAFF, agreed=None))
    batch = world.all(Batch)[0]
    audit = world.all(Audit)[0]
    assert (batch.staff, batch.file_sha) == (STAFF, upload.sha)
    assert (audit.kind, audit.verb, audit.subject, audit.staff) == ("batch", "roster_loaded", batch.id, STAFF)
    assert (audit.after["rows"], audit.after["created"]) == (1, 1)
    assert "คนที่" not in str(audit.after)


def test_a_changed_number_is_foreseen_as_changed(jobs, uploads):
    first = sent(uploads, row(1))
    settled(jobs.of(first))
    settled(jobs.load(first, staff=STAFF, agreed=None))
    second = sent(uploads, row(1, id_number="", hospital_number="7"), row(2))
    job = settled(jobs.of(second))
    foreseen = counted(job.report)
    settled(jobs.load(second, staff=STAFF, agreed=None))
    assert counted(job.report) == foreseen


def test_the_same_file_again_changes_nothing_and_is_known(jobs, uploads, world):
    first = sent(uploads, row(1))
    settled(jobs.of(first))
    settled(jobs.load(first, staff=STAFF, agreed=None))
    again = sent(uploads, row(1))
    job = settled(jobs.of(again))
    with world.database.reading() as db:
        before = loaded_before(db, again.sha)
    assert (before.who, before.rows, before.verdicts) == ("สุดา", 1, {"created": 1})
    assert counted(job.report) == (0, 0, 1, 0, 0)


def test_looking_ahead_writes_nothing(jobs, uploads, world):
    settled(jobs.of(sent(uploads, row(1))))
    assert (world.all(Person), world.all(Batch), world.all(Audit)) == ([], [], [])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"PK\x03\x04rest", "file_is_excel"),
        (b"%PDF-1.7", "file_is_pdf"),
        (b"\xff\xd8\xff\xe0jpg", "file_is_binary"),
        (b"\xff\xfe\x00\xd8x", "encoding_unknown"),
    ],
)
def test_what_is_no_csv_is_said_in_both_languages(jobs, uploads, content, code):
    job = settled(jobs.of(sent(uploads, content=content)))
    assert (job.stage, job.problem.code, bool(job.problem.th), bool(job.problem.en)) == (Stage.FAILED, code, True, True)


def test_a_file_without_rows_can_be_looked_at_and_not_loaded(jobs, uploads):
    upload = sent(uploads, content=as_file(row(1)).splitlines()[0])
    job = settled(jobs.of(upload))
    assert (job.stage, [one.code for one in job.result.issues]) == (Stage.CHECKED, ["rows_missing"])
    with pytest.raises(NotNow) as told:
        jobs.load(upload, staff=STAFF, agreed=None)
    assert told.value.code == "nothing_accepted"


def test_too_many_rows_are_refused_before_they_are_checked(jobs, uploads, monkeypatch):
    monkeypatch.setattr(the_jobs, "MOST_ROWS", 2)
    job = settled(jobs.of(sent(uploads, row(1), row(2), row(3))))
    assert (job.problem.code, job.problem.values) == ("too_many_rows", {"n": 3, "most": 2})


def test_without_any_site_a_file_waits_for_the_sites(uploads, world):
    with world.database.unit_of_work() as db:
        db.delete(db.exec(select(Site)).one())
    job = settled(make_jobs(world, uploads).of(sent(uploads, row(1))))
    assert job.problem.code == "no_sites"


def test_a_site_that_does_not_exist_is_said(jobs, uploads):
    assert settled(jobs.of(sent(uploads, row(1), site="S9"))).problem.code == "site_gone"


def test_a_file_that_changed_after_it_was_sent_is_not_checked(jobs, uploads):
    upload = sent(uploads, row(1))
    uploads.file(upload).write_bytes(b"other")
    assert settled(jobs.of(upload)).problem.code == "file_changed"


def test_a_file_that_changed_after_the_check_is_not_loaded(jobs, uploads, world):
    upload = sent(uploads, row(1))
    settled(jobs.of(upload))
    uploads.file(upload).write_bytes(b"other")
    job = settled(jobs.load(upload, staff=STAFF, agreed=None))
    assert (job.stage, job.problem.code, world.all(Batch)) == (Stage.FAILED, "file_changed", [])


def test_a_file_that_is_gone_is_asked_for_again(jobs, uploads):
    upload = sent(uploads, row(1))
    uploads.file(upload).unlink()
    assert settled(jobs.of(upload)).problem.code == "file_gone"


def test_after_a_restart_it_is_checked_anew(jobs, uploads, world):
    upload = sent(uploads, row(1))
    settled(jobs.of(upload))
    assert settled(make_jobs(world, uploads).of(upload)).stage is Stage.CHECKED


def test_after_a_restart_a_loaded_one_is_still_known_as_loaded(jobs, uploads, world):
    upload = sent(uploads, row(1))
    settled(jobs.of(upload))
    settled(jobs.load(upload, staff=STAFF, agreed=None))
    found = uploads.find(upload.id)
    assert make_jobs(world, uploads).of(found).stage is Stage.LOADED
    with world.database.reading() as db:
        assert past_loads(db)[0].batch.id == found.batch


def test_it_is_loaded_once_however_often_it_is_approved(jobs, uploads, world):
    upload = sent(uploads, row(1))
    settled(jobs.of(upload))
    jobs.load(upload, staff=STAFF, agreed=None)
    with pytest.raises(NotNow) as told:
        jobs.load(upload, staff=STAFF, agreed=None)
    settled(jobs.of(upload))
    assert (told.value.code, len(world.all(Batch))) == ("already", 1)


def test_a_check_of_yesterday_is_not_loaded_today(jobs, uploads, world):
    upload = sent(uploads, row(1))
    settled(jobs.of(upload))
    world.clock.advance_to(NOW + timedelta(days=1))
    with pytest.raises(NotNow) as told:
        jobs.load(upload, staff=STAFF, agreed=None)
    assert told.value.code == "other_day"
    settled(jobs.check_again(upload))
    assert settled(jobs.load(upload, staff=STAFF, agreed=None)).stage is Stage.LOADED


@pytest.fixture
def half_a_file(jobs, uploads):
    """Ten people were loaded for a site and a day; the new file has three of them."""
    scope = {"site": "S1", "first": datetime(2026, 7, 27).date(), "last": datetime(2026, 7, 27).date()}
    all_ten = sent(uploads, *(row(n) for n in range(10)), **scope)
    settled(jobs.of(all_ten))
    settled(jobs.load(all_ten, staff=STAFF, agreed=None))
    upload = sent(uploads, *(row(n) for n in range(3)), **scope)
    settled(jobs.of(upload))
    return upload


def test_many_missing_need_their_number_typed(jobs, half_a_file, world):
    job = jobs.of(half_a_file)
    assert (job.missing.count, job.missing.in_scope, job.missing.is_many, len(job.lost)) == (7, 10, True, 7)
    for typed in (None, 6):
        with pytest.raises(NotNow) as told:
            jobs.load(half_a_file, staff=STAFF, agreed=typed)
        assert (told.value.code, told.value.values) == ("other_number", {"n": 7})
    assert len(world.all(Batch)) == 1
    assert settled(jobs.load(half_a_file, staff=STAFF, agreed=7)).report.cancelled == 7


def test_when_the_number_grew_meanwhile_nothing_is_cancelled(jobs, half_a_file, world):
    job = jobs.of(half_a_file)
    more = world.appointment(world.person(), days=7, source="roster")
    assert settled(jobs.load(half_a_file, staff=STAFF, agreed=7)).stage is Stage.FAILED
    assert (job.problem.code, job.problem.values, world.fresh(more).status) == ("more_missing", {"n": 8}, "booked")


def test_what_breaks_is_said_and_no_cell_is_logged(jobs, uploads, monkeypatch, caplog):
    def breaks(*_, **__):
        raise RuntimeError("สมชาย ใจดี")

    monkeypatch.setattr(the_jobs, "check_roster", breaks)
    job = settled(jobs.of(sent(uploads, row(1))))
    assert (job.stage, job.problem.code) == (Stage.FAILED, "broke")
    assert "สมชาย" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_progress_goes_from_nothing_to_all_rows(jobs, uploads, monkeypatch):
    seen = []
    step = the_jobs.Job.step

    def watched(job):
        step(job)
        seen.append((job.stage.value, job.done))

    monkeypatch.setattr(the_jobs.Job, "step", watched)
    job = settled(jobs.of(sent(uploads, row(1), row(2))))
    assert seen == [("checking", 1), ("checking", 2), ("comparing", 3), ("comparing", 4)]
    assert (job.done, job.total, job.rows, job.share) == (4, 4, 2, 100)


def test_a_job_that_loads_is_not_forgotten(jobs, uploads):
    upload = sent(uploads, row(1))
    job = settled(jobs.of(upload))
    job.stage = Stage.LOADING
    assert not jobs.forget(upload.id)
    job.stage = Stage.CHECKED
    assert jobs.forget(upload.id)


def test_a_page_sees_one_moment_of_a_job_that_goes_on(jobs, uploads):
    job = settled(jobs.of(sent(uploads, row(1))))
    job.stage, job.report = Stage.COMPARING, None
    seen = job.as_it_stands()
    job.stage = Stage.CHECKED
    assert (seen.stage, seen.is_working, seen.report) == (Stage.COMPARING, True, None)
