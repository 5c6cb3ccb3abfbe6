"""What each language can say, and what is still missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.voice.assets import ClipSource
from gateway.voice.coverage import Coverage, Have, coverage
from gateway.voice.keys import wanted_keys
from gateway.voice.prompts import Prompt, Script
from gateway.voice.wav import placeholder
from tests.support.clips import MemoryClips

BYE, SAFETY, TODAY = Prompt("bye", "ขอบคุณค่ะ"), Prompt("safety", "เราไม่ขอเงิน" * 5), Prompt("relative.today", "วันนี้")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": SAFETY, "relative.today": TODAY})}


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


def of_thai(store: MemoryClips) -> Coverage:
    (found,) = coverage(SCRIPTS, store)
    return found


def test_coverage_puts_every_key_in_one_state(store: MemoryClips) -> None:
    store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    store.keep("th", Prompt("safety", "older"), placeholder(1), ClipSource.RECORDING)
    store.keep("th", TODAY, placeholder(1), ClipSource.SYNTHESIS)
    found = of_thai(store)
    assert found.which(Have.RECORDED) == ("bye",)
    assert found.which(Have.STALE) == ("safety",)
    assert found.which(Have.SYNTHESISED) == ("relative.today",)
    assert (found.wanted, found.written) == (len(wanted_keys()), 3)
    assert sum(found.count(have) for have in Have) == found.wanted
    assert not found.is_callable


def test_a_text_without_sound_is_shown_as_placeholder_only(store: MemoryClips) -> None:
    assert set(of_thai(store).which(Have.PLACEHOLDER_ONLY)) == {"bye", "safety", "relative.today"}


def test_a_language_is_callable_when_every_key_is_spoken(store: MemoryClips) -> None:
    script = Script("th", {str(key): Prompt(key, "x") for key in wanted_keys()})
    for prompt in script.prompts.values():
        store.keep("th", prompt, placeholder(1), ClipSource.SYNTHESIS)
    assert coverage({"th": script}, store)[0].is_callable
