"""Somebody calls us: who we are, their appointment if their number is known, and the reminder call's question."""

from __future__ import annotations

from gateway.calls.flow import CallFacts
from gateway.calls.reminder_call import ReminderCall
from gateway.voice.keys import Key


class Hotline(ReminderCall):
    """Answers an incoming call; `facts.appointment` is None for a number we do not know or that has nothing ahead.

    To those it says when the office is open and nothing about anybody: a number is not a proof of who is calling.
    An appointment that was confirmed already is to be given as open: they may want to hear or move it.
    """

    name = "hotline"
    version = 1

    def _greeting(self, facts: CallFacts) -> tuple[str, ...]:
        return (Key.GREET_HOTLINE, Key.YOUR_APPOINTMENT)

    def _reasons(self, facts: CallFacts) -> tuple[str, ...]:
        return ()

    def _nothing_to_ask(self) -> tuple[str, ...]:
        return (Key.GREET_HOTLINE, Key.OFFICE_HOURS, Key.BYE)
