"""Whether our texts may be shown to people: who calls, which number, no link, nothing a swindler would say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Final

from gateway.wording.catalogue import NEEDED, Catalogue, CatalogueError, Helper, Purpose, Template
from gateway.wording.render import MessageFacts, RefusedError, TooLongError, render
from gateway.wording.rules import Finding, Rule, faults_of

__all__ = ["LONGEST", "Finding", "Rule", "check_all", "check_edit", "lint"]

LONGEST: Final = MessageFacts(
    name="กัญญารัตน์มณีวงศ์",
    clinic="โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านแม่ตีบ",
    place="โรงพยาบาลส่งเสริมสุขภาพตำบลบ้านแม่ตีบ",
    starts_at=datetime(2026, 11, 26, 4, 45, tzinfo=UTC),
    dose_number=2,
    vaccine="",
    phone="034-171-200",
)
"""An invented person at one of the longest-named kinds of health centre, on a Thursday in November at 11:45."""


def lint(body: str, language: str, where: str = "") -> list[Finding]:
    """Return what is wrong with a whole template, placeholders and the way to answer included."""
    found = faults_of(body, language, where)
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
    routes = [route for route in (False, True) if template.purpose is not (Helper.CALL if route else Helper.TWO_WAY)]
    found: list[Finding] = []
    for purpose, two_way, is_neutral in product(shown, routes, neutral):
        if tried.has(purpose, template.language, neutral=is_neutral):
            where = _name(purpose, template.language, two_way, is_neutral)
            found += _length(tried, purpose, template.language, two_way, is_neutral, where)
    return list(dict.fromkeys(found))


def check_all(catalogue: Catalogue) -> list[Finding]:
    """Return every fault of every text, one-way and two-way, neutral and not, at its longest."""
    findings: list[Finding] = []
    for purpose, language, two_way, neutral in product(Purpose, catalogue.languages, (False, True), (False, True)):
        if not catalogue.has(purpose, language, neutral=neutral):
            continue
        where = _name(purpose, language, two_way, neutral)
        findings += lint(catalogue.whole(purpose, language, two_way=two_way, neutral=neutral), language, where)
        findings += _length(catalogue, purpose, language, two_way, neutral, where)
    return list(dict.fromkeys(findings))


def _length(
    catalogue: Catalogue, purpose: Purpose, language: str, two_way: bool, neutral: bool, where: str
) -> list[Finding]:
    try:
        render(catalogue, purpose, language, replace(LONGEST, neutral=neutral), two_way)
    except TooLongError as error:
        return [Finding(Rule.TOO_LONG, where, str(error))]
    except RefusedError:  # `lint` has named it already; met here it hid every other fault behind a traceback
        return []
    return []


def _name(purpose: Purpose, language: str, two_way: bool, neutral: bool) -> str:
    route = "two-way" if two_way and "how_to_answer" in NEEDED[purpose] else "one-way"
    return f"{purpose.value}/{language}{'.neutral' if neutral else ''} {route}"
