"""Asking the carrier what became of submissions: many numbers side by side, within a time; whose answer is whose."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Final

from gateway.carriers.port import CarrierError, Found, SmsCarrier, VoiceCarrier
from gateway.records.contacts import Attempt
from gateway.records.status import Channel

log = logging.getLogger(__name__)

SKEW: Final = timedelta(minutes=2)  # the carrier's clock and ours need not agree
PASS_LASTS: Final = 15.0  # real seconds in which questions are begun; the last ones may take a time-out longer
FAILURES: Final = 8
"""Questions in a row that bring nothing, after which a pass asks no more: a carrier that hangs would hang on each."""

Subject = tuple[Channel, str]
"""What a list is asked for: the channel and the number."""
Answers = Mapping[Subject, Sequence[Found] | None]
"""What the carrier listed; None where it could not say. A subject that nobody got round to is not in it."""


@dataclass(slots=True)
class ReconcileReport:
    """What one pass found out."""

    bound: int = 0
    not_sent: int = 0
    still_in_doubt: int = 0
    refreshed: int = 0
    cancelled: int = 0
    released: int = 0
    nightly: int = 0  # attempts asked about in the night's sweep

    def add(self, part: ReconcileReport) -> None:
        """Count in what one transaction did."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(part, one.name))


@dataclass(frozen=True, slots=True)
class Looked:
    """An attempt and its number."""

    attempt: Attempt
    number: str = field(repr=False)

    @property
    def subject(self) -> Subject:
        """What to ask for."""
        return self.attempt.channel, self.number


@dataclass(slots=True)
class Lookout:
    """Asks by number. `workers` above 1 asks side by side; simulations use 1, so that they end the same twice."""

    sms: SmsCarrier
    voice: VoiceCarrier
    workers: int = 1
    lasts: float = PASS_LASTS

    def ask(self, wanted: Sequence[Looked]) -> dict[Subject, Sequence[Found] | None]:
        """Ask once for each number; no transaction may be open meanwhile."""
        since: dict[Subject, datetime] = {}
        for one in wanted:
            since[one.subject] = min(one.attempt.created_at - SKEW, since.get(one.subject, one.attempt.created_at))
        errand = _Errand(self, time.monotonic() + self.lasts)
        if self.workers == 1:
            found = [errand.list_one(subject, at) for subject, at in since.items()]
        else:
            with ThreadPoolExecutor(self.workers, thread_name_prefix="look") as pool:
                found = list(pool.map(errand.list_one, since.keys(), since.values()))
        return {subject: answer for subject, answer in zip(since, found, strict=True) if answer is not _NOT_ASKED}


_NOT_ASKED: Final[list[Found]] = []  # compared by identity: a number may have nothing listed


@dataclass(slots=True)
class _Errand:
    """One pass's questions."""

    lookout: Lookout
    ends: float
    failed: int = 0  # in a row; threads may miscount by one or two, and that is near enough

    def list_one(self, subject: Subject, since: datetime) -> Sequence[Found] | None:
        if time.monotonic() > self.ends or self.failed >= FAILURES:
            return _NOT_ASKED
        channel, number = subject
        try:
            found = self.lookout.sms.find_sms(number, since) if channel is Channel.SMS else (
                self.lookout.voice.find_calls(number, since)
            )  # fmt: skip
        except CarrierError as error:
            log.warning("could not look at the carrier: %s", error)
            self.failed += 1
            return None
        self.failed = 0
        return list(found)


def candidates(attempt: Attempt, listed: Sequence[Found], bound: Collection[str]) -> list[Found]:
    """The listed submissions that may be this attempt's, the oldest first.

    Made between its claim and the moment it came into doubt, with the same words, and no other attempt's (`bound`).
    """
    return sorted(
        (one for one in listed if one.carrier_id not in bound and _fits(attempt, one)),
        key=lambda one: (one.at or attempt.created_at, one.carrier_id),
    )


def _fits(attempt: Attempt, found: Found) -> bool:
    if attempt.body_sha and hashlib.sha256((found.body or "").encode()).hexdigest() != attempt.body_sha:
        return False
    last = (attempt.in_doubt_at or attempt.created_at) + SKEW
    return found.at is None or attempt.created_at - SKEW <= found.at <= last


def certain(attempt: Attempt, mine: Sequence[Found], rivals: Sequence[Attempt]) -> Found | None:
    """The one that surely is this attempt's, or None where that would be a guess.

    Texts of the same words to one number are as good as each other, so the oldest will do. A call shows nothing but
    its number and its time: it must be the only one, and no other attempt in doubt (`rivals`) may be its owner.
    """
    if attempt.channel is Channel.SMS:
        return mine[0] if mine else None
    if len(mine) != 1 or any(_fits(rival, mine[0]) for rival in rivals):
        return None
    return mine[0]
