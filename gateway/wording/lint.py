"""Whether our texts may be shown to people: who calls, which number, no link, nothing a swindler would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from gateway.wording.catalogue import (
    Catalogue,
    CatalogueError,
    Purpose,
    Template,
    is_always_neutral,
)
from gateway.wording.examples import LONGEST, longest, usual
from gateway.wording.render import RefusedError, Text, TooLongError, render
from gateway.wording.rules import Finding, Rule, faults_of
from gateway.wording.segments import Advice, advice
from gateway.wording.texts import differs_by_route, is_sent

__all__ = [
    "LONGEST",
    "Cost",
    "Finding",
    "Rule",
    "check_all",
    "check_edit",
    "costs",
    "lint",
    "longest",
    "render_longest",
    "usual",
]


def lint(body: str, where: str = "", *, neutral: bool = False) -> list[Finding]:
    """Return what is wrong with a whole template, placeholders and the way to answer included."""
    found = faults_of(body, where, neutral=neutral)
    missing = {Rule.NO_CALLER: "{clinic}", Rule.NO_NUMBER: "{phone}"}
    return found + [Finding(rule, where) for rule, needed in missing.items() if needed not in body]


def check_edit(catalogue: Catalogue, key: str, language: str, body: str) -> list[Finding]:
    """Return what is wrong with a text that somebody typed, by the rules of those we ship; nothing: it may be kept.

    `key` is its asset key (`sms.reminder`). A language that has no texts at all gets its first ones as files.
    """
    where = f"{key}/{language}"
    try:
        template = catalogue.with_body(key, language, body)
    except CatalogueError as error:
        return [Finding(Rule.UNKNOWN, where, str(error))]
    if language not in catalogue.languages:
        return [Finding(Rule.UNKNOWN, where, f"there are no texts in {language!r}")]
    return catalogue.faults(template) or _too_long(catalogue, template)


def _too_long(catalogue: Catalogue, template: Template) -> list[Finding]:
    """Try the text in the place it would have: with the longest names, one-way and two-way."""
    tried = catalogue.with_edit(template)
    shown = [template.purpose] if isinstance(template.purpose, Purpose) else list(Purpose)
    neutral = (template.neutral,) if isinstance(template.purpose, Purpose) else (False, True)
    found: list[Finding] = []
    for purpose, two_way, is_neutral in product(shown, (False, True), neutral):
        is_tried = is_sent(purpose, two_way=two_way) and is_sent(template.purpose, two_way=two_way)
        if is_tried and tried.has(purpose, template.language, neutral=is_neutral):
            where = _name(purpose, template.language, two_way, is_neutral)
            found += _length(tried, purpose, template.language, two_way, is_neutral, where)
    return list(dict.fromkeys(found))


def check_all(catalogue: Catalogue) -> list[Finding]:
    """Return every fault of every text, one-way and two-way, neutral and not, at its longest."""
    findings = [fault for template in catalogue if template.edited for fault in catalogue.faults(template)]
    for purpose, language, two_way, neutral in _shown(catalogue):
        where = _name(purpose, language, two_way, neutral)
        try:
            whole = catalogue.whole(purpose, language, two_way=two_way, neutral=neutral)
        except CatalogueError:  # an edit that breaks a rule: named above
            continue
        findings += lint(whole, where, neutral=neutral or is_always_neutral(purpose))
        findings += _length(catalogue, purpose, language, two_way, neutral, where)
    return list(dict.fromkeys(findings))


@dataclass(frozen=True, slots=True)
class Cost:
    """What a text costs with names as they usually are, and with the longest we know. `where` as in a Finding."""

    where: str
    usual: Advice
    longest: Advice


def costs(catalogue: Catalogue) -> list[Cost]:
    """Return what each text costs, and how many characters less make it one part less. Raises as `render` does."""
    return [
        Cost(
            _name(purpose, language, two_way, neutral),
            advice(render(catalogue, purpose, language, replace(usual(language), neutral=neutral), two_way).body),
            advice(render_longest(catalogue, purpose, language, two_way, neutral).body),
        )
        for purpose, language, two_way, neutral in _shown(catalogue)
    ]


def render_longest(catalogue: Catalogue, purpose: Purpose, language: str, two_way: bool, neutral: bool) -> Text:
    """Return the text with the longest names we know. Raises as `render` does."""
    return render(catalogue, purpose, language, replace(longest(language), neutral=neutral), two_way)


def _shown(catalogue: Catalogue) -> Iterator[tuple[Purpose, str, bool, bool]]:
    """Every text there is: purpose, language, whether answers reach us, whether it is the neutral one.

    What reads the same on both routes comes once.
    """
    for purpose, language, two_way, neutral in product(Purpose, catalogue.languages, (False, True), (False, True)):
        is_there = catalogue.has(purpose, language, neutral=neutral) and is_sent(purpose, two_way=two_way)
        is_same = two_way and is_sent(purpose, two_way=False) and not differs_by_route(purpose)
        if is_there and not is_same and not (neutral and is_always_neutral(purpose)):
            yield purpose, language, two_way, neutral


def _length(
    catalogue: Catalogue, purpose: Purpose, language: str, two_way: bool, neutral: bool, where: str
) -> list[Finding]:
    try:
        render_longest(catalogue, purpose, language, two_way, neutral)
    except TooLongError as error:
        return [Finding(Rule.TOO_LONG, where, str(error))]
    except RefusedError:  # `lint` has named it already; met here it hid every other fault behind a traceback
        return []
    return []


def _name(purpose: Purpose, language: str, two_way: bool, neutral: bool) -> str:
    is_same = is_sent(purpose, two_way=False) and not differs_by_route(purpose)
    route = "two-way" if two_way and not is_same else "one-way"
    return f"{purpose.value}/{language}{'.neutral' if neutral else ''} {route}"
