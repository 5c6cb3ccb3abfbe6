"""Why we speak with somebody who called us, and how such a call begins."""

from __future__ import annotations

from enum import StrEnum

from gateway.calls.flow import CallFacts
from gateway.voice.keys import HotlineKey, Key


class Calling(StrEnum):
    """Why we speak with somebody who called us: `CallFacts.purpose` of a hotline call."""

    CALLBACK = "callback"  # they are answered
    CALLED_BACK = "called_back"  # they called in vain; now we call them
    BUSY = "busy"  # all lines are taken, and they are called back
    BUSY_ONLY = "busy_only"  # the same for a number that is not called back
    CLOSED = "closed"  # nobody is there, and they are called back
    CLOSED_ONLY = "closed_only"
    TOO_OFTEN = "too_often"  # more calls from one number than are answered in an hour
    UNSPOKEN = "unspoken"  # answered by a voice without the phrases of the hotline
    NOTHING_MORE = "nothing_more"  # a withheld number, or no voice for more: the office hours, and goodbye


def hello(facts: CallFacts) -> str:
    """Who we are, and where they called in vain that we call them back."""
    return HotlineKey.CALLING_BACK if facts.purpose == Calling.CALLED_BACK else Key.GREET_HOTLINE
