"""The meanings a person's reply can have, whatever channel and language it came in."""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """What a person told us; the closed set of DESIGN §3. Silence is not an answer (law 5)."""

    COMING = "coming"  # will be there on the day that was said: the only one that confirms
    MOVE = "move"  # wants another day; the appointment stands until a new seat is taken
    CALLBACK = "callback"  # wants to speak with the clinic, also "I cannot come"
    RIDE = "ride"  # needs to be fetched; asked after a yes, so it never confirms by itself
    ALREADY_VACCINATED = "already_vaccinated"  # says this dose was given elsewhere; staff check the record
    WRONG_PERSON = "wrong_person"  # the number does not reach the patient; greeting them again would tell a stranger
    STOP = "stop"  # no more messages on this channel; asked again before it counts in a call
    STAFF = "staff"  # wants a person on the line now
    REPEAT = "repeat"  # wants to hear or read it again
    SLOWER = "slower"  # wants it said slowly from here on
    LANGUAGE = "language"  # wants another language
    UNCLEAR = "unclear"  # said something we do not understand; staff see it, nothing is changed
