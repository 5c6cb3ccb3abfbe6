"""Twilio: texts and calls. Nothing outside this folder knows its words."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.carriers.twilio.callbacks import TwilioCallbacks
from gateway.carriers.twilio.calls import TwilioCalls
from gateway.carriers.twilio.client import TwilioSettings, reaches_people
from gateway.carriers.twilio.errors import error_table
from gateway.carriers.twilio.recordings import TwilioRecordings
from gateway.carriers.twilio.sms import TwilioSms
from gateway.carriers.twilio.twiml import TwimlRenderer

if TYPE_CHECKING:
    from gateway.carriers.twilio.bulk import Bulk

__all__ = ["TwilioCarrier", "TwilioSettings", "connect"]


@dataclass(frozen=True)
class TwilioCarrier:
    """Everything one Twilio account does for us."""

    sms: TwilioSms
    voice: TwilioCalls
    callbacks: TwilioCallbacks
    renderer: TwimlRenderer
    recordings: TwilioRecordings
    reaches_people: bool
    sms_two_way: bool
    name: str = "twilio"
    close: Callable[[], None] = lambda: None  # gives back the connections that were kept open


def connect(settings: TwilioSettings) -> TwilioCarrier:
    """Return the carrier for one account; opens no connection. Raises ValueError when errors.toml is wrong.

    The SDK's REST client is imported here, not above: only the sender should pay the third of a second it takes.
    """
    from gateway.carriers.twilio.wire import build_client

    error_table()
    client = build_client(settings)
    many = _Many(settings)

    def close() -> None:
        client.http_client.close()
        many.close()

    return TwilioCarrier(
        sms=TwilioSms(client, settings, many.bulk),
        voice=TwilioCalls(client, settings, many.bulk),
        callbacks=TwilioCallbacks(settings.auth_token, settings.previous_auth_token),
        renderer=TwimlRenderer(settings.voice_from),
        recordings=TwilioRecordings(client, settings),
        reaches_people=reaches_people(settings.base_url),
        sms_two_way=settings.sms_two_way,
        close=close,
    )


class _Many:
    """What submits many at once, made when it is first needed: most processes send nothing."""

    def __init__(self, settings: TwilioSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._bulk: Bulk | None = None

    def bulk(self) -> Bulk:
        """The one of this account."""
        from gateway.carriers.twilio.bulk import Bulk

        with self._lock:
            if self._bulk is None:
                self._bulk = Bulk(self._settings)
            return self._bulk

    def close(self) -> None:
        """End it, if there is one."""
        with self._lock:
            bulk, self._bulk = self._bulk, None
        if bulk is not None:
            bulk.close()
