"""Sites and their sessions from files: whole rows are stored or refused, and a file may be loaded again."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.care.booking import part_of_day, session_id
from gateway.care.people import in_chunks
from gateway.care.regimens import Regimens
from gateway.kit.clock import at_bangkok
from gateway.kit.phones import PhoneError, parse_phone
from gateway.records.database import Database
from gateway.records.places import Part, Session, Site
from gateway.roster.cells import Cells
from gateway.roster.columns import load_columns, map_columns
from gateway.roster.issues import Issue, make_issue
from gateway.roster.table import Table
from gateway.roster.visit_cells import known_site

SITE_TEMPLATE: Final = (
    "code,name,short_name,name_en,place,tambon,district,province,staff_phone,opens,closes\n"
    "11111,โรงพยาบาลตัวอย่าง,รพ.ตัวอย่าง,Example Hospital,หอประชุมชั้น 1,เวียงวัง,เมืองลำปาง,ลำปาง,054-000-901,08:30,16:30\n"
)
SESSION_TEMPLATE: Final = (
    "site_code,vaccine,day,part,starts_at,ends_at,capacity\n"
    "11111,influenza,03/08/2569,morning,08:30,12:00,20\n"
    "11111,influenza,03/08/2569,afternoon,13:00,16:00,20\n"
)

_CODE: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$")
_PARTS: Final = {
    **dict.fromkeys(("morning", "am", "เช้า", "ช่วงเช้า", "ภาคเช้า"), Part.MORNING),
    **dict.fromkeys(("afternoon", "pm", "บ่าย", "ช่วงบ่าย", "ภาคบ่าย"), Part.AFTERNOON),
}
_USUAL_END: Final = {Part.MORNING: time(12), Part.AFTERNOON: time(16, 30)}

Read = tuple[Cells, dict[str, Any]]  # a row's cells with their issues, and the values they mean


@dataclass(slots=True)
class PlacesReport:
    """What a file of sites or sessions came to; the same document as a roster's, with figures behind it."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    held_back: int = 0  # without fault, and not stored because another row was refused
    issues: list[Issue] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """How many rows have no fault."""
        return self.stored + self.held_back

    @property
    def stored(self) -> int:
        """How many rows are stored as the file says."""
        return self.created + self.changed + self.unchanged

    def as_json(self) -> dict[str, Any]:
        """Return the object `--json` prints."""
        return {
            "rows": self.accepted + self.rejected,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "warnings": sum(not issue.is_error for issue in self.issues),
            "issues": [issue.as_json() for issue in self.issues],
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
        }

    def count(self, before: dict[str, Any] | None, after: dict[str, Any]) -> None:
        """Count a stored row by what it changed."""
        if before is None:
            self.created += 1
        elif all(before[name] == value for name, value in after.items()):
            self.unchanged += 1
        else:
            self.changed += 1


def load_sites(database: Database, table: Table, *, sample: bool = False, accepted_only: bool = False) -> PlacesReport:
    """Store the sites of a file, new or known by their code; an empty cell keeps what is stored.

    When a row is refused nothing is stored, unless `accepted_only` asks for the others.
    """
    report = PlacesReport()
    with database.unit_of_work() as db:
        known = {site.code: site for site in db.exec(select(Site))}
        rows = _read_rows(table, "sites", report, _site, key=lambda values: (values["code"],))
        for cells, values in rows:
            if not values["staff_phone"] and not getattr(known.get(values["code"]), "staff_phone", ""):
                cells.warn("staff_phone", "staff_phone_missing")
        for values in _to_store(report, rows, accepted_only):
            site = known.get(values["code"])
            said = {name: value for name, value in values.items() if value}
            report.count(site.model_dump() if site else None, said)
            _store(db, site or Site(code=said["code"], name=said["name"], sample=sample), said)
    return report


def load_sessions(
    database: Database, table: Table, *, regimens: Regimens, today: date, accepted_only: bool = False
) -> PlacesReport:
    """Store the sessions of a file, new or known by site, vaccine, day and part; all or, as sites, `accepted_only`.

    Seats already taken stay: a capacity below them refuses the row. A capacity of 0 closes a session to new people.
    """
    report = PlacesReport()
    with database.unit_of_work() as db:
        sites = frozenset(db.exec(select(Site.code)))

        def read(cells: Cells) -> dict[str, Any]:
            return _session(cells, sites=sites, regimens=regimens, today=today)

        rows = _read_rows(table, "sessions", report, read, key=lambda values: (values["id"],))
        known = _known_sessions(db, [values["id"] for _, values in rows])
        for cells, values in rows:
            session = known.get(values["id"])
            if session is not None and values["capacity"] < session.taken:
                cells.error("capacity", "capacity_below_taken", limit=session.taken)
                report.rejected += 1
        for values in _to_store(report, rows, accepted_only):
            session = known.get(values["id"])
            report.count(session.model_dump() if session else None, values)
            _store(db, session or Session(**values), values)
    return report


def _to_store(report: PlacesReport, rows: list[Read], accepted_only: bool) -> list[dict[str, Any]]:
    """Return what shall be stored, and note every row's issues: half a list of places is taken for the whole."""
    report.issues.extend(issue for cells, _ in rows for issue in cells.issues)
    report.issues.sort(key=lambda issue: issue.row)
    good = [values for cells, values in rows if not cells.failed]
    if not report.rejected or accepted_only:
        return good
    report.held_back = len(good)
    return []


def _read_rows(
    table: Table,
    kind: str,
    report: PlacesReport,
    read: Callable[[Cells], dict[str, Any]],
    key: Callable[[dict[str, Any]], tuple[object, ...]],
) -> list[Read]:
    """Return the rows that can be stored; count and explain the others."""
    columns = map_columns(table, load_columns(kind))
    report.issues.extend(columns.issues)
    if not columns.usable:
        report.rejected += len(table.rows)
        return []
    if not table.rows:
        report.issues.append(make_issue(table.header_line, "", "rows_missing"))
    good: list[Read] = []
    seen: dict[tuple[object, ...], int] = {}
    for row in table.rows:
        cells = Cells(row.line, columns.cells(row))
        problem = columns.shape_problem(row)
        values = {} if problem else read(cells)
        if problem:
            cells.error("", problem)
        elif not cells.failed and (earlier := seen.setdefault(key(values), row.line)) != row.line:
            cells.error("", "line_twice", line=earlier)
        if cells.failed:
            report.rejected += 1
            report.issues.extend(cells.issues)
        else:
            good.append((cells, values))
    return good


def _site(cells: Cells) -> dict[str, Any]:
    code = cells.text("code")
    if not code:
        cells.error("code", "value_missing")
    elif not _CODE.match(code):
        cells.error("code", "code_not_valid")
    if not cells.text("name"):
        cells.error("name", "value_missing")
    phone = cells.text("staff_phone")
    if phone:
        try:
            parse_phone(phone)
        except PhoneError as error:
            cells.warn("staff_phone", error.code)
    texts = ("name", "short_name", "name_en", "place", "tambon", "district", "province")
    return {
        "code": code,
        **{name: cells.text(name) for name in texts},
        "staff_phone": phone,
        "opens": _clock(cells.hour("opens")),
        "closes": _clock(cells.hour("closes")),
    }


def _session(cells: Cells, *, sites: Collection[str], regimens: Regimens, today: date) -> dict[str, Any]:
    for column in ("site_code", "vaccine", "day", "starts_at", "capacity"):
        if not cells.raw(column):
            cells.error(column, "value_missing")
    site = known_site(cells.text("site_code"), sites)
    if site is None and cells.raw("site_code"):
        cells.error("site_code", "site_unknown")
    vaccine = regimens.recognise(cells.raw("vaccine"))
    if vaccine is None and cells.raw("vaccine"):
        cells.error("vaccine", "vaccine_unknown")
    capacity = cells.whole("capacity")
    if capacity is None and cells.raw("capacity"):
        cells.error("capacity", "capacity_not_valid")
    day, starts = cells.day("day", today=today), cells.hour("starts_at")
    ends = cells.hour("ends_at")
    if cells.failed or site is None or vaccine is None or day is None or starts is None:
        return {}
    part = _part(cells, day, starts)
    ends = ends or _USUAL_END[part]
    if ends <= starts:
        cells.error("ends_at", "ends_before_start")
    return {
        "id": session_id(site, vaccine, day, part),
        "site": site,
        "vaccine": vaccine,
        "day": day,
        "part": part,
        "starts_at": at_bangkok(day, starts),
        "ends_at": at_bangkok(day, ends),
        "capacity": capacity,
    }


def _part(cells: Cells, day: date, starts: time) -> Part:
    """Return the half of the day: what the start says, which the cell may not contradict."""
    part = part_of_day(at_bangkok(day, starts))
    raw = cells.raw("part")
    said = _PARTS.get(raw.casefold())
    if raw and said is None:
        cells.error("part", "part_unknown")
    elif raw and said is not part:
        cells.error("part", "part_wrong")
    return part


def _clock(hour: time | None) -> str:
    return "" if hour is None else f"{hour:%H:%M}"


def _known_sessions(db: Db, ids: list[str]) -> dict[str, Session]:
    found: dict[str, Session] = {}
    for chunk in in_chunks(ids):
        query = select(Session).where(col(Session.id).in_(chunk)).with_for_update()
        found.update((session.id, session) for session in db.exec(query))
    return found


def _store(db: Db, row: Site | Session, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    db.add(row)
