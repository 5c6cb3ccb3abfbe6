"""Machines that speak, against a stand-in for the service on this machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from gateway.voice.synthesis import LONGEST_PIECE, GttsSynthesiser, SynthesisError, pieces_of
from tests.support.translator import CERTIFICATE, Translator, translator


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Translator]:
    with translator(monkeypatch) as running:
        yield running


def patient(*waits: float) -> tuple[GttsSynthesiser, list[float]]:
    """A synthesiser that does not wait in earnest, and what it would have waited."""
    waited: list[float] = []
    return GttsSynthesiser(waits=waits, sleep=waited.append), waited


def test_a_text_is_spoken(service: Translator) -> None:
    assert GttsSynthesiser().speak("สวัสดีค่ะ", "th") == service.sound
    assert service.texts() == [("สวัสดีค่ะ", "th")]


def test_a_long_text_goes_out_in_pieces_cut_at_phrase_ends(service: Translator) -> None:
    text = "ก" * 60 + " " + "ข" * 60
    assert GttsSynthesiser().speak(text, "th") == service.sound * 2
    assert service.texts() == [("ก" * 60, "th"), ("ข" * 60, "th")]


def test_the_words_go_out_as_they_were_written(service: Translator) -> None:
    GttsSynthesiser().speak("Are you coming? Dr. Who - press one!", "en")
    assert service.texts() == [("Are you coming? Dr. Who - press one!", "en")]


def test_too_many_requests_are_waited_out(service: Translator) -> None:
    service.answers = ["429", "503", "ok"]
    machine, waited = patient(5, 20)
    assert machine.speak("ก", "th") == service.sound
    assert waited == [5, 20]


@pytest.mark.parametrize(("asked", "waits"), [("30", 30), ("2", 5), ("99999", 120), ("tomorrow", 5)])
def test_the_service_may_ask_for_a_longer_wait_within_reason(service: Translator, asked: str, waits: float) -> None:
    service.answers = [f"429 {asked}", "ok"]
    machine, waited = patient(5)
    machine.speak("ก", "th")
    assert waited == [waits]


def test_what_ships_waits_ever_longer_and_not_for_ever(service: Translator) -> None:
    service.answers = ["429"]
    waited: list[float] = []
    with pytest.raises(SynthesisError, match="busy"):
        GttsSynthesiser(sleep=waited.append).speak("ก", "th")
    assert len(waited) >= 3
    assert waited == sorted(set(waited))
    assert waited[0] >= 1
    assert sum(waited) < 5 * 60


def test_what_ships_gives_an_answer_less_than_a_minute(service: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    really_send = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        seen.append(options["timeout"])
        return really_send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", send)
    GttsSynthesiser().speak("ก", "th")
    assert [3 <= timeout < 60 for timeout in seen] == [True]


def test_a_service_that_stays_busy_is_given_up(service: Translator) -> None:
    service.answers = ["429"]
    machine, waited = patient(1)
    with pytest.raises(SynthesisError, match="busy"):
        machine.speak("ก", "th")
    assert (len(service.heard), waited) == (2, [1])


def test_a_connection_that_breaks_is_tried_once_more(service: Translator) -> None:
    service.answers = ["cut", "ok"]
    machine, waited = patient()
    assert machine.speak("ก", "th") == service.sound
    assert waited == [1]


def test_a_connection_that_breaks_again_is_given_up(service: Translator) -> None:
    service.answers = ["cut"]
    machine, _ = patient()
    with pytest.raises(SynthesisError, match="could not connect"):
        machine.speak("ก", "th")
    assert len(service.heard) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("none", "without sound"),
        ("empty", "no sound in it"),
        ("302 https://elsewhere.example/", "no sound in it"),
        ("broken", "could not be understood"),
        ("strange", "could not be understood"),
        ("endless", "could not connect"),
        ("404", "answered 404"),
    ],
)
def test_an_answer_without_a_sound_is_said_to_be_one(service: Translator, answer: str, reason: str) -> None:
    service.answers = [answer]
    machine, _ = patient()
    with pytest.raises(SynthesisError, match=reason) as error:
        machine.speak("ความลับ", "th")
    assert len(service.heard) == 1
    assert "ความลับ" not in str(error.value)


@pytest.mark.parametrize("answer", ["hang", "drip"])
def test_a_service_that_hangs_does_not_hang_us(service: Translator, answer: str) -> None:
    service.answers = [answer]
    begin = time.monotonic()
    with pytest.raises(SynthesisError, match="in time"):
        GttsSynthesiser(timeout=0.3).speak("ก", "th")
    assert time.monotonic() - begin < 3


def test_a_service_that_nobody_can_vouch_for_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with translator(monkeypatch, certificate=CERTIFICATE) as impostor:
        with pytest.raises(SynthesisError, match="certificate could not be verified"):
            GttsSynthesiser().speak("ก", "th")
        assert impostor.heard == []


def test_certificates_are_checked_whatever_gtts_asks_for(service: Translator, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    really_send = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        seen.append(options["verify"])
        return really_send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", send)
    GttsSynthesiser().speak("ก", "th")
    assert seen == [True]


@pytest.mark.parametrize("language", ["nod", "tts", "sou", "ksw", "shn", "lo", "xx", "th-TH"])
def test_a_language_without_a_voice_is_refused_before_anything_is_sent(service: Translator, language: str) -> None:
    with pytest.raises(SynthesisError, match=language):
        GttsSynthesiser().speak("ก", language)
    assert service.heard == []


@pytest.mark.parametrize("text", ["โทร 0812345678", "๑๒ สิงหาคม", "ထိုးဆေး ၃", "press 1"])
def test_digits_are_not_sent_out_whatever_script_they_are_in(service: Translator, text: str) -> None:
    with pytest.raises(SynthesisError, match="digit"):
        GttsSynthesiser().speak(text, "th")
    assert service.heard == []


def test_punctuation_alone_is_refused(service: Translator) -> None:
    with pytest.raises(SynthesisError):
        GttsSynthesiser().speak("...", "th")


@given(st.lists(st.text(st.sampled_from("กขค.,?"), min_size=1, max_size=LONGEST_PIECE), min_size=1, max_size=20))
def test_pieces_are_short_and_lose_nothing(words: list[str]) -> None:
    pieces = pieces_of(" ".join(words))
    assert all(0 < len(piece) <= LONGEST_PIECE < 100 for piece in pieces)
    assert " ".join(pieces) == " ".join(words)


def test_a_text_with_spaces_between_words_is_cut_where_a_speaker_breathes() -> None:
    text = "This call is automatic. We never ask for money, codes or account numbers. Please stay on the line now."
    assert pieces_of(text) == (text[:73], text[74:])


def test_a_phrase_without_a_breath_is_refused_without_quoting_it() -> None:
    with pytest.raises(SynthesisError, match="100") as error:
        pieces_of("ก" * 100)
    assert "ก" not in str(error.value)
