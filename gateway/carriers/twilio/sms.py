"""Texts through Twilio's Messages API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gateway.carriers.port import CarrierError, Fault, Found, SmsOrder, Submission, one_by_one
from gateway.carriers.twilio.client import TwilioSettings, reaches_people
from gateway.carriers.twilio.errors import ask
from gateway.carriers.twilio.records import PAGE, found_since, submission
from gateway.carriers.twilio.statuses import OF_MESSAGE
from gateway.kit.clock import in_utc

if TYPE_CHECKING:  # aiohttp costs half a second, and only the sender needs it
    from gateway.carriers.twilio.bulk import Bulk

    BulkOf = Callable[[], Bulk]

LONGEST_VALIDITY: Final = 36_000
"""Seconds; Twilio's limit and default for ValidityPeriod."""

CALLBACK_OVERRIDES: Final = "rc=5&rp=all&rt=4000"
"""Without these Twilio asks again once, and only when it could not connect: a slow answer would lose the receipt."""


class TwilioSms:
    """Takes texts for Twilio; safe for threads."""

    name = "twilio"

    def __init__(self, client: Any, settings: TwilioSettings, bulk: BulkOf | None = None) -> None:
        self._messages = client.messages
        self._bulk = bulk
        self._sender = _sender(settings)
        self.reaches_people = reaches_people(settings.base_url)

    def send_sms(self, order: SmsOrder) -> Submission:
        """Submit one text by one POST; raises CarrierError."""
        if not self._sender:
            raise CarrierError(Fault.MISCONFIGURED, code="no sender")
        record = ask(lambda: self._messages.create(**self._wishes(order)), writes=True)
        return submission(record, OF_MESSAGE)

    def send_all(self, orders: Sequence[SmsOrder], *, within: float) -> list[Submission | CarrierError]:
        """Submit texts side by side, each by one POST; what came of each, in their order. Raises nothing."""
        if not self._sender:
            return [CarrierError(Fault.MISCONFIGURED, code="no sender")] * len(orders)
        if self._bulk is None:
            return one_by_one(self.send_sms, orders, within=within)
        return self._bulk().run(orders, self._submit, within)

    async def _submit(self, client: Any, order: SmsOrder) -> Submission:
        return submission(await client.messages.create_async(**self._wishes(order)), OF_MESSAGE)

    def _wishes(self, order: SmsOrder) -> dict[str, Any]:
        return {
            "to": order.to,
            "body": order.body,
            "status_callback": with_overrides(order.status_url),
            "validity_period": _validity(order.valid_for),
            **self._sender,
        }

    def find_sms(self, to: str, since: datetime) -> Sequence[Found]:
        """List texts to `to` made at or after `since` (aware), newest first; raises CarrierError.

        One page, asked for by number alone: what is queued has no date to filter by.
        """
        in_utc(since)
        records = ask(lambda: list(self._messages.page(to=to, page_size=PAGE)), writes=False)
        return found_since(records, since, OF_MESSAGE)


def with_overrides(url: str) -> str:
    """Return `url` with Twilio's connection overrides as its fragment, which is neither sent nor signed."""
    return f"{url.partition('#')[0]}#{CALLBACK_OVERRIDES}"


def _validity(valid_for: timedelta) -> int:
    return max(1, min(LONGEST_VALIDITY, int(valid_for.total_seconds())))


def _sender(settings: TwilioSettings) -> dict[str, str]:
    if settings.messaging_service_sid:
        return {"messaging_service_sid": settings.messaging_service_sid}
    return {"from_": settings.sms_from} if settings.sms_from else {}
