"""Responses prepared once: of the same words in the same voice only the call's own address differs.

At one site, on one day, hundreds of calls say the same; `speaking.put` would look up the same dozen clips for each.
What is handed out is what `put` makes: the first time it is `put` itself.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.calls.flow import CallFacts, Dial, PhoneCommand
from gateway.voice.prompts import Prompt
from gateway.voice.voices import Voice
from gateway.web.desk import Desk
from gateway.web.speaking import Said, put

KEPT: Final = 4096  # responses, of about 2 kB each
_ANY: Final = "a" * 31 + "%"
"""Stands for the attempt: as long as one, and nothing that an address, a clip or a text could hold."""

_Key = tuple[object, ...]


@dataclass(eq=False, slots=True)
class Prepared:
    """The responses of one desk; used by the one thread that writes."""

    desk: Desk
    most: int = KEPT
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
        said = tuple(sorted((key, prompt.text, prompt.back) for key, prompt in names.items()))
        key = (id(voice), facts.language, facts.voice, facts.is_slow, next_turn, tuple(commands), said)
        known = self._known.get(key)
        if known is None:
            known = voice, put(self.desk, commands, facts, attempt=_ANY, next_turn=next_turn, names=names)
            self._known[key] = known
            if len(self._known) > self.most:
                self._known.popitem(last=False)
        response = known[1].response.replace(_ANY, attempt)
        return Said(response, known[1].heard)
