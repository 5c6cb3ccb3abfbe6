"""What a file no longer mentions: cancelled only inside the site and days the operator named, after a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, Protocol

from sqlmodel import Session as Db
from sqlmodel import col, select

from gateway.kit.clock import at_bangkok
from gateway.records.agreements import Appointment
from gateway.records.status import LIVE_APPOINTMENTS
from gateway.roster.issues import Issue, Severity, make_issue
from gateway.roster.rows import CheckResult

MANY_SHARE: Final = 0.2
MANY_COUNT: Final = 5
"""Above both, a second yes is asked: half a file must not cancel the other half's morning."""


class Scope(Protocol):
    """The part of a load request that says what may be cancelled."""

    @property
    def now(self) -> datetime:
        """The instant of the load."""
        ...

    @property
    def site(self) -> str | None:
        """The site named."""
        ...

    @property
    def scope_from(self) -> date | None:
        """The first day named."""
        ...

    @property
    def scope_to(self) -> date | None:
        """The last day named, inclusive."""
        ...


@dataclass(slots=True)
class Missing:
    """Imported appointments of the scope that the file does not mention, out of how many it might."""

    appointments: list[Appointment] = field(default_factory=list)
    in_scope: int = 0
    issues: list[Issue] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many would be cancelled."""
        return len(self.appointments)

    @property
    def is_many(self) -> bool:
        """Whether so many that one yes is not enough."""
        return self.count > MANY_COUNT and self.count > MANY_SHARE * self.in_scope


def find_missing(
    db: Db,
    result: CheckResult,
    scope: Scope,
    mentioned: set[tuple[str, str, int]],
    also: Iterable[tuple[str, str, int]],
) -> Missing:
    """Return the live, imported, future appointments of the scope whose person, vaccine and dose no row is about.

    Nothing without a whole scope. Nothing either while a rejected row does not say whom it means: it may be one of
    them. What a person moved is theirs and never missing.
    """
    if scope.site is None or scope.scope_from is None or scope.scope_to is None:
        return Missing()
    if result.unmentioned:
        return Missing(issues=[make_issue(0, "", "cancel_needs_clean_rows", severity=Severity.WARNING)])
    first = max(at_bangkok(scope.scope_from, time()), scope.now)
    query = select(Appointment).where(
        col(Appointment.site) == scope.site,
        col(Appointment.starts_at) >= first,
        col(Appointment.starts_at) < at_bangkok(scope.scope_to + timedelta(days=1), time()),
        col(Appointment.status).in_(LIVE_APPOINTMENTS),
        col(Appointment.source) == "roster",
    )
    found = db.exec(query.order_by(col(Appointment.starts_at), col(Appointment.id))).all()
    known = mentioned.union(also)
    absent = [one for one in found if (one.person, one.regimen, one.dose_no) not in known]
    return Missing(absent, in_scope=len(found))
