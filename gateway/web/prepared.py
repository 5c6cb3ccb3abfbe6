"""Responses prepared once: of the same words in the same voice only the call's own address differs.

At one site, on one day, hundreds of calls say the same; `speaking.put` would look up the same dozen clips for each.
What is handed out is what `put` makes: the first time it is `put` itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gateway.calls.flow import CallFacts, Dial, PhoneCommand
from gateway.voice.prompts import Prompt
from gateway.voice.voices import Voice
from gateway.web.desk import Desk
from gateway.web.speaking import Said, Shelf, put

KEPT: Final = 4096  # responses, of about 2 kB each
_ANY: Final = "a" * 31 + "%"
"""Stands for the attempt: as long as one, and nothing that an address, a clip or a text could hold."""

VOICES: Final = 64
T = TypeVar("T")
_Key = tuple[object, ...]


@dataclass(eq=False, slots=True)
class Prepared:
    """The responses of one desk; used by the one thread that writes."""

    desk: Desk
    most: int = KEPT
    _shelves: OrderedDict[_Key, tuple[Voice, Shelf]] = field(default_factory=OrderedDict)
    _known: OrderedDict[_Key, tuple[Voice, Said]] = field(default_factory=OrderedDict)

    def say(
        self,
        commands: Sequence[PhoneCommand],
        facts: CallFacts,
        voice: Voice,
        names: Mapping[str, Prompt],
        *,
        attempt: str,
        next_turn: int,
    ) -> Said | None:
        """What `put` gives for these; None where it depends on more than that. Raises NothingToPlay."""
        if any(isinstance(one, Dial) or getattr(one, "replay", False) for one in commands):
            return None
        # A voice is made anew when a script, a clip or an approval changes; held here, its number is no other's.
        named = tuple(sorted((key, prompt.text, prompt.back) for key, prompt in names.items()))
        key = (id(voice), facts.language, facts.voice, facts.is_slow, next_turn, tuple(commands), named)
        known = self._known.get(key)
        if known is None:
            shelf = self._shelf(voice, facts)
            said_once = put(self.desk, commands, facts, attempt=_ANY, next_turn=next_turn, names=names, shelf=shelf)
            known = _keep(self._known, key, (voice, said_once), self.most)
        response = known[1].response.replace(_ANY, attempt)
        return Said(response, known[1].heard)

    def _shelf(self, voice: Voice, facts: CallFacts) -> Shelf:
        key = (id(voice), facts.language, facts.voice, facts.is_slow)
        known = self._shelves.get(key)
        return known[1] if known is not None else _keep(self._shelves, key, (voice, {}), VOICES)[1]


def _keep(known: OrderedDict[_Key, T], key: _Key, value: T, most: int) -> T:
    """Keep a value, and forget the oldest of too many."""
    known[key] = value
    if len(known) > most:
        known.popitem(last=False)
    return value
