"""What a text may not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.languages.table import load_languages
from gateway.wording.catalogue import Catalogue, Purpose
from gateway.wording.forbidden import MONEY_WORDS
from gateway.wording.lint import Rule, check_all, check_edit, lint

TEMPLATES = Path(__file__).parents[2] / "templates" / "messages"
GOOD = "{clinic}: {name} {day} {time} {place} {phone}"


def rules(body: str, language: str = "en") -> set[Rule]:
    return {finding.rule for finding in lint(body, language)}


def test_nothing_is_wrong_with_the_texts_we_ship() -> None:
    assert check_all(Catalogue(TEMPLATES, load_languages())) == []


def test_a_plain_text_passes() -> None:
    assert rules(GOOD) == set()


@pytest.mark.parametrize(
    "link", ["http://x", "https://moph.go.th/a", "www.x.y", "bit.ly/3", "lampang.go.th", "LINE.ME/x"]
)
def test_a_link_is_found(link: str) -> None:
    assert rules(f"{GOOD} {link}") == {Rule.LINK}


@pytest.mark.parametrize("harmless", ["เวลา 09.00 น.", "รพ.สต.", "26.7.2026", "9:00am"])
def test_what_only_looks_like_a_link_passes(harmless: str) -> None:
    assert rules(f"{GOOD} {harmless}", "th") == set()


@pytest.mark.parametrize("number", ["1101700207030", "1-1017-00207-03-0", "๑๑๐๑๗๐๐๒๐๗๐๓๐", "၁၁၀၁၇၀၀၂၀၇၀၃၀"])
def test_a_citizens_number_is_found_in_any_script(number: str) -> None:
    assert rules(f"{GOOD} {number}") == {Rule.CITIZEN_NUMBER}


def test_a_phone_number_beside_a_year_is_no_citizens_number() -> None:
    assert rules(f"{GOOD} 2026 034171200") == set()


@pytest.mark.parametrize("language", MONEY_WORDS)
def test_every_word_of_money_and_secrets_is_found(language: str) -> None:
    for word in MONEY_WORDS[language]:
        assert Rule.MONEY_WORD in rules(f"{GOOD} {word} ", language)


@pytest.mark.parametrize("language", ["th", "my", "vi"])
def test_english_money_words_are_found_in_every_language(language: str) -> None:
    assert Rule.MONEY_WORD in rules(f"{GOOD} OTP", language)
    assert Rule.MONEY_WORD in rules(f"{GOOD} Password", language)


def test_a_word_that_only_contains_one_passes() -> None:
    assert rules(f"{GOOD} codeine accountable spine", "en") == set()


@pytest.mark.parametrize("word", ["STOP", "cancel", "End", "HELP", "unsubscribe"])
def test_words_that_the_carrier_would_swallow_are_found(word: str) -> None:
    assert rules(f"{GOOD} Reply {word}") == {Rule.CARRIER_WORD}


def test_a_text_says_who_writes_and_which_number_to_call() -> None:
    assert rules("{name} {day}") == {Rule.NO_CALLER, Rule.NO_NUMBER}


CATALOGUE = Catalogue(TEMPLATES, load_languages())


def faulted(key: str, language: str, body: str) -> set[Rule]:
    return {finding.rule for finding in check_edit(CATALOGUE, key, language, body)}


def test_the_shipped_texts_may_be_typed_in_again() -> None:
    assert [t for t in CATALOGUE if check_edit(CATALOGUE, t.key, t.language, t.body)] == []


def test_an_edit_that_says_what_it_has_to_is_let_through() -> None:
    assert faulted("sms.missed", "en", "{clinic}: {name}, call {phone} for a day other than {day}") == set()


@pytest.mark.parametrize(
    ("key", "language", "body", "rule"),
    [
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} bit.ly/3", Rule.LINK),
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} pay now", Rule.MONEY_WORD),
        ("sms.missed", "en", "{clinic}: {name} {day}", Rule.PLACEHOLDERS),
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} {time}", Rule.PLACEHOLDERS),
        ("sms.missed", "en", "{clinic}: {name} {day} {phone} {", Rule.PLACEHOLDERS),
        ("sms.missed", "en", "", Rule.PLACEHOLDERS),
        ("sms.missed", "shn", "{clinic}: {name} {day} {phone}", Rule.UNKNOWN),
        ("sms.missed", "xx", "{clinic}: {name} {day} {phone}", Rule.UNKNOWN),
        ("sms.greeting", "en", "{clinic}: {name} {day} {phone}", Rule.UNKNOWN),
        ("sms.missed", "th", "{clinic}: {name} {day} {phone} " + "ยาว" * 60, Rule.TOO_LONG),
        ("sms.how_to_answer_call", "th", "โทร {phone} " + "ยาว" * 60, Rule.TOO_LONG),
        ("sms.how_to_answer_two_way", "th", "โทร {phone} " + "ยาว" * 60, Rule.TOO_LONG),
    ],
)
def test_an_edit_is_held_to_the_rules_of_what_ships(key: str, language: str, body: str, rule: Rule) -> None:
    assert faulted(key, language, body) == {rule}


def test_trying_an_edit_changes_nothing() -> None:
    before = CATALOGUE.get(Purpose.MISSED, "en").body
    check_edit(CATALOGUE, "sms.missed", "en", "{clinic}: {name} {day} {phone}")
    assert CATALOGUE.get(Purpose.MISSED, "en").body == before
