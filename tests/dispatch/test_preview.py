"""What a preview shows is what would be sent and heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.calls.flow import Answered
from gateway.calls.reminder_call import ReminderCall
from gateway.dispatch.prepare import Prepared, Refusal, Speech, call_facts, prepare_call, prepare_text, sounds_of
from gateway.dispatch.preview import (
    LONGEST_QUESTION,
    SAID_BY,
    SPOKEN,
    Choice,
    Moment,
    ShownCall,
    ShownText,
    Source,
    invented_case,
    show_call,
    show_text,
)
from gateway.voice.assets import Clip, ClipSource
from gateway.voice.audio import normalise
from gateway.voice.keys import wanted_keys
from gateway.wording.catalogue import Purpose
from tests.support import rooms, sounds
from tests.support.clips import MemoryClips
from tests.support.world import NINE

LANGUAGES = ("th", "nod", "tts", "sou", "en", "my", "km", "lo", "vi")


def text_of(speech: Speech, language: str = "th", **choice: object) -> ShownText:
    wish = Choice(language, **choice)  # type: ignore[arg-type]
    case, at = invented_case(speech, wish, NINE)
    return show_text(speech, case, at, cost=0.025, two_way=wish.two_way)


def call_of(speech: Speech, language: str = "th", *, keeps_sound: bool = False, **choice: object) -> ShownCall:
    case, at = invented_case(speech, Choice(language, **choice), NINE)  # type: ignore[arg-type]
    return show_call(speech, case, at, cost=0.1, keeps_sound=keeps_sound)


def live(folder: Path, **more: object) -> Speech:
    """Where people are reached."""
    return rooms.speech(folder, may_use_drafts=False, may_use_placeholders=False, **more)


@pytest.mark.parametrize(("language", "name"), [("th", "สมศรี"), ("nod", "สมศรี"), ("en", "Somsri"), ("my", "Somsri")])
def test_the_invented_name_is_written_as_the_text_around_it(tmp_path: Path, language: str, name: str) -> None:
    shown = text_of(rooms.speech(tmp_path), language)
    assert (shown.language, name in shown.body) == (language, True)


def test_in_thai_that_stands_in_for_another_script_the_invented_name_is_thai(tmp_path: Path) -> None:
    shown = text_of(rooms.speech(tmp_path), "shn")
    assert (shown.language, "สมศรี" in shown.body, "Somsri" in shown.body) == ("th", True, False)


def test_phrases_begin_at_whole_tenths_of_a_second(tmp_path: Path) -> None:
    call = call_of(rooms.speech(tmp_path))
    begun = [phrase.begins for turn in call.turns for phrase in turn.phrases]
    assert len(begun) > 10
    assert [round(one, 1) for one in begun] == begun


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_letter_for_letter_what_would_be_sent(tmp_path: Path, language: str, purpose: Purpose) -> None:
    speech = rooms.speech(tmp_path)
    case, at = invented_case(speech, Choice(language, purpose), NINE)
    sent, shown = prepare_text(speech, case, at), text_of(speech, language, purpose=purpose)
    assert isinstance(sent, Prepared)
    assert (shown.body, shown.language, len(shown.parts)) == (sent.body, sent.language, sent.segments)
    assert "".join(shown.parts) == sent.body
    assert shown.price == pytest.approx(0.025 * sent.segments)
    assert shown.is_draft
    assert not shown.refused


@pytest.mark.parametrize("longest", [False, True])
@pytest.mark.parametrize("two_way", [False, True])
def test_names_and_routes_are_chosen(tmp_path: Path, two_way: bool, longest: bool) -> None:
    shown = text_of(rooms.speech(tmp_path), "th", two_way=two_way, longest=longest)
    assert ("กัญญารัตน์มณีวงศ์" in shown.body, "สมศรี" in shown.body) == (longest, not longest)
    assert text_of(rooms.speech(tmp_path), "th", two_way=not two_way, longest=longest).body != shown.body
    assert 1 <= len(shown.parts) <= 3


def test_a_neutral_text_does_not_name_the_vaccination(tmp_path: Path) -> None:
    speech = rooms.speech(tmp_path)
    assert "วัคซีน" in text_of(speech, "th").body
    assert "วัคซีน" not in text_of(speech, "th", neutral=True).body


def test_where_people_are_reached_a_draft_is_shown_with_why_it_would_not_go_out(tmp_path: Path) -> None:
    speech = live(tmp_path)
    shown = text_of(speech)
    assert (shown.refused, shown.is_draft, bool(shown.body)) == ("text_not_approved", True, True)
    hashes = {piece.mark for piece in speech.catalogue.pieces(Purpose.REMINDER, "th", two_way=True)}
    approved = text_of(replace(speech, approved_texts=lambda: frozenset(hashes)))
    assert (approved.refused, approved.is_draft, approved.body) == ("", False, shown.body)


def test_a_language_without_texts_shows_what_stands_in_or_that_staff_must(tmp_path: Path) -> None:
    speech = rooms.speech(tmp_path)
    assert text_of(speech, "ksw").language == "my"
    alone = replace(speech, catalogue=_only(speech, "th"))
    assert (text_of(alone, "km").language, text_of(alone, "km").refused) == (None, "no_text_in_language")


@pytest.mark.parametrize("purpose", sorted(SPOKEN))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_says_date_and_place_in_ten_seconds_and_asks_within_forty(
    tmp_path: Path, language: str, purpose: Purpose
) -> None:
    shown = call_of(rooms.speech(tmp_path), language, purpose=purpose)
    assert shown.language == language
    assert shown.told_after is not None
    assert shown.told_after <= SAID_BY, [(one.key, one.ends) for one in shown.turns[0].phrases]
    assert shown.seconds <= LONGEST_QUESTION
    assert (shown.is_early, shown.is_short) == (True, True)


def test_the_call_is_clip_for_clip_what_would_be_heard(tmp_path: Path) -> None:
    speech = rooms.speech(tmp_path)
    case, at = invented_case(speech, Choice("nod"), NINE)
    shown = show_call(speech, case, at, cost=0.1)
    flow, facts = ReminderCall(), call_facts(speech, case, "nod", at)
    played = sounds_of(speech, facts, flow.step(flow.begin(facts), Answered())[1])
    assert not isinstance(played, Refusal)
    assert [one.sha256 for one in shown.turns[0].phrases] == [one.sha256 for one in played if isinstance(one, Clip)]
    assert all(speech.clips.path(one.sha256) for turn in shown.turns for one in turn.phrases)
    assert {one.source for turn in shown.turns for one in turn.phrases} == {Source.PLACEHOLDER}
    assert [turn.moment for turn in shown.turns] == list(Moment)


def test_the_menu_names_the_other_keys_and_a_yes_says_the_day_again(tmp_path: Path) -> None:
    question, menu, yes = call_of(rooms.speech(tmp_path)).turns
    assert question.phrases[-1].key == "ask.coming"
    assert [one.key for one in menu.phrases[-2:]] == ["ask.callback", "ask.again"]
    assert [yes.phrases[0].key, *(one.key for one in yes.phrases[-2:])] == ["ack.coming", "ask.change_mind", "ask.ride"]
    assert any(one.is_appointment for one in yes.phrases)


def test_each_phrase_begins_where_the_one_before_ends(tmp_path: Path) -> None:
    (question, *_) = call_of(rooms.speech(tmp_path)).turns
    for one, following in zip(question.phrases, question.phrases[1:], strict=False):
        assert following.begins == pytest.approx(one.ends)
    assert question.seconds == pytest.approx(question.phrases[-1].ends)


def test_to_look_at_a_call_writes_nothing_unless_it_is_to_be_played(tmp_path: Path) -> None:
    call_of(rooms.speech(tmp_path))
    assert not (tmp_path / "audio").exists()
    call_of(rooms.speech(tmp_path), keeps_sound=True)
    assert list((tmp_path / "audio").glob("*.wav"))


def test_where_nobody_recorded_and_people_are_reached_the_words_are_shown_without_sound(tmp_path: Path) -> None:
    shown = call_of(live(tmp_path), "nod", keeps_sound=True)
    assert shown.refused == "script_not_approved"
    assert shown.count(Source.NONE) == sum(len(turn.phrases) for turn in shown.turns)
    assert all(one.text and one.back and not one.sha256 for turn in shown.turns for one in turn.phrases)
    assert not (tmp_path / "audio").exists()


def test_the_carriers_own_voice_is_said_to_be_it(tmp_path: Path) -> None:
    shown = call_of(live(tmp_path, carrier_speaks=lambda language: language == "th"))
    assert (shown.refused, shown.is_draft) == ("script_not_approved", True)
    assert {one.source for one in shown.turns[0].phrases} == {Source.CARRIER}


def test_recordings_are_shown_as_drafts_until_they_are_approved(tmp_path: Path) -> None:
    speech, clips = _recorded(tmp_path)
    shown = call_of(speech, "nod")
    assert (shown.refused, shown.is_draft) == ("script_not_approved", True)
    assert {one.source for one in shown.turns[0].phrases} == {Source.RECORDING}
    clips.approve("nod")
    shown = call_of(_again(speech), "nod")
    assert (shown.refused, shown.is_draft, shown.voice) == ("", False, "ป้าคำ")


def test_a_call_is_not_placed_when_the_bytes_of_any_of_its_sounds_are_gone(tmp_path: Path) -> None:
    speech, clips = _recorded(tmp_path)
    clips.approve("nod")
    speech = _again(speech)
    case, at = invented_case(speech, Choice("nod"), NINE)
    assert isinstance(prepare_call(speech, case, ReminderCall(), at), Prepared)
    later = clips.kept("nod")["end.no_seat"][0].clip.sha256  # no call begins with it
    (tmp_path / "audio" / f"{later}.wav").unlink()
    assert prepare_call(speech, case, ReminderCall(), at) == Refusal("clip_missing")
    assert call_of(speech, "nod").refused == "clip_missing"


def test_a_call_is_not_placed_when_any_of_its_sounds_was_written_over_with_another(tmp_path: Path) -> None:
    speech, clips = _recorded(tmp_path)
    clips.approve("nod")
    speech = _again(speech)
    case, at = invented_case(speech, Choice("nod"), NINE)
    assert isinstance(prepare_call(speech, case, ReminderCall(), at), Prepared)
    later, bye = (clips.kept("nod")[key][0].clip.sha256 for key in ("end.no_seat", "bye"))
    (tmp_path / "audio" / f"{later}.wav").write_bytes((tmp_path / "audio" / f"{bye}.wav").read_bytes())
    assert prepare_call(speech, case, ReminderCall(), at) == Refusal("clip_missing")


def test_a_language_nobody_speaks_and_nothing_stands_in_for_goes_to_staff(tmp_path: Path) -> None:
    speech = rooms.speech(tmp_path)
    shown = call_of(replace(speech, scripts={"th": speech.scripts["th"]}), "km")
    assert (shown.language, shown.turns, shown.refused) == (None, (), "no_voice_in_language")


def test_an_hour_no_clip_says_is_refused_with_that_reason(tmp_path: Path) -> None:
    speech = rooms.speech(tmp_path)
    case, at = invented_case(speech, Choice("th"), NINE)
    case.appointment.starts_at = case.appointment.starts_at.replace(minute=7)
    assert show_call(speech, case, at, cost=0.1).refused == "time_cannot_be_spoken"


def _recorded(folder: Path) -> tuple[Speech, MemoryClips]:
    """One speaker read all of the northern script, in one breath each."""
    clips = MemoryClips(folder / "audio")
    speech = live(folder, clips=clips)
    for place, key in enumerate(wanted_keys()):
        wav = normalise(sounds.tone(0.6 + place / 400))
        clips.keep("nod", speech.scripts["nod"].prompts[key], wav, ClipSource.RECORDING, "ป้าคำ")
    return speech, clips


def _again(speech: Speech) -> Speech:
    """As after a restart: the store in memory changes its approvals in place."""
    return replace(speech, hotline=speech.hotline)


def _only(speech: Speech, language: str) -> object:
    class One:
        def has(self, *words: object, **more: object) -> bool:
            return language in words

        def __getattr__(self, name: str) -> object:
            return getattr(speech.catalogue, name)

    return One()
