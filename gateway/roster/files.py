"""Around a load: the rules of this house, the first rows as they were understood, the rejected ones as a file."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from sqlmodel import col, select

from gateway.care.particulars import Particulars
from gateway.care.regimens import Regimens
from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.kit.phones import mask
from gateway.kit.sheets import as_text
from gateway.kit.thai_dates import write_thai_date
from gateway.records.database import Database
from gateway.records.places import Session, Site
from gateway.roster.columns import PROBLEM
from gateway.roster.rows import CheckedRow, CheckResult, CheckRules

SHOWN: Final = 5
"""Rows a person reads before saying yes."""


def rules_for(
    database: Database,
    *,
    now: datetime,
    recognise_language: Callable[[str], str | None],
    regimens: Regimens,
    site: str | None = None,
    scope_from: date | None = None,
    scope_to: date | None = None,
    default_time: time | None = None,
    countries: Collection[str] | None = None,
) -> CheckRules:
    """Return the rules with the stored sites, their hours, and when their sessions from today on begin."""
    starts: dict[tuple[str, str, date], tuple[time, ...]] = {}
    with database.reading() as db:
        sites = {one.code: (one.opens, one.closes) for one in db.exec(select(Site))}
        query = select(Session).where(col(Session.day) >= bangkok_day(now)).order_by(col(Session.starts_at))
        for one in db.exec(query):
            key = (one.site, one.vaccine, one.day)
            starts[key] = (*starts.get(key, ()), bangkok_time(one.starts_at).time().replace(tzinfo=None))
    return CheckRules(
        now=now,
        recognise_language=recognise_language,
        regimens=regimens,
        sites=frozenset(sites) or None,
        session_starts=starts,
        held=frozenset((site, vaccine) for site, vaccine, _ in starts),
        opening={code: (time.fromisoformat(a), time.fromisoformat(b)) for code, (a, b) in sites.items() if a and b},
        countries=countries,
        site=site,
        scope_from=scope_from,
        scope_to=scope_to,
        default_time=default_time,
    )


def file_sha(path: Path) -> str:
    """Return the hash by which a batch knows its file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def understood(result: CheckResult, count: int = SHOWN) -> list[dict[str, str]]:
    """Return the first accepted rows in words, names and numbers hidden, for the clerk to compare with the file."""
    return [_in_words(row) for row in result.accepted_rows[:count]]


def write_rejected(source: Path, result: CheckResult) -> Path | None:
    """Write the rejected rows as `<stem>.rejected.csv` beside `source`, else in the working folder; None without any.

    UTF-8 with a byte order mark, which Excel needs; the original columns and a last one that names the problems.
    """
    if not result.rejected_rows:
        return None
    content = rejected_csv(result).encode("utf-8-sig")
    name = f"{source.stem}.rejected.csv"
    for folder in (source.parent, Path.cwd()):
        try:
            (folder / name).write_bytes(content)
        except OSError:
            continue
        return folder / name
    raise OSError(f"{name} could be written neither beside the file nor in the working folder")


def rejected_csv(result: CheckResult) -> str:
    """Return the rejected rows with the original columns and their problems; no cell is a formula.

    The reader takes the mark of such a cell off again: a corrected file says what it said.
    """
    problems: dict[int, list[str]] = defaultdict(list)
    for issue in result.issues:
        if issue.is_error:
            problems[issue.row].append(f"{issue.column}: {issue.message}" if issue.column else issue.message)
    file = io.StringIO()
    writer = csv.writer(file)
    keep = [at for at, header in enumerate(result.header) if header.strip().casefold() != PROBLEM]
    writer.writerow([*(as_text(result.header[at]) for at in keep), PROBLEM])
    whole_file = [text for row, texts in problems.items() if row not in result.originals for text in texts]
    for row in result.rejected_rows:
        cells = [row.cells[at] if at < len(row.cells) else "" for at in keep]
        surplus = list(row.cells[len(result.header) :])
        told = " | ".join(problems.get(row.line) or whole_file)
        writer.writerow(as_text(cell) for cell in (*cells, told, *surplus))
    return file.getvalue()


def _in_words(row: CheckedRow) -> dict[str, str]:
    vaccine, dose = row.subject
    return {
        "line": str(row.line),
        "person": " ".join(_hidden_names(row.person)) or "-",
        "phones": ", ".join(mask(said.number.e164) for said in row.person.phones) or "-",
        "language": row.person.language or "th",
        "site": row.person.site or "-",
        "vaccine": f"{vaccine} {dose}",
        "appointment": _when(row.wish.starts_at) if row.wish else "-",
    }


def _hidden_names(person: Particulars) -> Iterator[str]:
    for part in (person.name, person.surname):
        if part:
            yield part[:1] + "•••"


def _when(starts_at: datetime) -> str:
    local = bangkok_time(starts_at)
    return f"{write_thai_date(local.date())} {local:%H:%M}"
