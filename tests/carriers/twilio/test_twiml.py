"""What a call is told to do, in TwiML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carriers.port import AskKey, DialNumber, HangUp, PlayClip, Record, Speak, Verb
from gateway.carriers.twilio.twiml import TwimlRenderer

CLIP = PlayClip("https://gw.example/audio/0a.wav")
TURN = "https://gw.example/webhooks/twilio/voice/turn/a1?n=1&s=x"
RENDERER = TwimlRenderer()


def rendered(*verbs: Verb) -> ElementTree.Element:
    return ElementTree.fromstring(RENDERER.render(verbs).body)


def test_an_empty_answer_asks_for_nothing() -> None:
    answer = RENDERER.empty()

    assert answer.content_type == "text/xml"
    assert len(ElementTree.fromstring(answer.body)) == 0


def test_verbs_stand_in_their_order() -> None:
    assert [verb.tag for verb in rendered(CLIP, Speak("สวัสดี", "th"), HangUp())] == ["Play", "Say", "Hangup"]


def test_a_clip_is_played_from_its_address() -> None:
    assert rendered(CLIP)[0].text == CLIP.url


def test_central_thai_is_spoken_by_a_thai_voice() -> None:
    said = rendered(Speak("วันพฤหัสบดี", "th"))[0]

    assert said.attrib == {"language": "th-TH", "voice": "Google.th-TH-Neural2-C"}
    assert said.text == "วันพฤหัสบดี"


@pytest.mark.parametrize("language", ["my", "km", "lo", "ne", "nod", "tts", "sou", "mnw", "ksw", "shn", "TH", ""])
def test_a_language_twilio_does_not_speak_is_refused(language: str) -> None:
    assert not RENDERER.can_speak(language)
    with pytest.raises(ValueError, match="no voice"):
        RENDERER.render([Speak("…", language)])


def test_what_is_recorded_begins_with_a_tone_is_not_trimmed_and_silence_is_told_too() -> None:
    record, redirect = rendered(Record(TURN, longest=60, silence=5, finish="#"))

    assert record.attrib == {
        "action": TURN,
        "method": "POST",
        "timeout": "5",
        "finishOnKey": "#",
        "maxLength": "60",
        "playBeep": "true",
        "trim": "do-not-trim",
    }
    assert (redirect.tag, redirect.text, redirect.attrib) == ("Redirect", TURN, {"method": "POST"})


def test_a_question_may_be_ended_by_a_key() -> None:
    assert rendered(AskKey((CLIP,), TURN, digits=12, finish="#"))[0].get("finishOnKey") == "#"


def test_a_question_takes_keys_alone_and_tells_of_silence() -> None:
    gather = rendered(AskKey((CLIP, Speak("กด 1", "th")), TURN, digits=1, seconds=6))[0]

    assert gather.tag == "Gather"
    assert gather.attrib == {
        "input": "dtmf",
        "numDigits": "1",
        "timeout": "6",
        "finishOnKey": "",
        "actionOnEmptyResult": "true",
        "action": TURN,
        "method": "POST",
    }
    assert [prompt.tag for prompt in gather] == ["Play", "Say"]


@pytest.mark.parametrize("url", ["", "/audio/a.wav", "javascript:1", "ftp://x/a.wav", "https://x/\x00"])
def test_an_address_that_is_not_absolute_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="absolute"):
        RENDERER.render([PlayClip(url)])
    with pytest.raises(ValueError, match="absolute"):
        RENDERER.render([AskKey((CLIP,), url)])


def test_a_response_too_long_for_twilio_is_refused() -> None:
    with pytest.raises(ValueError, match="64000"):
        RENDERER.render([Speak("ก" * 22_000, "th")])


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")))
def test_what_is_said_arrives_letter_by_letter(text: str) -> None:
    assert (rendered(Speak(text, "th"))[0].text or "") == text


@given(st.text(st.characters(categories=["Cs", "Cc"]), min_size=1))
def test_a_control_character_in_a_name_does_not_break_the_xml(stray: str) -> None:
    """It would have ended the call with "an application error has occurred"."""
    spoken = rendered(Speak(f"คุณ{stray}สมชาย", "th"))[0].text or ""

    assert spoken.startswith("คุณ")
    assert spoken.endswith("สมชาย")


def test_who_is_dialled_sees_our_number_and_rings_as_long_as_was_said() -> None:
    body = TwimlRenderer("+6620000000").render([DialNumber("+6654000901", TURN, 20, longest=600)]).body

    dial = ElementTree.fromstring(body)[0]
    assert (dial.tag, [(one.tag, one.text) for one in dial]) == ("Dial", [("Number", "+6654000901")])
    assert dial.attrib == {
        "action": TURN,
        "method": "POST",
        "timeout": "20",
        "timeLimit": "600",
        "callerId": "+6620000000",
    }


@pytest.mark.parametrize("number", ["", "1669", "+66", "0810000000", "+66 54 000 901", "sip:x@y", "+๖๖๕๔๐๐๐๙๐๑"])
def test_what_is_no_number_is_not_dialled(number: str) -> None:
    with pytest.raises(ValueError, match=r"E\.164"):
        RENDERER.render([DialNumber(number, TURN)])


def test_what_is_spoken_slowly_is_followed_by_a_pause_in_a_question_too() -> None:
    said = Speak("วันพฤหัสบดี", "th", slowly=True)
    [question] = rendered(AskKey((said, said), TURN))

    assert [one.tag for one in rendered(said)] == ["Say", "Pause"]
    assert [one.tag for one in question] == ["Say", "Pause", "Say", "Pause"]
