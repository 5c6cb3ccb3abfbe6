"""Stop, in every language we have words in, from a phone of whatever language: it is never a matter for staff."""

from __future__ import annotations

import tomllib

import pytest

from gateway.kit.answers import Answer
from gateway.languages.data import languages_folder
from gateway.languages.table import load_languages
from gateway.languages.words import word_languages
from gateway.replies.sms import read_for_several, read_reply

STOPS = [
    (code, word)
    for code in word_languages()
    for word in tomllib.loads((languages_folder() / "words" / f"{code}.toml").read_text(encoding="utf-8"))["answers"][
        "stop"
    ]
]


def test_every_language_in_which_people_write_has_a_stop() -> None:
    assert {code for code, _ in STOPS} == set(word_languages()) >= {"th", "en", "my", "km", "lo", "vi"}


@pytest.mark.parametrize(("code", "word"), STOPS)
def test_a_stop_is_a_stop_whatever_language_we_wrote_in(code: str, word: str) -> None:
    for written in load_languages().codes:
        assert read_reply(word, written) is Answer.STOP, written
        assert read_reply(f" {word.upper()}! 🙏", written) is Answer.STOP, written


@pytest.mark.parametrize(("code", "word"), STOPS)
def test_on_a_shared_phone_a_stop_with_a_number_is_that_persons(code: str, word: str) -> None:
    (said,) = read_for_several(f"2 {word}", code)
    assert (said.numbers, said.answer) == ((2,), Answer.STOP)
