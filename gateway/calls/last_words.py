"""The end of a call whose words cannot be said any more: a phrase was edited or withdrawn while somebody listened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, takewhile

from gateway.calls.flow import CallState, HangUp, PhoneCommand
from gateway.calls.steps import Node
from gateway.calls.studio_call import StudioCall
from gateway.voice.keys import Key, StudioKey


def last_words(state: CallState, commands: Sequence[PhoneCommand]) -> Iterator[tuple[str, ...]]:
    """What may be said in the place of `commands` before hanging up, the fullest first; the last is nothing at all.

    Whole statements only: half a menu would be taken for a question.
    """
    if state.flow == StudioCall.name:
        yield from ((StudioKey.BYE,), ())
        return
    told = _statement(state, commands)
    yield from dict.fromkeys(((*told, Key.BYE), told, (Key.BYE,), ()))


def is_waiting_for_a_day(state: CallState) -> bool:
    """Whether somebody asked for another day and was to hear which ones: staff call them instead."""
    return state.node == Node.OFFER


def _statement(state: CallState, commands: Sequence[PhoneCommand]) -> tuple[str, ...]:
    if is_waiting_for_a_day(state):
        return (Key.ACK_CALLBACK,)
    if state.node == Node.QUESTION:
        return (Key.END_UNANSWERED,)
    prompts = chain.from_iterable(one.prompts for one in commands if not isinstance(one, HangUp))
    return tuple(takewhile(lambda key: key != Key.BYE and not key.startswith("ask."), prompts))
