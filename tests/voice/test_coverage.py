"""What each language can say, and what is still missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.voice.assets import ClipSource
from gateway.voice.coverage import Coverage, Have, coverage
from gateway.voice.keys import hotline_keys, wanted_keys
from gateway.voice.prompts import Prompt, Script
from gateway.voice.voices import text_mark
from gateway.voice.wav import placeholder
from tests.support.clips import MemoryClips

BYE, SAFETY, TODAY = Prompt("bye", "ขอบคุณค่ะ"), Prompt("safety", "เราไม่ขอเงิน" * 5), Prompt("relative.today", "วันนี้")
SCRIPTS = {"th": Script("th", {"bye": BYE, "safety": SAFETY, "relative.today": TODAY})}


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


def of_thai(store: MemoryClips, **more: object) -> Coverage:
    (found,) = coverage(SCRIPTS, store, **more)  # type: ignore[arg-type]
    return found


def complete(store: MemoryClips, source: ClipSource = ClipSource.RECORDING, *, but: str = "") -> Script:
    """A script of every phrase, and a voice that has spoken all of it but one."""
    script = Script("th", {str(key): Prompt(str(key), f"x {key}") for key in wanted_keys()})
    for key, prompt in script.prompts.items():
        if key != but:
            store.keep("th", prompt, placeholder(1), source)
    return script


def test_coverage_puts_every_key_in_one_state(store: MemoryClips) -> None:
    store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    store.keep("th", Prompt("safety", "older"), placeholder(1), ClipSource.RECORDING)
    store.keep("th", TODAY, placeholder(1), ClipSource.SYNTHESIS)
    found = of_thai(store)
    assert found.which(Have.RECORDED) == ("bye",)
    assert found.which(Have.STALE) == ("safety",)
    assert found.which(Have.SYNTHESISED) == ("relative.today",)
    assert (found.recorded, found.stale, found.synthesised) == (1, 1, 1)
    assert (found.wanted, found.written) == (len(wanted_keys()), 3)
    assert sum(found.count(have) for have in Have) == found.wanted
    assert not found.callable(live=False)


def test_a_text_without_sound_is_shown_as_placeholder_only(store: MemoryClips) -> None:
    assert set(of_thai(store).which(Have.PLACEHOLDER_ONLY)) == {"bye", "safety", "relative.today"}


def test_words_are_approved_by_their_hash(store: MemoryClips) -> None:
    found = of_thai(store, approved_texts={text_mark("th", BYE), "of an older text"})
    assert (found.approved, found.approved_words) == (1, frozenset({"bye"}))


def test_a_recording_waits_until_a_second_person_has_heard_it(store: MemoryClips) -> None:
    store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    store.keep("th", TODAY, placeholder(1), ClipSource.SYNTHESIS)
    assert (of_thai(store).recorded, of_thai(store).waiting) == (1, 1)
    store.approve("th")
    assert (of_thai(store).recorded, of_thai(store).waiting) == (1, 0)


def test_a_recording_beside_an_approved_one_holds_nothing_up(store: MemoryClips) -> None:
    store.keep("th", BYE, placeholder(1), ClipSource.RECORDING)
    store.approve("th")
    store.keep("th", BYE, placeholder(2), ClipSource.RECORDING, "somebody else")
    assert of_thai(store).waiting == 0


def test_calls_reach_people_when_one_voice_has_every_phrase_and_all_are_approved(store: MemoryClips) -> None:
    script = complete(store)
    (drafts,) = coverage({"th": script}, store)
    store.approve("th")
    (earnest,) = coverage({"th": script}, store)
    assert (drafts.callable(live=False), drafts.callable(live=True)) == (True, False)
    assert earnest.callable(live=True)


def test_what_callers_hear_is_counted_apart_and_keeps_no_call_back(store: MemoryClips) -> None:
    calls = complete(store)
    script = replace(calls, prompts={**calls.prompts, **{str(k): Prompt(str(k), f"y {k}") for k in hotline_keys()}})
    menu, busy = script.prompts["hotline.menu"], script.prompts["hotline.busy"]
    store.keep("th", menu, placeholder(1), ClipSource.RECORDING)
    store.approve("th")
    (found,) = coverage({"th": script}, store)
    assert found.hotline is not None
    assert (found.wanted, found.hotline.wanted) == (len(wanted_keys()), len(hotline_keys()))
    assert (found.hotline.written, found.hotline.recorded) == (len(hotline_keys()), 1)
    assert found.hotline.keys["hotline.busy"] is Have.PLACEHOLDER_ONLY
    assert (found.callable(live=True), found.answerable(live=True), found.answerable(live=False)) == (
        True,
        False,
        False,
    )
    for prompt in script.prompts.values():
        if prompt.key != busy.key:
            store.keep("th", prompt, placeholder(1), ClipSource.RECORDING)
    store.keep("th", busy, placeholder(1), ClipSource.RECORDING)
    (drafts,) = coverage({"th": script}, store)
    assert (drafts.answerable(live=True), drafts.answerable(live=False)) == (False, True)
    store.approve("th")
    (earnest,) = coverage({"th": script}, store)
    assert earnest.answerable(live=True)


def test_the_hotlines_phrases_alone_answer_nobody(store: MemoryClips) -> None:
    script = Script("th", {str(key): Prompt(str(key), f"y {key}") for key in hotline_keys()})
    for prompt in script.prompts.values():
        store.keep("th", prompt, placeholder(1), ClipSource.RECORDING)
    store.approve("th")
    (found,) = coverage({"th": script}, store)
    assert not found.answerable(live=True)


def test_two_voices_that_share_the_phrases_make_no_call(store: MemoryClips) -> None:
    script = complete(store, but="bye")
    store.keep("th", script.prompts["bye"], placeholder(1), ClipSource.RECORDING, "somebody else")
    store.approve("th")
    (found,) = coverage({"th": script}, store)
    assert found.recorded == found.wanted
    assert not found.callable(live=True)
    assert not found.callable(live=False)


def test_a_carrier_that_speaks_it_is_let_read_approved_words_only(store: MemoryClips) -> None:
    script = Script("th", {str(key): Prompt(str(key), f"x {key}") for key in wanted_keys()})
    hashes = {text_mark("th", prompt) for prompt in script.prompts.values()}
    (draft,) = coverage({"th": script}, store, carrier_speaks=lambda _: True)
    (approved,) = coverage({"th": script}, store, carrier_speaks=lambda _: True, approved_texts=hashes)
    assert (draft.callable(live=True), approved.callable(live=True)) == (False, True)


def test_a_language_nobody_has_written_is_shown_with_all_of_it_missing(store: MemoryClips) -> None:
    mon, thai = coverage(SCRIPTS, store, codes=("mnw", "th"))
    assert (mon.language, mon.written, mon.count(Have.UNWRITTEN)) == ("mnw", 0, len(wanted_keys()))
    assert (thai.language, thai.written) == ("th", 3)
    assert not mon.callable(live=False)


def test_what_only_the_studio_and_names_need_is_not_wanted_for_a_call(store: MemoryClips) -> None:
    more = {key: Prompt(key, "x") for key in ("studio.greet", "site.LPG01")}
    (found,) = coverage({"th": Script("th", more)}, store)
    assert (found.wanted, found.written) == (len(wanted_keys()), 0)
