"""One voice for a whole call."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.voice.assets import ClipSource
from gateway.voice.keys import hotline_keys, wanted_keys
from gateway.voice.prompts import Prompt, Script
from gateway.voice.speaker import MissingPrompt, sounds_for
from gateway.voice.voices import CARRIER, NOBODY, Allowed, Voices, text_mark
from gateway.voice.wav import placeholder
from tests.support.clips import MemoryClips

SCRIPT = Script("nod", {str(key): Prompt(str(key), f"text of {key}") for key in wanted_keys()})
SCRIPTS = {"nod": SCRIPT}
BOTH = (*wanted_keys(), *hotline_keys())
ASKED = {"calls": wanted_keys(), "both": BOTH}
SOUND = placeholder(1)
LIVE = Allowed(drafts=False, placeholders=False, carrier_speaks=lambda language: False)
LOOPBACK = Allowed(drafts=True, placeholders=False, carrier_speaks=lambda language: True)
DRAFTS = Allowed(drafts=True, placeholders=False, carrier_speaks=lambda language: False)
SANDBOX = Allowed(drafts=True, placeholders=True, carrier_speaks=lambda language: True)


@pytest.fixture
def store(tmp_path: Path) -> MemoryClips:
    return MemoryClips(tmp_path)


def speak(store: MemoryClips, voice: str, *, without: str = "", source: ClipSource = ClipSource.RECORDING) -> None:
    for key, prompt in SCRIPT.prompts.items():
        if key != without:
            store.keep("nod", prompt, SOUND, source, voice)


def name_of(store: MemoryClips, allowed: Allowed) -> str | None:
    voice = Voices(SCRIPTS, store, allowed).of("nod")
    return voice.name if voice else None


def test_a_person_who_spoke_everything_goes_before_a_machine(store: MemoryClips) -> None:
    speak(store, "machine", source=ClipSource.SYNTHESIS)
    speak(store, "kham")
    assert name_of(store, LOOPBACK) == "kham"


def test_a_machine_that_spoke_everything_goes_before_a_person_who_did_not(store: MemoryClips) -> None:
    speak(store, "machine", source=ClipSource.SYNTHESIS)
    speak(store, "kham", without="bye")
    assert name_of(store, SANDBOX) == "machine"


def test_two_halves_of_two_people_are_no_voice(store: MemoryClips) -> None:
    keys = list(SCRIPT.prompts)
    for place, key in enumerate(keys):
        store.keep("nod", SCRIPT.prompts[key], SOUND, ClipSource.RECORDING, "kham" if place % 2 else "mai")
    store.approve("nod")
    assert name_of(store, LIVE) is None


def test_what_nobody_approved_reaches_nobody(store: MemoryClips) -> None:
    speak(store, "kham")
    assert name_of(store, LIVE) is None
    store.approve("nod")
    assert name_of(store, LIVE) == "kham"


def test_on_the_sandbox_one_recorded_phrase_is_heard_at_once_among_placeholders(store: MemoryClips) -> None:
    voices = Voices(SCRIPTS, store, SANDBOX)
    nobody = voices.of("nod")
    store.keep("nod", SCRIPT.prompts["bye"], SOUND, ClipSource.RECORDING, "kham")
    voice = voices.of("nod")
    assert nobody is not None
    assert voice is not None
    assert (nobody.name, voice.name) == (NOBODY, "kham")
    assert voice.stands_in
    assert voice.clip("bye")


def test_a_clip_of_an_older_text_is_not_said(store: MemoryClips) -> None:
    store.keep("nod", Prompt("bye", "older"), SOUND, ClipSource.RECORDING, "kham")
    assert name_of(store, SANDBOX) == NOBODY


def test_the_newest_clip_of_a_voice_is_said(store: MemoryClips) -> None:
    store.keep("nod", SCRIPT.prompts["bye"], SOUND, ClipSource.RECORDING, "kham")
    newest = store.keep("nod", SCRIPT.prompts["bye"], placeholder(2), ClipSource.RECORDING, "kham")
    voice = Voices(SCRIPTS, store, SANDBOX).of("nod")
    assert voice is not None
    assert voice.clip("bye") == newest


def test_the_carrier_reads_a_language_it_speaks_and_where_people_are_reached_only_approved_texts() -> None:
    store = MemoryClips(Path("nowhere"))
    all_texts = frozenset(text_mark("nod", prompt) for prompt in SCRIPT.prompts.values())
    live = Allowed(drafts=False, placeholders=False, carrier_speaks=lambda language: True)
    assert name_of(store, LOOPBACK) == CARRIER
    assert name_of(store, live) is None
    approved = Voices(SCRIPTS, store, live, lambda: all_texts).of("nod")
    assert approved is not None
    assert approved.is_carrier
    but_one = all_texts - {text_mark("nod", SCRIPT.prompts["bye"])}
    assert Voices(SCRIPTS, store, live, lambda: but_one).of("nod") is None
    elsewhere = but_one | {text_mark("th", SCRIPT.prompts["bye"])}
    assert Voices(SCRIPTS, store, live, lambda: elsewhere).of("nod") is None


def test_a_script_that_lacks_a_phrase_has_no_voice_at_all(store: MemoryClips) -> None:
    speak(store, "kham")
    prompts = {key: prompt for key, prompt in SCRIPT.prompts.items() if key != "bye"}
    assert Voices({"nod": Script("nod", prompts)}, store, SANDBOX).of("nod") is None
    assert Voices({}, store, SANDBOX).of("nod") is None


def test_a_voice_without_the_hotlines_phrases_makes_calls_and_answers_none(store: MemoryClips) -> None:
    written = {str(key): Prompt(str(key), f"text of {key}") for key in hotline_keys()}
    scripts = {"nod": replace(SCRIPT, prompts={**SCRIPT.prompts, **written})}
    speak(store, "kham")
    store.approve("nod")
    for allowed in (LIVE, DRAFTS):
        voices = Voices(scripts, store, allowed)
        assert voices.of("nod") is not None
        assert voices.able("nod", BOTH) is None
    beeps = Voices(scripts, store, SANDBOX).able("nod", BOTH)
    assert beeps is not None
    assert (beeps.name, beeps.stands_in) == (NOBODY, True)


def test_who_answers_calls_is_the_best_of_those_who_can(store: MemoryClips) -> None:
    written = {str(key): Prompt(str(key), f"text of {key}") for key in hotline_keys()}
    scripts = {"nod": replace(SCRIPT, prompts={**SCRIPT.prompts, **written})}
    speak(store, "kham")
    for prompt in scripts["nod"].prompts.values():
        store.keep("nod", prompt, SOUND, ClipSource.SYNTHESIS, "machine")
    store.approve("nod")
    voices = Voices(scripts, store, LIVE)
    named = {keys: voice.name for keys in ("calls", "both") if (voice := voices.able("nod", ASKED[keys]))}
    assert named == {"calls": "kham", "both": "machine"}
    assert voices.able("th", BOTH) is None


def test_a_site_is_named_by_the_voice_that_recorded_its_name_only(store: MemoryClips) -> None:
    name = Prompt("site.LP01", "ตี้โรงพยาบาลตัวอย่าง")
    speak(store, "kham")
    store.keep("nod", name, SOUND, ClipSource.RECORDING, "mai")
    voices = Voices(SCRIPTS, store, LOOPBACK)
    voice = voices.named("nod", "kham")
    assert voice is not None
    assert not voice.says(name)
    store.keep("nod", name, SOUND, ClipSource.RECORDING, "kham")
    voice = voices.named("nod", "kham")
    assert voice is not None
    assert voice.says(name)
    assert not voice.says(Prompt("site.LP01", "ตี้โรงพยาบาลอื่น"))


def test_a_call_goes_on_in_its_voice_when_a_better_one_comes_meanwhile(store: MemoryClips) -> None:
    speak(store, "machine", source=ClipSource.SYNTHESIS)
    voices = Voices(SCRIPTS, store, LOOPBACK)
    speak(store, "kham")
    began_with = voices.named("nod", "machine")
    assert began_with is not None
    assert began_with.name == "machine"
    assert voices.named("nod", "who") is None


def test_a_call_goes_on_in_a_voice_that_lost_a_clip_meanwhile_but_none_begins_in_it(store: MemoryClips) -> None:
    speak(store, "kham")
    edited = Script("nod", {**SCRIPT.prompts, "bye": Prompt("bye", "other words")})
    voices = Voices({"nod": edited}, store, DRAFTS)
    assert voices.of("nod") is None
    left = voices.named("nod", "kham")
    assert left is not None
    assert sounds_for(store, edited, left, ["safety"]) == [store.kept("nod")["safety"][0].clip]
    with pytest.raises(MissingPrompt):
        sounds_for(store, edited, left, ["bye"])


def test_the_carrier_goes_on_reading_what_is_still_approved_and_nothing_else() -> None:
    store = MemoryClips(Path("nowhere"))
    live = Allowed(drafts=False, placeholders=False, carrier_speaks=lambda language: True)
    approved = frozenset(text_mark("nod", prompt) for key, prompt in SCRIPT.prompts.items() if key != "bye")
    voices = Voices(SCRIPTS, store, live, lambda: approved)
    assert voices.of("nod") is None
    left = voices.named("nod", CARRIER)
    assert left is not None
    assert sounds_for(store, SCRIPT, left, ["safety"]) == [SCRIPT.prompts["safety"]]
    with pytest.raises(MissingPrompt):
        sounds_for(store, SCRIPT, left, ["bye"])
    assert Voices(SCRIPTS, store, LIVE, lambda: approved).named("nod", CARRIER) is None
