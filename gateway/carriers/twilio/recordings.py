"""What was recorded in calls, at Twilio."""

from __future__ import annotations

import re
from typing import Any, Final

from gateway.carriers.port import CarrierError, Fault
from gateway.carriers.twilio.client import TwilioSettings
from gateway.carriers.twilio.errors import ask

LARGEST: Final = 2_000_000
"""Bytes: a minute of 16-bit sound at 8,000 samples a second is half of it."""

NOT_THERE: Final = frozenset({"20404", "404"})

_NAME: Final = re.compile(r"RE[0-9a-f]{32}", re.ASCII)


class TwilioRecordings:
    """Fetches recordings and has Twilio forget them; safe for threads.

    A recording is asked for by its name at this account's own address. What a callback gave as its URL is not: whoever
    could forge one would choose where our account's token is sent.
    """

    def __init__(self, client: Any, settings: TwilioSettings) -> None:
        self._client = client
        self._folder = f"{settings.address}/2010-04-01/Accounts/{settings.account_sid}/Recordings"

    def fetch(self, recording: str) -> bytes:
        """The sound of a recording as a WAV; raises CarrierError, also where it is not ready yet or was deleted."""
        name, client = _checked(recording), self._client
        sound: bytes = ask(
            lambda: client.http_client.fetch(f"{self._folder}/{name}.wav", auth=client.auth, largest=LARGEST),
            writes=False,
        )
        return sound

    def delete(self, recording: str) -> None:
        """Have Twilio forget a recording; one it does not know is not an error; raises CarrierError."""
        name = _checked(recording)
        try:
            ask(lambda: self._client.recordings(name).delete(), writes=True)
        except CarrierError as error:
            if error.code not in NOT_THERE:
                raise


def _checked(recording: str) -> str:
    """It becomes part of a URL's path."""
    if not _NAME.fullmatch(recording):
        raise CarrierError(Fault.REJECTED, permanent=True, code="no recording")
    return recording
