"""What happens on the network, for whoever watches: a feed in the terminal, a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What a watcher can see."""

    RINGING = "ringing"
    ANSWERED = "answered"
    PLAYED = "played"  # detail: the address of the sound
    SAID = "said"  # detail: the words
    PRESSED = "pressed"  # detail: the keys
    SILENT = "silent"  # a Gather ended without a key
    TONE = "tone"  # from now on it is recorded
    RECORDED = "recorded"
    DIALLED = "dialled"  # a second leg rings; detail: the handset's label
    CONNECTED = "connected"  # the second leg was taken: both talk
    UNTAKEN = "untaken"  # nobody took the second leg
    LEFT = "left"  # the second leg hung up: the first goes on
    HUNG_UP = "hung_up"  # detail: who: handset, document, time_limit, rest
    CALL_ENDED = "call_ended"  # detail: the final status
    CALLED_IN = "called_in"  # a handset calls us
    TEXT_SENT = "text_sent"
    TEXT_DELIVERED = "text_delivered"
    TEXT_UNDELIVERED = "text_undelivered"  # detail: the error code
    TEXTED = "texted"  # a handset texts us; detail: the words
    CALLBACK_LOST = "callback_lost"  # detail: status posted and Twilio's error code
    WARNING = "warning"  # detail: Twilio's error code and what it was about


@dataclass(frozen=True)
class NetworkEvent:
    """One thing that happened at `at` (aware, UTC) on the call or message `sid`, to the handset `number` (unmasked)."""

    at: datetime
    kind: EventKind
    number: str
    sid: str
    label: str = ""
    detail: str = ""


Listener = Callable[[NetworkEvent], None]
