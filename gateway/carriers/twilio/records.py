"""What the SDK returns for one text or one call, read into the port's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from gateway.carriers.port import CarrierStatus, Found, Submission
from gateway.carriers.twilio.errors import receipt_fault, unclear
from gateway.carriers.twilio.statuses import FAILURES
from gateway.kit.clock import in_utc

PAGE: Final = 50
"""Records looked at when searching by number; newest first, and no number gets fifty of ours in an hour."""


def submission(record: Any, words: Mapping[str, CarrierStatus]) -> Submission:
    """Return the carrier's word for it; raises CarrierError (in doubt) when an answer bears no id."""
    if not record.sid:
        raise unclear("no id", writes=True)
    return Submission(str(record.sid), words.get(str(record.status), CarrierStatus.SUBMITTED))


def found_since(records: Iterable[Any], since: datetime, words: Mapping[str, CarrierStatus]) -> list[Found]:
    """Return what was made at or after `since` (aware), newest first; a record without a date is kept to be looked at.

    Twilio's dates are whole seconds, so a fraction of `since` is dropped: a text made in the same second counts.
    """
    earliest = in_utc(since).replace(microsecond=0)
    found = [_found(record, words) for record in records]
    kept = [item for item in found if item.at is None or item.at >= earliest]
    return sorted(kept, key=lambda item: item.at or earliest, reverse=True)


def _found(record: Any, words: Mapping[str, CarrierStatus]) -> Found:
    status = words.get(str(record.status), CarrierStatus.SUBMITTED)
    fault, _ = receipt_fault(getattr(record, "error_code", None)) if status in FAILURES else (None, "")
    at = record.date_created if isinstance(record.date_created, datetime) else None
    return Found(
        str(record.sid), str(record.to or ""), status, in_utc(at) if at else None, getattr(record, "body", None), fault
    )
