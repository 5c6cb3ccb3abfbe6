"""What was loaded before: files, who approved them, and what came of their rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.records.rosters import Batch, RosterRow
from gateway.records.staffing import Staff
from gateway.records.status import BatchStatus


@dataclass(frozen=True, slots=True)
class PastLoad:
    """One file that was loaded; `who` is empty for one loaded at the command line, `verdicts` counts its rows."""

    batch: Batch
    who: str = ""
    verdicts: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows it wrote; what it cancelled is not among them."""
        return sum(n for verdict, n in self.verdicts.items() if verdict != "cancelled")


def past_loads(db: Db, *, site: str | None = None, most: int = 10, skip: int = 0) -> list[PastLoad]:
    """Files loaded, the newest first; with `site` those of this site alone."""
    wanted = select(Batch).where(col(Batch.status) == BatchStatus.LOADED)
    if site is not None:
        wanted = wanted.where(col(Batch.scope_site) == site)
    return _told(db, list(db.exec(wanted.order_by(col(Batch.at).desc(), col(Batch.id)).limit(most).offset(skip))))


def load_of(db: Db, batch_id: str) -> PastLoad | None:
    """One file that was loaded."""
    batch = db.get(Batch, batch_id)
    return _told(db, [batch])[0] if batch is not None else None


def loaded_before(db: Db, sha: str) -> PastLoad | None:
    """The last time a file with exactly these bytes was loaded, if it was."""
    same = select(Batch).where(col(Batch.file_sha) == sha, col(Batch.status) == BatchStatus.LOADED)
    batch = db.exec(same.order_by(col(Batch.at).desc())).first()
    return _told(db, [batch])[0] if batch is not None else None


def _told(db: Db, batches: list[Batch]) -> list[PastLoad]:
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    grouped = (
        select(RosterRow.batch, RosterRow.verdict, sa.func.count())
        .where(col(RosterRow.batch).in_([one.id for one in batches]))
        .group_by(col(RosterRow.batch), col(RosterRow.verdict))
    )
    for batch, verdict, n in db.exec(grouped):
        counts[batch][verdict] = n
    who = {one.staff for one in batches if one.staff}
    names = {one.id: one.name or one.email for one in db.exec(select(Staff).where(col(Staff.id).in_(who)))}
    return [PastLoad(one, names.get(one.staff or "", ""), counts[one.id]) for one in batches]
