"""Machines that speak, against a stand-in for the service on this machine."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import gtts.tts
import pytest
import requests

from gateway.voice.build import build
from gateway.voice.prompts import Script, load_scripts
from gateway.voice.synthesis import GttsSynthesiser, PlaceholderSynthesiser, SynthesisError, pieces_of
from gateway.voice.wav import placeholder, seconds_of
from tests.support.clips import MemoryClips

SOUND = placeholder(1)


class StandIn(BaseHTTPRequestHandler):
    """Answers like the translation service; `answers` says how, the last one for ever."""

    answers: ClassVar[list[str]] = []
    heard: ClassVar[list[str]] = []
    let_go: ClassVar[threading.Event]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).heard.append(body)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "hang":
            self.let_go.wait(5)
            return
        self.send_response(429 if answer == "429" else 200)
        self.end_headers()
        if answer == "ok":
            self.wfile.write(b'[["wrb.fr","jQ1olc","[\\"' + base64.b64encode(SOUND) + b'\\"]",null]]\n')
        if answer == "no audio":
            self.wfile.write(b'[["wrb.fr","jQ1olc",null]]\n')

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[StandIn]]:
    StandIn.answers, StandIn.heard, StandIn.let_go = ["ok"], [], threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(gtts.tts, "_translate_url", lambda **_: f"http://127.0.0.1:{server.server_port}/")
    yield StandIn
    StandIn.let_go.set()
    server.shutdown()
    thread.join()
    server.server_close()


def texts(service: type[StandIn]) -> list[tuple[str, str]]:
    calls = [json.loads(parse_qs(body)["f.req"][0]) for body in service.heard]
    return [tuple(json.loads(call[0][0][1])[:2]) for call in calls]


def test_a_text_is_spoken(service: type[StandIn]) -> None:
    assert GttsSynthesiser().speak("สวัสดีค่ะ", "th") == SOUND
    assert texts(service) == [("สวัสดีค่ะ", "th")]


def test_a_long_text_goes_out_in_pieces_cut_at_phrase_ends(service: type[StandIn]) -> None:
    text = "ก" * 60 + " " + "ข" * 60
    assert GttsSynthesiser().speak(text, "th") == SOUND + SOUND
    assert texts(service) == [("ก" * 60, "th"), ("ข" * 60, "th")]


def test_too_many_requests_are_waited_out(service: type[StandIn]) -> None:
    service.answers = ["429", "429", "ok"]
    waited: list[float] = []
    assert GttsSynthesiser(waits=(5, 20), sleep=waited.append).speak("ก", "th") == SOUND
    assert waited == [5, 20]


def test_a_service_that_stays_busy_is_given_up(service: type[StandIn]) -> None:
    service.answers = ["429"]
    with pytest.raises(SynthesisError, match="429"):
        GttsSynthesiser(waits=(1,), sleep=lambda _: None).speak("ก", "th")
    assert len(service.heard) == 2


def test_an_answer_without_sound_is_an_error(service: type[StandIn]) -> None:
    service.answers = ["no audio"]
    with pytest.raises(SynthesisError):
        GttsSynthesiser().speak("ก", "th")


def test_a_service_that_hangs_does_not_hang_us(service: type[StandIn]) -> None:
    service.answers = ["hang"]
    with pytest.raises(SynthesisError, match="connect"):
        GttsSynthesiser(timeout=0.2).speak("ก", "th")


def test_certificates_are_checked_whatever_gtts_asks_for(
    service: type[StandIn], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    really_send = requests.Session.send

    def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        seen.append(options["verify"])
        return really_send(session, request, **options)

    monkeypatch.setattr(requests.Session, "send", send)
    GttsSynthesiser().speak("ก", "th")
    assert seen == [True]


@pytest.mark.parametrize("language", ["nod", "tts", "sou", "ksw", "shn", "lo", "xx", "th-TH"])
def test_a_language_without_a_voice_is_refused_before_anything_is_sent(service: type[StandIn], language: str) -> None:
    with pytest.raises(SynthesisError, match=language):
        GttsSynthesiser().speak("ก", language)
    assert service.heard == []


def test_punctuation_alone_is_refused(service: type[StandIn]) -> None:
    with pytest.raises(SynthesisError):
        GttsSynthesiser().speak("...", "th")


def test_only_the_words_of_the_script_leave_the_house(service: type[StandIn], tmp_path: Path) -> None:
    script = load_scripts(Path(__file__).parents[2] / "voice_prompts")["th"]
    few = Script("th", {key: script.prompts[key] for key in ("greet.reminder", "safety", "hour.0900")})
    report = build({"th": few}, MemoryClips(tmp_path), GttsSynthesiser(), "th", lambda *_: None)
    assert len(report.made) == 3
    assert texts(service) == [(prompt.text, "th") for prompt in few.prompts.values()]


def test_pieces_hold_a_hundred_letters_at_most_and_lose_none() -> None:
    text = " ".join("ก" * size for size in (1, 99, 50, 49, 100, 3))
    pieces = pieces_of(text)
    assert all(len(piece) <= 100 for piece in pieces)
    assert " ".join(pieces) == text


def test_a_phrase_without_a_breath_is_refused_without_quoting_it() -> None:
    with pytest.raises(SynthesisError, match="101") as error:
        pieces_of("ก" * 101)
    assert "ก" not in str(error.value)


def test_the_placeholder_speaks_every_language_and_says_how_long_it_would_take() -> None:
    machine = PlaceholderSynthesiser()
    assert machine.can_speak("ksw")
    assert seconds_of(machine.speak("ก" * 36, "ksw")) == pytest.approx(3.0)
