"""Claims ordinary cases many at once: the same rows that `outbox` writes one by one, in the order of their turn.

Whatever is out of the ordinary is left to it, in the same transaction.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlmodel import Session, col, select

from gateway.dispatch.cases import Case, cases_by_id
from gateway.dispatch.claims import LEASE, Claimed, Rules
from gateway.dispatch.fast_rows import Asked, ToWrite, read_instant, write_attempts
from gateway.dispatch.fast_text import TextPress, Told, ToldOf
from gateway.dispatch.moment import at_this_moment
from gateway.dispatch.prepare import Prepared, Refusal, Speech
from gateway.kit.clock import bangkok_day
from gateway.kit.phones import country_of, may_be_rung
from gateway.records.database import is_conflict
from gateway.records.places import Site
from gateway.records.status import Channel

log = logging.getLogger(__name__)

_THAI_MOBILE: Final = re.compile(r"\+66(?:6[1-6]|[89]\d)\d{7}")
"""Numbers of which libphonenumber says TH and mobile, whatever their last digits; a test asks it."""

Prepare = Callable[[Speech, Sequence[Case], datetime], Prepared | Refusal]


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Claims those of the due that are ordinary cases. `prepare` makes what a call begins with, as for any other."""

    speech: Speech
    rules: Rules
    press: TextPress
    prepare: Prepare

    def claim(self, db: Session, asked: Asked, rows: Sequence[Any], lease_from: datetime) -> Mapping[str, Claimed]:
        """Claim them together, by reminder; where anything goes wrong, none: it is then found one by one."""
        mine = [row for row in rows if row.is_ordinary and may_pay(row.e164, self.rules.countries)]
        if not mine:
            return {}
        try:
            with db.begin_nested():
                return self._claim_together(db, asked, mine, lease_from)
        except Exception as error:  # whatever it is, each of them gets its turn one by one
            if is_conflict(error):
                raise
            log.exception("%d ordinary reminders could not be claimed together", len(mine))
            db.expunge_all()
            return {}

    def _claim_together(
        self, db: Session, asked: Asked, rows: Sequence[Any], lease_from: datetime
    ) -> Mapping[str, Claimed]:
        ready = (self._texts if asked.channel is Channel.SMS else self._calls)(db, rows, asked.now)
        rows = [row for row in rows if row.id in ready]
        wanted = [self._to_write(row, ready[row.id], asked.channel) for row in rows]
        if not wanted:
            return {}
        rules, lease_until = self.rules, lease_from + LEASE
        ids = write_attempts(
            db, asked.channel, wanted, carrier=rules.carrier, sender=rules.sender, now=asked.now,
            lease_until=lease_until,
        )  # fmt: skip
        expiry = lru_cache(maxsize=None)(read_instant)
        return {
            row.id: Claimed(
                attempt, (row.id,), asked.channel, row.e164, one.body, one.segments, one.cost, expiry(row.expires_at)
            )
            for attempt, row, one in zip(ids, rows, wanted, strict=True)
        }

    def _texts(self, db: Session, rows: Sequence[Any], now: datetime) -> Mapping[str, Prepared]:
        """The texts of these rows; those the press is not sure of are left out."""
        self.press.at(self.speech)
        sites = _sites(db, rows)
        numbers = {code: self.press.site(site) for code, site in sites.items()}
        today, starts = bangkok_day(now), lru_cache(maxsize=None)(_instant_and_day)
        written: dict[str, Prepared] = {}
        for row in rows:
            starts_at, day = starts(row.starts_at)
            told = Told(
                row.purpose, row.language, bool(row.neutral), numbers[row.site], row.regimen, row.ticket is not None,
                day == today,
            )  # fmt: skip
            who = ToldOf(row.name, row.name_native, row.ticket, row.dose_no, starts_at)
            ready = self.press.write(told, sites[row.site], who, now)
            if ready is not None:
                written[row.id] = ready
        return written

    def _calls(self, db: Session, rows: Sequence[Any], now: datetime) -> Mapping[str, Prepared]:
        """What the calls of these rows begin with; those in which something is missing are left out.

        Of an ordinary case there is no further appointment, nobody who shares the telephone, and no ride.
        """
        speech, tickets = at_this_moment(self.speech), {row.id: row.ticket for row in rows}
        cases = cases_by_id(db, list(tickets), tickets)
        made = {case.reminder.id: self._prepared(speech, case, now) for case in cases}
        db.expunge_all()  # their rows are changed behind the session's back
        return {reminder: ready for reminder, ready in made.items() if isinstance(ready, Prepared)}

    def _prepared(self, speech: Speech, case: Case, now: datetime) -> Prepared | Refusal | None:
        try:
            return self.prepare(speech, [case], now)
        except Exception:  # looked at alone, it is set aside with its error: the others are not
            return None

    def _to_write(self, row: Any, ready: Prepared, channel: Channel) -> ToWrite:
        return ToWrite(
            row.id, row.appointment, row.person, row.phone, ready.language, ready.assets, ready.body, ready.body_sha,
            ready.segments, self.rules.cost_of(channel, ready.segments),
        )  # fmt: skip


def may_pay(e164: str, countries: frozenset[str]) -> bool:
    """Whether calls and texts there are paid for by us (law 8): in one of these countries, and no premium number."""
    if "TH" in countries and _THAI_MOBILE.fullmatch(e164):
        return True
    return country_of(e164) in countries and may_be_rung(e164)


def _instant_and_day(value: Any) -> tuple[datetime, date]:
    instant = read_instant(value)
    return instant, bangkok_day(instant)


def _sites(db: Session, rows: Sequence[Any]) -> dict[str, Site]:
    codes = {row.site for row in rows}
    return {site.code: site for site in db.exec(select(Site).where(col(Site.code).in_(codes)))}
