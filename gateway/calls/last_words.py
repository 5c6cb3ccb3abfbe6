"""The end of a call whose words cannot be said any more: a phrase was edited or withdrawn while somebody listened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
from typing import Final

from gateway.calls.flow import Ask, CallState, Command, Dial, PhoneCommand, Play, RecordPhrase
from gateway.calls.steps import Node
from gateway.calls.studio_call import StudioCall
from gateway.voice.keys import Key, StudioKey

_CHOOSING_A_DAY: Final = (Node.OFFER, Node.PART)
_UNANSWERED: Final = (Node.QUESTION, Node.HOUSEHOLD, Node.NAMES, Node.EVERYBODY, Node.STOP, Node.NOBODY)
_SAID_BEFORE_A_QUESTION: Final = ("ack.", "message.kept", "end.", "weekday.", "day.", "month.", "hour.", "relative.",
                                  "ticket", "digit.", "place.", "site.")  # fmt: skip


def last_words(state: CallState, commands: Sequence[PhoneCommand]) -> Iterator[tuple[str, ...]]:
    """What may be said in the place of `commands` before hanging up, the fullest first; the last is nothing at all.

    Whole statements only: half a menu would be taken for a question.
    """
    if state.flow == StudioCall.name:
        yield from ((StudioKey.BYE,), ())
        return
    told = statement(state, commands)
    yield from dict.fromkeys(((*told, Key.BYE), told, (Key.BYE,), ()))


def is_waiting_for_a_day(state: CallState) -> bool:
    """Whether somebody asked for another day and was to hear which ones: staff call them instead."""
    return state.node in _CHOOSING_A_DAY


def statement(state: CallState, commands: Sequence[Command]) -> tuple[str, ...]:
    """What these commands tell, without what they ask."""
    if is_waiting_for_a_day(state):
        return (Key.ACK_CALLBACK,)
    told = _told(commands)
    if state.node in _UNANSWERED and not told:
        return (Key.END_UNANSWERED,)
    return told


def _told(commands: Sequence[Command]) -> tuple[str, ...]:
    """The acknowledgement the words begin with and what belongs to it: the day, the ticket."""
    spoken = (one.prompts for one in commands if isinstance(one, Play | Ask | RecordPhrase | Dial))
    prompts = tuple(chain.from_iterable(spoken))
    if not prompts or not prompts[0].startswith(("ack.", "message.kept", "end.")):
        return ()
    return tuple(takewhile(lambda key: key.startswith(_SAID_BEFORE_A_QUESTION), prompts))
