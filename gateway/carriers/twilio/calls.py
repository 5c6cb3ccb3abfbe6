"""Calls through Twilio's Calls API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from gateway.carriers.port import CallOrder, CarrierError, Fault, Found, Submission, one_by_one
from gateway.carriers.twilio.client import TwilioSettings, reaches_people
from gateway.carriers.twilio.errors import ask
from gateway.carriers.twilio.records import PAGE, found_since, submission
from gateway.carriers.twilio.sms import with_overrides
from gateway.carriers.twilio.statuses import OF_CALL
from gateway.kit.clock import in_utc

if TYPE_CHECKING:
    from gateway.carriers.twilio.sms import BulkOf

EVENTS: Final = ("initiated", "ringing", "answered", "completed")
"""What we want to be told of; Twilio's default is the end alone."""

ALREADY_OVER: Final = frozenset({"21220", "20404", "404"})
"""Answers to hanging up a call that has ended or was never there. 21220: "Invalid call state" (Twilio's dictionary)."""


class TwilioCalls:
    """Places calls through Twilio; safe for threads.

    No answering-machine detection: its seconds of silence make elders hang up.
    """

    name = "twilio"

    def __init__(self, client: Any, settings: TwilioSettings, bulk: BulkOf | None = None) -> None:
        self._calls = client.calls
        self._bulk = bulk
        self._from = settings.voice_from
        self._trunk = {"byoc": settings.byoc_trunk_sid} if settings.byoc_trunk_sid else {}
        self.reaches_people = reaches_people(settings.base_url)

    def place_call(self, order: CallOrder) -> Submission:
        """Submit one call by one POST; raises CarrierError."""
        if not self._from:
            raise CarrierError(Fault.MISCONFIGURED, code="no caller")
        record = ask(lambda: self._calls.create(**self._wishes(order)), writes=True)
        return submission(record, OF_CALL)

    def place_all(self, orders: Sequence[CallOrder], *, within: float) -> list[Submission | CarrierError]:
        """Submit calls side by side, each by one POST; what came of each, in their order. Raises nothing."""
        if not self._from:
            return [CarrierError(Fault.MISCONFIGURED, code="no caller")] * len(orders)
        if self._bulk is None:
            return one_by_one(self.place_call, orders, within=within)
        return self._bulk().run(orders, self._submit, within)

    async def _submit(self, client: Any, order: CallOrder) -> Submission:
        return submission(await client.calls.create_async(**self._wishes(order)), OF_CALL)

    def find_calls(self, to: str, since: datetime) -> Sequence[Found]:
        """List calls to `to` made at or after `since` (aware), newest first; raises CarrierError.

        One page, asked for by number alone: what is queued has no date to filter by.
        """
        in_utc(since)
        records = ask(lambda: list(self._calls.page(to=to, page_size=PAGE)), writes=False)
        return found_since(records, since, OF_CALL)

    def cancel_call(self, carrier_id: str) -> None:
        """Stop a call that is queued or under way; one already over is not an error; raises CarrierError."""
        if not carrier_id.isascii() or not carrier_id.isalnum():  # it becomes part of a URL's path
            raise CarrierError(Fault.REJECTED, permanent=True, code="no id")
        try:
            ask(lambda: self._calls(carrier_id).update(status="completed"), writes=True)
        except CarrierError as error:
            if error.code not in ALREADY_OVER:
                raise

    def _wishes(self, order: CallOrder) -> dict[str, Any]:
        return {
            "to": order.to,
            "from_": self._from,
            "url": order.answer_url,
            "method": "POST",
            "fallback_url": order.fallback_url,
            "fallback_method": _fallback_method(order),
            "status_callback": with_overrides(order.status_url),
            "status_callback_event": list(EVENTS),
            "status_callback_method": "POST",
            "timeout": order.ring_seconds,
            "time_limit": max(1, int(order.longest.total_seconds())),
            **self._trunk,
        }


def _fallback_method(order: CallOrder) -> str:
    """A fallback elsewhere is a file on a static host, and those refuse a POST."""
    return "POST" if urlsplit(order.fallback_url).netloc == urlsplit(order.answer_url).netloc else "GET"
