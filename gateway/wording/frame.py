"""A text of which all but the name and the ticket is written already: what a day's texts of one clinic and hour share.

The reference is `render`: what a frame writes is what `render` writes, letter for letter, or it writes nothing and
`render` is to be asked. The look for links and long numbers is taken once, at stand-ins for the name: see `_is_local`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from gateway.languages.data import LanguageError
from gateway.wording.catalogue import PLACEHOLDER, Catalogue, CatalogueError, Purpose, sha256_of
from gateway.wording.forbidden import has_citizen_number, has_link, is_no_name
from gateway.wording.plain import without_hidden
from gateway.wording.render import MAX_PARTS, MessageFacts, RenderError, check_facts, values_of
from gateway.wording.segments import count_parts

_HOLES: Final = ("name", "number")
_THAI_NAME: Final = re.compile("[ก-ฮเ-ไ][ก-ฮะ-ูเ-ๅ็-์]*")
"""Letters alone, the first of which stands on its own: nothing of it is read with what stands before it."""
_HALF_A_LINK: Final = re.compile("ดอ|จุ")
"""What the spelt-out links begin with, "ดอท คอม" and "จุดคอม": a name with it is looked at in its text."""
_BEFORE_A_LINK: Final = re.compile(r"(?:ด|ดอ|ดอท|ดอต|จ|จุ|จุด)\s*$")
_THAI: Final = re.compile("[\u0e00-\u0e7f]")
_STAND_INS: Final = ("ก", "กก", "กัก", "กี")
"""Every way in which a Thai name looks to the patterns of `forbidden`: one letter, a last letter after a letter, a last
letter after a sign above or below (that is no letter to a pattern), and such a sign at the end."""

_is_no_name = lru_cache(maxsize=1 << 16)(is_no_name)  # given names are few, and in thousands of texts


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around the name and the ticket. `sha256` and `is_draft` are those of `render`'s text."""

    parts: tuple[str, ...]
    holes: tuple[int, ...]  # what stands behind each part but the last: 0 the name, 1 the ticket
    sha256: str
    is_draft: bool
    is_local: bool

    def text(self, name: str, ticket: str) -> tuple[str, int] | None:
        """Return the body and its parts; None where `render` has to shorten or to refuse it."""
        if _is_no_name(name):
            return None
        is_thai = _THAI_NAME.fullmatch(name) is not None
        if not is_thai:
            name = without_hidden(name)
        body = self._filled(name, ticket)
        if not (is_thai and self.is_local and _HALF_A_LINK.search(name) is None) and _is_forbidden(body):
            return None
        parts = count_parts(body)
        return (body, parts) if parts <= MAX_PARTS else None

    def _filled(self, *values: str) -> str:
        written = [self.parts[0]]
        for hole, part in zip(self.holes, self.parts[1:], strict=True):
            written += (values[hole], part)
        return "".join(written)


def frame_of(
    catalogue: Catalogue,
    purpose: Purpose,
    language: str,
    facts: MessageFacts,
    two_way: bool,
    approved: Collection[str] = frozenset(),
) -> Frame | None:
    """Return the frame of the texts that differ from `facts` in the name, and in a ticket of as many digits, alone.

    None where `render` refuses such texts, or has to shorten them whoever they are to.
    """
    facts = replace(facts, name=_STAND_INS[0], ticket="1" * len(facts.ticket))
    try:
        check_facts(facts, f"{purpose.value}/{language}")
        whole = catalogue.whole(purpose, language, two_way=two_way, neutral=facts.neutral)
        body = whole if facts.ticket else catalogue.whole(
            purpose, language, two_way=two_way, neutral=facts.neutral, ticket=False
        )  # fmt: skip
        pieces = catalogue.pieces(purpose, language, two_way=two_way, neutral=facts.neutral)
        values = dict(values_of(language, facts, True))
    except (RenderError, CatalogueError, LanguageError):
        return None
    if facts.people or "{people}" in body:
        return None
    parts, holes = _cut(body, values)
    is_draft = any(piece.mark not in approved for piece in pieces)
    frame = Frame(parts, holes, sha256_of(whole), is_draft, _is_local(parts, holes))
    bodies = [frame._filled(name, facts.ticket) for name in _STAND_INS]
    if count_parts(bodies[0]) > MAX_PARTS or _is_forbidden(bodies[0]):
        return None
    return frame if not any(map(_is_forbidden, bodies)) else replace(frame, is_local=False)


def _cut(template: str, values: dict[str, str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    parts, holes, at = [""], [], 0
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


def _is_local(parts: tuple[str, ...], holes: tuple[int, ...]) -> bool:
    """Whether any Thai name looks to the patterns as one of the stand-ins does.

    They tell Thai letters apart in "ดอท" and "จุด" and what follows these alone; such a word must neither lie across
    the edge of the name, nor stand before it.
    """
    return not any(
        hole == 0 and (_BEFORE_A_LINK.search(before) or _THAI.match(behind))
        for before, behind, hole in zip(parts, parts[1:], holes, strict=False)
    )


def _is_forbidden(body: str) -> bool:
    return has_link(body) or has_citizen_number(body)
