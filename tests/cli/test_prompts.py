"""`gateway prompts`: what can be spoken, and the sound made ahead of time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.voice import synthesis
from gateway.voice.assets import ClipSource
from gateway.voice.synthesis import SynthesisError
from gateway.voice.wav import placeholder
from tests.cli.conftest import Gateway


class Machine:
    """A synthesiser that needs no network; it works `works` times and then no more."""

    source = ClipSource.SYNTHESIS

    def __init__(self, works: int = 10_000) -> None:
        self.works = works

    def can_speak(self, language: str) -> bool:
        return True

    def speak(self, text: str, language: str) -> bytes:
        self.works -= 1
        if self.works < 0:
            raise SynthesisError("no network")
        return placeholder(1)


def test_check_counts_what_is_written_for_each_language(gateway: Gateway) -> None:
    gateway("db", "upgrade")
    found = gateway("prompts", "check", "--json")
    assert found.exit_code == 0
    (thai,) = [row for row in json.loads(found.stdout) if row["language"] == "th"]
    assert thai["written"] == thai["wanted"] > 50


def test_check_ends_with_1_when_people_are_registered_whom_no_call_can_address(gateway: Gateway, sample: Path) -> None:
    found = gateway("prompts", "check", "--json")
    assert found.exit_code == 1
    assert isinstance(json.loads(found.stdout), list)
    assert "no call can speak: " in found.stderr


@pytest.mark.parametrize("language", ["fr", "xx", ""])
def test_a_language_without_a_script_ends_with_2(gateway: Gateway, language: str) -> None:
    found = gateway("prompts", "build", "--language", language)
    assert (found.exit_code, found.stdout) == (2, "")
    assert "--language: expected one of th" in found.stderr


def test_build_makes_every_phrase_once(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway("db", "upgrade")
    monkeypatch.setattr(synthesis, "GttsSynthesiser", Machine)
    first = gateway("prompts", "build")
    assert first.exit_code == 0
    assert " phrases made, 0 were there, 0 failed" in first.stderr
    assert "0 phrases made" in gateway("prompts", "build").stderr
    (thai,) = [row for row in json.loads(gateway("prompts", "check", "--json").stdout) if row["language"] == "th"]
    assert thai["wanted"] in thai.values()


def test_without_a_network_build_says_so_and_keeps_what_was_made(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "GttsSynthesiser", lambda: Machine(works=3))
    found = gateway("prompts", "build")
    assert found.exit_code == 1
    assert "a network is needed" in found.stderr
    assert "what was made is kept" in found.stderr
    assert "3 phrases made" in found.stderr
