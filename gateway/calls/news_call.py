"""A call that tells and asks nothing: a ride is arranged, and this is when it comes.

`facts.starts_at` is when somebody is picked up. What it is for is not said: anybody may have picked up the telephone.
Nothing that is keyed here is an answer about the appointment; 9 says it again, 0 rings staff, everything else and
silence is a goodbye.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.calls import languages_menu, message, staff
from gateway.calls.closing import call_back
from gateway.calls.flow import Answered, CallFacts, CallState, Event, Keys
from gateway.calls.other_answers import aside_keys
from gateway.calls.phrases import said_when, stands
from gateway.calls.reminder_call import ReminderCall
from gateway.calls.steps import Because, Node, Step, ask, ask_again, end, keyed
from gateway.voice.keys import Key


class NewsNode(StrEnum):
    """Where this call stands besides the nodes all calls share."""

    NEWS = "news"  # the news was told; what may be keyed is known


class NewsCall(ReminderCall):
    """Tells somebody when their ride comes; see the module."""

    name = "news_call"
    version = 1

    _beginnings = frozenset({NewsNode.NEWS})

    def __init__(self) -> None:
        super().__init__()
        self._handlers = {
            (Node.START, Answered): self._open,
            (NewsNode.NEWS, Keys): self._at_news,
            **languages_menu.HANDLERS,
            **staff.HANDLERS,
            **message.HANDLERS,
        }
        self._menus = {NewsNode.NEWS: lambda state: _news(state.facts)}

    def _open(self, state: CallState, _: Event) -> Step:
        facts = state.facts
        if not stands(facts):
            return self._nothing_to_ask(state)
        hello = (Key.GREET_NEUTRAL, *((facts.name,) if facts.name else ()))
        if not said_when(facts):
            return call_back(state, Because.UNSPEAKABLE, *hello)
        return ask(state, NewsNode.NEWS, (*hello, *_news(facts)))

    def _at_news(self, state: CallState, event: Event) -> Step:
        if keyed(event) == "9":
            return ask_again(state, event, _news(state.facts)) or end(state, Key.BYE)
        return aside_keys(state, event) or end(state, Key.BYE)


def _news(facts: CallFacts) -> tuple[str, ...]:
    return (Key.NEWS_RIDE, *said_when(facts), Key.SAFETY, Key.ASK_STAFF, Key.ASK_AGAIN)
