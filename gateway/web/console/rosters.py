"""Roster upload: what was loaded before, a file sent, looked at cell by cell, and loaded once a person said yes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import PurePath
from typing import Any, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session, col, select

from gateway.kit.clock import bangkok_day
from gateway.kit.thai_dates import DateError, parse_date, parse_time
from gateway.records.places import Site
from gateway.records.staffing import Role, Staff
from gateway.roster.files import rejected_csv
from gateway.roster.history import load_of, loaded_before, past_loads
from gateway.roster.jobs import MOST_ROWS, Job, Jobs, NotNow, Stage
from gateway.roster.uploads import LARGEST_UPLOAD, Upload, Uploads, UploadTooLarge, new_upload
from gateway.staff.audit import write_audit
from gateway.web.console.desk import ConsoleDesk
from gateway.web.console.gate import Posted, Visitor
from gateway.web.console.roster_words import COLUMNS, issues_shown, problem_words, rows_in_words
from gateway.web.console.trouble import Missing, Refused

PATH: Final = "/console/rosters"
MEGABYTE: Final = 1024 * 1024
BODY_LIMITS: Final = ((PATH, LARGEST_UPLOAD + 64 * 1024), ("/console", 256 * 1024))
"""Bytes by the beginning of the address: a file and the fields beside it, and any other form of the console."""
SLOW_ROWS: Final = 15_000
"""Above this a load holds the database for longer than others wait for it."""
PAGE: Final = 10
_FIRST_LINES: Final = 8


def add_routes(routes: APIRouter, desk: ConsoleDesk) -> None:
    """For managers: the page of files, and a page for each file."""
    jobs = Jobs(
        Uploads(desk.uploads),
        desk.database,
        desk.clock,
        recognise_language=desk.languages.recognise,
        regimens=desk.regimens,
        countries=desk.rules.countries,
    )
    _sweep(jobs)  # what waited when the program was stopped must not lie there until somebody comes by
    _list_routes(routes, desk, jobs)
    _file_routes(routes, desk, jobs)
    _deed_routes(routes, desk, jobs)


def too_large(path: str) -> tuple[str, str]:
    """The words for what was too large at `path`, and where to go on."""
    return ("rosters.trouble.too_large", PATH) if path.startswith(PATH) else ("rosters.trouble.too_long", "/console")


def _list_routes(routes: APIRouter, desk: ConsoleDesk, jobs: Jobs) -> None:
    enter, send = desk.gate.page(Role.MANAGER), desk.gate.form(Role.MANAGER)

    @routes.get("/rosters")
    def rosters(request: Request, visitor: Visitor = Depends(enter)) -> Response:
        _sweep(jobs)
        return _list(desk, jobs, visitor, request.query_params)

    @routes.post("/rosters")
    def upload(posted: Posted = Depends(send)) -> Response:
        told, errors = _told(desk, posted)
        if errors:
            return _list(desk, jobs, posted.visitor, posted.fields, errors)

        def keep(db: Session) -> str:
            try:
                upload = jobs.uploads.keep(posted.files["file"].file, told)
            except UploadTooLarge as error:
                raise Refused("rosters.trouble.too_large", back=PATH, mb=LARGEST_UPLOAD // MEGABYTE) from error
            write_audit(db, staff=posted.visitor.id, verb="uploaded", kind="batch", subject=upload.id,
                        now=desk.clock.now())  # fmt: skip
            jobs.of(upload)
            return f"{PATH}/{upload.id}"

        return desk.gate.once(posted, keep)


def _file_routes(routes: APIRouter, desk: ConsoleDesk, jobs: Jobs) -> None:
    enter = desk.gate.page(Role.MANAGER)

    @routes.get("/rosters/{upload}")
    def one(upload: str, request: Request, visitor: Visitor = Depends(enter)) -> Response:
        found = _find(jobs, visitor, upload)
        job = jobs.of(found).as_it_stands()
        return desk.pages.show(visitor, "roster.html", **_file(desk, visitor, found, job, request))

    @routes.get("/rosters/{upload}/progress")
    def progress(upload: str, request: Request, visitor: Visitor = Depends(enter)) -> Response:
        found = _find(jobs, visitor, upload)
        job = jobs.of(found).as_it_stands()
        return desk.pages.live(visitor, request, "roster_progress.html", upload=found, job=job)

    @routes.get("/rosters/{upload}/rejected.csv")
    def rejected(upload: str, visitor: Visitor = Depends(enter)) -> Response:
        found = _find(jobs, visitor, upload)
        report = jobs.of(found).report
        if report is None:
            raise Missing("rosters.trouble.no_rejected", back=f"{PATH}/{found.id}")
        with desk.database.unit_of_work() as db:
            told = {"file": "rejected.csv", "rows": report.result.rejected}
            write_audit(db, staff=visitor.id, verb="exported", kind="page", subject="rosters", after=told,
                        now=desk.clock.now())  # fmt: skip
        content = rejected_csv(report.result).encode("utf-8-sig")  # the mark is for Excel
        headers = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _deed_routes(routes: APIRouter, desk: ConsoleDesk, jobs: Jobs) -> None:
    send = desk.gate.form(Role.MANAGER)

    @routes.post("/rosters/{upload}/load")
    def load(upload: str, posted: Posted = Depends(send)) -> Response:
        found = _find(jobs, posted.visitor, upload)
        back = f"{PATH}/{found.id}"

        def begin(db: Session) -> str:
            try:
                jobs.load(found, staff=posted.visitor.id, agreed=_number(posted.fields.get("missing", "")))
            except NotNow as error:
                raise Refused(f"rosters.trouble.{error.code}", back=back, **error.values) from error
            return back

        return desk.gate.once(posted, begin)

    @routes.post("/rosters/{upload}/check")
    def check(upload: str, posted: Posted = Depends(send)) -> Response:
        found = _find(jobs, posted.visitor, upload)

        def again(db: Session) -> str:
            jobs.check_again(found)
            return f"{PATH}/{found.id}"

        return desk.gate.once(posted, again)

    @routes.post("/rosters/{upload}/cancel")
    def cancel(upload: str, posted: Posted = Depends(send)) -> Response:
        found = _find(jobs, posted.visitor, upload)

        def remove(db: Session) -> str:
            if not jobs.forget(found.id):
                raise Refused("rosters.trouble.loading", back=f"{PATH}/{found.id}")
            jobs.uploads.discard(found.id)
            return PATH

        return desk.gate.once(posted, remove)


def _sweep(jobs: Jobs) -> None:
    """Let go of files that nobody approved within an hour, and of what was found in them."""
    for gone in jobs.uploads.sweep(datetime.now(UTC)):
        jobs.forget(gone)


def _find(jobs: Jobs, visitor: Visitor, upload_id: str) -> Upload:
    """The upload, if this visitor may see it; who is bound to a site sees those of its staff."""
    upload = jobs.uploads.find(upload_id)
    if upload is None or visitor.site not in (None, upload.bound):
        raise Missing("rosters.trouble.gone", back=PATH)
    return upload


def _list(
    desk: ConsoleDesk,
    jobs: Jobs,
    visitor: Visitor,
    said: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> Response:
    waiting = [one for one in jobs.uploads.waiting() if visitor.site in (None, one.bound) and one.batch is None]
    page = max(1, _number(said.get("page", "")) or 1) if errors is None else 1
    with desk.database.reading() as db:
        sites = _sites(db, visitor)
        past = past_loads(db, site=visitor.site, most=PAGE + 1, skip=(min(page, 10_000) - 1) * PAGE)
        names = _names(db, waiting)
    return desk.pages.show(
        visitor,
        "rosters.html",
        status=422 if errors else 200,
        errors=errors or {},
        said={name: said.get(name, "") if errors else "" for name in ("site", "first", "last", "default_time")},
        sites=sites,
        past=past[:PAGE],
        has_older=len(past) > PAGE,
        page=page,
        waiting=[(one, names.get(one.staff, ""), jobs.known(one)) for one in waiting],
        most_bytes=LARGEST_UPLOAD,
        most_mb=LARGEST_UPLOAD // MEGABYTE,
        most_rows=MOST_ROWS,
    )


def _file(desk: ConsoleDesk, visitor: Visitor, upload: Upload, job: Job, request: Request) -> dict[str, Any]:
    with desk.database.reading() as db:
        before = loaded_before(db, upload.sha) if job.stage is Stage.CHECKED else None
        past = load_of(db, upload.batch or job.upload.batch or "") if job.stage is Stage.LOADED else None
        sites = {site.code: site for site in db.exec(select(Site))}
        who = _names(db, [upload]).get(upload.staff, "")
    report = job.report
    return {
        "upload": upload,
        "job": job,
        "who": who,
        "is_mine": upload.staff == visitor.id,
        "report": report,
        "before": before,
        "past": past,
        "sites": sites,
        "rows": rows_in_words(desk, visitor, report.result, _FIRST_LINES) if report else [],
        "issues": issues_shown(report.result.issues, request.query_params) if report else None,
        "problem": problem_words(visitor, job.problem) if job.problem else "",
        "is_slow": bool(report and report.result.accepted > SLOW_ROWS),
        "columns": COLUMNS,
        "other_day": job.day is not None and job.day != bangkok_day(desk.clock.now()),
    }


def _told(desk: ConsoleDesk, posted: Posted) -> tuple[Upload, dict[str, str]]:
    """What the form says of the file, and what is wrong with it by field."""
    visitor, fields, errors = posted.visitor, posted.fields, {}
    file = posted.files.get("file")
    if file is None or not file.filename:
        errors["file"] = visitor.t("rosters.wrong.no_file")
    site = visitor.site or fields.get("site", "").strip() or None
    with desk.database.reading() as db:
        if site is not None and db.get(Site, site) is None:
            errors["site"] = visitor.t("rosters.wrong.site")
    today = bangkok_day(desk.clock.now())
    first, last = (_day(visitor, fields, name, today, errors) for name in ("first", "last"))
    if first and last and last < first:
        errors["last"] = visitor.t("rosters.wrong.order")
    if bool(first) != bool(last) and not errors:
        errors["last" if first else "first"] = visitor.t("rosters.wrong.half")
    told = new_upload(
        visitor.id,
        datetime.now(UTC),
        sent_at=desk.clock.now(),
        name=PurePath((file.filename or "").replace("\\", "/")).name[:120] if file else "",
        bound=visitor.site,
        site=site,
        first=first,
        last=last,
        default_time=_hour(visitor, fields, errors),
    )
    return told, errors


def _day(visitor: Visitor, fields: Mapping[str, str], name: str, today: date, errors: dict[str, str]) -> date | None:
    raw = fields.get(name, "").strip()
    try:
        return parse_date(raw, today=today) if raw else None
    except DateError:
        errors[name] = visitor.t("rosters.wrong.day")
        return None


def _hour(visitor: Visitor, fields: Mapping[str, str], errors: dict[str, str]) -> time | None:
    raw = fields.get("default_time", "").strip()
    try:
        return parse_time(raw) if raw else None
    except DateError:
        errors["default_time"] = visitor.t("rosters.wrong.hour")
        return None


def _sites(db: Session, visitor: Visitor) -> list[Site]:
    wanted = select(Site).order_by(col(Site.code))
    return list(db.exec(wanted.where(col(Site.code) == visitor.site) if visitor.site else wanted))


def _names(db: Session, uploads: list[Upload]) -> dict[str, str]:
    wanted = select(Staff).where(col(Staff.id).in_({one.staff for one in uploads}))
    return {one.id: one.name or one.email for one in db.exec(wanted)}


def _number(raw: str) -> int | None:
    text = raw.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
