"""What a call says of an appointment, and what it leaves out."""

from __future__ import annotations

from gateway.calls.flow import CallFacts
from gateway.voice.keys import Key, digit_key
from gateway.voice.phrases import appointment_phrases, can_say, when_phrases


def stands(facts: CallFacts) -> bool:
    """Whether there still is an appointment to ask about: law 3 has a queued call checked when it is answered."""
    if facts.appointment is None or facts.starts_at is None:
        return False
    return facts.is_open and facts.starts_at > facts.now


def said_when(facts: CallFacts) -> tuple[str, ...]:
    """Day and hour; nothing where there is no clip for the hour, which is never rounded."""
    if facts.starts_at is None or not can_say(facts.starts_at):
        return ()
    return when_phrases(facts.starts_at, facts.now)


def said_appointment(facts: CallFacts) -> tuple[str, ...]:
    """Day, hour and place; nothing where the hour cannot be said."""
    if facts.starts_at is None or not can_say(facts.starts_at):
        return ()
    return appointment_phrases(facts.starts_at, facts.now, facts.place)


def ticket_phrases(facts: CallFacts) -> tuple[str, ...]:
    """The queue number, digit by digit; nothing where there is none."""
    if facts.ticket is None:
        return ()
    return (Key.TICKET, *(digit_key(digit) for digit in str(facts.ticket)))
