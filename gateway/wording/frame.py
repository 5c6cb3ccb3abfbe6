"""A text of which all but name, ticket, dose, day and hour is written already: what a day's texts of a clinic share.

The reference is `render`: what a frame writes is what `render` writes, letter for letter, or it writes nothing and
`render` is to be asked.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.kit.clock import bangkok_day, bangkok_time
from gateway.languages.data import LanguageError
from gateway.languages.spoken import write_day, write_time
from gateway.wording.catalogue import PLACEHOLDER, Catalogue, CatalogueError, Purpose, sha256_of
from gateway.wording.forbidden import has_citizen_number, has_link, is_no_name, is_surely_harmless
from gateway.wording.plain import without_hidden
from gateway.wording.render import MAX_PARTS, MessageFacts, RenderError, check_facts, values_of
from gateway.wording.segments import count_parts

_HOLES: Final = ("name", "number", "dose", "day", "time")

_is_no_name = lru_cache(maxsize=1 << 16)(is_no_name)  # given names are few, and in thousands of texts
_shown = lru_cache(maxsize=1 << 16)(without_hidden)


class Said(NamedTuple):
    """What stands in the holes, in their order."""

    name: str
    number: str  # of the ticket; "" without one
    dose: str
    day: str
    time: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around the holes. `sha256` and `is_draft` are those of `render`'s text."""

    parts: tuple[str, ...]
    holes: tuple[int, ...]  # which of `Said` stands behind each part but the last
    sha256: str
    is_draft: bool

    def text(self, said: Said) -> tuple[str, int] | None:
        """Return the body and its parts; None where `render` has to shorten or to refuse it."""
        if _is_no_name(said.name) or (said.number and _is_no_name(said.number)):
            return None
        said = said._replace(name=_shown(said.name))
        written = [self.parts[0]]
        for hole, part in zip(self.holes, self.parts[1:], strict=True):
            written += (said[hole], part)
        body = "".join(written)
        parts = count_parts(body)
        if parts > MAX_PARTS:
            return None
        if not is_surely_harmless(body) and (has_link(body) or has_citizen_number(body)):
            return None
        return body, parts


@lru_cache(maxsize=4096)
def written_at(language: str, starts_at: datetime) -> tuple[str, str]:
    """Day and hour of an instant (aware) as a text has them; raises LanguageError as `write_day` does."""
    return write_day(language, bangkok_day(starts_at)), write_time(language, bangkok_time(starts_at).time())


def frame_of(
    catalogue: Catalogue,
    purpose: Purpose,
    language: str,
    facts: MessageFacts,
    two_way: bool,
    approved: Collection[str] = frozenset(),
) -> Frame | None:
    """Return the frame of the texts that differ from `facts` in what stands in the holes alone; with a ticket, or none.

    None where `render` refuses such texts whoever they are to.
    """
    try:
        check_facts(replace(facts, name=""), f"{purpose.value}/{language}")
        whole = catalogue.whole(purpose, language, two_way=two_way, neutral=facts.neutral)
        bare = catalogue.whole(purpose, language, two_way=two_way, neutral=facts.neutral, ticket=False)
        pieces = catalogue.pieces(purpose, language, two_way=two_way, neutral=facts.neutral)
        values = dict(values_of(language, facts, True))
    except (RenderError, CatalogueError, LanguageError):
        return None
    if facts.people or "{people}" in whole:
        return None
    parts, holes = _cut(whole if facts.ticket else bare, values)
    return Frame(parts, holes, sha256_of(whole), any(piece.mark not in approved for piece in pieces))


def _cut(template: str, values: dict[str, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    parts, holes, at = [""], list[int](), 0
    for found in PLACEHOLDER.finditer(template):
        parts[-1] += template[at : found.start()]
        at = found.end()
        if found.group(1) in _HOLES:
            holes.append(_HOLES.index(found.group(1)))
            parts.append("")
        else:
            parts[-1] += values[found.group(1)]
    parts[-1] += template[at:]
    return tuple(parts), tuple(holes)
