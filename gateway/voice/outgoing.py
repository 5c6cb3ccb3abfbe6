"""What may be sent to a machine elsewhere to be spoken: words that everybody may hear, and nobody's name.

Anybody on the staff may edit a phrase, and may type somebody's name into it; what was sent once cannot be called back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Final

from gateway.kit.marks import mark_of
from gateway.voice.phrases import is_optional
from gateway.voice.prompts import Prompt, Script

SHORTEST_NAME: Final = 3
"""Letters, vowel signs among them: shorter ones stand within too many other words."""

_UNHEARD: Final = "Cf"  # what joins or parts letters without being seen


class Held(StrEnum):
    """Why a phrase is not sent."""

    DIGIT = "there is a digit in it: write numbers as words"
    NAME = "the name of somebody on record is in it: a person has to record it"
    EDIT = "it was edited, and two people have not approved it"


@dataclass(frozen=True)
class Outgoing:
    """What may be sent: what ships, and the edits whose marks are `approved`; without any of the `names` on record."""

    shipped: Mapping[str, Script]
    approved: Collection[str] = frozenset()
    names: Collection[str] = field(default=frozenset(), repr=False)

    def held(self, language: str, prompt: Prompt) -> Held | None:
        """Return why this phrase is not sent; None: it may be."""
        if any(letter.isdigit() for letter in prompt.text):
            return Held.DIGIT
        own = self.shipped.get(language)
        if own is not None and prompt.key in own.prompts and own.prompts[prompt.key].text == prompt.text:
            return None
        if self._names_somebody(language, prompt.text):
            return Held.NAME
        is_approved = mark_of(language, prompt.key, prompt.text_sha256) in self.approved
        return None if is_approved else Held.EDIT

    def _names_somebody(self, language: str, text: str) -> bool:
        """A name that is a word of the language's own phrases, as Thai ones may be, gives nobody away."""
        said = _plain(text)
        return any(_holds(said, name) and not _holds(self._own_words(language), name) for name in self._each_name)

    def _own_words(self, language: str) -> str:
        own = self.shipped.get(language)
        prompts = own.prompts.values() if own is not None else ()
        return _plain("\n".join(prompt.text for prompt in prompts if not is_optional(prompt.key)))

    @cached_property
    def _each_name(self) -> frozenset[str]:
        return frozenset(_parts(self.names))


def _parts(names: Iterable[str]) -> Iterator[str]:
    """A column may hold a name and a surname, or two given names: each of them is somebody's."""
    for name in map(_plain, names):
        for part in (name, *re.split(r"[\s\-.,()/]+", name)):
            if len(part) >= SHORTEST_NAME:
                yield part


def _plain(text: str) -> str:
    """One way of writing the same letters: whether they are large, how they were typed, what cannot be seen."""
    seen = "".join(letter for letter in unicodedata.normalize("NFKC", text) if unicodedata.category(letter) != _UNHEARD)
    return " ".join(seen.casefold().split())


def _holds(text: str, name: str) -> bool:
    """Whether a name is in it; as a whole word where the script has spaces between words, else anywhere."""
    if name not in text:
        return False
    if not all("LATIN" in unicodedata.name(letter, "") for letter in name if letter.isalpha()):
        return True
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None
