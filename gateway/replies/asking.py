"""What is done with a text from a phone of several: taken, asked back once, or left to staff. Pure; never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from gateway.care.notices import WHICH_ANSWER, WHICH_PERSON
from gateway.kit.answers import Answer
from gateway.replies.sms import BOTH, EVERYBODY, Said

FOR_THE_PHONE: Final = (Answer.STOP, Answer.WRONG_PERSON)
"""Typed without a number before it, these mean everybody who uses the phone (ADR 9)."""

_NO_ANSWERS: Final = (Answer.REPEAT, Answer.SLOWER, Answer.LANGUAGE)  # nothing that people could be told to do


class Place(StrEnum):
    """What numbers in the next text from a phone mean."""

    KEYS = "keys"  # what they mean in a call: nobody was given a list
    LIST = "list"  # people, in the order of our last text
    WHO = "who"  # people: we asked whom they meant
    WHAT = "what"  # keys: we asked what those want whom they chose


@dataclass(frozen=True, slots=True)
class Talk:
    """How far the conversation with a phone of `people` (their number) is: whom and what we know already."""

    people: int
    place: Place
    chosen: tuple[int, ...] = ()  # 1-based
    answer: Answer | None = None

    @property
    def has_list(self) -> bool:
        """Whether numbers stand for people, or we wait to hear what those want whom they chose."""
        return self.place is not Place.KEYS

    @property
    def is_asked(self) -> bool:
        """Whether we asked back once; then what is still not clear is for staff."""
        return self.place in (Place.WHO, Place.WHAT)


@dataclass(frozen=True, slots=True)
class Told:
    """It is clear who wants what: each answer with the numbers of its people, none of them for the whole phone."""

    answers: tuple[tuple[Answer, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class AskBack:
    """One of the two is missing: `purpose` is the text that asks for it."""

    purpose: str
    chosen: tuple[int, ...] = ()
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class LeaveToStaff:
    """It may mean two things, and was asked back already."""

    chosen: tuple[int, ...] = ()
    answer: Answer | None = None


Decision = Told | AskBack | LeaveToStaff


def decide(said: Sequence[Said], key: Answer, talk: Talk) -> Decision:
    """Say what is done with a text that was read both ways.

    `said` are its pieces where numbers stand for people, `key` its answer where a number is a key of the call.
    """
    said = tuple(replace(one, numbers=(EVERYBODY,)) if _is_both_of_two(one, talk) else one for one in said)
    if any(one.answer in _NO_ANSWERS for one in said):
        said = ()
    if key in _NO_ANSWERS:
        key = Answer.UNCLEAR
    if talk.place is Place.WHAT:
        return _what_they_want(said, key, talk)
    if talk.place is Place.KEYS:
        said = () if key is Answer.UNCLEAR else (Said((), key),)
    if not _are_on_the_list(said, talk.people):
        said = ()
    if len(said) == 1:
        return _one_piece(said[0], talk)
    if said:
        return Told(tuple((one.answer, one.numbers) for one in said if one.answer is not None))
    return _not_understood(talk)


def _what_they_want(said: Sequence[Said], key: Answer, talk: Talk) -> Decision:
    """After the second question a number is a key; two whole pieces are as clear as anywhere."""
    if key is not Answer.UNCLEAR:
        return Told(((key, talk.chosen),))
    if len(said) > 1 and _are_on_the_list(said, talk.people):
        return Told(tuple((one.answer, one.numbers) for one in said if one.answer is not None))
    return _not_understood(talk)


def _is_both_of_two(said: Said, talk: Talk) -> bool:
    return said.numbers == (BOTH,) and talk.people == 2


def _one_piece(said: Said, talk: Talk) -> Decision:
    if said.numbers == (BOTH,) and said.answer is not Answer.STOP:  # of three or more: which two of them?
        known = said.answer or talk.answer
        return LeaveToStaff(answer=known) if talk.is_asked else AskBack(WHICH_PERSON, answer=known)
    if said.is_loose and not _is_a_list(said, talk):
        return _which_of_them(said, talk)
    chosen = tuple(range(1, talk.people + 1)) if said.numbers == (EVERYBODY,) else said.numbers
    answer = said.answer or (talk.answer if talk.place is Place.WHO else None)
    if answer in FOR_THE_PHONE and (not chosen or said.numbers in ((EVERYBODY,), (BOTH,))):
        return Told(((answer, ()),))
    if answer is not None and chosen:
        return Told(((answer, chosen),))
    if chosen:
        return AskBack(WHICH_ANSWER, chosen=chosen)
    if talk.is_asked:
        return LeaveToStaff(answer=answer)
    return AskBack(WHICH_PERSON, answer=answer)


def _is_a_list(said: Said, talk: Talk) -> bool:
    """Two numbers are people where it is known what those want; one of them may be the answer anywhere else."""
    return len(said.numbers) == 2 and talk.place is Place.WHO and talk.answer is not None


def _which_of_them(said: Said, talk: Talk) -> Decision:
    """ "2=1" is about the second, and what they want is asked, not guessed; "2 1" may be about two people."""
    if len(said.numbers) == 1 and talk.place is not Place.WHO and talk.people >= said.numbers[0] > 0:
        return AskBack(WHICH_ANSWER, chosen=said.numbers)
    return _not_understood(talk)


def _not_understood(talk: Talk) -> Decision:
    if talk.is_asked:
        return LeaveToStaff(talk.chosen, talk.answer)
    return AskBack(WHICH_PERSON)


def _are_on_the_list(said: Sequence[Said], people: int) -> bool:
    return all(number == BOTH or 0 <= number <= people for one in said for number in one.numbers)
